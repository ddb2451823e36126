"""The ledger's webhooks as a receiver meets them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, Response, request

from sandbox.ledger import add_credit_note, add_note, pay_invoice
from sandbox.webhook_wire import signature_of
from sandbox.webhooks_out import WebhookSender
from tests.sandbox.app_side import Side
from tests.sandbox.mail_receiver import serving

KEY = "sandbox-webhook-key"


@dataclass
class Listener:
    """Takes webhooks, checks signatures as the documentation says, and answers as told."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    checks_signatures: bool = True
    talks: str = ""

    def take(self) -> Response:
        body = request.get_data()
        right = base64.b64encode(hmac.new(KEY.encode(), body, hashlib.sha256).digest())
        if self.checks_signatures and request.headers["x-xero-signature"].encode() != right:
            return Response(status=401)
        self.bodies.append(body)
        return Response(self.talks, status=self.answers.pop(0) if self.answers else 200)

    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.bodies for event in json.loads(body)["events"]]


@contextmanager
def listening() -> Iterator[Listener]:
    listener, app = Listener(), Flask("listener")
    app.add_url_rule("/webhooks/xero", view_func=listener.take, methods=["POST"])
    with serving(app) as address:
        listener.url = f"{address}/webhooks/xero"
        yield listener


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture
def sender(side: Side, listener: Listener) -> WebhookSender:
    """Delivers only when told to, so that tests need not wait."""
    found: WebhookSender = side.app.extensions["sandbox_webhooks"]
    found.url = listener.url
    return found


def test_the_published_signature_is_reproduced() -> None:
    key = "LR+QgKlbRciIPYpi65tTKLaZ3FzLLofCNEQWrRXqWXJeDFrfexzfVI9SmnVuCWDJ4jnjHB9ECtOyxZSofRxwWw=="
    body = b'{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "LUWDSUDGSWNZVALZXBEV"}'
    assert signature_of(body, key) == "BjzNbYUfrzg4g8wxm+dKHaZVrKxr2m75E296fUbD1E4="


def test_a_payment_tells_that_the_invoice_changed(
    side: Side, sender: WebhookSender, listener: Listener
) -> None:
    invoice = side.invoice(side.contact())
    sender.flush()
    listener.bodies.clear()
    pay_invoice(side.world, side.org, invoice)
    assert sender.flush() == 1
    (event,) = listener.events()
    assert event["resourceUrl"] == f"https://api.xero.com/api.xro/2.0/Invoices/{invoice.id}"
    assert (event["eventCategory"], event["eventType"]) == ("INVOICE", "UPDATE")
    assert (event["tenantId"], event["tenantType"]) == (side.org.tenant_id, "ORGANISATION")
    assert event["eventDateUtc"].count(":") == 2
    assert event["eventDateUtc"][-4] == "."


def test_bodies_have_the_ledgers_odd_spaces(side: Side, sender: WebhookSender, listener: Listener) -> None:
    side.contact()
    sender.flush()
    (body,) = listener.bodies
    assert b',"firstEventSequence": 1,"lastEventSequence": 1, "entropy": "' in body
    assert json.dumps(json.loads(body)).encode() != body


def test_credit_notes_carry_their_type_and_status(
    side: Side, sender: WebhookSender, listener: Listener
) -> None:
    contact = side.contact()
    note = add_credit_note(
        side.world, side.org, contact, number="C", date=side.world.now().date(), total=Decimal("5.00")
    )
    sender.flush()
    event = listener.events()[-1]
    assert (event["eventCategory"], event["resourceId"]) == ("CREDITNOTE", note.id)
    assert event["data"] == {"Type": "ACCRECCREDIT", "Status": "AUTHORISED"}


def test_sequence_numbers_count_every_event(side: Side, sender: WebhookSender, listener: Listener) -> None:
    side.contact("A")
    side.contact("B")
    sender.flush()
    side.contact("C")
    sender.flush()
    spans = [(p["firstEventSequence"], p["lastEventSequence"]) for p in map(json.loads, listener.bodies)]
    assert spans == [(1, 2), (3, 3)]


def test_an_organisation_that_is_not_connected_sends_nothing(
    side: Side, sender: WebhookSender, listener: Listener
) -> None:
    side.world.access.connections.clear()
    side.contact()
    assert sender.flush() == 0
    assert listener.bodies == []


def test_notes_raise_no_event_unless_switched_on(
    side: Side, sender: WebhookSender, listener: Listener
) -> None:
    contact = side.contact()
    sender.flush()
    listener.bodies.clear()
    add_note(side.world, side.org, contact.id, "Called")
    sender.flush()
    assert listener.events() == []
    side.client.post("/sandbox/webhooks", json={"notes_raise_events": True})
    add_note(side.world, side.org, contact.id, "Called again")
    sender.flush()
    assert [e["resourceId"] for e in listener.events()] == [contact.id]


def test_a_failure_is_tried_again_at_once(side: Side, sender: WebhookSender, listener: Listener) -> None:
    listener.answers = [500]
    side.contact()
    assert sender.flush() == 1
    assert len(listener.bodies) == 2
    assert listener.bodies[0] == listener.bodies[1]


def test_later_tries_come_every_fifteen_minutes_and_keep_the_order(
    side: Side, sender: WebhookSender, listener: Listener
) -> None:
    listener.answers = [500, 500]
    side.contact("A")
    assert sender.flush() == 0
    side.contact("B")
    side.advance(timedelta(minutes=14))
    assert sender.flush() == 0
    side.advance(timedelta(minutes=2))
    assert sender.flush() == 2
    firsts = [json.loads(body)["firstEventSequence"] for body in listener.bodies]
    assert firsts == [1, 1, 1, 2]


def test_after_a_day_of_failures_the_subscription_is_disabled_until_validated(
    side: Side, sender: WebhookSender, listener: Listener
) -> None:
    listener.answers = [500] * 4
    side.contact()
    sender.flush()
    side.advance(timedelta(hours=24, minutes=1))
    sender.flush()
    side.advance(timedelta(hours=1))
    assert sender.flush() == 0
    assert side.client.get("/sandbox/webhooks").get_json()["status"] == "disabled"
    assert side.client.post("/sandbox/webhooks/validate").get_json()["ok"] is True
    assert sender.flush() == 1
    assert side.client.get("/sandbox/webhooks").get_json()["status"] == "ok"


def test_the_intent_to_receive_check_sends_three_wrong_signatures_and_one_right(
    side: Side, sender: WebhookSender, listener: Listener
) -> None:
    report = side.client.post("/sandbox/webhooks/validate").get_json()
    assert sorted(check["status"] for check in report["checks"]) == [200, 401, 401, 401]
    assert report["ok"] is True
    (body,) = listener.bodies
    assert body.startswith(b'{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "')


def test_a_receiver_that_does_not_check_or_talks_back_fails_the_check(
    side: Side, sender: WebhookSender, listener: Listener
) -> None:
    listener.checks_signatures, listener.talks = False, "ok"
    report = side.client.post("/sandbox/webhooks/validate").get_json()
    problems = [check["problem"] for check in report["checks"]]
    assert problems.count("Response to incorrectly signed payload not 401") == 3
    assert problems.count("Response contains a body") == 1
    assert report["ok"] is False


def test_events_can_be_lost_doubled_and_turned_round(
    side: Side, sender: WebhookSender, listener: Listener
) -> None:
    side.client.post("/sandbox/webhooks", json={"drop": True})
    side.contact("lost")
    assert sender.flush() == 0
    side.client.post("/sandbox/webhooks", json={"drop": False, "duplicate": True, "reverse": True})
    first, second = side.contact("A"), side.contact("B")
    sender.flush()
    assert [e["resourceId"] for e in listener.events()] == [second.id, first.id] * 2
    assert json.loads(listener.bodies[0])["firstEventSequence"] == 2


def test_an_unreachable_receiver_counts_as_a_failure(side: Side, sender: WebhookSender) -> None:
    sender.url = "http://127.0.0.1:1/nobody"
    side.contact()
    assert sender.flush() == 0
    report = side.client.get("/sandbox/webhooks").get_json()
    assert report["status"] == "retrying"
    assert [a["status"] for a in report["attempts"]] == [0, 0]


def test_the_background_thread_delivers_by_itself(
    side: Side, sender: WebhookSender, listener: Listener
) -> None:
    contact = side.contact()
    sender.start()
    try:
        for _ in range(100):
            if listener.events():
                break
            sender._stopping.wait(0.1)
        assert [e["resourceId"] for e in listener.events()] == [contact.id]
    finally:
        sender.stop()


def test_other_payment_terms_tell_that_the_contact_changed(
    side: Side, sender: WebhookSender, listener: Listener
) -> None:
    contact = side.contact()
    sender.flush()
    listener.bodies.clear()
    terms = {"Sales": {"Day": 14, "Type": "DAYSAFTERBILLDATE"}}
    body = {"Contacts": [{"ContactID": contact.id, "PaymentTerms": terms}]}
    assert side.post(f"Contacts/{contact.id}", body).status_code == 200
    assert sender.flush() == 1
    (event,) = listener.events()
    assert (event["eventCategory"], event["eventType"]) == ("CONTACT", "UPDATE")
    assert event["resourceUrl"].endswith(contact.id)
