"""What comes next to a customer over all its invoices, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kit import clock
from services import holds
from services.books import desk_of
from services.contact_why import ContactWhy, contact_why
from tests.support.chasing import SATURDAY, Chasing, chasing


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path, now=SATURDAY) as org:
        org.change(synced_at=clock.now(), chasing="live")
        yield org


def why(org: Chasing, customer: str) -> ContactWhy:
    with org.app.database.read(org.organisation_id) as session:
        desk = desk_of(session, org.organisation_id)
        found = contact_why(session, desk, org.id_of(customer))
    assert found
    return found


def test_the_next_step_is_that_of_the_gravest_invoice_with_what_moved_it(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 14)
    org.invoice(customer, "INV-2", 3)
    org.mirror()
    found = why(org, customer)
    assert found.decision == "send"
    assert found.next_step
    assert (found.next_step.name, found.next_step.on) == ("Third reminder", date(2026, 11, 16))
    texts = {one.text: one.numbers for one in found.reasons}
    assert any(text.startswith("Moved from Saturday 14 November 2026") for text in texts)
    assert texts["2 invoices travel in one message."] == ()
    assert any("“Third reminder” is due" in text and numbers == ("INV-1",) for text, numbers in texts.items())


def test_a_hold_says_that_nothing_leaves_and_why(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 14)
    org.mirror()
    holds.place(
        org.app, org.organisation_id, by="Anna Hale", reason="In talks", contact_id=org.id_of(customer)
    )
    found = why(org, customer)
    assert (found.decision, found.next_step) == ("hold", None)
    assert any("In talks" in one.text and one.outcome == "stops" for one in found.reasons)


def test_what_keeps_everything_back_is_said_of_each_customer_too(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 0)
    org.mirror()
    org.change(chasing="off")
    assert any(
        one.text == "Chasing is switched off, so nothing leaves." for one in why(org, customer).reasons
    )
