"""Whether chasing works."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sqlalchemy.orm import Session

from credit_control.effect import shares
from credit_control.effect.before_after import Compared
from credit_control.effect.impact import Saved
from credit_control.effect.steps import After
from credit_control.figures.figure import round_half_up
from services.effect import comparison, impact
from web.api import asked_reports, shapes
from web.api.caller import Caller
from web.api.shapes import effect as effect_shapes

_PLACES = 4

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


def report_does_it_work(
    caller: Caller, session: Session, query: asked_reports.DoesItWork
) -> effect_shapes.DoesItWork:
    """Invoices before and after the first reminder, of all customers and by schedule, and what came after each step."""
    everybody, by_schedule = comparison.comparison(
        session, caller.organisation(session), query.within, caller.today(session)
    )
    return effect_shapes.DoesItWork(
        as_of=caller.now,
        within_days=query.within,
        everybody=_before_after(everybody),
        schedules=[
            effect_shapes.EffectOfSchedule(
                one.id,
                one.name,
                _before_after(one.compared),
                [_step(each.name, each.after) for each in one.steps],
            )
            for one in by_schedule
            if one.id
        ],
    )


def _before_after(one: Compared) -> effect_shapes.BeforeAfter:
    return effect_shapes.BeforeAfter(
        customers=one.customers,
        left_out=one.left_out,
        invoices_before=one.invoices_before,
        invoices_after=one.invoices_after,
        between=one.between,
        too_new=one.too_new,
        paid_in_window=_change(one.paid_in_window),
        days_late=_change(one.days_late),
        days_to_pay=_change(one.days_to_pay),
    )


def _change(one: shares.Change) -> effect_shapes.Change:
    gap = one.difference
    bounds = (gap.value, gap.low, gap.high) if gap else (None, None, None)
    return effect_shapes.Change(*map(_number, (one.before, one.after, *bounds)))


def _step(name: str, one: After) -> effect_shapes.AfterStep:
    return effect_shapes.AfterStep(
        step=name,
        reached=one.reached,
        paid_already=one.paid_already,
        still_open=one.still_open,
        within_7_days=share_of(one.soon),
        within_14_days=share_of(one.later),
        before_next=share_of(one.before_next),
    )


def share_of(one: shares.Share) -> effect_shapes.Share:
    """A share with its interval, as it is given out."""
    value = Fraction(one.hits, one.invoices) if one.invoices else None
    low, high = (one.interval.low, one.interval.high) if one.interval else (None, None)
    return effect_shapes.Share(one.hits, one.invoices, one.customers, *map(_number, (value, low, high)))


def number(value: Fraction) -> str:
    """Rounded once, to four decimals."""
    return f"{round_half_up(value, _PLACES):f}"


def _number(value: Fraction | None) -> str | None:
    return None if value is None else number(value)


def _work(done: Sequence[Saved]) -> list[shapes.Work]:
    return [shapes.Work(one.deed, one.count, one.each, one.minutes) for one in done]
