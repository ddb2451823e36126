"""The kinds of values that requests and answers are made of."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

MOST_ITEMS = 200

_ID = "^[0-9a-f]{32}$"
_LANGUAGE = "^[a-z]{2,3}$"
_LEDGER_ID = "^[^\\u0000]{1,64}$"
SENDER_OF_STEP = "^(owner|default|[0-9a-f]{32})$"
SAYS_SOMETHING = r"^\s*[^\s\u0000][^\u0000]*$"
"""Not blank, and without the one character that databases refuse."""
PLACE = r"^[A-Z]{2}(-[A-Za-z0-9À-ÿ ]{1,28})?$"
PLACE_OR_NONE = f"{PLACE}|^none$"
LEDGER_WORD = "^[A-Z_]{1,32}$"
IN_WORDS = {
    _ID: "an id of 32 hexadecimal digits",
    _LANGUAGE: "a language by its ISO 639 code, such as de",
    _LEDGER_ID: "an id of the ledger",
    PLACE_OR_NONE: "a country such as GB, a region such as GB-SCT, or none",
    PLACE: "a country such as GB, or a region such as GB-SCT",
    SENDER_OF_STEP: "owner, default or the id of a sender",
    SAYS_SOMETHING: "some text, and no NUL characters",
    LEDGER_WORD: "a word of the ledger in capitals, such as AUTHORISED",
}
"""What the patterns ask for."""

Id = Annotated[str, Meta(pattern=_ID, description="One of Dunnock's identifiers.")]
LedgerId = Annotated[
    str, Meta(pattern=_LEDGER_ID, description="The ledger's own identifier of the same thing.")
]
Language = Annotated[str, Meta(pattern=_LANGUAGE, description="ISO 639", examples=["de"])]
SetLanguage = Annotated[
    str,
    Meta(
        pattern=_LANGUAGE,
        description="In which it is written to, as a person set it; null: that of its country, or the organisation's.",
    ),
]
Money = Annotated[
    str,
    Meta(
        pattern=r"^-?\d+\.\d{2,4}$", description="An amount in the currency beside it.", examples=["1234.50"]
    ),
]
Currency = Annotated[str, Meta(description="ISO 4217", examples=["GBP"])]
Moment = Annotated[datetime, Meta(tz=True)]
DayText = Annotated[str, Meta(extra_json_schema={"format": "date"})]
MomentText = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]

ShortText = Annotated[str, Meta(max_length=100, pattern=SAYS_SOMETHING)]
Text = Annotated[str, Meta(max_length=1_000, pattern=SAYS_SOMETHING)]
LongText = Annotated[
    str,
    Meta(max_length=2_000, pattern=SAYS_SOMETHING, description="As much as a note in the ledger holds."),
]
Limit = Annotated[int, Meta(ge=1, le=MOST_ITEMS, description="The most items to answer.")]
Cursor = Annotated[
    str, Meta(max_length=300, description="``next_cursor`` of the page before; without it, the first page.")
]

_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


def money(amount: Decimal) -> str:
    """``1234.50``; more than two decimals only where they are used."""
    exponent = amount.as_tuple().exponent
    return f"{amount:f}" if isinstance(exponent, int) and exponent < -2 else f"{amount:.2f}"


def check_day(name: str, day: date | None) -> None:
    """``ValueError`` for a day that no ledger of ours knows, so that nothing has to count days at the world's end."""
    if day and not _FIRST_DAY <= day <= _LAST_DAY:
        raise ValueError(f"{name} must lie between {_FIRST_DAY} and {_LAST_DAY}")


KINDS = {
    "array": "a list",
    "bool": "true or false",
    "date": "a day like 2026-11-22",
    "datetime": "a moment like 2026-11-22T09:30:00Z",
    "decimal": "an amount like 12.50",
    "float": "a number",
    "int": "a whole number",
    "null": "null",
    "object": "an object",
    "str": "text",
}
"""What JSON's and Python's kinds of values are to people."""
