"""Rule sets and rates from the text of their TOML files, with one sentence about what is wrong in one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from credit_control.late_payment.facts import LatePaymentError
from credit_control.late_payment.law import (
    Accrual,
    Band,
    RateChanges,
    RateTable,
    ReferenceRate,
    RuleSet,
    TermLimit,
    Version,
    half_year,
)


def rate_table(text: str, file: str) -> RateTable:
    """The rates of one bank. Every row needs ``from`` (1 January or 1 July), ``rate`` and ``source``."""
    table = _parsed(text, file)
    if "name" not in table or "rates" not in table:
        raise LatePaymentError(f"{file} is no table of rates: it needs a name and rates.")
    rows = tuple(_reference(row, file) for row in table["rates"])
    days = [row.since for row in rows]
    if days != sorted(set(days)):
        raise LatePaymentError(f"{file} has rates out of order or twice: one row a half-year, oldest first.")
    return RateTable(table["name"], file, rows)


def rule_set(text: str, file: str, rule_id: str, tables: Mapping[str, RateTable]) -> RuleSet:
    """The law of one file; ``tables`` are the rates it may name."""
    law = _parsed(text, file)
    try:
        return RuleSet(
            id=rule_id,
            title=law["title"],
            currency=law.get("currency"),
            accrual=Accrual(law["accrual"]),
            days_in_year=law["days_in_year"],
            rate_changes=RateChanges(law["rate_changes"]),
            may_split=law.get("may_split", False),
            days_without_agreement=law.get("days_without_agreement"),
            first_day_counts=law.get("first_day_counts", False),
            waits_for_performance=law.get("waits_for_performance", False),
            longest_days=law.get("longest_days"),
            table=tables[law["rates"]] if "rates" in law else None,
            versions=tuple(_version(row) for row in law["versions"]),
            notes=tuple(law.get("notes", ())),
            unverified=law.get("unverified", ""),
        )
    except (KeyError, ValueError) as error:
        raise LatePaymentError(
            f"{file} is no rule set: what it says of {error} is missing or wrong."
        ) from error


def _parsed(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise LatePaymentError(f"{file} cannot be read: {error}.") from error


def _reference(row: dict[str, Any], file: str) -> ReferenceRate:
    since, source = row.get("from"), row.get("source")
    if not isinstance(since, date) or since != half_year(since):
        raise LatePaymentError(f"{file} has a rate from {since}: rates begin on a 1 January or 1 July.")
    if not isinstance(row.get("rate"), Decimal | int) or not source:
        raise LatePaymentError(f"{file} needs a rate and its source for the half-year from {since}.")
    return ReferenceRate(since, Decimal(row["rate"]), source, row.get("unverified", ""))


def _version(row: dict[str, Any]) -> Version:
    return Version(
        since=row["from"],
        source=row["source"],
        margin=Decimal(row.get("margin", 0)),
        business=_limit(row.get("business")),
        public_authority=_limit(row.get("public_authority")),
        compensation=tuple(
            Band(Decimal(band["below"]) if "below" in band else None, Decimal(band["amount"]))
            for band in row.get("compensation", ())
        ),
    )


def _limit(row: dict[str, int] | None) -> TermLimit | None:
    return None if row is None else TermLimit(row["days"], row.get("days_if_fair"))
