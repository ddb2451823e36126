"""Every bell has somebody who answers it."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from jobs.clock import ROUNDS
from services import doors

DOORS = sorted(value for name, value in vars(doors).items() if name.isupper())


@pytest.mark.parametrize("door", DOORS)
def test_every_door_is_a_job_with_at_most_one_argument(door: str) -> None:
    module, name = door.rsplit(".", 1)
    job = getattr(import_module(module), name)
    assert len(inspect.signature(job).parameters) <= 1


def test_the_clock_finds_work_for_every_door_but_the_one_that_readers_ring_at() -> None:
    assert sorted([*(round_.door for round_ in ROUNDS), doors.FORESEE]) == DOORS
