"""Before and after the first reminder, and what came after each step, schedule by schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.effect.before_after import LOOKED_BACK, WINDOWS, Compared, compare
from credit_control.effect.shares import Change, Interval, Share
from credit_control.effect.steps import After, Sent, Step, after_steps
from kit.errors import UserError
from kit.wording import _
from services.kept_results import Result
from store.models import Organisation
from store.queries import effect_payments as queries
from store.queries import schedules

STEP_DAYS = 365
"""Steps of so many days up to today are looked at, today being one of them."""


@dataclass(frozen=True, slots=True)
class OfStep:
    """What came after a step, by its name."""

    name: str
    after: After


@dataclass(frozen=True, slots=True)
class OfSchedule:
    """One schedule: customers whose first reminder it sent, and invoices that got its steps."""

    id: str | None
    """None: all schedules together."""
    name: str
    compared: Compared
    steps: Sequence[OfStep]


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted, before it is put under the names that schedules have now."""

    everybody: Compared
    by_schedule: Mapping[str, Compared]
    """Of those whose first reminder a schedule sent, by its id."""
    steps: Mapping[Step, After]


@dataclass(frozen=True, slots=True)
class _Versions:
    schedule_of: Mapping[str, str]
    step_of: Mapping[tuple[str, int], Step]
    order: Mapping[Step, int]
    """The place of a step in the newest version that has it."""


def window_of(asked: str) -> int:
    """The days after the due date that are watched; ``UserError`` for others than are offered."""
    if not asked:
        return WINDOWS[0]
    if asked not in map(str, WINDOWS):
        raise UserError(_("Choose one of the numbers of days that are offered."))
    return int(asked)


def comparison(
    session: Session, organisation: Organisation, window: int, today: date
) -> tuple[Compared, list[OfSchedule]]:
    """All customers together, and each schedule that ever sent a reminder, by name."""
    told = (
        KEPT.told(session, organisation, today)
        if window == WINDOWS[0]
        else _counted(session, organisation, window, today)
    )
    order = _versions(session, organisation.id).order
    found = []
    for schedule_id, name in schedules.names(session, organisation.id):
        steps = sorted(
            (one for one in told.steps if one[0] == schedule_id), key=lambda one: (order[one], one)
        )
        if steps or schedule_id in told.by_schedule:
            compared = told.by_schedule.get(schedule_id) or compare([], {}, window, today)
            found.append(
                OfSchedule(schedule_id, name, compared, [OfStep(one[1], told.steps[one]) for one in steps])
            )
    return told.everybody, found


def _counted(session: Session, organisation: Organisation, window: int, today: date) -> Counted:
    zone, known = ZoneInfo(organisation.timezone), _versions(session, organisation.id)
    first, by_schedule = dict[str, date](), dict[str, dict[str, date]]()
    for contact_id, (at, version_id) in queries.first_reminders(session, organisation.id).items():
        first[contact_id] = at.astimezone(zone).date()
        if schedule_id := known.schedule_of.get(version_id or ""):
            by_schedule.setdefault(schedule_id, {})[contact_id] = first[contact_id]
    invoices = []
    if first:
        since = min(first.values()) - timedelta(days=LOOKED_BACK + window)
        invoices = queries.chased_invoices(session, organisation.id, first.keys(), since)
    return Counted(
        compare(invoices, first, window, today),
        {key: compare(invoices, its, window, today) for key, its in by_schedule.items()},
        after_steps(_sent(session, organisation.id, known, zone, today), today),
    )


def _of_first_window(session: Session, organisation: Organisation, today: date) -> Counted:
    return _counted(session, organisation, WINDOWS[0], today)


KEPT: Final = Result("does_it_work", _of_first_window, (Counted, Compared, Change, Interval, After, Share))
"""With the window that the page shows first: all reminders of a year are read for it."""


def _sent(
    session: Session, organisation_id: str, known: _Versions, zone: ZoneInfo, today: date
) -> Iterator[Sent]:
    since = datetime.combine(today - timedelta(days=STEP_DAYS - 1), time.min, zone).astimezone(UTC)
    for one in queries.reminders_about(session, organisation_id, since):
        step = known.step_of.get((one.version_id or "", one.position or 0))
        yield Sent(one.invoice_id, one.contact_id, step, one.at.astimezone(zone).date(), one.paid_on)


def _versions(session: Session, organisation_id: str) -> _Versions:
    schedule_of, step_of, order = dict[str, str](), dict[tuple[str, int], Step](), dict[Step, int]()
    for key, schedule_id, _number, steps in queries.versions(session, organisation_id):
        schedule_of[key] = schedule_id
        for step in steps:
            position, name = step["position"], step["name"]
            if isinstance(position, int) and isinstance(name, str) and position:
                step_of[key, position] = (schedule_id, name)
                order[schedule_id, name] = position
    return _Versions(schedule_of, step_of, order)
