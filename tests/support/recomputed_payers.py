"""How customers pay once more, as it is written down in ``docs/payers.md`` and ``docs/credit.md``, from the ledger's documents.

Nothing of ours is used here beside ``recomputed``, which is as independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from integration.ledger import LedgerInvoice
from tests.support.recomputed import Known

_YEAR = timedelta(365)
_HALF = timedelta(182)
_REACH = timedelta(5 * 365)
_ROOM = {"good": Fraction(2), "average": Fraction(3, 2), "poor": Fraction(1)}
_CLOSE = Decimal("1e-7")


def late(one: LedgerInvoice) -> int:
    assert one.fully_paid_on is not None
    return (one.fully_paid_on - one.due_on).days


def settled(invoices: Iterable[LedgerInvoice], since: date, until: date) -> list[LedgerInvoice]:
    """Paid in full in the ledger, on the day that it says: after ``since``, and up to ``until``."""
    return [
        one
        for one in invoices
        if one.status == "PAID" and one.fully_paid_on and since < one.fully_paid_on <= until
    ]


def rating(
    invoices: Iterable[LedgerInvoice], today: date, kept: int, judged: int
) -> tuple[str, Fraction | None]:
    """The word and the points of one customer; ``kept`` of ``judged`` promises."""
    found = settled(invoices, today - _YEAR, today)
    if len(found) < 3:
        return "new", None
    days = sum(
        (_weighted([each for each in found if each.currency == one.currency]) for one in found), Fraction(0)
    )
    days /= len(found)
    share = Fraction(sum(late(one) <= 0 for one in found), len(found))
    slower = trend(found, today) or Fraction(0)
    word = "good" if days <= 5 and share >= Fraction(4, 5) else "average" if days <= 20 else "poor"
    points = 50 * (1 - _between(0, days, 40) / 40) + 30 * share + 5 * (1 - _between(-20, slower, 20) / 20)
    return word, points + (Fraction(10 * kept, judged) if judged else 10)


def trend(invoices: Iterable[LedgerInvoice], today: date) -> Fraction | None:
    """By how many days later than in the half year before; None: too few tell."""
    found = list(invoices)
    lately = [late(one) for one in settled(found, today - _HALF, today)]
    before = [late(one) for one in settled(found, today - _YEAR, today - _HALF)]
    if min(len(lately), len(before)) < 3:
        return None
    return Fraction(sum(lately), len(lately)) - Fraction(sum(before), len(before))


def at_risk(
    invoices: Sequence[LedgerInvoice], today: date, word: str, broken: int
) -> dict[str, tuple[Decimal, int, date]]:
    """Of one customer by currency, where something speaks against it: what is overdue, on how many, and the oldest due day."""
    found = {}
    slower = trend(invoices, today)
    for currency in {one.currency for one in invoices}:
        overdue = [
            one
            for one in invoices
            if one.currency == currency
            and one.status == "AUTHORISED"
            and one.amount_due > 0
            and one.due_on < today
        ]
        if not overdue:
            continue
        oldest = min(one.due_on for one in overdue)
        if word == "poor" or (slower or 0) >= 5 or (today - oldest).days > 60 or broken > 0:
            found[currency] = (sum((one.amount_due for one in overdue), Decimal(0)), len(overdue), oldest)
    return found


def _weighted(found: Sequence[LedgerInvoice]) -> Fraction:
    amounts = Fraction(sum(one.total for one in found))
    if not amounts:
        return Fraction(sum(late(one) for one in found), len(found))
    return Fraction(sum(one.total * late(one) for one in found)) / amounts


def _between(least: int, value: Fraction, most: int) -> Fraction:
    return max(Fraction(least), min(value, Fraction(most)))


def risk(
    points: Fraction | None, open_ones: Iterable[LedgerInvoice], today: date, broken: int
) -> Fraction | None:
    """Without limits and credit reports."""
    if points is None:
        return None
    by_currency: dict[str, list[LedgerInvoice]] = {}
    for one in open_ones:
        by_currency.setdefault(one.currency, []).append(one)
    share, many = Fraction(0), sum(map(len, by_currency.values()))
    for some in by_currency.values():
        overdue = Fraction(sum(one.amount_due for one in some if one.due_on < today))
        share += overdue / Fraction(sum(one.amount_due for one in some)) * len(some) / many
    return max(points - 30 * share - min(5 * broken, 20), Fraction(0))


def suggested(books: Sequence[Known], today: date, word: str) -> Fraction | None:
    """The limit of a customer in the currency of these invoices. There are no credits that no invoice has used."""
    first = today - timedelta(364)
    sold = sum((one.total for one in books if first <= one.told.issued_on <= today), Fraction(0))
    paid = [(one, one.paid_on) for one in books if one.paid_on and first <= one.paid_on <= today]
    whole = sum((one.total for one, _ in paid), Fraction(0))
    if len(paid) < 3 or word == "new" or not sold or not whole:
        return None
    took = sum(((on - one.told.issued_on).days * one.total for one, on in paid), Fraction(0)) / whole
    given = (
        sum(((one.told.due_on - one.told.issued_on).days * one.total for one, _ in paid), Fraction(0)) / whole
    )
    days = max(min(took, given) if word == "poor" else took, Fraction(0))
    digits = str(int(sold / 365 * days * _ROOM[word]))
    found = Fraction(int(digits[:2] + "0" * len(digits[2:])))
    if any(one.left and one.overdue(today) > 60 for one in books):
        found = min(found, sum((one.left for one in books), Fraction(0)))
    return found


def expected(
    invoices: Sequence[LedgerInvoice], waiting: LedgerInvoice, today: date
) -> list[set[date]] | None:
    """The days by which half, a tenth and nine tenths are paid; two, where it is on the edge of one. None: nobody can say."""
    left = weights_left(invoices, waiting, today)
    return [_by(left, Decimal(share), waiting.due_on) for share in ("0.5", "0.1", "0.9")] if left else None


def weights_left(
    invoices: Sequence[LedgerInvoice], waiting: LedgerInvoice, today: date
) -> dict[int, Decimal]:
    """How much each number of days late weighs that can still be; empty: nobody can say."""
    book = settled(invoices, today - _REACH, today)
    own = sorted(
        (one for one in book if one.contact_id == waiting.contact_id),
        key=lambda one: one.fully_paid_on or today,
    )
    assert len(own) <= 200
    by_age = [_by_age(one, today) for one in own]
    alike = [weight * _alike(one, waiting) for one, weight in zip(own, by_age, strict=True)]
    weights: dict[int, Decimal] = {}
    for one, weight in zip(own, alike, strict=True):
        weights[late(one)] = weights.get(late(one), Decimal(0)) + weight * sum(by_age) / sum(alike)
    whole = sum((_by_age(one, today) for one in book), Decimal(0))
    for one in book:
        weights[late(one)] = weights.get(late(one), Decimal(0)) + 2 * _by_age(one, today) / whole
    return {days: one for days, one in weights.items() if waiting.due_on + timedelta(days) >= today}


def _by_age(one: LedgerInvoice, today: date) -> Decimal:
    return Decimal(2) ** (Decimal((today - (one.fully_paid_on or today)).days) / -180)


def _alike(one: LedgerInvoice, waiting: LedgerInvoice) -> int:
    about = one.currency == waiting.currency and waiting.total / 2 <= one.total <= waiting.total * 2
    return 1 + about + (one.due_on.month == waiting.due_on.month and one.due_on.year < waiting.due_on.year)


def _by(left: dict[int, Decimal], share: Decimal, due_on: date) -> set[date]:
    paid, wanted, found = Decimal(0), share * sum(left.values()), set()
    for days in sorted(left):
        before, paid = paid, paid + left[days]
        if paid >= wanted - _CLOSE and before <= wanted + _CLOSE:
            found.add(due_on + timedelta(days))
    return found
