"""Before and after the first reminder, and what came after each step, schedule by schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.effect.before_after import LOOKED_BACK, WINDOWS, Compared, compare
from credit_control.effect.steps import After, Sent, Step, after_steps
from kit.errors import UserError
from kit.wording import _
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
    after = after_steps(_sent(session, organisation.id, known, zone, today), today)
    found = []
    for schedule_id, name in schedules.names(session, organisation.id):
        steps = sorted(
            (one for one in after if one[0] == schedule_id), key=lambda one: (known.order[one], one)
        )
        if steps or schedule_id in by_schedule:
            compared = compare(invoices, by_schedule.get(schedule_id, {}), window, today)
            found.append(
                OfSchedule(schedule_id, name, compared, [OfStep(one[1], after[one]) for one in steps])
            )
    return compare(invoices, first, window, today), found


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
