"""Tasks of colleagues, and what notes in the ledger say, over the API."""

from __future__ import annotations

from typing import Any

from kit import clock
from store.models import LedgerNote
from tests.web.api.conftest import Api


def post(api: Api, path: str, body: Any, status: int = 201) -> Any:
    answer = api.post(path, body)
    assert answer.status_code == status, answer.text
    return answer.json


def change(api: Api, method: str, path: str, body: Any) -> Any:
    """The body of the answer to a change that is taken."""
    answer = api.call(method, path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json


def everything(api: Api, path: str, limit: int = 50, **query: Any) -> list[Any]:
    return api.walk(path, limit, **query)


TASK = {"what": "Ask for the order number", "due_on": "2099-01-05"}


def test_a_task_is_made_handed_over_put_off_finished_and_reopened(api: Api) -> None:
    made = post(api, "/team-tasks", TASK | {"contact_id": api.cast.contact_id})
    assert (made["kind"], made["owner_id"], made["due_on"]) == ("own", api.cast.owner_id, "2099-01-05")
    path = f"/team-tasks/{made['id']}"
    wish = {"owner_id": api.cast.colleague_id, "due_on": "2099-02-01", "reason": "On holiday"}
    changed = change(api, "PATCH", path, wish)
    assert (changed["owner_id"], changed["due_on"]) == (api.cast.colleague_id, "2099-02-01")
    assert [one["what"] for one in changed["story"]] == [
        "put off to 1 February 2099: On holiday", "handed over to Ben Okafor",
    ]  # fmt: skip
    assert api.call("PATCH", path, json={"due_on": "2099-03-01"}).status_code == 422
    assert post(api, f"{path}/finish", {}, status=200)["finished_by"].startswith("the API")
    assert made["id"] in {one["id"] for one in everything(api, "/team-tasks", finished="true")}
    assert api.call("PATCH", path, json={"owner_id": api.cast.owner_id}).status_code == 409
    assert post(api, f"{path}/reopen", {}, status=200)["finished_at"] is None


def test_tasks_come_by_the_day_on_which_they_are_due(api: Api) -> None:
    for day in ("2099-03-01", "2099-01-01", "2099-02-01"):
        post(api, "/team-tasks", TASK | {"due_on": day})
    days = [one["due_on"] for one in everything(api, "/team-tasks", limit=1)]
    assert days[-3:] == ["2099-01-01", "2099-02-01", "2099-03-01"]
    mine = everything(api, "/team-tasks", owner_id=api.cast.colleague_id)
    assert mine == []


def test_what_cannot_be_asked_for_is_refused_in_words(api: Api) -> None:
    for wrong in (
        {"due_on": "2020-01-01"}, {"owner_id": "0" * 32}, {"contact_id": "0" * 32}, {"invoice_id": "0" * 32},
    ):  # fmt: skip
        answer = api.call("POST", "/team-tasks", json=TASK | wrong)
        assert answer.status_code in (404, 409, 422), wrong
        assert "detail" in answer.text


def test_a_note_that_mentions_a_colleague_makes_a_task(api: Api) -> None:
    body = {"contact_id": api.cast.contact_id, "text": "@Ben please ring", "text_in_ledger": False}
    note = post(api, "/notes", body)
    (task,) = everything(api, "/team-tasks", owner_id=api.cast.colleague_id)
    assert [task["id"]] == note["task_ids"]
    assert task["communication_id"] == note["id"]
    (told,) = everything(api, "/ledger-notes", communication_id=note["id"])
    assert "please ring" not in told["text"]


def test_a_hold_has_an_owner_and_a_day(api: Api) -> None:
    body = {"contact_id": api.cast.contact_id, "reason": "Rang", "look_on": "2099-01-05"}
    hold = post(api, "/holds", body | {"owner_id": api.cast.colleague_id})
    assert (hold["owner_id"], hold["look_on"]) == (api.cast.colleague_id, "2099-01-05")
    assert api.call("POST", "/holds", json=body | {"look_on": "2020-01-05"}).status_code == 422


def _refused(api: Api) -> Any:
    with api.app.database.write(api.cast.organisation_id) as session:
        found = everything(api, "/ledger-notes")[0]
        note = session.get_one(LedgerNote, (api.cast.organisation_id, found["id"]))
        note.status, note.problem, note.written_at = "refused", "The contact is archived.", None
        note.next_try_at = clock.now()
    return found


def test_a_refused_note_says_why_and_can_be_tried_again(api: Api) -> None:
    found = _refused(api)
    (shown,) = everything(api, "/ledger-notes", status="refused")
    assert shown["problem"] == "The contact is archived."
    again = post(api, f"/ledger-notes/{found['id']}/try-again", {}, status=200)
    assert (again["status"], again["problem"]) == ("pending", None)
    assert api.call("POST", f"/ledger-notes/{'0' * 32}/try-again", json={}).status_code == 404


def test_words_can_be_kept_out_of_the_ledger(api: Api) -> None:
    assert api.get("/ledger-notes/rule") == {"without_text": []}
    rule = {"without_text": ["call", "reply"]}
    assert change(api, "PUT", "/ledger-notes/rule", rule) == {"without_text": ["reply", "call"]}
    assert api.call("PUT", "/ledger-notes/rule", json={"without_text": ["mail"]}).status_code == 422
    path = f"/contacts/{api.cast.contact_id}/note-text"
    assert change(api, "PUT", path, {"note_text": "written"})["note_text"] == "written"
