"""A comparison of two schedules as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from zoneinfo import ZoneInfo

from credit_control.effect.shares import Interval, Share
from kit.spreadsheet import Cell, Table
from services.effect.comparing_figures import Compared
from services.effect.tables import rounded
from store.queries.comparing import Listed

_EACH = ("customers", "invoices", "paid", "value", "low", "high")


def figures(found: Compared) -> Table:
    """Each measure of both parts, and the difference B − A. Shares lie between 0 and 1, the rest are days."""
    heading = ["measure", "within_days", *(f"{name}_{part}" for part in ("a", "b") for name in _EACH)]
    heading += ["difference", "difference_low", "difference_high"]
    rows: list[list[Cell]] = [
        ["paid_in_time", one.within, *_share(one.a), *_share(one.b), *_bounds(one.difference)]
        for one in found.outcome.paid
    ]
    late = found.outcome.late
    of_a: list[Cell] = [late.customers_a, late.invoices_a, None, rounded(late.a), None, None]
    of_b: list[Cell] = [late.customers_b, late.invoices_b, None, rounded(late.b), None, None]
    rows.append(["days_late", late.within, *of_a, *of_b, *_bounds(late.difference)])
    return Table("figures", heading, rows)


def customers(listed: Sequence[Listed], zone: ZoneInfo) -> Table:
    """Everybody who was drawn or left out; days by the organisation's calendar."""
    rows: list[list[Cell]] = [
        [
            one.name,
            one.part or "",
            one.left_out or "",
            one.moved_at.astimezone(zone).date() if one.moved_at else None,
            one.contact_id,
        ]
        for one in listed
    ]
    return Table("customers", ("customer", "part", "left_out", "moved_on", "contact_id"), rows)


def _share(one: Share) -> list[Cell]:
    value = Fraction(one.hits, one.invoices) if one.invoices else None
    low, high = (one.interval.low, one.interval.high) if one.interval else (None, None)
    return [one.customers, one.invoices, one.hits, rounded(value), rounded(low), rounded(high)]


def _bounds(gap: Interval | None) -> list[Cell]:
    return [rounded(one) for one in ((gap.value, gap.low, gap.high) if gap else (None, None, None))]
