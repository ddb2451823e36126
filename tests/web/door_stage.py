"""Somebody at the door: without a session, with an app for one-time codes."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services import invitations, ways_in
from services.app import App
from tests.support.cast import Cast
from tests.support.visitor import Visitor

PASSWORD = "four words nobody guesses"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class AtTheDoor:
    """A browser of somebody who is not signed in (yet)."""

    client: FlaskClient

    @classmethod
    def of(cls, visitor: Visitor) -> AtTheDoor:
        return cls(visitor.app.test_client())

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def press(self, path: str, on: str = "/sign-in", **fields: Any) -> TestResponse:
        """Send a form of the page ``on``."""
        found = _TOKEN.search(self.client.get(on).text)
        assert found, on
        return self.client.post(path, data={"csrf_token": found[1], **fields})

    def person_id(self) -> str | None:
        with self.client.session_transaction() as session:
            found: str | None = session.get("person_id")
        return found

    def age(self, seconds: float) -> None:
        """The sign-in and the last proof are so much older."""
        with self.client.session_transaction() as session:
            session["signed_in_at"] -= seconds
            if "proven_at" in session:
                session["proven_at"] -= seconds


def invite(app: App, stage: Cast, email: str = "bea@hedgerow.example", role: str = "chaser") -> str:
    """The path of a fresh invitation."""
    made = invitations.invite(
        app, kind="member", email=email, role=role, by="Anna Hale", organisation_id=stage.organisation_id
    )
    return made.link.removeprefix(app.settings.public_url)


_HALF_MINUTE = 30
_LONG_ENOUGH = 6


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows now, or some half minutes later. Near the end of one it waits, as people do: hashing takes a while."""
    left = _HALF_MINUTE - time.time() % _HALF_MINUTE
    if left < _LONG_ENOUGH:
        time.sleep(left)
    return pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=steps)


@dataclass
class Somebody:
    """Somebody with a password and one-time codes. Each code is good once, so they take the next ones."""

    person_id: str
    email: str
    secret: str
    recovery_codes: list[str]


def joined(app: App, stage: Cast, email: str = "bea@hedgerow.example", role: str = "chaser") -> Somebody:
    """A colleague who has joined with a password; the code of half a minute ago was used for it."""
    token = invite(app, stage, email, role).removeprefix("/invitations/")
    secret = pyotp.random_base32()
    kept: list[str] = []

    def join(session: Any, invitation: Any, now: Any) -> str:
        person = ways_in.newcomer(session, ways_in.fresh_id(), invitation.email, "Bea Kwok", now)
        kept.extend(ways_in.add_password(app, session, person, PASSWORD, secret, code_of(secret, -1)))
        return person.id

    invitations.accept(app, token, join)
    return Somebody(invitations.taken_by(app, token), email, secret, kept)
