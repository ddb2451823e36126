"""Two schedules beside each other, by customers that were drawn."""

from __future__ import annotations

from fractions import Fraction

from sqlalchemy.orm import Session

from credit_control.effect.drawing import Part
from credit_control.effect.shares import Interval
from credit_control.effect.two_parts import Late, Paid
from services.effect import comparing_figures as service
from services.effect.comparing_figures import Compared
from web.api.caller import Caller
from web.api.effect import number, share_of
from web.api.shapes import effect as shapes


def report_comparisons(caller: Caller, session: Session) -> shapes.ScheduleComparisons:
    """Every comparison of two schedules with what came of it so far."""
    found = service.all_compared(session, caller.organisation_id, caller.today(session))
    return shapes.ScheduleComparisons(as_of=caller.now, comparisons=[_shown(one) for one in found])


def _shown(one: Compared) -> shapes.ScheduleComparison:
    row = one.row
    return shapes.ScheduleComparison(
        id=row.id,
        name=row.name,
        schedule_a=row.schedule_a,
        schedule_b=row.schedule_b,
        share=row.share,
        from_day=row.from_on,
        until=row.until,
        ended_on=row.ended_on,
        runs=one.runs,
        begun_at=row.begun_at,
        begun_by=row.begun_by,
        customers_a=one.drawn[Part.A],
        customers_b=one.drawn[Part.B],
        moved_a=one.moved[Part.A],
        moved_b=one.moved[Part.B],
        no_longer_active=one.gone,
        left_out={why.value: count for why, count in one.left_out.items()},
        undated_invoices=one.undated,
        steps_changed=bool(one.changed),
        paid_in_time=[_paid(each) for each in one.outcome.paid],
        days_late=_late(one.outcome.late),
    )


def _paid(one: Paid) -> shapes.PaidInTime:
    return shapes.PaidInTime(one.within, share_of(one.a), share_of(one.b), _gap(one.difference))


def _late(one: Late) -> shapes.DaysLate:
    return shapes.DaysLate(
        within_days=one.within,
        a=_number(one.a),
        b=_number(one.b),
        invoices_a=one.invoices_a,
        invoices_b=one.invoices_b,
        customers_a=one.customers_a,
        customers_b=one.customers_b,
        difference=_gap(one.difference),
    )


def _gap(gap: Interval | None) -> shapes.Gap | None:
    return None if gap is None else shapes.Gap(number(gap.value), number(gap.low), number(gap.high))


def _number(value: Fraction | None) -> str | None:
    return None if value is None else number(value)
