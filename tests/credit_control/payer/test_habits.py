"""The days on which somebody pays."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from credit_control.facts import PaymentDays
from credit_control.payer.habits import Paid, habits


def payments(days: list[date], currency: str = "GBP") -> list[Paid]:
    return [Paid(day, currency, Decimal("10.00"), f"invoice {place}") for place, day in enumerate(days)]


FRIDAYS = [date(2026, 1, 2) + timedelta(days=7 * week) for week in range(10)]


def test_somebody_who_pays_on_fridays() -> None:
    found = habits(payments([*FRIDAYS, date(2026, 1, 5)]), ())
    assert found.runs is not None and found.runs.days == PaymentDays(weekdays=(4,))
    assert (found.runs.hits, found.runs.of) == (10, 11)


def test_somebody_who_pays_at_the_end_of_the_month_or_the_working_day_after() -> None:
    ends = [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 5, 1),
        date(2026, 5, 31),
        date(2026, 6, 30),
        date(2026, 8, 1),
    ]
    found = habits(payments(ends), ())
    assert found.runs is not None and found.runs.days == PaymentDays(month_days=(31,))
    assert found.runs.share == 1


def test_somebody_who_pays_on_any_day_has_no_run() -> None:
    days = [date(2026, 1, 1) + timedelta(days=3 * number + number % 2) for number in range(60)]
    assert habits(payments(days), ()).runs is None


def test_five_days_are_too_few() -> None:
    assert habits(payments(FRIDAYS[:5]), ()).runs is None


def test_a_day_with_many_payments_is_one_day() -> None:
    found = habits(payments([FRIDAYS[0]] * 40), ())
    assert (found.payments, found.days, found.runs) == (40, 1, None)


def test_the_parts_in_which_invoices_were_paid() -> None:
    paid = [Paid(FRIDAYS[number], "GBP", Decimal("5.00"), invoice) for number, invoice in enumerate("aaabbc")]
    found = habits(paid, ["a", "b", "c", "paid by a credit note"])
    assert dict(found.parts) == {1: 1, 2: 1, 3: 1}
    assert found.in_parts == 2


def test_sums_stay_apart_by_currency() -> None:
    found = habits([*payments(FRIDAYS[:2]), *payments(FRIDAYS[:1], "EUR")], ())
    assert {code: sums[4] for code, sums in found.sums.items()} == {
        "GBP": Decimal("20.00"),
        "EUR": Decimal("10.00"),
    }
