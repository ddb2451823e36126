"""Steps for first and large invoices alone, from the mirror to the mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from kit import clock
from services import outlook, placing, schedules
from services.books import desk_of
from services.changes import change_of_chasing
from services.mirror.write import store_invoices
from services.placing import RuleWanted
from services.simulation import Specimen, simulate
from store.queries import schedules as queries
from tests.support.chasing import Chasing, chasing


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    """An organisation on the schedule Gentle as it comes."""
    with chasing(database_url, tmp_path) as stage:
        with change_of_chasing(stage.app, stage.organisation_id) as session:
            schedules.make_default(session, stage.organisation_id, gentle(stage))
        yield stage


def gentle(org: Chasing) -> str:
    with org.app.database.read(org.organisation_id) as session:
        return next(one for one, name in queries.names(session, org.organisation_id) if name == "Gentle")


def due_in_three_days(
    org: Chasing, number: str, customer: str, total: str = "100.00", issued: int = 27
) -> str:
    on = clock.now().date()
    return org.invoice(customer, number, -3, total, issued_on=on - timedelta(days=issued))


def planned(org: Chasing) -> list[str]:
    return sorted(row.step_name or "" for row in org.chasers("planned"))


def said(org: Chasing, invoice: str) -> str:
    found = outlook.why(org.app, org.organisation_id, org.id_of(invoice))
    assert found
    return " ".join(one.text for one in found.reasons)


def test_a_new_customer_is_written_to_before_its_first_invoice_is_due_and_an_old_one_is_not(
    org: Chasing,
) -> None:
    old, new = org.customer("Old Ltd", "old@example.com"), org.customer("New Ltd", "new@example.com")
    org.invoice(old, "INV-1", 40, status="PAID")
    later, first = due_in_three_days(org, "INV-2", old), due_in_three_days(org, "INV-3", new)
    org.mirror()
    org.switch("live")
    (row,) = org.chasers("planned")
    assert (row.step_name, row.contact_id) == ("Courtesy note", org.contact(new).id)
    reason = "“Courtesy note” is left out: not the customer’s first invoice and below GBP 1,000.00."
    assert reason in said(org, later) and reason not in said(org, first)
    report = outlook.run_report(org.app, org.organisation_id)
    rests = {one.number: one.reasons for contact in report.contacts for one in contact.rests}
    assert reason in [one.text for one in rests["INV-2"]]


def test_a_voided_invoice_was_none_so_the_next_one_is_the_first(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 40, status="VOIDED")
    due_in_three_days(org, "INV-2", customer)
    org.mirror()
    org.switch("live")
    assert planned(org) == ["Courtesy note"]


def test_an_earlier_invoice_that_turns_up_takes_the_mail_back(org: Chasing) -> None:
    customer = org.customer()
    due_in_three_days(org, "INV-2", customer)
    org.mirror()
    org.switch("live")
    assert planned(org) == ["Courtesy note"]
    org.invoice(customer, "INV-1", 40, status="PAID")
    with org.app.database.write(org.organisation_id) as session:
        store_invoices(session, org.organisation_id, list(org.ledger.invoice_book.values()), clock.now())
    org.plan()
    assert planned(org) == []
    (row,) = org.chasers("cancelled")
    assert "not the customer’s first invoice" in (row.reason or "")


def test_a_large_invoice_in_the_currency_of_the_books_has_the_note_and_one_in_another_says_why_not(
    org: Chasing,
) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 90, status="PAID")
    due_in_three_days(org, "INV-2", customer, "1000.00")
    foreign = org.customer("Other Ltd", "other@example.com")
    org.invoice(foreign, "INV-3", 90, status="PAID")
    on = clock.now().date()
    euros = org.invoice(foreign, "INV-4", -3, "9000.00", currency="EUR", issued_on=on - timedelta(days=20))
    org.mirror()
    org.switch("live")
    assert planned(org) == ["Courtesy note"]
    assert "not the customer’s first invoice and no amount is set for EUR." in said(org, euros)


def test_who_comes_to_it_by_a_rule_or_by_hand_is_looked_up_as_well(org: Chasing) -> None:
    customer = org.customer()
    due_in_three_days(org, "INV-1", customer)
    org.mirror()
    with org.app.database.read(org.organisation_id) as session:
        names = {name: one for one, name in queries.names(session, org.organisation_id)}
    with change_of_chasing(org.app, org.organisation_id) as session:
        schedules.make_default(session, org.organisation_id, names["Firm"])
        condition = {"field": "name", "contains": "Bellwether"}
        rule = placing.add(session, org.organisation_id, RuleWanted("Kind", [condition], names["Gentle"]))
    org.switch("live")
    assert planned(org) == ["Courtesy note"]
    with change_of_chasing(org.app, org.organisation_id) as session:
        placing.remove(session, org.organisation_id, rule)
        contact_id = org.contact(customer).id
        schedules.choose(session, org.organisation_id, contact_id, names["Gentle"], "Anna Hale")
    org.plan(everything=True)
    assert planned(org) == ["Courtesy note"]


def test_a_schedule_is_tried_on_a_made_up_invoice_as_a_first_one_and_for_a_known_customer_as_what_it_is(
    org: Chasing,
) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 90, status="PAID")
    org.mirror()
    today = clock.now().date()
    about = Specimen(today, today + timedelta(days=30), Decimal(50), "GBP")
    with org.app.database.read(org.organisation_id) as session:
        desk = desk_of(session, org.organisation_id)
        tried = [
            simulate(session, desk, desk.course.schedule, about, today, contact_id).trial
            for contact_id in (None, org.contact(customer).id)
        ]
    assert ["Courtesy note" in [one.step.name for one in trial.events if one.at] for trial in tried] == [
        True,
        False,
    ]


@pytest.mark.parametrize("customers", [1, 40])
def test_first_invoices_are_asked_for_once_for_all_customers(org: Chasing, customers: int) -> None:
    for number in range(customers):
        customer = org.customer(f"Customer {number}", f"c{number}@example.com")
        due_in_three_days(org, f"INV-{number}", customer)
        due_in_three_days(org, f"INV-{number}-2", customer)
    org.mirror()
    org.switch("dry_run")
    asked: list[str] = []

    def count(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        if "min(invoices.issued_on)" in statement:
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        org.plan(everything=True)
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert len(asked) == 1
