"""The points at which processes are killed, each with its name, and how they are armed.

A point is a moment (before or after a commit, a request, an answer) in one function of the product. It is reached
from outside: ``crash/sitecustomize.py`` is loaded into every process and watches what passes by.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import Literal

from kit import clock

Moment = Literal[
    "before the commit",
    "after the commit",
    "before the request",
    "after the answer",
    "before the insert",
    "after the insert",
]
CRASH = Path(__file__).parent / "crash"
_LOOKS = 200


@dataclass(frozen=True, slots=True)
class Point:
    """Where a process dies. ``places``: functions of the product as ``file:function``, all of them on the stack."""

    name: str
    moment: Moment
    places: tuple[str, ...]
    asks: int = 0
    """Chasers of this moment that only a person can settle, because nothing can tell whether they left."""

    @property
    def title(self) -> str:
        return f"{self.name}, {self.moment}"


def _commit(name: str, *places: str, asks_after: int = 0) -> tuple[Point, Point]:
    return Point(name, "before the commit", places), Point(name, "after the commit", places, asks_after)


def _call(name: str, *places: str, asks_before: int = 0) -> tuple[Point, Point]:
    return Point(name, "before the request", places, asks_before), Point(name, "after the answer", places)


def _arrival(name: str, *places: str) -> tuple[Point, Point]:
    return Point(name, "before the insert", places), Point(name, "after the insert", places)


PLAN = _commit("the plan", "services/plan.py:_plan_pass")
"""Switching to live plans in the web process; later plans are made by workers."""

CLAIM = _commit("the claim", "services/send.py:_claim")
LOOK = _commit("the last look at the ledger", "services/last_look.py:look")
HAND_OVER = _commit("the hand-over", "services/handover.py:hand_over", asks_after=1)
CALL = _call("the mail provider's call", "integration/email/sendgrid.py:_exchange", asks_before=1)

NOTE = (
    *_commit("the claim of a note", "services/note_desk.py:take"),
    *_call("the note into the ledger", "services/note_desk.py:_put"),
    *_commit("the note as written", "services/note_desk.py:write"),
)

WAY_OF_A_CHASER = (
    *CLAIM,
    *_call("the last look at the ledger", "services/last_look.py:look"),
    *LOOK,
    *HAND_OVER,
    *CALL,
    *_commit("the mail as sent", "services/delivery.py:_sent"),
    *NOTE,
)
"""From the claim to the note."""

ANSWER_WRITTEN = _commit("the answer as written", "web/api/dispatch.py:_within_one_change")
"""The web process dies while somebody sends the form; nobody hears whether it was taken."""
_ANSWER_SENT = _commit("the answer as sent", "services/answers_out.py:_sent")
_ANSWER_TO_HAND = _commit("the answer's hand-over", "services/answers_out.py:_hand_over", asks_after=1)
WAY_OF_AN_ANSWER = (
    *ANSWER_WRITTEN,
    *_ANSWER_TO_HAND,
    *_call("the answer's call", "services/answers_out.py:_by_mail", asks_before=1),
    *_ANSWER_SENT,
    *NOTE,
)
"""From the form to the note, of an answer by mail."""
WAY_OF_AN_ANSWER_BY_TEXT = (
    *ANSWER_WRITTEN,
    *_ANSWER_TO_HAND,
    *_call("the answer's call", "services/answers_out.py:_by_text", asks_before=1),
    *_ANSWER_SENT,
    *NOTE,
)
ANSWER_ABANDONED = _commit("what the dead sender of an answer left", "services/answers_out.py:_settle_old")

ABANDONED = _commit("what a dead sender left", "services/abandoned.py:settle")
"""The clock process dies while it puts in order what another left behind."""

MAIL_EVENTS = (
    *_arrival("the provider's report", "webhooks/sendgrid.py:events"),
    *_commit("the claim of reports", "services/mail_events.py:handle"),
    *_commit("the report as handled", "services/mail_events.py:handle", "services/inbox_loop.py:_handle"),
)
LEDGER_NEWS = (
    *_arrival("the ledger's webhook", "webhooks/xero.py:receive_xero"),
    *_call("the news from the ledger", "services/mirror/events.py:follow"),
    *_commit("the news from the ledger", "services/mirror/events.py:_take_over"),
)
REPLIES = (
    *_arrival("the reply", "webhooks/sendgrid.py:inbound"),
    *_commit("the claim of a reply", "services/replies.py:handle"),
    *_commit("the reply as handled", "services/replies.py:handle", "services/inbox_loop.py:_handle"),
)
IMPORT = (
    *_call("a page of the import", "services/mirror/slices.py:_read"),
    *_commit("a page of the import", "services/mirror/slices.py:_read"),
)
TOKENS = (
    *_call("the renewal of the ledger's token", "integration/xero/identity.py:refresh_tokens"),
    *_commit("the renewed token", "services/tokens.py:_store"),
)
CLOCK = _commit("the clock's turn", "jobs/clock.py:tick")


@dataclass(frozen=True, slots=True)
class Minefield:
    """The points that are armed for one town's processes."""

    folder: Path

    def env(self) -> dict[str, str]:
        """What the processes need in their environment."""
        for name in ("armed", "hit"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        return {"CRASH_DIR": str(self.folder), "PYTHONPATH": str(CRASH)}

    def arm(self, point: Point, *, of: str = "", signal: Signals = Signals.SIGKILL) -> None:
        """Whoever comes to this point dies there, once; ``of`` one organisation or tenant alone, else of any."""
        draft = self.folder / f"{self._file(point)}.draft"
        armed = {"moment": point.moment, "places": point.places, "of": of, "signal": signal}
        draft.write_text(json.dumps(armed))
        draft.rename(self.folder / "armed" / self._file(point))

    def clear(self) -> None:
        """Begin anew."""
        for file in (*self.folder.glob("armed/*"), *self.folder.glob("hit/*")):
            file.unlink()

    def was_hit(self, point: Point) -> bool:
        """Whether a process has died there."""
        return (self.folder / "hit" / self._file(point)).exists()

    def victim(self, point: Point) -> int:
        """The process that got the signal there."""
        return int((self.folder / "hit" / self._file(point)).read_text())

    def wake(self, point: Point) -> None:
        """Thaw the process that a SIGSTOP froze there, if it still lives; not before it really stands still."""
        victim = self.victim(point)
        for _ in range(_LOOKS):
            if _state(victim) in {"", "T"}:
                break
            clock.pause(0.05)
        with suppress(ProcessLookupError):
            os.kill(victim, Signals.SIGCONT)

    @staticmethod
    def _file(point: Point) -> str:
        return f"{point.title}.json"


def _state(process: int) -> str:
    """The letter that ``ps`` has for what the process does, T when it stands still; empty when there is none."""
    asked = ["ps", "-o", "state=", "-p", str(process)]
    return subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip()[:1]
