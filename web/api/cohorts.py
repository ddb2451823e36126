"""What each month's invoices bring, for other programs."""

from __future__ import annotations

from fractions import Fraction

from sqlalchemy.orm import Session

from credit_control.figures.cohorts import Age, Cohort
from credit_control.figures.figure import round_half_up
from services.figures import cohorts as service
from services.figures.cohorts import OfCurrency
from web.api.caller import Caller
from web.api.fields import money
from web.api.shapes import reports as shapes

_CENTS, _PLACES = 2, 4


def report_cohorts(caller: Caller, session: Session) -> shapes.CohortReport:
    """What each month's invoices bring: the share that was settled month by month, and what that lets expect."""
    organisation = caller.organisation(session)
    found = service.KEPT.told(session, organisation, caller.today(session))
    return shapes.CohortReport(
        as_of=organisation.synced_at, currencies={one.currency: _shown(one) for one in found}
    )


def _shown(one: OfCurrency) -> shapes.Cohorts:
    return shapes.Cohorts(
        months=[_month(each) for each in one.cohorts],
        means=[_mean(after, each) for after, each in enumerate(one.ages)],
        to_come=[shapes.MonthToCome(month, _cents(amount)) for month, amount in one.ahead.months],
        later_or_never=_cents(one.ahead.rest),
        open_of_older=money(one.older),
    )


def _month(one: Cohort) -> shapes.MonthBilled:
    return shapes.MonthBilled(
        month=one.month,
        billed=money(one.billed),
        settled_by_now=money(one.by_now),
        open=money(one.open),
        settled_by_month_per_cent=[_per_cent(share) for share in one.shares],
    )


def _mean(after: int, one: Age) -> shapes.MonthsAfter:
    return shapes.MonthsAfter(
        months_after_billing=after,
        mean_per_cent=_per_cent(one.mean),
        lowest_per_cent=_per_cent(one.lowest),
        highest_per_cent=_per_cent(one.highest),
        months=one.cohorts,
    )


def _per_cent(share: Fraction) -> str:
    return f"{round_half_up(share * 100, _PLACES):f}"


def _cents(amount: Fraction) -> str:
    return money(round_half_up(amount, _CENTS))
