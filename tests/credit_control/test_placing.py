"""Which schedule a contact is on: by hand, by the first rule that holds, or by default; and why, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.decide import decide
from credit_control.decisions import Placed, Placement
from credit_control.facts import Action, Contact, ContactBook, Course, Policy, Schedule, Step, StepTaken
from credit_control.placing import place
from credit_control.placing_rules import Condition, PlacingRule, Trait
from credit_control.schedules import FIRM, GENTLE, STANDARD
from tests.credit_control.books import ACTIVE, LONDON, POLICY, at, invoice, on, travelling, why

TODAY = date(2026, 11, 18)
NOW = at("2026-11-18 10:00")


def schedule(name: str, steps: tuple[Step, ...], version: int = 1) -> Schedule:
    version_id = f"{name}-{version}"
    own = tuple(replace(step, version_id=version_id) for step in steps)
    return Schedule(version_id, name, version, own, name.lower())


STANDARD_1 = schedule("Standard", STANDARD)
STANDARD_2 = schedule("Standard", (Step(1, "Only one", 10, Action.EMAIL, "first_reminder"),), 2)


def course(*rules: PlacingRule, standard: Schedule = STANDARD_1) -> Course:
    others = (schedule("Firm", FIRM), schedule("Gentle", GENTLE), STANDARD_1, standard)
    newest = {one.schedule_id: one for one in others}
    return Course(standard, {one.version_id: one for one in others}, newest, rules)


def rule(
    *conditions: Condition, to: str | None = "firm", name: str = "Big debts", reason: str = ""
) -> PlacingRule:
    return PlacingRule(name, name, conditions, to, reason)


def book(*, contact: Contact = ACTIVE, by: Course, due: str = "2026-11-01", **fields: object) -> ContactBook:
    owed = (invoice(due, "6000.00"), invoice("2026-11-30", "10.00", "USD", name="B"))
    return replace(ContactBook(contact, by.schedule, owed, course=by), **fields)  # type: ignore[arg-type]


def placed(*rules: PlacingRule, **fields: object) -> Placement:
    return place(book(by=course(*rules), **fields), TODAY)  # type: ignore[arg-type]


def test_without_rules_everybody_is_on_the_default() -> None:
    found = placed()
    assert (found.schedule.name, found.placed) == ("Standard", Placed.BY_DEFAULT)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition(Trait.BALANCE, "GBP", at_least=Decimal(5000)), "it owes GBP 6,000.00"),
        (Condition(Trait.DAYS_OVERDUE, at_least=Decimal(17)), "its oldest debt is 17 days overdue"),
        (Condition(Trait.CURRENCY, "USD"), "it owes something in USD"),
        (Condition(Trait.FIRST_INVOICE), "no invoice of it has been paid yet"),
        (Condition(Trait.NAME, "BAKERY"), "its name has “BAKERY” in it"),
        (Condition(Trait.REFERENCE, "inv-a"), "invoice INV-A has “inv-a” in its reference or number"),
    ],
)
def test_the_first_rule_that_holds_decides_and_says_why(condition: Condition, words: str) -> None:
    found = placed(rule(condition), rule(Condition(Trait.CURRENCY, "GBP"), to="gentle", name="Later"))
    assert (found.schedule.name, found.placed, found.rule_id) == ("Firm", Placed.BY_RULE, "Big debts")
    assert found.reason.text == f"On the schedule “Firm” by the rule “Big debts”: {words}."


@pytest.mark.parametrize(
    "condition",
    [
        Condition(Trait.BALANCE, "GBP", at_least=Decimal("6000.01")),
        Condition(Trait.BALANCE, "USD", at_least=Decimal(5000)),
        Condition(Trait.BALANCE, "GBP", below=Decimal(6000)),
        Condition(Trait.DAYS_OVERDUE, at_least=Decimal(18)),
        Condition(Trait.DAYS_OVERDUE, below=Decimal(17)),
        Condition(Trait.GROUP, "Trade"),
        Condition(Trait.COUNTRY, "FR"),
        Condition(Trait.REFERENCE, "PO 7"),
    ],
)
def test_a_rule_that_does_not_hold_leaves_a_contact_where_it_is(condition: Condition) -> None:
    assert placed(rule(condition)).placed is Placed.BY_DEFAULT


def test_groups_and_countries_are_compared_without_case() -> None:
    contact = replace(ACTIVE, groups=("Trade", "Family"), country="FR")
    both = rule(Condition(Trait.GROUP, "trade"), Condition(Trait.COUNTRY, "FR"))
    assert placed(both, contact=contact).reason.text.endswith(
        "it is in the group “trade” and its country is “FR”."
    )


def test_a_choice_by_hand_wins_over_every_rule_even_one_that_excludes() -> None:
    excluded = rule(Condition(Trait.CURRENCY, "GBP"), to=None)
    found = placed(excluded, contact=replace(ACTIVE, schedule_id="gentle"))
    assert (found.schedule.name, found.placed, found.excluded) == ("Gentle", Placed.BY_HAND, False)


def test_who_is_excluded_is_not_chased_and_the_rule_says_so() -> None:
    excluded = rule(
        Condition(Trait.GROUP, "Family"), to=None, name="Related parties", reason="Settled at year end."
    )
    decision = decide(book(by=course(excluded), contact=replace(ACTIVE, groups=("Family",))), POLICY, NOW)
    assert decision.message is None
    assert (
        "Not chased, by the rule “Related parties”: it is in the group “Family”. Settled at year end."
        in why(decision)
    )


def test_three_schedules_run_side_by_side_and_each_contact_takes_its_own_steps() -> None:
    firm, gentle = (replace(ACTIVE, schedule_id=one) for one in ("firm", "gentle"))
    steps = [on(decide(book(by=course(), contact=one), POLICY, NOW)).step for one in (ACTIVE, firm, gentle)]
    assert [step.name for step in steps if step] == ["Third reminder", "Formal notice", "Second reminder"]


def test_an_invoice_under_way_keeps_its_version_and_another_takes_the_newest() -> None:
    by = course(standard=STANDARD_2)
    second = invoice("2026-11-05", name="C")
    taken = (StepTaken("A", 2, "Standard-1"),)
    under = book(by=by, taken=taken, under_way={"A": ("Standard-1",)})
    under = replace(under, invoices=(*under.invoices, second))
    assert travelling(decide(under, POLICY, NOW)) == [("A", 4), ("C", 1)]


def test_one_that_a_person_has_moved_goes_on_with_the_newest_and_repeats_nothing() -> None:
    by = course(standard=STANDARD_2)
    taken = (StepTaken("A", 4, "Standard-1"),)
    moved = book(by=by, taken=taken, under_way={"A": ("Standard-1", "Standard-2")})
    decision = decide(moved, POLICY, NOW)
    assert decision.message is None
    assert "Nothing is left to do in the schedule “Standard”." in why(decision)


def test_a_contact_that_comes_to_another_schedule_takes_its_invoices_along() -> None:
    taken = (StepTaken("A", 4, "Standard-1"),)
    firm = book(by=course(), taken=taken, contact=replace(ACTIVE, schedule_id="firm"))
    decision = decide(firm, POLICY, NOW)
    assert on(decision).step is not None and travelling(decision) == [
        ("A", 6)
    ]  # what was sent on day 14 counts


def test_a_rule_about_the_age_of_debt_is_looked_at_again_on_the_day_it_begins_to_hold() -> None:
    old = rule(Condition(Trait.DAYS_OVERDUE, at_least=Decimal(60)))
    taken = tuple(StepTaken("A", position, "Standard-1") for position in range(1, 8))
    quiet = book(by=course(old), taken=taken)
    decision = decide(replace(quiet, invoices=quiet.invoices[:1]), POLICY, NOW)
    assert decision.next_look_at == at("2026-12-31 00:00")


def test_each_currency_can_have_a_minimum_of_its_own() -> None:
    policy = Policy(LONDON, minimum_balances={"GBP": Decimal(7000)})
    decision = decide(book(by=course()), policy, NOW)
    assert decision.message is None and "less than the minimum of GBP 7,000.00" in why(decision)


@given(st.integers(1, 200), st.integers(0, 400), st.lists(st.integers(0, 120), min_size=1, max_size=4))
def test_between_two_looks_the_placement_does_not_change(bound: int, later: int, ages: list[int]) -> None:
    """Whatever rules about age there are: until the day that is named, time alone places nobody otherwise."""
    rules = tuple(
        rule(Condition(Trait.DAYS_OVERDUE, at_least=Decimal(age), below=Decimal(age + bound)), name=str(age))
        for age in ages
    )
    its = book(by=course(*rules), due="2026-11-17")
    found = place(its, TODAY)
    then = TODAY + timedelta(days=later)
    if found.look_on is None or then.toordinal() < found.look_on:
        assert place(its, then).rule_id == found.rule_id
