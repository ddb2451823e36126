"""What people are asked to do, as programs see it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from kit import clock
from tests.web.api.conftest import Api


def test_tasks_are_listed_page_by_page_and_by_kind(api: Api) -> None:
    everything = api.walk("/tasks", 200)
    assert everything == api.walk("/tasks", 1)
    calls = api.walk("/tasks", 1, kind="call")
    assert calls == [one for one in everything if one["kind"] == "call"]
    quill = next(one for one in calls if one["contact_name"] == "Quill Stationers")
    assert [one["number"] for one in quill["invoices"]] and "Did it reach the right person" in quill["say"]
    assert api.walk("/tasks", 5, contact_id=quill["contact_id"]) == [quill]


def test_a_call_that_reached_nobody_stays_and_one_with_a_promise_holds(api: Api) -> None:
    task = api.walk("/tasks", 5, kind="call")[0]
    about = {"contact_id": task["contact_id"], "invoice_ids": [one["invoice_id"] for one in task["invoices"]]}
    assert api.post("/calls", {**about, "outcome": "No answer", "reached": False}).status_code == 201
    assert api.walk("/tasks", 5, kind="call", contact_id=task["contact_id"])
    promise = {"promised_on": "2020-01-01"}
    assert api.post("/calls", {**about, "outcome": "Promised", **promise}).status_code == 422
    made = api.post(
        "/calls",
        {
            **about,
            "outcome": "Will pay",
            "promised_on": (clock.now().date() + timedelta(days=9)).isoformat(),
            "person": "Sam",
        },
    )
    assert made.status_code == 201, made.text
    assert api.walk("/tasks", 5, kind="call", contact_id=task["contact_id"]) == []


def test_what_is_left_out_says_whether_anything_was(api: Api) -> None:
    task = api.walk("/tasks", 5, kind="call")[0]
    body = {"contact_id": task["contact_id"], "kind": "call", "reason": "Met them at the fair."}
    first, second = api.post("/tasks/skip", body), api.post("/tasks/skip", body)
    assert first.json is not None and first.json["communication_id"]
    assert second.json == {"communication_id": None}


def test_the_worklist_of_calls_is_walked_in_its_order(api: Api) -> None:
    calls = api.walk("/calls", 200)
    assert calls == api.walk("/calls", 1) and calls
    points = [Decimal(one["points"]) for one in calls]
    assert points == sorted(points, reverse=True)
    assert calls[0]["overdue"] and "overdue, the oldest part for" in calls[0]["why"]
    assert api.call("GET", "/calls", query_string={"cursor": "Zm9yZWlnbg=="}).status_code == 400


def test_a_call_to_be_made_again_leaves_the_worklist_until_its_day(api: Api) -> None:
    first = api.walk("/calls", 5)[0]
    body = {"contact_id": first["contact_id"], "outcome": "No answer", "reached": False}
    assert api.post("/calls", body | {"again_on": "2020-01-01"}).status_code == 422
    day = (clock.now() + timedelta(days=9)).date().isoformat()
    answer = api.post("/calls", body | {"again_on": day})
    assert answer.status_code == 201 and answer.get_json()["again_on"] == day
    assert first["contact_id"] not in [one["contact_id"] for one in api.walk("/calls", 200)]


def test_calls_are_handed_over_and_listed_by_whose_they_are(api: Api) -> None:
    first = api.walk("/calls", 50)[0]
    assert first["owner"] is None
    key = first["contact_id"]
    given = api.call("PUT", f"/contacts/{key}/calls", json={"owner_id": api.cast.colleague_id})
    assert given.status_code == 200
    assert given.get_json()["owner"] == {
        "person_id": api.cast.colleague_id,
        "name": "Ben Okafor",
        "handed_over": True,
    }
    theirs = api.walk("/calls", 50, owner_id=api.cast.colleague_id)
    assert [one["contact_id"] for one in theirs] == [key]
    assert key not in [one["contact_id"] for one in api.walk("/calls", 50, nobodys="true")]
    refused = api.call("PUT", f"/contacts/{key}/calls", json={"owner_id": api.cast.stranger_id})
    assert refused.status_code == 409 and "not a member" in refused.text
