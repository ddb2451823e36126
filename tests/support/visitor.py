"""Somebody who looks at pages and presses their buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kit import clock

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser without a screen. ``signed_in_as`` gives another one with a session."""

    app: Flask

    def signed_in_as(self, person_id: str) -> Member:
        client = self.app.test_client()
        with client.session_transaction() as session:
            session.permanent = True
            session["person_id"] = person_id
            session["signed_in_at"] = session["proven_at"] = clock.machine_now().timestamp()
        return Member(self.app, client)

    def get(self, path: str) -> TestResponse:
        return self.app.test_client().get(path, buffered=True)


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in browser."""

    app: Flask
    client: FlaskClient

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(
            path, headers={name.replace("_", "-"): value for name, value in headers.items()}, buffered=True
        )

    def words(self, path: str) -> str:
        """What a page says, without its markup."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status}"
        return words(answer)

    def press(self, path: str, **fields: Any) -> TestResponse:
        """Send a form of ours, with the token that every form carries."""
        return self.client.post(path, data={"csrf_token": self._token(), **fields})

    def _token(self) -> str:
        found = _TOKEN.search(self.client.get("/organisations").text)
        assert found, "no form on the page of organisations"
        return found[1]


def words(answer: TestResponse) -> str:
    """The text of a page, without its markup, each gap one space."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())
