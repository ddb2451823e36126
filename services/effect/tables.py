"""What was done, what did not leave, and what changed since, as tables for spreadsheets."""

from __future__ import annotations

from credit_control.effect.not_sent import Why
from kit.spreadsheet import Cell, Table
from services.effect.impact import Impact


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
