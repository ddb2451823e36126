"""What SendGrid posts: the events of our mails, and the mails that come in.

Both are verified, stored and acknowledged; nothing is understood here. A 5xx makes SendGrid come again.
"""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from integration.email.event_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, is_genuine
from kit import clock
from services import mail_intake
from services.app import App
from store.receiving import Unavailable

webhooks_sendgrid = Blueprint("webhooks_sendgrid", __name__)

LARGEST_EVENTS = 5 * 1024 * 1024
LARGEST_MAIL = 32 * 1024 * 1024
"""Bytes; SendGrid takes mails of up to 30 MB, and the form around them needs some room."""


@webhooks_sendgrid.post("/webhooks/sendgrid/events")
def events() -> Response:
    """A signed list of events."""
    app = _app()
    if not app.settings.sendgrid_event_public_key:
        return _empty(401)
    request.max_content_length = LARGEST_EVENTS
    body = request.get_data(cache=False)
    signature = request.headers.get(SIGNATURE_HEADER, "")
    timestamp = request.headers.get(TIMESTAMP_HEADER, "")
    now = clock.now()
    if not is_genuine(app.settings.sendgrid_event_public_key, signature, timestamp, body, now):
        return _empty(401)
    mail_intake.take_events(app, body, now)
    return _empty(200)


@webhooks_sendgrid.post("/webhooks/sendgrid/inbound")
def inbound() -> Response:
    """A mail to one of our reply addresses; the token in the address shows that SendGrid posts it."""
    app = _app()
    if not _is_token(app, request.args.get("token", "")):
        return _empty(401)
    request.max_content_length = LARGEST_MAIL
    body = request.get_data(cache=False)
    mail_intake.take_reply(app, request.headers.get("Content-Type", ""), body, clock.now())
    return _empty(200)


@webhooks_sendgrid.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Response:
    return _empty(413)


@webhooks_sendgrid.errorhandler(Unavailable)
def not_stored(_error: Unavailable) -> Response:
    return _empty(503)


def _app() -> App:
    app: App = current_app.extensions["dunnock"]
    return app


def _is_token(app: App, given: str) -> bool:
    expected = app.settings.inbound_mail_token
    return bool(expected) and hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _empty(status: int) -> Response:
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response
