"""The kill switches, of one organisation and of all: one more may leave, and none is lost."""

from __future__ import annotations

import pytest

from credit_control.brakes import Kind
from integration.email.mailer import Mail
from kit.errors import UserError
from services import send, stopping
from tests.services.brake_stage import customers, held, kinds, live, stop_one, unasked
from tests.support.chasing import Chasing


def stop_everybody(org: Chasing) -> None:
    stopping.stop_all(org.app, "the texts are wrong", "ops")


def resume(org: Chasing, kind: str) -> bool:
    if kind == Kind.STOP:
        return stopping.resume(org.app, org.organisation_id, "Anna Hale")
    return stopping.resume_all(org.app)


SWITCHES = {Kind.STOP: stop_one, Kind.STOP_ALL: stop_everybody}


@pytest.mark.parametrize("kind", SWITCHES)
def test_a_kill_switch_in_the_middle_of_a_run_lets_one_more_leave_and_loses_none(
    org: Chasing, kind: Kind
) -> None:
    customers(org, 60)
    org.switch("live")
    stopped_at: list[int] = []

    def somebody_stops(_mail: Mail) -> None:
        if len(org.mailer.taken) == 6 and not stopped_at:
            stopped_at.append(len(org.mailer.taken))
            SWITCHES[kind](org)

    org.mailer.before_taking = somebody_stops
    for _ in range(3):
        org.send()
    assert stopped_at == [6] and len(org.mailer.taken) == 7
    assert len(held(org, kind)) == 53
    assert all("the texts are wrong" in (row.reason or "") for row in org.chasers("held"))
    org.plan(everything=True, approve=True)
    org.send()
    assert len(org.mailer.taken) == 7
    assert resume(org, kind)
    org.plan()
    org.send()
    assert len(org.mailer.times_taken) == 60
    assert set(org.mailer.times_taken.values()) == {1}
    assert not resume(org, kind)


@pytest.mark.parametrize("kind", SWITCHES)
def test_what_is_planned_while_all_is_stopped_is_held_when_it_falls_due(org: Chasing, kind: Kind) -> None:
    live(org)
    SWITCHES[kind](org)
    org.shift(days=1)
    unasked(org, 3)
    assert send.due(org.app) == [org.organisation_id]
    org.send()
    assert (len(org.mailer.taken), len(held(org, kind))) == (1, 3)
    assert send.due(org.app) == []


def test_a_stop_outlasts_going_off_and_live_again(org: Chasing) -> None:
    customers(org, 2)
    stop_one(org)
    org.switch("live")
    org.send()
    assert org.mailer.taken == []
    org.switch("off")
    org.switch("live")
    org.send()
    assert (org.mailer.taken, len(held(org, Kind.STOP))) == ([], 2)


def test_what_was_paid_while_it_was_held_does_not_leave_after_the_release(org: Chasing) -> None:
    invoice = org.one_overdue()
    org.switch("live")
    stop_one(org)
    org.send()
    org.ledger.pay(invoice)
    org.mirror()
    resume(org, Kind.STOP)
    org.plan()
    org.send()
    assert (org.only_chaser().status, org.mailer.taken) == ("cancelled", [])


def test_a_stop_needs_a_reason_that_others_can_read(org: Chasing) -> None:
    for reason in ("", "  ", "x" * 301):
        with pytest.raises(UserError):
            stopping.stop(org.app, org.organisation_id, reason, "Anna Hale")
    assert kinds(org) == []
