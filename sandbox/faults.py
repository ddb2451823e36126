"""Faults on demand: the next matching requests get a limit, an error, a wrong body, or no answer at all.

A fault sits around the whole app, so it works for every imitated service. `drop-after` does the work and then
cuts the connection without an answer; `drop-before` cuts it without doing anything.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from sandbox.accounting.gate import SLOW
from sandbox.accounting.limits import remaining_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HANG_SECONDS = 60.0
SLOW_SECONDS = 1.0
RETRY_AFTER = {"minute": 30, "day": 3600, "appminute": 30}
ANSWERS = (
    "429-minute",
    "429-day",
    "429-concurrent",
    "429-appminute",
    "401",
    "403",
    "500",
    "503",
    "drop-before",
    "drop-after",
    "truncate",
    "redirect",
    "unknown-enum",
    "empty",
    "other-tenant",
    "hang",
    "html",
    "slow",
)
UNKNOWN_CODE = re.compile(rb'("(?:CurrencyCode|BaseCurrency|ContactStatus|PaymentType)":\s*)"[A-Z-]+"')


class UnknownFault(ValueError):
    """There is no such fault; the text names those there are."""


class ConnectionCut(ConnectionAbortedError):
    """The server's signal to stop writing; the client sees its connection closed."""


@dataclass(slots=True)
class Fault:
    """What to do to the next `times` requests that match; a negative number means all of them.

    Empty match fields match everything. `delay_seconds` is how long "hang" and "slow" take;
    `retry_after` overrides the seconds told by 429 and 503; `as_tenant` is whose data "other-tenant" gives.
    """

    answer: str
    times: int = 1
    method: str = ""
    path_prefix: str = ""
    tenant: str = ""
    delay_seconds: float | None = None
    retry_after: int | None = None
    as_tenant: str = ""

    def matches(self, environ: WSGIEnvironment) -> bool:
        """Whether this request is meant."""
        tenant = environ.get("HTTP_XERO_TENANT_ID", "")
        return (
            self.times != 0
            and self.method.upper() in ("", environ["REQUEST_METHOD"])
            and environ.get("PATH_INFO", "").startswith(self.path_prefix)
            and self.tenant.lower() in ("", tenant.lower())
        )


class FaultBook:
    """The faults waiting to happen, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Arm a fault."""
        if fault.answer not in ANSWERS:
            raise UnknownFault(f"There is no fault '{fault.answer}'; choose one of {', '.join(ANSWERS)}.")
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._faults.clear()

    def waiting(self) -> list[Fault]:
        """The faults still armed."""
        with self._lock:
            return list(self._faults)

    def take(self, environ: WSGIEnvironment) -> Fault | None:
        """The fault for this request, used up by one."""
        if environ.get("PATH_INFO", "").startswith("/sandbox/"):
            return None
        with self._lock:
            fault = next((f for f in self._faults if f.matches(environ)), None)
            if fault is not None and fault.times > 0:
                fault.times -= 1
            self._faults = [f for f in self._faults if f.times != 0]
            return fault


class FaultMiddleware:
    """Stands in front of the app and lets armed faults happen."""

    def __init__(self, app: WSGIApplication, faults: FaultBook) -> None:
        self._app, self._faults = app, faults
        self._actions: dict[str, Callable[[Fault, WSGIEnvironment], Response]] = {
            "hang": self._hang,
            "slow": self._slow,
            "drop-before": self._drop_before,
            "drop-after": self._drop_after,
            "truncate": self._truncate,
            "unknown-enum": self._unknown_enum,
            "empty": self._empty,
            "other-tenant": self._other_tenant,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the app does, unless a fault is due."""
        fault = self._faults.take(environ)
        if fault is None:
            return self._app(environ, start_response)
        action = self._actions.get(fault.answer)
        answer = action(fault, environ) if action else _canned(fault)
        return answer(environ, start_response)

    def _real(self, environ: WSGIEnvironment) -> Response:
        """What the app answers, with its work done."""
        body, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        return Response(b"".join(body), status, headers)

    def _hang(self, fault: Fault, environ: WSGIEnvironment) -> Response:
        time.sleep(HANG_SECONDS if fault.delay_seconds is None else fault.delay_seconds)
        raise ConnectionCut

    def _slow(self, fault: Fault, environ: WSGIEnvironment) -> Response:
        environ[SLOW] = SLOW_SECONDS if fault.delay_seconds is None else fault.delay_seconds
        return self._real(environ)

    def _drop_before(self, _fault: Fault, environ: WSGIEnvironment) -> Response:
        raise ConnectionCut

    def _drop_after(self, _fault: Fault, environ: WSGIEnvironment) -> Response:
        self._real(environ)
        raise ConnectionCut

    def _truncate(self, _fault: Fault, environ: WSGIEnvironment) -> Response:
        """The full Content-Length, half the body, then a closed connection."""
        answer = self._real(environ)
        body = answer.get_data()

        def half() -> Iterable[bytes]:
            yield body[: len(body) // 2]
            shut(environ)
            raise ConnectionCut

        headers = answer.headers.copy()
        headers["Content-Length"] = str(len(body))
        return Response(half(), answer.status, headers)

    def _unknown_enum(self, _fault: Fault, environ: WSGIEnvironment) -> Response:
        """The real answer with one code in it that no client knows yet."""
        answer = self._real(environ)
        answer.set_data(UNKNOWN_CODE.sub(rb'\1"NEWCODE"', answer.get_data(), count=1))
        return answer

    def _empty(self, _fault: Fault, environ: WSGIEnvironment) -> Response:
        """A whole and well-formed answer whose list has lost its rows."""
        answer = self._real(environ)
        if answer.is_json:
            body = json.loads(answer.get_data())
            bare = {key: [] if isinstance(value, list) else value for key, value in body.items()}
            if "pagination" in bare:
                bare["pagination"] = {**bare["pagination"], "pageCount": 0, "itemCount": 0}
            answer.set_data(json.dumps(bare))
        return answer

    def _other_tenant(self, fault: Fault, environ: WSGIEnvironment) -> Response:
        """What another organisation would have been answered."""
        return self._real({**environ, "HTTP_XERO_TENANT_ID": fault.as_tenant})


def shut(environ: WSGIEnvironment) -> None:
    """Close the client's connection at once."""
    connection: socket.socket | None = environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)


def _canned(fault: Fault) -> Response:
    """The faults that answer without asking the app."""
    if fault.answer.startswith("429-"):
        return _limited(fault)
    if fault.answer == "redirect":
        return Response(status=302, headers={"Location": "/somewhere-else"})
    if fault.answer == "html":
        page = "<!doctype html><title>Just a moment</title>"
        return Response(page, content_type="text/html; charset=utf-8")
    answer = Response(status=int(fault.answer), content_type="text/html; charset=utf-8")
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def _limited(fault: Fault) -> Response:
    problem = fault.answer.removeprefix("429-")
    headers = {
        **remaining_headers(
            minute=0 if problem == "minute" else 59,
            day=0 if problem == "day" else 4999,
            app_minute=0 if problem == "appminute" else 9999,
        ),
        "X-Rate-Limit-Problem": problem,
    }
    wait = RETRY_AFTER.get(problem) if fault.retry_after is None else fault.retry_after
    if wait is not None:
        headers["Retry-After"] = str(wait)
    return Response(status=429, headers=headers)
