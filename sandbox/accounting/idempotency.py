"""Idempotency-Key on writes: the first answer is repeated for six minutes, errors included."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, request

from sandbox.accounting.errors import ApiError, bad_request
from sandbox.accounting.session import current_org
from sandbox.world import World

KEPT = timedelta(minutes=6)
LONGEST_KEY = 128

View = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class _Answer:
    fingerprint: str
    at: datetime
    status: int
    body: bytes
    content_type: str


class IdempotencyStore:
    """Answers by key, for the one app this sandbox knows. Writes with a key run one after the other."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._answers: dict[str, _Answer] = {}

    def once(self, view: View) -> View:
        """A view that does its work once for a key; without a key it works every time."""

        @functools.wraps(view)
        def guarded(*args: str, **kwargs: str) -> Response:
            key = request.headers.get("Idempotency-Key")
            if not key:
                return view(*args, **kwargs)
            if len(key) > LONGEST_KEY:
                raise bad_request(f"The Idempotency-Key is longer than {LONGEST_KEY} characters.")
            with self._world.lock:
                return self._replay(key) or self._keep(key, lambda: view(*args, **kwargs))

        return guarded

    def _replay(self, key: str) -> Response | None:
        self._forget_old()
        known = self._answers.get(key)
        if known is None:
            return None
        if known.fingerprint != _fingerprint():
            raise bad_request("The Idempotency-Key was used with a different request.")
        return Response(known.body, status=known.status, content_type=known.content_type)

    def _keep(self, key: str, work: Callable[[], Response]) -> Response:
        try:
            answer = work()
        except ApiError as error:
            answer = error.response()
        kind = answer.content_type or ""
        now = self._world.now()
        self._answers[key] = _Answer(_fingerprint(), now, answer.status_code, answer.get_data(), kind)
        return answer

    def _forget_old(self) -> None:
        limit = self._world.now() - KEPT
        self._answers = {key: answer for key, answer in self._answers.items() if answer.at > limit}


def _fingerprint() -> str:
    parts = (request.method, request.full_path, current_org().tenant_id)
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + request.get_data()).hexdigest()
