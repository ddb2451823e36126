"""Money ahead worked out once more, from what a ledger says and docs/payers.md alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from integration.ledger import LedgerInvoice
from tests.support.recomputed_payers import weights_left

WEEKS = 12
_SLICES, _CASES = 20, 400

Weeks = list[Decimal]


def expected(
    invoices: Sequence[LedgerInvoice], waiting: Sequence[LedgerInvoice], today: date
) -> tuple[dict[str, Weeks], dict[str, Decimal]]:
    """By currency what is expected in each of the weeks, and last what comes later; and what nobody can say anything of."""
    found: dict[str, Weeks] = defaultdict(lambda: [Decimal(0)] * (WEEKS + 1))
    unknown: dict[str, Decimal] = defaultdict(Decimal)
    for one in waiting:
        left = weights_left(invoices, one, today)
        if not left:
            unknown[one.currency] += one.amount_due
        for days, weight in left.items():
            week = _week_of(one.due_on + timedelta(days), today)
            found[one.currency][week] += one.amount_due * weight / sum(left.values())
    return dict(found), dict(unknown)


def bounds(
    invoices: Sequence[LedgerInvoice],
    waiting: Sequence[LedgerInvoice],
    today: date,
    contact_key: Callable[[str], str],
) -> list[tuple[Decimal, Decimal]]:
    """Of one currency, by week what one and nine of ten drawn cases stay below."""
    brings: dict[str, list[Weeks]] = defaultdict(lambda: [[Decimal(0)] * (WEEKS + 1) for _ in range(_SLICES)])
    for one in waiting:
        if left := weights_left(invoices, one, today):
            for slice_, week in enumerate(_weeks_of_slices(left, one.due_on, today)):
                brings[contact_key(one.contact_id)][slice_][week] += one.amount_due
    dice, cases = Random(20), [[Decimal(0)] * (WEEKS + 1) for _ in range(_CASES)]
    for contact in sorted(brings):
        order = list(range(_SLICES)) * (_CASES // _SLICES)
        dice.shuffle(order)
        for case, slice_ in zip(cases, order, strict=True):
            for week, amount in enumerate(brings[contact][slice_]):
                case[week] += amount
    ordered = [sorted(case[week] for case in cases) for week in range(WEEKS)]
    return [(one[_CASES // 10 - 1], one[_CASES * 9 // 10 - 1]) for one in ordered]


def _weeks_of_slices(left: dict[int, Decimal], due_on: date, today: date) -> list[int]:
    """In which week an invoice is paid in the middle of each twentieth of its possibilities."""
    whole, found = sum(left.values()), []
    for slice_ in range(_SLICES):
        wanted, so_far = whole * (2 * slice_ + 1) / (2 * _SLICES), Decimal(0)
        for days in sorted(left):
            so_far += left[days]
            if so_far > wanted:
                found.append(_week_of(due_on + timedelta(days), today))
                break
    return found


def _week_of(day: date, today: date) -> int:
    """The number of the week, the running one being 0; the last number is for all that is later."""
    monday = today - timedelta(today.weekday())
    return min((day - monday).days // 7, WEEKS)
