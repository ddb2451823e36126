"""The formula of a figure with its numbers, in words that fit them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from credit_control.figures.figure import Figure, Input, Period
from kit.wording import worded_in
from web.pages.figure_cards import KINDS, cards

PERIOD = Period(date(2026, 1, 1), date(2026, 11, 30))


def worked(key: str, inputs: dict[str, Input]) -> str:
    figures = {one: Figure(None, "", {}, "") for one in KINDS} | {key: Figure(Fraction(1), "", inputs)}
    shown = next(one for one in cards(figures, "GBP", PERIOD) if one.key == key)
    return shown.worked or ""


@pytest.mark.parametrize(
    ("days", "invoices", "english", "german"),
    [
        (1, 1, "1 day ÷ 1 invoice", "1 Tag ÷ 1 Rechnung"),
        (-3, 2, "-3 days ÷ 2 invoices", "-3 Tage ÷ 2 Rechnungen"),
        (1200, 1000, "1,200 days ÷ 1,000 invoices", "1.200 Tage ÷ 1.000 Rechnungen"),
    ],
)
def test_one_invoice_is_not_called_invoices(days: int, invoices: int, english: str, german: str) -> None:
    inputs: dict[str, Input] = {"days": days, "invoices": invoices}
    assert worked("days_late", inputs) == english
    with worded_in("de"):
        assert worked("days_late", inputs) == german


def test_one_month_is_not_called_months() -> None:
    assert "of 1 whole month," in worked("dso_countback", {"open": 5, "months": 1, "rest": 0})
    assert "of 2 whole months," in worked("dso_countback", {"open": 5, "months": 2, "rest": 0})
