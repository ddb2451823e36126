"""Changes to contacts and their groups."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.ledger.bookkeeping import LedgerError, emit, log
from sandbox.records import Address, Contact, ContactGroup, ContactPerson, Phone, Terms
from sandbox.world import Organisation, World


def add_contact(
    world: World,
    org: Organisation,
    *,
    name: str,
    email: str = "",
    first_name: str = "",
    last_name: str = "",
    account_number: str = "",
    is_customer: bool = True,
    is_supplier: bool = False,
    default_currency: str = "",
    persons: Sequence[ContactPerson] = (),
    phones: Sequence[Phone] = (),
    addresses: Sequence[Address] = (),
    terms: Terms | None = None,
    contact_id: str | None = None,
) -> Contact:
    """A new contact; the ledger keeps at most five further persons."""
    if len(persons) > 5:
        raise LedgerError("A contact can have at most 5 contact persons.")
    with world.lock:
        contact = Contact(
            id=contact_id or world.new_id(),
            name=name,
            updated_utc=world.now(),
            email=email,
            first_name=first_name,
            last_name=last_name,
            account_number=account_number,
            is_customer=is_customer,
            is_supplier=is_supplier,
            default_currency=default_currency,
            persons=tuple(persons),
            phones=tuple(phones),
            addresses=tuple(addresses),
            terms=terms,
        )
        org.contacts.put(contact)
        log(world, org, contact.id, "Created", contact.name)
        _contact_event(world, org, contact, "CREATE")
        return contact


def change_contact(
    world: World,
    org: Organisation,
    contact: Contact,
    *,
    name: str | None = None,
    email: str | None = None,
    status: str | None = None,
    persons: Sequence[ContactPerson] | None = None,
    merged_into: str | None = None,
) -> None:
    """Edit a contact; what is not given stays as it is."""
    with world.lock:
        contact.name = contact.name if name is None else name
        contact.email = contact.email if email is None else email
        contact.status = contact.status if status is None else status
        contact.persons = contact.persons if persons is None else tuple(persons)
        contact.merged_into = contact.merged_into if merged_into is None else merged_into
        log(world, org, contact.id, "Edited", contact.name)
        _touch_contact(world, org, contact)


def set_terms(
    world: World, org: Organisation, contact: Contact, *, sales: Terms | None, bills: Terms | None
) -> None:
    """Other payment terms of a contact; None: those that the organisation has for everybody."""
    with world.lock:
        contact.terms, contact.bill_terms = sales, bills
        log(world, org, contact.id, "Edited", contact.name)
        _touch_contact(world, org, contact)


def archive_contact(world: World, org: Organisation, contact: Contact) -> None:
    """Put a contact away; its open documents stay open."""
    change_contact(world, org, contact, status="ARCHIVED")


def merge_contact(world: World, org: Organisation, contact: Contact, into: Contact) -> None:
    """Merge a contact into another: it is archived, and all its documents are the other's.

    Whether Xero moves the time of change of those is said nowhere; here it stays, which is the harder case for a mirror.
    """
    if contact.id == into.id:
        raise LedgerError("A contact cannot be merged into itself.")
    with world.lock:
        for documents in (
            org.invoices, org.payments, org.credit_notes, org.overpayments, org.prepayments, org.quotes,
        ):  # fmt: skip
            documents.give(contact.id, into.id)
        change_contact(world, org, contact, status="ARCHIVED", merged_into=into.id)
        _touch_contact(world, org, into)


def add_contact_group(
    world: World, org: Organisation, name: str, members: Sequence[Contact] = ()
) -> ContactGroup:
    """A new group. Membership raises no webhook event."""
    with world.lock:
        group = ContactGroup(world.new_id(), name)
        org.contact_groups.append(group)
        for contact in members:
            contact.group_ids.append(group.id)
        return group


def _touch_contact(world: World, org: Organisation, contact: Contact) -> None:
    contact.updated_utc = world.now()
    org.contacts.put(contact)
    _contact_event(world, org, contact, "UPDATE")


def _contact_event(world: World, org: Organisation, contact: Contact, change: str) -> None:
    emit(world, org, "CONTACT", change, contact.id)
