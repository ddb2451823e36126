"""The plan of what is deleted ends, and two who begin at once begin one."""

from __future__ import annotations

import requests

from kit import clock
from services import disconnection
from services.data_rights import deletion
from services.plans_and_usage import payers
from services.plans_and_usage.standing import TRIAL_DAYS
from store.queries import plans as queries
from tests.services.plans_and_usage.hosted_stage import (
    Hosted,
    ask_the_provider,
    delete_everything,
    payers_left,
    plans,
    stripe_settings,
)
from tests.web.connect_stage import Visitor


def test_the_plan_of_a_deleted_organisation_is_ended_and_nothing_is_left_of_who_paid(hosted: Hosted) -> None:
    hosted.begin_plan()
    disconnection.disconnect(hosted.app, hosted.organisation_id, by="Robin")
    assert "The plan is cancelled at the billing provider as well" in hosted.page("/data")
    assert "On that day its plan is cancelled" in hosted.page("/data")
    delete_everything(hosted)
    ask_the_provider(hosted.app)
    assert plans(hosted) == ["canceled"]
    assert payers_left(hosted.app) == 0


def test_ending_a_plan_is_tried_until_the_provider_answers(hosted: Hosted) -> None:
    hosted.begin_plan()
    delete_everything(hosted)
    away = hosted.play.pointed_at(**{**stripe_settings(hosted), "stripe_api_url": "http://127.0.0.1:1"})
    ask_the_provider(away)
    assert (plans(hosted), payers_left(hosted.app)) == (["active"], 1)
    assert payers.due(hosted.app) == []
    hosted.play.later(advance_days=1)
    ask_the_provider(hosted.app)
    assert (plans(hosted), payers_left(hosted.app)) == (["canceled"], 0)


def test_who_has_begun_no_plan_is_forgotten_as_well(hosted: Hosted) -> None:
    address = hosted.press("/plan/begin")
    delete_everything(hosted)
    ask_the_provider(hosted.app)
    requests.post(address, data={"decision": "pay"}, allow_redirects=False, timeout=10)
    assert plans(hosted) == []
    assert payers_left(hosted.app) == 0


def test_two_who_begin_at_once_begin_one_plan(hosted: Hosted) -> None:
    first, second = hosted.press("/plan/begin"), hosted.press("/plan/begin")
    for address in (first, second):
        requests.post(address, data={"decision": "pay"}, allow_redirects=False, timeout=10)
    assert plans(hosted) == ["active"]


def test_a_plan_that_nobody_has_told_us_of_yet_is_not_begun_again(hosted: Hosted) -> None:
    address = hosted.press("/plan/begin")
    requests.post(address, data={"decision": "pay"}, allow_redirects=False, timeout=10)
    assert hosted.press("/plan/begin").endswith("/plan")
    assert "Paid until" in hosted.page()
    assert plans(hosted) == ["active"]


def test_after_a_plan_has_ended_another_can_be_begun(hosted: Hosted) -> None:
    hosted.begin_plan()
    hosted.status("canceled")
    hosted.deliver()
    hosted.play.later(advance_days=1)
    hosted.begin_plan()
    assert plans(hosted) == ["canceled", "active"]


def test_a_trial_does_not_begin_anew_after_a_deletion(hosted: Hosted) -> None:
    hosted.days_later(3)
    last_day = hosted.last_day()
    disconnection.disconnect(hosted.app, hosted.organisation_id, by="Robin")
    deletion.delete_at_once(hosted.app, hosted.organisation_id, "Acme", "Robin")
    while deletion.go_on(hosted.app, hosted.organisation_id, 60):
        pass
    hosted.play.later(advance_days=TRIAL_DAYS + 5)

    answer = Visitor(hosted.play, hosted.browser).sign_in(hosted.tenant)
    assert answer.location.endswith("/first-look")

    assert hosted.last_day() == last_day
    hosted.tick()
    assert hosted.held()
    with hosted.app.database.read(hosted.organisation_id) as session:
        trial = queries.trial(session, hosted.organisation_id)
        assert trial is not None and trial.disconnect_on > clock.today("UTC")
