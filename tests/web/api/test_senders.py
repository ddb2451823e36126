"""Senders over the API, and the colleague who looks after a contact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from werkzeug.test import TestResponse

from kit.ids import derived_id
from services.app import App
from tests.web.api.conftest import Api
from web import assemble
from web.api import api as blueprint


def told(answer: TestResponse) -> Any:
    return answer.json


def test_a_sender_is_added_changed_and_removed(api: Api) -> None:
    made = told(api.post("/senders", {"name": "Ben Okoro", "email": "ben@hedgerow.example"}))
    assert (made["way"], made["state"], made["is_default"], made["mailbox"], made["domain"]) == (
        "provider", "unchecked", False, None, None,
    )  # fmt: skip
    changed = told(api.call("PATCH", f"/senders/{made['id']}", json={"name": "Ben O.", "is_default": True}))
    assert (changed["name"], changed["email"], changed["is_default"]) == (
        "Ben O.", "ben@hedgerow.example", True,
    )  # fmt: skip
    assert [one["is_default"] for one in api.get("/senders")["items"]] == [True, False]
    first = derived_id("sender", api.cast.organisation_id)
    assert api.call("DELETE", f"/senders/{first}").status_code == 204
    assert api.call("GET", f"/senders/{first}").status_code == 404


def test_a_password_is_never_answered_and_needs_a_key_to_be_kept(
    api: Api, start: Callable[..., App], redis_url: str
) -> None:
    without = start(redis_url, TOKEN_KEYS="")
    keyless = replace(api, app=without, client=assemble(without, blueprint).test_client())
    mailbox = {"host": "smtp.hedgerow.example", "user": "ben", "password": "very-secret-1"}
    sender = {"name": "Ben", "email": "ben@hedgerow.example", "mailbox": mailbox}
    answer = keyless.post("/senders", sender)
    assert answer.status_code == 422 and "TOKEN_KEYS" in answer.text and "very-secret-1" not in answer.text
    answer = api.post("/senders", sender)
    assert answer.status_code == 201 and "very-secret-1" not in answer.text


def test_a_sender_without_a_mailbox_has_none_to_read(api: Api) -> None:
    path = f"/senders/{derived_id('sender', api.cast.organisation_id)}"
    assert (api.get(path)["reads_mail"], api.get(path)["reading"]) == (False, None)
    refused = api.call("PATCH", path, json={"reads_mail": True})
    assert refused.status_code == 422 and "only they can" in told(refused)["detail"].lower().replace(
        "can have", "can"
    )
    assert api.call("PATCH", path, json={"reads_mail": False}).status_code == 200


def test_what_is_wrong_is_said(api: Api) -> None:
    answer = api.post("/senders", {"name": "Ben", "email": "nobody"})
    assert answer.status_code == 422 and "is not an e-mail address" in told(answer)["detail"]


def test_a_colleague_looks_after_a_contact_by_address_or_id(api: Api) -> None:
    path = f"/contacts/{api.cast.contact_id}"
    found = told(api.call("PATCH", path, json={"owner": "ANNA@hedgerow.example"}))
    assert found["owner_id"] == api.cast.owner_id and found["schedule"] == "Standard"
    assert told(api.call("PATCH", path, json={"owner": None}))["owner_id"] is None
    refused = api.call("PATCH", path, json={"owner": api.cast.stranger_id})
    assert refused.status_code == 422 and "member of this organisation" in told(refused)["detail"]


def test_why_says_who_writes(api: Api) -> None:
    invoices = api.get("/invoices", limit=200)["items"]
    whys = [api.get(f"/invoices/{one['id']}/why") for one in invoices if one["next_step"]][:3]
    said = {reason["text"] for why in whys for reason in why["reasons"] if reason["rule"] == "sender"}
    assert said <= {"Anna Hale writes, the default sender."} and said
