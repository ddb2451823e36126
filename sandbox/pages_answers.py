"""How the pages answer: a document, a redirect after a form, or 404."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import abort, redirect, url_for
from werkzeug.wrappers import Response

T = TypeVar("T")
Answer = str | Response | tuple[Any, int]


def see_other(endpoint: str, **values: Any) -> Response:
    """Send the browser on to a page of ours after a form was taken."""
    return redirect(url_for(f"sandbox_pages.{endpoint}", **values), code=303)


def found_or_404(thing: T | None, what: str) -> T:
    """The thing, or an answer that there is no such one."""
    if thing is None:
        abort(404, f"There is no such {what}.")
    return thing
