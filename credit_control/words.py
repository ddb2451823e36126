"""Values that turn into English only when somebody reads them: days, money, counts.

A ``Reason`` carries these beside its pattern, so that deciding a million invoices builds no text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_DECIMALS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Currencies (ISO 4217) whose smallest unit is not a hundredth."""


def decimals(currency: str) -> int:
    """How many decimals amounts of a currency (ISO 4217) have; 2 for one that is not known otherwise."""
    return _DECIMALS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Day:
    """Reads as ``14 November 2026``; never in the words of the machine's locale."""

    value: date

    def __str__(self) -> str:
        return f"{self.value.day} {_MONTHS[self.value.month - 1]} {self.value.year}"


@dataclass(frozen=True, slots=True)
class Weekday:
    """Reads as ``Saturday 14 November 2026``."""

    value: date

    def __str__(self) -> str:
        return f"{_WEEKDAYS[self.value.weekday()]} {Day(self.value)}"


@dataclass(frozen=True, slots=True)
class DayOff:
    """Reads as ``Friday 25 December 2026 (Christmas Day)``; without a name, as a weekday does."""

    value: date
    name: str | None

    def __str__(self) -> str:
        return f"{Weekday(self.value)} ({self.name})" if self.name else str(Weekday(self.value))


@dataclass(frozen=True, slots=True)
class Hour:
    """Reads as ``10:17``, by the clocks of a zone (an IANA name)."""

    value: datetime
    zone: str

    def __str__(self) -> str:
        return f"{self.value.astimezone(ZoneInfo(self.zone)):%H:%M}"


@dataclass(frozen=True, slots=True)
class Money:
    """Reads as ``GBP 1,234.50``, with as many decimals as the currency has."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:,.{decimals(self.currency)}f}"


@dataclass(frozen=True, slots=True)
class Count:
    """Reads as ``1 day`` or ``4 days``."""

    number: int
    noun: str

    def __str__(self) -> str:
        return f"{self.number} {self.noun}" if self.number == 1 else f"{self.number} {self.noun}s"
