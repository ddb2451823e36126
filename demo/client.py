"""The two parties that the story plays, over HTTP: the person who uses Dunnock, and the sandbox's own levers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from kit.errors import UserError

_SECONDS = 60


@dataclass(slots=True)
class Api:
    """Dunnock's API, as any program with a token sees it."""

    base: str
    token: str

    def get(self, path: str, **query: str) -> Any:
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask("POST", path, json=body)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask("PATCH", path, json=body)

    def each(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, limit="200", **query, **cursor)
            yield from page["items"]
            if not page["next_cursor"]:
                return
            cursor = {"cursor": page["next_cursor"]}

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        answer = requests.request(
            method,
            f"{self.base}/api/v1{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=_SECONDS,
            **options,
        )
        if not answer.ok:
            raise UserError(f"{method} {path} was answered {answer.status_code}: {answer.text[:300]}")
        return answer.json()


@dataclass(slots=True)
class Person:
    """Somebody with a browser."""

    app_url: str
    browser: requests.Session = field(default_factory=requests.Session)

    def connect(self, user: str, tenant: str) -> None:
        """Press "Sign up with Xero", choose the organisation on the ledger's consent page, allow."""
        start = self.browser.get(f"{self.app_url}/connect/xero", allow_redirects=False, timeout=_SECONDS)
        consent = urlsplit(start.headers["Location"])
        form = [*parse_qsl(consent.query), ("user", user), ("tenants", tenant), ("decision", "allow")]
        allowed = requests.post(
            consent._replace(query="").geturl(), data=form, allow_redirects=False, timeout=_SECONDS
        )
        if allowed.status_code not in (302, 303):
            raise UserError(f"The ledger's consent page answered {allowed.status_code}: {allowed.text[:200]}")
        arrived = self.browser.get(allowed.headers["Location"], timeout=_SECONDS)
        if not arrived.ok:
            raise UserError(f"Connecting ended with {arrived.status_code} at {urlsplit(arrived.url).path}.")

    def page(self, path: str) -> str:
        """What stands on a page, as its reader sees the words."""
        shown = self.browser.get(f"{self.app_url}{path}", timeout=_SECONDS)
        if not shown.ok:
            raise UserError(f"The page {path} answered {shown.status_code}.")
        return unescape(shown.text)


@dataclass(slots=True)
class Sandbox:
    """The levers of the pretend ledger and mail service."""

    base: str

    def load_book(self, name: str, currency: str, as_of: str, rows: list[dict[str, Any]]) -> str:
        """Load a book as an organisation of its own; returns its tenant id."""
        body = {"name": name, "currency": currency, "as_of": as_of, "rows": rows}
        return str(self._post("/sandbox/book", body)["tenant_id"])

    def organisations(self) -> list[dict[str, Any]]:
        return list(self._get("/sandbox/organisations"))

    def user(self) -> str:
        """Who can sign in."""
        return str(self._get("/sandbox/users")[0]["xero_userid"])

    def now(self) -> datetime:
        """The demo's time."""
        return datetime.fromisoformat(self._get("/sandbox/clock")["now"])

    def set_clock(self, moment: datetime) -> None:
        self._post("/sandbox/clock", {"set": moment.isoformat()})

    def webhooks(self, *, delivered: bool) -> None:
        """Whether the ledger's webhooks arrive, or get lost on the way."""
        self._post("/sandbox/webhooks", {"drop": not delivered})

    def pay(self, invoice_ledger_id: str) -> None:
        self._post(f"/sandbox/invoices/{invoice_ledger_id}/pay", {})

    def mails(self) -> list[dict[str, Any]]:
        return list(self._get("/sandbox/mail"))

    def reply(self, mail_id: str, text: str) -> None:
        self._post(f"/sandbox/mail/{mail_id}/reply", {"text": text})

    def texts(self) -> list[dict[str, Any]]:
        """The text messages that arrived."""
        return list(self._get("/sandbox/texts"))

    def answer_text(self, sid: str, said: str) -> None:
        """Answer a text message as the owner of the telephone."""
        self._post(f"/sandbox/texts/{sid}/reply", {"text": said})

    def notes(self, tenant: str) -> dict[str, list[str]]:
        """The texts of all notes in the ledger's history, by document id."""
        found: dict[str, list[str]] = {}
        for record in self._get(f"/sandbox/organisations/{tenant}/history"):
            found.setdefault(record["record_id"], []).append(record["details"])
        return found

    def _get(self, path: str) -> Any:
        return self._read(requests.get(self.base + path, timeout=_SECONDS), path)

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._read(requests.post(self.base + path, json=body, timeout=_SECONDS), path)

    @staticmethod
    def _read(answer: requests.Response, path: str) -> Any:
        if not answer.ok:
            raise UserError(f"The sandbox answered {answer.status_code} at {path}: {answer.text[:300]}")
        return answer.json() if answer.content else None
