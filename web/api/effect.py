"""Whether chasing works."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from credit_control.effect.impact import Saved
from services.effect import impact
from web.api import asked_reports, shapes
from web.api.caller import Caller

_FORMULA = (
    "Minutes saved: how often each kind of work was done × the minutes that are assumed for one, added up."
)


def report_impact(caller: Caller, session: Session, query: asked_reports.Impact) -> shapes.Impact:
    """What was done with the minutes that it is assumed to have saved, and the reminders that did not leave, by why."""
    period = impact.period_of(query.from_day, query.to, caller.today(session))
    found = impact.impact(session, caller.organisation(session), period)
    return shapes.Impact(
        as_of=caller.now,
        first=period.first,
        last=period.last,
        work=_work(found.work),
        minutes_saved=found.minutes,
        formula=_FORMULA,
        not_sent={one.value: count for one, count in found.blocked.items()},
        not_sent_at_last_look={one.value: found.checked[one] for one in found.blocked},
        rightly_not_sent=found.spared,
        months=[
            shapes.ImpactMonth(
                first=month.period.first,
                last=month.period.last,
                work=_work(month.work),
                minutes_saved=month.minutes,
                not_sent={one.value: count for one, count in month.blocked.items()},
            )
            for month in found.months
        ],
    )


def _work(done: Sequence[Saved]) -> list[shapes.Work]:
    return [shapes.Work(one.deed, one.count, one.each, one.minutes) for one in done]
