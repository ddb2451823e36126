"""Schedules: made, changed, chosen for a contact, and invoices moved from an older version to the newest.

All of it happens within the caller's change; after its commit the caller rings for planning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Never

from sqlalchemy.orm import Session

from credit_control.facts import Step
from credit_control.written import WrittenStep
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import second_eyes
from services.by_hand import checked_reason
from services.second_eyes import Kind, Wanted
from services.written_steps import checked, stored_steps, stored_written, written_of
from store.models import Contact, Organisation
from store.queries import comparing, customers, planning
from store.queries import schedules as queries
from store.queries import senders as sender_queries
from store.queries.switches import organisation_to_change

LONGEST_NAME = 60
MOST_SCHEDULES = 50
_GONE = N_("There is no such schedule in this organisation; it may have been made elsewhere.")


def create(session: Session, organisation_id: str, name: str, steps: Sequence[WrittenStep]) -> str:
    """A new schedule in its first version; its id. ``UserError`` says what is wrong with its name or steps."""
    now = clock.now()
    organisation_to_change(session, organisation_id)
    if queries.count(session, organisation_id) >= MOST_SCHEDULES:
        raise UserError(
            _(
                "There are %(most_schedules)s schedules already; change one of them instead.",
                most_schedules=MOST_SCHEDULES,
            )
        )
    name = _free_name(session, organisation_id, name)
    resolved = _checked(session, organisation_id, steps)
    schedule_id = new_id()
    queries.add(session, organisation_id, schedule_id, name)
    written, stored = stored_written(steps), stored_steps(resolved)
    queries.add_version(session, organisation_id, schedule_id, 1, stored, written, now)
    return schedule_id


def change(
    session: Session, organisation_id: str, schedule_id: str, name: str, steps: Sequence[WrittenStep]
) -> None:
    """Rename a schedule, or give it a new version if its steps are others now.

    An invoice under way keeps its version until somebody moves it; the others go on with the new one.
    """
    now = clock.now()
    organisation_to_change(session, organisation_id)
    schedule, version = queries.newest(session, organisation_id, schedule_id) or _gone()
    schedule.name = _free_name(session, organisation_id, name, but=schedule_id)
    resolved = _checked(session, organisation_id, steps)
    written, stored = stored_written(steps), stored_steps(resolved)
    if written != stored_written(written_of(version.steps, version.written)):
        details = {"schedule_id": schedule_id, "name": name, "steps": written, "based_on": version.number}
        _second_yes(
            session,
            organisation_id,
            "change",
            N_(f"Change the steps of the schedule “{schedule.name}”"),
            details,
        )
        queries.add_version(session, organisation_id, schedule_id, version.number + 1, stored, written, now)
    planning.look_at_all(session, organisation_id, now)


def make_default(session: Session, organisation_id: str, schedule_id: str) -> None:
    """From now on contacts that neither a person nor a rule puts elsewhere are on this schedule."""
    organisation_to_change(session, organisation_id)
    schedule, _unused = queries.newest(session, organisation_id, schedule_id) or _gone()
    if not schedule.is_default:
        title = N_(f"Put everybody on the schedule “{schedule.name}” who is on none by hand or by a rule")
        _second_yes(session, organisation_id, "default", title, {"schedule_id": schedule_id})
    queries.set_default(session, organisation_id, schedule_id)
    planning.look_at_all(session, organisation_id, clock.now())


def choose(session: Session, organisation_id: str, contact_id: str, schedule_id: str | None, by: str) -> None:
    """Put a contact on a schedule by hand, whatever the rules say; None leaves it to the rules again."""
    organisation_to_change(session, organisation_id)
    contact = customers.contact(session, organisation_id, contact_id)
    if contact is None:
        raise UserError(_("There is no such customer in this organisation."))
    if schedule_id and queries.newest(session, organisation_id, schedule_id) is None:
        _gone()
    put_on(session, contact, schedule_id, by)


def chosen(session: Session, organisation_id: str, contact_id: str) -> str | None:
    """The schedule that a person has chosen for a contact; None: the rules decide."""
    contact = customers.contact(session, organisation_id, contact_id)
    return contact.schedule_id if contact else None


def put_on(session: Session, contact: Contact, schedule_id: str | None, by: str) -> None:
    """The same for whoever knows the contact and the schedule, and holds the organisation."""
    contact.schedule_id, contact.schedule_chosen_by = schedule_id, by if schedule_id else None
    session.flush()
    if schedule_id:
        _note_moved(session, contact, schedule_id)
    planning.look_again(session, contact.organisation_id, [contact.id], clock.now())


def _note_moved(session: Session, contact: Contact, schedule_id: str) -> None:
    """While schedules are compared it is told how many were taken out of the schedule that they were drawn for."""
    organisation = session.get_one(Organisation, contact.organisation_id)
    compared = comparing.running(session, organisation.id, clock.today(organisation.timezone))
    if compared:
        comparing.note_moved(session, organisation.id, compared, (contact.id, schedule_id), clock.now())


def move(session: Session, organisation_id: str, schedule_id: str, contact_id: str | None = None) -> int:
    """Have invoices under way go on with the newest version of their schedule: of one contact, or of all.

    What is behind them counts in the new version for all of its kind that would have come no later. Returns how
    many invoices were moved.
    """
    now = clock.now()
    organisation = organisation_to_change(session, organisation_id)
    found = queries.newest(session, organisation_id, schedule_id)
    if organisation is None or found is None:
        _gone()
    moved = queries.move(session, organisation_id, found[1], clock.today(organisation.timezone), contact_id)
    if contact_id is None:
        title = N_(f"Move {len(moved)} invoices to the newest steps of the schedule “{found[0].name}”")
        details = {"schedule_id": schedule_id, "based_on": found[1].number}
        _second_yes(session, organisation_id, "move", title, details, len(moved))
    planning.look_again(session, organisation_id, moved.values(), now)
    return len(moved)


def pause(session: Session, organisation_id: str, schedule_id: str, reason: str, by: str) -> None:
    """Chase nobody who is on this schedule, until somebody resumes it. One that is paused already stays as it is."""
    because, now = checked_reason(reason), clock.now()
    organisation_to_change(session, organisation_id)
    schedule, _unused = queries.newest(session, organisation_id, schedule_id) or _gone()
    if schedule.paused_at is None:
        schedule.paused_at, schedule.paused_by, schedule.paused_because = now, by, because
        session.flush()
        planning.look_at_all(session, organisation_id, now)


def resume(session: Session, organisation_id: str, schedule_id: str) -> bool:
    """Chase those on this schedule again, from the step on that is due; False when it was not paused."""
    organisation_to_change(session, organisation_id)
    schedule, _unused2 = queries.newest(session, organisation_id, schedule_id) or _gone()
    if schedule.paused_at is None:
        return False
    schedule.paused_at = schedule.paused_by = schedule.paused_because = None
    session.flush()
    planning.look_at_all(session, organisation_id, clock.now())
    return True


def _second_yes(
    session: Session,
    organisation_id: str,
    what: str,
    title: str,
    details: dict[str, Any],
    count: int | None = None,
) -> None:
    """Stop here, and undo what was begun in this change, where the organisation wants two people for it."""
    kind = Kind.TEMPLATES if count is None else Kind.BULK
    second_eyes.check(session, organisation_id, kind, Wanted(f"schedule_{what}", title, details), count)


def _checked(session: Session, organisation_id: str, steps: Sequence[WrittenStep]) -> tuple[Step, ...]:
    templates = queries.template_kinds(session, organisation_id)
    return checked(steps, templates, sender_queries.sender_ids(session, organisation_id))


def _free_name(session: Session, organisation_id: str, name: str, but: str | None = None) -> str:
    name = name.strip()
    if not name or not name.isprintable():
        raise UserError(_("Give the schedule a name, on one line."))
    if len(name) > LONGEST_NAME:
        raise UserError(
            _("The name is too long; use at most %(longest_name)s characters.", longest_name=LONGEST_NAME)
        )
    if name.casefold() in {
        other.casefold() for other_id, other in queries.names(session, organisation_id) if other_id != but
    }:
        raise UserError(_("A schedule is called “%(name)s” already; choose another name.", name=name))
    return name


def _gone() -> Never:
    raise UserError(_(_GONE))
