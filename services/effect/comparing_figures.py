"""What came of comparing two schedules so far, with everything that was left out on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from credit_control.effect.drawing import LeftOut, Part
from credit_control.effect.two_parts import Outcome, outcome
from services.effect.comparing import last_day, runs
from store.models import ScheduleComparison
from store.queries import comparing as queries
from store.queries import schedules


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with what came of it, as the mirror stands."""

    row: ScheduleComparison
    names: Mapping[Part, str]
    """The schedules, as they are called now."""
    runs: bool
    drawn: Mapping[Part, int]
    left_out: Mapping[LeftOut, int]
    moved: Mapping[Part, int]
    """Put on another schedule by a person while it ran; they count in their part."""
    gone: int
    """Drawn, and archived, merged into another, restricted by the ledger or erased since."""
    undated: int
    """Invoices that are paid on a day that the ledger does not say, and so count nowhere."""
    changed: Sequence[str]
    """The names of the schedules whose steps were changed after it had begun."""
    paused: Sequence[str]
    outcome: Outcome


def all_compared(session: Session, organisation_id: str, today: date) -> list[Compared]:
    """Every comparison, the newest first."""
    names = dict(schedules.names(session, organisation_id))
    return [compared(session, one, today, names) for one in queries.newest_first(session, organisation_id)]


def compared(
    session: Session, row: ScheduleComparison, today: date, names: Mapping[str, str] | None = None
) -> Compared:
    """What came of one."""
    whose, ids = row.organisation_id, {Part.A: row.schedule_a, Part.B: row.schedule_b}
    names = names or dict(schedules.names(session, whose))
    counts = queries.counts(session, whose, row.id)
    moved = queries.moved(session, whose, row.id)
    now_runs = runs(row, today)
    return Compared(
        row=row,
        names={part: names[its] for part, its in ids.items()},
        runs=now_runs,
        drawn={part: counts.get((part.value, None), 0) for part in Part},
        left_out={why: counts[None, why.value] for why in LeftOut if (None, why.value) in counts},
        moved={part: moved.get(part.value, 0) for part in Part},
        gone=queries.gone(session, whose, row.id),
        undated=queries.paid_on_no_day(session, row),
        changed=[names[one] for one in ids.values() if queries.changed(session, row, one)],
        paused=[names[one] for one in ids.values() if now_runs and queries.is_paused(session, whose, one)],
        outcome=outcome(queries.invoices(session, row), row.from_on, last_day(row), today),
    )
