"""What may be claimed for a debt that was paid late: interest, compensation, and the working."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from credit_control.late_payment.accrual import (
    Line,
    by_compounding,
    by_days,
    by_whole_months,
    one_day,
    rounded,
)
from credit_control.late_payment.checks import check
from credit_control.late_payment.facts import Choices, Debt, Style
from credit_control.late_payment.law import Accrual, Band, RateChanges, RuleSet, Version, next_half_year
from credit_control.late_payment.rates import GIVEN, RateUsed, rates_over
from credit_control.late_payment.relevant_day import RelevantDay, contract_day, relevant_day
from credit_control.words import Count, Day, Money, decimals

_DAY = timedelta(days=1)
_NOTHING = Decimal(0)
_DAILY_DECIMALS = 4
_NOT_VERIFIED = "Not verified:"


@dataclass(frozen=True, slots=True)
class Claim:
    """The result. ``interest`` is the exact sum of the lines, rounded once.

    ``relevant_day`` was the last day to pay in time and ``start`` is the day after it. ``days`` counts
    from ``start`` to the day up to which interest runs; 0 if nothing was late. ``per_day`` is what one more
    day would add, to four decimals, where interest is by the day. ``compensation`` is None where the law
    has one that cannot be stated in the currency of the debt.
    """

    rules: RuleSet
    debt: Debt
    relevant_day: date
    start: date
    days: int
    rates: tuple[RateUsed, ...]
    lines: tuple[Line, ...]
    per_day: Decimal | None
    interest: Decimal
    compensation: Decimal | None
    notes: tuple[str, ...]

    @property
    def doubts(self) -> tuple[str, ...]:
        """What of the data is not verified, in words; to be said to whoever uses the claim."""
        return tuple(note for note in self.notes if note.startswith(_NOT_VERIFIED))

    @property
    def total(self) -> Decimal:
        """Interest and compensation; the debt itself is not in it."""
        return self.interest + (self.compensation or _NOTHING)


def claim(debt: Debt, rules: RuleSet, choices: Choices | None = None) -> Claim:
    """What may be claimed by these rules; ``LatePaymentError`` in one sentence where nothing can be said."""
    choices = choices or Choices()
    check(debt, rules, choices)
    version = rules.version_on(contract_day(debt))
    relevant = relevant_day(debt, rules, version)
    start = relevant.day + _DAY
    owed = debt.owed_after(relevant.day)
    if debt.paid_on < start or not owed:
        return _in_time(debt, rules, relevant)
    last = _last_day(debt, rules, start)
    rates = rates_over(start, last, rules, version, choices)
    lines = tuple(_lines(debt, rules, choices, rates, start))
    compensation, about_it = _compensation(version, rules, Money(owed, debt.currency), choices.fee)
    return Claim(
        rules,
        debt,
        relevant.day,
        start,
        days=(last - start).days + 1,
        rates=rates,
        lines=lines,
        per_day=_per_day(rules, choices, lines),
        interest=_interest(lines, debt.currency),
        compensation=compensation,
        notes=(*_notes(debt, rules, choices, rates, relevant, last), *about_it, *rules.notes),
    )


def _in_time(debt: Debt, rules: RuleSet, relevant: RelevantDay) -> Claim:
    notes = tuple(
        filter(
            None, (relevant.why, "It was paid in time, or is not late by then, so nothing may be claimed.")
        )
    )
    start = relevant.day + _DAY
    return Claim(
        rules,
        debt,
        relevant.day,
        start,
        days=0,
        rates=(),
        lines=(),
        per_day=None,
        interest=_NOTHING,
        compensation=_NOTHING,
        notes=notes,
    )


def _last_day(debt: Debt, rules: RuleSet, start: date) -> date:
    """The last day on which something was owed, or on which interest still runs by the law."""
    emptied = [paid.on for paid in debt.payments if not debt.owed_after(paid.on)]
    last = min([debt.paid_on, *emptied])
    return last if rules.longest_days is None else min(last, start + timedelta(days=rules.longest_days - 1))


def _lines(
    debt: Debt, rules: RuleSet, choices: Choices, rates: tuple[RateUsed, ...], start: date
) -> Iterator[Line]:
    if choices.whole_months:
        return by_whole_months(debt, rates[0], start)
    if rules.accrual is Accrual.COMPOUND:
        return by_compounding(debt, rates[0], start, rules.days_in_year)
    return by_days(debt, rates, start, rules.days_in_year, choices.style)


def _interest(lines: tuple[Line, ...], currency: str) -> Decimal:
    return rounded(sum((line.amount for line in lines), Fraction(0)), decimals(currency))


def _per_day(rules: RuleSet, choices: Choices, lines: tuple[Line, ...]) -> Decimal | None:
    if choices.whole_months or rules.accrual is Accrual.COMPOUND:
        return None
    line = lines[-1]
    return rounded(one_day(line.principal, line.percent, rules.days_in_year), _DAILY_DECIMALS)


def _compensation(
    version: Version, rules: RuleSet, owed: Money, fee: Decimal | None
) -> tuple[Decimal | None, tuple[str, ...]]:
    """The fixed sum by the size of the debt when interest began, and what is to be said of it."""
    if fee is not None:
        return fee, (f"The contract agrees a fixed sum of {replace(owed, amount=fee)} for a late invoice.",)
    if not version.compensation:
        return _NOTHING, ()
    if owed.currency != rules.currency:
        why = (
            f"The law's fixed compensation is a sum in {rules.currency} and the debt is in {owed.currency},"
            " so it is not in the total; add it by hand."
        )
        return None, (why,)
    fixed = _band(version.compensation, owed.amount).amount
    return fixed, (f"{owed} was owed when interest began: compensation of {replace(owed, amount=fixed)}.",)


def _band(bands: tuple[Band, ...], owed: Decimal) -> Band:
    return next(band for band in bands if band.below is None or owed < band.below)


def _notes(
    debt: Debt,
    rules: RuleSet,
    choices: Choices,
    rates: tuple[RateUsed, ...],
    relevant: RelevantDay,
    last: date,
) -> Iterator[str]:
    if relevant.why:
        yield relevant.why
    if rules.unverified:
        yield f"Not verified: {rules.unverified}"
    for rate in rates:
        if rate.unverified:
            since = rate.reference.since if rate.reference else rate.first  # once, for however many debts
            yield f"Not verified: the rate from {Day(since)} {rate.unverified}"
        elif rate.source == GIVEN and rules.table:
            yield f"The rate from {Day(rate.first)} was {GIVEN}."
    yield from _about_splitting(rules, choices, rates)
    if choices.style is Style.DAILY_ROUNDED:
        yield "Each day's interest was rounded before it was multiplied; the exact way is to round once."
    if rules.longest_days and (debt.paid_on - relevant.day).days > rules.longest_days:
        yield f"Interest runs for {Count(rules.longest_days, 'day')} at most, so up to {Day(last)}."


def _about_splitting(rules: RuleSet, choices: Choices, rates: tuple[RateUsed, ...]) -> Iterator[str]:
    by_law_fixed = rules.may_split and rules.rate_changes is RateChanges.NEVER
    if not by_law_fixed or choices.yearly_rate is not None:
        return
    if choices.split:
        yield "The rate was changed at each half-year, as some practitioners do; the text of the law fixes it."
    elif next_half_year(rates[0].first) <= rates[0].last:
        yield (
            "The rate of the first day holds for good, by the text of the law;"
            " some practitioners change it at each half-year."
        )
