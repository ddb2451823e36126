"""Steps that are meant for a customer's first invoice, or for large ones, and for no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.decide import decide
from credit_control.decisions import ContactDecision, Verdict
from credit_control.facts import Action, Contact, ContactBook, Invoice, Policy, Schedule, Step
from credit_control.only_for import OnlyFor, only_for
from credit_control.replay import PastInvoice, paid_by_then
from credit_control.schedules import GENTLE, STANDARD, preset
from credit_control.trying import What, try_on
from credit_control.written import WrittenStep, resolved
from tests.credit_control.books import ACTIVE, POLICY, at, behind, book, day, invoice, on, travelling, why
from tests.credit_control.strategies import situations

WEDNESDAY = at("2026-11-18 11:00")
GENTLE_GBP = preset("Gentle", "GBP")
KNOWN = replace(ACTIVE, first_invoiced_on=day("2020-01-01"))
NEW = replace(ACTIVE, first_invoiced_on=day("2026-10-21"))


def gentle(
    amount: str, currency: str = "GBP", contact: Contact = KNOWN, issued: str | None = None
) -> ContactDecision:
    """Gentle in the books of a British organisation, three days before an invoice is due."""
    due = invoice("2026-11-21", amount, currency, issued=issued)
    return decide(book(due, steps=GENTLE_GBP, contact=contact), POLICY, WEDNESDAY)


def test_gentle_writes_before_the_due_date_about_a_first_invoice_and_a_large_one_alone() -> None:
    assert travelling(gentle("120.00", contact=NEW, issued="2026-10-21")) == [("A", 1)]
    assert travelling(gentle("1000.00")) == [("A", 1)]
    assert travelling(gentle("999.99")) == []
    assert travelling(gentle("120.00", contact=NEW, issued="2026-10-22")) == []


def test_the_invoice_says_why_the_step_is_not_for_it_and_what_comes_instead() -> None:
    decision = gentle("999.99")
    assert "“Courtesy note” is left out: not the customer’s first invoice and below GBP 1,000.00." in why(
        decision
    )
    coming = on(decision).next_step
    assert coming and (coming.name, coming.on) == ("First reminder", day("2026-11-24"))


def test_nothing_is_converted_so_an_amount_of_another_currency_is_never_large_enough() -> None:
    decision = gentle("5000000.00", "EUR")
    assert travelling(decision) == []
    assert "not the customer’s first invoice and no amount is set for EUR." in why(decision)


def test_a_customer_of_whom_nothing_was_looked_up_has_no_first_invoice() -> None:
    assert travelling(gentle("120.00", contact=ACTIVE)) == []


def test_a_call_that_is_meant_for_large_invoices_is_asked_for_those_alone() -> None:
    large = OnlyFor(at_least=(("EUR", Decimal(50)), ("GBP", Decimal(500))))
    steps = tuple(replace(one, only_for=large) if one.action is Action.CALL else one for one in STANDARD)
    found = decide(
        book(
            invoice("2026-10-25", "400.00", name="A"),
            invoice("2026-10-25", "600.00", name="B"),
            steps=steps,
            taken=(*behind(1, 2, 3, 4, name="A"), *behind(1, 2, 3, 4, name="B")),
        ),
        POLICY,
        WEDNESDAY,
    )
    assert (on(found, "A").person_step, on(found, "B").person_step) == (None, steps[4])
    assert "“Call” is left out: below GBP 500.00." in why(found, "A")
    assert on(found, "A").verdict is Verdict.WAIT


def test_a_step_that_was_not_meant_is_behind_once_a_later_one_has_left() -> None:
    late = invoice("2026-11-14", "10.00")
    decision = decide(book(late, steps=GENTLE_GBP, contact=KNOWN), POLICY, WEDNESDAY)
    assert travelling(decision) == [("A", 2)]
    assert [one.name for one in on(decision).skipped] == ["Courtesy note"]


def test_trying_a_schedule_says_that_the_step_is_left_out_and_why() -> None:
    trial = try_on(
        Schedule("v", "Gentle", 1, GENTLE_GBP),
        KNOWN,
        invoice("2026-11-14", "10.00"),
        POLICY,
        day("2026-12-24"),
    )
    left_out = [one for one in trial.events if one.what is What.LEFT_OUT]
    assert [one.step.name for one in left_out] == ["Courtesy note"]
    assert "below GBP 1,000.00" in left_out[0].reasons[0].text


def test_a_replay_counts_the_days_of_a_step_on_the_invoices_that_it_is_for() -> None:
    past = [PastInvoice(invoice("2026-11-14", amount), None) for amount in ("10.00", "2000.00", "3000.00")]
    days = (date(2026, 11, 1), date(2026, 11, 30))
    found = paid_by_then(Schedule("v", "Gentle", 1, GENTLE_GBP), KNOWN, past, *days)
    assert found["Courtesy note"] == (2, 0) and found["First reminder"] == (3, 0)


@pytest.mark.parametrize(
    ("currency", "words"),
    [("GBP", "GBP 1,000.00"), ("EUR", "EUR 1,000.00"), ("JPY", "JPY 100,000"), ("KWD", "KWD 1,000.000")],
)
def test_a_new_organisation_gets_an_amount_of_its_own_currency(currency: str, words: str) -> None:
    limit = preset("Gentle", currency)[0].only_for
    assert limit and limit.words == f"a customer’s first invoice, or from {words}"
    assert [one.only_for for one in preset("Standard", currency)] == [None] * len(STANDARD)


@pytest.mark.parametrize(
    ("limit", "problem"),
    [
        (OnlyFor(at_least=(("GBP", Decimal(1)), ("GBP", Decimal(2)))), "two amounts in one currency"),
        (OnlyFor(at_least=(("GBP", Decimal(0)),)), "an amount that cannot be"),
        (OnlyFor(at_least=(("GBP", Decimal(10) ** 12),)), "an amount that cannot be"),
        (OnlyFor(at_least=tuple((f"A{n}", Decimal(1)) for n in range(31))), "more than 30 amounts"),
    ],
)
def test_what_cannot_limit_a_step_is_said_in_a_sentence(limit: OnlyFor, problem: str) -> None:
    with pytest.raises(ValueError, match=f"“First” is limited by {problem}"):
        resolved([WrittenStep("First", 3, Action.EMAIL, "first_reminder", only_for=limit)])


# -- whatever comes -----------------------------------------------------------------------------------------

_AMOUNTS = st.dictionaries(
    st.sampled_from(["GBP", "EUR"]), st.integers(1, 4000).map(lambda cents: Decimal(cents) / 100)
)
_LIMITS = st.builds(lambda first, amounts: only_for(first, amounts.items()), st.booleans(), _AMOUNTS)


@st.composite
def limited(draw: st.DrawFn) -> tuple[ContactBook, Policy, datetime]:
    """A situation in which any of the steps may be meant for some invoices only."""
    found, policy, now = draw(situations())
    steps = tuple(replace(one, only_for=draw(_LIMITS)) for one in found.schedule.steps)
    schedule = Schedule(f"limited {hash(steps)}", "Limited", 1, steps)
    issued = [one.issued_on for one in found.invoices]
    first = draw(st.none() | st.sampled_from(issued))
    return (
        replace(found, schedule=schedule, contact=replace(found.contact, first_invoiced_on=first)),
        policy,
        now,
    )


def is_for(step: Step, one: Invoice, contact: Contact) -> bool:
    """Said once more, in other words than the rules."""
    if step.only_for is None:
        return True
    first = step.only_for.first_invoice and one.issued_on <= (contact.first_invoiced_on or date.min)
    return first or one.amount_due >= dict(step.only_for.at_least).get(one.currency, Decimal("Infinity"))


@given(limited())
def test_no_invoice_gets_a_step_that_is_not_meant_for_it(
    situation: tuple[ContactBook, Policy, datetime],
) -> None:
    found, policy, now = situation
    decision = decide(found, policy, now)
    by_id = {one.id: one for one in found.invoices}
    taken = decision.message.taken if decision.message else ()
    asked = [(one.invoice_id, one.person_step) for one in decision.invoices if one.person_step]
    for name, step in (*taken, *asked):
        assert is_for(step, by_id[name], found.contact)


@given(limited())
def test_an_invoice_alone_fares_as_on_a_schedule_without_the_steps_that_are_not_for_it(
    situation: tuple[ContactBook, Policy, datetime],
) -> None:
    found, policy, now = situation
    for one in found.invoices:
        steps = tuple(step for step in found.schedule.steps if is_for(step, one, found.contact))
        places = {step.position for step in steps}
        mine = tuple(two for two in found.taken if two.invoice_id == one.id and two.position in places)
        alone = replace(found, invoices=(one,), taken=mine)
        plain = tuple(replace(step, only_for=None) for step in steps)
        without = replace(alone, schedule=Schedule(f"plain {hash(plain)}", "Limited", 1, plain))
        limited_one, plain_one = (
            on(decide(alone, policy, now), one.id),
            on(decide(without, policy, now), one.id),
        )
        assert limited_one.verdict is plain_one.verdict
        assert limited_one.next_step == plain_one.next_step
        assert (limited_one.step and limited_one.step.position) == (
            plain_one.step and plain_one.step.position
        )
        said = [reason.text for reason in limited_one.reasons if reason.rule != "only_for"]
        assert said == [reason.text for reason in plain_one.reasons]


@given(
    st.booleans(),
    _AMOUNTS,
    st.decimals(0, 100, places=2),
    st.sampled_from(["GBP", "EUR", "USD"]),
    st.integers(-3, 3),
)
def test_more_due_never_makes_a_step_less_fitting(
    first: bool, amounts: dict[str, Decimal], due: Decimal, currency: str, days: int
) -> None:
    limit = OnlyFor(first, tuple(amounts.items()))
    issued, before = date(2026, 11, 10), date.fromordinal(date(2026, 11, 10).toordinal() + days)
    if limit.meets(issued, currency, due, before):
        assert limit.meets(issued, currency, due + 1, before)
    elif first or amounts:
        assert limit.missed_by(currency)


def test_gentle_has_the_courtesy_note_for_first_invoices_alone_before_any_books_are_known() -> None:
    assert [one.only_for for one in GENTLE] == [OnlyFor(first_invoice=True), None, None, None, None]
