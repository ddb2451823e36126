"""What requests for figures may carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, field

from services.figures.kpis import MOST_DAYS
from services.figures.reminders import USUAL_DAYS
from web.api.asked import Asked
from web.api.fields import check_day

_On = Annotated[date | None, Meta(description="As of the end of this day; without it, now.")]


class AgeingReport(Asked, frozen=True, kw_only=True):
    """``by`` days overdue, or the calendar months in which amounts were due."""

    on: _On = None
    by: Literal["days", "months"] = "days"

    def __post_init__(self) -> None:
        check_day("on", self.on)


class Kpis(Asked, frozen=True, kw_only=True):
    on: _On = None
    days: Annotated[
        int, Meta(ge=1, le=MOST_DAYS, description="How many days up to that day the ratios are about.")
    ] = USUAL_DAYS

    def __post_init__(self) -> None:
        check_day("on", self.on)


class DoesItWork(Asked, frozen=True, kw_only=True):
    """``within``: how many days after the due date invoices are watched."""

    within: Literal[30, 60, 90] = 30


class Impact(Asked, frozen=True, kw_only=True):
    """Both days are counted. Without ``from``: the twelve calendar months up to ``to``, which without it is today."""

    from_day: date | None = field(name="from", default=None)
    to: date | None = None

    def __post_init__(self) -> None:
        check_day("from", self.from_day)
        check_day("to", self.to)
        if self.from_day and self.to and self.from_day > self.to:
            raise ValueError("from must not be later than to")
