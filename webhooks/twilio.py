"""What Twilio posts: what became of our text messages, and the texts that come in.

Both are verified, stored and acknowledged; nothing is understood here. A 5xx makes Twilio come again.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from integration.sms.signature import SIGNATURE_HEADER, is_genuine
from kit import clock
from services import text_intake
from services.app import App
from store.receiving import Unavailable

webhooks_twilio = Blueprint("webhooks_twilio", __name__)

LARGEST_FORM = 64 * 1024
"""Bytes; a text has at most 1,600 characters, and some forty short fields beside it."""
MOST_FIELDS = 200
_EMPTY_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
"""Nothing is answered by text."""


@webhooks_twilio.post("/webhooks/twilio/status")
def status() -> Response:
    """What became of a text."""
    form = _genuine_form()
    if form is None:
        return _empty(401)
    text_intake.take_report(_app(), request.args.to_dict(), form, clock.now())
    return _empty(200)


@webhooks_twilio.post("/webhooks/twilio/inbound")
def inbound() -> Response:
    """A text from somebody."""
    form = _genuine_form()
    if form is None:
        return _empty(401)
    text_intake.take_reply(_app(), form, clock.now())
    return Response(_EMPTY_ANSWER, content_type="text/xml")


@webhooks_twilio.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> Response:
    return _empty(413)


@webhooks_twilio.errorhandler(Unavailable)
def not_stored(_error: Unavailable) -> Response:
    return _empty(503)


def _genuine_form() -> list[tuple[str, str]] | None:
    """The fields of the form, if Twilio has signed them for the address that we gave it."""
    settings = _app().settings
    if not settings.twilio_auth_token:
        return None
    request.max_content_length = LARGEST_FORM
    body = request.get_data(cache=False)
    try:
        form = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"
        )
    except ValueError:
        return None
    query = request.query_string.decode("ascii", "replace")
    address = f"{settings.public_url}{request.path}{'?' + query if query else ''}"
    given = request.headers.get(SIGNATURE_HEADER, "")
    if not is_genuine(settings.twilio_auth_token, address, form, given):
        return None
    return [(name, value.replace("\0", "")) for name, value in form]


def _app() -> App:
    app: App = current_app.extensions["dunnock"]
    return app


def _empty(status: int) -> Response:
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response
