"""While two schedules are compared: the draw takes the place of rules and default, and of nothing else, up to the last day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.decide import decide
from credit_control.decisions import Placed, Placement
from credit_control.facts import Comparison, Contact, Course
from credit_control.placing import place
from credit_control.placing_rules import Condition, PlacingRule, Trait
from tests.credit_control.books import ACTIVE, POLICY, at, on
from tests.credit_control.test_placing import NOW, TODAY, book, course, rule

UNTIL = TODAY + timedelta(days=60)
DRAWN_B = replace(ACTIVE, part="b")
OWES = Condition(Trait.CURRENCY, "GBP")


def compared(*rules: PlacingRule, from_on: date = TODAY, until: date = UNTIL) -> Course:
    schedules = {"a": "standard", "b": "firm"}
    return replace(course(*rules), comparison=Comparison("c", "Firmer", schedules, from_on, until))


def placed(*rules: PlacingRule, contact: Contact = DRAWN_B, today: date = TODAY) -> Placement:
    return place(book(by=compared(*rules), contact=contact), today)


def test_who_was_drawn_follows_the_schedule_of_its_part_and_the_reason_says_so() -> None:
    found = placed()
    assert (found.schedule.name, found.placed) == ("Firm", Placed.BY_COMPARISON)
    assert found.reason.text == (
        "On the schedule “Firm”: it was drawn into the part that follows this schedule in the comparison “Firmer”,"
        " up to 17 January 2027."
    )
    assert placed(contact=replace(ACTIVE, part="a")).schedule.name == "Standard"


def test_who_was_not_drawn_is_placed_as_ever() -> None:
    assert placed(contact=ACTIVE).placed is Placed.BY_DEFAULT
    assert placed(rule(OWES, to="gentle"), contact=ACTIVE).schedule.name == "Gentle"


def test_a_persons_choice_wins_over_the_draw() -> None:
    found = placed(contact=replace(DRAWN_B, schedule_id="gentle"))
    assert (found.schedule.name, found.placed) == ("Gentle", Placed.BY_HAND)


def test_a_rule_that_excludes_wins_over_the_draw_and_one_that_places_does_not() -> None:
    assert placed(rule(OWES, to=None)).excluded
    found = placed(rule(OWES, to="gentle"))
    assert (found.schedule.name, found.placed, found.excluded) == ("Firm", Placed.BY_COMPARISON, False)


@pytest.mark.parametrize(
    ("days", "name"), [(-1, "Standard"), (0, "Firm"), (60, "Firm"), (61, "Standard"), (400, "Standard")]
)
def test_the_draw_counts_from_the_first_day_up_to_the_last(days: int, name: str) -> None:
    assert placed(today=TODAY + timedelta(days=days)).schedule.name == name


def test_what_leaves_after_the_last_day_is_foreseen_by_the_usual_placing() -> None:
    its = replace(
        book(by=compared(until=date(2026, 11, 20)), contact=DRAWN_B, due="2026-11-16"),
        course=compared(until=date(2026, 11, 20)),
    )
    on_the_last, after = (on(decide(its, POLICY, at(f"2026-11-{day} 10:00"))) for day in (20, 23))
    assert on_the_last.step and after.step
    assert on_the_last.step.version_id.startswith("Firm")
    assert after.step.version_id.startswith("Standard")


def test_it_is_looked_at_again_on_the_day_after_the_last() -> None:
    assert placed().look_on == UNTIL.toordinal() + 1
    decision = decide(replace(book(by=compared(), contact=DRAWN_B), invoices=()), POLICY, NOW)
    assert decision.next_look_at == at("2027-01-18 00:00")


@given(
    st.integers(0, 90),
    st.integers(0, 150),
    st.lists(st.tuples(st.integers(0, 120), st.sampled_from(["gentle", "firm", None])), max_size=3),
)
def test_between_two_looks_time_alone_places_nobody_otherwise(
    lasts: int, later: int, ages: list[tuple[int, str | None]]
) -> None:
    rules = tuple(
        rule(Condition(Trait.DAYS_OVERDUE, at_least=Decimal(age)), to=to, name=str(age)) for age, to in ages
    )
    its = book(by=compared(*rules, until=TODAY + timedelta(days=lasts)), contact=DRAWN_B, due="2026-11-17")
    found, then = place(its, TODAY), TODAY + timedelta(days=later)
    if found.look_on is None or then.toordinal() < found.look_on:
        again = place(its, then)
        assert (again.schedule.name, again.excluded) == (found.schedule.name, found.excluded)
