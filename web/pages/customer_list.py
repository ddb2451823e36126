"""What the list of customers was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import request

from store.queries.customers import Show, Sort, Wanted
from web.pages.list_asked import columns, filter_link, narrowed, page_number, searched, word

PER_PAGE = 50
COLUMNS: Final = {
    "owed": "Owed",
    "overdue": "Overdue",
    "oldest": "Oldest due",
    "next": "Next",
    "owner": "Looked after by",
    "tags": "Tags",
    "risk": "Risk",
    "last": "Last message",
    "phone": "Telephone",
    "country": "Country",
}
USUAL: Final = ("owed", "overdue", "oldest", "next", "tags")
_SORTS: Final = {
    "customer": Sort.NAME,
    "owed": Sort.OWED,
    "overdue": Sort.OVERDUE,
    "oldest": Sort.OLDEST,
    "last": Sort.CHASED,
}


@dataclass(frozen=True, slots=True)
class AskedCustomers:
    """What this request wants to see."""

    wanted: Wanted
    columns: list[str]
    page: int

    def link(self, **other: Any) -> dict[str, Any]:
        """The values of a link to the same list, but for what is another; on its first page unless that says so."""
        one = self.wanted
        same = {
            "show": one.show.value,
            "q": one.search or None,
            "sort": one.sort.value if one.sort is not Sort.OLDEST else None,
            "back": "1" if one.backwards else None,
            "col": self.columns if tuple(self.columns) != USUAL else None,
            **filter_link(one.narrow),
        }
        return same | other

    def by(self, column: str) -> dict[str, Any] | None:
        """A link that sorts by this column, the other way round where it does already; None: it sorts by none."""
        sort = _SORTS.get(column)
        if sort is None:
            return None
        again = self.wanted.sort is sort and not self.wanted.backwards
        return self.link(sort=sort.value, back="1" if again else None)

    def sorted_by(self, column: str) -> bool:
        """Whether it is sorted by this column."""
        return _SORTS.get(column) is self.wanted.sort


def wanted_customers(args: Any = None) -> Wanted:
    """Which customers a query string means."""
    return Wanted(
        show=word("show", Show, args) or Show.OWING,
        search=searched(args),
        narrow=narrowed(args),
        sort=word("sort", Sort, args) or Sort.OLDEST,
        backwards=bool((request.args if args is None else args).get("back")),
    )


def asked_customers() -> AskedCustomers:
    """What this request wants to see."""
    return AskedCustomers(wanted_customers(), columns(tuple(COLUMNS), USUAL), page_number())
