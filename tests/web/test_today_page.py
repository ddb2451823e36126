"""Today: what waits for people, in the order that the page publishes, and the money that came in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from kit import clock
from kit.ids import new_id
from services.app import App
from store.models import Contact, Invoice, Payment, PromiseToPay, TeamTask
from store.queries import morning
from tests.support import cast
from tests.support.cast import Cast
from tests.support.mirrored import make_app
from tests.support.schema import create_tables
from tests.support.visitor import Member, Visitor
from web import create_app


@pytest.fixture
def app(database_url: str, tmp_path: Path, redis_url: str) -> Iterator[App]:
    made = make_app(database_url, tmp_path, redis_url, SECRET_KEY="s" * 40)
    create_tables(made.database)
    yield made
    made.database.close()


@pytest.fixture
def stage(app: App) -> Cast:
    return cast.fill(app.database)


@pytest.fixture
def owner(app: App, stage: Cast) -> Member:
    return Visitor(create_app(app)).signed_in_as(stage.owner_id)


def test_it_is_the_first_page_after_signing_in(owner: Member, stage: Cast) -> None:
    assert owner.get("/").headers["Location"] == f"{stage.home}/today"


def test_what_waits_stands_there_with_its_reason(owner: Member, stage: Cast) -> None:
    page = owner.words(f"{stage.home}/today")
    assert "An answer has come" in page
    assert "The schedule asks for a call." in page
    assert "Ask Robin Marsh for the order number" in page


def test_a_promise_of_today_comes_first_and_what_is_owed_most_comes_before_the_rest(
    app: App, stage: Cast
) -> None:
    today = clock.today("Europe/London")
    with app.database.write(stage.organisation_id) as session:
        for contact in session.scalars(
            select(Contact).where(Contact.name.in_(("Pike Street Coffee", "Rook Lane Dental")))
        ):
            session.add(_task(stage, contact.id))
        quill = session.scalars(select(Contact).where(Contact.name == "Quill Stationers")).one()
        session.add(_promise(stage, quill.id))
    with app.database.read(stage.organisation_id) as session:
        found = morning.to_do(
            session, stage.organisation_id, person_id=stage.owner_id, currency="GBP", today=today, most=40
        )
    assert (found[0].urgency, found[0].contact_name) == (morning.PROMISE, "Quill Stationers")
    assert [one.urgency for one in found] == sorted(one.urgency for one in found)
    tasks = [one for one in found if one.urgency == morning.TASK]
    assert [one.overdue for one in tasks] == sorted((one.overdue for one in tasks), reverse=True)
    assert Decimal("1075.00") in [one.overdue for one in tasks]


def test_money_of_the_last_seven_days_is_told_by_currency_and_opens_its_invoices(
    app: App, owner: Member, stage: Cast
) -> None:
    with app.database.write(stage.organisation_id) as session:
        invoice = session.get_one(Invoice, (stage.organisation_id, stage.invoice_id))
        session.add_all(
            [
                _payment(invoice, "GBP", "100.00", 0),
                _payment(invoice, "GBP", "23.45", 6),
                _payment(invoice, "EUR", "50.00", 1),
                _payment(invoice, "GBP", "999.00", 7),
            ]
        )
    page = owner.get(f"{stage.home}/today").text
    assert "£123.45" in page
    assert "€50.00" in page
    assert "£999.00" not in page
    assert f"{stage.home}/invoices/{stage.invoice_id}" in page


def _task(stage: Cast, contact_id: str) -> TeamTask:
    return TeamTask(
        organisation_id=stage.organisation_id,
        id=new_id(),
        kind="own",
        what="Ask for the order number",
        due_on=clock.today("Europe/London"),
        owner_id=stage.owner_id,
        contact_id=contact_id,
        asked_by="Anna Hale",
        asked_at=clock.now(),
        story=[],
    )


def _promise(stage: Cast, contact_id: str) -> PromiseToPay:
    today = clock.today("Europe/London")
    return PromiseToPay(
        organisation_id=stage.organisation_id,
        id=new_id(),
        contact_id=contact_id,
        currency="GBP",
        amount=Decimal("92.15"),
        whole=True,
        made_on=today - timedelta(days=3),
        promised_on=today,
        grace_until=today + timedelta(days=2),
        state="open",
        paid=Decimal(0),
        recorded_by="Anna Hale",
        created_at=clock.now(),
    )


def _payment(invoice: Invoice, currency: str, amount: str, days_ago: int) -> Payment:
    key = new_id()
    return Payment(
        organisation_id=invoice.organisation_id,
        id=key,
        ledger_id=key,
        kind="ACCRECPAYMENT",
        invoice_id=invoice.id,
        contact_id=invoice.contact_id,
        paid_on=clock.today("Europe/London") - timedelta(days=days_ago),
        currency=currency,
        amount=Decimal(amount),
        status="AUTHORISED",
        is_reconciled=True,
        updated_at=clock.now(),
        fingerprint=key,
    )
