"""Logging to stderr: lines for people in development, JSON in production. Ids only, never names or addresses.

What an exception says is never logged: it may quote a mail, a row or a request. Its type and its place are.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType

from kit.settings import ROOT

_MOST_CAUSES = 4
_MOST_PLACES = 12
_SECRETS = re.compile(
    r"""[^\s"'<>()\[\]:;,=]+@[\w.-]+                          # a mail address
    | \beyJ[\w-]+(?:\.[\w-]+)+                                # a token of OAuth
    | \b(?:dk_|SG\.)[\w.-]{8,}                                # a key to our API, or to the mail provider's
    | (?<=/a/)[\w-]{16,}                                      # the link to a customer's account page
    | (?<=/invitations/)[\w.-]{16,} | (?<=/new-password/)[\w-]{16,}  # what somebody was mailed to come in by
    | (?<=/not-me/)[\w.-]{16,}                                # and to put others out by
    | \b(?:Bearer|Basic)\s+\S+
    | \b(?:token|code|state|secret|password|key|ip)=[^\s&]+   # in an address, or as servers write it
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What no line should hold in the first place. This is the second wall, for lines that others write."""

_NOTHING = MappingProxyType[str, str]({})
_about: ContextVar[MappingProxyType[str, str]] = ContextVar("about", default=_NOTHING)


def configure(*, as_json: bool, level: int = logging.INFO) -> None:
    """Set up the root logger of this process, once; what nobody catches is logged in the same way."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if as_json else _Line())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in (
        "urllib3",
        "python_http_client",
        "werkzeug",
        "alembic.runtime",
        "rq.worker",
        "rq.scheduler",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    sys.excepthook = lambda _, error, __: root.critical("this process ends", exc_info=error)
    threading.excepthook = lambda caught: root.error("a thread ended", exc_info=caught.exc_value)


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Put these ids on every line that is logged within the block."""
    before = _about.set(MappingProxyType({**_about.get(), **ids}))
    try:
        yield
    finally:
        _about.reset(before)


def describe(error: BaseException) -> str:
    """The types of an exception and its causes, and where each was raised: ``KeyError (services/send.py:40 take)``."""
    words: list[str] = []
    found: BaseException | None = error
    while found is not None and len(words) < _MOST_CAUSES:
        words.append(f"{type(found).__module__}.{type(found).__qualname__} ({_places(found)})")
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return " after ".join(words)


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_PLACES:]
    return ", ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(ROOT))
    return "/".join(path.parts[-2:])


def _clean(text: str) -> str:
    """One line, whatever is in it, so that nobody can write lines of their own into the log."""
    return _SECRETS.sub("[…]", "".join(sign if sign.isprintable() else " " for sign in text))


class _Line(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        words = [
            self.formatTime(record),
            f"{record.levelname:<7}",
            f"{record.name} ",
            _clean(record.getMessage()),
        ]
        words += [f"{name}={_clean(value)}" for name, value in _about.get().items()]
        if record.exc_info and record.exc_info[1]:
            words.append(f"– {describe(record.exc_info[1])}")
        return " ".join(words)


class _Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _clean(record.getMessage()),
            **{name: _clean(value) for name, value in _about.get().items()},
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = describe(record.exc_info[1])
        return json.dumps(line)
