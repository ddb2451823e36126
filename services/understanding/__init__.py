"""What a reply seems to say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Meaning(StrEnum):
    """What a customer wants to say."""

    PAID = "paid"
    WILL_PAY = "will_pay"
    QUESTION = "question"
    DISPUTE = "dispute"
    WRONG_PERSON = "wrong_person"
    NEEDS_COPY = "needs_copy"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Understood:
    """What a reply seems to say, with the words that led there; nothing in it is more than a suggestion."""

    meaning: Meaning = Meaning.OTHER
    sentence: str = ""
    rule: str = ""
    on: date | None = None
    amount: Decimal | None = None
    currency: str | None = None
    reference: str | None = None
    person: str | None = None
    address: str | None = None
    numbers: tuple[str, ...] = ()
    language: str | None = None


def understand(
    text: str, *, today: date, numbers: Collection[str] = (), language: str | None = None
) -> Understood:
    """What the new part of a reply seems to say. Nothing is guessed: a person reads it."""
    return Understood(language=language)
