"""What was done, what did not leave, and what changed since, as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from credit_control.effect.before_after import Compared
from credit_control.effect.not_sent import Why
from credit_control.effect.shares import Change, Share
from credit_control.figures.figure import round_half_up
from kit.spreadsheet import Cell, Table
from services.effect.comparison import OfSchedule
from services.effect.impact import Impact

PLACES = 4


def work(found: Impact) -> Table:
    """Each month by kind of work, with the minutes that are assumed for one and for all."""
    rows = [
        [month.period.first, month.period.last, one.deed.value, one.count, one.each, one.minutes]
        for month in found.months
        for one in month.work
    ]
    return Table("work", ("from", "to", "kind", "count", "minutes_each", "minutes"), rows)


def not_sent(found: Impact) -> Table:
    """Each month with its reminders that did not leave, by why."""
    rows: list[list[Cell]] = [
        [month.period.first, month.period.last, *(month.blocked.get(one, 0) for one in Why)]
        for month in found.months
    ]
    return Table("not_sent", ("from", "to", *(one.value for one in Why)), rows)


def before_after(everybody: Compared, by_schedule: Sequence[OfSchedule], window: int) -> Table:
    """Each measure before and after, for all customers together and for each schedule."""
    heading = (
        "schedule", "measure", "within_days", "customers", "invoices_before", "invoices_after", "before", "after",
        "difference", "difference_low", "difference_high",
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for name, one in (("", everybody), *((each.name, each.compared) for each in by_schedule)):
        for measure in ("paid_in_window", "days_late", "days_to_pay"):
            found: Change = getattr(one, measure)
            gap = found.difference
            bounds = (gap.value, gap.low, gap.high) if gap else (None, None, None)
            counted = one.customers, one.invoices_before, one.invoices_after
            made = (found.before, found.after, *bounds)
            rows.append([name, measure, window, *counted, *(rounded(each) for each in made)])
    return Table("before_after", heading, rows)


def steps(by_schedule: Sequence[OfSchedule]) -> Table:
    """Each step with its shares and what they are made of."""
    shares = ("soon", "later", "before_next")
    heading = ["schedule", "step", "reached", "paid_already", "still_open"]
    heading += [
        f"{name}_{part}" for name in shares for part in ("paid", "of", "customers", "share", "low", "high")
    ]
    rows: list[list[Cell]] = []
    for schedule in by_schedule:
        for step in schedule.steps:
            row: list[Cell] = [
                schedule.name, step.name, step.after.reached, step.after.paid_already, step.after.still_open,
            ]  # fmt: skip
            for name in shares:
                one: Share = getattr(step.after, name)
                value = Fraction(one.hits, one.invoices) if one.invoices else None
                row += [one.hits, one.invoices, one.customers, rounded(value)]
                row += (
                    [rounded(one.interval.low), rounded(one.interval.high)] if one.interval else [None, None]
                )
            rows.append(row)
    return Table("steps", heading, rows)


def rounded(value: Fraction | None) -> Decimal | None:
    """As spreadsheets get it: to four decimals, half up."""
    return None if value is None else round_half_up(value, PLACES)
