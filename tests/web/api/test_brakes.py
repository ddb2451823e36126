"""Brakes over the API: everybody sees them, and only who may change chasing stops all mail and lets it go."""

from __future__ import annotations

from tests.web.api.conftest import Api


def kinds(api: Api) -> list[str]:
    return [one["kind"] for one in api.get("/brakes")["items"]]


def test_a_brake_says_why_it_holds_and_who_may_release_it(api: Api) -> None:
    (brake,) = api.as_("read_only").get("/brakes")["items"]
    assert (brake["kind"], brake["ends_by_itself"], brake["imposed_by"]) == ("surge", False, "Dunnock")
    assert "61 chasers" in brake["reason"]
    assert "owner or manager" in brake["who_may_release"]


def test_all_mail_can_be_stopped_and_let_go(api: Api) -> None:
    stopped = api.post("/brakes", {"reason": "The texts are wrong."})
    assert stopped.status_code == 201 and stopped.json is not None
    assert "stopped all mail: The texts are wrong." in stopped.json["reason"]
    assert kinds(api) == ["stop", "surge"]
    assert api.post("/brakes", {"reason": "Once more."}).json == stopped.json
    assert api.call("DELETE", f"/brakes/{stopped.json['id']}").status_code == 204
    assert api.call("DELETE", f"/brakes/{stopped.json['id']}").status_code == 404
    assert kinds(api) == ["surge"]


def test_what_is_planned_is_held_with_the_reason_while_all_mail_is_stopped(api: Api) -> None:
    api.call("PATCH", "/organisation", json={"chasing": "live", "reminders_stay_on": True})
    planned = {one["id"] for one in api.walk("/communications", 200, status="planned")}
    stopped = api.post("/brakes", {"reason": "The texts are wrong."}).json
    assert planned and stopped
    held = [one for one in api.walk("/communications", 200, status="held") if one["id"] in planned]
    assert len(held) == len(planned)
    assert all("The texts are wrong." in one["reason"] for one in held)
    api.post("/runs", {"dry_run": False, "approve": True})
    assert not api.walk("/communications", 200, status="planned")
    api.call("DELETE", f"/brakes/{stopped['id']}")
    api.post("/runs", {"dry_run": False})
    assert {one["id"] for one in api.walk("/communications", 200, status="planned")} == planned


def test_a_reason_is_asked_for(api: Api) -> None:
    for reason in ("", "   ", "x" * 301):
        assert api.post("/brakes", {"reason": reason}).status_code == 422


def test_approving_a_run_releases_the_brakes_that_ask_and_leaves_a_stop_alone(api: Api) -> None:
    api.post("/brakes", {"reason": "The texts are wrong."})
    assert api.post("/runs", {"dry_run": False, "approve": True}).status_code == 200
    assert kinds(api) == ["stop"]


def test_who_may_plan_but_not_change_chasing_is_told_so_and_releases_nothing(api: Api) -> None:
    chaser = api.as_("chaser")
    answer = chaser.post("/runs", {"dry_run": False, "approve": True})
    assert answer.status_code == 403 and answer.json is not None
    assert "ask an owner or manager" in answer.json["detail"]
    assert kinds(api) == ["surge"]
    assert chaser.post("/runs", {"dry_run": False}).status_code == 200


def test_nobody_says_yes_beforehand_who_could_not_say_it_afterwards(api: Api) -> None:
    api.post("/runs", {"dry_run": False, "approve": True})
    assert kinds(api) == []
    for role in ("chaser", "practice_staff", "caller", "read_only"):
        assert api.as_(role).post("/runs", {"dry_run": False, "approve": True}).status_code == 403


def test_another_organisations_brake_is_neither_seen_nor_released(api: Api) -> None:
    (brake,) = api.get("/brakes")["items"]
    stranger = api.as_("owner", api.cast.other_organisation_id)
    assert stranger.get("/brakes")["items"] == []
    assert stranger.call("DELETE", f"/brakes/{brake['id']}").status_code == 404
    assert kinds(api) == ["surge"]


def test_the_cap_and_the_limit_of_the_books_can_be_set_and_given_back(api: Api) -> None:
    mine = {"daily_cap": 40, "books_limit_days": 14}
    changed = api.call("PATCH", "/organisation", json=mine).json
    assert changed is not None and changed.items() >= {**mine, "daily_cap_set_by": "person"}.items()
    back = api.call("PATCH", "/organisation", json={"daily_cap": None, "books_limit_days": None}).json
    assert back is not None and back["daily_cap_set_by"] == "learned" and back["books_limit_days"] is None
    for body in ({"daily_cap": 10_001}, {"books_limit_days": 0}, {"books_limit_days": 366}):
        assert api.call("PATCH", "/organisation", json=body).status_code == 422
