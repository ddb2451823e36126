"""The queue over the API: what is in it, and what is done with single mails or many."""

from __future__ import annotations

from typing import Any

import pytest

from services import plan
from store.models import Organisation
from tests.web.api.conftest import Api
from tests.web.test_other_mails_pages import statement_planned


@pytest.fixture
def chasing(api: Api) -> Api:
    """A dry run, with chasers planned."""
    with api.app.database.write(api.cast.organisation_id) as session:
        session.get_one(Organisation, api.cast.organisation_id).chasing = "dry_run"
    plan.plan(api.app, api.cast.organisation_id, everything=True)
    return api


def mails(api: Api) -> list[dict[str, Any]]:
    return [mail for day in api.get("/queue")["days"] for mail in day["items"]]


def stored(api: Api) -> dict[str, Any]:
    return next(one for one in mails(api) if one["communication_id"])


def test_the_queue_says_of_each_mail_what_the_page_says(chasing: Api) -> None:
    queue = chasing.get("/queue")
    assert queue["contacts_still_to_see"] == 0
    for day in queue["days"]:
        assert day["mails"] >= len(day["items"]) > 0
    one = stored(chasing)
    assert one["key"].startswith(one["communication_id"])
    assert one["reasons"] and one["invoices"] and one["amounts"]
    (day,) = chasing.get("/queue", day=queue["days"][0]["on"])["days"]
    assert day["on"] == queue["days"][0]["on"]


def test_many_are_skipped_at_once_and_each_is_answered(chasing: Api) -> None:
    first, second = (one["key"] for one in mails(chasing)[:2])
    body = {"action": "skip", "keys": [first, "0" * 32, second], "reason": "They have rung"}
    answer = chasing.post("/queue/actions", body, key="once")
    assert answer.status_code == 200
    assert [one["done"] for one in answer.get_json()["results"]] == [True, False, True]
    again = chasing.post("/queue/actions", body, key="once")
    assert again.get_json() == answer.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    fresh = chasing.post("/queue/actions", body)
    assert [one["done"] for one in fresh.get_json()["results"]] == [False, False, False]


def test_skipping_one_over_its_own_address_is_safe_to_repeat(chasing: Api) -> None:
    path = f"/communications/{stored(chasing)['communication_id']}/skip"
    for _ in range(2):
        answer = chasing.post(path, {"reason": "They have rung"})
        assert answer.status_code == 200
        assert answer.get_json()["status"] == "cancelled"
        assert answer.get_json()["reason"].endswith("They have rung")
        assert "owner token" in answer.get_json()["reason"]


def test_sending_now_takes_a_second_yes_outside_the_hours(chasing: Api) -> None:
    path = f"/communications/{stored(chasing)['communication_id']}/send-now"
    answer = chasing.post(path, {})
    assert answer.status_code in (200, 409)
    if answer.status_code == 409:
        assert "outside the hours" in answer.get_json()["detail"]
    answer = chasing.post(path, {"outside_hours": True})
    assert answer.status_code == 200
    assert "has it leave at once" in answer.get_json()["reasons"][-1]["text"]


def test_the_text_of_one_message_is_changed_and_taken_back(chasing: Api) -> None:
    path = f"/communications/{stored(chasing)['communication_id']}"
    own = {"subject": "As we said", "text": "A word from me."}
    assert chasing.post(f"{path}/change", own).get_json()["own_text"]["text"] == "A word from me."
    bad = chasing.post(f"{path}/change", own | {"text": "Hello {{ nobody }}"})
    assert bad.status_code == 422
    assert "nobody" in bad.get_json()["detail"]
    assert chasing.post(f"{path}/change", {"subject": None, "text": None}).get_json()["own_text"] is None


def test_what_asks_for_a_reason_is_refused_without(chasing: Api) -> None:
    for action in ("skip", "hold"):
        answer = chasing.post("/queue/actions", {"action": action, "keys": ["0" * 32]})
        assert answer.status_code == 422
        assert "needs a reason" in answer.get_json()["detail"]


def test_approval_is_an_organisations_own_choice(chasing: Api) -> None:
    assert chasing.get("/organisation")["approval"] == "off"
    changed = chasing.call("PATCH", "/organisation", json={"approval": "every_message"})
    assert changed.get_json()["approval"] == "every_message"
    plan.plan(chasing.app, chasing.cast.organisation_id)
    one = stored(chasing)
    assert one["waits_for_yes"]
    answer = chasing.post("/queue/actions", {"action": "approve", "keys": [one["key"]]})
    assert answer.get_json()["results"][0]["done"]


def test_a_schedule_is_paused_and_resumed(chasing: Api) -> None:
    standard = next(one for one in chasing.get("/schedules")["items"] if one["is_default"])
    assert standard["paused"] is None
    paused = chasing.post(f"/schedules/{standard['id']}/pause", {"reason": "Audit"}).get_json()["paused"]
    assert paused["reason"] == "Audit"
    plan.plan(chasing.app, chasing.cast.organisation_id)
    assert mails(chasing) == []
    assert chasing.post(f"/schedules/{standard['id']}/resume", None).get_json()["paused"] is None


def test_a_mail_beside_reminders_stands_on_its_day_and_is_skipped_but_never_sent_at_once(
    chasing: Api,
) -> None:
    mail_id = statement_planned(chasing.app, chasing.cast.organisation_id, chasing.cast.contact_id)
    (day,) = [one for one in chasing.get("/queue")["days"] if one["beside_count"]]
    (one,) = day["beside"]
    assert (one["communication_id"], one["kind"], one["waits_for_yes"]) == (mail_id, "statement", False)
    refused = chasing.post(f"/communications/{mail_id}/send-now", {})
    assert refused.status_code == 409 and "Only reminders can be sent at once" in refused.text
    for _ in range(2):
        answer = chasing.post(f"/communications/{mail_id}/skip", {"reason": "They have rung."})
        assert answer.status_code == 200 and answer.json
        assert answer.json["status"] == "cancelled"
    assert not [one for one in chasing.get("/queue")["days"] if one["beside_count"]]
