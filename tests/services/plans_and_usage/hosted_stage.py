"""An installation for pay, as its people and the provider of payments play on it."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

import requests
from flask.testing import FlaskClient

from integration.billing.signature import signature_of
from kit import clock
from services import brakes, disconnection
from services.app import App
from services.data_rights import deletion
from services.plans_and_usage import intake, payers, watch
from store.models import InternalNotice, Organisation, Payer
from store.queries import plans as queries
from tests.services.connection_stage import Stage
from tests.support.visitor import words

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

    def mark(self) -> str:
        """What a form of the page of the plan has to bring along."""
        found = _TOKEN.search(self.browser.get(self.home + "/plan").text)
        assert found
        return found[1]

    def press(self, path: str) -> str:
        """Press a button of the page of the plan; where it leads."""
        answer = self.browser.post(self.home + path, data={"csrf_token": self.mark()})
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


def told(day: date) -> str:
    """A day as the pages write it."""
    return f"{day.day} {day:%B %Y}"


def stripe_settings(hosted: Hosted) -> dict[str, object]:
    """What makes it an installation for pay."""
    settings = hosted.app.settings
    return {
        "hosted": True,
        "stripe_secret_key": settings.stripe_secret_key,
        "stripe_price_id": settings.stripe_price_id,
    }


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
