"""Letting people in: what every way of signing in ends with, and the challenges that wait for an answer."""

from __future__ import annotations

from flask import Response, after_this_request, request, session

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import sign_ins, way_news
from services.passkeys import Challenge
from web.proving import note_proof
from web.security import begin_session, dunnock

_CHALLENGES = "challenges"
_NOT_STARTED = N_("That took too long, or was not started here. Try again.")


def let_in(person_id: str, way: str, proven_at: float | None = None) -> None:
    """A new session for whoever has proven to be this person, and a line in their list of sign-ins.

    ``proven_at``: when they did so elsewhere, in seconds since the epoch; without it, just now and here.
    """
    begin_session(person_id)
    note_proof(proven_at)
    sign_ins.came_in(dunnock(), person_id, way, request.user_agent.string)


def tell(person_id: str, what: str) -> None:
    """Tell them by mail that a way in of theirs was changed, once the answer has gone out. ``what``: in a sentence."""
    app, at, browser = dunnock(), clock.now(), sign_ins.browser_words(request.user_agent.string)

    @after_this_request
    def _(response: Response) -> Response:
        response.call_on_close(lambda: way_news.send(app, person_id, what, at, browser))
        return response


def keep_challenge(purpose: str, challenge: Challenge) -> None:
    """Wait for the answer to it, in this browser alone. A newer challenge for the same purpose takes its place."""
    waiting = dict(session.get(_CHALLENGES, {}))
    waiting[purpose] = {
        "value": challenge.value,
        "until": challenge.until,
        "person_id": challenge.person_id,
    }
    session[_CHALLENGES] = waiting


def take_challenge(purpose: str) -> Challenge:
    """The challenge that waits, which is then gone. ``UserError`` where none does."""
    waiting = dict(session.get(_CHALLENGES, {}))
    kept = waiting.pop(purpose, None)
    session[_CHALLENGES] = waiting
    if kept is None:
        raise UserError(_(_NOT_STARTED))
    return Challenge.of(kept)
