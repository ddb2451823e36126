"""The figures of all clients at the end of a month, who needs help most first; and the same as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control import client_figures as formula
from credit_control.client_health import EACH_REPLY, MOST_REPLIES
from credit_control.figures.by_month import month_end, months_back, next_month
from credit_control.figures.figure import round_half_up
from credit_control.figures.targets import PER_CENT
from kit import clock
from kit.errors import UserError
from kit.spreadsheet import Cell, Table, csv_of, workbook_of
from kit.wording import _
from services import practice_figures as service
from services.figures.reminders import USUAL_DAYS
from services.practice_figures import ClientFigures, Found, Line
from services.practice_usage import month_of
from store.queries import practices as queries
from web import format as written
from web.pages.figure_cards import DAYS, KINDS, value_of
from web.pages.figure_cards import PER_CENT as IN_PER_CENT
from web.practice import Place, of_practice
from web.security import dunnock

figures = Blueprint("practice_figures", __name__, url_prefix="/practice/<practice_id>")

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PATIENCE: Final = 3.0
"""Seconds for which a page makes months anew; the clock has a worker do the rest."""
_PER_PAGE: Final = 50
_LAST_PAGE: Final = 1000
_PLACES: Final = 4
_NAMES: Final = (
    "dso", "best_possible_dso", "average_days_delinquent", "cei", "at_risk_rate", "promise_kept", "dbt",
)  # fmt: skip
"""The figures of the page beside the amounts, in their order."""
_HEADING: Final = (
    "client", "currency", "month_end", "client_points", "points", "replies_waiting", "open", "overdue", "overdue_per_cent",
    "more_than_90_days_overdue", "more_than_90_days_per_cent", *_NAMES, "dso_change", "overdue_per_cent_change",
    "targets_met", "targets_missed", "as_of",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address narrows the page to."""

    month: date
    staff: str
    currency: str

    @property
    def values(self) -> dict[str, str]:
        """For addresses of the same."""
        narrowed = {"month": f"{self.month:%Y-%m}", "staff": self.staff, "currency": self.currency}
        return {name: word for name, word in narrowed.items() if word}


@figures.get("/figures")
@of_practice()
def show(place: Place) -> ResponseReturnValue:
    """The clients that one may see, with their figures in each currency."""
    zones, page = _zones(place), _page()
    latest = service.latest_month(zones)
    asked = _asked(latest)
    service.renew(dunnock(), zones, seconds=_PATIENCE)
    found, staff = _found(place, asked)
    return render_template(
        "pages/practice/figures.html",
        place=place,
        asked=asked,
        found=found,
        shown=found.clients[(page - 1) * _PER_PAGE : page * _PER_PAGE],
        page=page,
        more=len(found.clients) > page * _PER_PAGE,
        staff=staff,
        before=months_back(asked.month, 1),
        following=next_month(asked.month) if asked.month < latest else None,
        last=month_end(asked.month),
        words=_words,
        signed=_signed,
        share=_share,
        review_of=lambda one: _review_of(one, asked.month),
        risk_of=lambda one: _risk_of(one, month_end(asked.month)),
        formula=formula,
        each_reply=EACH_REPLY,
        most_replies=MOST_REPLIES,
    )


@figures.get("/figures.<form>")
@of_practice()
def file(place: Place, form: str) -> ResponseReturnValue:
    """The same as a file, with all clients."""
    if form not in _TYPES:
        abort(404)
    zones = _zones(place)
    asked = _asked(service.latest_month(zones))
    service.renew(dunnock(), zones)
    found, _staff = _found(place, asked)
    last = month_end(asked.month)
    rows = [_cells(each, one, last) for each in found.clients for one in each.lines]
    table = Table("figures", _HEADING, rows)
    content = csv_of(table) if form == "csv" else workbook_of([table], clock.now().date())
    return Response(
        content,
        content_type=_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="figures {asked.month:%Y-%m}.{form}"'},
    )


def _found(place: Place, asked: _Asked) -> tuple[Found, Sequence[tuple[str, str]]]:
    """The figures, and for an admin whom the page can be narrowed to: id and name."""
    with dunnock().database.read_across() as session:
        staff = queries.staff(session, place.practice.id) if place.is_admin else []
        names = [(person.id, person.name) for _member, person in staff]
        if asked.staff and asked.staff not in dict(names):
            abort(404)
        found = service.figures_of(
            session,
            place.practice.id,
            place.person.id,
            asked.month,
            staff_id=asked.staff,
            currency=asked.currency,
        )
    return found, names


def _zones(place: Place) -> dict[str, str]:
    return service.zones_of(dunnock(), place.practice.id, place.person.id)


def _asked(latest: date) -> _Asked:
    """The month that is asked for, else the newest that is over; 404 for one that is not."""
    word = request.args.get("month", "")
    try:
        month = month_of(word, latest) if word else latest
    except UserError as problem:
        abort(400, str(problem))
    if month > latest:
        abort(404, _("This month is not over yet; choose one that is."))
    currency = request.args.get("currency", "")
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        abort(400, _("A currency is written with three letters, like GBP."))
    return _Asked(month, request.args.get("staff", ""), currency.upper())


def _page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)


def _words(one: Line, name: str) -> str:
    """A figure with its unit, or a dash."""
    value = one.figures[name].value
    return "–" if value is None else value_of(value, KINDS[name].unit)


def _share(value: Fraction | None) -> str:
    return "–" if value is None else value_of(value, IN_PER_CENT)


def _signed(value: Fraction | None, name: str = "dso") -> str:
    """``+2.4 days``, ``−1.0 percentage points``: how much more or less than the month before, and with the sign in the text."""
    if value is None:
        return ""
    rounded = round_half_up(abs(value), 1)
    sign = "" if not rounded else "+" if value > 0 else "−"
    if name in PER_CENT:
        return _("%(sign)s%(value)s percentage points", sign=sign, value=written.decimal(rounded))
    return sign + value_of(abs(value), DAYS)


def _review_of(one: Line, month: date) -> str:
    """The client's own review of the month, at the currency."""
    return url_for(
        "review.show",
        organisation_id=one.organisation.id,
        month=f"{month:%Y-%m}",
        _anchor=f"in-{one.currency}",
    )


def _risk_of(one: Line, last: date) -> str:
    """The client's own figures of the year up to the month's end, at its at-risk rate."""
    return url_for(
        "insight.figures",
        organisation_id=one.organisation.id,
        on=last.isoformat(),
        days=USUAL_DAYS,
        _anchor=f"at_risk_rate-{one.currency}",
    )


def _cells(client: ClientFigures, one: Line, last: date) -> list[Cell]:
    def rounded(value: Fraction | None) -> Cell:
        return None if value is None else round_half_up(value, _PLACES)

    synced_at = one.organisation.synced_at
    return [
        one.organisation.name,
        one.currency,
        last,
        client.points,
        one.points.all,
        client.replies,
        one.stood.open,
        one.stood.overdue,
        rounded(one.overdue_share),
        one.stood.long_overdue,
        rounded(one.long_share),
        *(one.figures[name].rounded(_PLACES) for name in _NAMES),
        rounded(one.dso_change),
        rounded(one.share_change),
        one.met,
        one.missed,
        synced_at.isoformat() if synced_at else None,
    ]
