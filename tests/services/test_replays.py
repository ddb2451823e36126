"""A schedule replayed on the past of the organisation's own book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from kit.errors import UserError
from services import replays
from services.replays import Replayed
from store.models import Invoice
from store.queries import schedules
from tests.support.chasing import Chasing, chasing


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as org:
        yield org


def standard(org: Chasing) -> str:
    with org.app.database.read(org.organisation_id) as session:
        return {name: one for one, name in schedules.names(session, org.organisation_id)}["Standard"]


def played(org: Chasing) -> Replayed:
    replays.ask(org.app, org.organisation_id, standard(org), "Anna Hale")
    assert replays.due(org.app) == [org.organisation_id]
    while replays.go_on(org.app, org.organisation_id, 8):
        pass
    assert replays.due(org.app) == []
    with org.app.database.read(org.organisation_id) as session:
        found = replays.found(session, org.organisation_id, standard(org))
    assert found
    return found


def paid(org: Chasing, ledger_id: str, on: date) -> None:
    """An invoice of the past that was paid on this day."""
    with org.app.database.write(org.organisation_id) as session:
        session.execute(
            update(Invoice)
            .where(Invoice.ledger_id == ledger_id)
            .values(status="PAID", amount_due=0, fully_paid_on=on)
        )


def test_messages_are_counted_while_an_invoice_was_open_and_not_after(org: Chasing) -> None:
    due_on = date(2026, 6, 1)
    slow = org.ledger.add_invoice(
        org.customer("Slow Ltd"), "INV-1", "100.00", issued_on=date(2026, 5, 2), due_on=due_on
    )
    quick = org.ledger.add_invoice(
        org.customer("Quick Ltd"), "INV-2", "100.00", issued_on=date(2026, 5, 2), due_on=due_on
    )
    org.mirror()
    paid(org, slow, date(2026, 6, 10))
    paid(org, quick, date(2026, 6, 2))
    found = played(org)
    assert found.done
    assert (found.contacts, found.invoices) == (2, 2)
    assert found.by_month == {
        "2026-05": {"Courtesy note": 2},
        "2026-06": {"First reminder": 1, "Second reminder": 1},
    }
    by_name = {one.name: one for one in found.steps}
    assert (by_name["First reminder"].invoices, by_name["First reminder"].paid_by_then) == (2, 1)
    assert (by_name["Third reminder"].invoices, by_name["Third reminder"].paid_by_then) == (2, 2)
    assert [(name, count) for _, name, count in found.top] == [("Slow Ltd", 3), ("Quick Ltd", 1)]
    assert (found.messages, found.written_to, found.most) == (4, 2, 3)


def test_it_says_from_when_the_book_goes_where_that_is_less_than_a_year(org: Chasing) -> None:
    org.ledger.add_invoice(
        org.customer(), "INV-1", "100.00", issued_on=date(2026, 9, 1), due_on=date(2026, 10, 1)
    )
    org.mirror()
    assert played(org).first == date(2026, 9, 1)
    org.ledger.add_invoice(
        org.customer("Old"), "INV-0", "100.00", issued_on=date(2024, 9, 1), due_on=date(2024, 10, 1)
    )
    org.mirror()
    found = played(org)
    assert found.first == found.last - timedelta(days=365)


def test_old_debt_does_not_leave_in_a_burst_at_the_beginning(org: Chasing) -> None:
    org.ledger.add_invoice(
        org.customer(), "INV-0", "100.00", issued_on=date(2025, 6, 1), due_on=date(2025, 7, 1)
    )
    org.mirror()
    assert played(org).messages == 0


def test_several_invoices_of_a_customer_count_as_one_message(org: Chasing) -> None:
    customer = org.customer()
    for number in range(3):
        org.ledger.add_invoice(
            customer, f"INV-{number}", "50.00", issued_on=date(2026, 5, 2), due_on=date(2026, 6, 1)
        )
    org.mirror()
    found = played(org)
    assert found.by_month["2026-06"]["First reminder"] == 1
    assert found.steps[1].invoices == 3


def test_only_a_schedule_that_there_is_can_be_replayed(org: Chasing) -> None:
    with pytest.raises(UserError, match="no such schedule"):
        replays.ask(org.app, org.organisation_id, "0" * 32, "Anna Hale")
