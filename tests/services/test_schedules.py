"""Schedules side by side: who is on which, what a new version changes, and steps that wait for a go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from credit_control.facts import Action
from credit_control.written import CountedFrom, Repeat, WrittenStep
from kit import clock
from kit.errors import UserError
from services import go, outlook, placing, schedules
from services.changes import change_of_chasing
from services.mirror.write import store_contacts
from services.placing import RuleWanted
from store.models import ScheduleVersion
from store.queries import schedules as queries
from tests.support.chasing import Chasing, chasing


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as stage:
        yield stage


def mail(name: str, days: int, **more: Any) -> WrittenStep:
    return WrittenStep(name, days, Action.EMAIL, "first_reminder", **more)


def change(org: Chasing, how: Callable[..., Any], *what: Any) -> Any:
    """Something that a person changes."""
    with change_of_chasing(org.app, org.organisation_id) as session:
        return how(session, org.organisation_id, *what)


def schedule_id(org: Chasing, name: str) -> str:
    with org.app.database.read(org.organisation_id) as session:
        by_name = {known: one for one, known in queries.names(session, org.organisation_id)}
    return by_name[name]


def change_standard(org: Chasing, *steps: WrittenStep) -> None:
    change(org, schedules.change, schedule_id(org, "Standard"), "Standard", steps)


def rule(org: Chasing, to: str | None, **condition: Any) -> str:
    wanted = RuleWanted("The rule", [condition], schedule_id(org, to) if to else None)
    added: str = change(org, placing.add, wanted)
    return added


def said(org: Chasing, invoice: str) -> str:
    found = outlook.why(org.app, org.organisation_id, org.id_of(invoice))
    assert found
    return " ".join(one.text for one in found.reasons)


# -- versions ------------------------------------------------------------------------------------------


def test_an_invoice_under_way_keeps_its_version_and_a_new_one_begins_with_the_newest(org: Chasing) -> None:
    begun = org.one_due(3)
    org.send()
    change_standard(org, mail("Letter", 9))
    fresh = org.invoice(org.customer("Other Ltd", "other@example.com"), "INV-2", 10)
    org.mirror()
    org.shift(days=4)
    org.plan()
    assert {row.step_name for row in org.chasers("planned")} == {"Second reminder", "Letter"}
    assert "It is under way on version 1 of “Standard” and stays on it" in said(org, begun)
    assert "under way" not in said(org, fresh)


def test_moved_by_a_person_it_goes_on_with_the_new_version_and_nothing_comes_twice(org: Chasing) -> None:
    org.one_due(7)
    org.send()
    change_standard(org, mail("Nudge", 5), mail("Firm words", 20))
    assert change(org, schedules.move, schedule_id(org, "Standard")) == 1
    assert change(org, schedules.move, schedule_id(org, "Standard")) == 0
    org.shift(days=5)
    org.plan(everything=True)
    assert org.chasers("planned") == []
    org.shift(days=9)
    org.plan()
    assert [row.step_name for row in org.chasers("planned")] == ["Firm words"]
    org.send()
    assert [row.step_name for row in sorted(org.chasers("sent"), key=lambda row: row.sent_at or clock.now())] == [
        "Second reminder", "Firm words",
    ]  # fmt: skip


def test_what_was_planned_leaves_as_it_was_planned_though_the_schedule_has_changed(org: Chasing) -> None:
    org.one_due(7)
    change_standard(org, mail("Letter", 1))
    org.plan(everything=True)
    assert org.only_chaser().step_name == "Second reminder"
    org.send()
    assert org.only_chaser().status == "sent"


def test_moving_what_is_planned_plans_it_anew(org: Chasing) -> None:
    org.one_due(7)
    change_standard(org, mail("Letter", 1), mail("Harder letter", 6), mail("Last letter", 7))
    change(org, schedules.move, schedule_id(org, "Standard"))
    org.send()  # before anything is planned: position 3 of one version is not position 3 of another
    assert org.chasers("sent") == []
    org.plan()
    assert [row.step_name for row in org.chasers("planned")] == ["Last letter"]


def test_a_version_is_made_only_where_steps_change(org: Chasing) -> None:
    standard = schedule_id(org, "Standard")
    change_standard(org, mail("Letter", 1))
    change_standard(org, mail("Letter", 1))
    change(org, schedules.change, standard, "House style", [mail("Letter", 1)])
    with org.app.database.read(org.organisation_id) as session:
        numbers = select(ScheduleVersion.number).where(ScheduleVersion.schedule_id == standard)
        assert sorted(session.scalars(numbers)) == [1, 2]


@pytest.mark.parametrize(
    ("name", "steps", "problem"),
    [
        ("firm", [mail("A", 1)], "A schedule is called “firm” already"),
        (" ", [mail("A", 1)], "Give the schedule a name"),
        ("Mine", [], "needs at least one step"),
        ("Mine", [mail("A", 5), mail("B", 5)], "“B” comes after “A”"),
        ("Mine", [replace(mail("A", 1), template="nothing")], "the text “nothing”, which does not exist"),
    ],
)
def test_what_is_wrong_with_a_schedule_is_said(
    org: Chasing, name: str, steps: list[WrittenStep], problem: str
) -> None:
    with pytest.raises(UserError, match=problem):
        change(org, schedules.create, name, steps)


# -- who is on which -----------------------------------------------------------------------------------


def test_a_contact_put_on_another_schedule_by_hand_takes_its_steps(org: Chasing) -> None:
    customer = org.customer()
    invoice = org.invoice(customer, "INV-1", 16)
    org.mirror()
    org.switch("live")
    assert org.only_chaser().step_name == "Third reminder"
    change(org, schedules.choose, org.id_of(customer), schedule_id(org, "Firm"), "Anna Hale")
    org.plan()
    assert [row.step_name for row in org.chasers("planned")] == ["Formal notice"]
    assert "On the schedule “Firm”, chosen by hand." in said(org, invoice)
    change(org, schedules.choose, org.id_of(customer), None, "Anna Hale")
    org.plan()
    assert [row.step_name for row in org.chasers("planned")] == ["Third reminder"]


def test_the_same_step_of_two_schedules_is_not_the_same_chaser(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 3)
    org.mirror()
    org.switch("live")
    first = org.only_chaser()
    change(org, schedules.choose, org.id_of(customer), schedule_id(org, "Firm"), "Anna Hale")
    org.plan()
    again = next(row for row in org.chasers("planned"))
    assert (first.step_position, again.step_position) == (2, 2)
    assert first.id != again.id


def test_a_rule_moves_whom_it_is_about_and_a_payment_moves_them_back(org: Chasing) -> None:
    customer = org.customer()
    large = org.invoice(customer, "INV-1", 16, "6000.00")
    small = org.invoice(customer, "INV-2", 16, "50.00")
    org.mirror()
    org.switch("live")
    rule(org, "Firm", field="balance", currency="GBP", at_least="5000")
    org.plan()
    assert [row.step_name for row in org.chasers("planned")] == ["Formal notice"]
    assert "On the schedule “Firm” by the rule “The rule”: it owes GBP 6,050.00." in said(org, small)
    org.ledger.pay(large)
    org.mirror()
    org.plan()
    assert [(row.step_name, org.numbers(row)) for row in org.chasers("planned")] == [
        ("Third reminder", {"INV-2"})
    ]


def test_whom_a_rule_excludes_gets_nothing_until_it_is_removed(org: Chasing) -> None:
    org.invoice(org.customer(groups=("Family",)), "INV-1", 7)
    org.mirror()
    org.switch("live")
    excluded = rule(org, None, field="group", **{"is": "family"})
    org.plan()
    assert "Not chased, by the rule “The rule”" in (org.only_chaser().reason or "")
    assert org.only_chaser().status == "cancelled"
    change(org, placing.remove, excluded)
    org.plan()
    assert org.only_chaser().status == "planned"


def test_a_rule_about_the_age_of_a_debt_begins_to_hold_by_itself(org: Chasing) -> None:
    org.invoice(org.customer(), "INV-1", 16)
    org.mirror()
    org.switch("live")
    org.send()
    rule(org, "Gentle", field="days_overdue", at_least=60)
    org.plan()
    looked_at = org.contact(next(iter(org.ledger.contact_book))).next_look_at
    assert looked_at is not None and looked_at <= clock.now() + timedelta(days=44)


def test_a_rule_may_name_a_country_as_people_do_and_nothing_else(org: Chasing) -> None:
    org.invoice(org.customer(country="FR"), "INV-1", 3)
    org.mirror()
    org.switch("live")
    rule(org, "Gentle", field="country", **{"is": "france"})
    org.plan()
    counts = placing.counts(org.app, org.organisation_id)
    assert counts.by_schedule == {schedule_id(org, "Gentle"): 1}
    with pytest.raises(UserError, match="“Atlantis” is no country"):
        rule(org, "Gentle", field="country", **{"is": "Atlantis"})


def test_the_group_and_country_of_a_contact_come_from_the_ledger(org: Chasing) -> None:
    customer = org.customer(groups=("Trade",), country="FR")
    org.invoice(customer, "INV-1", 3)
    org.mirror()
    org.switch("live")
    assert (org.contact(customer).groups, org.contact(customer).country) == (["Trade"], "FR")
    rule(org, "Gentle", field="group", **{"is": "Museum"})
    org.plan()
    org.ledger.change_contact(customer, groups=("Museum", "Trade"))
    with org.app.database.write(org.organisation_id) as session:
        store_contacts(session, org.organisation_id, list(org.ledger.contact_book.values()), clock.now())
    org.plan()
    counts = placing.counts(org.app, org.organisation_id)
    assert counts.by_schedule == {schedule_id(org, "Gentle"): 1} and counts.still_to_see == 0


def test_a_first_invoice_is_one_before_any_was_paid(org: Chasing) -> None:
    old, new = org.customer("Old Ltd", "old@example.com"), org.customer("New Ltd", "new@example.com")
    org.invoice(old, "INV-1", 40, status="PAID")
    org.invoice(old, "INV-2", 10)
    org.invoice(new, "INV-3", 10)
    org.mirror()
    org.switch("live")
    rule(org, "Gentle", field="first_invoice")
    org.plan()
    counts = placing.counts(org.app, org.organisation_id)
    assert counts.by_schedule == {schedule_id(org, "Gentle"): 1, schedule_id(org, "Standard"): 1}
    assert list(counts.by_rule.values()) == [1]


# -- a person's go -------------------------------------------------------------------------------------


def test_a_step_that_needs_a_go_waits_for_it_over_days_and_then_leaves(org: Chasing) -> None:
    change_standard(org, mail("Plain", 2), mail("Hard words", 10, needs_go=True))
    org.one_due(8)
    org.send()
    assert [row.step_name for row in org.chasers("sent")] == ["Plain"]
    org.shift(days=7)
    for _ in range(4):  # over a weekend, past every window
        org.plan(everything=True)
        org.send()
        org.shift(days=1)
    org.shift(days=-1)
    (waiting,) = org.chasers("held")
    assert waiting.reason == (
        "“Hard words” waits for a person to say go."
        " Nobody had said yes when its sending window closed, so it comes again in the next one."
    )
    change(org, go.say_go, waiting.id, "Anna Hale")
    org.plan()
    assert [row.id for row in org.chasers("planned")] == [waiting.id]
    org.send()
    assert {row.step_name for row in org.chasers("sent")} == {"Plain", "Hard words"}
    assert not change(org, go.say_go, waiting.id, "Anna Hale")


def test_what_waits_for_a_go_is_dropped_when_it_is_paid(org: Chasing) -> None:
    change_standard(org, mail("Hard words", 1, needs_go=True))
    org.invoice(org.customer(), "INV-0", 3)
    org.mirror()
    org.change(chasing="live")
    org.plan(everything=True)
    assert org.only_chaser().status == "held"
    org.ledger.pay(next(iter(org.ledger.invoice_book)))
    org.mirror()
    org.plan()
    assert org.only_chaser().status == "cancelled"


def test_the_last_step_is_repeated_at_most_so_often(org: Chasing) -> None:
    last = mail("Last", 10, repeat=Repeat(14, 2))
    change_standard(org, last, WrittenStep("Review", 7, Action.REVIEW, counted_from=CountedFrom.PREVIOUS))
    org.one_due(10)
    for _ in range(60):
        org.plan()
        org.send()
        org.shift(days=1)
    assert [row.step_name for row in sorted(org.chasers("sent"), key=lambda row: row.sent_at or clock.now())] == [
        "Last", "Last, again", "Last, again (2)",
    ]  # fmt: skip
    invoice = next(iter(org.ledger.invoice_book))
    assert "“Review” has been due since" in said(org, invoice)


def test_a_paused_schedule_chases_nobody_and_goes_on_when_it_is_resumed(org: Chasing) -> None:
    org.one_due()
    standard = schedule_id(org, "Standard")
    change(org, schedules.pause, standard, "the office moves", "Anna Hale")
    org.plan()
    stopped = org.only_chaser()
    assert stopped.status == "cancelled"
    assert "“Standard” is paused by Anna Hale: the office moves" in (stopped.reason or "")
    org.send()
    assert org.mailer.taken == []

    assert change(org, schedules.resume, standard)
    assert not change(org, schedules.resume, standard)
    org.plan()
    assert org.only_chaser().status == "planned"


def test_what_is_claimed_while_its_schedule_is_paused_does_not_leave(org: Chasing) -> None:
    org.one_due()
    change(org, schedules.pause, schedule_id(org, "Standard"), "audit", "Anna Hale")
    org.shift(hours=1)
    org.send()
    assert org.mailer.taken == []
