"""Planning: the rules' decisions become rows, the same ones however often and by however many it is done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from integration.ledger import LedgerPerson
from kit import clock
from services import plan
from store.models import Contact
from tests.support.chasing import SATURDAY, Chasing, chasing


def test_an_overdue_invoice_becomes_one_planned_chaser(org: Chasing) -> None:
    org.one_overdue(7)
    org.switch("live")
    row = org.only_chaser()
    assert (row.status, row.step_name, row.to) == ("planned", "Second reminder", ["ann@bellwether.example"])
    assert row.planned_for is not None and row.planned_for <= clock.now()
    assert row.not_after == datetime(2026, 11, 16, 16, 0, tzinfo=UTC)
    assert "“Second reminder” is due from 16 November 2026 on" in " ".join(one["text"] for one in row.reasons)
    assert org.steps() == [(3, "planned")]


def test_several_invoices_of_a_customer_travel_in_one_chaser(org: Chasing) -> None:
    customer = org.customer()
    for number, overdue in (("INV-1", 2), ("INV-2", 8), ("INV-3", 20)):
        org.invoice(customer, number, overdue)
    org.mirror()
    org.switch("live")
    row = org.only_chaser()
    assert org.numbers(row) == {"INV-1", "INV-2", "INV-3"}
    assert row.step_name == "Third reminder"


def two_reminded(org: Chasing) -> list[str]:
    """Two invoices of one customer, two days apart, whose first reminder left in one mail on Monday the 16th."""
    customer = org.customer()
    invoices = [org.invoice(customer, "INV-1", 4), org.invoice(customer, "INV-2", 2)]
    org.mirror()
    org.switch("live")
    org.send()
    (first,) = org.chasers("sent")
    assert first.step_name == "First reminder" and org.numbers(first) == {"INV-1", "INV-2"}
    org.move_to(
        datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    )  # the second reminders are for the 19th and the 21st
    org.plan()
    return invoices


def test_what_the_gap_would_keep_waiting_goes_along_and_gets_no_mail_of_its_own(org: Chasing) -> None:
    two_reminded(org)
    org.send()
    _, second = sorted(org.chasers("sent"), key=lambda row: row.planned_for or SATURDAY)
    assert second.step_name == "Second reminder" and org.numbers(second) == {"INV-1", "INV-2"}
    assert all(text in (second.body_text or "") for text in ("INV-1", "INV-2"))
    for days in (24, 25):
        org.move_to(datetime(2026, 11, days, 11, 0, tzinfo=UTC))
        org.plan()
        org.send()
    assert len(org.mailer.taken) == 2


def test_what_only_goes_along_does_not_leave_when_the_other_is_paid(org: Chasing) -> None:
    paid, _ = two_reminded(org)
    org.ledger.pay(paid)
    org.send()
    assert len(org.mailer.taken) == 1
    org.move_to(datetime(2026, 11, 23, 11, 0, tzinfo=UTC))
    org.plan()
    org.send()
    (left,) = [row for row in org.chasers("sent") if row.step_name == "Second reminder"]
    assert org.numbers(left) == {"INV-2"}


def test_planning_again_and_again_changes_nothing(org: Chasing) -> None:
    for number in range(5):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3 + 5 * number)
    org.mirror()
    org.switch("live")
    before = [(row.id, row.status, row.planned_for, row.created_at) for row in org.chasers()]
    for _ in range(20):
        org.shift(minutes=5)
        org.plan(everything=True)
    assert [(row.id, row.status, row.planned_for, row.created_at) for row in org.chasers()] == before


def test_many_planners_at_once_give_the_same_chasers(org: Chasing) -> None:
    for number in range(40):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", number)
    org.mirror()
    org.change(chasing="live")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: org.plan(everything=number % 2 == 0), range(16)))
    planned = org.chasers("planned")
    assert len(planned) == len(org.chasers()) == len({row.contact_id for row in planned}) == 38


def test_nothing_is_planned_while_chasing_is_off_or_the_ledger_is_away(org: Chasing) -> None:
    org.one_overdue()
    assert org.plan(everything=True).contacts == 0
    org.change(chasing="live", connection="needs_reconnect")
    assert org.plan(everything=True).contacts == 0
    assert org.chasers() == []
    assert plan.due(org.app) == []


def test_an_organisation_is_due_as_long_as_a_contact_waits_for_a_look(org: Chasing) -> None:
    org.one_overdue()
    org.change(chasing="live")
    assert plan.due(org.app) == [org.organisation_id]
    org.plan(everything=True)
    assert plan.due(org.app) == []
    org.move_to(datetime(2026, 11, 16, 16, 0, 1, tzinfo=UTC))  # the window has closed over the planned chaser
    assert plan.due(org.app) == [org.organisation_id]


def test_a_paid_invoice_leaves_the_plan_and_the_row_says_why(org: Chasing) -> None:
    invoice = org.one_overdue()
    org.switch("live")
    org.ledger.pay(invoice)
    org.mirror()
    org.plan()
    row = org.only_chaser()
    assert row.status == "cancelled"
    assert row.reason == "The ledger has this invoice as PAID; only AUTHORISED ones are chased."
    assert org.steps() == []


def test_a_payment_taken_back_plans_the_same_row_again(org: Chasing) -> None:
    invoice = org.one_overdue()
    org.switch("live")
    before = org.only_chaser()
    payment = org.ledger.pay(invoice)
    org.mirror()
    org.plan()
    org.ledger.delete_payment(payment)
    org.mirror()
    org.plan()
    row = org.only_chaser()
    assert (row.id, row.status, row.reason) == (before.id, "planned", None)
    assert org.steps() == [(2, "planned")]


def test_an_invoice_that_joins_makes_another_chaser_in_place_of_the_first(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 3)
    org.mirror()
    org.switch("live")
    org.invoice(customer, "INV-2", 3)
    org.mirror()
    org.plan()
    (planned,) = org.chasers("planned")
    (cancelled,) = org.chasers("cancelled")
    assert org.numbers(planned) == {"INV-1", "INV-2"}
    assert "travel together have changed" in (cancelled.reason or "")


def test_a_step_of_saturday_is_planned_for_mondays_window(database_url: str, tmp_path: Path) -> None:
    with chasing(database_url, tmp_path, now=SATURDAY) as org:
        org.one_overdue(2)
        org.switch("live")
        row = org.only_chaser()
        assert row.planned_for is not None
        assert (
            timedelta()
            <= row.planned_for - datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
            <= timedelta(minutes=90)
        )


def test_a_chaser_that_missed_its_window_waits_for_the_next_one_and_says_so(org: Chasing) -> None:
    org.one_overdue()
    org.switch("live")
    before = org.only_chaser()
    org.move_to(datetime(2026, 11, 16, 20, 0, tzinfo=UTC))
    org.plan()
    row = org.only_chaser()
    assert (row.id, row.status) == (before.id, "planned")
    assert row.not_after == datetime(2026, 11, 17, 16, 0, tzinfo=UTC)
    assert "window closed" in (row.reason or "")


def test_switching_off_cancels_everything_and_names_who_did_it(org: Chasing) -> None:
    org.one_overdue()
    org.switch("live")
    org.switch("off")
    row = org.only_chaser()
    assert (row.status, row.reason) == ("cancelled", "Chasing was switched off by Anna Hale.")
    assert org.steps() == []


def test_a_contact_that_owes_nothing_is_not_looked_at_again(org: Chasing) -> None:
    org.customer("Pays at once")
    paid = org.invoice(org.customer("Has paid"), "INV-1", 3)
    org.mirror()
    org.ledger.pay(paid)
    org.mirror()
    org.change(chasing="live")
    org.plan()
    with org.app.database.read(org.organisation_id) as session:
        assert set(session.scalars(select(Contact.next_look_at))) == {None}


def test_persons_whom_the_ledger_includes_in_mails_are_addressed_too(org: Chasing) -> None:
    persons = (
        LedgerPerson(None, None, "ANN@bellwether.example", include_in_emails=True),
        LedgerPerson("Ben", None, "ben@bellwether.example", include_in_emails=True),
        LedgerPerson("Cat", None, "cat@bellwether.example", include_in_emails=False),
        LedgerPerson(None, None, "no address", include_in_emails=True),
    )
    org.invoice(org.customer(persons=persons), "INV-1", 3)
    org.mirror()
    org.switch("live")
    assert org.only_chaser().to == ["ann@bellwether.example", "ben@bellwether.example"]


@pytest.mark.parametrize(
    "email", [None, "", "nobody", "two@at@signs.example", "new\nline@x.example", "a@x.example; b@x.example"]
)
def test_a_customer_without_a_usable_address_gets_nothing(org: Chasing, email: str | None) -> None:
    org.invoice(org.customer(email=email), "INV-1", 3)
    org.mirror()
    org.switch("live")
    assert org.chasers() == []


def test_one_contact_that_cannot_be_decided_does_not_keep_the_others_waiting(org: Chasing) -> None:
    poisoned = org.customer("Endless")
    org.ledger.add_invoice(poisoned, "INV-9999", due_on=date.max)
    org.one_overdue()
    org.switch("live")
    assert [org.numbers(row) for row in org.chasers("planned")] == [{"INV-1"}]
    assert plan.due(org.app) == []
