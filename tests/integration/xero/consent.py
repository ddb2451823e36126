"""What a person does at the sandbox's consent page, and organisations for them to allow."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from kit.settings import GRANULAR_SCOPES
from sandbox.ledger import DEFAULT_USER_ID
from tests.support.sandbox import RunningSandbox

REDIRECT = "http://localhost/connect/xero/callback"


def new_organisation(box: RunningSandbox, name: str = "Acme", **content: object) -> dict[str, Any]:
    """A new organisation in the sandbox: tenant_id, and the ids of its contacts and invoices."""
    answer = box.post("/sandbox/organisations", name=name, **content)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def allow(box: RunningSandbox, *tenant_ids: str, scope: str = GRANULAR_SCOPES) -> dict[str, Any]:
    """The token answer after the default user has allowed these organisations."""
    asked = {
        "response_type": "code",
        "client_id": box.config.client_id,
        "redirect_uri": REDIRECT,
        "scope": scope,
        "state": "s",
    }
    code = consent(box, asked, tenant_ids)["code"]
    answer = requests.post(
        f"{box.url}/connect/token",
        data={"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT},
        auth=(box.config.client_id, box.config.client_secret),
        timeout=10,
    )
    tokens: dict[str, Any] = answer.json()
    return tokens


def consent(
    box: RunningSandbox,
    asked: dict[str, str],
    tenant_ids: tuple[str, ...],
    user: str = DEFAULT_USER_ID,
    decision: str = "allow",
) -> dict[str, str]:
    """Answer the consent page and return the fields that go back to the app."""
    answer = requests.post(
        f"{box.url}/identity/connect/authorize",
        data={**asked, "user": user, "tenants": list(tenant_ids), "decision": decision},
        allow_redirects=False,
        timeout=10,
    )
    assert answer.status_code == 302, answer.text
    fields = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in fields.items()}
