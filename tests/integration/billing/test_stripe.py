"""The billing provider over HTTP: the client and the sandbox agree on shapes, and nothing that goes wrong tells the key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from integration.billing.provider import ACTIVE, ENDED, NONE, PAST_DUE, BillingError, Subscription
from integration.billing.signature import TOLERANCE, is_genuine, signature_of
from integration.billing.stripe import API_VERSION, Stripe
from tests.integration.xero.hostile import answer, hostile_server
from tests.support.sandbox import RunningSandbox, running_sandbox

KEY = "sk_test_of_somebody"
DOCUMENTED = {
    "id": "sub_1MowQVLkdIwHu7ixeRlqHVzs",
    "object": "subscription",
    "cancel_at": None,
    "cancel_at_period_end": False,
    "canceled_at": None,
    "collection_method": "charge_automatically",
    "created": 1679609767,
    "currency": "gbp",
    "customer": "cus_Na6dX7aXxi11N4",
    "items": {
        "object": "list",
        "data": [
            {
                "id": "si_Na6dzxczY5fwHx",
                "object": "subscription_item",
                "created": 1679609768,
                "current_period_start": 1679609767,
                "current_period_end": 1682288167,
                "metadata": {},
                "price": {"id": "price_1MowQULkdIwHu7ixraBm864M", "object": "price", "type": "recurring"},
                "quantity": 1,
            }
        ],
        "has_more": False,
        "url": "/v1/subscription_items?subscription=sub_1MowQVLkdIwHu7ixeRlqHVzs",
    },
    "livemode": False,
    "metadata": {},
    "status": "active",
}
"""As the API's reference shows it, version 2025-03-31.basil, without what nobody reads."""


@pytest.fixture(scope="module")
def box() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def client(box: RunningSandbox) -> Stripe:
    return Stripe(box.url, box.config.stripe_secret_key, box.config.stripe_price_id)


def paid(client: Stripe, payer: str) -> str:
    """Somebody who has begun a plan; their account."""
    customer = client.new_customer(payer, "Acme", "anna@acme.example")
    page = client.checkout_address(
        customer, done="http://localhost/done", back="http://localhost/back", once=payer
    )
    assert "Acme" in requests.get(page, timeout=10).text
    there = requests.post(page, data={"decision": "pay"}, allow_redirects=False, timeout=10)
    assert (there.status_code, there.headers["Location"]) == (303, "http://localhost/done")
    return customer


def test_an_account_is_opened_once_however_often_it_is_asked_for(client: Stripe) -> None:
    first = client.new_customer("p1", "Acme", "anna@acme.example")
    assert client.new_customer("p1", "Acme", "anna@acme.example") == first
    assert client.new_customer("p2", "Acme", "anna@acme.example") != first
    assert client.subscription(first) == Subscription(NONE)


def test_a_plan_is_begun_cancelled_and_taken_up_again(client: Stripe) -> None:
    customer = paid(client, "p3")
    found = client.subscription(customer)
    assert found.state == ACTIVE and found.ends_at is None
    assert found.period_ends_at and found.period_ends_at > datetime.now(UTC) + timedelta(days=20)
    portal = client.portal_address(customer, back="http://localhost/back")
    requests.post(portal, data={"wish": "cancel"}, timeout=10)
    assert client.subscription(customer).ends_at == found.period_ends_at
    requests.post(portal, data={"wish": "resume"}, timeout=10)
    assert client.subscription(customer).ends_at is None


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("past_due", PAST_DUE),
        ("unpaid", ENDED),
        ("canceled", ENDED),
        ("paused", ENDED),
        ("incomplete", NONE),
        ("trialing", ACTIVE),
        ("a new word of theirs", NONE),
    ],
)
def test_each_status_of_theirs_is_one_of_four_states(
    box: RunningSandbox, client: Stripe, status: str, state: str
) -> None:
    customer = paid(client, f"p-{status}")
    box.post(f"/sandbox/stripe/{customer}/status", status=status)
    assert client.subscription(customer).state == state


def test_of_several_subscriptions_the_best_counts(client: Stripe, box: RunningSandbox) -> None:
    customer = paid(client, "p4")
    box.post(f"/sandbox/stripe/{customer}/status", status="canceled")
    assert client.subscription(customer).state == ENDED
    page = client.checkout_address(
        customer, done="http://localhost/done", back="http://localhost/back", once="p4 again"
    )
    requests.post(page, data={"decision": "pay"}, timeout=10, allow_redirects=False)
    assert client.subscription(customer).state == ACTIVE


def test_the_figures_are_left_with_the_account(client: Stripe, box: RunningSandbox) -> None:
    customer = client.new_customer("p5", "Acme", "anna@acme.example")
    client.report_usage(customer, {"messages": 12, "customers": 3})
    (found,) = [one for one in box.get("/sandbox/stripe").json()["customers"] if one["id"] == customer]
    assert found["metadata"] == {"payer": "p5", "messages": "12", "customers": "3"}


def test_the_sandbox_shows_subscriptions_as_the_reference_does(client: Stripe, box: RunningSandbox) -> None:
    customer = paid(client, "p6")
    shown = next(
        one for one in box.get("/sandbox/stripe").json()["subscriptions"] if one["customer"] == customer
    )
    assert set(shown) <= set(DOCUMENTED) and set(shown["items"]) <= set(DOCUMENTED["items"])  # type: ignore[arg-type]
    item, documented = shown["items"]["data"][0], DOCUMENTED["items"]["data"][0]  # type: ignore[index]
    assert set(item) <= set(documented)


def test_what_the_reference_shows_is_understood() -> None:
    with hostile_server(answer(200, {"object": "list", "data": [DOCUMENTED]})) as server:
        found = Stripe(server.url, KEY, "price_1").subscription("cus_1")
        assert found == Subscription(ACTIVE, datetime.fromtimestamp(1682288167, UTC))
        assert API_VERSION == "2025-03-31.basil"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (answer(401, {"error": {"message": f"Invalid API Key provided: {KEY}"}}), "STRIPE_SECRET_KEY"),
        (answer(400, {"error": {"message": "No such price: 'price_1'"}}), "No such price"),
        (answer(400, []), "answered 400"),
        (answer(429, {}), "busy"),
        (answer(503, {}), "busy"),
        (answer(200, {"data": "nothing"}), "cannot be understood"),
        (answer(302, {}), "answered 302"),
    ],
)
def test_whatever_goes_wrong_is_said_in_a_sentence_without_the_key(reply: bytes, words: str) -> None:
    with hostile_server(reply) as server, pytest.raises(BillingError, match=words) as told:
        Stripe(server.url, KEY, "price_1").subscription("cus_1")
    assert KEY not in str(told.value)
    assert told.value.__context__ is None


def test_nobody_at_home_is_said_too() -> None:
    with pytest.raises(BillingError, match="does not answer"):
        Stripe("http://127.0.0.1:1", KEY, "price_1").subscription("cus_1")


@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=80))
def test_no_header_of_anybody_elses_is_genuine(body: bytes, secret: str, header: str) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert not is_genuine(secret, header, body, now)
    stamp = int(now.timestamp())
    assert is_genuine(secret, signature_of(secret, body, stamp), body, now) == bool(secret)
    assert not is_genuine(
        secret, signature_of(secret, body, stamp), body, now + TOLERANCE + timedelta(seconds=1)
    )
    assert not is_genuine(secret, signature_of(secret + "x", body, stamp), body, now)


def test_the_signature_is_that_of_the_reference() -> None:
    """HMAC-SHA256 of the time, a full stop and the body, in hexadecimal, under ``v1``."""
    body = json.dumps({"id": "evt_1"}).encode()
    stamp, digest = signature_of("whsec_test", body, 1492774577).split(",")
    assert stamp == "t=1492774577"
    assert digest.startswith("v1=") and len(digest) == 3 + 64


def state_of(box: RunningSandbox, customer: str) -> list[str]:
    found = box.get("/sandbox/stripe").json()["subscriptions"]
    return [one["status"] for one in found if one["customer"] == customer]


def test_the_page_for_beginning_a_plan_is_one_however_often_it_is_asked_for(
    client: Stripe, box: RunningSandbox
) -> None:
    customer = client.new_customer("p7", "Acme", "anna@acme.example")
    pages = {
        client.checkout_address(
            customer, done="http://localhost/done", back="http://localhost/back", once=word
        )
        for word in ("one", "one", "another")
    }
    (page,) = pages
    for _ in range(2):
        requests.post(page, data={"decision": "pay"}, timeout=10, allow_redirects=False)
    assert state_of(box, customer) == ["active"]


def test_ending_ends_every_plan_and_every_page_that_is_open(client: Stripe, box: RunningSandbox) -> None:
    customer = paid(client, "p8")
    page = client.checkout_address(
        customer, done="http://localhost/done", back="http://localhost/back", once="p8 again"
    )
    client.end(customer)
    requests.post(page, data={"decision": "pay"}, timeout=10, allow_redirects=False)
    assert state_of(box, customer) == ["canceled"]
    client.end(customer)
    assert state_of(box, customer) == ["canceled"]


def test_an_account_that_is_not_there_has_nothing_to_end(client: Stripe) -> None:
    client.end("cus_of_nobody")


def test_while_stripe_is_away_nothing_counts_as_ended(box: RunningSandbox) -> None:
    away = Stripe("http://127.0.0.1:1", box.config.stripe_secret_key, box.config.stripe_price_id)
    with pytest.raises(BillingError):
        away.end("cus_somebody")
