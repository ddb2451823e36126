"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

Json = JSON().with_variant(JSONB(), "postgresql")

SCALE = 10_000
"""Money is kept in ten-thousandths, whole: enough for every currency, and exact on both databases."""


class Money(TypeDecorator[Decimal]):
    """A ``Decimal`` amount, stored as a whole number of ten-thousandths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = value * SCALE
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"{value} has more than four decimal places")
        return whole

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else money(value)


def money(stored: int) -> Decimal:
    """The amount that a stored number of ten-thousandths means, with two decimals (more only where they are used)."""
    if stored % 100:
        return Decimal(stored).scaleb(-4)
    return Decimal(stored // 100).scaleb(-2)


_CODE = re.compile(r"((?:/|%2f)a(?:/|%2f))[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])", re.IGNORECASE)
"""The code in a link to a customer's page, wrapped by a scanner of mails or not."""


class Said(TypeDecorator[str]):
    """What was written to a customer or by one, without the codes of links to its page.

    Whoever may read a message must not be able to answer in the customer's name by it, nor whoever reads the database.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _CODE.sub(r"\1…", value)


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept and given back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ClockTime(TypeDecorator[time]):
    """A time of day as ``HH:MM``."""

    impl = String(5)
    cache_ok = True

    def process_bind_param(self, value: time | None, dialect: Dialect) -> str | None:
        return None if value is None else value.strftime("%H:%M")

    def process_result_value(self, value: str | None, dialect: Dialect) -> time | None:
        return None if value is None else time.fromisoformat(value)
