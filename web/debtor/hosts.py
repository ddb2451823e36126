"""Names under which only account pages are served: those that organisations have proved to be their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from kit import clock
from services.account_words import words_in
from services.merge_fields import one_line
from store.models import Organisation
from store.queries import account_pages
from web import errors
from web.errors import guessed_language
from web.security import dunnock

_KEPT_SECONDS: Final = 30.0
_SERVED = ("debtor.", "static")


@dataclass(slots=True)
class Hosts:
    """The names, read again every half minute."""

    read_at: float | None = None
    names: dict[str, list[str]] = field(default_factory=dict)


def install(app: Flask) -> None:
    """Serve nothing but account pages under such a name."""
    app.extensions["hosts"] = Hosts()
    app.before_request(_nothing_else)


def own_name() -> str | None:
    """The name of this request, in small letters, if it is an organisation's own; None: it is ours."""
    name = urlsplit(f"//{request.host}").hostname or ""
    if name == (urlsplit(dunnock().settings.public_url).hostname or ""):
        return None
    return name if name in names() else None


def names() -> dict[str, list[str]]:
    """The names, each with the organisations whose it is."""
    kept: Hosts = current_app.extensions["hosts"]
    now = clock.stopwatch()
    if kept.read_at is None or now - kept.read_at > _KEPT_SECONDS:
        with dunnock().database.read_across() as session:
            kept.names = account_pages.proved_hosts(session)
        kept.read_at = now
    return kept.names


def _nothing_else() -> ResponseReturnValue | None:
    g.own_name = own_name()
    if g.own_name is None or (request.endpoint or "").startswith(_SERVED):
        return None
    return front_page() if request.path == "/" and request.method in ("GET", "HEAD") else errors.answer(404)


def front_page() -> ResponseReturnValue:
    """The first page under an organisation's own name, for whoever types it without a link."""
    language = guessed_language()
    with dunnock().database.read_across() as session:
        found = [session.get(Organisation, one) for one in names().get(g.own_name, [])]
    return render_template(
        "debtor/front.html",
        t=words_in(language),
        language=language,
        organisations=[one_line(one.name) for one in found if one],
    )
