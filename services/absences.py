"""People of a customer who are away, by what their mailbox answered: what would go to them alone waits.

Nothing else follows from such an answer: it holds nobody and is not noted in the ledger. Only where somebody has left for
good, a colleague is asked to find out whom to write to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.calendar import add_working_days, local_day
from credit_control.people import Role
from kit.errors import UserError
from kit.wording import N_, _
from services import duty, people, team_tasks
from services.merge_fields import one_line
from services.people import Entry
from services.team_tasks import TaskKind
from services.understanding import Automatic
from store.facts import policy_of
from store.models import Communication, Contact, Organisation, PersonAway
from store.people import people_of, usable_address
from store.queries import absences as queries
from store.queries import people as people_queries
from store.queries import planning, sending

LONGEST = timedelta(days=60)
"""Nobody rests for longer by what a robot says; who is away for longer needs a stand-in, which a person decides."""
WITHOUT_A_DAY = 3
"""Working days for which an absence counts that names no day: as long as a reply is waited for."""
_LONGEST_SENTENCE = 500


def take(
    session: Session,
    organisation_id: str,
    contact_id: str,
    said: Automatic,
    *,
    communication_id: str,
    from_email: str | None,
    answered: Communication | None,
    now: datetime,
) -> PersonAway | None:
    """Let whoever is away rest until the day they name; None where it is nobody we write to, or they are back.

    A day that has gone by is an answer that somebody forgot to switch off. A later answer counts instead of the one
    before. The organisation is locked by the caller, who rings for planning.
    """
    organisation = session.get_one(Organisation, organisation_id)
    today = local_day(policy_of(organisation).window, now)
    until = today + LONGEST if said.has_left else _until(organisation, said.returns_on, today)
    address = _address(session, organisation_id, contact_id, from_email, answered)
    if address is None or until is None:
        return None
    row = queries.one(session, organisation_id, contact_id, address)
    if row is None:
        row = PersonAway(organisation_id=organisation_id, contact_id=contact_id, address=address)
        session.add(row)
    row.until, row.noticed_at, row.communication_id = until, now, communication_id
    row.sentence = one_line(said.sentence)[:_LONGEST_SENTENCE]
    row.ended_by = row.ended_at = None
    _suggest(session, row, said.stand_in)
    if said.has_left:
        _ask(session, row, now)
    session.flush()
    planning.look_again(session, organisation_id, [contact_id], now)
    return row


def shown(session: Session, contact: Contact, now: datetime) -> Sequence[PersonAway]:
    """Who there is away now, or has named a stand-in that nobody has said anything of."""
    organisation = session.get_one(Organisation, contact.organisation_id)
    today = local_day(policy_of(organisation).window, now)
    return queries.shown(session, contact.organisation_id, contact.id, today)


def accept(
    session: Session, organisation_id: str, contact_id: str, address: str, *, by: str, now: datetime
) -> None:
    """Take the stand-in for a person who pays the bills, so that what waits goes there.

    Where nobody had that role, who is away gets it too: otherwise the stand-in alone would be written to ever after.
    """
    row = _suggested(session, organisation_id, contact_id, address)
    _keep_writing(session, row, by)
    name = row.stand_in_name or (row.stand_in_email or "").partition("@")[0]
    people.add(
        session,
        organisation_id,
        contact_id,
        Entry(name, row.stand_in_email or "", roles=(Role.PAYABLES,)),
        by,
    )
    row.settled_by, row.settled_at = by, now
    team_tasks.finish_about(session, organisation_id, key=_key(row), by=by, now=now)


def dismiss(
    session: Session, organisation_id: str, contact_id: str, address: str, *, by: str, now: datetime
) -> None:
    """Leave the stand-in alone."""
    row = _suggested(session, organisation_id, contact_id, address)
    row.settled_by, row.settled_at = by, now


def back(
    session: Session, organisation_id: str, contact_id: str, address: str, *, by: str, now: datetime
) -> None:
    """They are back already: what waits for them goes on."""
    row = _known(session, organisation_id, contact_id, address)
    row.ended_by, row.ended_at = by, now
    session.flush()
    planning.look_again(session, organisation_id, [contact_id], now)


def _keep_writing(session: Session, row: PersonAway, by: str) -> None:
    there = people_of(session, row.organisation_id, [row.contact_id]).get(row.contact_id, ())
    if any(Role.PAYABLES in one.roles for one in there):
        return
    entries = people_queries.entered(session, row.organisation_id, row.contact_id)
    for one in there:
        if (one.email or "").lower() != row.address:
            continue
        known = next((entry for entry in entries if entry.email == row.address), None)
        roles = (Role.PAYABLES, *(Role(role) for role in known.roles)) if known else (Role.PAYABLES,)
        entry = Entry(known.name if known else "", row.address, (known.mobile or "") if known else "", roles)
        if known:
            people.change(session, row.organisation_id, known.id, entry, by)
        else:
            people.add(session, row.organisation_id, row.contact_id, entry, by)


def _until(organisation: Organisation, returns_on: date | None, today: date) -> date | None:
    if returns_on is None:
        return add_working_days(today, WITHOUT_A_DAY, policy_of(organisation).window.off)
    return None if returns_on < today else min(returns_on, today + LONGEST)


def _address(
    session: Session, organisation_id: str, contact_id: str, given: str | None, answered: Communication | None
) -> str | None:
    """Whose mailbox it is: the writer's, if we know it there; else the one address that was written to."""
    known = {
        one.email.lower()
        for one in people_of(session, organisation_id, [contact_id]).get(contact_id, ())
        if one.email
    }
    writer = (usable_address(given) or "").lower()
    if writer in known:
        return writer
    written_to = [one.lower() for one in answered.to] if answered is not None else []
    return written_to[0] if len(written_to) == 1 else None


def _suggest(session: Session, row: PersonAway, stand_in: tuple[str, str] | None) -> None:
    """Somebody who is known there already is no suggestion; one that was settled is not made again."""
    name, address = stand_in or ("", "")
    email = (usable_address(address) or "").lower()
    known = people_of(session, row.organisation_id, [row.contact_id]).get(row.contact_id, ())
    if not email or email == row.address or email in {(one.email or "").lower() for one in known}:
        row.stand_in_name = row.stand_in_email = None
        row.settled_by = row.settled_at = None
        return
    if email != row.stand_in_email:
        row.settled_by = row.settled_at = None
    row.stand_in_name, row.stand_in_email = one_line(name)[:100] or None, email


def _ask(session: Session, row: PersonAway, now: datetime) -> None:
    """Nobody comes back there, so somebody has to say who pays now; asked once for an address."""
    team_tasks.ask(
        session,
        row.organisation_id,
        kind=TaskKind.BOUNCE,
        what=N_(f"The mailbox {row.address} answers: “{row.sentence}” Find out whom to write to instead."),
        due_on=duty.look_again_on(session, row.organisation_id, now),
        by="their mailbox",
        now=now,
        contact_id=row.contact_id,
        communication_id=row.communication_id,
        key=_key(row),
    )


def _key(row: PersonAway) -> str:
    return f"has left {row.contact_id} {row.address}"


def _suggested(session: Session, organisation_id: str, contact_id: str, address: str) -> PersonAway:
    row = _known(session, organisation_id, contact_id, address)
    if row.stand_in_email is None or row.settled_at is not None:
        raise UserError(_("Nobody waits to be taken as a stand-in there; it may have been settled already."))
    return row


def _known(session: Session, organisation_id: str, contact_id: str, address: str) -> PersonAway:
    sending.lock_organisation(session, organisation_id)
    row = queries.one(session, organisation_id, contact_id, address.strip().lower())
    if row is None:
        raise UserError(_("No absence of this address is known."))
    return row
