"""What a customer has a right to, over the API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from services.data_rights import erasure, exports
from store.models import Invoice
from tests.web.api.conftest import Api


def done(answer: TestResponse) -> Any:
    """What a request was answered that went well."""
    assert answer.status_code < 300, answer.text
    return answer.json


def test_a_contact_is_restricted_exported_and_erased(api: Api) -> None:
    owner, contact_id, organisation_id = api.as_("owner"), api.cast.contact_id, api.cast.organisation_id
    path = f"/contacts/{contact_id}"
    told = done(owner.call("PATCH", f"{path}/rights", json={"restricted": True, "legal_hold": True}))
    assert told["restricted_at"] and told["legal_hold_at"]
    told = done(owner.call("PATCH", f"{path}/rights", json={"restricted": False, "legal_hold": False}))
    assert (told["restricted_at"], told["legal_hold_at"]) == (None, None)
    wish = {"because": "asked", "name": "Bellwether Books"}
    refused = owner.call("POST", f"{path}/erasure", json=wish)
    assert refused.status_code == 409
    assert "open invoices are owed" in refused.text
    export = done(owner.call("POST", f"{path}/data-exports"))
    while exports.go_on(api.app, organisation_id, 60):
        pass
    (listed,) = done(owner.call("GET", f"{path}/data-exports"))["items"]
    assert (listed["id"], listed["state"]) == (export["id"], "ready")
    assert owner.call("GET", f"/data-exports/{export['id']}/zip").status_code == 200
    with api.app.database.write(organisation_id) as session:
        for one in session.scalars(select(Invoice).where(Invoice.contact_id == contact_id)):
            one.status, one.amount_due = "PAID", Decimal(0)
    assert done(owner.call("POST", f"{path}/erasure", json=wish))["erasure_asked_at"]
    while erasure.go_on(api.app, organisation_id, 60):
        pass
    assert done(owner.call("GET", f"{path}/rights"))["erased_at"]
    assert owner.call("GET", f"/data-exports/{export['id']}/zip").status_code == 404
