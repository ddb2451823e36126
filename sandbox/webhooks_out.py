"""Sends the ledger's webhooks: batches, retries every fifteen minutes, gives up after a day.

Events are delivered in order. A refused batch is tried again at once, then every 15 minutes by the sandbox's
clock, everything younger waiting behind it; after 24 hours the subscription is disabled, and what happened
since is kept 31 days until `validate` is passed again.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import requests

from sandbox.config import SandboxConfig
from sandbox.webhook_wire import body_of, signature_of
from sandbox.world import LedgerEvent, World

ANSWER_SECONDS = 5.0
RETRY_EVERY = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(hours=24)
KEPT = timedelta(days=31)
BATCH = 50
GATHER_SECONDS = 0.2
"""Real seconds to wait for more events before a payload leaves."""
TICK_SECONDS = 0.25
"""Real seconds between looks at the sandbox's clock, which can jump."""


@dataclass(slots=True)
class Switches:
    """How deliveries misbehave: lose every event, send every payload twice, newest event first."""

    drop: bool = False
    duplicate: bool = False
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One post to the receiver; `status` 0 means that no answer came within five seconds."""

    at: datetime
    status: int
    body: str
    answer_length: int
    sets_cookie: bool

    @property
    def delivered(self) -> bool:
        """Any 2xx counts."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Check:
    """One request of the intent-to-receive check and what came of it."""

    signed_correctly: bool
    attempt: Attempt

    @property
    def problem(self) -> str | None:
        """What the portal would say, or None."""
        if self.attempt.status == 0:
            return "No response within 5 seconds"
        if self.signed_correctly and not self.attempt.delivered:
            return "Response not 2xx"
        if not self.signed_correctly and self.attempt.status != 401:
            return "Response to incorrectly signed payload not 401"
        if self.attempt.answer_length:
            return "Response contains a body"
        return "Response sets a cookie" if self.attempt.sets_cookie else None


@dataclass(slots=True)
class _Batch:
    body: bytes
    made_at: datetime


@dataclass(slots=True)
class _State:
    """Where delivery stands; guarded by the sender's lock."""

    disabled: bool = False
    sequence: int = 0
    waiting: deque[_Batch] = field(default_factory=deque)
    failing_since: datetime | None = None
    next_try: datetime | None = None
    attempts: deque[Attempt] = field(default_factory=lambda: deque(maxlen=500))


class WebhookSender:
    """The one subscription of a sandbox. `start` runs it in a thread; `flush` runs one round by hand."""

    def __init__(self, world: World, config: SandboxConfig) -> None:
        self.url = config.webhook_url
        self.switches = Switches()
        self._world, self._key = world, config.webhook_key
        self._state = _State()
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Deliver in the background until `stop`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread; what waits stays undelivered."""
        self._stopping.set()
        self._world.events_waiting.set()
        if self._thread is not None:
            self._thread.join(timeout=ANSWER_SECONDS + 1)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._world.events_waiting.wait(TICK_SECONDS):
                self._stopping.wait(GATHER_SECONDS)
            self._world.run_due()
            if not self._stopping.is_set():
                self.flush()

    def flush(self) -> int:
        """Deliver what is due now; returns how many payloads arrived."""
        with self._lock:
            self._gather()
            state, arrived = self._state, 0
            if self.url is None or state.disabled or (state.next_try and self._world.now() < state.next_try):
                return 0
            while state.waiting:
                if not self._deliver(state.waiting[0].body):
                    self._postpone()
                    break
                state.waiting.popleft()
                state.failing_since = state.next_try = None
                arrived += 1
            return arrived

    def _gather(self) -> None:
        """Turn the world's events into payloads; numbers are used up even by events that get lost."""
        with self._world.lock:
            events = list(self._world.events)
            self._world.events.clear()
            self._world.events_waiting.clear()
        state, now = self._state, self._world.now()
        for start in range(0, len(events), BATCH):
            part = events[start : start + BATCH]
            first, state.sequence = state.sequence + 1, state.sequence + len(part)
            if self.url is not None and not self.switches.drop:
                state.waiting.append(_Batch(self._body(part, first, state.sequence), now))
        while state.waiting and now - state.waiting[0].made_at > KEPT:
            state.waiting.popleft()

    def _body(self, events: list[LedgerEvent], first: int, last: int) -> bytes:
        return body_of(events[::-1] if self.switches.reverse else events, first, last)

    def _deliver(self, body: bytes) -> bool:
        """Post once, and once more at once if that failed; twice each when duplicating."""
        delivered = False
        for _ in range(2 if self.switches.duplicate else 1):
            delivered = self._post(body).delivered or self._post(body).delivered
        return delivered

    def _postpone(self) -> None:
        state, now = self._state, self._world.now()
        state.failing_since = state.failing_since or now
        state.next_try = now + RETRY_EVERY
        state.disabled = now - state.failing_since >= GIVE_UP_AFTER

    def _post(self, body: bytes, signature: str | None = None) -> Attempt:
        headers = {
            "Content-Type": "application/json",
            "x-xero-signature": signature or signature_of(body, self._key),
            "User-Agent": "Xero Webhooks",
        }
        try:
            answer = requests.post(
                self.url or "", data=body, headers=headers, timeout=ANSWER_SECONDS, allow_redirects=False
            )
            status, length, cookie = answer.status_code, len(answer.content), "Set-Cookie" in answer.headers
        except requests.RequestException:
            status, length, cookie = 0, 0, False
        attempt = Attempt(self._world.now(), status, body.decode(), length, cookie)
        self._state.attempts.append(attempt)
        return attempt

    def validate(self) -> list[Check]:
        """The intent-to-receive check: three wrong signatures, one right. Passing enables the subscription."""
        if self.url is None:
            raise ValueError("There is no webhook address; set one first.")
        with self._lock:
            checks = [self._check(correct) for correct in (False, False, True, False)]
            if all(check.problem is None for check in checks):
                self._state.disabled = False
                self._state.failing_since = self._state.next_try = None
            return checks

    def _check(self, correct: bool) -> Check:
        body = body_of([], 0, 0)
        right = signature_of(body, self._key)
        return Check(correct, self._post(body, right if correct else _spoilt(right)))

    def report(self) -> dict[str, object]:
        """Where delivery stands, for the control API."""
        with self._lock:
            state = self._state
            return {
                "url": self.url,
                "status": "disabled" if state.disabled else "retrying" if state.next_try else "ok",
                "waiting": len(state.waiting) + len(self._world.events),
                "sequence": state.sequence,
                "next_try": state.next_try.isoformat() if state.next_try else None,
                "drop": self.switches.drop,
                "duplicate": self.switches.duplicate,
                "reverse": self.switches.reverse,
                "attempts": [
                    {"at": a.at.isoformat(), "status": a.status, "body": a.body} for a in state.attempts
                ],
            }


def _spoilt(signature: str) -> str:
    """The same signature with its first character changed, as the real check sends it."""
    return ("/" if signature[0] != "/" else "A") + signature[1:]
