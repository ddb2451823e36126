"""The task to enter a credit note for what special terms took off: asked once, and finished when the ledger has it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kit import clock
from services import team_tasks
from store.models import TeamTask
from tests.services.test_disputes import credit
from tests.services.test_special_terms_asked import agree, pay
from tests.support.chasing import Chasing


def the_task(org: Chasing) -> TeamTask:
    with org.app.database.read(org.organisation_id) as session:
        (task,) = session.query(TeamTask).all()
        return task


@pytest.fixture
def invoice(org: Chasing) -> str:
    """One of 1,000.00 with 2 % off, of which 980.00 came in time; its ledger id."""
    contact = org.customer()
    invoice = org.invoice(contact, "INV-1", 3, "1000")
    org.mirror()
    agree(org, contact, 10, percent=Decimal(2))
    pay(org, "980")
    return invoice


def news(org: Chasing) -> None:
    org.ledger.now = clock.now()
    org.mirror()


def test_it_says_what_it_waits_for_and_is_finished_when_the_credit_note_is_allocated(
    org: Chasing, invoice: str
) -> None:
    task = the_task(org)
    assert "GBP 20.00" in task.what and "finished by itself" in task.what
    assert task.finished_at is None
    org.shift(days=1)
    org.ledger.now = clock.now()
    credit(org, invoice, "20")
    news(org)
    done = the_task(org)
    assert (done.id, done.finished_by) == (task.id, "Dunnock")


def test_a_credit_note_on_the_contact_alone_may_be_for_another_invoice_so_the_task_waits(
    org: Chasing, invoice: str
) -> None:
    org.shift(days=1)
    org.ledger.now = clock.now()
    org.ledger.add_credit(org.ledger.invoice_book[invoice].contact_id, "CN-9", "20")
    news(org)
    assert the_task(org).finished_at is None


def test_where_another_amount_is_left_the_same_task_asks_for_that(org: Chasing, invoice: str) -> None:
    before = the_task(org)
    org.shift(days=1)
    org.ledger.now = clock.now()
    credit(org, invoice, "5")
    news(org)
    after = the_task(org)
    assert (after.id, after.finished_at) == (before.id, None)
    assert "GBP 15.00" in after.what


def test_who_finished_it_is_not_asked_again_for_the_same_amount(org: Chasing, invoice: str) -> None:
    with org.app.database.write(org.organisation_id) as session:
        team_tasks.finish(session, org.organisation_id, the_task(org).id, by="Anna Hale", now=clock.now())
    org.shift(days=1)
    org.ledger.now = clock.now()
    org.ledger.change_invoice(invoice, reference="seen")
    news(org)
    assert the_task(org).finished_by == "Anna Hale"


def test_who_finished_it_is_asked_anew_when_another_amount_is_left(org: Chasing, invoice: str) -> None:
    with org.app.database.write(org.organisation_id) as session:
        team_tasks.finish(session, org.organisation_id, the_task(org).id, by="Anna Hale", now=clock.now())
    org.shift(days=1)
    org.ledger.now = clock.now()
    credit(org, invoice, "5")
    news(org)
    assert the_task(org).finished_at is None
    assert "GBP 15.00" in the_task(org).what
