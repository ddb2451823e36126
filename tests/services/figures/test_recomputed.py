"""Every figure of random books against an independent recomputation, exactly and not only to the last digit shown."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from kit.ids import new_id
from services.app import App
from services.figures import aged, keeping, kpis, monthly
from store.models import Organisation
from tests.support import recomputed
from tests.support.mirrored import add_organisation, store_books
from tests.support.random_books import Books, before_voids, changed, random_books
from tests.support.recomputed import Known

TODAYS = (date(2026, 11, 22), date(2024, 2, 29), date(2025, 12, 31), date(2024, 3, 31), date(2026, 3, 1))
DAYS = (1, 28, 31, 90, 365, 366)
DONE = {"promise_kept", "right_first_time", "wrong_chase_rate"}
"""Figures of what was done, not of what the books say."""
BOOKS = 9


@pytest.mark.parametrize("seed", range(3))
def test_the_figures_are_those_of_an_independent_recomputation(app: App, seed: int) -> None:
    draw = Random(seed)
    for _ in range(BOOKS):
        today = draw.choice(TODAYS)
        books = random_books(draw, today)
        owner = _written(app, books)
        _agree(app, owner, books, today, draw)


@pytest.mark.parametrize("seed", range(2))
def test_so_they_are_after_news_of_some_invoices(app: App, seed: int) -> None:
    """What is kept by month is made anew only for those there is news of, and must be what it would be from nothing."""
    draw = Random(1_000 + seed)
    for _ in range(BOOKS // 2):
        today = draw.choice(TODAYS)
        books = random_books(draw, today)
        owner = _written(app, books)
        for _ in range(3):
            keeping.renew(app, owner)
            books = changed(draw, books, today)
            store_books(app, owner, books)
        _agree(app, owner, books, today, draw)


def _written(app: App, books: Books) -> str:
    owner = add_organisation(app, tenant_id=new_id())
    store_books(app, owner, before_voids(books))
    store_books(app, owner, books)
    return owner


def _agree(app: App, owner: str, books: Books, today: date, draw: Random) -> None:
    by_currency: dict[str, list[Known]] = {}
    for one in recomputed.known(books.invoices, books.payments):
        by_currency.setdefault(one.told.currency, []).append(one)
    past = [today - timedelta(draw.randint(1, 700)) for _ in range(2)]
    for on in (today, today - timedelta(1), *past):
        _periods_agree(app, owner, by_currency, on, today, draw.choice(DAYS))
        _ageing_agrees(app, owner, by_currency, on, today)
    _months_agree(app, owner, by_currency, today)


def _periods_agree(
    app: App, owner: str, by_currency: dict[str, list[Known]], on: date, today: date, days: int
) -> None:
    with app.database.read(owner) as session:
        organisation = session.get_one(Organisation, owner)
        found = kpis.kpis(session, organisation, kpis.period_up_to(on, days, today), today)
    issued = {code for code, books in by_currency.items() if any(one.told.issued_on <= on for one in books)}
    assert found.keys() == issued
    for currency, figures in found.items():
        wanted = recomputed.kpis(by_currency[currency], on, days, today)
        for name in figures.keys() - DONE:
            assert figures[name].value == wanted[name], (currency, on, days, name)
            for known in ("open", "not_due", "opening", "invoiced", "undated_invoices"):
                if known in figures[name].inputs:
                    assert figures[name].inputs[known] == wanted[known], (currency, on, days, name, known)


def _ageing_agrees(app: App, owner: str, by_currency: dict[str, list[Known]], on: date, today: date) -> None:
    ways: tuple[tuple[aged.By, Any], ...] = (("days", recomputed.aged), ("months", recomputed.aged_by_month))
    for by, aged_again in ways:
        wanted = {currency: aged_again(books, on, today) for currency, books in by_currency.items()}
        with app.database.read(owner) as session:
            found = aged.aged(session, owner, on, today, by)
        assert {code: list(each.values()) for code, each in found.items() if any(each.values())} == {
            code: each for code, each in wanted.items() if any(each)
        }


def _months_agree(app: App, owner: str, by_currency: dict[str, list[Known]], today: date) -> None:
    keeping.renew(app, owner)
    with app.database.read(owner) as session:
        found = monthly.by_month(session, owner, today)
    assert found.keys() <= by_currency.keys()
    for currency, books in by_currency.items():
        end = recomputed.month_end(min(one.told.issued_on for one in books))
        months = iter(found.get(currency, []))
        while end < today:
            _month_agrees(next(months), books, end, today)
            end = recomputed.month_end(end + timedelta(1))
        assert next(months, None) is None


def _month_agrees(month: monthly.Month, books: list[Known], end: date, today: date) -> None:
    own = recomputed.kpis(books, end, end.day, today)
    eve = recomputed.month_end(end.replace(year=end.year - 1, day=1))
    months = recomputed.kpis(books, end, (end - eve).days, today)
    wanted: dict[str, Fraction | None] = {
        "dso": month.simple.value,
        "best_possible_dso": month.best.value,
        "average_days_delinquent": month.delinquent.value,
        "dso_countback": month.countback.value,
        "best_possible_dso_countback": month.best_countback.value,
        "open": Fraction(sum(month.ageing.amounts, Decimal(0))),
    }
    assert month.end == end
    assert {name: months[name] for name in wanted} == wanted, end
    assert list(month.ageing.amounts) == recomputed.aged(books, end, today)
    assert Fraction(month.sales) == own["invoiced"]
    assert (month.days_late, month.days_beyond_terms) == (own["days_late"], own["dbt"])
