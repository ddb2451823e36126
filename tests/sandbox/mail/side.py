"""A mail as the app hands it to the pretend mail provider, and what the provider then has."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

KEY = {"Authorization": "Bearer SG.sandbox"}
PDF = b"%PDF-1.4 an invoice"


def a_mail(to: str = "martha@alder.example", **changes: Any) -> dict[str, Any]:
    body = {
        "personalizations": [{"to": [{"email": to, "name": "Martha Quill"}]}],
        "from": {"email": "accounts@hedgerow.example", "name": "Hedgerow Joinery"},
        "reply_to": {"email": "r-1@reply.example"},
        "subject": "Invoice INV-7 is due",
        "content": [
            {"type": "text/plain", "value": "Dear Martha,\nplease pay."},
            {"type": "text/html", "value": "<p>Dear Martha</p>"},
        ],
        "headers": {"Message-ID": "<m1@hedgerow.example>"},
        "custom_args": {"communication_id": "42"},
    }
    return body | changes


def send(client: FlaskClient, **changes: Any) -> Any:
    return client.post("/v3/mail/send", json=a_mail(**changes), headers=KEY)


def only_mail(client: FlaskClient) -> dict[str, Any]:
    (mail,) = client.get("/sandbox/mail").get_json()
    return dict(mail)
