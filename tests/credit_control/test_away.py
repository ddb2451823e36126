"""A message that would reach nobody but people who are away waits for the first of them to be back."""

from __future__ import annotations

from dataclasses import replace

from credit_control.decide import decide
from credit_control.decisions import ContactDecision
from credit_control.facts import Away
from credit_control.people import Person, Role
from tests.credit_control.books import ACTIVE, POLICY, at, book, day, invoice, why

JANE = Person("Jane Doe", "Jane@harbour.example", roles=frozenset({Role.PAYABLES}))
MARK = Person("Mark Hill", "mark@harbour.example", roles=frozenset({Role.PAYABLES}))
NOW = at("2026-11-18 09:00")


def decided(*away: Away, people: tuple[Person, ...] = (JANE,)) -> ContactDecision:
    contact = replace(ACTIVE, people=people, away=away)
    return decide(book(invoice("2026-11-13"), contact=contact), POLICY, NOW)


def leaves_on(decision: ContactDecision) -> str:
    assert decision.message is not None
    return decision.message.not_before.date().isoformat()


def test_what_would_go_to_her_alone_waits_until_she_is_back() -> None:
    decision = decided(Away("jane@harbour.example", day("2026-11-24")))
    assert leaves_on(decision) == "2026-11-25"
    assert "Jane Doe is away until 24 November 2026, so it waits." in why(decision)


def test_one_who_is_there_is_enough() -> None:
    decision = decided(Away("jane@harbour.example", day("2026-11-24")), people=(JANE, MARK))
    assert leaves_on(decision) == "2026-11-18"
    assert "away" not in why(decision)


def test_of_two_the_first_who_is_back_counts() -> None:
    away = (Away("jane@harbour.example", day("2026-12-04")), Away("mark@harbour.example", day("2026-11-24")))
    decision = decided(*away, people=(JANE, MARK))
    assert leaves_on(decision) == "2026-11-25"
    assert "Jane Doe and Mark Hill are away; the first of them is back after 24 November 2026." in why(
        decision
    )


def test_an_absence_that_is_over_or_somebody_elses_keeps_nothing_back() -> None:
    assert leaves_on(decided(Away("jane@harbour.example", day("2026-11-17")))) == "2026-11-18"
    assert leaves_on(decided(Away("someone@harbour.example", day("2026-12-17")))) == "2026-11-18"


def test_the_gap_is_explained_by_itself() -> None:
    contact = replace(ACTIVE, people=(JANE,), away=(Away("jane@harbour.example", day("2026-11-24")),))
    books = book(invoice("2026-11-13"), contact=contact, last_message_at=at("2026-11-02 10:00"))
    decision = decide(books, POLICY, NOW)
    assert leaves_on(decision) == "2026-11-25"
    assert "must pass" not in why(decision)
