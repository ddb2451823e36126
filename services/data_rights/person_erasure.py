"""One person of a customer is erased: the customer stays, and so does what its other people said and were told.

What is theirs alone goes: what was entered of them, what they wrote, and files that came with it. Elsewhere their name,
address and number are struck out, and the rest stays. A digest of the address remains, with a line that says who had
them erased, when and why; by it the ledger's entry of them is left out, and no mail from there is taken in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from credit_control.words import Day
from kit import clock
from kit.acting import acting
from kit.errors import UserError
from kit.wording import N_, _
from services import doors
from services.app import App
from services.data_rights import persons
from services.data_rights.erasure import Because, kept_by_law
from services.lost_mail import recipient
from store import audit
from store.models import Contact, Erasure, Organisation
from store.people import people_of
from store.personal import PERSONAL
from store.personal.table import Whose
from store.queries import data_exports, erasing, erasing_one, held_of, planning
from store.queries import erasures as queries
from store.queries import replies as reply_queries
from store.queries.one_person import OnePerson

STAYS: Final = (
    N_("What is in Xero stays there; here it is left out from now on."),
    N_("What was written to them stays on record, without their name and address; what they wrote is emptied."),
    N_("Files that others sent, letters in PDF, and places where somebody put down a first name alone are not changed."),
    N_("A digest of the address stays: nobody there is written to, and no mail from there is taken in, of whichever customer."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """What erasing one person would do, before anything is done."""

    who: OnePerson
    held: tuple[tuple[str, int], ...]
    """Kinds of data, and in how many rows of each they are."""
    stays: tuple[str, ...]
    obstacles: tuple[str, ...]
    """Why it cannot be done now, as sentences; empty: it can."""
    kept_by_law: str | None
    is_last: bool
    """Nobody else at the customer has an address, so no reminder can leave to it any more."""


def preview(
    session: Session, organisation: Organisation, contact: Contact, mark: str, now: datetime
) -> Preview:
    """What goes or is changed, what stays, and what stands in the way. ``UserError`` where there is nobody like that."""
    who = persons.known(session, organisation.id, contact.id, mark)
    about = persons.About(session, contact, who)
    tables = [one for one in reversed(PERSONAL.values()) if one.with_it]
    counted = [(one.is_, len(about.rows(one))) for one in tables]
    others = people_of(session, organisation.id, [contact.id]).get(contact.id, ())
    return Preview(
        who,
        tuple((name, many) for name, many in counted if many),
        tuple(_(one) for one in STAYS),
        tuple(_obstacles(session, contact, about)),
        kept_by_law(
            organisation,
            held_of.newest_of(session, organisation.id, about.written | about.received),
            now.date(),
        ),
        not any(one.email and one.email.lower() != who.email for one in others),
    )


def _obstacles(session: Session, contact: Contact, about: persons.About) -> list[str]:
    found = []
    who = about.who
    if contact.legal_hold_at is not None:
        day = Day(contact.legal_hold_at.date())
        found.append(_("The customer is under legal hold since %(day)s. End the hold first.", day=day))
    if who.known_by.lower() == contact.name.strip().lower() or any(
        name.lower() == contact.name.strip().lower() for name in who.names
    ):
        found.append(_("The customer bears this person’s name. Erase the customer instead."))
    if held_of.is_under_way(session, contact.organisation_id, contact.id):
        found.append(_("A message to the customer is just leaving. Try again in a few minutes."))
    if reply_queries.any_waits(session, contact.organisation_id, about.written):
        found.append(_("A reply that they wrote still waits for somebody. Settle it first."))
    return found


def ask(
    app: App,
    organisation_id: str,
    contact_id: str,
    mark: str,
    *,
    because: str,
    typed: str,
    kept_elsewhere: bool,
    by: str,
) -> None:
    """Erase one person of a customer, at once and for good. ``typed`` is the name or address as the page shows it.

    ``UserError`` says what stands in the way.
    """
    if because not in set(Because):
        raise UserError(_("Say why this person is erased."))
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = data_exports.lock(session, organisation_id)
        contact = session.get(Contact, (organisation_id, contact_id), with_for_update=True)
        if contact is None:
            raise UserError(_("There is no such customer in this organisation."))
        found = preview(session, organisation, contact, mark, now)
        if found.obstacles:
            raise UserError(found.obstacles[0])
        if typed.strip().lower() != found.who.shown.lower():
            raise UserError(
                _("Type %(name)s, as it stands here, to erase this person.", name=found.who.shown)
            )
        if found.kept_by_law and not kept_elsewhere:
            raise UserError(
                _(
                    "%(kept_by_law)s Export this person, keep the file where it belongs, and say here that you did.",
                    kept_by_law=found.kept_by_law,
                )
            )
        row = _note(session, contact, found.who, because, kept_elsewhere=kept_elsewhere, by=by, now=now)
        row.rows = _erase(session, contact, found.who)
        row.finished_at = now
        planning.look_again(session, organisation_id, [contact_id], now)
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def _note(
    session: Session,
    contact: Contact,
    who: OnePerson,
    because: str,
    *,
    kept_elsewhere: bool,
    by: str,
    now: datetime,
) -> Erasure:
    """The line that remains, and the digests by which they are known again."""
    organisation_id = contact.organisation_id
    stands_for = queries.person_id(organisation_id, contact.id, who.known_by)
    row = queries.of(session, organisation_id, stands_for) or Erasure(
        organisation_id=organisation_id, contact_id=stands_for, person_of=contact.id
    )
    row.digest, row.because = queries.mark(organisation_id, who.shown), because
    row.asked_by, row.asked_by_person, row.asked_at = by, acting().person_id, now
    row.kept_elsewhere, row.step, row.rows, row.finished_at = kept_elsewhere, 0, 0, None
    session.add(row)
    wishes = queries.addresses_of(session, contact)
    known = {one: wishes.get(one, False) for one in (who.email, who.mobile) if one}
    queries.remember_addresses(session, organisation_id, stands_for, known, now)
    audit.note_act(session, organisation_id, act="erased", about="customers_person", contact_id=contact.id)
    session.flush()
    return row


def _erase(session: Session, contact: Contact, who: OnePerson) -> int:
    """All of it in one change: there is little of one person. Answers how many rows that were."""
    organisation_id, words = contact.organisation_id, who.words
    about = persons.About(session, contact, who)
    done = erasing.hide_numbers(session, organisation_id, [who.mobile] if who.mobile else [])
    done += sum(
        erasing.empty_where_said(session, one, organisation_id, words)
        for one in PERSONAL.values()
        if one.whose is Whose.SAID
    )
    done += erasing.remove_strays(session, organisation_id, "", words)
    if who.email:
        erasing_one.erase_reports(session, contact, recipient(organisation_id, who.email), about.received)
    for one in erasing_one.tables():
        done += erasing_one.erase_rows(session, one, contact, who, about.written, about.received)
    erasing_one.erase_from_customer(contact, who)
    done += erasing.empty_entries(session, organisation_id, None, words)
    done += erasing.forget_news(session, organisation_id, "", words)
    for export_id in data_exports.any_ids(session, organisation_id):
        while data_exports.delete_pieces(session, organisation_id, export_id):
            pass
    session.flush()
    return done
