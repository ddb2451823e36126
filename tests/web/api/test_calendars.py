"""Days off, and customers' working and payment days, over the API."""

from __future__ import annotations

import pytest

from tests.web.api.conftest import Api


def test_days_off_are_told_changed_and_told_again(api: Api) -> None:
    told = api.call("GET", "/organisation/calendar").json
    assert told is not None and told["holidays_of"] == "GB" and told["closed_periods"] == []
    assert "Christmas Day" in {one["name"] for one in told["days_off"]}
    period = {"first": "2026-12-24", "last": "2027-01-01", "name": "Christmas", "yearly": True}
    changed = api.call("PATCH", "/organisation/calendar", json={"closed_periods": [period]}).json
    assert changed is not None and changed["closed_periods"] == [period] and changed["holidays_of"] == "GB"
    changed = api.call("PATCH", "/organisation/calendar", json={"holidays_of": "none"}).json
    assert changed is not None and {one["name"] for one in changed["days_off"]} == {"Christmas"}
    changed = api.call("PATCH", "/organisation/calendar", json={"holidays_of": None}).json
    assert changed is not None and changed["holidays_of"] == "GB" and changed["closed_periods"] == [period]


def test_a_customers_calendar_is_set_as_a_whole(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}/calendar"
    assert api.call("GET", path).json == {
        "country": None,
        "place": None,
        "timezone": None,
        "pays_on": None,
    }
    given = {"place": "US-NY", "timezone": "America/New_York", "pays_on": {"month_days": [31, 15]}}
    answer = api.call("PUT", path, json=given).json
    assert answer is not None and answer["pays_on"] == {"month_days": [15, 31], "weekdays": []}
    answer = api.call("PUT", path, json={"pays_on": {"weekdays": [4]}}).json
    assert answer == {
        "country": None,
        "place": None,
        "timezone": None,
        "pays_on": {"month_days": [], "weekdays": [4]},
    }


@pytest.mark.parametrize(
    ("path", "method", "body", "words"),
    [
        ("/organisation/calendar", "PATCH", {"holidays_of": "GB-TX"}, "no country or region"),
        ("/organisation/calendar", "PATCH", {"holidays_of": "gb"}, "a region such as GB-SCT"),
        (
            "/organisation/calendar",
            "PATCH",
            {"closed_periods": [{"first": "2026-12-24", "last": "2026-12-23", "name": "Christmas"}]},
            "ends before it begins",
        ),
        ("contact", "PUT", {"timezone": "Europe/Atlantis"}, "no known time zone"),
        ("contact", "PUT", {"pays_on": {}}, "at least one day"),
        ("contact", "PUT", {"pays_on": {"month_days": [32]}}, "<= 31"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    api: Api, path: str, method: str, body: dict[str, object], words: str
) -> None:
    where = f"/contacts/{api.cast.contact_id}/calendar" if path == "contact" else path
    answer = api.call(method, where, json=body)
    assert answer.status_code == 422 and words in answer.json["detail"]  # type: ignore[index]  # a problem is an object
