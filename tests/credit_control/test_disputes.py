"""What is in dispute rests, and the rest is asked for, whatever is paid, credited or settled in between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.conditions import Seen, holds
from credit_control.decide import decide
from credit_control.decisions import Verdict
from credit_control.disputes import CREDIT_IS_DUE, DisputeOutcome, Raised, in_dispute, most, uncredited
from credit_control.facts import Credit, Invoice, Policy
from credit_control.placing_rules import Condition, Trait
from tests.credit_control.books import LONDON, POLICY, at, book, invoice, on

NOW = at("2026-11-16 11:00")
SUMS = st.integers(1, 100_000).map(lambda pence: Decimal(pence) / 100)


@dataclass
class History:
    """An invoice with its disputes, as what happens to it goes on."""

    total: Decimal
    paid: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)
    raised: tuple[Raised, ...] = ()

    @property
    def due(self) -> Decimal:
        return self.total - self.paid - self.credited

    @property
    def rests(self) -> Decimal:
        return in_dispute(self.raised, self.due, self.credited)

    @property
    def fact(self) -> Invoice:
        return replace(invoice("2026-11-01", str(self.total)), amount_due=self.due, disputed=self.rests)


@st.composite
def histories(draw: st.DrawFn) -> History:
    found = History(draw(SUMS))
    for _ in range(draw(st.integers(0, 12))):
        what = draw(st.sampled_from(["pay", "credit", "give back", "dispute", "whole", "settle"]))
        sum_ = draw(SUMS)
        is_open = bool(found.raised) and found.raised[-1].outcome is None
        if what == "pay":
            found.paid += min(sum_, found.due)
        elif what == "credit":
            found.credited += min(sum_, found.due)
        elif what == "give back":
            found.credited -= min(sum_, found.credited)
        elif what in ("dispute", "whole") and not is_open and found.due > 0:
            amount = None if what == "whole" else min(sum_, found.due)
            found.raised += (Raised(amount, found.credited),)
        elif what == "settle" and is_open:
            outcome, last = draw(st.sampled_from(DisputeOutcome)), found.raised[-1]
            limit = most(last.credited_before, found.due, found.credited)
            agreed = min(sum_, limit) if outcome in CREDIT_IS_DUE else Decimal(0)
            found.raised = (*found.raised[:-1], replace(last, outcome=outcome, agreed=agreed))
    return found


@given(histories())
def test_what_is_asked_for_and_what_is_disputed_are_together_what_is_due(found: History) -> None:
    fact = found.fact
    assert fact.asked_for + fact.disputed == fact.amount_due
    assert 0 <= fact.asked_for <= max(fact.amount_due, Decimal(0))


@given(histories())
def test_without_an_open_dispute_only_credits_that_are_due_rest(found: History) -> None:
    settled = tuple(one for one in found.raised if one.outcome)
    agreed = sum((one.agreed for one in settled), Decimal(0))
    assert in_dispute(settled, found.due, found.credited) <= agreed
    given_up = tuple(replace(one, outcome=DisputeOutcome.REJECTED) for one in settled)
    assert in_dispute(given_up, found.due, found.credited) == 0


@given(histories(), SUMS)
def test_a_credit_is_counted_for_one_dispute_only(found: History, more: Decimal) -> None:
    before = sum(uncredited(found.raised, found.credited), Decimal(0))
    after = sum(uncredited(found.raised, found.credited + more), Decimal(0))
    assert before - more <= after <= before


@given(histories(), SUMS)
def test_a_payment_never_makes_more_to_ask_for(found: History, sum_: Decimal) -> None:
    before = found.fact.asked_for
    found.paid += min(sum_, found.due)
    assert found.fact.asked_for <= before


@pytest.mark.parametrize(
    ("due", "credited", "raised", "rests"),
    [
        ("100", "0", [Raised(Decimal(30))], "30"),
        ("100", "0", [Raised(None)], "100"),
        (
            "20",
            "0",
            [Raised(Decimal(30))],
            "20",
        ),  # all but 20 is paid, so no more than that is left to dispute
        ("100", "0", [Raised(Decimal(30), outcome=DisputeOutcome.REJECTED)], "0"),
        ("100", "0", [Raised(Decimal(30), outcome=DisputeOutcome.UPHELD, agreed=Decimal(30))], "30"),
        ("90", "10", [Raised(Decimal(30), outcome=DisputeOutcome.UPHELD, agreed=Decimal(30))], "20"),
        ("70", "30", [Raised(Decimal(30), outcome=DisputeOutcome.UPHELD, agreed=Decimal(30))], "0"),
        ("70", "30", [Raised(Decimal(30), Decimal(30), DisputeOutcome.UPHELD, Decimal(30))], "30"),
    ],
)
def test_what_rests(due: str, credited: str, raised: list[Raised], rests: str) -> None:
    assert in_dispute(raised, Decimal(due), Decimal(credited)) == Decimal(rests)


def disputed(amount: str, of: str = "120.00", name: str = "A", because: str = "Broken.") -> Invoice:
    return replace(invoice("2026-11-01", of, name=name), disputed=Decimal(amount), disputed_because=because)


def test_an_invoice_that_is_wholly_in_dispute_rests_with_the_reason() -> None:
    found = on(decide(book(disputed("120.00")), POLICY, NOW))
    assert found.verdict is Verdict.HOLD
    assert (
        "The invoice is in dispute: Broken. It rests until the dispute is settled." in found.reasons[0].text
    )


def test_the_rest_of_one_that_is_disputed_in_part_is_asked_for() -> None:
    found = on(decide(book(disputed("20.00")), POLICY, NOW))
    assert found.verdict is Verdict.SEND
    assert "GBP 20.00 of it is in dispute, so GBP 100.00 is asked for." in [one.text for one in found.reasons]


def test_a_credit_that_is_due_is_named_as_such() -> None:
    whole = replace(disputed("120.00", because="Broken"), credit_is_due=True)
    assert (
        "It rests until the credit is in the ledger." in on(decide(book(whole), POLICY, NOW)).reasons[0].text
    )
    part = replace(disputed("20.00"), credit_is_due=True)
    said = [one.text for one in on(decide(book(part), POLICY, NOW)).reasons]
    assert "A credit of GBP 20.00 is due and not in the ledger yet, so GBP 100.00 is asked for." in said


def test_too_little_is_left_to_ask_for_where_most_is_in_dispute() -> None:
    found = on(decide(book(disputed("115.00")), POLICY, NOW))
    assert found.verdict is Verdict.WAIT
    assert found.reasons[0].rule == "minimum_balance"


def test_unallocated_money_that_covers_what_is_not_disputed_is_asked_about() -> None:
    credit = Credit("overpayment", "GBP", Decimal("100.00"))
    assert on(decide(book(disputed("20.00"), on_account=(credit,)), POLICY, NOW)).verdict is Verdict.HOLD
    less = replace(credit, remaining=Decimal("99.00"))
    assert on(decide(book(disputed("20.00"), on_account=(less,)), POLICY, NOW)).verdict is Verdict.SEND


def test_a_rule_looks_at_what_is_not_disputed() -> None:
    at_least = (Condition(Trait.BALANCE, "GBP", at_least=Decimal(110)),)
    assert holds(at_least, Seen(book(invoice("2026-11-01")), NOW.date()))
    assert not holds(at_least, Seen(book(disputed("20.00")), NOW.date()))


@given(st.decimals(0, 200, places=2), st.decimals(0, 150, places=2))
def test_nothing_that_is_asked_for_is_in_dispute(due: Decimal, rests: Decimal) -> None:
    """Whatever rests, a message is about more than nothing, and about no invoice that is wholly in dispute."""
    one = replace(disputed(str(min(rests, due)), str(due)), amount_due=due)
    other = invoice("2026-11-01", "50.00", name="B")
    message = decide(book(one, other), Policy(LONDON), NOW).message
    assert message is not None
    travelling = {invoice_id for invoice_id, _ in message.taken}
    assert "B" in travelling and ("A" in travelling) == (one.asked_for > 0)
