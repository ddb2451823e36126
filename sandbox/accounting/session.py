"""What the gate found out about the request being answered: who calls, and for which organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import g

from sandbox.access import AccessToken
from sandbox.world import Organisation


@dataclass(frozen=True, slots=True)
class Session:
    """The caller's token, the organisation asked for, and the limit headers of the answer."""

    token: AccessToken
    org: Organisation
    headers: dict[str, str]


def begin(session: Session) -> None:
    """Remember the session for this request."""
    g.accounting_session = session


def begun() -> Session | None:
    """The session, or None when the request was refused before one began."""
    return cast("Session | None", g.get("accounting_session"))


def current_org() -> Organisation:
    """The organisation this request is about."""
    session = begun()
    assert session is not None, "the gate lets nothing through without a session"
    return session.org
