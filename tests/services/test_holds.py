"""Holds: chasing stops at once, and goes on when the hold ends."""

from __future__ import annotations

from datetime import date

import pytest

from kit.errors import UserError
from services import holds
from tests.support.chasing import Chasing


def test_a_held_customer_gets_nothing_until_the_hold_is_released(org: Chasing) -> None:
    org.one_overdue()
    org.switch("live")
    (contact,) = org.ledger.contact_book
    hold = holds.place(org.app, org.organisation_id, contact_id=org.id_of(contact), by="Ben", reason="Rang")
    assert (org.only_chaser().status, org.only_chaser().reason) == (
        "cancelled",
        "Not sent, because a colleague has put this on hold.",
    )
    org.plan(everything=True)
    assert org.only_chaser().status == "cancelled"
    holds.release(org.app, org.organisation_id, hold.id, "Ben")
    org.plan()
    assert org.only_chaser().status == "planned"


def test_a_held_invoice_leaves_the_others_of_the_customer_to_be_chased(org: Chasing) -> None:
    customer = org.customer()
    disputed, _ = org.invoice(customer, "INV-1", 3), org.invoice(customer, "INV-2", 3)
    org.mirror()
    org.switch("live")
    holds.place(
        org.app,
        org.organisation_id,
        invoice_id=org.id_of(disputed),
        kind="dispute",
        by="Ben",
        reason="Wrong price",
    )
    org.plan()
    (planned,) = org.chasers("planned")
    assert org.numbers(planned) == {"INV-2"}


def test_a_hold_with_a_date_ends_by_itself(org: Chasing) -> None:
    org.one_overdue()
    org.switch("live")
    (contact,) = org.ledger.contact_book
    until = date(2026, 11, 18)
    holds.place(
        org.app, org.organisation_id, contact_id=org.id_of(contact), by="Ben", reason="Rang", until=until
    )
    org.plan()
    org.shift(days=2)
    org.plan()
    assert org.chasers("planned") == []
    org.shift(days=1)
    org.plan()
    assert len(org.chasers("planned")) == 1


@pytest.mark.parametrize("what", [{}, {"contact_id": "0" * 32}, {"invoice_id": "0" * 32}])
def test_nothing_cannot_be_held(org: Chasing, what: dict[str, str]) -> None:
    with pytest.raises(UserError):
        holds.place(org.app, org.organisation_id, by="Ben", reason="Rang", **what)  # type: ignore[arg-type]  # ids only


def test_a_hold_is_released_once(org: Chasing) -> None:
    invoice = org.id_of(org.one_overdue())
    hold = holds.place(org.app, org.organisation_id, invoice_id=invoice, by="Ben", reason="Rang")
    holds.release(org.app, org.organisation_id, hold.id, "Ben")
    with pytest.raises(UserError, match="no such hold in force"):
        holds.release(org.app, org.organisation_id, hold.id, "Ben")
