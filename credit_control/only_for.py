"""For which invoices a step is meant: a customer's first, those from an amount, or both kinds.

Amounts are compared in the invoice's own currency. Nothing is converted, because a rate that nobody chose would decide
who is written to: where no amount is set for a currency, no invoice in it is large enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_control.words import Money

LARGEST = Decimal(10) ** 12
MOST_CURRENCIES = 30


@dataclass(frozen=True, slots=True)
class OnlyFor:
    """A step is meant for an invoice where one of these holds."""

    first_invoice: bool = False
    """It was issued on the day of the customer's first invoice."""
    at_least: tuple[tuple[str, Decimal], ...] = ()
    """So much is asked for of it, by currency (ISO 4217), each once."""

    def meets(
        self, issued_on: date, currency: str, asked_for: Decimal, first_invoiced_on: date | None
    ) -> bool:
        """Whether an invoice is one of them; ``first_invoiced_on`` None: not known, so it is not taken for the first."""
        if self.first_invoice and first_invoiced_on is not None and issued_on <= first_invoiced_on:
            return True
        least = self._least(currency)
        return least is not None and asked_for >= least

    def missed_by(self, currency: str) -> str:
        """Why an invoice in this currency is none of them, in words that follow “left out:”."""
        words = ["not the customer’s first invoice"] if self.first_invoice else []
        if self.at_least:
            least = self._least(currency)
            words.append(
                f"no amount is set for {currency}" if least is None else f"below {Money(least, currency)}"
            )
        return " and ".join(words)

    @property
    def words(self) -> str:
        """Which invoices they are: “a customer’s first invoice, or from GBP 1,000.00”."""
        amounts = [str(Money(least, currency)) for currency, least in self.at_least]
        parts = ["a customer’s first invoice"] if self.first_invoice else []
        if amounts:
            parts.append(("" if parts else "invoices ") + "from " + " or ".join(amounts))
        return ", or ".join(parts)

    def _least(self, currency: str) -> Decimal | None:
        return next((least for code, least in self.at_least if code == currency), None)


def only_for(first_invoice: bool, at_least: Iterable[tuple[str, Decimal]]) -> OnlyFor | None:
    """What was asked for, with the currencies in their order; None: nothing was, so the step is for every invoice."""
    amounts = tuple(sorted(at_least))
    return OnlyFor(first_invoice, amounts) if first_invoice or amounts else None


def check(limit: OnlyFor) -> None:
    """``ValueError`` with what is wrong, in words that follow the name of the step."""
    currencies = [currency for currency, _ in limit.at_least]
    if len(set(currencies)) < len(currencies):
        raise ValueError("is limited by two amounts in one currency; give one for each.")
    if len(currencies) > MOST_CURRENCIES:
        raise ValueError(f"is limited by more than {MOST_CURRENCIES} amounts; leave some out.")
    if any(not 0 < least < LARGEST for _, least in limit.at_least):
        raise ValueError("is limited by an amount that cannot be; give one above nothing.")
