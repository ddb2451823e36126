"""What was done and what did not leave, over the API."""

from __future__ import annotations

from tests.web.api.conftest import Api


def test_the_sum_is_that_of_its_kinds_and_of_its_months(api: Api) -> None:
    found = api.get("/reports/impact")
    assert found["minutes_saved"] == sum(one["count"] * one["minutes_each"] for one in found["work"])
    assert found["minutes_saved"] == sum(one["minutes_saved"] for one in found["months"])
    assert len(found["months"]) == 12
    assert found["formula"].startswith("Minutes saved")
    assert {one["kind"] for one in found["work"]} >= {"email", "call", "note"}


def test_before_and_after_is_told_for_all_and_by_schedule(api: Api) -> None:
    found = api.get("/reports/does-it-work")
    assert found["within_days"] == 30
    assert found["everybody"]["days_late"]["difference"] is None, "too few to tell"
    for one in found["schedules"]:
        assert one["schedule"] and one["before_after"]["customers"] <= found["everybody"]["customers"]
        for step in one["steps"]:
            assert step["within_7_days"]["hits"] <= step["within_7_days"]["invoices"] <= step["reached"]
    assert any(one["steps"] for one in found["schedules"])
    assert api.get("/reports/does-it-work", within=90)["within_days"] == 90
    assert api.call("GET", "/reports/does-it-work?within=45").status_code == 400


def test_a_period_can_be_asked_for(api: Api) -> None:
    found = api.get("/reports/impact", **{"from": "2026-01-15", "to": "2026-03-02"})
    assert [(one["from"], one["to"]) for one in found["months"]] == [
        ("2026-01-15", "2026-01-31"), ("2026-02-01", "2026-02-28"), ("2026-03-01", "2026-03-02"),
    ]  # fmt: skip
    turned = {"from": "2026-03-01", "to": "2026-02-01"}
    assert api.call("GET", "/reports/impact", query_string=turned).status_code == 400
