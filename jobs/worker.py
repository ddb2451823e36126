"""``dunnock worker``: a few RQ workers under one supervisor, each with exactly one queue.

A worker with several queues can lose a job when it is killed, and a job that forks costs more than the
job; so each child is a simple worker on one queue, and a child that dies is started again. What a dead
child had in hand, the database still knows.

The supervisor loads all code before it forks, so that a child is at work at once and shares the memory of what
was loaded. It holds no connection and starts no thread: nothing of the kind could be shared.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.context import ForkProcess
from types import FrameType
from typing import Any

from rq import Queue, SimpleWorker
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from kit import clock, memory
from kit import log as logging_setup
from kit.doorbell import BULK, URGENT
from kit.errors import UserError
from kit.redis import connect, ensure_embedded
from kit.settings import Settings
from services import doors

log = logging.getLogger(__name__)

CREW = (URGENT, URGENT, URGENT, BULK)
"""Three for what somebody waits for, one for what is long. One organisation has one of the three at most, and the
mail provider's events and replies one each, so that a large organisation in full swing leaves room for others."""

_FORK = multiprocessing.get_context("fork")
_GRACE_SECONDS = 60.0
_RESTART_SECONDS = 1.0


class QueueWorker(SimpleWorker):
    """Comes back within seconds when Redis does, instead of within a minute."""

    max_connection_wait_time = 5.0
    log_result_lifespan = False

    def request_force_stop(self, _number: int, _frame: FrameType | None) -> None:
        """A second signal changes nothing: platforms send one to every process, and the supervisor sends another.

        No job is cut in the middle by us; who cannot wait any longer kills.
        """

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Every line that is logged meanwhile names the job and whom it is for (an organisation, or a tenant)."""
        whose = " ".join(map(str, job.args))
        with logging_setup.about(job=job.id, door=job.func_name or "", whose=whose):
            return super().perform_job(job, queue, execution)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """RQ would log what the exception says, which may quote what somebody wrote."""
        log.error("a job failed", exc_info=exc_info[1])

    def handle_job_failure(self, job: Job, queue: Queue, *args: Any, **options: Any) -> None:
        """RQ would keep what the exception says in Redis."""
        super().handle_job_failure(job, queue, *args, **{**options, "exc_string": "See the log."})


@dataclass
class _Child:
    queue: str
    process: ForkProcess


def run(found: Settings) -> None:
    """Run the crew until SIGTERM; then let every child finish the job it has in hand."""
    connect(found).close()  # starts the embedded server, so that the children find one
    _load_jobs()
    children = [_start(queue, found) for queue in CREW]
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    log.info("worker is up with %d children", len(children))
    while not stopping.wait(_RESTART_SECONDS):
        _keep_redis(found)
        for child in children:
            if not child.process.is_alive():
                log.warning("a worker of the %s queue ended and is started again", child.queue)
                child.process = _start(child.queue, found).process
    _stop(children)


def _load_jobs() -> None:
    """All that any job needs, before the children are made."""
    for door in (getattr(doors, name) for name in dir(doors) if name.isupper()):
        import_module(door.rpartition(".")[0])
    memory.settle()


def _keep_redis(found: Settings) -> None:
    """Start the embedded server again if it has ended: nobody else would. A server by address is somebody else's."""
    if not found.embedded_redis:
        return
    try:
        ensure_embedded(found.var_dir)
    except UserError as error:
        log.error("%s", error)


def _start(queue: str, found: Settings) -> _Child:
    process = _FORK.Process(target=work, args=(queue, found, os.getpid()), name=f"worker of {queue}")
    process.start()
    return _Child(queue, process)


def _stop(children: list[_Child]) -> None:
    deadline = clock.stopwatch() + _GRACE_SECONDS
    while (
        alive := [one.process for one in children if one.process.is_alive()]
    ) and clock.stopwatch() < deadline:
        for process in alive:
            process.terminate()  # again and again: one that was just made may not have been listening yet
        alive[0].join(_RESTART_SECONDS)
    for child in children:
        child.process.kill()


def work(queue: str, found: Settings, parent: int) -> None:
    """One child: work on one queue until told to stop, or until the supervisor is gone."""
    os.setsid()  # what a terminal sends to its group is for the supervisor to answer
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    connection = connect(found, patient=True)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    worker = QueueWorker(
        [Queue(queue, connection=connection, serializer=JSONSerializer)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=90,
    )
    worker.work(with_scheduler=False, logging_level="WARNING")


def _follow(parent: int) -> None:
    """End warmly when the supervisor was killed: nobody else would stop us."""
    while os.getppid() == parent:
        clock.pause(1)
    os.kill(os.getpid(), signal.SIGTERM)
