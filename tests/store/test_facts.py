"""Rows to facts: the rules see what the mirror and our own record say, and nothing of anybody else's."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.facts import Course
from credit_control.people import Person
from credit_control.resting import Hold, HoldKind
from credit_control.schedules import STANDARD
from kit import clock
from kit.ids import derived_id
from services import holds, presets
from services.compose import all_shipped
from services.languages import languages
from store import facts as loading
from store import models, people
from store.courses import course_of
from store.facts import books
from tests.support.chasing import Chasing, chasing
from tests.support.mirrored import add_organisation


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as found:
        yield found


def course(session: Session, org: Chasing) -> Course:
    found = course_of(session, org.organisation_id)
    assert found is not None
    return found


def book_of(org: Chasing, customer: str, also: frozenset[str] = frozenset()) -> facts.ContactBook:
    with org.app.database.read(org.organisation_id) as session:
        (book,) = books(session, org.organisation_id, course(session, org), [org.id_of(customer)], also)
    return book


def test_a_book_holds_what_the_mirror_says(org: Chasing) -> None:
    customer = org.customer("Bellwether Books")
    invoice = org.invoice(customer, "INV-1", 10, "1234.56", currency="EUR", expected_on=date(2026, 12, 1))
    org.ledger.add_credit(customer, "CN-1", "12.30")
    org.mirror()
    holds.place(org.app, org.organisation_id, contact_id=org.id_of(customer), by="Ben", reason="Rang")
    book = book_of(org, customer)
    assert book.contact == facts.Contact(
        org.id_of(customer),
        "Bellwether Books",
        "ACTIVE",
        "ann@bellwether.example",
        people=(Person("", "ann@bellwether.example", included=True),),
    )
    assert book.invoices == (
        facts.Invoice(
            org.id_of(invoice), "INV-1", date(2026, 10, 7), date(2026, 11, 6), "EUR",
            Decimal("1234.56"), Decimal("1234.56"), "AUTHORISED", date(2026, 12, 1),
        ),
    )  # fmt: skip
    assert book.credits == (facts.Credit("credit_note", "GBP", Decimal("12.30")),)
    assert book.holds == (Hold(HoldKind.PERSON, "Rang"),)
    assert book.schedule.steps == STANDARD


def test_closed_invoices_are_left_out_unless_they_are_asked_for(org: Chasing) -> None:
    customer = org.customer()
    paid = org.invoice(customer, "INV-1", 10)
    org.mirror()
    org.ledger.pay(paid)
    org.mirror()
    assert book_of(org, customer).invoices == ()
    (invoice,) = book_of(org, customer, frozenset({org.id_of(paid)})).invoices
    assert (invoice.status, invoice.amount_due) == ("PAID", Decimal(0))


def test_steps_that_are_only_planned_are_not_behind(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 7)
    org.mirror()
    org.switch("live")
    assert book_of(org, customer).taken == ()
    org.send()
    assert {step.position for step in book_of(org, customer).taken} == {1, 2, 3}


def test_nothing_of_another_organisation_is_in_a_book(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 7)
    org.mirror()
    mine = org.organisation_id
    before = book_of(org, customer)
    org.organisation_id = add_organisation(org.app, "another-tenant", sender_email="eve@example.com")
    with org.app.database.write(org.organisation_id) as session:
        presets.install(session, org.organisation_id, clock.now())
    org.invoice(customer, "INV-2", 9)
    org.ledger.add_credit(customer, "CN-1")
    org.mirror()
    holds.place(org.app, org.organisation_id, contact_id=org.id_of(customer), by="Eve", reason="Hers")
    org.organisation_id = mine
    assert book_of(org, customer) == before


def test_books_come_in_the_order_of_their_contacts_whatever_was_asked(org: Chasing) -> None:
    customers = [org.customer(f"Customer {number}") for number in range(6)]
    org.mirror()
    ids = [org.id_of(customer) for customer in customers]
    with org.app.database.read(org.organisation_id) as session:
        found = books(session, org.organisation_id, course(session, org), [*reversed(ids), ids[0]])
    assert [book.contact.id for book in found] == sorted(ids)


def test_an_organisation_without_a_schedule_has_no_course(org: Chasing) -> None:
    bare = add_organisation(org.app, "bare-tenant")
    with org.app.database.read(bare) as session:
        assert course_of(session, bare) is None


def test_presets_are_installed_once_and_leave_changes_alone(org: Chasing) -> None:
    with org.app.database.write(org.organisation_id) as session:
        session.get_one(
            models.Schedule, (org.organisation_id, derived_id("schedule", org.organisation_id, "Gentle"))
        ).name = "Mild"
    with org.app.database.write(org.organisation_id) as session:
        presets.install(session, org.organisation_id, clock.now())
    with org.app.database.read(org.organisation_id) as session:
        names = {(one.name, one.is_default) for one in session.query(models.Schedule)}
        keys = {one.key for one in session.query(models.Template)}
        texts = session.query(models.TemplateVersion).count()
    assert names == {("Mild", False), ("Standard", True), ("Firm", False)}
    assert keys == set(all_shipped()) >= {step.template for step in STANDARD if step.template}
    assert texts == len(keys) * len(languages())


PERSON = st.fixed_dictionaries(
    {"email": st.none() | st.text(max_size=20) | st.emails(), "include_in_emails": st.booleans()}
)


@given(st.none() | st.text(max_size=20) | st.emails(), st.lists(PERSON, max_size=9))
def test_recipients_are_few_distinct_plain_and_the_ledgers_own(
    email: str | None, persons: list[dict[str, Any]]
) -> None:
    found = [one.email for one in people.merged("", email, persons, None) if one.included and one.email]
    offered = {
        (one or "").strip() for one in (email, *(p["email"] for p in persons if p["include_in_emails"]))
    }
    assert set(found) <= offered
    assert len(found) == len({one.lower() for one in found}) <= people.MOST_OF_LEDGER
    assert all(one.count("@") == 1 and one.split() == [one] and one.isprintable() for one in found)


def test_every_field_of_an_invoice_is_loaded() -> None:
    names = [field.name for field in dataclasses.fields(facts.Invoice)]
    beside = {
        "disputed",
        "disputed_because",
        "credit_is_due",
        "special",
        "due_in_ledger",
    }  # where anything is
    assert len(loading._INVOICE_COLUMNS) == len(set(names) - beside) + 1  # and the contact that it belongs to
