"""A customer in front of its account page: an organisation whose mail has left, and a browser with nothing but the link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse, encode_multipart

from services.app import App
from store.models import AccountLink
from tests.support.chasing import Chasing, chasing
from web import create_app

SECRET = "a secret that is long enough for tests"
FROM_HERE = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
_FORM = re.compile(r'name="form" value="([^"]+)"')
_LINK = re.compile(r"https://[\w.:-]+(/a/[A-Za-z0-9_-]{22})")


@dataclass
class Debtor:
    """Somebody who opens the link in the last mail."""

    org: Chasing
    web: Flask
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, page: str = "", **how: Any) -> TestResponse:
        return self.web.test_client().get(self.path + page, buffered=True, headers=self.headers, **how)

    def words(self, page: str = "") -> str:
        """What a page says, without its markup."""
        answer = self.get(page)
        assert answer.status_code == 200, answer.status
        return said(answer)

    def token(self, page: str) -> str:
        """What a form carries."""
        found = _FORM.search(self.get(page).text)
        assert found, "no form on this page"
        return found[1]

    def tell(self, what: str, *, token: str | None = None, **fields: Any) -> TestResponse:
        """Fill in one of the forms and send it."""
        page = f"/tell/{what}"
        data = {"form": token or self.token(page), **fields}
        boundary, body = encode_multipart(MultiDict(data))  # in memory, whatever its size
        return self.web.test_client().post(
            self.path + page,
            data=body,
            content_type=f"multipart/form-data; boundary={boundary}",
            headers={**FROM_HERE, **self.headers},
        )

    def follow(self, answer: TestResponse) -> TestResponse:
        assert answer.status_code == 303, said(answer)
        return self.web.test_client().get(answer.location, buffered=True, headers=self.headers)

    def link(self) -> AccountLink:
        with self.org.app.database.read(self.org.organisation_id) as session:
            return session.scalars(select(AccountLink).order_by(AccountLink.created_at.desc())).first()  # type: ignore[return-value]


def said(answer: TestResponse) -> str:
    """The text of a page, each gap one space."""
    body = re.sub(r"<(style|head)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def link_in(text: str) -> str:
    """The path of the link in a mail."""
    found = _LINK.search(text)
    assert found, text
    return found[1]


def set_anew(org: Chasing, **settings: str) -> None:
    """The same organisation in a process with other settings, on the same database."""
    app = App(replace(org.app.settings, **settings))  # type: ignore[arg-type]
    app.database = org.app.database
    org.app = app


@contextmanager
def debtor(database_url: str, folder: Path, redis_url: str, **fields: Any) -> Iterator[Debtor]:
    """A first reminder about one invoice has left, and its reader has opened the link."""
    with chasing(database_url, folder, redis_url=redis_url, **fields) as org:
        set_anew(org, secret_key=SECRET)
        org.one_due()
        org.send()
        (mail,) = org.mailer.taken
        yield Debtor(org, create_app(org.app), link_in(mail.text))
