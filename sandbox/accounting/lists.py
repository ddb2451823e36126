"""What all list endpoints share: If-Modified-Since, IDs, where, order and paging."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any, Generic, TypeVar

from flask import Request

from sandbox.accounting.errors import bad_query, bad_request
from sandbox.accounting.filters import Fields, compile_where, ordered
from sandbox.accounting.wire import Json
from sandbox.world import Collection, Dated, Organisation

T = TypeVar("T", bound=Dated)

DEFAULT_PAGE = 100
LARGEST_PAGE = 1000
TOO_MANY = 100_000
"""Rows beyond which an unpaged answer is refused."""


@dataclass(frozen=True)
class Resource(Generic[T]):
    """One kind of record that can be listed: its names, fields for `where`, and where it is kept."""

    name: str
    singular: str
    fields: Fields[T]
    records: Callable[[Organisation], Collection[T]]


@dataclass(frozen=True)
class Page(Generic[T]):
    """The records to show, and the pagination object when the list is paged."""

    records: list[T]
    pagination: Json | None

    @property
    def paged(self) -> bool:
        """Paged lists show more of every record."""
        return self.pagination is not None


def select(
    resource: Resource[T],
    org: Organisation,
    request: Request,
    *,
    keep: Callable[[T], bool] | None = None,
    source: Iterable[T] | None = None,
    force_paging: bool = False,
    by_hundreds: bool = False,
) -> Page[T]:
    """The records a list request asks for; `keep` and `source` narrow what is looked through first.

    `by_hundreds`: the list knows no `pageSize`.
    """
    args = request.args
    records: Iterable[T] = resource.records(org) if source is None else source
    if "IDs" in args:
        records = _by_ids(resource.records(org), ids_of(request, "IDs"))
    since = _since(request)
    if since is not None:
        records = (r for r in records if r.updated_utc >= since)
    if keep is not None:
        records = filter(keep, records)
    if args.get("where"):
        records = filter(compile_where(args["where"], resource.fields, resource.singular), records)
    if args.get("order"):
        records = ordered(records, args["order"], resource.fields, resource.singular)
    return _page(list(records), request, force_paging, by_hundreds)


def ids_of(request: Request, name: str) -> list[str]:
    """The comma-separated values of a parameter, in lower case; empty when it is missing."""
    return [part.strip().lower() for part in request.args.get(name, "").split(",") if part.strip()]


def flag_of(request: Request, name: str) -> bool:
    """A boolean parameter; the official client writes "True"."""
    return request.args.get(name, "").lower() == "true"


def _by_ids(records: Collection[T], ids: list[str]) -> list[T]:
    """The records with these ids in the default order; unknown ids are passed over."""
    found = {r.id: r for r in (records.get(record_id) for record_id in ids) if r is not None}
    return sorted(found.values(), key=lambda r: (r.updated_utc, r.id))


def _since(request: Request) -> datetime | None:
    """If-Modified-Since as an instant, to the second; ISO text or an HTTP date."""
    text = request.headers.get("If-Modified-Since")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            raise bad_request(f"If-Modified-Since '{text}' is not a date.") from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)


def _page(records: list[T], request: Request, force: bool, by_hundreds: bool) -> Page[T]:
    sized = "pageSize" in request.args and not by_hundreds
    if not (force or "page" in request.args or sized):
        if len(records) > TOO_MANY:
            raise bad_request("The answer would be too large; use paging.")
        return Page(records, None)
    page = max(1, _number(request.args.get("page"), 1))
    asked = _number(request.args.get("pageSize"), DEFAULT_PAGE) if sized else DEFAULT_PAGE
    size = min(LARGEST_PAGE, max(1, asked))
    first = (page - 1) * size
    pagination: dict[str, Any] = {
        "page": page,
        "pageSize": size,
        "pageCount": math.ceil(len(records) / size),
        "itemCount": len(records),
    }
    return Page(list(islice(records, first, first + size)), pagination)


def _number(text: str | None, default: int) -> int:
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise bad_query(f"'{text}' is not a whole number.") from None
