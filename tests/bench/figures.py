"""The figures of a large ledger: by month from nothing, after one payment, and those of a period when somebody asks."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sqlalchemy import select, update

from services.app import App
from services.figures import keeping, kpis, monthly
from services.figures.kpis import period_up_to
from services.mirror.write import store_invoices, store_payments
from store.models import Contact, Invoice, Organisation
from store.queries import figures_kept
from tests.bench import seed
from tests.bench.book import MORNING, TODAY, Book
from tests.bench.measure import Sample, sampled

_PAID_OF = 2
"""Every second invoice has been paid, yesterday."""


def figures(app: App, invoices: int, _organisations: int) -> list[Sample]:
    """All figures of the book; the half of it that is paid has its payments."""
    key, book = seed.organisation_id(), Book(invoices)
    _pay_half(app, key, book)
    found = [sampled("figures by month, from nothing", partial(_anew, app, key), invoices)]
    number = invoices - 1
    book.pay(number)
    with app.database.write(key) as session:
        store_invoices(session, key, [book.invoice(number)], MORNING)
        store_payments(session, key, [book.paid[number]], MORNING)
    found.append(sampled("figures by month, after one payment", partial(keeping.renew, app, key), 1))
    found.append(sampled("figures of a year up to today", partial(_asked, app, key), invoices))
    found.append(sampled("figures month by month, read", partial(_months, app, key), 1))
    return found


def _pay_half(app: App, key: str, book: Book) -> None:
    for start in range(0, book.invoices_open, 5_000):
        numbers = range(start, min(start + 5_000, book.invoices_open), _PAID_OF)
        for number in numbers:
            book.pay(number)
        with app.database.write(key) as session:
            store_invoices(session, key, [book.invoice(one) for one in numbers], MORNING)
            store_payments(session, key, [book.paid[one] for one in numbers], MORNING)
    with app.database.write(key) as session:
        session.execute(
            update(Invoice)
            .where(Invoice.organisation_id == key, Invoice.status == "PAID")
            .values(fully_paid_on=TODAY - timedelta(1))
        )


def _anew(app: App, key: str) -> None:
    with app.database.write(key) as session:
        everybody = set(session.scalars(select(Contact.id).where(Contact.organisation_id == key)))
        figures_kept.mark_stale(session, key, everybody)
    keeping.renew(app, key)


def _asked(app: App, key: str) -> None:
    with app.database.read(key) as session:
        kpis.kpis(session, session.get_one(Organisation, key), period_up_to(TODAY, 365, TODAY), TODAY)


def _months(app: App, key: str) -> None:
    with app.database.read(key) as session:
        monthly.by_month(session, key, TODAY)
