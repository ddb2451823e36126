"""Reading what control requests send, and saying what is wrong with it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request


class ControlError(ValueError):
    """A control request that cannot be done; the text is the answer."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def not_known(what: str, name: str) -> ControlError:
    """404: there is no such thing in this sandbox."""
    return ControlError(f"There is no {what} {name} in this sandbox.", 404)


def body() -> dict[str, Any]:
    """The request's JSON object; an empty body is an empty object."""
    if not request.get_data():
        return {}
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        raise ControlError("The body must be a JSON object.")
    return found


def text(item: dict[str, Any], name: str, default: str | None = None) -> str:
    """A text field; without a default it must be there."""
    value = item.get(name, default)
    if not isinstance(value, str):
        raise ControlError(f"'{name}' is missing or not text.")
    return value


def day(item: dict[str, Any], name: str, default: date | None = None) -> date:
    """A date written YYYY-MM-DD; without a default it must be there."""
    value = item.get(name)
    if value is None and default is not None:
        return default
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ControlError(f"'{name}' must be a date like 2026-11-21, not {value!r}.") from None


def amount(item: dict[str, Any], name: str) -> Decimal | None:
    """An amount of money, better as text than as a JSON number; None when it is not given."""
    value = item.get(name)
    if value is None:
        return None
    try:
        return Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise ControlError(f"'{name}' must be an amount like \"120.50\", not {value!r}.") from None
