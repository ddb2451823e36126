"""Hosted use as its people meet it: a trial, its end, a plan, a payment that fails, and the end of a plan."""

from __future__ import annotations

import time
from datetime import timedelta

import requests

from integration.billing.signature import signature_of
from kit import clock
from services import disconnection
from services.plans_and_usage import payers, watch
from services.plans_and_usage.standing import KEPT_CONNECTED_DAYS, TRIAL_DAYS
from store.models import Brake, Organisation
from tests.services.plans_and_usage.hosted_stage import (
    Hosted,
    stripe_settings,
    told,
)
from tests.support.visitor import words
from tests.web.connect_stage import Visitor
from web import assemble
from web.connect import connect
from web.pages import PAGES


def test_a_trial_begins_with_the_connection_and_says_its_last_day(hosted: Hosted) -> None:
    assert hosted.last_day() == clock.today("UTC") + timedelta(days=TRIAL_DAYS)
    page = hosted.page()
    assert f"Your trial ends on {told(hosted.last_day())}." in page
    assert "On trial until" in page and "no card is needed" in page
    assert hosted.held() == []
    with hosted.app.database.read(hosted.organisation_id) as session:
        assert session.get_one(Organisation, hosted.organisation_id).chasing == "off"


def test_people_are_told_three_days_before_and_once(hosted: Hosted) -> None:
    hosted.days_later(TRIAL_DAYS - 4)
    assert hosted.notices() == []
    hosted.days_later(3)
    assert hosted.notices() == [f"Your trial of Dunnock ends on {told(hosted.last_day())}"]


def test_the_end_of_a_trial_holds_and_says_why_and_everything_stays_readable(hosted: Hosted) -> None:
    hosted.play.change(hosted.organisation_id, imported_at=clock.now())
    hosted.days_later(TRIAL_DAYS)
    assert hosted.held() == []
    hosted.days_later(1)
    (held,) = hosted.held()
    assert held.startswith(
        f"The trial ended on {told(hosted.last_day())}, so nothing is sent by itself any more."
    )
    assert "begun a plan" in held
    assert "Mails wait for a plan." in hosted.page("/queue")
    for path in ("/queue", "/contacts", "/invoices", "/settings", "/connection"):
        assert hosted.browser.get(hosted.home + path).status_code == 200, path
    assert "Begin a plan" in hosted.page() and "Nothing is lost" in hosted.page()


def test_a_plan_lets_go_what_the_end_of_the_trial_held(hosted: Hosted) -> None:
    hosted.days_later(TRIAL_DAYS + 1)
    assert hosted.held()
    hosted.begin_plan()
    assert hosted.held() == []
    page = hosted.page()
    assert "Paid until" in page and "Begin a plan" not in page and "Card, bills and cancelling" in page
    assert "As of" in page


def test_whoever_turns_back_at_the_providers_page_has_begun_nothing(hosted: Hosted) -> None:
    address = hosted.press("/plan/begin")
    back = requests.post(address, data={"decision": "back"}, allow_redirects=False, timeout=10)
    assert back.headers["Location"] == hosted.app.settings.public_url + hosted.home + "/plan"
    assert "Begin a plan" in hosted.page()


def test_a_missed_payment_leaves_two_weeks_and_then_holds(hosted: Hosted) -> None:
    hosted.begin_plan()
    hosted.days_later(TRIAL_DAYS + 1)
    hosted.status("past_due")
    hosted.deliver()
    assert "The last payment did not come through" in hosted.page()
    assert hosted.held() == []
    assert "The plan for Acme was not paid" in hosted.notices()
    hosted.days_later(15)
    assert hosted.held()[0].startswith("The plan was not paid")
    hosted.status("active")
    hosted.deliver()
    assert hosted.held() == []


def test_a_cancelled_plan_goes_on_to_the_end_of_what_is_paid(hosted: Hosted) -> None:
    hosted.begin_plan()
    portal = hosted.press("/plan/manage")
    requests.post(portal, data={"wish": "cancel"}, timeout=10)
    hosted.deliver()
    assert "The plan was cancelled and ends then" in hosted.page()
    hosted.days_later(TRIAL_DAYS + 1)
    assert hosted.held() == []
    hosted.status("canceled")
    hosted.deliver()
    assert hosted.held()[0].startswith("The plan has ended")


def test_who_never_begins_a_plan_is_disconnected_after_notice_and_nothing_is_lost(hosted: Hosted) -> None:
    hosted.days_later(TRIAL_DAYS + KEPT_CONNECTED_DAYS)
    assert hosted.play.row(hosted.organisation_id).connection == "connected"
    assert any("to Xero ends on" in subject for subject in hosted.notices())
    hosted.days_later(1)
    row = hosted.play.row(hosted.organisation_id)
    assert row.connection == "disconnected"
    assert "no plan was begun" in (row.connection_note or "")
    assert hosted.play.connections() == []
    assert "What is kept" in hosted.page("/connection")


def test_a_second_installation_is_no_second_trial(hosted: Hosted) -> None:
    last_day = hosted.last_day()
    hosted.days_later(TRIAL_DAYS + 1)
    disconnection.disconnect(hosted.app, hosted.organisation_id, by="Robin")
    Visitor(hosted.play, hosted.browser).sign_in(hosted.tenant)
    hosted.tick()
    assert hosted.last_day() == last_day
    assert hosted.held()
    assert hosted.play.row(hosted.organisation_id).connection == "connected"


def test_where_nobody_is_charged_nothing_limits_and_there_is_no_such_page(hosted: Hosted) -> None:
    hosted.days_later(TRIAL_DAYS + 1)
    assert hosted.held()
    app = hosted.play.pointed_at()
    for organisation_id in watch.due(app):
        watch.look(app, organisation_id)
    assert hosted.held() == []
    assert watch.due(app) == []
    browser = assemble(app, *PAGES, connect).test_client()
    with hosted.browser.session_transaction() as theirs:
        signed_in = dict(theirs)
    with browser.session_transaction() as session:
        session.update(signed_in)
    assert browser.get(f"{hosted.home}/plan").status_code == 404
    page = words(browser.get(f"{hosted.home}/connection"))
    assert "Connected since" in page and "trial" not in page and "Plan and usage" not in page
    app.database.close()


def test_a_brake_for_want_of_a_plan_is_not_released_by_hand(hosted: Hosted) -> None:
    hosted.days_later(TRIAL_DAYS + 1)
    with hosted.app.database.read(hosted.organisation_id) as session:
        (brake,) = session.query(Brake).filter(Brake.kind == "no_plan")
    hosted.browser.post(f"{hosted.home}/brakes/{brake.id}/release", data={"csrf_token": hosted.mark()})
    assert hosted.held()


def test_a_delivery_without_a_good_signature_is_refused(hosted: Hosted) -> None:
    body = b'{"id": "evt_1", "data": {"object": {"id": "cus_1", "object": "customer"}}}'
    secret = hosted.app.settings.stripe_webhook_secret
    now = int(time.time())
    for header in (
        "",
        "t=1,v1=",
        signature_of("another", body, now),
        signature_of(secret, body + b" ", now),
        signature_of(secret, body, now - 301),
        signature_of(secret, body, now + 301),
        signature_of(secret, body, now).replace("t=", "t=1,t="),
    ):
        answer = hosted.browser.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": header})
        assert answer.status_code == 401, header
    good = {"Stripe-Signature": f"t={now},v1=00," + signature_of(secret, body, now).split(",")[1]}
    assert hosted.browser.post("/webhooks/stripe", data=body, headers=good).status_code == 200
    nothing = {"Stripe-Signature": signature_of(secret, b"[]", now)}
    assert hosted.browser.post("/webhooks/stripe", data=b"[]", headers=nothing).status_code == 400


def test_while_the_provider_is_away_people_are_told_and_the_state_stays(hosted: Hosted) -> None:
    hosted.begin_plan()
    away = hosted.play.pointed_at(**{**stripe_settings(hosted), "stripe_api_url": "http://127.0.0.1:1"})
    hosted.play.later(advance_days=2)
    for payer_id in payers.due(away):
        payers.look(away, payer_id)
    away.database.close()
    hosted.tick()
    assert "The billing provider does not answer" in hosted.page()
    assert hosted.held() == []
