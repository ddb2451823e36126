"""Promises to pay over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kit import clock
from tests.web.api.conftest import Api

DAY = (clock.now().date() + timedelta(days=9)).isoformat()


def recorded(api: Api, **more: Any) -> dict[str, Any]:
    about = {"contact_id": api.cast.contact_id, "invoice_ids": [api.cast.invoice_id], "promised_on": DAY}
    answer = api.post("/promises", {**about, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_promise_is_answered_with_what_follows_from_it(api: Api) -> None:
    currency = api.get(f"/invoices/{api.cast.invoice_id}")["currency"]
    found = recorded(api, amount="20.00", currency=currency, said_by="Robin Marsh")
    assert (found["state"], found["amount"], found["paid"], found["missing"]) == (
        "open",
        "20.00",
        "0.00",
        "20.00",
    )
    assert found["invoice_ids"] == [api.cast.invoice_id]
    assert found["chasing_waits_until"] > DAY
    assert api.get(f"/communications/{found['communication_id']}")["kind"] == "promise"


def test_without_an_amount_it_is_all_that_is_due(api: Api) -> None:
    invoice = api.get(f"/invoices/{api.cast.invoice_id}")
    assert recorded(api)["amount"] == invoice["amount_due"]


def test_promises_are_listed_by_customer_and_state_and_can_be_taken_back(api: Api) -> None:
    older, newer = recorded(api), recorded(api)
    listed = api.get("/promises", contact_id=api.cast.contact_id)["items"]
    assert {one["id"]: one["state"] for one in listed} == {older["id"]: "replaced", newer["id"]: "open"}
    assert api.post(f"/promises/{newer['id']}/withdraw", {}).get_json()["state"] == "withdrawn"
    assert api.post(f"/promises/{newer['id']}/withdraw", {}).status_code == 409
    open_ones = api.get("/promises", state="open")["items"]
    assert newer["id"] not in {one["id"] for one in open_ones}


def test_what_cannot_be_promised_is_refused_in_words(api: Api) -> None:
    about = {"contact_id": api.cast.contact_id, "promised_on": DAY}
    for wrong, word in (
        ({"promised_on": "2020-01-01"}, "over already"),
        ({"amount": "5.00"}, "currency"),
        ({"amount": "0.00", "currency": "GBP"}, "more than nothing"),
        ({"amount": "1.001", "currency": "GBP"}, "decimals"),
    ):
        answer = api.post("/promises", {**about, **wrong})
        assert answer.status_code == 422 and word in answer.text


def test_a_contact_says_how_often_it_has_kept_its_word(api: Api) -> None:
    found = api.get(f"/contacts/{api.cast.contact_id}")
    assert (found["promises_kept"], found["promises_judged"]) == (0, 0)
