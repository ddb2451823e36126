"""Who came in when, by which way and with which browser; and who was here last."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services.app import App
from store.away import AWAY
from store.models import Person, SignIn
from store.queries import signing_in as queries

SHOWN: Final = 20
_KEPT = timedelta(days=400)
_SEEN_WITHIN = timedelta(minutes=10)
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""The first that a browser names is it: each also names those that it wants to be taken for."""
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def came_in(app: App, person_id: str, way: str, user_agent: str) -> None:
    """Keep that somebody came in. ``way``: xero, passkey, password, recovery_code."""
    now = clock.now()
    with app.database.write_across() as session:
        session.add(
            SignIn(id=new_id(), person_id=person_id, at=now, way=way, browser=browser_words(user_agent))
        )
        queries.seen(session, person_id, now, now)


def seen(app: App, person: Person) -> None:
    """Somebody asks for a page. Written once in a while, and left alone while the database cannot write."""
    now = clock.now()
    if person.last_seen_at is None or person.last_seen_at < now - _SEEN_WITHIN:
        with suppress(*AWAY), app.database.write_across() as session:
            queries.seen(session, person.id, now, now - _SEEN_WITHIN)


def tidy(app: App) -> None:
    """Forget what is over, and encrypt secrets with the newest of TOKEN_KEYS."""
    now = clock.now()
    with app.database.write_across() as session:
        queries.forget(session, now, now - _KEPT)
        if app.settings.token_keys:
            _by_newest_key(app, session)


def _by_newest_key(app: App, session: Session) -> None:
    for row in queries.with_secrets(session):
        if not app.secrets.is_by_newest(row.codes_cipher):
            with suppress(UserError):
                row.codes_cipher = app.secrets.rotate(row.codes_cipher)


def browser_words(user_agent: str) -> str:
    """A browser as a person would name it: Firefox on Windows."""
    browser = next((words for mark, words in _BROWSERS if mark in user_agent), "")
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or _plain(user_agent) or N_("Unknown")


def browser_said(kept: str) -> str:
    """What ``browser_words`` found, in the language of the moment."""
    browser, on, system = kept.partition(" on ")
    return _("%(browser)s on %(system)s", browser=browser, system=system) if on else _(kept)


def _plain(user_agent: str) -> str:
    """The first word of what a program calls itself."""
    found = re.match(r"[A-Za-z][\w.-]{0,39}", user_agent)
    return found[0] if found else ""


def shown(session: Session, person_id: str) -> list[tuple[datetime, str, str]]:
    """Moment, way and browser of the last ones, newest first."""
    return [
        (one.at, one.way, browser_said(one.browser)) for one in queries.sign_ins(session, person_id, SHOWN)
    ]
