"""Hosted use as its people meet it: a trial, its end, a plan, a payment that fails, and the end of a plan."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask.testing import FlaskClient

from integration.billing.signature import signature_of
from kit import clock
from services import brakes, disconnection
from services.app import App
from services.data_rights import deletion
from services.plans_and_usage import intake, payers, watch
from services.plans_and_usage.standing import KEPT_CONNECTED_DAYS, TRIAL_DAYS
from store.models import Brake, InternalNotice, Organisation, Payer
from store.queries import plans as queries
from tests.services.connection_stage import Stage, stage
from tests.support.visitor import words
from tests.web.connect_stage import Visitor
from web import assemble
from web.connect import connect
from web.pages import PAGES
from webhooks.stripe import webhooks_stripe

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Hosted:
    """An installation for pay, with one organisation that has just signed up."""

    play: Stage
    app: App
    browser: FlaskClient
    organisation_id: str
    tenant: str
    taken: int = field(default=0)

    @property
    def home(self) -> str:
        return f"/organisations/{self.organisation_id}"

    def page(self, path: str = "/plan") -> str:
        answer = self.browser.get(self.home + path)
        assert answer.status_code == 200, answer.status
        return words(answer)

    def press(self, path: str) -> str:
        """Press a button of the page of the plan; where it leads."""
        found = _TOKEN.search(self.browser.get(self.home + "/plan").text)
        assert found
        answer = self.browser.post(self.home + path, data={"csrf_token": found[1]})
        assert answer.status_code in (302, 303), answer.text
        return answer.location

    def days_later(self, days: int) -> None:
        """So many days pass; the clock looks each day."""
        for _ in range(days):
            self.play.later(advance_days=1)
            self.tick()

    def tick(self) -> None:
        while found := watch.due(self.app):
            for organisation_id in found:
                watch.look(self.app, organisation_id)

    def deliver(self) -> None:
        """What the provider has told since is delivered, in the wrong order and twice, and followed."""
        events = requests.get(f"{self.play.box.url}/sandbox/stripe", timeout=10).json()["events"]
        for event in [*events[self.taken :][::-1], *events[self.taken :]]:
            body = json.dumps(event).encode()
            signature = signature_of(self.app.settings.stripe_webhook_secret, body, int(time.time()))
            answer = self.browser.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature})
            assert answer.status_code == 200
        self.taken = len(events)
        intake.handle(self.app)
        for payer_id in payers.due(self.app):
            payers.look(self.app, payer_id)
        self.tick()

    def begin_plan(self) -> None:
        address = self.press("/plan/begin")
        there = requests.post(address, data={"decision": "pay"}, allow_redirects=False, timeout=10)
        back = urlsplit(there.headers["Location"])
        assert self.browser.get(f"{back.path}?{back.query}").status_code == 302

    def status(self, status: str) -> None:
        """The provider finds that the subscription is now so."""
        (customer,) = requests.get(f"{self.play.box.url}/sandbox/stripe", timeout=10).json()["customers"]
        self.play.box.post(f"/sandbox/stripe/{customer['id']}/status", status=status)

    def held(self) -> list[str]:
        with self.app.database.read(self.organisation_id) as session:
            row = session.get_one(Organisation, self.organisation_id)
            return [one.text for one in brakes.in_force(session, row, clock.now()) if one.kind == "no_plan"]

    def notices(self) -> list[str]:
        with self.app.database.read(self.organisation_id) as session:
            rows = session.query(InternalNotice).order_by(InternalNotice.created_at)
            return [one.subject for one in rows]

    def last_day(self) -> date:
        with self.app.database.read(self.organisation_id) as session:
            found = queries.trial(session, self.organisation_id)
        assert found is not None
        return found.last_day


@pytest.fixture
def hosted(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Hosted]:
    with stage(tmp_path, database_url, redis_url) as play:
        config = play.box.config
        app = play.pointed_at(
            hosted=True,
            stripe_secret_key=config.stripe_secret_key,
            stripe_webhook_secret=config.stripe_webhook_secret,
            stripe_price_id=config.stripe_price_id,
            stripe_api_url=play.box.url,
        )
        browser = assemble(app, *PAGES, connect, webhooks_stripe).test_client()
        tenant = play.organisation("Acme")
        answer = Visitor(play, browser).sign_in(tenant)
        yield Hosted(play, app, browser, urlsplit(answer.location).path.split("/")[2], tenant)
        app.database.close()


def told(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


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
    found = _TOKEN.search(hosted.browser.get(f"{hosted.home}/plan").text)
    assert found
    hosted.browser.post(f"{hosted.home}/brakes/{brake.id}/release", data={"csrf_token": found[1]})
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
    away = hosted.play.pointed_at(**{**_stripe(hosted), "stripe_api_url": "http://127.0.0.1:1"})
    hosted.play.later(advance_days=2)
    for payer_id in payers.due(away):
        payers.look(away, payer_id)
    away.database.close()
    hosted.tick()
    assert "The billing provider does not answer" in hosted.page()
    assert hosted.held() == []


def _stripe(hosted: Hosted) -> dict[str, object]:
    settings = hosted.app.settings
    return {
        "hosted": True,
        "stripe_secret_key": settings.stripe_secret_key,
        "stripe_price_id": settings.stripe_price_id,
    }


# -- the plan of what is deleted, and two who begin at once ----------------------------------------------


def plans(hosted: Hosted) -> list[str]:
    """Every subscription at the provider, by its status."""
    found = requests.get(f"{hosted.play.box.url}/sandbox/stripe", timeout=10).json()["subscriptions"]
    return [one["status"] for one in found]


def delete_everything(hosted: Hosted) -> None:
    name = hosted.page("/data").partition("everything of ")[2].partition(" with you")[0]
    disconnection.disconnect(hosted.app, hosted.organisation_id, by="Robin")
    deletion.delete_at_once(hosted.app, hosted.organisation_id, name, by="Robin")
    while deletion.go_on(hosted.app, hosted.organisation_id, 60):
        pass


def ask_the_provider(app: App) -> None:
    for payer_id in payers.due(app):
        payers.look(app, payer_id)


def payers_left(app: App) -> int:
    with app.database.read_across() as session:
        return session.query(Payer).count()


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
    away = hosted.play.pointed_at(**{**_stripe(hosted), "stripe_api_url": "http://127.0.0.1:1"})
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
