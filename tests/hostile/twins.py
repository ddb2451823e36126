"""Two tenants that look alike: equal customers, numbers and addresses, and a word in each that the other must never see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from kit import clock
from kit.ids import derived_id, new_id
from services import presets
from services.roles import Role
from store.database import Database
from store.models import (
    Attachment,
    Communication,
    CommunicationInvoice,
    Contact,
    Dispute,
    Hold,
    Invoice,
    LedgerNote,
    Membership,
    Organisation,
    Person,
)
from tests.support import kept
from tests.support.cast import Cast
from tests.support.mirrored import default_sender

REMINDER = derived_id("reminder")
"""Both tenants have a message of this id, so that only the tenant tells them apart."""


@dataclass(frozen=True, slots=True)
class Twin:
    """One of the two. ``canary`` stands in everything that it owns and nowhere else."""

    canary: str
    cast: Cast
    people: dict[Role, str]
    """Somebody of each role."""
    ex_member_id: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """What an answer to others must not hold."""
        ids = self.cast
        return (self.canary, ids.organisation_id, ids.contact_id, ids.invoice_id, ids.hold_id)


def twins(database: Database) -> tuple[Twin, Twin]:
    """Both, in one database."""
    return kept.stage(
        database, "twins", lambda: (_twin(database, "Canary-Ada"), _twin(database, "Canary-Bea"))
    )


def _twin(database: Database, canary: str) -> Twin:
    now = clock.now().replace(microsecond=0)
    home_id = new_id()
    with database.write_across() as session:
        people = {role: _person(session, f"{canary} {role}", now) for role in Role}
        ex_member = _person(session, "Somebody who has left", now)
        session.add(_organisation(home_id, canary, now))
        session.flush()
        for role, person_id in people.items():
            session.add(Membership(organisation_id=home_id, person_id=person_id, role=role.value))
    with database.write(home_id) as session:
        presets.install(session, home_id, now)
        session.add(
            default_sender(
                home_id,
                canary,
                "ada@twin.example",
                signature=canary,
                problem=canary,
                id=derived_id("sender", home_id),
            )
        )
        contact = Contact(
            organisation_id=home_id, id=new_id(), ledger_id="c-1", name="Ashdown Interiors", first_name=canary,
            email="accounts@ashdown.example", persons=[], status="ACTIVE", updated_at=now, fingerprint="-",
        )  # fmt: skip
        session.add(contact)
        session.flush()
        invoice = _invoice(home_id, contact, canary, now)
        session.add(invoice)
        session.flush()
        attachment, hold = _correspondence(session, home_id, invoice, canary, now)
        dispute = _dispute(home_id, invoice, canary, now)
        session.add(dispute)
    cast = Cast(
        organisation_id=home_id,
        owner_id=people[Role.OWNER],
        colleague_id=people[Role.READ_ONLY],
        stranger_id="",
        other_organisation_id="",
        contact_id=contact.id,
        invoice_id=invoice.id,
        attachment_id=attachment.id,
        hold_id=hold.id,
        dispute_id=dispute.id,
    )
    return Twin(canary, cast, people, ex_member)


def _person(session: Session, name: str, now: datetime) -> str:
    person = Person(
        id=new_id(), subject=new_id(), email=f"{new_id()}@{name[:10]}.example", name=name, created_at=now
    )
    session.add(person)
    session.flush()
    return person.id


def _organisation(home_id: str, canary: str, now: datetime) -> Organisation:
    return Organisation(
        id=home_id, ledger="xero", ledger_tenant_id=new_id(), name=f"{canary} Ltd", timezone="Europe/London",
        base_currency="GBP", country="GB", short_code=f"!{canary[-3:]}", connection="connected", chasing="off",
        signature=canary, imported_at=now, synced_at=now,
        created_at=now,
    )  # fmt: skip


def _invoice(home_id: str, contact: Contact, canary: str, now: datetime) -> Invoice:
    return Invoice(
        organisation_id=home_id, id=new_id(), ledger_id="i-1", contact_id=contact.id, number="INV-1042",
        reference=canary, issued_on=(now - timedelta(days=50)).date(), due_on=(now - timedelta(days=20)).date(),
        currency="GBP", total=Decimal("1234.50"), amount_due=Decimal("1234.50"), amount_paid=Decimal(0),
        amount_credited=Decimal(0), status="AUTHORISED", updated_at=now, fingerprint="-",
    )  # fmt: skip


def _correspondence(
    session: Session, home_id: str, invoice: Invoice, canary: str, now: datetime
) -> tuple[Attachment, Hold]:
    common: dict[str, Any] = {
        "organisation_id": home_id,
        "channel": "email",
        "contact_id": invoice.contact_id,
    }
    reminder = Communication(
        **common, id=REMINDER, direction="out", kind="chaser", status="delivered", step_name=canary,
        to=["accounts@ashdown.example"], subject=f"Invoice INV-1042 {canary}", body_text=canary,
        planned_for=now, sent_at=now, created_at=now,
    )  # fmt: skip
    reply = Communication(
        **common, id=new_id(), direction="in", kind="reply", status="received", from_name=canary,
        from_email="accounts@ashdown.example", subject=canary, body_text=canary, body_html=f"<p>{canary}</p>",
        in_reply_to=REMINDER, sent_at=now, created_at=now,
    )  # fmt: skip
    session.add_all([reminder, reply])
    session.flush()
    attachment = Attachment(
        organisation_id=home_id, id=new_id(), communication_id=reply.id, name=f"{canary}.txt",
        content_type="text/plain", size=10, content=canary.encode(),
    )  # fmt: skip
    hold = Hold(
        organisation_id=home_id, id=new_id(), contact_id=invoice.contact_id, kind="person", reason=canary,
        created_by=canary, created_at=now,
    )  # fmt: skip
    note = LedgerNote(
        organisation_id=home_id, id=new_id(), target="invoice", ledger_id="i-1", text=canary, marker="dk-0",
        status="written", communication_id=REMINDER, next_try_at=now, written_at=now, created_at=now,
    )  # fmt: skip
    about = CommunicationInvoice(
        organisation_id=home_id, communication_id=REMINDER, invoice_id=invoice.id, position=1, currency="GBP",
        amount_due=Decimal("1234.50"),
    )  # fmt: skip
    session.add_all([attachment, hold, note, about])
    return attachment, hold


def _dispute(home_id: str, invoice: Invoice, canary: str, now: datetime) -> Dispute:
    """A small part of the invoice is in dispute."""
    return Dispute(
        organisation_id=home_id, id=new_id(), contact_id=invoice.contact_id, invoice_id=invoice.id, currency="GBP",
        amount=Decimal("10.00"), category="goods", reason=canary, answer_by=now.date(), credited_before=Decimal(0),
        opened_by=canary, opened_at=now, rests=True,
    )  # fmt: skip


def each_id(cast: Cast) -> Iterator[str]:
    """The ids of things that a tenant owns, other than its own."""
    yield from (cast.contact_id, cast.invoice_id, cast.attachment_id, cast.hold_id, cast.dispute_id)
