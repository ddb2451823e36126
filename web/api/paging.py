"""Pages of lists: a cursor is the sort key of the last item shown, so a walk misses nothing and repeats nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from flask import abort
from msgspec import DecodeError, Meta
from msgspec.json import Decoder, encode

from web.api.asked import Listing
from web.api.fields import Id, Moment

Points = Annotated[str, Meta(pattern=r"^[0-9]{1,15}\.[0-9]{2}$")]
Key = TypeVar("Key")
Row = TypeVar("Row")

_BY_ID: Decoder[tuple[str]] = Decoder(tuple[Id])
_BY_CONTACT: Decoder[tuple[str, str]] = Decoder(tuple[Id, Id])
_BY_TASK: Decoder[tuple[str, str]] = Decoder(tuple[Id, str])
_BY_POINTS: Decoder[tuple[str, str]] = Decoder(tuple[Points, Id])
_BY_DUE: Decoder[tuple[date, str]] = Decoder(tuple[date, Id])
_BY_TIME: Decoder[tuple[datetime, str]] = Decoder(tuple[Moment, Id])
FOREIGN = "This cursor is none of this list: take next_cursor from the page before, as it is."


def after_id(listing: Listing) -> tuple[str] | None:
    """The id behind which the page begins; None for the first page. 400 when the cursor is not ours."""
    return _decoded(listing.cursor, _BY_ID)


def after_contact(listing: Listing) -> tuple[str, str] | None:
    """The contact and id behind which the page begins, as ``after_id``."""
    return _decoded(listing.cursor, _BY_CONTACT)


def after_task(listing: Listing) -> tuple[str, str] | None:
    """The contact and kind of task behind which the page begins, as ``after_id``."""
    return _decoded(listing.cursor, _BY_TASK)


def after_call(listing: Listing) -> tuple[Decimal, str] | None:
    """The place on the worklist of calls behind which the page begins, as ``after_id``."""
    found = _decoded(listing.cursor, _BY_POINTS)
    return (-Decimal(found[0]), found[1]) if found else None


def after_due(listing: Listing) -> tuple[date, str] | None:
    """The day and id behind which the page begins, as ``after_id``."""
    return _decoded(listing.cursor, _BY_DUE)


def after_time(listing: Listing) -> tuple[datetime, str] | None:
    """The moment and id behind which the page begins, as ``after_id``."""
    return _decoded(listing.cursor, _BY_TIME)


def _decoded(cursor: str | None, decoder: Decoder[Key]) -> Key | None:
    if cursor is None:
        return None
    try:
        return decoder.decode(base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, DecodeError):
        abort(400, FOREIGN)


def cut(
    rows: Sequence[Row],
    listing: Listing,
    key: Callable[[Row], tuple[str] | tuple[str, str] | tuple[datetime, str]],
) -> tuple[Sequence[Row], str | None]:
    """The rows of the page and the cursor of the next one, from one row more than fits if there is one."""
    shown = rows[: listing.limit]
    if len(rows) <= listing.limit:
        return shown, None
    return shown, base64.urlsafe_b64encode(encode(key(shown[-1]))).decode("ascii")
