"""``dunnock worker``: a few RQ workers under one supervisor, each with exactly one queue.

A worker with several queues can lose a job when it is killed, and a job that forks costs more than the
job; so each child is a simple worker on one queue, and a child that dies is started again. What a dead
child had in hand, the database still knows.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from types import FrameType
from typing import Any

from rq import Queue, SimpleWorker
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from kit import clock, memory, settings
from kit import log as logging_setup
from kit.doorbell import BULK, URGENT
from kit.errors import UserError
from kit.redis import connect, ensure_embedded
from kit.settings import ROOT, Settings

log = logging.getLogger(__name__)

CREW = (URGENT, URGENT, URGENT, BULK)
"""Three for what somebody waits for, one for what is long. One organisation has one of the three at most, and the
mail provider's events and replies one each, so that a large organisation in full swing leaves room for others."""

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
    process: subprocess.Popen[bytes]


def run(found: Settings) -> None:
    """Run the crew until SIGTERM; then let every child finish the job it has in hand."""
    connect(found).close()  # starts the embedded server, so that the children find one
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    children = [_start(queue) for queue in CREW]
    log.info("worker is up with %d children", len(children))
    while not stopping.wait(_RESTART_SECONDS):
        _keep_redis(found)
        for child in children:
            if child.process.poll() is not None:
                log.warning("a worker of the %s queue ended and is started again", child.queue)
                child.process = _start(child.queue).process
    _stop(children)


def _keep_redis(found: Settings) -> None:
    """Start the embedded server again if it has ended: nobody else would. A server by address is somebody else's."""
    if not found.embedded_redis:
        return
    try:
        ensure_embedded(found.var_dir)
    except UserError as error:
        log.error("%s", error)


def _start(queue: str) -> _Child:
    command = [sys.executable, "-m", "jobs.worker", queue, str(os.getpid())]
    return _Child(
        queue, subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
    )


def _stop(children: list[_Child]) -> None:
    for child in children:
        child.process.terminate()
    deadline = clock.stopwatch() + _GRACE_SECONDS
    for child in children:
        try:
            child.process.wait(timeout=max(deadline - clock.stopwatch(), 0.1))
        except subprocess.TimeoutExpired:
            child.process.kill()


def work(queue: str, parent: int) -> None:
    """One child: work on one queue until told to stop, or until the supervisor is gone."""
    found = settings.load()
    logging_setup.configure(as_json=found.production)
    connection = connect(found, patient=True)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    worker = QueueWorker(
        [Queue(queue, connection=connection, serializer=JSONSerializer)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=90,
    )
    memory.settle()
    worker.work(with_scheduler=False, logging_level="WARNING")


def _follow(parent: int) -> None:
    """End warmly when the supervisor was killed: nobody else would stop us."""
    while os.getppid() == parent:
        clock.pause(1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    work(sys.argv[1], int(sys.argv[2]))
