"""What must come before a claim in court: how long the debtor has, and what must be in the envelope.

England and Wales alone is known. Sources: the Pre-Action Protocol for Debt Claims (in force since 1 October 2017), and
the Practice Direction on Pre-Action Conduct, paragraph 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

PROTOCOL = "https://www.justice.gov.uk/courts/procedure-rules/civil/pdf/protocols/debt-pap.pdf"
"""Holds the official forms in its annexes."""

_COMPANY_DAYS, _INDIVIDUAL_DAYS = 14, 30
_NOT_ENGLAND = ("GB-SCT", "GB-NIR")


@dataclass(frozen=True, slots=True)
class Regime:
    """The rules for one letter: ``days`` from its date to the deadline, their source, and what must be enclosed.

    ``doubt`` says what the user must have checked; empty where the rules are known.
    """

    days: int
    source: str
    enclosures: tuple[str, ...] = ()
    doubt: str = ""

    def deadline(self, dated: date) -> date:
        """The last day to answer: calendar days from the date at the top of the letter."""
        return dated + timedelta(days=self.days)


def regime(*, individual: bool, place: str | None) -> Regime:
    """The rules for a debtor at a place (ISO 3166 country or region; None: not known); a sole trader is an individual."""
    days = _INDIVIDUAL_DAYS if individual else _COMPANY_DAYS
    if place is None or not place.startswith("GB") or place.startswith(_NOT_ENGLAND):
        return Regime(
            days,
            "no rule that Dunnock knows",
            doubt=(
                "The rules that Dunnock knows are those of England and Wales, and this customer is elsewhere:"
                " have the letter, its deadline and what must go with it checked by somebody who knows the law there."
            ),
        )
    if individual:
        return Regime(
            days,
            "Pre-Action Protocol for Debt Claims",
            (
                "the Information Sheet of Annex 1",
                "the Reply Form of Annex 1",
                "the Financial Statement of Annex 2",
                "an up-to-date statement of account, which is in the letter",
            ),
        )
    return Regime(
        days, "Practice Direction – Pre-Action Conduct, paragraph 6: 14 days in a straightforward case"
    )
