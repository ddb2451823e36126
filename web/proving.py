"""What is dangerous asks people to prove once more who they are, when they last did so a while ago."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final, ParamSpec

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from web.security import local_path

P = ParamSpec("P")

RECENT: Final = timedelta(minutes=30)
_PROVEN = "proven_at"
HELD_BACK: Final = "held_back"
_MOST_HELD = 1500
"""Characters of a form that wait in the session, which is a cookie."""
_NEVER_HELD = ("password", "new_password", "code", "credential", "csrf_token")


def note_proof(at: float | None = None) -> None:
    """Whoever is signed in has shown that they are still the same, just now or ``at`` (seconds since the epoch)."""
    now = clock.machine_now().timestamp()
    session[_PROVEN] = max(session.get(_PROVEN, 0.0), now if at is None else min(at, now))


def is_recent() -> bool:
    """Whether who this is was shown in the last half hour. To have signed in is none by itself: see ``web.door``."""
    return clock.machine_now().timestamp() - float(session.get(_PROVEN, 0)) <= RECENT.total_seconds()


def proven(what: str) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """For views that do ``what`` (in words): they run after a recent proof alone. What was asked for is kept meanwhile."""

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if is_recent():
                return view(*args, **kwargs)
            session[HELD_BACK] = _asked(what)
            return redirect(url_for("proving.show"), 303)

        guarded.__dict__["proven"] = what  # so that nobody forgets it on a way in that is new
        return guarded

    return decorate


def _asked(what: str) -> dict[str, Any]:
    """What is held back. Of a form that is too long, or holds a secret, the page is kept that it was on."""
    fields = [[name, value] for name, value in request.form.items(multi=True) if name != "csrf_token"]
    too_long = sum(len(name) + len(value) for name, value in fields) > _MOST_HELD
    secret = any(name in _NEVER_HELD for name, _ in fields)
    again = request.method == "POST" and not too_long and not secret
    return {
        "what": what,
        "to": request.path,
        "fields": fields if again else None,
        "lost": too_long,
        "back": request.full_path.rstrip("?") if request.method == "GET" else _page_before(),
    }


def _page_before() -> str:
    """The page of ours on which the button was pressed."""
    before = request.referrer or ""
    path = before.removeprefix(request.host_url.rstrip("/")) if before.startswith(request.host_url) else "/"
    return local_path(path) or "/"
