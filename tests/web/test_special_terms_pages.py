"""Special terms on the pages of a customer and of an invoice."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import StringIO

from kit import clock
from services.app import App
from store.queries import customers
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor

LATER = timedelta(days=20)


def path(stage: Cast) -> str:
    return f"{stage.home}/contacts/{stage.contact_id}/special-terms"


def agree(member: Member, stage: Cast, **form: str) -> int:
    until = (clock.today("Europe/London") + LATER).isoformat()
    typed = {"until": until, "discount": "percent", "much": "2", "why": "They pay early", "currency": "GBP"}
    return member.press(path(stage), **typed | form).status_code


def test_what_was_agreed_stands_on_the_customers_page_and_can_be_taken_back(
    owner: Member, stage: Cast
) -> None:
    assert agree(owner, stage) == 302
    page = owner.words(path(stage))
    assert "2 % off if paid by" in page
    assert "They pay early" in page
    assert "What is asked for today" in page
    html = owner.get(path(stage)).get_data(as_text=True)
    action = next(part.split('"')[0] for part in html.split('action="') if "take-back" in part.split('"')[0])
    assert owner.press(action).status_code == 302
    assert "taken back on" in owner.words(path(stage))


def test_the_invoices_page_says_what_is_asked_by_which_day(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.read(stage.organisation_id) as session:
        invoice = customers.open_invoices(session, stage.organisation_id, stage.contact_id)[0]
    assert agree(owner, stage, invoice=invoice.id) == 302
    page = owner.words(f"{stage.home}/invoices/{invoice.id}")
    assert "Special terms" in page
    assert "after that" in page


def test_pages_and_files_have_the_day_in_the_ledger_and_the_day_agreed(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    with dunnock.database.read(stage.organisation_id) as session:
        invoice = customers.invoice(session, stage.organisation_id, stage.invoice_id)
    assert invoice is not None
    until = clock.today("Europe/London") + timedelta(days=9)
    lists = (
        f"/invoices?contact={stage.contact_id}",
        f"/invoices/{invoice.id}",
        f"/contacts/{stage.contact_id}",
    )
    said = f"{written(invoice.due_on)} {written(until)} as agreed"
    for path_ in lists:
        assert said not in owner.words(stage.home + path_).replace("\xa0", " ")
    assert (
        agree(owner, stage, invoice=invoice.id, discount="none", due_days="900", until=until.isoformat())
        == 302
    )
    for path_ in lists:
        assert said in owner.words(stage.home + path_).replace("\xa0", " "), path_
    rows = csv.DictReader(
        StringIO(owner.get(f"{stage.home}/invoices?format=csv&show=open").data.decode("utf-8-sig"))
    )
    days = {row["number"]: (row["due"], row["due_as_agreed"]) for row in rows}
    assert days[invoice.number] == (invoice.due_on.isoformat(), until.isoformat())
    others = [both[1] for number, both in days.items() if number != invoice.number]
    assert others and not any(others)


def test_the_queue_says_the_day_agreed_and_the_ledgers(owner: Member, stage: Cast, dunnock: App) -> None:
    until = clock.today("Europe/London") + timedelta(days=9)
    agree(owner, stage, invoice=stage.invoice_id, discount="none", due_days="900", until=until.isoformat())
    with dunnock.database.read(stage.organisation_id) as session:
        invoice = customers.invoice(session, stage.organisation_id, stage.invoice_id)
    assert invoice is not None
    page = owner.words(f"{stage.home}/queue?show=resting").replace("\xa0", " ")
    assert f"{invoice.number} , due {written(until)} as agreed ({written(invoice.due_on)} in Xero)" in page


def written(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def test_what_was_typed_stays_when_it_cannot_be(owner: Member, stage: Cast) -> None:
    answer = owner.press(
        path(stage), until="2199-01-01", discount="percent", much="a lot", why="They are nice"
    )
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert 'value="a lot"' in html
    assert 'value="They are nice"' in html
    assert "A discount in percent is a number" in html


def test_without_the_right_nobody_agrees(visitor: Visitor, stage: Cast) -> None:
    assert agree(visitor.signed_in_as(stage.colleague_id), stage) == 403
