"""What the list of invoices was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import request

from kit.wording import N_, _
from store.queries.invoice_grid import How, Show, Sort, Wanted
from web.pages.list_asked import columns, filter_link, narrowed, page_number, searched, word

PER_PAGE = 50
_NO_DAY = N_("A day looks like 2026-11-23; without one the list is not narrowed by it.")
COLUMNS: Final = {
    "customer": "Customer",
    "due": "Due",
    "amount": "Amount due, total",
    "state": "State",
    "promised": "Promised",
    "last": "Last message",
    "next": "Next",
    "paid_by": "Paid by",
    "reference": "Reference",
}
USUAL: Final = tuple(one for one in COLUMNS if one != "reference")

_DAYS: Final = {
    "issued_from": "issued_since",
    "issued_to": "issued_until",
    "paid_from": "paid_since",
    "paid_to": "paid_until",
}
"""Days in the query string, and what they are of ``Wanted``."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What this request wants to see."""

    wanted: Wanted
    columns: list[str]
    page: int
    problem: str = ""

    def link(self, **other: Any) -> dict[str, Any]:
        """The values of a link to the same list, but for what is another; back on its first page unless that says so."""
        one = self.wanted
        same = {
            "show": one.show.value,
            "q": one.search or None,
            "how": one.how and one.how.value,
            "since": one.due_since and one.due_since.isoformat(),
            "until": one.due_until and one.due_until.isoformat(),
            **{name: day and day.isoformat() for name, day in _days_of(one).items()},
            "sort": one.sort.value if one.sort is not Sort.DUE else None,
            "back": "1" if one.backwards else None,
            "col": self.columns if tuple(self.columns) != USUAL else None,
            **filter_link(one.narrow),
            "currency": one.currency,
            "contact": one.contact_id,
        }
        return same | other

    def by(self, sort: str) -> dict[str, Any]:
        """A link that sorts by this column, the other way round where it does already."""
        again = self.wanted.sort.value == sort and not self.wanted.backwards
        return self.link(sort=sort, back="1" if again else None)


def _days_of(wanted: Wanted) -> dict[str, date | None]:
    return {name: getattr(wanted, field) for name, field in _DAYS.items()}


def wanted_invoices(args: Any = None) -> Wanted:
    """Which invoices a query string means; a day that is none narrows nothing."""
    args = request.args if args is None else args
    since, until = _day(args, "since"), _day(args, "until")
    days = {name: _day(args, name) for name in _DAYS}
    return Wanted(
        show=word("show", Show, args) or Show.OPEN,
        search=searched(args),
        currency=args.get("currency", "").strip()[:3] or None,
        how=word("how", How, args),
        due_since=since if isinstance(since, date) else None,
        due_until=until if isinstance(until, date) else None,
        **{field: day for name, field in _DAYS.items() if isinstance(day := days[name], date)},
        contact_id=args.get("contact", "").strip()[:32] or None,
        sort=word("sort", Sort, args) or Sort.DUE,
        backwards=bool(args.get("back")),
        narrow=narrowed(args),
    )


def asked_invoices() -> Asked:
    """What this request wants to see, and what of it cannot be."""
    wrong = "wrong" in [_day(request.args, name) for name in ("since", "until", *_DAYS)]
    return Asked(
        wanted_invoices(), columns(tuple(COLUMNS), USUAL), page_number(), _(_NO_DAY) if wrong else ""
    )


def _day(args: Any, name: str) -> date | str | None:
    typed = args.get(name, "").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        return "wrong"
