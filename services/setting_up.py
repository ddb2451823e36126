"""The set-up in five steps: which somebody has been through, and what is still missing before going live.

What is chosen in a step stands where it belongs (senders, schedules, calendar, rules, holds), so the set-up and the
settings never say different things. Here is only who has been through which step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import _
from services import sender_checks
from services.app import App
from store.models import Organisation, PlannedStart
from store.queries import setting_up as queries
from store.queries.switches import organisation_to_change


class Step(StrEnum):
    """The five steps, in the order in which they are offered."""

    WHO = "who"
    FIRMNESS = "firmness"
    WHEN = "when"
    WHOM_NOT = "whom_not"
    OLD_DEBT = "old_debt"


_PUT_AWAY = "put_away"
TITLES = {
    Step.WHO: "Who sends",
    Step.FIRMNESS: "How firm",
    Step.WHEN: "When",
    Step.WHOM_NOT: "Whom not",
    Step.OLD_DEBT: "Old debt",
}


@dataclass(frozen=True, slots=True)
class StepState:
    """One step. ``done_by``: who went through it last, in words; None: nobody has."""

    step: Step
    title: str
    done_by: str | None

    @property
    def done(self) -> bool:
        return self.done_by is not None


@dataclass(frozen=True, slots=True)
class SetUp:
    """How far the set-up has come."""

    steps: Sequence[StepState]
    put_away: bool
    missing: Sequence[str]
    """What keeps chasing from going live, a sentence each."""
    start: PlannedStart | None

    @property
    def done(self) -> int:
        return sum(one.done for one in self.steps)

    @property
    def next_step(self) -> Step | None:
        """The first step that nobody has been through."""
        return next((one.step for one in self.steps if not one.done), None)


@dataclass(frozen=True, slots=True)
class Reminder:
    """What a page says in one line of a set-up that is not finished, and of a day of going live."""

    done: int | None
    """How many steps are done; None: nothing is to be said of them."""
    start: PlannedStart | None


def set_up_of(app: App, session: Session, organisation: Organisation) -> SetUp:
    """The steps and what is missing. Asks the ledger nothing: what it was last known to say counts."""
    there = queries.steps(session, organisation.id)
    states = [
        StepState(step, title, there[step].done_by if step in there else None)
        for step, title in TITLES.items()
    ]
    start = queries.planned_start(session, organisation.id)
    return SetUp(states, _PUT_AWAY in there, _missing(app, session, organisation), start)


def reminder(session: Session, organisation: Organisation) -> Reminder:
    """One line for the pages of every morning; nothing of the steps once they are done, put away, or chasing is live."""
    start = queries.planned_start(session, organisation.id)
    there = queries.steps(session, organisation.id)
    done = sum(step in there for step in Step)
    quiet = organisation.chasing == "live" or _PUT_AWAY in there or done == len(Step)
    return Reminder(None if quiet else done, start)


def finish(session: Session, organisation_id: str, step: Step, by: str) -> None:
    """Somebody has been through a step, within the caller's change."""
    organisation_to_change(session, organisation_id)
    queries.note_step(session, organisation_id, step, by)


def put_away(session: Session, organisation_id: str, by: str) -> None:
    """Nobody is reminded of the steps any more, within the caller's change."""
    organisation_to_change(session, organisation_id)
    queries.note_step(session, organisation_id, _PUT_AWAY, by)


def _missing(app: App, session: Session, organisation: Organisation) -> list[str]:
    found = []
    if organisation.connection != "connected":
        found.append(_("Xero is not connected; connect again."))
    if organisation.imported_at is None:
        found.append(_("The ledger is still being read for the first time."))
    try:
        sender_checks.ready_to_go_live(app, session, organisation)
    except UserError as problem:
        found.append(str(problem))
    if organisation.own_reminders:
        found.append(_("Xero’s own invoice reminders are on, so customers would be reminded twice."))
    return found
