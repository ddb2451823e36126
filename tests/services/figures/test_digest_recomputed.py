"""What the weekly digest says of money, of random books, counted once more as ``docs/digest.md`` says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from kit.ids import new_id
from services.app import App
from services.digest.week import TOLD, Week, week
from store.models import Organisation
from store.queries.digests import Named
from tests.support import recomputed
from tests.support.mirrored import add_organisation, store_books
from tests.support.random_books import Books, random_books
from tests.support.recomputed import Known, known

_DAY, _WEEK = timedelta(1), timedelta(7)
_TODAYS = (date(2026, 11, 23), date(2024, 2, 29), date(2026, 1, 2), date(2025, 10, 26), date(2026, 3, 1))
"""A Monday, a leap day, a week over the year's end, and two Sundays."""


@pytest.mark.parametrize("seed", range(4))
def test_what_came_and_what_is_overdue_are_those_of_an_independent_count(app: App, seed: int) -> None:
    draw, said = Random(6_000 + seed), 0
    for today in _TODAYS:
        books = random_books(draw, today, (30, 60))
        owner = add_organisation(app, tenant_id=new_id())
        store_books(app, owner, books)
        with app.database.read(owner) as session:
            home = session.get_one(Organisation, owner)
            home.base_currency = draw.choice(("GBP", "EUR"))
            found = week(session, home, datetime.combine(today, time(7), UTC))
            said += _agree(found, books, today, home.base_currency)
            session.rollback()
    assert said > 10  # amounts that were compared


def _agree(found: Week, books: Books, today: date, home: str) -> int:
    sunday = today - (today.weekday() + 1) * _DAY
    monday = sunday - 6 * _DAY
    assert (found.first, found.last) == (monday, sunday)
    before, came = _received(books, monday - _WEEK, monday - _DAY), _received(books, monday, sunday)
    assert [(one.currency, one.amount, one.before) for one in found.received] == [
        (code, came.get(code, 0), before.get(code, 0)) for code in _home_first({*before, *came}, home)
    ]
    by_currency: dict[str, list[Known]] = defaultdict(list)
    for one in known(books.invoices, books.payments):
        by_currency[one.told.currency].append(one)
    _overdue_agrees(found, by_currency, today, home)
    assert _said(found.paid) == _largest(_paid(books, monday, sunday), home)
    assert _said(found.newly_overdue) == _largest(_newly_overdue(by_currency, today, books), home)
    return len(found.received) + len(found.overdue) + len(found.paid) + len(found.newly_overdue)


def _overdue_agrees(found: Week, by_currency: dict[str, list[Known]], today: date, home: str) -> None:
    shapes = {code: recomputed.aged(its, today, today)[1:] for code, its in by_currency.items()}
    stood = {code: recomputed.aged(its, today - _WEEK, today)[1:] for code, its in by_currency.items()}
    wanted = [
        (code, sum(shapes[code]), sum(stood[code]), shapes[code])
        for code in _home_first(set(by_currency), home)
        if sum(shapes[code]) or sum(stood[code])
    ]
    assert [
        (one.currency, Fraction(one.amount), Fraction(one.before), [*map(Fraction, one.shape.values())])
        for one in found.overdue
    ] == wanted


def _counting(books: Books, first: date, last: date) -> Iterator[tuple[str, str, Decimal]]:
    """Whose payment on an invoice it was, in which currency and of how much."""
    for one in books.payments:
        if one.status == "AUTHORISED" and first <= one.paid_on <= last:
            assert one.contact_id
            yield one.contact_id, one.currency, one.amount


def _received(books: Books, first: date, last: date) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for _contact, currency, amount in _counting(books, first, last):
        sums[currency] += amount
    return sums


def _paid(books: Books, first: date, last: date) -> dict[tuple[str, str], Fraction]:
    sums: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    names = {one.id: one.name for one in books.contacts}
    for contact, currency, amount in _counting(books, first, last):
        sums[currency, names[contact]] += Fraction(amount)
    return sums


def _newly_overdue(
    by_currency: dict[str, list[Known]], today: date, books: Books
) -> dict[tuple[str, str], Fraction]:
    names = {one.id: one.name for one in books.contacts}
    sums: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for currency, its in by_currency.items():
        for one in its:
            if one.left and today - _WEEK <= one.told.due_on < today:
                sums[currency, names[one.told.contact_id]] += one.left
    return sums


def _largest(sums: dict[tuple[str, str], Fraction], home: str) -> list[tuple[str, str, Fraction]]:
    found = []
    for code in _home_first({code for code, _ in sums}, home):
        some = [(amount, name) for (currency, name), amount in sums.items() if currency == code]
        some.sort(key=lambda one: (-one[0], one[1]))
        found += [(code, name, amount) for amount, name in some[:TOLD]]
    return found


def _said(some: Sequence[Named]) -> list[tuple[str, str, Fraction]]:
    return [(one.currency, one.name, Fraction(one.amount)) for one in some]


def _home_first(currencies: set[str], home: str) -> list[str]:
    return sorted(currencies, key=lambda code: (code != home, code))
