"""Who calls: a token stands for one organisation and one role."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NoReturn
from zoneinfo import ZoneInfo

from flask import abort, make_response, request
from sqlalchemy.orm import Session

from kit import clock
from kit.wording import N_
from services import api_tokens
from services.app import App
from services.roles import Right, may
from store.models import Organisation
from web import errors, limits
from web.acting import now_acts
from web.security import dunnock

_WHO = "Say who you are: send the header Authorization with “Bearer” and an API token."
_UNKNOWN = "This API token is not known, or was revoked. Make a new one with dunnock token create."


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds the token, at the moment of the request."""

    app: App
    organisation_id: str
    role: str
    token_id: str
    now: datetime
    _doors: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Who did it, as people read it: ``the API (owner token 7f3a9c21)``."""
        return N_(f"the API ({self.role} token {self.token_id[:8]})")

    def organisation(self, session: Session) -> Organisation:
        return session.get_one(Organisation, self.organisation_id)

    def today(self, session: Session) -> date:
        """The organisation's day."""
        return self.now.astimezone(ZoneInfo(self.organisation(session).timezone)).date()

    def ring_later(self, *doors: str) -> None:
        """Ring at these doors once the change is committed."""
        self._doors.extend(doors)

    def ring(self) -> None:
        """Ring for what was asked; the change is committed."""
        for door in self._doors:
            self.app.soft_doorbell.ring(door, self.organisation_id)


def caller_with(right: Right) -> Caller:
    """Who makes this request; 401 without a token in force, 403 when its role lacks the right."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        _refuse(_WHO, "Bearer")
    app = dunnock()
    token = api_tokens.look_up(app, given.token)
    if token is None:
        limits.take(limits.UNKNOWN_TOKEN)
        _refuse(_UNKNOWN, 'Bearer error="invalid_token"')
    if not may(token.role, right):
        abort(
            403, f"A token of the role {token.role} may not do this; it needs the right to {_words(right)}."
        )
    caller = Caller(app, token.organisation_id, token.role, token.id, clock.now())
    now_acts(caller.name, None, "api", token_id=token.id)
    return caller


def _refuse(sentence: str, challenge: str) -> NoReturn:
    response = make_response(errors.answer(401, sentence))
    response.headers["WWW-Authenticate"] = challenge
    abort(response)


def _words(right: Right) -> str:
    return right.value.replace("_", " ")
