"""What Stripe posts about accounts and subscriptions: verified, stored, acknowledged, and understood later.

A 5xx makes Stripe come again, for three days.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from integration.billing.signature import SIGNATURE_HEADER, is_genuine
from kit import clock
from services.app import App
from services.plans_and_usage import intake
from store.receiving import Unavailable

webhooks_stripe = Blueprint("webhooks_stripe", __name__)

LARGEST_EVENT = 1024 * 1024


@webhooks_stripe.post("/webhooks/stripe")
def events() -> Response:
    """One signed event."""
    app: App = current_app.extensions["dunnock"]
    request.max_content_length = LARGEST_EVENT
    body = request.get_data(cache=False)
    header = request.headers.get(SIGNATURE_HEADER, "")
    if not is_genuine(app.settings.stripe_webhook_secret, header, body, clock.machine_now()):
        return _empty(401)
    return _empty(200 if intake.take(app, body, clock.now()) else 400)


@webhooks_stripe.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Response:
    return _empty(413)


@webhooks_stripe.errorhandler(Unavailable)
def not_stored(_error: Unavailable) -> Response:
    return _empty(503)


def _empty(status: int) -> Response:
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response
