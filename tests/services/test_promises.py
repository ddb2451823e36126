"""A promise to pay: exactly its invoices rest, until its day and the days of grace are over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kit.errors import UserError
from tests.services.promise_stage import TUESDAY, all_promises, keep, states, why, withdraw
from tests.support.chasing import Chasing


@pytest.fixture
def customer(org: Chasing) -> str:
    """Owes two invoices, three days overdue."""
    found = org.customer()
    org.invoice(found, "INV-1", 3)
    org.invoice(found, "INV-2", 3)
    org.mirror()
    org.switch("live")
    return found


def test_exactly_the_promised_invoices_rest_and_one_reason_says_so(org: Chasing, customer: str) -> None:
    keep(org, customer, "INV-1", amount="60.00", currency="GBP")
    assert why(org, "INV-1").decision == "hold"
    stopping = [said.text for said in why(org, "INV-1").reasons if said.outcome == "stops"]
    assert stopping == [
        "Promised GBP 60.00 by 24 November 2026; chasing waits until 26 November 2026, that day included."
    ]
    assert why(org, "INV-2").decision == "send"
    org.plan()
    org.send()
    (mail,) = org.mailer.taken
    assert "INV-2" in mail.text and "INV-1" not in mail.text


def test_a_promise_of_all_is_about_what_is_open_at_that_moment(org: Chasing, customer: str) -> None:
    promise = keep(org, customer)
    assert (promise.amount, promise.currency, promise.whole) == (Decimal(200), "GBP", True)
    org.invoice(customer, "INV-3", 3)
    org.mirror()
    assert [why(org, number).decision for number in ("INV-1", "INV-2", "INV-3")] == ["hold", "hold", "send"]


def test_chasing_resumes_on_the_day_after_the_grace(org: Chasing, customer: str) -> None:
    keep(org, customer, on=date(2026, 11, 20))
    step = why(org, "INV-1").next_step
    assert step is not None and step.on == date(2026, 11, 25)


def test_it_is_noted_once_on_the_contact_and_on_each_invoice(org: Chasing, customer: str) -> None:
    keep(org, customer, "INV-1", amount="60.00", currency="GBP", said_by="Priya Nair")
    notes = [note.text for note in org.ledger_notes()]
    assert len(notes) == 2
    words = "Promised by Priya Nair: GBP 60.00 by 24 November 2026; chasing waits until 26 November 2026."
    assert all(words in note for note in notes)


def test_a_newer_promise_takes_the_place_of_the_older_and_says_how_often_it_was_moved(
    org: Chasing, customer: str
) -> None:
    first = keep(org, customer, "INV-1")
    keep(org, customer, "INV-1", on=date(2026, 11, 25))
    last = keep(org, customer, "INV-1", on=date(2026, 11, 27))
    assert states(org) == ["replaced", "replaced", "open"]
    assert last.moved == 2
    assert [one.replaced_by for one in all_promises(org) if one.id == first.id] != [None]
    assert "by 27 November 2026" in why(org, "INV-1").reasons[0].text


def test_what_a_newer_promise_is_not_about_rests_by_the_older_one(org: Chasing, customer: str) -> None:
    keep(org, customer)
    keep(org, customer, "INV-2", on=date(2026, 11, 27))
    assert states(org) == ["open", "open"]
    assert "by 24 November 2026" in why(org, "INV-1").reasons[0].text
    assert "by 27 November 2026" in why(org, "INV-2").reasons[0].text


def test_a_promise_that_is_taken_back_is_as_if_it_had_not_been_given(org: Chasing, customer: str) -> None:
    promise = keep(org, customer, "INV-1")
    withdraw(org, promise)
    assert states(org) == ["withdrawn"]
    assert why(org, "INV-1").decision == "send"
    assert any("was withdrawn" in note.text for note in org.ledger_notes())
    with pytest.raises(UserError, match="does not stand any more"):
        withdraw(org, promise)


def test_currencies_are_never_mixed(org: Chasing, customer: str) -> None:
    org.invoice(customer, "INV-3", 3, currency="EUR")
    org.mirror()
    with pytest.raises(UserError, match="some in EUR"):
        keep(org, customer, "INV-1", "INV-3", amount="60.00", currency="GBP")
    keep(org, customer, amount="60.00", currency="GBP")
    assert why(org, "INV-3").decision == "send"
    keep(org, customer, on=TUESDAY)
    standing = [(one.currency, one.amount) for one in all_promises(org) if one.state == "open"]
    assert sorted(standing) == [("EUR", Decimal(100)), ("GBP", Decimal(200))]


def test_nothing_is_promised_where_nothing_is_open(org: Chasing) -> None:
    settled = org.customer("Settled Ltd")
    org.mirror()
    with pytest.raises(UserError, match="nothing to promise"):
        keep(org, settled)
