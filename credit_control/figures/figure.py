"""A figure with what it was made of, and how it is rounded: once, at the end, half up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

Input = Decimal | int | Fraction | date


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, both counted."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def eve(self) -> date:
        """The day before, at whose end the opening balance stands."""
        return self.first - timedelta(1)

    def holds(self, day: date | None) -> bool:
        """Whether the day is one of the period."""
        return day is not None and self.first <= day <= self.last


def days_up_to(last: date, days: int) -> Period:
    """So many days that end with ``last``. ``ValueError`` where that is less than one day, or before the calendar."""
    if days < 1:
        raise ValueError("A period has at least one day.")
    try:
        return Period(last - timedelta(days - 1), last)
    except OverflowError as error:
        raise ValueError("The period begins before the calendar does.") from error


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` in days or per cent, exactly; None: there is none, and ``unknown`` says why.

    ``formula`` is a text for people, ``inputs`` are its numbers by name, in the order in which they are used.
    """

    value: Fraction | None
    formula: str
    inputs: Mapping[str, Input] = field(default_factory=dict)
    unknown: str | None = None
    at_least: int | None = None
    """More than so many days, where history does not reach back any further."""
    period: Period | None = None
    """The days that it is about, where these are not those that were asked for."""

    def rounded(self, places: int) -> Decimal | None:
        """The value with so many decimals."""
        return None if self.value is None else round_half_up(self.value, places)


def round_half_up(value: Fraction, places: int) -> Decimal:
    """An exact ratio as a decimal number, halves away from nought."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    with localcontext(prec=max(28, len(str(whole)) + 1), rounding=ROUND_HALF_UP):
        return Decimal(-whole if value < 0 else whole).scaleb(-places)


def ratio(part: Decimal | int | Fraction, whole: Decimal | int | Fraction) -> Fraction:
    """An exact ratio of two numbers; ``whole`` must not be nought."""
    return Fraction(part) / Fraction(whole)
