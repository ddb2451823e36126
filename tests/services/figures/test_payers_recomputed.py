"""Ratings, risk, suggested limits and expected days of random books against an independent recomputation."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from sqlalchemy import select

from kit import clock
from kit.ids import new_id
from services.app import App
from services.credit.judging import risks_of
from services.credit.suggesting import suggestions
from services.payer import money_ahead
from services.payer.expectations import expectations
from services.payer.ratings import rate, ratings_of
from services.payer.risks import risks
from store.ids import document_id
from store.models import Invoice, PromiseToPay
from tests.support import recomputed, recomputed_money_ahead, recomputed_payers
from tests.support.mirrored import add_organisation, store_books
from tests.support.random_books import Books, before_voids, random_books

TODAYS = (date(2026, 11, 22), date(2024, 2, 29), date(2025, 12, 31), date(2026, 3, 1))
SIZES = (12, 40, 90)
BOOKS = 8
CENT = Decimal("0.01")


@pytest.mark.parametrize("seed", range(3))
def test_how_customers_pay_is_what_an_independent_recomputation_says(app: App, seed: int) -> None:
    draw = Random(2_000 + seed)
    for _ in range(BOOKS):
        today = draw.choice(TODAYS)
        books = random_books(draw, today, SIZES)
        owner = add_organisation(app, tenant_id=new_id())
        store_books(app, owner, before_voids(books))
        store_books(app, owner, books)
        for contact in books.contacts:
            kept, judged = _promises(app, owner, document_id(owner, contact.id), draw, today)
            _agree(app, owner, books, contact.id, today, (kept, judged))


def _promises(app: App, owner: str, contact_id: str, draw: Random, today: date) -> tuple[int, int]:
    """Some of a customer, most of them within the year: how many were kept, and how many judged, of these."""
    kept = judged = 0
    with app.database.write(owner) as session:
        for _ in range(draw.choice((0, 0, 2, 6))):
            back, state = (
                draw.choice((0, 30, 364, 365, 366)),
                draw.choice(("kept", "part_kept", "broken", "open")),
            )
            on = today - timedelta(back)
            session.add(
                PromiseToPay(
                    organisation_id=owner, id=new_id(), contact_id=contact_id, currency="GBP", amount=Decimal(5),
                    whole=False, made_on=on, promised_on=on, grace_until=on, state=state, paid=Decimal(0),
                    recorded_by="-", created_at=clock.now(),
                )
            )  # fmt: skip
            if back < 365 and state != "open":
                kept, judged = kept + (state == "kept"), judged + 1
    return kept, judged


def _agree(app: App, owner: str, books: Books, contact: str, today: date, promises: tuple[int, int]) -> None:
    key = document_id(owner, contact)
    with app.database.read(owner) as session:
        rated = ratings_of(session, owner, [key], today)[key]
        risk = risks_of(session, owner, [key], today)[key]
        limits = suggestions(session, owner, key, today)
        own_rows = session.scalars(
            select(Invoice).where(Invoice.organisation_id == owner, Invoice.contact_id == key)
        )
        days = expectations(session, owner, list(own_rows), today)
    own = [one for one in books.invoices if one.contact_id == contact]
    waiting = [one for one in own if one.status == "AUTHORISED" and one.amount_due]
    word, points = recomputed_payers.rating(own, today, *promises)
    assert (rated.rating.value, rated.points.total if rated.points else None) == (word, points)
    assert risk.points == recomputed_payers.risk(points, waiting, today, promises[1] - promises[0])
    known = recomputed.known(own, books.payments)
    assert limits.keys() == {one.told.currency for one in known}
    for currency, limit in limits.items():
        again = recomputed_payers.suggested(
            [one for one in known if one.told.currency == currency], today, word
        )
        assert (None if limit.amount is None else Fraction(limit.amount)) == again
    for one in waiting:
        found, again_days = (
            days.get(document_id(owner, one.id)),
            recomputed_payers.expected(books.invoices, one, today),
        )
        assert (found is None) == (again_days is None)
        if found and again_days:
            for day, possible in zip((found.on, found.earliest, found.latest), again_days, strict=True):
                assert day in possible


@pytest.mark.parametrize("seed", range(3))
def test_money_ahead_is_what_an_independent_recomputation_says(app: App, seed: int) -> None:
    draw = Random(3_000 + seed)
    for _ in range(BOOKS):
        today = draw.choice(TODAYS)
        books = random_books(draw, today, SIZES)
        owner = add_organisation(app, tenant_id=new_id())
        store_books(app, owner, before_voids(books))
        store_books(app, owner, books)
        with app.database.read(owner) as session:
            told = money_ahead.outlook(session, owner, today)
        _ahead_agrees(told, owner, books, today)


def _ahead_agrees(told: money_ahead.Outlook, owner: str, books: Books, today: date) -> None:
    waiting = [one for one in books.invoices if one.status == "AUTHORISED" and one.amount_due > 0]
    expected, unknown = recomputed_money_ahead.expected(books.invoices, waiting, today)
    assert dict(told.unknown) == unknown
    assert {one.currency for one in told.currencies} == expected.keys()
    for one in told.currencies:
        again = expected[one.currency]
        assert [abs(week.expected - sum_) <= CENT for week, sum_ in zip(one.weeks, again, strict=False)] == [
            True
        ] * recomputed_money_ahead.WEEKS
        assert abs(one.later - again[-1]) <= CENT
        its = [each for each in waiting if each.currency == one.currency]
        drawn = recomputed_money_ahead.bounds(
            books.invoices, its, today, lambda contact: document_id(owner, contact)
        )
        for week, (low, high) in zip(one.weeks, drawn, strict=True):
            assert abs(week.low - min(low, week.expected)) <= CENT
            assert abs(week.high - max(high, week.expected)) <= CENT


@pytest.mark.parametrize("seed", range(3))
def test_money_at_risk_is_what_an_independent_recomputation_says(app: App, seed: int) -> None:
    draw = Random(4_000 + seed)
    told_of = 0
    for _ in range(BOOKS):
        today = draw.choice(TODAYS)
        books = random_books(draw, today, SIZES)
        owner = add_organisation(app, tenant_id=new_id())
        store_books(app, owner, before_voids(books))
        store_books(app, owner, books)
        again = {}
        for contact in books.contacts:
            key = document_id(owner, contact.id)
            kept, judged = _promises(app, owner, key, draw, today)
            with app.database.write(owner) as session:
                rate(session, owner, [key], today)
            own = [one for one in books.invoices if one.contact_id == contact.id]
            word, _points = recomputed_payers.rating(own, today, kept, judged)
            for currency, its in recomputed_payers.at_risk(own, today, word, judged - kept).items():
                again[currency, key] = its
        with app.database.read(owner) as session:
            told, many = risks(session, owner, today)
        found = {
            (currency, one.overdue.contact_id): (
                one.overdue.amount,
                one.overdue.invoices,
                one.overdue.oldest,
            )
            for currency, some in told.items()
            for one in some
        }
        assert found == again
        assert many == Counter(currency for currency, _ in again)
        for some in told.values():
            assert [one.overdue.amount for one in some] == sorted(
                (one.overdue.amount for one in some), reverse=True
            )
        told_of += len(found)
    assert told_of > BOOKS
