"""What is to become of old debt when an organisation begins: left alone, one letter, or a list of calls.

What is left alone has the steps of the schedule left out, invoice by invoice, so new invoices of the same customer are
chased as usual. The choice can be made anew at any time: what the earlier one left out is taken in again first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from credit_control.facts import Action
from kit import clock
from kit.errors import UserError
from kit.wording import _, grouped
from services.preset_names import preset_name
from store.courses import steps_of
from store.models import Organisation
from store.old_debt_mark import old_debt_mark
from store.queries import pages, planning, setting_up
from store.queries.setting_up import OldDebt
from store.queries.switches import organisation_to_change

STEP = "old_debt"
USUAL_DAYS = 60
FEWEST_DAYS, MOST_DAYS = 30, 1_000
"""Sooner than after a month nothing is old: the schedules that come with the product are still at work."""


class Choice(StrEnum):
    LEAVE = "leave"
    """Nothing is sent about it."""
    LETTER = "letter"
    """One mail about all of it, which a person starts as a campaign."""
    CALLS = "calls"
    """Its customers are called, and no mail leaves about it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen, or stands as the safe answer."""

    choice: Choice
    days: int
    """From so many days overdue on a debt is old."""


def chosen(session: Session, organisation_id: str) -> Chosen:
    """The choice as it stands; while nobody has chosen, to leave old debt alone."""
    row = setting_up.steps(session, organisation_id).get(STEP)
    found = row.chosen if row else {}
    return Chosen(Choice(found.get("choice", Choice.LEAVE)), int(found.get("days", USUAL_DAYS)))


def how_much(session: Session, organisation: Organisation, days: int) -> OldDebt:
    """How much is that old today, and of how many customers."""
    return setting_up.old_debt(session, organisation.id, _until(organisation, days))


def choose(session: Session, organisation_id: str, choice: str, days: int, by: str) -> None:
    """Settle what becomes of old debt, within the caller's change, who rings for planning. ``UserError`` says what is wrong."""
    if choice not in set(Choice):
        raise UserError(
            _(
                "Old debt can be %(choice)s; “%(choice_2)s” is none of them.",
                choice=", ".join(Choice),
                choice_2=choice,
            )
        )
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise UserError(
            _(
                "Debt can count as old from %(fewest_days)s to %(most_days)s days overdue.",
                fewest_days=FEWEST_DAYS,
                most_days=grouped(MOST_DAYS),
            )
        )
    organisation = organisation_to_change(session, organisation_id)
    if organisation is None:
        raise UserError(_("This organisation is no longer here; go back to the list of organisations."))
    _leave_out(session, organisation, Choice(choice), days)
    setting_up.note_step(session, organisation_id, STEP, by, {"choice": choice, "days": days})


def apply_again(session: Session, organisation_id: str) -> None:
    """The default schedule is another one now: the same choice for its steps. Nothing, while nobody has chosen."""
    row = setting_up.steps(session, organisation_id).get(STEP)
    organisation = organisation_to_change(session, organisation_id)
    if row and organisation:
        found = chosen(session, organisation_id)
        _leave_out(session, organisation, found.choice, found.days)


def _leave_out(session: Session, organisation: Organisation, choice: Choice, days: int) -> None:
    found = pages.default_schedule(session, organisation.id)
    if found is None:
        raise UserError(_("There is no default schedule; choose how firm reminders shall be first."))
    schedule, version = found
    steps = steps_of(version.steps)
    if choice is Choice.CALLS and not any(one.action is Action.CALL for one in steps):
        raise UserError(
            _(
                "The schedule “%(schedule_name)s” has no call, so there would be no list; add one to it, or "
                "choose otherwise.",
                schedule_name=preset_name(schedule.name),
            )
        )
    kept = {Action.CALL} if choice is Choice.CALLS else frozenset[Action]()
    positions = [one.position for one in steps if one.action not in kept]
    mark = old_debt_mark(organisation.id)
    invoices = setting_up.old_invoices(session, organisation.id, _until(organisation, days))
    today = clock.today(organisation.timezone)
    concerned = setting_up.take_in_again(session, organisation.id, mark) | set(invoices.values())
    setting_up.leave_out(session, organisation.id, invoices, version.id, positions, today, mark)
    planning.look_again(session, organisation.id, concerned, clock.now())


def _until(organisation: Organisation, days: int) -> date:
    return clock.today(organisation.timezone) - timedelta(days=days)
