"""What each month's invoices bring, of random books, against an independent recomputation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from random import Random

import pytest

from kit.ids import new_id
from services.app import App
from services.figures.cohorts import OfCurrency, cohorts
from store.models import Organisation
from tests.support import recomputed_cohorts
from tests.support.mirrored import add_organisation, store_books
from tests.support.random_books import Books, random_books
from tests.support.recomputed import Known, known

_TODAYS = (date(2026, 11, 22), date(2024, 2, 29), date(2025, 12, 31), date(2025, 1, 1), date(2026, 3, 1))


@pytest.mark.parametrize("seed", range(4))
def test_the_months_are_those_of_an_independent_recomputation(app: App, seed: int) -> None:
    draw, rows = Random(5_000 + seed), 0
    for _ in range(8):
        today = draw.choice(_TODAYS)
        books = random_books(draw, today, (0, 3, 30, 80))
        owner = add_organisation(app, tenant_id=new_id())
        store_books(app, owner, books)
        with app.database.read(owner) as session:
            found = cohorts(session, session.get_one(Organisation, owner), today)
        rows += _agree(found, books, today)
    assert rows > 20  # months of which something was said


def _agree(found: Sequence[OfCurrency], books: Books, today: date) -> int:
    by_currency: dict[str, list[Known]] = {}
    for one in known(books.invoices, books.payments):
        by_currency.setdefault(one.told.currency, []).append(one)
    told = {one.currency: one for one in found}
    for currency, its in by_currency.items():
        wanted = recomputed_cohorts.of_currency(its, today)
        if currency not in told:
            assert not wanted.rows and not wanted.older
            continue
        _same(told[currency], wanted)
    assert told.keys() <= by_currency.keys()
    return sum(len(one.cohorts) for one in found)


def _same(found: OfCurrency, wanted: recomputed_cohorts.OfCurrency) -> None:
    assert [
        (one.month, Fraction(one.billed), Fraction(one.open), Fraction(one.by_now), one.shares)
        for one in found.cohorts
    ] == [(one.month, one.billed, one.open, one.by_now, one.shares) for one in wanted.rows]
    assert [(one.mean, one.lowest, one.highest, one.cohorts) for one in found.ages] == wanted.means
    assert list(found.ahead.months) == wanted.to_come
    assert found.ahead.rest == wanted.later
    assert Fraction(found.older) == wanted.older
