"""Promises on the pages: written down in a short form, listed by day, taken back."""

from __future__ import annotations

from datetime import date, timedelta

from kit import clock
from kit.ids import derived_id
from services.app import App
from store.models import PromiseToPay
from tests.support.cast import Cast
from tests.support.visitor import Member


def made(dunnock: App, stage: Cast) -> list[PromiseToPay]:
    with dunnock.database.read(stage.organisation_id) as session:
        found = session.query(PromiseToPay).filter_by(contact_id=stage.contact_id)
        return list(found.order_by(PromiseToPay.created_at))


def soon() -> date:
    return clock.now().date() + timedelta(days=9)


def test_a_promise_is_written_down_from_the_customers_page(dunnock: App, owner: Member, stage: Cast) -> None:
    here = f"{stage.home}/contacts/{stage.contact_id}"
    assert "Record a promise" in owner.words(here)
    assert owner.get(f"{here}/promises/new").status_code == 200
    answer = owner.press(
        f"{here}/promises",
        promised_on=soon().isoformat(),
        amount="20,50",
        currency="GBP",
        said_by="Robin",
        invoice=stage.invoice_id,
    )
    assert answer.status_code == 302, answer.text
    (row,) = made(dunnock, stage)
    assert (str(row.amount), row.promised_on, row.said_by, row.recorded_by) == (
        "20.50",
        soon(),
        "Robin",
        "Anna Hale",
    )
    page = owner.words(here)
    assert "Promised £20.50 by" in page and "chasing waits until" in page
    assert "£20.50 by" in owner.words(f"{stage.home}/invoices/{stage.invoice_id}")
    assert "£20.50" in owner.words(f"{stage.home}/promises")


def test_what_was_typed_is_shown_again_when_something_is_wrong(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    here = f"{stage.home}/contacts/{stage.contact_id}/promises"
    about = {"said_by": "Robin Marsh", "invoice": stage.invoice_id, "currency": "GBP"}
    for wrong, words in (
        ({}, "Give the day"),
        ({"promised_on": "tomorrow"}, "is not a date"),
        ({"promised_on": soon().isoformat(), "amount": "a lot"}, "as a number"),
        ({"promised_on": "2020-01-01"}, "over already"),
        ({"promised_on": soon().isoformat(), "invoice": "none"}, "Tick at least one"),
    ):
        page = owner.press(here, **{**about, **wrong})
        assert page.status_code == 422
        assert words in page.text and "Robin Marsh" in page.text
    assert made(dunnock, stage) == []


def test_a_promise_is_taken_back_from_the_list(owner: Member, stage: Cast, dunnock: App) -> None:
    assert "£120.00" in owner.words(f"{stage.home}/promises")
    path = f"{stage.home}/promises/{derived_id('promise')}/withdraw"
    assert owner.press(path).status_code == 302
    assert "Nothing is promised just now" in owner.words(f"{stage.home}/promises")
    assert "£120.00" in owner.words(f"{stage.home}/promises?show=over")
    assert owner.press(path).status_code == 302
    assert owner.get(f"{stage.home}/promises?show=none").status_code == 404
