"""The people of a contact over the API."""

from __future__ import annotations

from typing import Any

import pytest

from kit import clock
from kit.ids import new_id
from store.models import StoppedAddress
from tests.web.api.conftest import Api


def people(api: Api) -> dict[str, Any]:
    answer = api.call("GET", f"/contacts/{api.cast.contact_id}/people")
    assert answer.status_code == 200 and answer.json is not None
    return dict(answer.json)


def test_people_are_entered_changed_and_removed(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}"
    given = {"name": "Paula Pay", "email": "Paula@Pay.example", "roles": ["payables"]}
    answer = api.call("POST", f"{path}/people", json=given)
    assert answer.status_code == 201
    assert answer.json is not None and answer.json["reason"] == "To Paula Pay (payables)."
    (paula,) = [one for one in answer.json["people"] if one["name"] == "Paula Pay"]
    assert (paula["email"], paula["roles"], paula["in_ledger"]) == ("paula@pay.example", ["payables"], False)
    told = api.call("GET", path).json
    assert told is not None and paula in told["people"]
    assert told["reminders_go"] == "To Paula Pay (payables)."
    changed = api.call(
        "PUT", f"/people/{paula['id']}", json=given | {"roles": ["owner"], "mobile": "07400 123456"}
    )
    assert changed.json is not None
    (paula,) = [one for one in changed.json["people"] if one["name"] == "Paula Pay"]
    assert (paula["mobile"], paula["roles"]) == ("+447400123456", ["owner"])
    assert api.call("DELETE", f"/people/{paula['id']}").status_code == 204
    assert api.call("DELETE", f"/people/{paula['id']}").status_code == 404
    assert "Paula Pay" not in {one["name"] for one in people(api)["people"]}


def test_one_of_the_ledgers_people_gets_a_role_by_the_address(api: Api) -> None:
    before = people(api)["people"][0]
    assert (before["id"], before["gets_ledger_mails"]) == (None, True)
    api.call(
        "POST",
        f"/contacts/{api.cast.contact_id}/people",
        json={"email": before["email"], "roles": ["payables", "owner"]},
    )
    after = people(api)["people"][0]
    assert after["id"] is not None
    assert (after["email"], after["roles"]) == (before["email"], ["payables", "owner"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": "Nobody"}, "Give an e-mail address or a mobile number"),
        ({"name": "Nobody", "email": "no address"}, "none that mail can go to"),
        ({"name": "Nobody", "mobile": "123"}, "no mobile number"),
        ({"name": "Abe", "email": "abe@bellwether.example"}, "entered already"),
        ({"name": "Abe", "email": "a@b.example", "roles": ["boss"]}, "roles"),
    ],
)
def test_what_cannot_be_entered_is_refused_in_words(api: Api, body: dict[str, Any], words: str) -> None:
    answer = api.call("POST", f"/contacts/{api.cast.contact_id}/people", json=body)
    assert answer.status_code in (400, 422)
    assert words in answer.text


def test_an_address_is_said_to_be_right_once(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}/right-address"
    assert api.call("POST", path, json={"address": "Changed@elsewhere.example"}).status_code == 200
    assert api.call("POST", path, json={"address": "changed@elsewhere.example"}).status_code == 404


def test_a_schedule_says_for_whom_its_steps_are(api: Api) -> None:
    step = {
        "name": "Letter", "offset_days": 3, "action": "email", "template": "first_reminder",
        "to": "approver", "copies": ["owner", "owner"], "one_each": True,
    }  # fmt: skip
    answer = api.call("POST", "/schedules", json={"name": "By roles", "steps": [step]})
    assert answer.status_code == 201 and answer.json is not None
    for told in (answer.json["steps"][0], answer.json["written"][0]):
        assert (told["to"], told["copies"], told["one_each"]) == ("approver", ["owner"], True)
    refused = api.call(
        "POST", "/schedules", json={"name": "Twice", "steps": [step | {"copies": ["approver"]}]}
    )
    assert refused.status_code == 422 and "so no copy goes there" in refused.text


def test_data_health_counts_everything_and_pages_through_it(api: Api) -> None:
    told = api.get("/data-health", limit=1)
    counts = {one["problem"]: one["contacts"] for one in told["problems"]}
    assert counts["missing"] >= 1
    (first,) = told["items"]
    assert first["findings"][0]["text"]
    seen = [first["contact_id"]]
    while told["next_cursor"]:
        told = api.get("/data-health", limit=1, cursor=told["next_cursor"])
        seen += [one["contact_id"] for one in told["items"]]
    assert len(set(seen)) == len(seen) >= max(counts.values())
    only = api.get("/data-health", problem="missing")
    assert {one["findings"][0]["problem"] for one in only["items"]} == {"missing"}


def test_what_a_contact_wants_is_noted_and_taken_back(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}/wishes"
    answer = api.call("POST", path, json={"channel": "sms", "wish": "unwanted", "how": "Wrote so"})
    assert answer.status_code == 200 and answer.json is not None
    (wish,) = answer.json["wishes"]
    assert (wish["channel"], wish["wish"], wish["how"]) == ("sms", "unwanted", "Wrote so")
    assert api.call("POST", path, json={"channel": "sms", "wish": "none"}).json["wishes"] == []  # type: ignore[index]
    assert api.call("POST", path, json={"channel": "fax", "wish": "unwanted"}).status_code == 422


def test_an_address_that_no_mail_goes_to_is_settled_by_a_person(api: Api) -> None:
    with api.app.database.write(api.cast.organisation_id) as session:
        session.add_all(
            StoppedAddress(
                organisation_id=api.cast.organisation_id, id=new_id(), contact_id=api.cast.contact_id,
                address=address, why="bounce", words="It does not exist.", since=clock.now(),
            )
            for address in ("accounts@bellwether.example", "robin@example.org")
        )  # fmt: skip
    told = people(api)
    stopped = _stopped(told)
    assert (stopped["why"], stopped["role"], stopped["proposed"]) == (
        "bounce",
        "payables",
        "abe@bellwether.example",
    )
    assert told["people"][0]["no_mail"] == "bounce"
    path = f"/contacts/{api.cast.contact_id}/stopped-addresses"
    accepted = api.call("POST", path, json={"address": "Accounts@bellwether.example", "do": "accept"}).json
    assert accepted is not None and _stopped(accepted)["proposed"] is None
    assert accepted["reason"].startswith("To Abe Approves (payables).")
    without = api.call("POST", path, json={"address": "accounts@bellwether.example", "do": "lift"})
    assert without.status_code == 422 and "Say why mail can go there again" in without.text
    lift = {"address": "accounts@bellwether.example", "do": "lift", "reason": "They mended it."}
    lifted = api.call("POST", path, json=lift).json
    assert lifted is not None and [one["address"] for one in lifted["stopped_addresses"]] == [
        "robin@example.org"
    ]
    assert api.call("POST", path, json=lift).status_code == 404


def _stopped(told: dict[str, Any]) -> dict[str, Any]:
    """What is told of the customer's own address."""
    [found] = [one for one in told["stopped_addresses"] if one["address"] == "accounts@bellwether.example"]
    return dict(found)
