"""The rules that put contacts on a schedule by what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Trait(StrEnum):
    """What a rule can ask about a contact."""

    GROUP = "group"
    BALANCE = "balance"
    DAYS_OVERDUE = "days_overdue"
    COUNTRY = "country"
    CURRENCY = "currency"
    FIRST_INVOICE = "first_invoice"
    REFERENCE = "reference"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be so for a rule to hold.

    ``text`` is the group, country, currency, or the words looked for; for a balance the currency it is of.
    The bounds are money of that currency, or days: at least the one, and below the other.
    """

    trait: Trait
    text: str = ""
    at_least: Decimal | None = None
    below: Decimal | None = None
    words: str = ""
    """How it is said, where ``text`` is a code: the name of the country."""


@dataclass(frozen=True, slots=True)
class PlacingRule:
    """Puts the contacts that meet all conditions on a schedule, or (without one) keeps them from being chased."""

    id: str
    name: str
    conditions: tuple[Condition, ...]
    schedule_id: str | None
    reason: str = ""
    """Why such contacts are not chased, in the words of whoever made the rule."""
