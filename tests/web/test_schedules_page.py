"""The pages of schedules and rules, as somebody without script uses them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kit.ids import derived_id
from services.app import App
from store.models import ScheduleVersion
from store.queries import placing, schedules
from tests.support.cast import Cast
from tests.support.visitor import Member, words


def rows(*steps: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form with these rows."""
    fields: dict[str, Any] = {"row": [str(number) for number in range(len(steps))]}
    for number, step in enumerate(steps):
        fields |= {f"{name}-{number}": value for name, value in step.items()}
    return fields


LETTER = {"name": "Letter", "days": "3", "from": "due", "action": "email", "template": "first_reminder"}
SECOND = LETTER | {
    "name": "Second letter",
    "days": "7",
    "from": "previous",
    "go": "1",
    "every": "14",
    "times": "2",
}
REVIEW = {"name": "Review", "days": "7", "from": "previous", "action": "review"}


def newest(dunnock: App, stage: Cast, name: str) -> ScheduleVersion:
    with dunnock.database.read(stage.organisation_id) as session:
        by_name = {known: one for one, known in schedules.names(session, stage.organisation_id)}
        found = schedules.newest(session, stage.organisation_id, by_name[name])
        assert found
        return found[1]


def standard(stage: Cast) -> str:
    return f"{stage.home}/schedules/{derived_id('schedule', stage.organisation_id, 'Standard')}"


def test_all_schedules_are_shown_with_how_many_are_on_each(owner: Member, stage: Cast) -> None:
    said = owner.words(f"{stage.home}/schedules")
    assert re.search(r"Standard default \d+ customers, version 1", said)
    assert "Gentle 0 customers, version 1" in said and "Firm 0 customers, version 1" in said
    assert "Formal notice 30 days after due" in said


def test_a_schedule_is_written_row_by_row(owner: Member, stage: Cast, dunnock: App) -> None:
    answer = owner.press(
        f"{stage.home}/schedules/new", schedule_name="House style", do="save", **rows(LETTER, SECOND, REVIEW)
    )
    assert answer.status_code == 302
    found = newest(dunnock, stage, "House style")
    assert [(step["name"], step["offset_days"], step["needs_go"]) for step in found.steps] == [
        ("Letter", 3, False), ("Second letter", 10, True), ("Second letter, again", 24, True),
        ("Second letter, again (2)", 38, True), ("Review", 45, False),
    ]  # fmt: skip
    assert "Second letter 10 days after due, after your go" in owner.words(f"{stage.home}/schedules")


def test_a_step_can_be_for_first_invoices_and_large_ones_alone(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    note = LETTER | {"first": "1", "least": " gbp 1,000; eur 1200.5"}
    answer = owner.press(
        f"{stage.home}/schedules/new", schedule_name="Choosy", do="save", **rows(note, SECOND)
    )
    assert answer.status_code == 302
    found = newest(dunnock, stage, "Choosy")
    assert [step["only_for"] for step in found.steps] == [
        {"first_invoice": True, "at_least": {"EUR": "1200.50", "GBP": "1000.00"}}, None, None, None,
    ]  # fmt: skip
    home = f"{stage.home}/schedules"
    line = "Letter 3 days after due, only for a customer’s first invoice, or from €1,200.50 or £1,000.00"
    assert line in owner.words(home)
    shown = owner.get(f"{home}/{found.schedule_id}").text
    assert 'value="EUR 1200.50, GBP 1000.00"' in shown and re.search(r'id="first-0"[^>]* checked', shown)


def test_an_amount_alone_is_of_the_currency_of_the_books(owner: Member, stage: Cast, dunnock: App) -> None:
    owner.press(
        f"{stage.home}/schedules/new", schedule_name="Large", do="save", **rows(LETTER | {"least": "2,500"})
    )
    (step,) = newest(dunnock, stage, "Large").steps
    assert step["only_for"] == {"first_invoice": False, "at_least": {"GBP": "2500.00"}}


def test_rows_are_added_moved_and_removed_by_buttons_and_keep_what_was_typed(
    owner: Member, stage: Cast
) -> None:
    def names(do: str) -> list[str]:
        answer = owner.press(
            f"{stage.home}/schedules/new",
            schedule_name="“Mine”",
            do=do,
            **rows(LETTER, SECOND | {"days": "soon"}),
        )
        assert answer.status_code == 200 and 'value="“Mine”"' in answer.text
        assert do == "remove:1" or 'value="soon"' in answer.text
        return re.findall(r'name="name-\d" value="([^"]*)"', answer.text)

    assert names("add") == ["Letter", "Second letter", ""]
    assert names("up:1") == names("down:0") == ["Second letter", "Letter"]
    assert names("remove:1") == ["Letter"]
    assert names("remove:77") == ["Letter", "Second letter"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (rows(LETTER, SECOND | {"days": "soon"}), "Give a whole number of days"),
        (rows(LETTER, SECOND | {"from": "due", "days": "2"}), "“Second letter” comes after “Letter”"),
        (rows(LETTER, SECOND | {"template": ""}), "“Second letter” is a mail, but has no template"),
        (rows(LETTER, SECOND | {"times": ""}), "give the days in between and how often"),
        (rows(LETTER, SECOND | {"action": "shout"}), "Choose what happens"),
        (rows(LETTER, SECOND | {"least": "a lot"}), "Give the amount from which on the step is meant"),
        (
            rows(LETTER, SECOND | {"least": "GBP 1.000,5,0"}),
            "Give the amount from which on the step is meant",
        ),
        (rows(LETTER, SECOND | {"least": "0"}), "“Second letter” is limited by an amount that cannot be"),
        (rows(LETTER, SECOND | {"least": "GBP 5, GBP 6"}), "“Second letter” is limited by two amounts"),
        (rows(), "needs at least one step"),
    ],
)
def test_what_is_wrong_is_said_beside_the_row_and_nothing_typed_is_lost(
    owner: Member, stage: Cast, dunnock: App, fields: dict[str, Any], sentence: str
) -> None:
    answer = owner.press(standard(stage), schedule_name="Ours", do="save", **fields)
    assert answer.status_code == 422
    assert sentence in words(answer) and 'value="Ours"' in answer.text
    assert answer.text.count("step-row-bad") == (1 if fields["row"] else 0)
    assert newest(dunnock, stage, "Standard").number == 1


def test_a_change_is_a_new_version_and_invoices_under_way_are_moved_by_a_button(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    owner.press(standard(stage), schedule_name="Standard", do="save", **rows(LETTER))
    assert newest(dunnock, stage, "Standard").number == 2
    assert "1 invoice under way is still on an older version" in owner.words(f"{stage.home}/schedules")
    said = owner.words(f"{stage.home}/invoices/{stage.invoice_id}")
    assert "under way on version 1 of “Standard”" in said and "Third reminder taken" in said
    owner.press(f"{standard(stage)}/move")
    said = owner.words(f"{stage.home}/schedules")
    assert "1 moved to version 2." in said and "older version" not in said
    assert "under way" not in owner.words(f"{stage.home}/invoices/{stage.invoice_id}")


def test_the_default_can_be_another(owner: Member, stage: Cast) -> None:
    gentle = derived_id("schedule", stage.organisation_id, "Gentle")
    owner.press(f"{stage.home}/schedules/{gentle}/default")
    said = owner.words(f"{stage.home}/schedules")
    assert "“Gentle” is the default from now on." in said and "Gentle default" in said
    assert "Standard default" not in said


def test_the_schedule_of_a_customer_is_chosen_on_its_page(owner: Member, stage: Cast) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    firm = derived_id("schedule", stage.organisation_id, "Firm")
    assert "On the schedule “Standard”, the default" in owner.words(page)
    owner.press(f"{page}/schedule", schedule=firm)
    assert "On the schedule “Firm”, chosen by hand. By Anna Hale." in owner.words(page)
    owner.press(f"{page}/schedule", schedule="0" * 32)
    assert "There is no such schedule" in owner.words(page)
    owner.press(f"{page}/schedule", schedule="")
    assert "On the schedule “Standard”, the default" in owner.words(page)


# -- rules ---------------------------------------------------------------------------------------------

LARGE = {"field": "balance", "text": "gbp", "at_least": "1.00"}


def test_a_rule_is_written_ordered_counted_and_removed(owner: Member, stage: Cast, dunnock: App) -> None:
    firm = derived_id("schedule", stage.organisation_id, "Firm")
    answer = owner.press(
        f"{stage.home}/rules/new", rule_name="Large debts", outcome=firm, do="save", **rows(LARGE)
    )
    assert answer.status_code == 302
    said = owner.words(f"{stage.home}/rules")
    assert "2. Large debts Owes, in the currency GBP, at least 1.00 Firm" in said
    assert "by the rule “Large debts”: it owes £" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    with dunnock.database.read(stage.organisation_id) as session:
        rule_id = placing.ids(session, stage.organisation_id)[1]
    owner.press(f"{stage.home}/rules/{rule_id}/move", to="up")
    assert "1. Large debts" in owner.words(f"{stage.home}/rules")
    assert "Large debts" in owner.words(f"{stage.home}/rules/{rule_id}")
    owner.press(f"{stage.home}/rules/{rule_id}/move", to="away")
    assert "“Large debts” is removed." in owner.words(f"{stage.home}/rules")


def test_whom_a_rule_excludes_is_told_on_the_customer_page(owner: Member, stage: Cast) -> None:
    owner.press(
        f"{stage.home}/rules/new", rule_name="Ours", outcome="none", reason="Settled at year end.", do="save",
        **rows(LARGE),
    )  # fmt: skip
    said = owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    assert "Schedule None · Not chased, by the rule “Ours”" in said and "Settled at year end." in said


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (rows(LARGE | {"text": "pounds"}), "Give a currency by its three letters"),
        (rows(LARGE | {"at_least": "much"}), "Give an amount in one of the fields"),
        (rows({"field": "days_overdue"}), "Give a whole number of days in one of the fields"),
        (rows(LARGE | {"below": "0.50"}), "at least £1.00 and below £0.50 at once"),
        (rows({"field": "group"}), "Say what to look for"),
        (rows({"field": "mood"}), "Choose what the rule asks for"),
        (rows(), "A rule without a condition would be for everybody"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_and_what_was_typed_is_kept(
    owner: Member, stage: Cast, fields: dict[str, Any], sentence: str
) -> None:
    answer = owner.press(f"{stage.home}/rules/new", rule_name="R 1", outcome="none", do="save", **fields)
    assert answer.status_code == 422
    assert sentence in words(answer) and 'value="R 1"' in answer.text


def test_a_country_is_shown_by_its_name_and_saved_as_it_is_shown(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    fields = {"rule_name": "Britons", "outcome": "none", "do": "save"}
    owner.press(f"{stage.home}/rules/new", **fields, **rows({"field": "country", "text": "UK"}))
    assert "Britons Country is United Kingdom" in owner.words(f"{stage.home}/rules")
    with dunnock.database.read(stage.organisation_id) as session:
        rule_id = placing.ids(session, stage.organisation_id)[1]
    assert 'value="United Kingdom"' in owner.get(f"{stage.home}/rules/{rule_id}").text
    shown = rows({"field": "country", "text": "United Kingdom"})
    assert owner.press(f"{stage.home}/rules/{rule_id}", **fields, **shown).status_code == 302
    with dunnock.database.read(stage.organisation_id) as session:
        assert placing.rows(session, stage.organisation_id)[1].conditions == [
            {"field": "country", "is": "GB"}
        ]


def test_small_sums_can_be_set_for_each_currency(owner: Member, stage: Cast, dunnock: App) -> None:
    owner.press(f"{stage.home}/rules/minimums", minimums="gbp 25\nEUR 30.50\n")
    assert stage.organisation(dunnock.database).minimum_balances == {"EUR": "30.50", "GBP": "25.00"}
    answer = owner.press(f"{stage.home}/rules/minimums", minimums="a lot")
    assert answer.status_code == 422 and "is no amount" in words(answer) and ">a lot<" in answer.text


def test_steps_are_tried_on_an_invoice_as_they_were_just_typed(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = owner.press(
        f"{stage.home}/schedules/new",
        schedule_name="House style",
        do="try",
        try_issued_on="2026-10-01",
        try_due_on="2026-11-05",
        try_on="2026-11-12",
        **rows(LETTER, SECOND, REVIEW),
    )
    said = words(page)
    assert page.status_code == 200
    assert "Monday 9 November 2026" in said  # the 8th is a Sunday
    assert "Moved from Sunday 8 November 2026 to Monday 9 November 2026" in said
    assert "“Second letter”" in said
    assert "Letter would have left" in said and "Second letter would leave, after your go" in said
    assert "Review would be asked of a person" in said
    assert 'value="House style"' in page.text
    with dunnock.database.read(stage.organisation_id) as session:
        assert "House style" not in {name for _, name in schedules.names(session, stage.organisation_id)}


def test_a_real_invoice_is_tried_by_its_number_and_a_wrong_one_is_said(owner: Member, stage: Cast) -> None:
    said = owner.words(f"{standard(stage)}?try_number=INV-1001")
    assert "INV-1001 of Bellwether Books" in said
    assert "No open invoice has the number" in owner.words(f"{standard(stage)}?try_number=NONE-1")
    assert "is no date" in owner.words(f"{standard(stage)}?try_due_on=tomorrow")
    assert "is no amount" in owner.words(f"{standard(stage)}?try_due_on=2026-11-02&try_amount=much")
