"""Who acts in a request, for whatever is noted on the way: a visitor at first, then whoever turns out to be there."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from flask import Flask, g, request

from kit.acting import Acting, acting, acting_as

_CUSTOMERS = "/a/"
_OF_PROGRAMS = "/webhooks/"


def install(app: Flask) -> None:
    """Begin and end with each request."""
    app.before_request(_begin)
    app.teardown_request(_end)


def now_acts(name: str, person_id: str | None, via: str, *, token_id: str | None = None) -> None:
    """From here on to the end of the request these are the acts of this person, or this token."""
    _act(Acting(name, person_id, via, address=request.remote_addr, token_id=token_id))


def now_for_practice(practice_id: str) -> None:
    """The person of this request acts as staff of a practice."""
    _act(replace(acting(), practice_id=practice_id))


def _begin() -> None:
    if request.path.startswith(_OF_PROGRAMS):
        return
    customer = request.path.startswith(_CUSTOMERS)
    now_acts(*("a customer", None, "customer") if customer else ("a visitor", None, "page"))


def _act(who: Acting) -> None:
    if "acting" not in g:
        g.acting = ExitStack()
    stack: ExitStack = g.acting
    stack.enter_context(acting_as(who))


def _end(_error: BaseException | None) -> None:
    stack: ExitStack | None = g.pop("acting", None)
    if stack is not None:
        stack.close()
