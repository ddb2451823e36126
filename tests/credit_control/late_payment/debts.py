"""Debts in few words, by the rules as they are shipped."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from credit_control.late_payment.claim import Claim
from credit_control.late_payment.claim import claim as worked_out
from credit_control.late_payment.facts import Choices, Debt, Payment
from credit_control.late_payment.law import RuleSet
from services.late_payment import rules_of

CURRENCIES = {"uk": "GBP", "us-federal": "USD", "contract": "USD"}


def rules(name: str) -> RuleSet:
    return rules_of(name)


def debt(amount: str, paid: str, due: str | None = None, currency: str = "GBP", **facts: Any) -> Debt:
    """A debt whose days are ISO dates; ``payments`` are pairs of day and amount."""
    payments = tuple(Payment(date.fromisoformat(on), Decimal(part)) for on, part in facts.pop("payments", ()))
    days = {name: date.fromisoformat(value) for name, value in facts.items() if isinstance(value, str)}
    return Debt(
        Decimal(amount),
        currency,
        date.fromisoformat(paid),
        date.fromisoformat(due) if due else None,
        payments,
        **(facts | days),
    )


def claim(
    name: str, amount: str, paid: str, due: str | None = None, choices: Choices | None = None, **facts: Any
) -> Claim:
    currency = facts.pop("currency", CURRENCIES.get(name, "EUR"))
    return worked_out(debt(amount, paid, due, currency, **facts), rules(name), choices)


def yearly(rate: str, **wishes: Any) -> Choices:
    return Choices(yearly_rate=Decimal(rate), **wishes)
