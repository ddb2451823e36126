"""Schedules, rules and choices over the API."""

from __future__ import annotations

from typing import Any

import pytest

from services import plan
from store.models import Contact
from tests.web.api.conftest import Api

LETTER: dict[str, Any] = {
    "name": "Letter", "offset_days": 3, "action": "email", "template": "first_reminder",
}  # fmt: skip
SECOND = LETTER | {"name": "Second letter", "offset_days": 7, "from": "previous"}


def made(api: Api, name: str = "House style", *steps: dict[str, Any]) -> Any:
    answer = api.post("/schedules", {"name": name, "steps": list(steps) or [LETTER, SECOND]})
    assert answer.status_code == 201, answer.text
    return answer.json


def refused(api: Api, method: str, path: str, body: Any, status: int) -> str:
    answer = api.call(method, path, json=body)
    assert answer.status_code == status, answer.text
    return str(answer.json["detail"])  # type: ignore[index]  # a problem is an object


def test_a_schedule_is_made_and_told_as_it_was_written_and_as_it_is_chased_by(api: Api) -> None:
    schedule = made(api)
    assert [(step["position"], step["offset_days"]) for step in schedule["steps"]] == [(1, 3), (2, 10)]
    assert [(step["from"], step["offset_days"]) for step in schedule["written"]] == [
        ("due", 3),
        ("previous", 7),
    ]
    (listed,) = (one for one in api.walk("/schedules", 2) if one["name"] == "House style")
    assert listed["version"] == 1 and listed["contacts"] == 0 and not listed["is_default"]


def test_what_is_answered_as_written_can_be_sent_back_and_changes_nothing(api: Api) -> None:
    for schedule in api.walk("/schedules", 200):
        body = {"name": schedule["name"], "steps": schedule["written"]}
        answer = api.call("PUT", f"/schedules/{schedule['id']}", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json["version"] == schedule["version"]  # type: ignore[index]  # a schedule is an object


def test_a_step_says_for_which_invoices_it_is_meant(api: Api) -> None:
    limit = {"first_invoice": True, "at_least": {"GBP": "1000"}}
    schedule = made(api, "Choosy", LETTER | {"only_for": limit}, SECOND)
    told = {"first_invoice": True, "at_least": {"GBP": "1000.00"}}
    assert [one["only_for"] for one in schedule["steps"]] == [told, None]
    assert [one["only_for"] for one in schedule["written"]] == [told, None]
    for wrong in ({}, {"at_least": {"GBP": "0"}}, {"at_least": {"pounds": "5"}}, {"first_invoice": "yes"}):
        refused(api, "POST", "/schedules", {"name": "Wrong", "steps": [LETTER | {"only_for": wrong}]}, 422)


def test_other_steps_are_a_new_version(api: Api) -> None:
    schedule = made(api)
    answer = api.call("PUT", f"/schedules/{schedule['id']}", json={"steps": [LETTER]})
    assert answer.json is not None and answer.json["version"] == 2 and answer.json["name"] == "House style"


def test_what_is_wrong_with_steps_is_said_in_a_sentence(api: Api) -> None:
    wrong: tuple[tuple[list[dict[str, Any]], str], ...] = (
        ([], "needs at least one step"),
        ([LETTER, LETTER | {"name": "Other"}], "“Other” comes after “Letter”, so its day must be later"),
        ([LETTER | {"template": None}], "“Letter” is a mail, but has no template"),
        ([LETTER | {"template": "no_such"}], "the text “no_such”, which does not exist"),
        ([LETTER | {"position": 2}], "positions of the steps are not 1, 2, 3"),
    )
    for steps, sentence in wrong:
        assert sentence in refused(api, "POST", "/schedules", {"name": "Mine", "steps": steps}, 422)
    assert "called “firm” already" in refused(
        api, "POST", "/schedules", {"name": "firm", "steps": [LETTER]}, 409
    )


def test_a_choice_by_hand_is_told_with_the_contact_and_can_be_taken_back(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}"
    chosen = api.call("PATCH", path, json={"schedule": "gentle"})
    assert chosen.json is not None and chosen.json.items() >= {
        "schedule": "Gentle", "schedule_by": "by_hand", "schedule_reason": "On the schedule “Gentle”, chosen by hand.",
    }.items()  # fmt: skip
    assert api.get(path)["schedule"] == "Gentle"
    why = api.get(f"/invoices/{api.cast.invoice_id}/why")
    assert any("chosen by hand" in reason["text"] for reason in why["reasons"])
    assert api.call("PATCH", path, json={"schedule": None}).json["schedule_by"] == "by_default"  # type: ignore[index]
    assert "There is no schedule “Stern”" in refused(api, "PATCH", path, {"schedule": "Stern"}, 422)


def test_the_first_of_two_rules_decides_and_their_order_can_be_changed(api: Api) -> None:
    rule = {"name": "Large", "conditions": [{"field": "balance", "currency": "GBP", "at_least": "1.00"}]}
    firm = api.post("/rules", rule | {"schedule": "Firm"}).json
    gentle = api.post("/rules", rule | {"schedule": "Gentle", "name": "Large too"}).json
    assert firm is not None and gentle is not None
    contact = api.get(f"/contacts/{api.cast.contact_id}")
    assert (contact["schedule"], contact["schedule_by"]) == ("Firm", "by_rule")
    assert "by the rule “Large”: it owes GBP" in contact["schedule_reason"]
    ids = [one["id"] for one in api.get("/rules")["items"]]
    answer = api.call(
        "PUT", "/rules", json={"rule_ids": [gentle["id"], *(one for one in ids if one != gentle["id"])]}
    )
    assert answer.status_code == 200
    assert api.get(f"/contacts/{api.cast.contact_id}")["schedule"] == "Gentle"
    counted = {one["name"]: one["contacts"] for one in api.get("/rules")["items"]}
    assert counted["Large too"] > 0 and counted["Large"] == counted["Museums"] == 0
    on_it = {one["name"]: one["contacts"] for one in api.walk("/schedules", 200)}
    assert on_it["Gentle"] == counted["Large too"]


def test_a_rule_can_keep_contacts_from_being_chased(api: Api) -> None:
    name = api.get(f"/contacts/{api.cast.contact_id}")["name"]
    rule = {
        "name": "Family",
        "conditions": [{"field": "name", "contains": name}],
        "schedule": None,
        "reason": "Ours.",
    }
    assert api.post("/rules", rule | {"position": 1}).json["excludes"] is True  # type: ignore[index]
    contact = api.get(f"/contacts/{api.cast.contact_id}")
    assert contact["schedule"] is None and contact["schedule_reason"].endswith("Ours.")
    run = api.post("/runs", {"dry_run": True}).json
    assert run is not None
    assert all(one["leaves"] is None for one in run["contacts"] if one["contact_id"] == api.cast.contact_id)


@pytest.mark.parametrize(
    "condition",
    [
        {"field": "rating", "is": "poor"},
        {"field": "balance", "currency": "GBP"},
        {"field": "balance", "currency": "pounds", "at_least": "5"},
        {"field": "balance", "currency": "GBP", "at_least": "5", "is": "x"},
        {"field": "days_overdue", "at_least": -1},
        {"field": "group"},
        {},
    ],
)
def test_a_condition_that_means_nothing_is_refused(api: Api, condition: dict[str, Any]) -> None:
    refused(api, "POST", "/rules", {"name": "R", "conditions": [condition], "schedule": "Firm"}, 422)


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        (
            [{"field": "balance", "currency": "GBP", "at_least": "3000", "below": "10"}],
            "No customer owes at least GBP 3,000.00 and below GBP 10.00 at once",
        ),
        (
            [{"field": "country", "is": "Germany"}, {"field": "country", "is": "gb"}],
            "No customer is in Germany and in the United Kingdom at once",
        ),
        ([{"field": "country", "is": "Nowhere"}], "“Nowhere” is no country"),
    ],
)
def test_a_rule_that_can_never_hold_is_refused(api: Api, conditions: list[Any], sentence: str) -> None:
    rule = {"name": "R", "conditions": conditions, "schedule": "Firm"}
    assert sentence in api.call("POST", "/rules", json=rule).get_json()["detail"]
    refused(api, "POST", "/rules", rule, 422)


def test_a_rule_about_a_country_names_it(api: Api) -> None:
    with api.app.database.write(api.cast.organisation_id) as session:
        session.get_one(Contact, (api.cast.organisation_id, api.cast.contact_id)).country = "DE"
    rule = {"name": "Abroad", "conditions": [{"field": "country", "is": "germany"}], "schedule": "Firm"}
    assert api.post("/rules", rule).get_json()["conditions"] == [{"field": "country", "is": "DE"}]
    said = api.get(f"/contacts/{api.cast.contact_id}")["schedule_reason"]
    assert said == "On the schedule “Firm” by the rule “Abroad”: its country is Germany."


def test_a_mail_that_needs_a_go_is_held_and_planned_once_somebody_says_it(api: Api) -> None:
    standard = next(one for one in api.walk("/schedules", 200) if one["is_default"])
    steps = [LETTER | {"needs_go": True}]
    assert api.call("PUT", f"/schedules/{standard['id']}", json={"steps": steps}).status_code == 200
    assert api.call("PATCH", "/organisation", json={"chasing": "dry_run"}).status_code == 200
    held = [
        one for one in api.walk("/communications", 200, status="held") if "say go" in (one["reason"] or "")
    ]
    assert held
    assert api.call("POST", f"/communications/{held[0]['id']}/go", json={}).status_code == 200
    plan.plan(api.app, api.cast.organisation_id)
    assert api.get(f"/communications/{held[0]['id']}")["status"] == "planned"
    assert api.get(f"/communications/{held[1]['id']}")["status"] == "held"


def test_each_currency_can_have_its_own_minimum(api: Api) -> None:
    answer = api.call("PATCH", "/organisation", json={"minimum_balances": {"GBP": "99999"}})
    assert answer.json is not None and answer.json["minimum_balances"] == {"GBP": "99999.00"}
    run = api.post("/runs", {"dry_run": True}).json
    assert run is not None
    rests = [reason["text"] for one in run["contacts"] for rest in one["rests"] for reason in rest["reasons"]]
    assert any("less than the minimum of GBP 99,999.00" in text for text in rests)


def test_a_schedule_is_tried_on_an_invoice_that_is_made_up(api: Api) -> None:
    made_up = {"date": "2026-10-01", "due_date": "2026-11-02", "amount": "250.00"}
    answer = api.post("/schedules/simulate", {"schedule": "Gentle", "invoice": made_up, "on": "2026-11-10"})
    assert answer.status_code == 200
    found = answer.get_json()
    assert [(one["step"], one["on"], one["what"], one["past"]) for one in found["events"]] == [
        ("Courtesy note", "2026-10-30", "mail", True),
        ("First reminder", "2026-11-05", "mail", True),
        ("Second reminder", "2026-11-12", "mail", False),
        ("Call", "2026-11-22", "person", False),
        ("Review", "2026-12-07", "person", False),
    ]
    assert found["next_step"] == {"name": "Second reminder", "on": "2026-11-12"}
    assert found["events"][0]["reasons"] and found["reasons"]


def test_steps_are_tried_without_being_saved_and_what_is_wrong_is_said(api: Api) -> None:
    steps = [{"name": "Letter", "offset_days": 3, "action": "email", "template": "first_reminder"}]
    before = api.get("/schedules")
    body = {"steps": steps, "invoice_id": api.cast.invoice_id}
    found = api.post("/schedules/simulate", body).get_json()
    assert [one["step"] for one in found["events"]] == ["Letter"]
    assert api.get("/schedules") == before
    wrong = api.post("/schedules/simulate", body | {"steps": [steps[0] | {"template": "nothing"}]})
    assert wrong.status_code == 422
    assert "does not exist" in wrong.get_json()["detail"]
    both = api.post("/schedules/simulate", body | {"schedule": "Gentle"})
    assert both.status_code == 422
