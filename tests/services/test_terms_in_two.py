"""Where two people are wanted for credit, special terms wait for the yes of a second one; to ask for more takes one alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from kit import clock
from kit.errors import UserError
from services.credit import proposals
from services.credit.terms_said import in_words
from store.queries import credit_proposals
from tests.services.test_category_terms import DISCOUNT, worse
from tests.services.test_credit_proposals import rows
from tests.services.test_special_terms import agree, contact, kept, noted, take_back, today
from tests.services.test_two_people import needs_two, shown, two, yes
from tests.support.chasing import Chasing

__all__ = ["contact", "two"]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def wanted(org: Chasing, two: Callable[[], None]) -> None:  # the people are those of the other tests
    two()
    org.change(second_eyes=["credit"])


def test_a_discount_waits_for_a_second_person_who_sees_what_is_asked_for(org: Chasing, contact: str) -> None:
    with needs_two(org) as waits:
        agree(
            org, contact, percent=Decimal("2.5"), within_days=40, until=today(org) + 30 * DAY, why="They grow"
        )
    assert kept(org, contact) == [] and noted(org) == []
    assert "Special terms for all invoices of " in waits[0].title and "2.5 % off" in waits[0].title
    name, about, before, after, why = shown(org, waits[0])
    assert about == "All invoices of the customer" and before == "-As in the ledger"
    assert (
        after.startswith("+2.5 % off if paid within 40 days of the issue day")
        and why == "+Because: They grow"
    )
    assert name in waits[0].title
    assert yes(org, waits[0]) == "The special terms hold from today."
    (row,) = kept(org, contact)
    assert (row.percent, row.within_days, row.why) == (Decimal("2.5"), 40, "They grow")
    assert (row.agreed_by, row.agreed_on) == ("Ada, with Ben's yes", today(org))
    assert len(noted(org)) == 1


def test_more_days_for_one_invoice_wait_as_well(org: Chasing, contact: str) -> None:
    with needs_two(org) as waits:
        agree(org, contact, "INV-1", until=today(org) + 60 * DAY, due_days=90)
    assert shown(org, waits[0])[1] == "INV-1"
    yes(org, waits[0])
    (row,) = kept(org, contact)
    assert (row.invoice_id is not None, row.due_days) == (True, 90)


@pytest.mark.parametrize("kinds", [[], ["templates", "bulk"]])
def test_where_it_is_not_wanted_for_credit_one_agrees_alone(
    org: Chasing, contact: str, kinds: list[str]
) -> None:
    org.change(second_eyes=kinds)
    row = agree(org, contact)
    assert [one.id for one in kept(org, contact)] == [row.id]


def test_what_asks_for_more_and_taking_back_take_one_alone(org: Chasing, contact: str) -> None:
    org.change(second_eyes=[])
    agree(org, contact, percent=Decimal(5), until=today(org) + 30 * DAY, due_days=60)
    org.change(second_eyes=["credit"])
    less = agree(org, contact, percent=Decimal(2), until=today(org) + 30 * DAY, due_days=60)
    assert kept(org, contact)[0].id == less.id
    take_back(org, less)
    assert kept(org, contact)[0].taken_back_on == today(org)


def test_terms_that_became_others_meanwhile_are_left_alone(org: Chasing, contact: str) -> None:
    org.change(second_eyes=[])
    agree(org, contact, percent=Decimal(5))
    org.change(second_eyes=["credit"])
    with needs_two(org) as waits:
        agree(org, contact, percent=Decimal(10))
    less = agree(org, contact, percent=Decimal(2))
    with pytest.raises(UserError, match="changed meanwhile"):
        yes(org, waits[0])
    assert kept(org, contact)[0].id == less.id


def test_terms_that_are_over_are_none_that_would_go(org: Chasing, contact: str) -> None:
    org.change(second_eyes=[])
    agree(org, contact, percent=Decimal(5), until=today(org))
    org.change(second_eyes=["credit"])
    with needs_two(org) as standing:
        agree(org, contact, percent=Decimal(6))
    assert shown(org, standing[0])[2].startswith("-5 % off")
    org.shift(days=1)
    assert shown(org, standing[0])[2] == "-As in the ledger"


def test_a_yes_after_the_last_day_does_nothing_and_says_so(org: Chasing, contact: str) -> None:
    with needs_two(org) as waits:
        agree(org, contact, until=today(org), percent=Decimal(2))
    org.shift(days=1)
    with pytest.raises(UserError, match="over already"):
        yes(org, waits[0])
    assert kept(org, contact) == []


def test_a_proposed_discount_waits_and_goes_on_being_proposed_until_the_yes(org: Chasing) -> None:
    customer = worse(org, discount=DISCOUNT)
    (row,) = rows(org)
    until = today(org) + 100 * DAY
    with needs_two(org) as waits, org.app.database.write(org.organisation_id) as session:
        proposals.accept(session, org.organisation_id, row.id, by="Ada", now=clock.now(), until=until)
    assert [one.state for one in rows(org)] == ["waits"] and kept(org, customer) == []
    assert any("2 % off if paid within 10 days" in line for line in shown(org, waits[0]))
    assert yes(org, waits[0]) == "The proposal is accepted."
    (terms,) = kept(org, customer)
    assert in_words(terms).startswith("2 % off") and terms.until == until
    with org.app.database.read(org.organisation_id) as session:
        found = credit_proposals.by_id(session, org.organisation_id, row.id)
        assert found and (found.state, found.decided_by) == ("accepted", "Ada, with Ben's yes")


def test_proposed_payment_terms_without_a_discount_take_one_alone(org: Chasing) -> None:
    worse(org)
    (row,) = rows(org)
    with org.app.database.write(org.organisation_id) as session:
        proposals.accept(session, org.organisation_id, row.id, by="Ada", now=clock.now())
    assert [one.state for one in rows(org)] == ["accepted"]
