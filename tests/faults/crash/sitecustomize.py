"""Kills the process that loads it, at the points that are armed. Python loads it by its name from PYTHONPATH.

The product knows nothing of this. What it is about to do is seen from outside: by SQLAlchemy's events, by the audit
event of ``http.client``, and by which functions are on the stack. What is armed lies as one JSON file a point in the
folder that CRASH_DIR names; whoever dies there first moves the file away, so each point kills once. Instead of
SIGKILL a point may name another signal: SIGSTOP freezes the process right there.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

_ROOT = Path(__file__).resolve().parents[3]
_WRITES = re.compile(r"\s*(WITH\b.*)?(INSERT|UPDATE|DELETE)\b", re.DOTALL)
_OURS = f"{_ROOT}{os.sep}"
_JOBS = f"{_ROOT / 'jobs'}{os.sep}"


class Points:
    """The points that are armed at this moment."""

    def __init__(self, folder: Path) -> None:
        self._armed, self._hit = folder / "armed", folder / "hit"
        self._known: dict[str, dict[str, Any]] = {}

    def come(self, moment: str) -> None:
        """Such a moment has come: dies here if that is armed for what this process is doing."""
        points = [(name, point) for name, point in self._all() if point["moment"] == moment]
        if not points:
            return
        places, asked = _doing()
        for name, point in points:
            meant = not point["of"] or point["of"] in asked
            if meant and places.issuperset(point["places"]) and self._take(name):
                os.kill(os.getpid(), point["signal"])

    def _all(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for file in sorted(self._armed.iterdir()):
            try:
                if file.name not in self._known:
                    self._known[file.name] = json.loads(file.read_text())
            except FileNotFoundError:
                continue  # another process has just died by it
            yield file.name, self._known[file.name]

    def _take(self, name: str) -> bool:
        draft = self._hit.parent / f"{name}.{os.getpid()}"
        try:
            (self._armed / name).rename(draft)
        except FileNotFoundError:
            return False
        draft.write_text(str(os.getpid()))
        draft.rename(self._hit / name)
        return True


def _doing() -> tuple[set[str], set[str]]:
    """Our functions on the stack as ``services/send.py:_claim``, and what the jobs among them were asked to do it for."""
    places, asked = set(), set()
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(_OURS):
            places.add(f"{os.path.relpath(code.co_filename, _ROOT)}:{code.co_name}")
        if code.co_filename.startswith(_JOBS):
            asked |= {value for value in frame.f_locals.values() if isinstance(value, str)}
        frame = frame.f_back
    return places, asked


def _listen(points: Points) -> None:
    from sqlalchemy import Engine, Pool, event
    from sqlalchemy.orm import Session

    kept = threading.local()

    def before_statement(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if _WRITES.match(statement):
            connection.info["wrote"] = True
        if statement.startswith("INSERT INTO inbox_events"):
            points.come("before the insert")

    def audit(name: str, _: tuple[Any, ...]) -> None:
        if name == "http.client.send":
            points.come("before the request")

    def before_commit(connection: Any) -> None:
        kept.wrote = connection.info.pop("wrote", False)
        points.come("before the commit")

    def after_commit(_: Any) -> None:
        """A look that found nothing to do commits as well; somebody else may still do it, so nobody dies there."""
        wrote, kept.wrote = getattr(kept, "wrote", False), False
        if wrote:
            points.come("after the commit")

    event.listen(Engine, "commit", before_commit)
    event.listen(Engine, "rollback", lambda connection: connection.info.pop("wrote", None))
    event.listen(Session, "after_commit", after_commit)
    event.listen(Engine, "before_cursor_execute", before_statement)
    event.listen(Pool, "checkin", lambda *_: points.come("after the insert"))
    sys.addaudithook(audit)
    _listen_for_answers(points)


def _listen_for_answers(points: Points) -> None:
    """Nothing tells when an answer has come, so the standard library's own reading of its head is followed."""
    begin = http.client.HTTPResponse.begin

    def begun(self: http.client.HTTPResponse) -> None:
        begin(self)
        points.come("after the answer")

    http.client.HTTPResponse.begin = begun  # type: ignore[method-assign]


if folder := os.environ.get("CRASH_DIR"):
    _listen(Points(Path(folder)))
