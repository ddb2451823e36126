"""Reading what a client sends: `{"Invoices": [...]}` or one bare element, and dates in either form."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from flask import request

from sandbox.accounting.errors import bad_request, invalid
from sandbox.accounting.wire import EPOCH, Json

_MS_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


def elements(name: str) -> list[Json]:
    """The elements sent under `name`; raises the ledger's 400 for anything else."""
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise bad_request("The request body is not valid JSON.")
    items: Any = body.get(name, [body])
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise bad_request(f"The request body must hold a list of {name}.")
    return items


def day_of(value: Any, name: str) -> date:
    """A calendar day from "/Date(ms)/" (its UTC day) or ISO text."""
    text = str(value)
    match = _MS_DATE.fullmatch(text)
    try:
        if match:
            return (EPOCH + timedelta(milliseconds=int(match.group(1)))).date()
        return date.fromisoformat(text.removesuffix("Z")[:10])
    except (ValueError, OverflowError):
        raise invalid(f"{name} '{text}' is not a valid date.") from None
