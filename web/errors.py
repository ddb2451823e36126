"""What is answered when something is wrong: a page for people, problem+json for the API, nothing for webhooks."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from kit.errors import UserError
from kit.wording import N_, _
from services.account_words import codes, words_in
from store.away import AWAY

log = logging.getLogger(__name__)

_PAGES = {
    400: (
        "We could not use that",
        "Something in the request was not as expected. Go back and try once more.",
    ),
    403: ("Not yours to do", "Your role in this organisation does not allow this."),
    404: (
        "Nothing here",
        "This page does not exist, or it belongs to an organisation that you are not a member of.",
    ),
    405: ("Not that way", "This address cannot be used like that. Go back and use the button on the page."),
    413: ("Too large", "That was more than we take in one go. Make it smaller and try again."),
    503: (
        "Not just now",
        "Something that we need does not answer just now. Nothing was changed. Try again soon.",
    ),
    500: ("That was our fault", "Something went wrong here. Nothing was sent. Try again in a moment."),
}
_FOR_CUSTOMERS = {403: "foreign", 413: "large", 429: "busy"}
LARGEST_FILE_MB = 5
"""What customers can send with an answer."""
_EXPIRED = N_(
    "This form was open for too long, or your session ended. Go back, reload the page and try again."
)


def install(app: Flask) -> None:
    """Answer every error of the app in the way of its address."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(UserError, lambda error: answer(400, str(error)))
    for away in AWAY:
        app.register_error_handler(away, _away)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:  # somebody has already written the whole answer
        return error.response
    if isinstance(error, CSRFError):
        return answer(400, _(_EXPIRED))
    written_here = error.description if error.description != type(error).description else None
    response = make_response(answer(error.code or 500, written_here))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _away(error: Exception) -> ResponseReturnValue:
    """The database is gone, locked or full: nothing was changed, and trying again soon is right."""
    log.error("the database is away: %s", type(error).__name__)
    return answer(503)


def answer(status: int, sentence: str | None = None) -> ResponseReturnValue:
    """The error in the form that fits the address: page, JSON or an empty body."""
    title, usual = _PAGES.get(
        status, (HTTPStatus(status).phrase, "This did not work. Go back and try once more.")
    )
    if _is_for_customers():
        return for_customers(status, _FOR_CUSTOMERS.get(status, "away" if status >= 500 else "lost"))
    if request.path.startswith("/webhooks/"):
        return make_response(b"", status)
    if request.path.startswith("/api/"):
        return _problem(status, sentence)
    return render_template(
        "pages/error.html", status=status, title=_(title), sentence=_(sentence or usual)
    ), status


def for_customers(status: int, key: str) -> ResponseReturnValue:
    """The error on an account page, in the reader's language; ``key`` is one of the words “wrong” of that page."""
    language = guessed_language()
    words = words_in(language)
    sentence = words["wrong"][key].format(size=LARGEST_FILE_MB)
    return render_template("debtor/error.html", t=words, language=language, sentence=sentence), status


def guessed_language() -> str:
    """The language of a customer of whom nothing is known: as asked for in the address, else as the browser is."""
    asked = request.args.get("lang")
    return asked if asked in codes() else request.accept_languages.best_match(codes()) or "en"


def _is_for_customers() -> bool:
    return request.path.startswith("/a/") or bool(g.get("own_name"))


def _problem(status: int, sentence: str | None) -> ResponseReturnValue:
    phrase = HTTPStatus(status).phrase
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        sentence = sentence or _PAGES[status][1]
    body = {"type": "about:blank", "title": phrase, "status": status, "detail": sentence or f"{phrase}."}
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response
