"""Stripe as billing provider: eight calls of its documented HTTP API, in one pinned version.

https://docs.stripe.com/api, version 2025-03-31.basil. Nothing raised here remembers the request, because that
holds the key.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
import requests

from integration.billing.provider import ACTIVE, ENDED, NONE, PAST_DUE, BillingError, NotThere, Subscription
from kit.wording import N_

log = logging.getLogger(__name__)
Shape = TypeVar("Shape")

API_VERSION = "2025-03-31.basil"
TIMEOUTS = (5, 20)
"""Seconds to connect, and between two pieces of an answer."""
_MOST_WORDS = 300
_STATES = {
    "active": ACTIVE,
    "trialing": ACTIVE,
    "past_due": PAST_DUE,
    "unpaid": ENDED,
    "canceled": ENDED,
    "paused": ENDED,
    "incomplete": NONE,
    "incomplete_expired": NONE,
}
_OVER = ("canceled", "incomplete_expired")
"""Of these Stripe says that nothing can be done with them any more."""
_BEST_FIRST = (ACTIVE, PAST_DUE, ENDED, NONE)


class _Item(msgspec.Struct):
    current_period_end: int | None = None


class _Items(msgspec.Struct):
    data: list[_Item] = []


class _Subscription(msgspec.Struct):
    status: str
    id: str = ""
    items: _Items = msgspec.field(default_factory=_Items)
    cancel_at: int | None = None


class _Subscriptions(msgspec.Struct):
    data: list[_Subscription]


class _Made(msgspec.Struct):
    id: str


class _Page(msgspec.Struct):
    url: str


class _Open(msgspec.Struct):
    id: str
    url: str | None = None


class _Opened(msgspec.Struct):
    data: list[_Open]


class Stripe:
    """A ``BillingProvider`` over HTTP."""

    def __init__(self, api_url: str, secret_key: str, price_id: str) -> None:
        self._url, self._key, self._price = api_url, secret_key, price_id

    def new_customer(self, payer_id: str, name: str, email: str) -> str:
        fields = {"name": name, "email": email, "metadata[payer]": payer_id}
        return self._ask("POST", "/v1/customers", _Made, fields, once=f"customer-{payer_id}").id

    def checkout_address(self, customer: str, *, done: str, back: str, once: str) -> str:
        for one in self._open_pages(customer):
            if one.url:
                return one.url
        fields = {
            "mode": "subscription",
            "customer": customer,
            "line_items[0][price]": self._price,
            "line_items[0][quantity]": "1",
            "success_url": done,
            "cancel_url": back,
        }
        return self._ask("POST", "/v1/checkout/sessions", _Page, fields, once=f"checkout-{once}").url

    def _open_pages(self, customer: str) -> list[_Open]:
        asked = {"customer": customer, "status": "open", "limit": "20"}
        return self._ask("GET", "/v1/checkout/sessions", _Opened, asked).data

    def portal_address(self, customer: str, *, back: str) -> str:
        fields = {"customer": customer, "return_url": back}
        return self._ask("POST", "/v1/billing_portal/sessions", _Page, fields).url

    def subscription(self, customer: str) -> Subscription:
        """The best of the customer's: a new one may stand beside one that has ended."""
        found = [_read(one) for one in self._subscriptions(customer)]
        return min(found, key=lambda one: _BEST_FIRST.index(one.state), default=Subscription(NONE))

    def _subscriptions(self, customer: str) -> list[_Subscription]:
        asked = {"customer": customer, "status": "all", "limit": "20"}
        return self._ask("GET", "/v1/subscriptions", _Subscriptions, asked).data

    def end(self, customer: str) -> None:
        """The pages first: whoever pays on one while we are at it has a subscription that is seen and ended."""
        with suppress(NotThere):  # an account that was removed at Stripe has no plan any more
            self._end(customer)

    def _end(self, customer: str) -> None:
        for one in self._open_pages(customer):
            self._ask("POST", f"/v1/checkout/sessions/{one.id}/expire", _Made, {})
        for there in self._subscriptions(customer):
            if there.status not in _OVER:
                self._ask("DELETE", f"/v1/subscriptions/{there.id}", _Made, {})

    def report_usage(self, customer: str, figures: Mapping[str, int]) -> None:
        fields = {f"metadata[{name}]": str(count) for name, count in figures.items()}
        self._ask("POST", f"/v1/customers/{customer}", _Made, fields)

    def _ask(
        self, method: str, path: str, shape: type[Shape], fields: Mapping[str, str], once: str = ""
    ) -> Shape:
        """The decoded answer. ``once`` makes a repeat of the call harmless."""
        headers = {"Authorization": f"Bearer {self._key}", "Stripe-Version": API_VERSION}
        if once:
            headers["Idempotency-Key"] = once
        asked = {"params": fields} if method == "GET" else {"data": fields}
        problem = N_("The billing provider does not answer. Try again in a moment.")
        kind: type[BillingError] = BillingError
        try:
            answer = requests.request(
                method,
                self._url + path,
                headers=headers,
                timeout=TIMEOUTS,
                allow_redirects=False,
                **asked,  # type: ignore[arg-type]  # params or data, both take a mapping
            )
            if answer.status_code == 200:
                return msgspec.json.decode(answer.content, type=shape)
            problem, kind = _refusal(answer), NotThere if answer.status_code == 404 else BillingError
        except requests.RequestException as error:
            log.warning("Stripe does not answer: %s", type(error).__name__)
        except (msgspec.DecodeError, UnicodeDecodeError):
            problem = N_(
                "The billing provider gave an answer that cannot be understood. Try again in a moment."
            )
        raise kind(problem)  # outside the handlers: their errors remember the request, and with it the key


def _read(one: _Subscription) -> Subscription:
    ends = [item.current_period_end for item in one.items.data if item.current_period_end]
    return Subscription(
        _STATES.get(one.status, NONE), _moment(min(ends, default=None)), _moment(one.cancel_at)
    )


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _refusal(answer: requests.Response) -> str:
    """Why Stripe refused, in its own words; of a wrong key the operator hears by the doctor."""
    if answer.status_code in (401, 403):
        return N_("The billing provider does not accept our key: check STRIPE_SECRET_KEY.")
    if answer.status_code == 429 or answer.status_code >= 500:
        return N_("The billing provider is busy just now. Try again in a moment.")
    try:
        words = str(msgspec.json.decode(answer.content)["error"]["message"])[:_MOST_WORDS]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        words = f"it answered {answer.status_code}"
    return N_(f"The billing provider refused this: {words}")
