"""When a customer's invoices fall due, as the ledger has it on its contact: a kind with days.

The kinds are those of Xero (``PaymentTermType`` of its accounting API). A day of a month goes from 1 to 31, in a shorter
month its last one; Xero refuses other days of a month with “Due Date for Sales Invoices must be between 1 and 31 when set to
the following (or current) month”. How many days after an invoice there may be is documented nowhere; up to a year here.
"""

from __future__ import annotations

from dataclasses import dataclass

from credit_control.credit.early_payment import Offer

AFTER_DATE, AFTER_MONTH = "DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH"
OF_MONTH, OF_NEXT_MONTH = "OFCURRENTMONTH", "OFFOLLOWINGMONTH"
KINDS = (AFTER_DATE, AFTER_MONTH, OF_MONTH, OF_NEXT_MONTH)
MOST_DAYS = 365
_LAST_OF_MONTH = 31


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """``days`` after the invoice's day or the end of its month, or the day of the month of the invoice or the next."""

    kind: str
    days: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a category has for its customers; None: this is left alone."""

    terms: PaymentTerms | None
    discount: Offer | None


def problem_with(terms: PaymentTerms) -> str | None:
    """What is wrong with terms: ``kind``, ``days``, ``day_of_month``; None: nothing."""
    if terms.kind not in KINDS:
        return "kind"
    if terms.kind in (OF_MONTH, OF_NEXT_MONTH):
        return None if 1 <= terms.days <= _LAST_OF_MONTH else "day_of_month"
    return None if 0 <= terms.days <= MOST_DAYS else "days"


def differing(now: Wanted, wanted: Wanted) -> Wanted:
    """What of ``wanted`` is not so ``now``; what it has to change nothing is None."""
    return Wanted(
        wanted.terms if wanted.terms != now.terms else None,
        wanted.discount if wanted.discount != now.discount else None,
    )
