"""What holds for every contact, at every moment, in every zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from credit_control.decide import decide
from credit_control.decisions import ContactDecision, Verdict
from credit_control.facts import Action, ContactBook, Policy
from tests.credit_control.books import going_along, travelling
from tests.credit_control.strategies import situations

Situation = tuple[ContactBook, Policy, datetime]


def verdicts(decision: ContactDecision) -> list[tuple[str, Verdict]]:
    return [(one.invoice_id, one.verdict) for one in decision.invoices]


@given(situations())
def test_what_is_paid_voided_or_held_never_travels(situation: Situation) -> None:
    book, policy, now = situation
    today = now.astimezone(ZoneInfo(policy.window.zone)).date()
    held = {hold.invoice_id for hold in book.holds if hold.until is None or today <= hold.until}
    chaseable = {one.id for one in book.invoices if one.status == "AUTHORISED" and one.amount_due > 0}
    sent = {name for name, _ in travelling(decide(book, policy, now))}
    assert sent <= chaseable - held
    assert not (sent and None in held)


@given(situations())
def test_only_mails_that_the_invoice_does_not_have_behind_it_travel(situation: Situation) -> None:
    book, policy, now = situation
    behind = {(step.invoice_id, step.position) for step in book.taken}
    message = decide(book, policy, now).message
    for name, step in message.taken if message else ():
        assert step.action is Action.EMAIL
        assert (name, step.position) not in behind


@given(situations())
def test_a_message_leaves_inside_the_window_by_a_clock_on_the_wall(situation: Situation) -> None:
    book, policy, now = situation
    message = decide(book, policy, now).message
    if message is None:
        return
    window = policy.window
    last = message.not_after - timedelta(seconds=1)
    for instant in (message.not_before, last):
        wall = instant.astimezone(ZoneInfo(window.zone))
        assert wall.weekday() in window.days
        assert window.opens <= wall.time() < window.closes
    assert now <= message.not_before < message.not_after


@given(situations())
def test_a_message_keeps_its_distance_from_the_last_one(situation: Situation) -> None:
    book, policy, now = situation
    message = decide(book, policy, now).message
    if message is None or book.last_message_at is None:
        return
    zone = ZoneInfo(policy.window.zone)
    apart = message.not_before.astimezone(zone).date() - book.last_message_at.astimezone(zone).date()
    assert apart.days >= max(1, policy.minimum_gap_days)


@given(situations())
def test_every_decision_has_reasons_that_can_be_read(situation: Situation) -> None:
    decision = decide(*situation)
    for one in decision.invoices:
        assert one.reasons
        for reason in one.reasons:
            assert reason.text.strip() and reason.rule


@given(situations())
def test_the_message_holds_exactly_what_is_decided_to_be_sent_gravest_first(situation: Situation) -> None:
    decision = decide(*situation)
    to_send = {one.invoice_id for one in decision.invoices if one.verdict is Verdict.SEND}
    assert {name for name, _ in travelling(decision)} == to_send
    positions = [position for _, position in travelling(decision)]
    assert positions == sorted(positions, reverse=True)
    if decision.message:
        assert decision.message.step.position == positions[0]


@given(situations(), st.floats(0, 1, exclude_max=True))
def test_time_alone_changes_nothing_before_the_next_look(situation: Situation, share: float) -> None:
    book, policy, now = situation
    decision = decide(book, policy, now)
    until = decision.next_look_at
    assert until is None or until > now
    later = now + ((until - now) if until else timedelta(days=100)) * share
    later = min(later, until - timedelta(microseconds=1)) if until else later
    again = decide(book, policy, later)
    assert verdicts(again) == verdicts(decision)
    assert travelling(again) == travelling(decision)


@given(situations())
def test_even_the_last_second_before_the_next_look_changes_nothing(situation: Situation) -> None:
    book, policy, now = situation
    decision = decide(book, policy, now)
    if decision.next_look_at is None:
        return
    again = decide(book, policy, max(now, decision.next_look_at - timedelta(seconds=1)))
    assert verdicts(again) == verdicts(decision)
    assert travelling(again) == travelling(decision)


@given(situations())
def test_one_currency_knows_nothing_of_another_but_that_a_message_leaves(situation: Situation) -> None:
    book, policy, now = situation
    pounds = tuple(one for one in book.invoices if one.currency == "GBP")
    on_account = tuple(one for one in book.credits if one.currency == "GBP")
    alone = decide(replace(book, invoices=pounds, credits=on_account), policy, now)
    together = decide(book, policy, now)
    names = {one.id for one in pounds} - going_along(alone) - going_along(together)
    assert [pair for pair in verdicts(alone) if pair[0] in names] == [
        pair for pair in verdicts(together) if pair[0] in names
    ]


@given(situations())
def test_the_same_facts_give_the_same_decision_in_any_order(situation: Situation) -> None:
    book, policy, now = situation
    backwards = replace(book, invoices=book.invoices[::-1], holds=book.holds[::-1], taken=book.taken[::-1])
    decision, other = decide(book, policy, now), decide(backwards, policy, now)
    assert decide(book, policy, now) == decision
    assert sorted(verdicts(other)) == sorted(verdicts(decision))
    assert travelling(other) == travelling(decision)
    assert other.next_look_at == decision.next_look_at
