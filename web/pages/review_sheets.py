"""A month's review as it is shown, printed and taken along: everywhere the same words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from credit_control.figures.figure import Figure
from kit import clock, spreadsheet
from kit import pdf as printing
from kit.wording import N_, _, ngettext
from services import writing
from services.figures.review import Amounts, Compared, OfCurrency, Review
from store.models import Organisation
from store.queries.figure_targets import Moved
from web import format as written
from web.pages.figure_cards import KINDS, target_words, value_of

_PLACES = 4
_METHOD = N_(
    "Each figure is worked out from the ledger alone, currency by currency. Ratios are over the twelve months up to the end of"
    " the month; days late, promises and reminders are those of the month."
)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: what it is, three values in words, and how it stands to its target."""

    title: str
    now: str
    before: str
    year_ago: str
    target: str
    met: bool | None = None
    unknown: str = ""
    """Why there is no value now."""
    counted: str = ""
    """The name under which what it counted is asked for."""


@dataclass(frozen=True, slots=True)
class Section:
    """One currency: the lines of its table, and the review behind them."""

    of: OfCurrency
    lines: Sequence[Line]


def section(one: OfCurrency) -> Section:
    """The rows of one currency, amounts first."""
    return Section(one, [*_amounts(one), *(_figure(each) for each in one.figures)])


def _amounts(one: OfCurrency) -> list[Line]:
    def line(title: str, name: str) -> Line:
        values = [_money(each, name, one.currency) for each in (one.amounts, one.before, one.year_ago)]
        return Line(title, values[0], values[1], values[2], "", counted=name)

    return [
        line(_("Invoiced in the month"), "invoiced"),
        line(_("Open at its end"), "open"),
        line(_("Overdue at its end"), "overdue"),
        line(_("More than 90 days overdue"), "long_overdue"),
    ]


def _money(amounts: Amounts | None, name: str, currency: str) -> str:
    return writing.money(getattr(amounts, name), currency) if amounts else "–"


def _figure(one: Compared) -> Line:
    kind = KINDS[one.name]
    return Line(
        _(kind.title),
        _value(one.now, kind.unit),
        _value(one.before, kind.unit),
        _value(one.year_ago, kind.unit),
        target_words(one.name, one.against) if one.against else "",
        one.against.met if one.against else None,
        _unknown(one.now),
        one.name,
    )


def _value(figure: Figure | None, unit: str) -> str:
    return "–" if figure is None or figure.value is None else value_of(figure.value, unit)


def _unknown(figure: Figure) -> str:
    return _(figure.unknown).format(figure.at_least) if figure.value is None and figure.unknown else ""


def table(review: Review) -> spreadsheet.Table:
    """One row a figure and currency, with the names of the API."""
    rows: list[list[spreadsheet.Cell]] = []
    for one in review.currencies:
        for name in ("invoiced", "open", "overdue", "long_overdue"):
            values = [
                getattr(each, name) if each else None for each in (one.amounts, one.before, one.year_ago)
            ]
            rows.append([one.currency, name, *values, None])
        for each in one.figures:
            values = [
                figure.rounded(_PLACES) if figure else None
                for figure in (each.now, each.before, each.year_ago)
            ]
            rows.append([one.currency, each.name, *values, each.against.target if each.against else None])
    heading = ("currency", "figure", f"{review.month:%Y-%m}", "month_before", "year_before", "target")
    return spreadsheet.Table("review", heading, rows)


def pdf(organisation: Organisation, review: Review) -> bytes:
    """The review as a sheet for whoever sits on the board."""
    body: list[str | printing.Table] = [_(_METHOD)]
    for one in review.currencies:
        body += [one.currency, _grid(section(one), review), *moves(one)]
    if organisation.synced_at:
        body.append(_("As of %(at)s.", at=written.moment(organisation.synced_at, organisation.timezone)))
    letter = printing.Letter(
        sender=(organisation.name,),
        to=(),
        date=writing.day(clock.today(organisation.timezone)),
        subject=_("Review of %(month)s", month=written.month(review.month)),
        body=tuple(body),
    )
    return printing.letter_pdf(letter, gaps=True)


def _grid(one: Section, review: Review) -> printing.Table:
    heading = (_("Figure"), written.month(review.month), _("Month before"), _("Year before"), _("Target"))
    rows = tuple((line.title, line.now, line.before, line.year_ago, line.target) for line in one.lines)
    return printing.Table(heading, rows, frozenset({1, 2, 3}))


def moves(one: OfCurrency) -> list[str]:
    """What moved the overdue amount, in sentences."""
    said = []
    if one.grew:
        said.append(_("Overdue grew most at: %(names)s.", names=_named(one.grew, one.currency, 1)))
    if one.fell:
        said.append(_("Overdue fell most at: %(names)s.", names=_named(one.fell, one.currency, -1)))
    if one.disputes:
        said.append(
            ngettext("%(count)s dispute was opened.", "%(count)s disputes were opened.", one.disputes)
        )
    if one.limits_exceeded:
        said.append(
            ngettext(
                "A limit of credit was exceeded %(count)s time.",
                "Limits of credit were exceeded %(count)s times.",
                one.limits_exceeded,
            )
        )
    return said


def _named(moved: Sequence[Moved], currency: str, sign: int) -> str:
    return "; ".join(f"{one.name} {writing.money(Decimal(sign) * one.amount, currency)}" for one in moved)
