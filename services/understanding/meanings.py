"""What a reply can mean, and what was read out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Meaning(StrEnum):
    """What a debtor's mail says, as a credit controller would sort it."""

    PAID = "paid"
    WILL_PAY = "will_pay"
    QUESTION = "question"
    DISPUTE = "dispute"
    WRONG_PERSON = "wrong_person"
    NEEDS_COPY = "needs_copy"
    OTHER = "other"

    @property
    def in_words(self) -> str:
        """As it is said to people: ``a dispute``."""
        return _WORDS[self]


_WORDS = {
    Meaning.PAID: "word that it is paid",
    Meaning.WILL_PAY: "a promise to pay",
    Meaning.QUESTION: "a question",
    Meaning.DISPUTE: "a dispute",
    Meaning.WRONG_PERSON: "word that it is for somebody else",
    Meaning.NEEDS_COPY: "a wish for a copy or a number",
    Meaning.OTHER: "something else",
}


@dataclass(frozen=True, slots=True)
class Understood:
    """What a mail means, with the words that led there. Whatever is not said is None or empty."""

    meaning: Meaning
    sentence: str = ""
    """Verbatim, its spaces and line breaks made single spaces; empty for ``OTHER``."""
    rule: str = ""
    """Its name in words, and what else was said that it counts before."""
    on: date | None = None
    """On which day it will be paid, or was; None also where the words can be read in two ways."""
    amount: Decimal | None = None
    currency: str | None = None
    """ISO 4217; None where only a sign stands there that several currencies share."""
    reference: str | None = None
    """Of their payment."""
    person: str | None = None
    """To whom to write instead."""
    address: str | None = None
    numbers: tuple[str, ...] = ()
    """Which of the invoice numbers asked for stand in the sentence; if none, in the mail, where it says one thing alone."""
    language: str | None = None
    """ISO 639, by its words; None: no telling."""
    besides: tuple[Meaning, ...] = ()
    """What else is said of money owed, in sentences of its own: of other invoices, or of another part."""
