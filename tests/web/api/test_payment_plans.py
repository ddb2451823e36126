"""Payment plans over the API."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from kit import clock
from tests.web.api.conftest import Api


def asked(api: Api, **more: Any) -> dict[str, Any]:
    invoice = api.get(f"/invoices/{api.cast.invoice_id}")
    owed, today = Decimal(invoice["amount_due"]), clock.now().date()
    return {
        "contact_id": api.cast.contact_id,
        "invoice_ids": [api.cast.invoice_id],
        "currency": invoice["currency"],
        "instalments": [
            {"on": (today + timedelta(days=7)).isoformat(), "amount": "200.00"},
            {"on": (today + timedelta(days=37)).isoformat(), "amount": str(owed - 200)},
        ],
        **more,
    }


def test_a_plan_is_agreed_changed_and_ended(api: Api) -> None:
    answer = api.post("/plans", asked(api))
    assert answer.status_code == 201, answer.text
    plan = answer.get_json()
    assert (plan["state"], plan["version"]) == ("running", 1)
    assert [one["state"] for one in plan["instalments"]] == ["open", "open"]
    assert api.get(f"/invoices/{api.cast.invoice_id}/why")["decision"] == "hold"
    assert api.post("/plans", asked(api)).status_code == 422
    changed = api.post(f"/plans/{plan['id']}/change", {"instalments": asked(api)["instalments"]}).get_json()
    assert (changed["version"], changed["replaces"]) == (2, plan["id"])
    assert api.post(f"/plans/{changed['id']}/end", {}).get_json()["state"] == "ended"
    assert api.post(f"/plans/{changed['id']}/end", {}).status_code == 409
    listed = api.get("/plans", contact_id=api.cast.contact_id)["items"]
    assert sorted(one["state"] for one in listed) == ["changed", "ended"]


def test_a_proposal_waits_for_a_yes_within_bounds(api: Api) -> None:
    plan = api.post("/plans", asked(api, proposed=True)).get_json()
    assert plan["state"] == "proposed"
    accepted = api.post(f"/plans/{plan['id']}/accept", {}).get_json()
    assert accepted["state"] == "running" and accepted["accepted_by"]
    api.post(f"/plans/{plan['id']}/end", {})
    policy = api.call("PUT", "/plans/policy", json={"when_missed": "resume", "longest_days": 30})
    assert policy.get_json()["longest_days"] == 30
    assert api.get("/plans/policy")["when_missed"] == "resume"
    refused = api.post("/plans", asked(api, proposed=True))
    assert refused.status_code == 422 and "30 days away" in refused.text


def test_the_agreement_is_a_pdf(api: Api) -> None:
    plan = api.post("/plans", asked(api)).get_json()
    answer = api.call("GET", f"/plans/{plan['id']}/agreement")
    assert answer.status_code == 200 and answer.data.startswith(b"%PDF")
