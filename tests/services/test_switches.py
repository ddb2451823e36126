"""The switches: nothing leaves before somebody says so, and everything stops when somebody says so."""

from __future__ import annotations

import pytest

from kit.errors import UserError
from services import send, switches
from tests.support.chasing import Chasing


def test_chasing_cannot_begin_before_the_ledger_has_been_read(org: Chasing) -> None:
    org.change(imported_at=None)
    with pytest.raises(UserError, match="still being read"):
        org.switch("live")
    org.switch("off")
    assert org.organisation().chasing == "off"


def test_the_switch_remembers_who_moved_it_and_the_plan_is_there_at_once(org: Chasing) -> None:
    org.one_overdue()
    org.switch("live")
    organisation = org.organisation()
    assert (organisation.chasing, organisation.chasing_changed_by) == ("live", "Anna Hale")
    assert org.only_chaser().status == "planned"


def test_a_word_that_is_no_choice_is_refused(org: Chasing) -> None:
    with pytest.raises(UserError, match="“on” is none of them"):
        org.switch("on")


def test_off_and_on_again_plans_the_same_chasers(org: Chasing) -> None:
    org.one_overdue()
    org.switch("live")
    before = org.only_chaser().id
    org.switch("off")
    org.switch("live")
    assert (org.only_chaser().id, org.only_chaser().status) == (before, "planned")


def test_a_higher_cap_lets_the_next_one_leave_at_once(org: Chasing) -> None:
    for number in range(3):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    switches.set_daily_cap(org.app, org.organisation_id, 0)
    org.switch("live")
    org.send()
    assert org.mailer.taken == []
    switches.set_daily_cap(org.app, org.organisation_id, 1)
    assert send.due(org.app) == [org.organisation_id]
    org.send()
    assert len(org.mailer.taken) == 1
    with pytest.raises(UserError, match="negative"):
        switches.set_daily_cap(org.app, org.organisation_id, -1)
