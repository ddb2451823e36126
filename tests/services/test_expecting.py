"""A promised day is what the ledger expects, where it takes it; and it keeps nobody from being chased afterwards."""

from __future__ import annotations

from datetime import date

import pytest

from integration.ledger import AnswerLost, Refused, Unreachable
from services import expecting
from store.queries import expected_dates
from tests.services.promise_stage import FRIDAY, TUESDAY, judge, keep, learn, why, withdraw
from tests.support.chasing import Chasing


@pytest.fixture
def customer(org: Chasing) -> str:
    found = org.customer()
    org.invoice(found, "INV-1", 3)
    org.mirror()
    org.switch("live")
    return found


def enter(org: Chasing) -> bool:
    return expecting.write_with(org.app, org.organisation_id, org.ledger)


def expected(org: Chasing) -> date | None:
    (invoice,) = org.ledger.invoice_book.values()
    return invoice.expected_on


def test_the_ledger_expects_the_payment_on_the_promised_day(org: Chasing, customer: str) -> None:
    keep(org, customer, "INV-1")
    assert expecting.due(org.app) == [org.organisation_id]
    enter(org)
    assert expected(org) == TUESDAY
    assert expecting.due(org.app) == []


def test_it_is_read_back_without_a_second_reason_and_without_a_loop(org: Chasing, customer: str) -> None:
    keep(org, customer, "INV-1")
    enter(org)
    learn(org)
    org.plan()
    assert len([one for one in why(org, "INV-1").reasons if one.outcome in ("stops", "delays")]) == 1
    org.ledger.calls.clear()
    enter(org)
    assert org.ledger.calls == []


def test_a_date_that_is_there_already_is_not_entered_again(org: Chasing, customer: str) -> None:
    (invoice,) = org.ledger.invoice_book
    org.ledger.change_invoice(invoice, expected_on=TUESDAY)
    org.mirror()
    keep(org, customer, "INV-1")
    org.ledger.calls.clear()
    enter(org)
    assert org.ledger.calls == []


def test_a_newer_promise_moves_it(org: Chasing, customer: str) -> None:
    keep(org, customer, "INV-1")
    enter(org)
    keep(org, customer, "INV-1", on=date(2026, 11, 30))
    enter(org)
    assert expected(org) == date(2026, 11, 30)


def test_it_is_moved_there_and_back_before_the_mirror_has_heard_of_either(
    org: Chasing, customer: str
) -> None:
    keep(org, customer, "INV-1")
    enter(org)
    learn(org)
    for on in (date(2026, 11, 27), TUESDAY):
        keep(org, customer, "INV-1", on=on)
        enter(org)
        assert expected(org) == on


def test_what_the_ledger_refuses_stands_in_the_note_alone_and_is_told(org: Chasing, customer: str) -> None:
    keep(org, customer, "INV-1")
    org.ledger.failures.append(Refused("This document cannot be edited."))
    enter(org)
    with org.app.database.read(org.organisation_id) as session:
        (refused,) = expected_dates.refused(session, org.organisation_id, 10)
    assert (refused.number, refused.on, refused.problem) == (
        "INV-1",
        TUESDAY,
        "This document cannot be edited.",
    )
    assert len(org.ledger_notes()) == 2
    assert why(org, "INV-1").decision == "hold"


def test_a_ledger_that_is_away_is_tried_again(org: Chasing, customer: str) -> None:
    keep(org, customer, "INV-1")
    org.ledger.failures.append(Unreachable("The ledger is away."))
    assert enter(org) is False
    assert expecting.due(org.app) == []
    org.shift(minutes=1)
    enter(org)
    assert expected(org) == TUESDAY


def test_after_a_lost_answer_the_invoice_is_read_first(org: Chasing, customer: str) -> None:
    keep(org, customer, "INV-1")
    org.ledger.failures.append(AnswerLost("The connection broke."))
    enter(org)
    (invoice,) = org.ledger.invoice_book
    org.ledger.change_invoice(invoice, expected_on=TUESDAY)
    org.shift(minutes=5)
    org.ledger.calls.clear()
    enter(org)
    assert org.ledger.calls == ["invoices"]


def test_what_was_promised_and_taken_back_delays_nobody(org: Chasing, customer: str) -> None:
    promise = keep(org, customer, "INV-1")
    enter(org)
    learn(org)
    withdraw(org, promise)
    assert why(org, "INV-1").decision == "send"


def test_a_promise_that_is_taken_back_before_it_is_entered_is_not_entered(
    org: Chasing, customer: str
) -> None:
    withdraw(org, keep(org, customer, "INV-1"))
    enter(org)
    assert expected(org) is None


def test_a_date_that_people_enter_themselves_counts_as_before(org: Chasing, customer: str) -> None:
    withdraw(org, keep(org, customer, "INV-1"))
    (invoice,) = org.ledger.invoice_book
    org.ledger.change_invoice(invoice, expected_on=date(2026, 11, 25))
    learn(org)
    assert why(org, "INV-1").decision == "wait"


def test_a_broken_promises_date_delays_nobody(org: Chasing, customer: str) -> None:
    keep(org, customer, "INV-1")
    enter(org)
    org.move_to(FRIDAY)
    learn(org)
    judge(org)
    assert why(org, "INV-1").decision == "send"
