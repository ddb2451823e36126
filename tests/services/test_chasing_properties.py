"""Whatever happens, in whatever order: the promises that a customer and a user can count on."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import cycle, pairwise
from zoneinfo import ZoneInfo

import pytest

from integration.email.mailer import Mail, MailPostponed, MailUnsure
from integration.ledger import AnswerLost, Unreachable
from kit import clock
from services import abandoned, holds
from store.models import CommunicationInvoice
from tests.support.chasing import Chasing

LONDON = ZoneInfo("Europe/London")


class Killed(BaseException):
    """The process dies here."""


class World:
    """A customer book to which things happen, and the record of what left."""

    def __init__(self, org: Chasing, seed: int) -> None:
        self.org = org
        self.dice = random.Random(seed)
        self.customers = [org.customer(f"Customer {number}") for number in range(8)]
        self.open: list[str] = []
        self.count = 0
        self.pauses = cycle((4, 6, 14))  # from eleven to three, to nine in the evening, to eleven again
        self.left: list[tuple[datetime, Mail]] = []
        org.mailer.before_taking = self.record

    def record(self, mail: Mail) -> None:
        """The provider is called; nothing that the mail is about is paid at this moment."""
        self.left.append((clock.now(), mail))
        for invoice in self.org.ledger.invoice_book.values():
            if f"{invoice.number}.pdf" in [file.name for file in mail.files]:
                assert invoice.status == "AUTHORISED"
        if self.dice.random() < 0.1:
            raise Killed
        if self.dice.random() < 0.1:
            self.org.mailer.failures.append(MailPostponed("busy", 60))
            self.left.pop()
        elif self.dice.random() < 0.1:
            self.org.mailer.lost_answers.append(MailUnsure("lost"))

    def step(self) -> None:
        """Something happens."""
        happenings = (self.invoice, self.invoice, self.pay, self.hold, self.release, self.trouble, self.sweep)
        self.dice.choice(happenings)()
        self.org.shift(hours=next(self.pauses))
        self.work()

    def invoice(self) -> None:
        for customer in self.dice.sample(self.customers, 2):
            self.count += 1
            self.open.append(self.org.invoice(customer, f"INV-{self.count}", self.dice.randint(-6, 32)))
        self.org.mirror()

    def pay(self) -> None:
        """A payment of which no webhook tells us."""
        if self.open:
            self.org.ledger.pay(self.open.pop(self.dice.randrange(len(self.open))))

    def hold(self) -> None:
        contact = self.org.id_of(self.dice.choice(self.customers))
        until = clock.now().date() + timedelta(days=2)
        holds.place(
            self.org.app, self.org.organisation_id, contact_id=contact, by="Ben", reason="", until=until
        )

    def release(self) -> None:
        self.org.switch(self.dice.choice(("off", "dry_run")))
        self.org.switch("live")

    def trouble(self) -> None:
        self.org.ledger.failures.append(self.dice.choice([Unreachable("away"), AnswerLost("lost")]))

    def sweep(self) -> None:
        self.org.mirror()

    def work(self) -> None:
        self.org.plan()
        try:
            self.org.send()
        except Killed:
            self.org.shift(minutes=4)
        abandoned.settle(self.org.app)
        self.org.write_notes()


@pytest.mark.parametrize("seed", range(2))
def test_the_promises_hold_whatever_happens(org: Chasing, seed: int) -> None:
    world = World(org, seed)
    org.mirror()
    org.switch("live")
    for _ in range(60):
        world.step()
    assert len(world.left) > 10
    assert_each_mail_left_once(world)
    assert_steps_are_taken_once(org)
    assert_contacts_are_left_in_peace(world)
    assert_mails_left_inside_the_window(world)
    assert_every_row_says_what_became_of_it(org)


def assert_each_mail_left_once(world: World) -> None:
    ids = [mail.id for _, mail in world.left]
    assert len(ids) == len(set(ids))


def assert_steps_are_taken_once(org: Chasing) -> None:
    """No invoice is in two mails with the same step of its own."""
    left = {row.id for row in org.chasers("sent", "unknown", "failed")}
    with org.app.database.read(org.organisation_id) as session:
        taken = [
            (row.invoice_id, row.position)
            for row in session.query(CommunicationInvoice)
            if row.communication_id in left
        ]
    assert len(taken) == len(set(taken))


def assert_contacts_are_left_in_peace(world: World) -> None:
    days = defaultdict(list)
    for moment, mail in world.left:
        days[contact_of(world, mail)].append(moment.astimezone(LONDON).date())
    for found in days.values():
        for earlier, later in pairwise(sorted(found)):
            assert (later - earlier).days >= 4


def contact_of(world: World, mail: Mail) -> str:
    return next(row.contact_id for row in world.org.chasers() if row.id == mail.id)


def assert_mails_left_inside_the_window(world: World) -> None:
    for moment, _ in world.left:
        local = moment.astimezone(LONDON)
        assert local.weekday() < 5
        assert (9, 30) <= (local.hour, local.minute) < (16, 0)


def assert_every_row_says_what_became_of_it(org: Chasing) -> None:
    for row in org.chasers():
        assert row.status in ("planned", "held", "sent", "unknown", "cancelled", "failed")
        assert row.reason or row.status in ("planned", "sent")
