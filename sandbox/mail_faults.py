"""Failures of the mail API on demand: what it answers, how often, and whether the mail is kept anyway."""

from __future__ import annotations

import socket
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, request

_MESSAGES = {
    400: "The from address does not match a verified Sender Identity.",
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "access forbidden",
    404: "not found",
    413: "content too large",
    429: "too many requests",
    500: "internal server error",
    502: "bad gateway",
    503: "The service is unavailable.",
    504: "gateway timeout",
}
ANSWERS = (*map(str, _MESSAGES), "hang", "drop-after", "drop-before")
_RETRY_AFTER_SECONDS = "2"


@dataclass(frozen=True)
class MailFault:
    """One failure; `accept`: the mail is kept although the caller is told otherwise, or told nothing."""

    answer: str
    accept: bool = False
    seconds: float = 60.0

    def response(self) -> Response:
        """The failing answer; a hang waits `seconds` and then, like a dropped one, cuts the connection."""
        if self.answer.isdigit():
            return _error(int(self.answer))
        if self.answer == "hang":
            threading.Event().wait(self.seconds)
        _cut_connection()
        return _error(503)


def faults_from_json(given: Any) -> list[MailFault]:
    """The failures a control request asks for; raises `ValueError` with a sentence when it is unclear."""
    given = given if isinstance(given, dict) else {}
    answer, times, seconds = str(given.get("answer")), given.get("times", 1), given.get("seconds", 60)
    if answer not in ANSWERS:
        raise ValueError(f'"answer" has to be one of {", ".join(ANSWERS)}, not {answer}.')
    if not isinstance(times, int) or not isinstance(seconds, int | float) or times < 1:
        raise ValueError('"times" has to be a whole number from 1 and "seconds" a number.')
    accept = answer == "drop-after" or (answer != "drop-before" and bool(given.get("accept", False)))
    return [MailFault(answer, accept, seconds)] * times


class MailFaults:
    """The failures still to come, first in first out."""

    def __init__(self) -> None:
        self._waiting: deque[MailFault] = deque()

    def add(self, faults: list[MailFault]) -> int:
        """Queue these and give how many wait now."""
        self._waiting.extend(faults)
        return len(self._waiting)

    def take(self) -> MailFault | None:
        """The failure this request meets, if any."""
        return self._waiting.popleft() if self._waiting else None

    def clear(self) -> None:
        """Be well again."""
        self._waiting.clear()


def _error(status: int) -> Response:
    response = jsonify(errors=[{"message": _MESSAGES[status], "field": None, "help": None}])
    response.status_code = status
    if status == 429:
        response.headers.update(
            {
                "Retry-After": _RETRY_AFTER_SECONDS,
                "X-RateLimit-Limit": "600",
                "X-RateLimit-Remaining": "0",
            }
        )
    return response


def _cut_connection() -> None:
    """Shut the caller's socket, so that no answer arrives; a test client has none and gets the answer."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
