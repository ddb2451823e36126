"""How much customers may owe, on their pages and in the list."""

from __future__ import annotations

import re
from datetime import timedelta

from kit import clock
from services.app import App
from store.models import Contact
from store.queries import credit as queries
from tests.support.cast import Cast
from tests.support.paid_book import add_invoice
from tests.support.visitor import Member, Visitor


def decide(member: Member, stage: Cast, **form: str) -> int:
    path = f"{stage.home}/contacts/{stage.contact_id}/credit"
    return member.press(
        path, **{"currency": "GBP", "amount": "1,000.00", "why": "As agreed"} | form
    ).status_code


def test_a_limit_is_set_on_the_customers_page_and_stands_in_its_history(owner: Member, stage: Cast) -> None:
    assert decide(owner, stage, why="They pay early") == 302
    page = owner.words(f"{stage.home}/contacts/{stage.contact_id}/credit")
    assert "Anna Hale" in page
    assert "They pay early" in page
    assert "£1,000.00" in page
    assert "£1,000.00" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")


def test_who_owes_more_than_its_limit_stands_first_in_the_list(owner: Member, stage: Cast) -> None:
    decide(owner, stage, amount="1")
    page = owner.words(f"{stage.home}/credit?show=exceeded")
    assert "over the limit" in page
    assert "over the limit" in owner.words(f"{stage.home}/contacts/{stage.contact_id}/credit")
    task = owner.words(f"{stage.home}/today")
    assert "more than its limit of" in task


def test_the_list_is_a_file_as_well(owner: Member, stage: Cast) -> None:
    decide(owner, stage, amount="1")
    file = owner.get(f"{stage.home}/exports/credit.csv").get_data(as_text=True)
    assert file.splitlines()[0].lstrip("\ufeff").startswith("customer,currency,limit,open_invoices")
    assert ",GBP,1" in file


def test_what_was_typed_stays_when_it_is_no_limit(owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/contacts/{stage.contact_id}/credit"
    answer = owner.press(path, currency="GBP", amount="a lot", why="They are nice")
    assert answer.status_code == 422
    assert 'value="a lot"' in answer.get_data(as_text=True)
    assert 'value="They are nice"' in answer.get_data(as_text=True)
    assert "The limit is an amount such as" in answer.get_data(as_text=True)


def test_no_limit_is_a_decision_too(owner: Member, stage: Cast, dunnock: App) -> None:
    decide(owner, stage)
    decide(owner, stage, amount="", none="yes", why="It is the council")
    with dunnock.database.read(stage.organisation_id) as session:
        newest, *_ = queries.history(session, stage.organisation_id, stage.contact_id)
    assert (newest.amount, newest.why) == (None, "It is the council")


def test_without_the_right_nobody_decides(visitor: Visitor, stage: Cast) -> None:
    assert decide(visitor.signed_in_as(stage.colleague_id), stage) == 403


def test_a_suggestion_says_what_it_is_made_of_and_is_taken_over_with_one_click(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    now = clock.now().date()
    with dunnock.database.write(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
    for total in ("33000.00", "20000.00", "20000.00"):
        add_invoice(
            dunnock,
            stage.organisation_id,
            contact.id,
            now - timedelta(days=40),
            now - timedelta(days=30),
            total,
        )
    path = f"{stage.home}/contacts/{stage.contact_id}/credit"
    page = owner.words(path)
    assert "What its own numbers speak for, in GBP" in page
    assert "sold in 365 days ÷ 365" in page
    shown = re.search(r'name="amount" value="(\d+)"', owner.get(path).get_data(as_text=True))
    assert shown
    stale = owner.press(f"{path}/suggested", currency="GBP", amount="1")
    assert stale.status_code == 302
    with dunnock.database.read(stage.organisation_id) as session:
        assert queries.history(session, stage.organisation_id, stage.contact_id) == []
    owner.press(f"{path}/suggested", currency="GBP", amount=shown[1])
    with dunnock.database.read(stage.organisation_id) as session:
        (decision,) = queries.history(session, stage.organisation_id, stage.contact_id)
    assert decision.amount == int(shown[1])
    assert decision.why.startswith("As suggested: GBP ")
