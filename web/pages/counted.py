"""What a figure counted: the invoices, promises or reminders behind it, each with its part in the sum; and as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from kit import clock
from kit.spreadsheet import Cell, Table, csv_of
from kit.wording import N_, _
from services import kept_results, writing
from services.figures import counted as service
from services.figures import kpis
from services.figures.counted import AMOUNTS, LAST, WHOLE, Counted, Of, Row, Shown
from services.roles import Right
from store.models import Organisation
from store.queries import counted as queries
from web import format as written
from web.pages.counted_links import of_period
from web.pages.figure_cards import KINDS, card
from web.pages.figures import asked_period
from web.security import dunnock, member

counted = Blueprint("counted", __name__, url_prefix="/organisations/<organisation_id>/reports/counted")

_PER_PAGE: Final = 50
_LAST_PAGE: Final = 100_000
_AMOUNT_TITLES: Final = {
    "invoiced": N_("Invoiced"),
    "open": N_("Open"),
    "overdue": N_("Overdue"),
    "long_overdue": N_("More than 90 days overdue"),
    "ageing": N_("Open by days overdue"),
}
_COLUMNS: Final[Mapping[str, str]] = {
    "opening": N_("Open before"),
    "sales": N_("Invoiced"),
    "open": N_("Open"),
    "not_due": N_("Not yet due"),
    "overdue": N_("Overdue"),
    "long_overdue": N_("More than 90 days overdue"),
    "current": N_("Not yet due"),
    "1-30": N_("1–30 days"),
    "31-60": N_("31–60 days"),
    "61-90": N_("61–90 days"),
    "91+": N_("91 days and more"),
    WHOLE: N_("Months used whole"),
    LAST: N_("Last month used"),
    "best_" + WHOLE: N_("Months used whole, best possible"),
    "best_" + LAST: N_("Last month used, best possible"),
    "unpaid_after_90_days": N_("Unpaid after 90 days"),
    "billed": N_("Invoiced"),
    "days": N_("Days"),
    "invoices": N_("Number of invoices"),
    "amount_days": N_("Amount × days"),
    "amount": N_("Amount"),
    "kept": N_("Kept"),
    "due": N_("Promises"),
    "wrong": N_("Wrong"),
    "sends": N_("Reminders"),
}
_LINES: Final[Mapping[Of, Callable[[Session, str, Sequence[str]], Mapping[str, Any]]]] = {
    Of.INVOICES: queries.invoice_lines,
    Of.PROMISES: queries.promise_lines,
    Of.REMINDERS: queries.reminder_lines,
}
_SAID: Final[Mapping[Of, Sequence[str]]] = {
    Of.INVOICES: ("number", "customer", "issued_on", "due_on", "paid_on"),
    Of.PROMISES: ("customer", "promised_on", "grace_until", "state"),
    Of.REMINDERS: ("customer", "step_name", "left_on", "status"),
}
"""What a file says of each row before its parts."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the page shows it: what it is, and its parts in words."""

    id: str
    about: Any
    days: int | None
    parts: Sequence[str]


@counted.get("/<name>")
@member(Right.VIEW)
def show(organisation: Organisation, name: str) -> ResponseReturnValue:
    """A page of the rows, under the figure and the sums of all of them."""
    currency, page = _currency(name), _page()
    kept_results.renew(dunnock(), organisation.id, kpis.KEPT)
    with dunnock().database.read(organisation.id) as session:
        shown = (page - 1) * _PER_PAGE, _PER_PAGE
        found, period = _found(session, organisation, name, currency, shown)
        lines = _LINES[found.of](session, organisation.id, [row.id for row in found.rows])
    return render_template(
        "pages/insight/counted.html",
        organisation=organisation,
        name=name,
        title=_title(name),
        currency=currency,
        period=period,
        card=card(name, found.figure, currency, period) if found.figure else None,
        found=found,
        columns=[_(_COLUMNS[one]) for one in found.columns],
        sums=[_part(one, found.sums[one], currency) for one in found.columns],
        lines=[_line(row, lines.get(row.id), found, currency) for row in found.rows],
        page=page,
        own={"organisation_id": organisation.id, **of_period(name, currency, period)},
        more=found.count > page * _PER_PAGE,
    )


@counted.get("/<name>.csv")
@member(Right.VIEW)
def file(organisation: Organisation, name: str) -> ResponseReturnValue:
    """All rows, under the names of the API."""
    currency = _currency(name)
    with dunnock().database.read(organisation.id) as session:
        found, period = _found(session, organisation, name, currency)
        lines = _LINES[found.of](session, organisation.id, [row.id for row in found.rows])
    days = ["days"] if found.weighted else []
    table = Table(
        "counted",
        ["currency", *_SAID[found.of], *days, *found.columns],
        [
            [
                currency,
                *_said(found.of, lines.get(row.id), row),
                *([row.days] if days else []),
                *(row.parts.get(one, 0) for one in found.columns),
            ]
            for row in found.rows
        ],
    )
    return Response(
        csv_of(table),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name} {currency} {period.last.isoformat()}.csv"'
        },
    )


def _found(
    session: Session, organisation: Organisation, name: str, currency: str, shown: Shown | None = None
) -> tuple[Counted, Any]:
    today = clock.today(organisation.timezone)
    period = asked_period(today)
    found = service.counted(session, organisation, name, currency, period, today, shown)
    return found or abort(404), period


def _title(name: str) -> str:
    return _(KINDS[name].title if name in KINDS else _AMOUNT_TITLES[name])


def _line(row: Row, about: Any, found: Counted, currency: str) -> Line:
    parts = [_part(one, row.parts[one], currency) if one in row.parts else "–" for one in found.columns]
    return Line(row.id, about, row.days, parts)


def _part(name: str, value: Decimal | int, currency: str) -> str:
    """An amount of money, or of money and days; anything else is a number of days or things."""
    if name in ("days", "invoices", "kept", "due", "wrong", "sends"):
        return written.number(int(value))
    return writing.money(Decimal(value), currency)


def _said(of: Of, about: Any, row: Row) -> list[Cell]:
    names = _SAID[of]
    return [row.day if one == "left_on" else getattr(about, one, None) for one in names]


def _currency(name: str) -> str:
    """That of the query string; 404 for a name that is no figure's, 400 for what is no currency."""
    if name not in KINDS and name not in AMOUNTS:
        abort(404)
    currency = request.args.get("currency", "")
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        abort(400, _("Choose a currency from the page of figures."))
    return currency


def _page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)
