"""Mail came back from an address, or whoever reads there wants none: no mail of ours goes there by itself any more.

The customer's other people are written to where a step means them; what is meant for nobody else waits, and says whom
to write to instead. Nothing is done about that before a person says so. Answers that a colleague writes by hand are
not stopped. All functions work inside the caller's transaction, who rings for planning and notes after the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.no_mail import IN_A_ROW, WITHIN_DAYS, NoMail
from credit_control.people import Person, Role
from kit.errors import UserError
from kit.ids import derived_id
from kit.wording import N_, _
from services import duty, people, team_tasks
from services.lost_mail import recipient
from services.merge_fields import one_line
from services.people import Entry
from services.stop_records import AGAIN, STOPPED, instead_of, people_at, record
from services.team_tasks import TaskKind
from store.models import Communication, Contact, StoppedAddress
from store.queries import people as people_queries
from store.queries import planning, sending
from store.queries import stopped_addresses as queries

LONGEST_REASON = 300
_REPORT = N_("the mail provider’s report")


@dataclass(frozen=True, slots=True)
class Shown:
    """An address of a customer that no mail goes to, and whom to write to instead."""

    row: StoppedAddress
    role: Role | None
    """What whoever has it is written to as; None: nothing was meant for them."""
    instead: Person | None
    """A proposal, where nobody else gets what was meant for them."""
    others: bool
    """Somebody else gets it as before."""

    @property
    def why(self) -> NoMail:
        return NoMail(self.row.why)


def stop(
    session: Session, sent: Communication, address: str, why: NoMail, words: str, *, event: str, now: datetime
) -> bool:
    """Let no more mail go to an address (in small letters), at every customer of the organisation who has it.

    ``sent`` is our mail that ``event`` was reported of, locked by the caller; ``words`` say what was reported. True if
    this is new. The same report does not stop again what a person has lifted since.
    """
    organisation_id = sent.organisation_id
    concerned = queries.contacts_at(session, organisation_id, address) | {sent.contact_id}
    stopped = [
        one for one in sorted(concerned) if _place(session, sent, one, address, why, words, event, now)
    ]
    if not stopped:
        return False
    planning.look_again(session, organisation_id, stopped, now)
    if sent.contact_id in stopped:
        _tell(session, sent, address, why, words, now)
    return True


def is_turned_away(session: Session, sent: Communication, address: str, now: datetime) -> bool:
    """Whether so many mails in a row were turned away there, each for now, that the address counts as dead."""
    digest = recipient(sent.organisation_id, address)
    since = now - timedelta(days=WITHIN_DAYS)
    found = queries.turned_away(session, sent.organisation_id, digest, address, [sent.contact_id], since)
    return found >= IN_A_ROW


def lift(
    session: Session,
    organisation_id: str,
    contact_id: str,
    address: str,
    *,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Mail goes there again from now on. ``UserError`` without a reason, or where nothing is stopped."""
    row = _known(session, organisation_id, contact_id, address)
    why = one_line(reason)[:LONGEST_REASON]
    if not why:
        raise UserError(_("Say why mail can go there again, so that a colleague understands it later."))
    row.lifted_by, row.lifted_at, row.lifted_because = by, now, why
    session.flush()
    planning.look_again(session, organisation_id, [contact_id], now)
    record(session, row, AGAIN, why, by, now)
    team_tasks.finish_about(session, organisation_id, key=_key(contact_id, row.address), by=by, now=now)


def accept(
    session: Session, organisation_id: str, contact_id: str, address: str, *, by: str, now: datetime
) -> Person:
    """Write to the proposed person instead, who gets the role; the address stays stopped. ``UserError`` without a proposal."""
    row = _known(session, organisation_id, contact_id, address)
    there = people_at(session, organisation_id, contact_id)
    role, instead, _unused = instead_of(there, row.address)
    if role is None or instead is None:
        raise UserError(_("Nobody is proposed there any more; somebody else may get these mails already."))
    _give(session, organisation_id, contact_id, instead, role, by)
    team_tasks.finish_about(session, organisation_id, key=_key(contact_id, row.address), by=by, now=now)
    return instead


def shown(session: Session, contact: Contact, there: Sequence[Person]) -> tuple[Shown, ...]:
    """The addresses that this customer has and no mail goes to; one that the ledger has no more is left out."""
    known = {one.email.lower() for one in there if one.email}
    rows = queries.of_contact(session, contact.organisation_id, contact.id)
    return tuple(Shown(row, *instead_of(there, row.address)) for row in rows if row.address in known)


def is_stopped(session: Session, organisation_id: str, contact_id: str, address: str) -> bool:
    """Whether no mail goes to this address of the customer now."""
    return queries.in_force(session, organisation_id, contact_id, address.strip().lower()) is not None


def warning(session: Session, organisation_id: str, contact_id: str, addresses: Sequence[str]) -> str:
    """What somebody should know who writes there by hand; empty where nothing is stopped."""
    written_to = {one.strip().lower() for one in addresses}
    rows = queries.of_contact(session, organisation_id, contact_id)
    return " ".join(
        N_(f"No reminder goes to {row.address}, because {NoMail(row.why).because}.")
        for row in rows
        if row.address in written_to
    )


def _place(
    session: Session,
    sent: Communication,
    contact_id: str,
    address: str,
    why: NoMail,
    words: str,
    event: str,
    now: datetime,
) -> bool:
    """A wish counts for more than that mail cannot reach it: it must not go unsaid when that is lifted."""
    row = queries.in_force(session, sent.organisation_id, contact_id, address)
    if row is not None:
        if why.is_their_wish and not NoMail(row.why).is_their_wish:
            row.why, row.words, row.communication_id = why.value, words, sent.id
            session.flush()
            planning.look_again(session, sent.organisation_id, [contact_id], now)
        return False
    return queries.add(
        session,
        organisation_id=sent.organisation_id,
        id=derived_id("stopped address", sent.organisation_id, contact_id, sent.id, event, address),
        contact_id=contact_id,
        address=address,
        why=why.value,
        words=words,
        communication_id=sent.id,
        since=now,
    )


def _tell(
    session: Session, sent: Communication, address: str, why: NoMail, words: str, now: datetime
) -> None:
    """A task for whoever looks after the customer, and a note in the ledger that names no address."""
    organisation_id, contact_id = sent.organisation_id, sent.contact_id
    row = queries.in_force(session, organisation_id, contact_id, address)
    if row is None:
        return
    _unused2, instead, _unused3 = instead_of(people_at(session, organisation_id, contact_id), address)
    then = " " + N_(f"{instead.shown} could be written to instead.") if instead else ""
    team_tasks.ask(
        session,
        organisation_id,
        kind=TaskKind.BOUNCE,
        what=f"{words.rstrip('.')}. " + N_("Find out where mail can go, or whether it is wanted.") + then,
        due_on=duty.look_again_on(session, organisation_id, now),
        by=_REPORT,
        now=now,
        contact_id=contact_id,
        communication_id=sent.id,
        key=_key(contact_id, address),
    )
    record(session, row, STOPPED, f"{why.because}.", _REPORT, now)


def _give(
    session: Session, organisation_id: str, contact_id: str, person: Person, role: Role, by: str
) -> None:
    address = (person.email or "").lower()
    entries = people_queries.entered(session, organisation_id, contact_id)
    known = next((one for one in entries if one.email == address), None)
    if known is None:
        people.add(session, organisation_id, contact_id, Entry("", address, roles=(role,)), by)
        return
    roles = (*(Role(one) for one in known.roles), role)
    people.change(
        session, organisation_id, known.id, Entry(known.name, address, known.mobile or "", roles), by
    )


def _key(contact_id: str, address: str) -> str:
    return f"no mail {contact_id} {address}"


def _known(session: Session, organisation_id: str, contact_id: str, address: str) -> StoppedAddress:
    sending.lock_organisation(session, organisation_id)
    row = queries.in_force(session, organisation_id, contact_id, address.strip().lower())
    if row is None:
        raise UserError(_("Mail to this address is not stopped; it may have been lifted already."))
    return row
