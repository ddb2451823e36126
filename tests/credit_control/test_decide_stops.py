"""What keeps an invoice from being chased, whatever its schedule says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from credit_control.decide import decide
from credit_control.decisions import NextStep, Verdict
from credit_control.facts import Credit
from credit_control.resting import Hold, HoldKind
from tests.credit_control.books import ACTIVE, POLICY, at, behind, book, day, invoice, on, travelling, why

WEDNESDAY = at("2026-11-18 10:00")
LATE = invoice("2026-11-11")


@pytest.mark.parametrize("status", ["PAID", "VOIDED", "DELETED", "DRAFT", "SUBMITTED", "SOMETHING_NEW"])
def test_only_authorised_invoices_are_chased(status: str) -> None:
    decision = decide(book(replace(LATE, status=status)), POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.CLOSED
    assert status in why(decision)
    assert decision.next_look_at is None


@pytest.mark.parametrize("amount", ["0.00", "-5.00"])
def test_an_invoice_with_nothing_left_to_pay_is_closed(amount: str) -> None:
    decision = decide(book(invoice("2026-11-11", amount)), POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.CLOSED
    assert why(decision) == "Nothing is left to pay on this invoice."


@pytest.mark.parametrize("status", ["ARCHIVED", "GDPRREQUEST", "SOMETHING_NEW"])
def test_only_active_contacts_are_chased(status: str) -> None:
    decision = decide(book(LATE, contact=replace(ACTIVE, status=status)), POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.HOLD
    assert f"The ledger has the contact as {status}" in why(decision)


@pytest.mark.parametrize("email", [None, "", "  "])
def test_a_contact_without_an_address_is_held_but_may_be_called(email: str | None) -> None:
    debt = book(invoice("2026-10-28"), contact=replace(ACTIVE, email=email), taken=behind(4))
    decision = decide(debt, POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.HOLD
    assert "no usable e-mail address" in why(decision)
    person_step = on(decision).person_step
    assert person_step is not None and person_step.name == "Call"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (HoldKind.REPLY, "The contact has answered"),
        (HoldKind.PERSON, "A colleague has put this on hold"),
        (HoldKind.DISPUTE, "The invoice is in dispute"),
        (HoldKind.BOUNCE, "Mail to the contact came back"),
    ],
)
def test_a_hold_names_its_kind_its_reason_and_its_last_day(kind: HoldKind, words: str) -> None:
    hold = Hold(kind, "says {ask} Jo", until=day("2026-11-20"))
    decision = decide(book(LATE, holds=(hold,)), POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.HOLD
    assert why(decision) == f"{words}: says {{ask}} Jo. Held until 20 November 2026, that day included."


def test_a_hold_lasts_through_its_last_day_in_the_organisations_zone() -> None:
    held = book(LATE, holds=(Hold(HoldKind.REPLY, "asked for a copy", until=day("2026-11-18")),))
    auckland = replace(POLICY, window=replace(POLICY.window, zone="Pacific/Auckland"))
    last_minute = at("2026-11-18 23:59", "Pacific/Auckland")
    assert decide(held, auckland, last_minute).message is None
    midnight = decide(held, auckland, last_minute).next_look_at
    assert midnight == at("2026-11-19 00:00", "Pacific/Auckland")
    assert decide(held, auckland, midnight).message is not None


def test_a_hold_with_an_end_tells_what_comes_after_it_and_one_without_does_not() -> None:
    until = Hold(HoldKind.PROMISE, "will pay on Friday", until=day("2026-11-20"))
    decision = decide(book(LATE, holds=(until,)), POLICY, WEDNESDAY)
    assert on(decision).next_step == NextStep("Second reminder", day("2026-11-23"))
    decision = decide(book(LATE, holds=(until, replace(until, until=None))), POLICY, WEDNESDAY)
    assert on(decision).next_step is None


def test_a_hold_on_one_invoice_leaves_the_others_alone() -> None:
    hold = Hold(HoldKind.DISPUTE, "two boxes missing", invoice_id="A")
    decision = decide(book(LATE, invoice("2026-11-11", name="B"), holds=(hold,)), POLICY, WEDNESDAY)
    assert travelling(decision) == [("B", 3)]
    assert "Held until somebody lifts it." in why(decision)


def test_an_expected_payment_is_waited_for_with_two_working_days_of_grace() -> None:
    expected = book(invoice("2026-11-02", expected="2026-11-13"))
    tuesday = decide(expected, POLICY, at("2026-11-17 10:00"))
    assert on(tuesday).verdict is Verdict.WAIT
    assert "Payment is expected on 13 November 2026; chasing waits until 17 November 2026" in why(tuesday)
    assert on(tuesday).next_step == NextStep("Third reminder", day("2026-11-18"))
    assert travelling(decide(expected, POLICY, WEDNESDAY)) == [("A", 4)]


def test_a_small_balance_is_left_alone_until_it_grows() -> None:
    small = book(
        invoice("2026-11-11", "6.00"), invoice("2026-11-19", "5.00", name="B"), taken=behind(1, name="B")
    )
    decision = decide(small, POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.WAIT
    assert "GBP 6.00 is overdue, less than the minimum of GBP 10.00." in why(decision)
    assert decision.next_look_at == at("2026-11-20 00:00")
    assert travelling(decide(small, POLICY, at("2026-11-20 10:00"))) == [("A", 3)]


def test_balances_of_different_currencies_are_never_added() -> None:
    both = book(invoice("2026-11-11", "9.00"), invoice("2026-11-11", "9.00", "EUR", name="B"))
    decision = decide(both, POLICY, WEDNESDAY)
    assert decision.message is None
    assert "EUR 9.00" in why(decision, "B")


def test_what_is_held_does_not_count_towards_the_minimum() -> None:
    hold = Hold(HoldKind.DISPUTE, "damaged", invoice_id="B")
    debt = book(invoice("2026-11-11", "3.00"), invoice("2026-11-01", "500.00", name="B"), holds=(hold,))
    assert decide(debt, POLICY, WEDNESDAY).message is None


def test_credit_that_covers_what_would_be_asked_turns_the_demand_into_a_question() -> None:
    credit = Credit("overpayment", "GBP", Decimal("120.00"))
    decision = decide(book(LATE, on_account=(credit,)), POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.HOLD
    assert "Unallocated credit of GBP 120.00 covers the GBP 120.00" in why(decision)
    assert "ask rather than demand" in why(decision)


@pytest.mark.parametrize(("amount", "currency"), [("119.99", "GBP"), ("500.00", "EUR")])
def test_credit_too_small_or_of_another_currency_stops_nothing(amount: str, currency: str) -> None:
    credit = Credit("prepayment", currency, Decimal(amount))
    assert decide(book(LATE, on_account=(credit,)), POLICY, WEDNESDAY).message is not None


def test_credit_is_measured_against_what_this_message_asks_for_and_not_all_that_is_owed() -> None:
    credit = Credit("overpayment", "GBP", Decimal("150.00"))
    debt = book(LATE, invoice("2026-11-10", name="B"), on_account=(credit,), taken=behind(3, name="B"))
    decision = decide(debt, POLICY, WEDNESDAY)
    assert [one.verdict for one in decision.invoices] == [Verdict.HOLD, Verdict.WAIT]


def test_a_courtesy_note_held_for_credit_is_looked_at_when_its_last_window_closes() -> None:
    credit = Credit("overpayment", "GBP", Decimal("120.00"))
    debt = book(invoice("2026-11-20"), on_account=(credit,))
    decision = decide(debt, POLICY, WEDNESDAY)
    assert on(decision).verdict is Verdict.HOLD
    assert decision.next_look_at == at("2026-11-18 16:00")
    assert on(decide(debt, POLICY, at("2026-11-18 16:00"))).verdict is Verdict.WAIT


def test_of_two_stops_the_first_to_end_is_looked_at() -> None:
    promise = Hold(HoldKind.PROMISE, "on Friday", until=day("2026-11-20"))
    debt = book(invoice("2026-11-02", expected="2026-11-25"), holds=(promise,))
    decision = decide(debt, POLICY, WEDNESDAY)
    assert decision.next_look_at == at("2026-11-21 00:00")
    assert on(decide(debt, POLICY, at("2026-11-21 00:00"))).verdict is Verdict.WAIT


def test_several_credits_of_a_currency_count_together() -> None:
    on_account = (Credit("prepayment", "GBP", Decimal(70)), Credit("credit note", "GBP", Decimal(50)))
    assert decide(book(LATE, on_account=on_account), POLICY, WEDNESDAY).message is None


def test_a_promise_is_one_reason_that_names_what_was_promised_and_until_when_chasing_waits() -> None:
    promised = Hold(
        HoldKind.PROMISE, "Promised GBP 60.00 by 18 November 2026", LATE.id, until=day("2026-11-20")
    )
    decision = decide(book(LATE, holds=(promised,)), POLICY, WEDNESDAY)
    assert why(decision) == (
        "Promised GBP 60.00 by 18 November 2026; chasing waits until 20 November 2026, that day included."
    )
