"""All invoices in one list: filtered, sorted, searched, and taken along as a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.spreadsheet import csv_of, workbook_of
from services import invoice_grid as service
from services.roles import Right
from store.models import Organisation
from store.queries import invoice_grid as queries
from store.queries.invoice_grid import How, Show, Sort, Wanted
from web.security import dunnock, member

invoice_grid = Blueprint("invoice_grid", __name__, url_prefix="/organisations/<organisation_id>/invoices")

_PER_PAGE = 50
_LONGEST_SEARCH = 100
_LAST_PAGE = 100_000
_NO_SUCH = "This list does not exist; choose one of those on the page."
_NO_DAY = "A day looks like 2026-11-23; without one the list is not narrowed by it."
_FILES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Asked:
    """What this request wants to see."""

    wanted: Wanted
    page: int
    problem: str = ""

    def link(self, **other: Any) -> dict[str, Any]:
        """The values of a link to the same list, but for what is another; back on its first page unless that says so."""
        one = self.wanted
        same = {
            "show": one.show.value,
            "q": one.search or None,
            "currency": one.currency,
            "how": one.how and one.how.value,
            "since": one.due_since and one.due_since.isoformat(),
            "until": one.due_until and one.due_until.isoformat(),
            "sort": one.sort.value if one.sort is not Sort.DUE else None,
            "back": "1" if one.backwards else None,
        }
        return same | other

    def by(self, sort: str) -> dict[str, Any]:
        """A link that sorts by this column, the other way round where it does already."""
        again = self.wanted.sort.value == sort and not self.wanted.backwards
        return self.link(sort=sort, back="1" if again else None)


@invoice_grid.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """A page of the list, or all of it as a file."""
    asked, today, now = _asked(), clock.today(organisation.timezone), clock.now()
    form, problem = request.args.get("format"), asked.problem
    with dunnock().database.read(organisation.id) as session:
        if form in _FILES and not problem:
            try:
                table = service.table(session, organisation.id, asked.wanted, today=today, now=now)
            except UserError as error:
                problem = str(error)
            else:
                content = csv_of(table) if form == "csv" else workbook_of([table], today)
                return _file(content, f"invoices {today}.{form}", _FILES[form])
        found = service.grid(
            session,
            organisation.id,
            asked.wanted,
            today=today,
            now=now,
            limit=_PER_PAGE,
            offset=(asked.page - 1) * _PER_PAGE,
        )
        currencies = queries.currencies(session, organisation.id)
    return render_template(
        "pages/invoices/index.html",
        organisation=organisation,
        found=found,
        asked=asked,
        currencies=currencies,
        problem=problem,
        pages=-(-found.total // _PER_PAGE),
    )


def _file(content: bytes, name: str, media_type: str) -> Response:
    return Response(
        content, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _asked() -> Asked:
    since, until = _day("since"), _day("until")
    wanted = Wanted(
        show=_word("show", Show) or Show.OPEN,
        search=request.args.get("q", "").strip()[:_LONGEST_SEARCH],
        currency=request.args.get("currency", "").strip()[:3] or None,
        how=_word("how", How),
        due_since=since if isinstance(since, date) else None,
        due_until=until if isinstance(until, date) else None,
        sort=_word("sort", Sort) or Sort.DUE,
        backwards="back" in request.args,
    )
    return Asked(wanted, _page(), _NO_DAY if "wrong" in (since, until) else "")


def _word(name: str, kind: type[Word]) -> Word | None:
    word = request.args.get(name, "")
    try:
        return kind(word) if word else None
    except ValueError:
        abort(400, _NO_SUCH)


def _day(name: str) -> date | str | None:
    word = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(word) if word else None
    except ValueError:
        return "wrong"


def _page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, "This page of the list does not exist; start again at the first.")
    return int(word)
