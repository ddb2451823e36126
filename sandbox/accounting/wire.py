"""How the ledger writes values into JSON: dates, instants, money, and the envelope around every answer."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

EPOCH_DAY = date(1970, 1, 1).toordinal()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PROVIDER = "Sandbox app"
MILLISECOND = timedelta(milliseconds=1)

Json = dict[str, Any]


def ms_date(day: date) -> str:
    """A calendar day as "/Date(ms+0000)/": its midnight in UTC."""
    return f"/Date({(day.toordinal() - EPOCH_DAY) * 86_400_000}+0000)/"


def ms_instant(moment: datetime) -> str:
    """An instant as "/Date(ms+0000)/"."""
    return f"/Date({(moment - EPOCH) // MILLISECOND}+0000)/"


def day_text(day: date) -> str:
    """The `…String` twin of a day: ISO, midnight, no zone."""
    return f"{day.isoformat()}T00:00:00"


def instant_text(moment: datetime) -> str:
    """The `…String` twin of an instant: ISO to the second, with Z."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def money(amount: Decimal) -> float:
    """An amount as the JSON number the ledger sends; exact for two decimals below ten trillion."""
    return float(amount)


def dated(name: str, day: date | None) -> Json:
    """`name` and `nameString` for a day; nothing at all when there is none, as nulls are left out."""
    return {} if day is None else {f"{name}String": day_text(day), name: ms_date(day)}


def updated(moment: datetime) -> Json:
    """Both forms of UpdatedDateUTC."""
    return {"UpdatedDateUTC": ms_instant(moment), "UpdatedDateUTCString": instant_text(moment)}


def envelope(name: str, items: list[Json], now: datetime, pagination: Json | None = None) -> Json:
    """The answer around a list of items called `name`."""
    head: Json = {
        "Id": str(uuid.uuid4()),
        "Status": "OK",
        "ProviderName": PROVIDER,
        "DateTimeUTC": f"/Date({(now - EPOCH) // MILLISECOND})/",
    }
    if pagination is not None:
        head["pagination"] = pagination
    return {**head, name: items}
