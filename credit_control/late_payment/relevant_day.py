"""The last day on which the debt could be paid in time, by the law: interest runs from the day after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from credit_control.late_payment.facts import Debt, LatePaymentError
from credit_control.late_payment.law import RuleSet, TermLimit, Version
from credit_control.words import Count, Day


@dataclass(frozen=True, slots=True)
class RelevantDay:
    """The day, and in words why it is not simply the agreed one (else empty)."""

    day: date
    why: str = ""


def contract_day(debt: Debt) -> date:
    """The day by which the version of the law is chosen: of the contract, else as early as is known."""
    begins = _period_begins(debt)
    known = [day for day in (debt.contract_on, begins, debt.due_on) if day]
    return known[0] if known else debt.paid_on


def relevant_day(debt: Debt, rules: RuleSet, version: Version) -> RelevantDay:
    """When the debt had to be paid; ``LatePaymentError`` when nothing is known that says so."""
    begins = _period_begins(debt)
    due_on = debt.due_on or _due_by_terms(debt)
    if due_on is None:
        return _without_agreement(begins, rules)
    if rules.waits_for_performance and debt.performed_on and debt.performed_on > due_on:
        why = f"An advance payment counts as due when goods or services came, on {Day(debt.performed_on)}."
        return RelevantDay(debt.performed_on, why)
    limit = version.public_authority if debt.public_authority else version.business
    longest = _longest_term(debt, limit)
    if longest is None or begins is None:
        return RelevantDay(due_on)
    last = _last_of(begins, longest, rules)
    too_long = due_on > last if debt.terms_days is None else debt.terms_days > longest
    if not too_long:
        return RelevantDay(due_on)
    whom = "a public authority" if debt.public_authority else "a business"
    return RelevantDay(
        last,
        f"The agreed day, {Day(due_on)}, is later than the {Count(longest, 'day')} that {whom} may be given,"
        f" counted from {Day(begins)}; {Day(last)} stands in its place.",
    )


def _period_begins(debt: Debt) -> date | None:
    """When goods or services and the invoice were both there, as far as is known."""
    known = [day for day in (debt.received_on, debt.performed_on) if day]
    if known:
        return max(known)
    if debt.due_on and debt.terms_days is not None:
        return debt.due_on - timedelta(days=debt.terms_days)
    return None


def _due_by_terms(debt: Debt) -> date | None:
    begins = _period_begins(debt)
    if begins is None or debt.terms_days is None:
        return None
    return begins + timedelta(days=debt.terms_days)


def _without_agreement(begins: date | None, rules: RuleSet) -> RelevantDay:
    if rules.days_without_agreement is None:
        raise LatePaymentError("Interest by contract needs the agreed payment day: give the due date.")
    if begins is None:
        raise LatePaymentError(
            "Nothing says when the debt had to be paid: give the due date,"
            " or the day on which the invoice was received."
        )
    last = _last_of(begins, rules.days_without_agreement, rules)
    return RelevantDay(
        last,
        f"No payment day was agreed, so the law gives {Count(rules.days_without_agreement, 'day')} counted from"
        f" {Day(begins)}, up to {Day(last)}.",
    )


def _longest_term(debt: Debt, limit: TermLimit | None) -> int | None:
    if limit is None:
        return None
    return limit.if_fair if debt.longer_term_fair else limit.days


def _last_of(begins: date, days: int, rules: RuleSet) -> date:
    return begins + timedelta(days=days - rules.first_day_counts)
