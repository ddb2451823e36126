"""Planning and sending."""

from __future__ import annotations

import services.bulk
import services.foresight
import services.plan
import services.planned_start
import services.plans_judged
import services.practice_switching
import services.promises_judged
import services.replays
import services.second_acts
import services.send
from jobs.process import app
from jobs.turns import in_turn
from kit.doorbell import BULK
from kit.turns import SLICE_SECONDS
from services import doors


def plan(organisation_id: str) -> None:
    """Look at the contacts of an organisation that are due."""
    in_turn(
        organisation_id,
        doors.PLAN,
        organisation_id,
        work=lambda: services.plan.plan(app(), organisation_id, seconds=SLICE_SECONDS).more,
    )


def start(organisation_id: str) -> None:
    """Go live, because the day that was chosen for it has come."""
    in_turn(
        organisation_id,
        doors.START,
        organisation_id,
        work=lambda: services.planned_start.work(app(), organisation_id),
    )


def send(organisation_id: str) -> None:
    """Send the chasers of an organisation that are due."""
    in_turn(
        organisation_id,
        doors.SEND,
        organisation_id,
        work=lambda: services.send.send(app(), organisation_id),
    )


def foresee(organisation_id: str) -> None:
    """Look at the contacts that a page of what comes still lacks."""
    bell = app().doorbell
    bell.answered(doors.FORESEE, organisation_id)
    if services.foresight.foresee(app(), organisation_id, seconds=SLICE_SECONDS):
        bell.ring(doors.FORESEE, organisation_id, queue=BULK)


def replay(organisation_id: str) -> None:
    """Go on with the replays that an organisation has asked for."""
    bell = app().doorbell
    bell.answered(doors.REPLAY, organisation_id)
    if services.replays.go_on(app(), organisation_id, SLICE_SECONDS):
        bell.ring(doors.REPLAY, organisation_id, queue=BULK)


def go_on_with_bulk(organisation_id: str) -> None:
    """Go on with what somebody does with many things at once."""
    bell = app().doorbell
    bell.answered(doors.BULK_RUNS, organisation_id)
    if services.bulk.work(app(), organisation_id, SLICE_SECONDS):
        bell.ring(doors.BULK_RUNS, organisation_id, queue=BULK)


def practice_runs(organisation_id: str) -> None:
    """Switch a client's chasing as its practice has asked for it."""
    in_turn(
        organisation_id,
        doors.PRACTICE_RUNS,
        organisation_id,
        work=lambda: services.practice_switching.work(app(), organisation_id),
    )


def carry_out_agreed(organisation_id: str) -> None:
    """Carry out what a second person has said yes to, and nobody has come to do."""
    in_turn(
        organisation_id,
        doors.SECOND_ACTS,
        organisation_id,
        work=lambda: services.second_acts.go_on(app(), organisation_id),
    )


def judge_promises(organisation_id: str) -> None:
    """Find out what became of promises and payment plans of an organisation."""
    in_turn(
        organisation_id,
        doors.PROMISES,
        organisation_id,
        work=lambda: _judge(organisation_id),
    )


def _judge(organisation_id: str) -> bool:
    more = services.promises_judged.work(app(), organisation_id)
    return services.plans_judged.work(app(), organisation_id) or more
