"""An app's side of the ledger: signing in, and calling the API with what that gave."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from sandbox.app import create_sandbox
from sandbox.config import SandboxConfig
from sandbox.ledger import DEFAULT_USER_ID, add_contact, add_invoice, add_organisation
from sandbox.records import Contact, Invoice
from sandbox.world import Organisation, World

CALLBACK = "http://localhost:8000/connect/xero/callback"
SCOPE = (
    "openid profile email offline_access accounting.settings.read accounting.contacts "
    "accounting.invoices accounting.payments"
)


@dataclass
class Side:
    """A sandbox with one organisation, and an app that is not connected yet."""

    app: Flask
    world: World
    config: SandboxConfig
    org: Organisation
    client: FlaskClient = field(init=False)
    token: str = ""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def consent(self, **changes: Any) -> TestResponse:
        """Answer the consent page; a value of None leaves the field out."""
        form = {
            "response_type": "code",
            "client_id": self.config.client_id,
            "redirect_uri": CALLBACK,
            "scope": SCOPE,
            "state": "s-1",
            "user": DEFAULT_USER_ID,
            "tenants": [self.org.tenant_id],
            "decision": "allow",
            **changes,
        }
        sent = {name: value for name, value in form.items() if value is not None}
        return self.client.post("/identity/connect/authorize", data=sent)

    def code(self, **changes: Any) -> str:
        return back(self.consent(**changes))["code"]

    def exchange(self, code: str, **changes: str) -> TestResponse:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **changes}
        return self.client.post("/connect/token", data=form, headers=self.basic())

    def refresh(self, token: str) -> TestResponse:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.client.post("/connect/token", data=form, headers=self.basic())

    def basic(self) -> dict[str, str]:
        pair = f"{self.config.client_id}:{self.config.client_secret}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def sign_in(self, **changes: Any) -> dict[str, Any]:
        """A whole sign-in; the token set."""
        tokens: dict[str, Any] = self.exchange(self.code(**changes)).get_json()
        self.token = tokens["access_token"]
        return tokens

    def headers(self, **more: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "xero-tenant-id": self.org.tenant_id,
            "Accept": "application/json",
            **more,
        }

    def get(self, path: str, params: dict[str, Any] | None = None, **headers: str) -> TestResponse:
        asked = self.headers(**{name.replace("_", "-"): value for name, value in headers.items()})
        return self.client.get(f"/api.xro/2.0/{path}", query_string=params, headers=asked)

    def put(self, path: str, body: Any, **headers: str) -> TestResponse:
        asked = self.headers(**{name.replace("_", "-"): value for name, value in headers.items()})
        return self.client.put(f"/api.xro/2.0/{path}", json=body, headers=asked)

    def delete(self, path: str, **headers: str) -> TestResponse:
        """DELETE below the API."""
        return self.client.delete(f"/api.xro/2.0/{path}", headers=self.headers(**headers))

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        asked = self.headers(**{name.replace("_", "-"): value for name, value in headers.items()})
        return self.client.post(f"/api.xro/2.0/{path}", json=body, headers=asked)

    def names(self, path: str, key: str, **params: Any) -> list[Any]:
        """The `key` of every record listed at this path."""
        answer = self.get(path, params).get_json()
        return [item[key] for item in answer[path]]

    def contact(self, name: str = "Alder & Sons", **fields: Any) -> Contact:
        return add_contact(self.world, self.org, name=name, **fields)

    def invoice(
        self, contact: Contact, number: str = "INV-1", total: str | None = "120.00", **fields: Any
    ) -> Invoice:
        given: dict[str, Any] = {"date": date(2026, 10, 1), "due_date": date(2026, 10, 31)}
        given["total"] = None if total is None else Decimal(total)
        return add_invoice(self.world, self.org, contact, number=number, **{**given, **fields})

    def advance(self, step: timedelta) -> None:
        self.world.clock.advance(step)


@cache
def signing_key() -> str:
    """One key for all tests of a process, because making one takes longer than most tests."""
    return RSAKey.generate_key(2048).as_pem(private=True).decode("ascii")


def a_side(folder: Path, **settings: Any) -> Side:
    """A fresh sandbox whose clock can be moved."""
    config = SandboxConfig(
        clock_file=folder / "clock",
        public_url="http://sandbox.example",
        signing_private_key=signing_key(),
        **settings,
    )
    app = create_sandbox(config)
    world: World = app.extensions["sandbox_world"]
    return Side(app, world, config, add_organisation(world, name="Hedgerow Joinery Ltd"))


def back(answer: TestResponse) -> dict[str, str]:
    """What the app is told in the redirect back to it."""
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def numbers(answer: TestResponse) -> Sequence[str]:
    """The invoice numbers of an answer."""
    return [invoice["InvoiceNumber"] for invoice in answer.get_json()["Invoices"]]
