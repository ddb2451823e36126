"""The last look before a message leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given

from credit_control.confirm import Confirmed, Refused, confirm
from credit_control.decide import decide
from credit_control.facts import ContactBook, Credit, Policy
from credit_control.resting import Hold, HoldKind
from tests.credit_control.books import POLICY, at, behind, book, invoice, travelling
from tests.credit_control.strategies import situations

NOW = at("2026-11-18 10:00")
GRAVE = invoice("2026-11-01", name="grave")
MILD = invoice("2026-11-11", name="mild")
PLANNED = frozenset({("grave", 4), ("mild", 3)})


def test_a_message_that_still_stands_is_confirmed_as_planned() -> None:
    confirmed = confirm(PLANNED, decide(book(GRAVE, MILD), POLICY, NOW), NOW)
    assert isinstance(confirmed, Confirmed)
    assert {(name, step.position) for name, step in confirmed.message.taken} == PLANNED
    assert confirmed.dropped == ()


def test_an_invoice_paid_a_second_ago_is_dropped_and_the_text_becomes_milder() -> None:
    paid = replace(GRAVE, status="PAID", amount_due=Decimal(0))
    confirmed = confirm(PLANNED, decide(book(paid, MILD), POLICY, NOW), NOW)
    assert isinstance(confirmed, Confirmed)
    assert confirmed.message.step.name == "Second reminder"
    assert [name for name, _ in confirmed.message.taken] == ["mild"]
    [(name, reason)] = confirmed.dropped
    assert name == "grave" and "PAID" in reason


def test_nothing_is_sent_when_all_of_it_is_paid() -> None:
    paid = (replace(GRAVE, status="PAID"), replace(MILD, status="PAID"))
    refused = confirm(PLANNED, decide(book(*paid), POLICY, NOW), NOW)
    assert refused == Refused("The ledger has this invoice as PAID; only AUTHORISED ones are chased.")


def test_an_answer_that_came_since_stops_the_message_and_says_so() -> None:
    held = book(GRAVE, MILD, holds=(Hold(HoldKind.REPLY, "asks for a copy"),))
    refused = confirm(PLANNED, decide(held, POLICY, NOW), NOW)
    assert isinstance(refused, Refused)
    assert "The contact has answered: asks for a copy." in refused.reason


def test_credit_that_came_since_stops_the_message() -> None:
    credited = book(GRAVE, MILD, on_account=(Credit("overpayment", "GBP", Decimal(240)),))
    refused = confirm(PLANNED, decide(credited, POLICY, NOW), NOW)
    assert isinstance(refused, Refused) and "ask rather than demand" in refused.reason


def test_an_invoice_that_is_due_but_was_not_planned_does_not_slip_in() -> None:
    confirmed = confirm(frozenset({("mild", 3)}), decide(book(GRAVE, MILD), POLICY, NOW), NOW)
    assert isinstance(confirmed, Confirmed)
    assert [name for name, _ in confirmed.message.taken] == ["mild"]
    assert confirmed.message.step.name == "Second reminder"


def test_a_step_that_has_changed_since_is_dropped_to_be_planned_anew() -> None:
    refused = confirm(frozenset({("mild", 2)}), decide(book(MILD), POLICY, NOW), NOW)
    assert refused == Refused("Its step is now “Second reminder”, which is to be planned anew.")


def test_an_invoice_that_left_the_book_is_dropped() -> None:
    refused = confirm(frozenset({("gone", 3)}), decide(book(MILD), POLICY, NOW), NOW)
    assert refused == Refused("The invoice is no longer in the contact's book.")


def test_a_message_with_nothing_in_it_is_refused() -> None:
    refused = confirm(frozenset(), decide(book(MILD), POLICY, NOW), NOW)
    assert refused == Refused("The message has no invoices, so there is nothing to send.")


def test_a_closed_window_refuses_until_the_next_opening() -> None:
    evening = at("2026-11-18 16:00")
    refused = confirm(PLANNED, decide(book(GRAVE, MILD), POLICY, evening), evening)
    assert isinstance(refused, Refused)
    assert refused.not_before == at("2026-11-19 09:30")
    assert "Moved from Wednesday 18 November 2026 to Thursday 19 November 2026" in refused.reason


def test_a_message_that_left_meanwhile_refuses_until_the_gap_has_passed() -> None:
    sent = book(GRAVE, MILD, taken=behind(1, name="other"), last_message_at=NOW - timedelta(minutes=1))
    refused = confirm(PLANNED, decide(sent, POLICY, NOW), NOW)
    assert isinstance(refused, Refused)
    assert refused.not_before == at("2026-11-23 09:30")
    assert "4 days must pass" in refused.reason


@given(situations(), situations())
def test_confirming_never_adds_and_never_loses_an_invoice_without_a_word(
    before: tuple[ContactBook, Policy, datetime], after: tuple[ContactBook, Policy, datetime]
) -> None:
    planned = frozenset(travelling(decide(*before)))
    answer = confirm(planned, decide(*after), after[2])
    if isinstance(answer, Refused):
        assert answer.reason
        return
    taken = {(name, step.position) for name, step in answer.message.taken}
    assert taken and taken <= planned
    assert answer.message.step.position == max(position for _, position in taken)
    assert {name for name, _ in planned} == {name for name, _ in taken} | {name for name, _ in answer.dropped}
    assert all(reason for _, reason in answer.dropped)
    assert answer.message.not_before <= after[2]
