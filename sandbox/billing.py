"""A Stripe-shaped billing service: accounts, checkout, subscriptions, a portal, and signed webhooks with retries.

The routes under `/v1` are Stripe's, in version 2025-03-31.basil, as far as the app uses them. Those under `/stripe` are
the pages to which people are sent; those under `/sandbox/stripe` are for tests:

=========================================  ===========================================================
`GET /sandbox/stripe`                      accounts, subscriptions and the events made so far
`POST /sandbox/stripe/<customer>/status`   `{status}`: the subscription is now so, and the app is told
`POST /sandbox/stripe/events/<n>/again`    the n-th event is delivered again, signed anew
=========================================  ===========================================================
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from flask import Blueprint, Response, jsonify, redirect, render_template, request

from sandbox.config import SandboxConfig
from sandbox.courier import Courier
from sandbox.world import World

API_VERSION = "2025-03-31.basil"
_TIMEOUT_SECONDS = 10
_MONTH_SECONDS = 30 * 24 * 3600
Answer = Response | str | tuple[Any, int]
_log = logging.getLogger(__name__)


class Refused(Exception):
    """A request that the service does not take; status, and its own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Billing:
    """Everything the service knows; ids are keys, values are the objects as its API shows them."""

    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    portals: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    once: dict[str, dict[str, Any]] = field(default_factory=dict)


def billing_blueprint(world: World, config: SandboxConfig) -> Blueprint:
    """The billing service of one sandbox."""
    desk = _Desk(world, config)
    routes = Blueprint("billing", __name__, template_folder="pages_templates")
    for rule, view, method in (
        ("/v1/customers", desk.new_customer, "POST"),
        ("/v1/customers/<customer>", desk.change_customer, "POST"),
        ("/v1/checkout/sessions", desk.new_session, "POST"),
        ("/v1/checkout/sessions", desk.list_sessions, "GET"),
        ("/v1/checkout/sessions/<session>/expire", desk.expire, "POST"),
        ("/v1/billing_portal/sessions", desk.new_portal, "POST"),
        ("/v1/subscriptions", desk.list_subscriptions, "GET"),
        ("/v1/subscriptions/<subscription>", desk.cancel, "DELETE"),
        ("/stripe/checkout/<session>", desk.checkout, "GET"),
        ("/stripe/checkout/<session>", desk.decide, "POST"),
        ("/stripe/portal/<portal>", desk.portal, "GET"),
        ("/stripe/portal/<portal>", desk.change, "POST"),
        ("/sandbox/stripe", desk.show, "GET"),
        ("/sandbox/stripe/<customer>/status", desk.set_status, "POST"),
        ("/sandbox/stripe/events/<int:number>/again", desk.again, "POST"),
    ):
        routes.add_url_rule(rule, f"{method} {view.__name__}", view, methods=[method])
    routes.register_error_handler(Refused, _say)
    return routes


class _Desk:
    """The views, with what they share."""

    def __init__(self, world: World, config: SandboxConfig) -> None:
        self._world, self._config, self._billing = world, config, Billing()
        self._courier: Courier[dict[str, Any]] = Courier(self._deliver, batch=1)

    # -- Stripe's API --------------------------------------------------------------------------------------

    def new_customer(self) -> Answer:
        self._check_key()
        key = request.headers.get("Idempotency-Key", "")
        if key and key in self._billing.once:
            return jsonify(self._billing.once[key])
        made: dict[str, Any] = {
            "id": _id("cus"),
            "object": "customer",
            "name": request.form.get("name"),
            "email": request.form.get("email"),
            "metadata": _metadata(),
        }
        self._billing.customers[made["id"]] = made
        if key:
            self._billing.once[key] = made
        return jsonify(made)

    def change_customer(self, customer: str) -> Answer:
        self._check_key()
        found = self._customer(customer)
        found["metadata"].update(_metadata())
        return jsonify(found)

    def new_session(self) -> Answer:
        self._check_key()
        key = request.headers.get("Idempotency-Key", "")
        if key and key in self._billing.once:
            return jsonify(self._billing.once[key])
        customer = self._customer(_needed("customer"))
        if _needed("mode") != "subscription":
            raise Refused(400, "This sandbox knows mode=subscription alone.")
        price = _needed("line_items[0][price]")
        if price != self._config.stripe_price_id:
            raise Refused(400, f"No such price: '{price}'")
        made: dict[str, Any] = {
            "id": _id("cs_test"),
            "object": "checkout.session",
            "mode": "subscription",
            "status": "open",
            "customer": customer["id"],
            "subscription": None,
            "success_url": _needed("success_url"),
            "cancel_url": _needed("cancel_url"),
        }
        made["url"] = f"{self._config.public_url}/stripe/checkout/{made['id']}"
        self._billing.sessions[made["id"]] = made
        if key:  # the answer is repeated as it was, whatever has become of the page since
            self._billing.once[key] = dict(made)
        return jsonify(made)

    def list_sessions(self) -> Answer:
        self._check_key()
        asked = request.args
        found = [
            one
            for one in self._billing.sessions.values()
            if asked.get("customer") in (None, one["customer"])
            and asked.get("status") in (None, one["status"])
        ]
        return jsonify(object="list", url="/v1/checkout/sessions", has_more=False, data=found[::-1])

    def expire(self, session: str) -> Answer:
        self._check_key()
        found = self._session(session)
        if found["status"] != "open":
            raise Refused(
                400, f'Only Checkout Sessions with a status in ["open"] can be expired: {found["status"]}.'
            )
        found.update(status="expired", url=None)
        return jsonify(found)

    def cancel(self, subscription: str) -> Answer:
        """At once: what is paid stays paid."""
        self._check_key()
        found = self._billing.subscriptions.get(subscription)
        if found is None or found["status"] == "canceled":
            raise Refused(404, f"No such subscription: '{subscription}'")
        self._set(found, "canceled")
        return jsonify(found)

    def new_portal(self) -> Answer:
        self._check_key()
        customer = self._customer(_needed("customer"))
        made: dict[str, Any] = {
            "id": _id("bps"),
            "object": "billing_portal.session",
            "customer": customer["id"],
            "return_url": _needed("return_url"),
        }
        made["url"] = f"{self._config.public_url}/stripe/portal/{made['id']}"
        self._billing.portals[made["id"]] = made
        return jsonify(made)

    def list_subscriptions(self) -> Answer:
        self._check_key()
        customer = request.args.get("customer")
        wanted = request.args.get("status", "")
        found = [
            one
            for one in self._billing.subscriptions.values()
            if customer in (None, one["customer"]) and (wanted == "all" or one["status"] != "canceled")
        ]
        return jsonify(object="list", url="/v1/subscriptions", has_more=False, data=found[::-1])

    # -- the pages to which people are sent ----------------------------------------------------------------

    def checkout(self, session: str) -> Answer:
        found = self._session(session)
        customer = self._billing.customers[found["customer"]]
        return render_template("pages/checkout.html", session=found, customer=customer)

    def decide(self, session: str) -> Answer:
        """Pay, or go back."""
        found = self._session(session)
        if request.form.get("decision") != "pay":
            return _onwards(found["cancel_url"])
        if found["status"] == "open":
            begun = self._begin(found["customer"])
            found.update(status="complete", subscription=begun["id"], url=None)
            self._tell("checkout.session.completed", found)
        return _onwards(found["success_url"])

    def portal(self, portal: str) -> Answer:
        found = self._portal(portal)
        return render_template(
            "pages/portal.html", portal=found, subscription=self._newest(found["customer"])
        )

    def change(self, portal: str) -> Answer:
        """Cancel at the end of the month, take that back, or have the card fail."""
        found = self._portal(portal)
        one = self._newest(found["customer"])
        wish = request.form.get("wish")
        if one is not None and wish in ("cancel", "resume"):
            ends = one["items"]["data"][0]["current_period_end"] if wish == "cancel" else None
            one.update(cancel_at=ends, cancel_at_period_end=wish == "cancel")
            self._tell("customer.subscription.updated", one)
        elif one is not None and wish in ("fail", "pay"):
            self._set(one, "past_due" if wish == "fail" else "active")
        return _onwards(f"{self._config.public_url}/stripe/portal/{portal}")

    # -- for tests -----------------------------------------------------------------------------------------

    def show(self) -> Answer:
        known = self._billing
        return jsonify(
            customers=list(known.customers.values()),
            subscriptions=list(known.subscriptions.values()),
            events=known.events,
        )

    def set_status(self, customer: str) -> Answer:
        one = self._newest(self._customer(customer)["id"]) or self._begin(customer)
        self._set(one, str((request.get_json(silent=True) or {}).get("status", "active")))
        return jsonify(one)

    def again(self, number: int) -> Answer:
        if number >= len(self._billing.events):
            raise Refused(404, "There is no such event.")
        self._courier.put(self._billing.events[number])
        return "", 202

    # -- inside --------------------------------------------------------------------------------------------

    def _begin(self, customer: str) -> dict[str, Any]:
        now = self._now()
        made: dict[str, Any] = {
            "id": _id("sub"),
            "object": "subscription",
            "customer": customer,
            "status": "active",
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "created": now,
            "items": {
                "object": "list",
                "data": [
                    {
                        "id": _id("si"),
                        "object": "subscription_item",
                        "current_period_start": now,
                        "current_period_end": now + _MONTH_SECONDS,
                        "price": {"id": self._config.stripe_price_id, "object": "price"},
                        "quantity": 1,
                    }
                ],
            },
        }
        self._billing.subscriptions[made["id"]] = made
        self._tell("customer.subscription.created", made)
        return made

    def _set(self, one: dict[str, Any], status: str) -> None:
        one["status"] = status
        if status == "canceled":
            one["canceled_at"] = self._now()
            self._tell("customer.subscription.deleted", one)
        else:
            self._tell("customer.subscription.updated", one)

    def _newest(self, customer: str) -> dict[str, Any] | None:
        theirs = [one for one in self._billing.subscriptions.values() if one["customer"] == customer]
        return theirs[-1] if theirs else None

    def _tell(self, kind: str, thing: Mapping[str, Any]) -> None:
        event = {
            "id": _id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self._now(),
            "type": kind,
            "data": {"object": json.loads(json.dumps(thing))},
        }
        self._billing.events.append(event)
        if self._config.stripe_webhook_url:
            self._courier.put(event)

    def _deliver(self, events: list[dict[str, Any]]) -> bool:
        body = json.dumps(events[0], indent=2).encode()
        stamp = int(time.time())
        signed = hmac.new(
            self._config.stripe_webhook_secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256
        )
        headers = {
            "Stripe-Signature": f"t={stamp},v1={signed.hexdigest()}",
            "Content-Type": "application/json",
        }
        try:
            answer = requests.post(
                self._config.stripe_webhook_url or "", data=body, headers=headers, timeout=_TIMEOUT_SECONDS
            )
        except requests.RequestException as error:
            _log.warning("news of plans was not taken: %s", type(error).__name__)
            return False
        return answer.ok

    def _now(self) -> int:
        return int(self._world.now().timestamp())

    def _check_key(self) -> None:
        if request.headers.get("Authorization") != f"Bearer {self._config.stripe_secret_key}":
            raise Refused(401, "Invalid API Key provided.")

    def _customer(self, customer: str) -> dict[str, Any]:
        if customer not in self._billing.customers:
            raise Refused(404, f"No such customer: '{customer}'")
        return self._billing.customers[customer]

    def _session(self, session: str) -> dict[str, Any]:
        if session not in self._billing.sessions:
            raise Refused(404, "There is no such page.")
        return self._billing.sessions[session]

    def _portal(self, portal: str) -> dict[str, Any]:
        if portal not in self._billing.portals:
            raise Refused(404, "There is no such page.")
        return self._billing.portals[portal]


def _say(refused: Refused) -> Answer:
    """Errors as the service words them."""
    error = {"type": "invalid_request_error", "message": str(refused)}
    return jsonify(error=error), refused.status


def _needed(name: str) -> str:
    value = request.form.get(name, "")
    if not value:
        raise Refused(400, f"Missing required param: {name}.")
    return value


def _metadata() -> dict[str, str]:
    fields = request.form.items()
    return {
        name[9:-1]: value for name, value in fields if name.startswith("metadata[") and name.endswith("]")
    }


def _onwards(address: str) -> Response:
    return redirect(address, 303)  # type: ignore[return-value]  # werkzeug's own answer


def _id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"
