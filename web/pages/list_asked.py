"""What a page of a list was asked for: by what it is narrowed, and which columns it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import abort, request
from sqlalchemy.orm import Session

from credit_control.ageing import BUCKETS
from kit.wording import N_, _
from services.credit.risk_table import names_of, table_of
from store.models import Organisation, Person
from store.queries import invoice_grid, receivables, schedules, senders
from store.queries.receivables import Filter, Mark

NO_SUCH = N_("This list does not exist; choose one of those on the page.")
MARKS = {
    Mark.HELD: "On hold",
    Mark.DISPUTED: "In dispute",
    Mark.PROMISED: "Promised",
    Mark.NEVER_CHASED: "Never chased",
    Mark.ON_STOP: "On stop",
    Mark.ON_WATCH: "On watch",
    Mark.NO_EMAIL: "Without e-mail",
}
LONGEST_SEARCH = 100
_LAST_PAGE = 100_000

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list can be narrowed by, here and now."""

    colleagues: Sequence[Person]
    schedules: Sequence[tuple[str, str]]
    tags: Sequence[str]
    currencies: Sequence[str]
    marks: Mapping[Mark, str]
    risks: Mapping[str, str]
    """The categories of risk by their key, the best first, and last those who are in none."""
    buckets: Sequence[str] = BUCKETS


def choices(session: Session, organisation_id: str) -> Choices:
    """The colleagues, schedules, tags, currencies and categories of risk that there are."""
    return Choices(
        senders.colleagues(session, organisation_id),
        schedules.names(session, organisation_id),
        receivables.tags(session, organisation_id),
        invoice_grid.currencies(session, organisation_id),
        MARKS,
        names_of(table_of(session.get_one(Organisation, organisation_id))),
    )


def narrowed(args: Any = None) -> Filter:
    """By what the list is narrowed. What is gone meanwhile simply fits nobody."""
    args = request.args if args is None else args
    marks = {one for one in args.getlist("mark") if one}
    bucket = args.get("bucket", "")
    if not marks <= set(Mark) or bucket not in ("", *BUCKETS):
        abort(400, _(NO_SUCH))
    return Filter(
        owner=args.get("owner", "")[:32],
        schedule=args.get("schedule", "")[:32],
        tag=args.get("tag", "").strip().casefold()[:60],
        marks=frozenset(Mark(one) for one in marks),
        bucket=bucket,
        currency=args.get("currency", "").strip()[:3],
        risk=args.get("risk", "")[:40],
    )


def filter_link(narrow: Filter) -> dict[str, Any]:
    """The same as values of a link."""
    return {
        "owner": narrow.owner or None,
        "schedule": narrow.schedule or None,
        "tag": narrow.tag or None,
        "mark": sorted(narrow.marks) or None,
        "bucket": narrow.bucket or None,
        "currency": narrow.currency or None,
        "risk": narrow.risk or None,
    }


def columns(known: Sequence[str], usual: Sequence[str], args: Any = None) -> list[str]:
    """The columns that were chosen, in the order of the page; the usual ones where none was."""
    chosen = set((request.args if args is None else args).getlist("col")) & set(known)
    return [one for one in known if one in (chosen or usual)]


def word(name: str, kind: type[Word], args: Any = None) -> Word | None:
    """One of the words of a list; 400 for another."""
    found = (request.args if args is None else args).get(name, "")
    try:
        return kind(found) if found else None
    except ValueError:
        abort(400, _(NO_SUCH))


def searched(args: Any = None) -> str:
    """What was typed to search the list."""
    text: str = (request.args if args is None else args).get("q", "")
    return text.strip()[:LONGEST_SEARCH]


def page_number() -> int:
    """The page of the list, counted from 1; 400 for one that cannot be."""
    found = request.args.get("page", "1")
    if not (found.isascii() and found.isdigit() and 0 < int(found) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(found)
