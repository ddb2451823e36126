"""Values that a person types on the command line, read strictly: what is wrong is said in one sentence."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import click

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,20})?", re.ASCII)


class Day(click.ParamType[date]):
    """A calendar day, ``2026-03-31``."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            if _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise click.BadParameter(f"'{value}' is no date: write it as 2026-03-31.", ctx, param)


class Number(click.ParamType[Decimal]):
    """An exact decimal number, ``1234.50``."""

    name = "NUMBER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        if isinstance(value, Decimal):
            return value
        if not _NUMBER.fullmatch(value):
            raise click.BadParameter(
                f"'{value}' is no number: write it as 1234.50, without commas or signs.", ctx, param
            )
        return Decimal(value)


class Dated(click.ParamType[tuple[date, Decimal]]):
    """A number and its day, ``2026-02-20:2000``."""

    name = "YYYY-MM-DD:NUMBER"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[date, Decimal]:
        if isinstance(value, tuple):
            return value
        day, colon, number = value.partition(":")
        if not colon:
            raise click.BadParameter(
                f"'{value}' needs a date and a number, such as 2026-02-20:2000.", ctx, param
            )
        return DAY.convert(day, param, ctx), NUMBER.convert(number, param, ctx)


DAY = Day()
NUMBER = Number()
DATED = Dated()
