"""The sandbox's billing service from the outside: what it tells, signed, again and again until somebody listens."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue

import pytest
import requests

from sandbox.config import SandboxConfig
from tests.support.sandbox import RunningSandbox, running_sandbox

SECRET = "whsec_of_a_test"


class Listener(BaseHTTPRequestHandler):
    """Refuses the first delivery of each process, and takes all others."""

    heard: Queue[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        first = self.heard.empty()
        self.heard.put((self.headers["Stripe-Signature"], body))
        self.send_response(500 if first else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def heard() -> Queue[tuple[str, bytes]]:
    return Queue()


@pytest.fixture
def box(heard: Queue[tuple[str, bytes]]) -> Iterator[RunningSandbox]:
    server = HTTPServer(("127.0.0.1", 0), type("Heard", (Listener,), {"heard": heard}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/webhooks/stripe"
    config = SandboxConfig(stripe_webhook_url=url, stripe_webhook_secret=SECRET)
    with running_sandbox(config) as running:
        yield running
    server.shutdown()
    server.server_close()


def ask(box: RunningSandbox, path: str, key: str | None = None, **fields: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {key or box.config.stripe_secret_key}"}
    return requests.post(box.url + path, data=fields, headers=headers, timeout=10)


def test_news_is_signed_and_told_until_it_is_taken(
    box: RunningSandbox, heard: Queue[tuple[str, bytes]]
) -> None:
    customer = ask(box, "/v1/customers", name="Acme", email="a@acme.example").json()["id"]
    box.post(f"/sandbox/stripe/{customer}/status", status="active")
    kinds = []
    for _ in range(3):  # one of them was refused and came again
        header, body = heard.get(timeout=30)
        stamp, given = (part.partition("=")[2] for part in header.split(","))
        expected = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        assert given == expected
        event = json.loads(body)
        assert event["object"] == "event" and event["data"]["object"]["customer"] == customer
        kinds.append(event["type"])
    assert sorted(kinds) == sorted(
        [kinds[0], "customer.subscription.created", "customer.subscription.updated"]
    )


def test_what_is_wrong_is_refused_in_words(box: RunningSandbox) -> None:
    assert ask(box, "/v1/customers", key="sk_test_another").status_code == 401
    refused = ask(box, "/v1/checkout/sessions", mode="subscription", customer="cus_nobody")
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        404,
        "No such customer: 'cus_nobody'",
    )
    customer = ask(box, "/v1/customers", name="Acme").json()["id"]
    refused = ask(box, "/v1/checkout/sessions", customer=customer)
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, "Missing required param: mode.")
    wrong = {"customer": customer, "mode": "subscription", "line_items[0][price]": "price_of_nobody"}
    assert "No such price" in ask(box, "/v1/checkout/sessions", **wrong).text
    assert requests.get(f"{box.url}/stripe/checkout/cs_nothing", timeout=10).status_code == 404
