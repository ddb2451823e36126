"""Customers merged in the ledger: nobody is chased under the other name for what rests, and nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from credit_control.contact_law import Way
from credit_control.payment_plans import Instalment
from integration.ledger import NoteTarget
from kit import clock
from services import contact_wishes, holds, paid_claims, payment_plans, restriction, tags
from services.mirror.write import store_contacts, store_invoices
from store.models import Communication, Contact, Hold, Organisation, TeamTask
from store.queries import tags as tag_queries
from tests.services.promise_stage import keep
from tests.services.test_credit_limits import decide
from tests.services.test_disputes import open_one
from tests.services.test_special_terms_asked import agree
from tests.support.chasing import Chasing

MILL, GRAIN = "Mill & Sons", "Grain Ltd"
NUMBERS = ("INV-1", "INV-2")


def begin(org: Chasing) -> None:
    """The mill owes two invoices, the other customer nothing yet, and nothing leaves before a test says so."""
    mill = org.customer(MILL, "ann@mill.example")
    org.customer(GRAIN, "bob@grain.example")
    for number in NUMBERS:
        org.invoice(mill, number, 3)
    org.mirror()
    org.switch("live")


def ledger_id(org: Chasing, name: str) -> str:
    return next(one.id for one in org.ledger.contact_book.values() if one.name == name)


def invoices(org: Chasing) -> list[str]:
    return [
        next(key for key, one in org.ledger.invoice_book.items() if one.number == each) for each in NUMBERS
    ]


def contact_id(org: Chasing, name: str) -> str:
    return org.id_of(ledger_id(org, name))


def told_of_contacts(org: Chasing) -> None:
    with org.app.database.write(org.organisation_id) as session:
        store_contacts(session, org.organisation_id, list(org.ledger.contact_book.values()), clock.now())


def told_of_invoice(org: Chasing, *keys: str) -> None:
    with org.app.database.write(org.organisation_id) as session:
        found = [org.ledger.invoice_book[key] for key in keys]
        store_invoices(session, org.organisation_id, found, clock.now())


def both_at_once(org: Chasing) -> None:
    org.mirror()


def contacts_first(org: Chasing) -> None:
    told_of_contacts(org)
    org.plan()
    told_of_invoice(org, *invoices(org))


def invoices_first(org: Chasing) -> None:
    told_of_invoice(org, *invoices(org))
    org.plan()
    told_of_contacts(org)


def one_by_one(org: Chasing) -> None:
    first, second = invoices(org)
    told_of_invoice(org, first)
    org.plan()
    told_of_contacts(org)
    org.plan()
    told_of_invoice(org, second)


def invoices_alone(org: Chasing) -> None:
    """The news of the merge itself never comes."""
    for key in invoices(org):
        told_of_invoice(org, key)
        org.plan()


ORDERS = [both_at_once, contacts_first, invoices_first, one_by_one]


def merge(org: Chasing, name: str = MILL, into: str = GRAIN) -> None:
    """As the ledger does it: the one is archived, and its invoices are the other's."""
    old, new = ledger_id(org, name), ledger_id(org, into)
    org.ledger.change_contact(old, status="ARCHIVED", merged_into=new)
    for key, one in list(org.ledger.invoice_book.items()):
        if one.contact_id == old:
            org.ledger.change_invoice(key, contact_id=new, contact_name=into)


def write(org: Chasing, what: Callable[..., Any], *about: Any, **more: Any) -> Any:
    with org.app.database.write(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        return what(session, here, *about, by="Anna", now=clock.now(), **more)


def hold_of_all(org: Chasing) -> None:
    holds.place(
        org.app, org.organisation_id, contact_id=contact_id(org, MILL), by="Ben", reason="The owner is ill"
    )


def hold_of_each(org: Chasing) -> None:
    for key in invoices(org):
        holds.place(org.app, org.organisation_id, invoice_id=org.id_of(key), by="Ben", reason="Wrong price")


def disputes_of_each(org: Chasing) -> None:
    for key in invoices(org):
        open_one(org, key)


def one_promise(org: Chasing) -> None:
    keep(org, ledger_id(org, MILL), *NUMBERS, on=clock.now().date() + timedelta(days=20))


def one_plan(org: Chasing) -> None:
    days = [clock.now().date() + timedelta(days=each) for each in (20, 40)]
    parts = [Instalment(day, Decimal("100.00")) for day in days]
    write(org, payment_plans.agree, contact_id(org, MILL), [], parts, "GBP")


def said_to_be_paid(org: Chasing) -> None:
    write(
        org,
        paid_claims.claim,
        contact_id(org, MILL),
        [],
        paid_on=None,
        amount=None,
        currency=None,
        reference=None,
    )


def restricted(org: Chasing) -> None:
    restriction.restrict(org.app, org.organisation_id, contact_id(org, MILL), on=True, by="Anna")


def more_days(org: Chasing) -> None:
    agree(org, ledger_id(org, MILL), 90, due_days=90)


RESTS = [
    hold_of_all, hold_of_each, disputes_of_each, one_promise, one_plan, said_to_be_paid, restricted, more_days,
]  # fmt: skip


def after_a_week(org: Chasing) -> list[str]:
    """To whom something has left after a week of planning and sending."""
    for _ in range(3):
        org.shift(days=2, hours=1)
        org.plan(everything=True)
        org.send()
    return [address for one in org.chasers("sent") for address in one.to]


@pytest.mark.parametrize("order", ORDERS, ids=lambda one: one.__name__)
def test_where_nothing_rests_the_other_customer_is_chased(
    org: Chasing, order: Callable[[Chasing], None]
) -> None:
    begin(org)
    merge(org)
    order(org)
    assert "bob@grain.example" in " ".join(after_a_week(org))
    assert not [one for one in org.chasers("sent") if "ann@mill.example" in " ".join(one.to)]


@pytest.mark.parametrize("order", ORDERS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("rests", RESTS, ids=lambda one: one.__name__)
def test_what_rests_at_the_one_is_not_chased_at_the_other(
    org: Chasing, rests: Callable[[Chasing], None], order: Callable[[Chasing], None]
) -> None:
    begin(org)
    rests(org)
    merge(org)
    order(org)
    assert after_a_week(org) == []


@pytest.mark.parametrize(
    "rests", [one for one in RESTS if one is not more_days], ids=lambda one: one.__name__
)
def test_an_invoice_that_comes_before_the_news_of_the_merge_goes_on_resting(
    org: Chasing, rests: Callable[[Chasing], None]
) -> None:
    begin(org)
    rests(org)
    merge(org)
    invoices_alone(org)
    assert after_a_week(org) == []


@pytest.mark.parametrize("order", ORDERS, ids=lambda one: one.__name__)
def test_a_hold_stands_once_at_the_other_and_can_be_released_there(
    org: Chasing, order: Callable[[Chasing], None]
) -> None:
    begin(org)
    hold_of_all(org)
    merge(org)
    order(org)
    (hold,) = [one for one in rows(org, Hold) if one.released_at is None]
    assert (hold.contact_id, hold.invoice_id, hold.reason) == (
        contact_id(org, GRAIN),
        None,
        "The owner is ill",
    )
    holds.release(org.app, org.organisation_id, hold.id, "Anna")
    assert "bob@grain.example" in " ".join(after_a_week(org))


def test_the_story_goes_along_and_is_told_once_on_the_timeline_and_in_the_ledger(org: Chasing) -> None:
    begin(org)
    org.send()
    hold_of_all(org)
    merge(org)
    for _ in range(3):
        org.mirror()
    (told,) = [one for one in rows(org, Communication) if one.kind == "merged"]
    assert told.contact_id == contact_id(org, GRAIN)
    assert told.body_text == (
        "Mill & Sons was merged into this customer in Xero. Holds came along. "
        "Its messages, calls and notes stand here now."
    )
    (chaser,) = org.chasers("sent")
    assert chaser.contact_id == contact_id(org, GRAIN)
    org.write_notes()
    assert (NoteTarget.CONTACT, ledger_id(org, MILL)) not in org.ledger.notes
    noted = [text for texts in org.ledger.notes.values() for text in texts]
    assert len([one for one in noted if "another contact merged into Grain Ltd" in one]) == 1


def test_who_was_written_to_under_the_one_name_is_not_written_to_at_once_under_the_other(
    org: Chasing,
) -> None:
    begin(org)
    org.send()
    assert org.chasers("sent")
    org.invoice(ledger_id(org, GRAIN), "INV-9", 20)
    merge(org)
    org.mirror()
    org.shift(days=2)
    org.plan(everything=True)
    org.send()
    assert len(org.chasers("sent")) == 1


def test_what_was_never_set_at_the_other_is_taken_over_and_what_was_set_stays(org: Chasing) -> None:
    begin(org)
    mill, grain = contact_id(org, MILL), contact_id(org, GRAIN)
    with org.app.database.write(org.organisation_id) as session:
        session.get_one(Contact, (org.organisation_id, mill)).language = "de"
        session.get_one(Contact, (org.organisation_id, mill)).place = "AT"
        session.get_one(Contact, (org.organisation_id, grain)).place = "DE"
        tags.put(session, org.organisation_id, mill, "key account", by="Anna", now=clock.now())
        contact_wishes.note(
            session,
            org.organisation_id,
            mill,
            Way.CALL,
            contact_wishes.Wish.UNWANTED,
            how="Said so",
            by="Anna",
            now=clock.now(),
        )
    merge(org)
    org.mirror()
    found = org.contact(ledger_id(org, GRAIN))
    assert (found.language, found.place) == ("de", "DE")
    with org.app.database.read(org.organisation_id) as session:
        assert tag_queries.of(session, org.organisation_id, grain) == ["key account"]
        (wish,) = contact_wishes.wishes_of(session, org.organisation_id, grain)
        assert (wish.channel, wish.wish) == ("call", "unwanted")
    with org.app.database.write(org.organisation_id) as session:
        session.get_one(Contact, (org.organisation_id, grain)).language = None
    org.ledger.change_contact(ledger_id(org, MILL), first_name="Anne")
    org.mirror()
    assert org.contact(ledger_id(org, GRAIN)).language is None, (
        "what a person has changed since is not undone"
    )


def test_a_limit_is_asked_for_and_never_taken_over(org: Chasing) -> None:
    begin(org)
    decide(org, ledger_id(org, MILL), "5000")
    merge(org)
    for _ in range(2):
        org.mirror()
    (task,) = [one for one in rows(org, TeamTask) if "credit limit" in one.what]
    assert task.contact_id == contact_id(org, GRAIN)
    assert (
        task.what
        == "Mill & Sons, merged into this customer in Xero, had a credit limit of GBP 5,000.00. Say which holds."
    )


def test_special_terms_of_the_one_give_nothing_to_the_other_customers_own_invoices(org: Chasing) -> None:
    begin(org)
    org.invoice(ledger_id(org, GRAIN), "INV-9", 3)
    more_days(org)
    merge(org)
    org.mirror()
    after_a_week(org)
    assert [org.numbers(one) for one in org.chasers("sent")] == [{"INV-9"}]


def test_merged_twice_in_a_row_it_stands_with_the_last(org: Chasing) -> None:
    begin(org)
    org.customer("Flour plc", "cat@flour.example")
    hold_of_all(org)
    for one, other in pairwise((MILL, GRAIN, "Flour plc")):
        merge(org, one, other)
    org.mirror()
    (hold,) = [one for one in rows(org, Hold) if one.released_at is None]
    assert hold.contact_id == contact_id(org, "Flour plc")
    assert after_a_week(org) == []


def test_merged_into_a_customer_who_is_not_known_yet_it_waits_for_that(org: Chasing) -> None:
    begin(org)
    hold_of_all(org)
    old = ledger_id(org, MILL)
    new = org.customer("Flour plc", "cat@flour.example")
    org.ledger.change_contact(old, status="ARCHIVED", merged_into=new.upper())
    with org.app.database.write(org.organisation_id) as session:
        store_contacts(session, org.organisation_id, [org.ledger.contact_book[old]], clock.now())
    assert [one.contact_id for one in rows(org, Hold)] == [org.id_of(old)]
    told_of_contacts(org)
    assert [one.contact_id for one in rows(org, Hold)] == [org.id_of(new)]


def test_a_ledger_that_merges_in_a_circle_moves_nothing(org: Chasing) -> None:
    begin(org)
    hold_of_all(org)
    mill, grain = ledger_id(org, MILL), ledger_id(org, GRAIN)
    org.ledger.change_contact(mill, status="ARCHIVED", merged_into=grain)
    org.ledger.change_contact(grain, status="ARCHIVED", merged_into=mill)
    org.mirror()
    assert [one.contact_id for one in rows(org, Hold)] == [org.id_of(mill)]


def test_a_hold_that_comes_to_the_merged_customer_afterwards_stands_at_the_other(org: Chasing) -> None:
    begin(org)
    merge(org)
    org.mirror()
    hold_of_all(org)
    org.plan()
    assert [one.contact_id for one in rows(org, Hold)] == [contact_id(org, GRAIN)]
    assert after_a_week(org) == []


def test_an_invoice_that_was_booked_to_the_wrong_customer_takes_its_dispute_along_and_nothing_else(
    org: Chasing,
) -> None:
    begin(org)
    first, _second = invoices(org)
    open_one(org, first)
    org.ledger.change_invoice(first, contact_id=ledger_id(org, GRAIN), contact_name=GRAIN)
    org.mirror()
    after_a_week(org)
    assert {number for one in org.chasers("sent") for number in org.numbers(one)} == {"INV-2"}
    assert not [one for one in rows(org, Communication) if one.kind == "merged"]


def rows(org: Chasing, model: Any) -> list[Any]:
    with org.app.database.read(org.organisation_id) as session:
        return list(session.scalars(select(model).where(model.organisation_id == org.organisation_id)))
