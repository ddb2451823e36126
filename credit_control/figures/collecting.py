"""How much of what could be collected was: the collection effectiveness index, and what stays unpaid for long."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from credit_control.figures.figure import Figure, Input, ratio
from credit_control.figures.words import AT_RISK, CEI, CEI_MONTH, NO_MONTH, NOTHING_TO_COLLECT


def cei(opening: Decimal, sales: Decimal, closing: Decimal, closing_current: Decimal) -> Figure:
    """In per cent, with all sales of the period."""
    return _cei(CEI, opening, sales, closing, closing_current, {"sales": sales})


def cei_average_month(
    opening: Decimal, sales: Decimal, closing: Decimal, closing_current: Decimal, months: Fraction
) -> Figure:
    """In per cent, with an average month's sales: the other reading of the same words."""
    one: dict[str, Input] = {"sales": sales, "months": months, "sales_of_a_month": Fraction(sales) / months}
    return _cei(CEI_MONTH, opening, Fraction(sales) / months, closing, closing_current, one)


def _cei(
    formula: str,
    opening: Decimal,
    sales: Decimal | Fraction,
    closing: Decimal,
    current: Decimal,
    sold: dict[str, Input],
) -> Figure:
    inputs: dict[str, Input] = {"opening": opening, **sold, "open": closing, "not_due": current}
    before = Fraction(opening) + Fraction(sales)
    if before == Fraction(current):
        return Figure(None, formula, inputs, NOTHING_TO_COLLECT)
    return Figure(ratio(before - Fraction(closing), before - Fraction(current)) * 100, formula, inputs)


def at_risk(billed: Decimal, unpaid: Decimal) -> Figure:
    """In per cent of what was billed in the month."""
    inputs: dict[str, Input] = {"unpaid_after_90_days": unpaid, "billed": billed}
    if not billed:
        return Figure(None, AT_RISK, inputs, NO_MONTH)
    return Figure(ratio(unpaid, billed) * 100, AT_RISK, inputs)


def mean_share(shares: Sequence[Fraction]) -> Fraction | None:
    """The mean of what past months had collected after so many months; None: there are none."""
    return sum(shares, Fraction(0)) / len(shares) if shares else None


def cohort_shares(cohorts: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """Of each month after billing, the mean share collected by then, over the cohorts that have come so far.

    Each cohort: the share of a billing month's value collected by the end of month 0, 1, 2… after it.
    """
    longest = max((len(one) for one in cohorts), default=0)
    found = (mean_share([one[age] for one in cohorts if len(one) > age]) for age in range(longest))
    return [share for share in found if share is not None]


def cohort_forecast(
    billed: Decimal, collected: Decimal, age: int, shares: Sequence[Fraction]
) -> list[Fraction]:
    """What of an open month's invoices comes in each of the coming months, by the mean of past cohorts.

    ``age`` is how many months ago it was billed, ``collected`` what has come of it by now. Nothing comes twice: a month
    that is ahead of the mean waits until the mean has passed it.
    """
    come, ahead = Fraction(collected), []
    for share in shares[age + 1 :]:
        by_then = max(Fraction(billed) * share, come)
        ahead.append(by_then - come)
        come = by_then
    return ahead
