"""The import as it goes on, and then what the ledger says at a first look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from credit_control.ageing import BUCKETS, Ageing, bucket_of
from kit import clock
from services.roles import Right
from store.models import Contact, Organisation, SyncPosition
from store.queries import pages as queries
from store.queries import sync
from store.queries.pages import DueDay, OpenInvoice
from web.security import dunnock, member

first_look = Blueprint("first_look", __name__, url_prefix="/organisations/<organisation_id>/first-look")

_WORDS = {
    "contacts": "Customers",
    "open_invoices": "Open invoices",
    "paid_invoices": "Paid invoices",
    "credits": "Credit notes, overpayments and prepayments",
    "payments": "Payments",
}
"""What the import reads, in the order in which it is shown."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one kind of document has been read."""

    name: str
    read: int
    expected: int | None
    done: bool


@dataclass(frozen=True, slots=True)
class CurrencyFigures:
    """What is owed in one currency."""

    ageing: Ageing
    overdue: Decimal
    invoices: int
    overdue_invoices: int


@dataclass(frozen=True, slots=True)
class Report:
    """The first look at an organisation's receivables."""

    figures: Sequence[CurrencyFigures]
    oldest: Sequence[OpenInvoice]
    without_email: int
    without_email_first: Sequence[Contact]
    credit: dict[str, Decimal]
    today: date


@first_look.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """Progress while the import runs, the report when it is done. Asked every second by the page itself."""
    partial = request.headers.get("HX-Request") == "true"
    if organisation.imported_at is None:
        template = "pages/first_look/progress.html" if partial else "pages/first_look/importing.html"
        return render_template(template, organisation=organisation, progress=_progress(organisation))
    page = render_template(
        "pages/first_look/report.html", organisation=organisation, report=_report(organisation)
    )
    return (page, {"HX-Refresh": "true"}) if partial else page


def _progress(organisation: Organisation) -> list[Progress]:
    with dunnock().database.read(organisation.id) as session:
        positions = sync.positions(session, organisation.id)
    return [_progress_of(name, positions.get(resource)) for resource, name in _WORDS.items()]


def _progress_of(name: str, position: SyncPosition | None) -> Progress:
    if position is None:
        return Progress(name, 0, None, False)
    return Progress(name, position.read, position.expected, position.completed_at is not None)


def _report(organisation: Organisation) -> Report:
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        without_email, first = queries.owing_without_email(session, organisation.id)
        return Report(
            figures(queries.open_by_due_day(session, organisation.id), today, organisation.base_currency),
            queries.oldest_open(session, organisation.id),
            without_email,
            first,
            queries.unallocated_credit(session, organisation.id),
            today,
        )


def figures(days: Sequence[DueDay], today: date, home: str) -> list[CurrencyFigures]:
    """Owed, overdue and ageing, a currency at a time, the home currency first.

    From sums by due date, so that a large ledger costs little.
    """
    by_currency: dict[str, list[DueDay]] = defaultdict(list)
    for day in days:
        by_currency[day.currency].append(day)
    order = sorted(by_currency, key=lambda currency: (currency != home, currency))
    return [_figures_of(currency, by_currency[currency], today) for currency in order]


def _figures_of(currency: str, days: Sequence[DueDay], today: date) -> CurrencyFigures:
    buckets = [Decimal(0)] * len(BUCKETS)
    for day in days:
        buckets[bucket_of((today - day.due_on).days)] += day.amount_due
    late = [day for day in days if day.due_on < today]
    return CurrencyFigures(
        Ageing(currency, tuple(buckets)),
        sum((day.amount_due for day in late), Decimal(0)),
        sum(day.invoices for day in days),
        sum(day.invoices for day in late),
    )
