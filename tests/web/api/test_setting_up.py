"""The set-up and the day of going live, for programs."""

from __future__ import annotations

from datetime import timedelta

from kit import clock
from services import setting_up
from services.setting_up import Step
from tests.web.api.conftest import Api


def in_days(days: int) -> str:
    return (clock.today("Europe/London") + timedelta(days=days)).isoformat()


def test_the_steps_say_what_stands_and_who_has_been_through_them(api: Api) -> None:
    with api.app.database.write(api.cast.organisation_id) as session:
        setting_up.finish(session, api.cast.organisation_id, Step.WHEN, "Anna Hale")
    found = api.get("/setup")
    assert [one["step"] for one in found["steps"]] == ["who", "firmness", "when", "whom_not", "old_debt"]
    when = found["steps"][2]
    assert when["done"] and when["done_by"] == "Anna Hale" and "09:30 to 16:00" in when["now"]
    assert any("reminders are on" in one for one in found["missing"])
    assert found["live_on"] is None and not found["put_away"]


def test_going_live_on_a_later_day_is_stored_and_taken_back(api: Api) -> None:
    stopped = api.call("PATCH", "/organisation", json={"live_on": in_days(3), "reminders_stay_on": True})
    assert stopped.status_code == 409 and "No day was set" in stopped.text
    for brake in api.get("/brakes")["items"]:
        api.call("DELETE", f"/brakes/{brake['id']}")
    on = in_days(3)
    asked = {"chasing": "live", "live_on": on, "reminders_stay_on": True}
    changed = api.call("PATCH", "/organisation", json=asked)
    assert changed.status_code == 200, changed.text
    body = changed.json
    assert body and (body["chasing"], body["live_on"]) == ("off", on)
    assert api.get("/setup")["live_on"].items() >= {"on": on, "refused": None}.items()
    api.call("PATCH", "/organisation", json={"live_on": None})
    assert api.get("/organisation")["live_on"] is None


def test_a_day_that_cannot_be_is_refused_with_a_sentence(api: Api) -> None:
    refused = api.call("PATCH", "/organisation", json={"live_on": in_days(0), "reminders_stay_on": True})
    assert refused.status_code == 409 and "from tomorrow on" in refused.text
    together = api.call("PATCH", "/organisation", json={"chasing": "off", "live_on": in_days(3)})
    assert together.status_code in (400, 422)
    assert api.get("/setup")["live_on"] is None
