"""Workers that are told to stop, that sleep too long, or that are all called for the same thing at once."""

from __future__ import annotations

import signal
from functools import partial

from rq import Queue
from rq.serializers import JSONSerializer

from kit.doorbell import URGENT
from services import doors
from tests.faults import points
from tests.faults.points import Minefield
from tests.faults.town import Town

_RINGS = 50


def test_a_worker_told_to_stop_brings_the_mail_in_its_hand_to_an_end(town: Town, mines: Minefield) -> None:
    """It is frozen right before the first byte, told to stop, and thawed: the order reaches it in mid-send."""
    firm = town.firm("Told To Stop", 4)
    before_first_byte = points.CALL[0]
    mines.arm(before_first_byte, signal=signal.SIGSTOP)
    firm.go_live()
    town.until(lambda: mines.was_hit(before_first_byte))

    supervisor = town.stage.running["worker"]
    supervisor.terminate()
    mines.wake(before_first_byte)
    assert supervisor.wait(timeout=120) == 0
    assert not {"sending", "unknown"} & set(firm.statuses())

    town.stage.start("worker")
    firm.finish()
    assert firm.check().states == {"delivered": 4}


SLEEPS = (points.CLAIM[1], points.LOOK[1], points.HAND_OVER[1], *points.CALL)
"""Where a sender falls asleep; with no transaction open, as others would have to wait for that."""


def test_a_sender_that_slept_too_long_neither_doubles_nor_lies(town: Town, mines: Minefield) -> None:
    firms = dict(zip(SLEEPS, town.move_in({point.title: 2 for point in SLEEPS}), strict=True))
    for point, firm in firms.items():
        mines.arm(point, of=firm.id, signal=signal.SIGSTOP)
        firm.go_live()
        town.until(partial(mines.was_hit, point), f"for a sleeper at {point.title}")
        town.pass_time()
        town.end_turns()
        town.until(firm.has_sent, f"for somebody else to take over at {point.title}")
        mines.wake(point)
    for firm in firms.values():
        firm.finish()
        count = firm.check()
        assert count.states == {"delivered": 2} and count.mails == 2


def test_the_same_job_rung_fifty_times_on_several_workers_is_one_mail_each(town: Town) -> None:
    firm = town.firm("Fifty Rings", 5)
    town.stop("worker")
    firm.go_live()
    with town.redis() as redis:
        queue = Queue(URGENT, connection=redis, serializer=JSONSerializer)
        for _ in range(_RINGS):
            queue.enqueue(doors.SEND, firm.id)
    town.stage.start("worker")
    town.start_another("worker")
    firm.finish()
    assert firm.check().states == {"delivered": 5}
