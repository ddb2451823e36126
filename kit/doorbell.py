"""The doorbell: tells a worker that there may be work. What the work is, the database knows.

A ring that gets lost costs speed, never work, because the clock process rings again for whatever still
waits. A ring that comes twice costs one look. So rings are cheap: while one for the same door is still
waiting, another is not queued.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import redis
from rq import Queue
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)

URGENT = "urgent"
"""Webhooks, checks, sending, notes: short, and somebody waits for them."""
BULK = "bulk"
"""Imports and sweeps: long, and cut into slices."""

_PENDING_SECONDS = 30
JOB_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Line:
    """The jobs that wait in a queue: how many, and since when the first of them."""

    length: int
    oldest: datetime | None


class Doorbell:
    """Rings for jobs by their dotted name, with ids only as arguments."""

    def __init__(self, connection: redis.Redis) -> None:
        self._connection = connection
        self._queues = {
            name: Queue(name, connection=connection, serializer=JSONSerializer) for name in (URGENT, BULK)
        }

    def ring(self, job: str, *ids: str, queue: str = URGENT) -> bool:
        """Queue the job unless the same ring is still waiting. False when Redis is away: the sweep will find the work."""
        key = _key(job, ids)
        try:
            if self._connection.set(key, 1, nx=True, ex=_PENDING_SECONDS):
                self._queues[queue].enqueue(
                    job, *ids, job_timeout=JOB_SECONDS, result_ttl=0, failure_ttl=3600
                )
            return True
        except redis.RedisError as error:
            log.warning("doorbell is silent: %s", type(error).__name__)
            return False

    def lines(self) -> dict[str, Line]:
        """By queue, who waits there; nothing while Redis is away."""
        try:
            return {name: self._line(queue) for name, queue in self._queues.items()}
        except redis.RedisError as error:
            log.warning("the queues cannot be looked at: %s", type(error).__name__)
            return {}

    def _line(self, queue: Queue) -> Line:
        """The first in the list is the next to be worked on. Its moment is read as text, because a job may just be gone."""
        first = cast("bytes | None", self._connection.lindex(queue.key, 0))
        told = cast(
            "bytes | None",
            self._connection.hget(f"rq:job:{first.decode()}", "enqueued_at") if first else None,
        )
        return Line(queue.count, datetime.fromisoformat(told.decode()) if told else None)

    def answered(self, job: str, *ids: str) -> None:
        """The job has begun: the next ring is a new one."""
        try:
            self._connection.delete(_key(job, ids))
        except redis.RedisError as error:
            log.warning("doorbell is silent: %s", type(error).__name__)


def _key(job: str, ids: tuple[str, ...]) -> str:
    return ":".join(("bell", job, *ids))


class SoftDoorbell:
    """A doorbell for web requests: rings from a thread of its own and at most once in ``gap`` seconds a door.

    Queueing costs milliseconds and may wait for Redis; a webhook's answer must not.
    """

    def __init__(self, doorbell: Doorbell, gap: float = 0.25) -> None:
        self._doorbell = doorbell
        self._gap = gap
        self._doors: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()
        self._somebody = threading.Event()
        self._thread: threading.Thread | None = None

    def ring(self, job: str, *ids: str) -> None:
        """Ring soon."""
        with self._lock:
            self._doors.add((job, *ids))
            if self._thread is None:  # begun here, so that a forked server has its own thread
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()
        self._somebody.set()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._somebody.wait()
            self._somebody.clear()
            with self._lock:
                doors, self._doors = self._doors, set()
            for job, *ids in sorted(doors):
                try:
                    self._doorbell.ring(job, *ids)
                except (
                    Exception
                ):  # whatever it is: without this thread no later ring of the process would be heard
                    log.exception("a ring was lost; the clock process finds the work")
            pause.wait(self._gap)
