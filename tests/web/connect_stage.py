"""A visitor of Dunnock's pages who signs in at the sandbox ledger, as a browser would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from sandbox.ledger import DEFAULT_USER_ID
from services.app import App
from tests.integration.xero.consent import consent
from tests.services.connection_stage import Stage
from web import assemble
from web.connect import connect
from web.pages import PAGES

CALLBACK = "/connect/xero/callback"


def pages(app: App) -> Flask:
    """The web application, as far as signing in needs it."""
    return assemble(app, *PAGES, connect)


@dataclass
class Visitor:
    play: Stage
    browser: FlaskClient

    def begin(self, path: str = "/connect/xero", **query: str) -> dict[str, str]:
        """Go to the ledger's consent page; what it is asked."""
        answer = self.browser.get(path, query_string=query)
        assert answer.status_code == 302, answer.text
        asked = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in asked.items()}

    def allow(self, asked: dict[str, str], *tenants: str, user: str = DEFAULT_USER_ID) -> dict[str, str]:
        """Say yes there; what goes back."""
        return consent(self.play.box, asked, tenants, user)

    def come_back(self, fields: dict[str, str]) -> TestResponse:
        return self.browser.get(CALLBACK, query_string=fields)

    def sign_in(self, *tenants: str, user: str = DEFAULT_USER_ID, **query: str) -> TestResponse:
        return self.come_back(self.allow(self.begin(**query), *tenants, user=user))

    def person_id(self) -> str | None:
        with self.browser.session_transaction() as session:
            found: str | None = session.get("person_id")
        return found

    def csrf(self, page: str) -> str:
        """The token of a form on the page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.browser.get(page).text)
        assert found, page
        return found[1]


def stored(play: Stage) -> dict[str, int]:
    """How much of what a sign-in leaves is in the database."""
    tables = ("people", "authorisations", "organisations", "memberships")
    with play.app.database.read_across() as session:
        return {
            name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables
        }  # fixed names


NOTHING = {"people": 0, "authorisations": 0, "organisations": 0, "memberships": 0}
