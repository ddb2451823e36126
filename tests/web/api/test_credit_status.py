"""What other programs read of a customer's account and risk, and how they put it on watch."""

from __future__ import annotations

from tests.support.paid_book import pays
from tests.web.api.conftest import Api


def test_a_watch_set_by_a_program_is_in_the_contact_and_in_the_history(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}"
    assert api.get(path)["account_status"] == "good"
    put = api.call("POST", f"{path}/watch", json={"reason": "Pays later each month"})
    assert put.status_code == 200 and put.json is not None and put.json["account_status"] == "watch"
    assert api.get(path)["account_status"] == "watch"
    ended = api.call("POST", f"{path}/end-watch", json={"reason": "Paid everything"})
    assert ended.status_code == 200
    told = api.get(f"{path}/account-status")
    assert told["account_status"] == "good" and told["proposed"] is None
    assert [(one["before"], one["after"], one["why"]) for one in told["changes"]] == [
        ("watch", "good", "Paid everything"),
        ("good", "watch", "Pays later each month"),
    ]
    assert api.call("POST", f"{path}/watch", json={"reason": " "}).status_code == 422
    assert api.call("GET", f"/contacts/{'0' * 32}/account-status").status_code == 404


def test_what_a_broken_limit_proposes_is_told(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}"
    limit = {"currency": "GBP", "amount": "1.00", "why": "As agreed"}
    assert api.call("PUT", f"{path}/credit-limit", json=limit).status_code == 200
    told = api.get(f"{path}/account-status")
    assert told["account_status"] == "good" and "more than its limit of GBP 1.00" in told["proposed"]["why"]


def test_a_contact_has_its_risk_as_the_mirror_is_now_and_what_it_is_made_of(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}"
    assert api.get(path)["risk"] == {"category": "unrated", "name": "Not rated", "points": None}
    pays(api.app, api.cast.organisation_id, api.cast.contact_id, late=12)
    told = api.get(f"{path}/risk")
    off = float(told["inputs"]["percent_overdue"]) * 0.3
    assert told["inputs"]["payer_points"] == "50.0000" and told["inputs"]["promises_broken"] == 0
    assert abs(float(told["points"]) - (50 - off)) < 0.001
    risk = api.get(path)["risk"]
    assert [risk[name] for name in ("category", "name", "points")] == [
        told[name] for name in ("category", "name", "points")
    ]
    assert "30 ×" in told["formula"] and told["changes"] == []
    assert api.call("GET", f"/contacts/{'0' * 32}/risk").status_code == 404


def test_the_categories_are_counted_with_what_is_owed(api: Api) -> None:
    told = api.get("/credit/risk")
    assert [(one["key"], one["at_least"]) for one in told["categories"]] == [
        ("low", 75),
        ("medium", 50),
        ("high", 25),
        ("very_high", 0),
        ("unrated", None),
    ]
