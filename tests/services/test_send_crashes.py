"""Senders that die, sleep or meet: each chaser is handed over at most once, and none is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from integration.email.mailer import Mail
from services import abandoned
from tests.support.chasing import Chasing


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("call", ["invoice_pdf", "invoices", "contacts", "open_credits"])
def test_a_death_before_the_hand_over_loses_nothing(org: Chasing, call: str) -> None:
    org.one_due()
    deaths = [call]

    def die(name: str) -> None:
        if name in deaths:
            deaths.remove(name)
            raise Killed

    org.ledger.before_call = die
    with pytest.raises(Killed):
        org.send()
    assert org.only_chaser().status == "sending"
    org.shift(seconds=91)
    assert abandoned.settle(org.app) == [org.organisation_id]
    assert org.only_chaser().status == "planned"
    org.send()
    assert org.mailer.times_taken == {org.only_chaser().id: 1}


@pytest.mark.parametrize("taken", [True, False])
def test_a_death_during_the_hand_over_is_unknown_and_never_sends_twice(org: Chasing, taken: bool) -> None:
    org.one_due()
    (org.mailer.lost_answers if taken else org.mailer.failures).append(Killed())
    with pytest.raises(Killed):
        org.send()
    assert org.only_chaser().status == "sending"
    for _ in range(3):
        org.shift(minutes=4)
        abandoned.settle(org.app)
        org.plan(everything=True, approve=True)
        org.send()
    row = org.only_chaser()
    assert (row.status, len(org.mailer.taken)) == ("unknown", int(taken))
    assert "nobody can know whether it left" in (row.reason or "")


def test_what_is_being_sent_is_not_planned_a_second_time_with_more_invoices(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 3)
    org.mirror()
    org.switch("live")

    def another_falls_due(_mail: Mail) -> None:
        org.invoice(customer, "INV-2", 3)
        org.mirror()
        org.plan(everything=True)

    org.mailer.before_taking = another_falls_due
    org.send()
    assert [org.numbers(row) for row in org.chasers()] == [{"INV-1"}]


def test_many_senders_at_once_send_each_chaser_once(org: Chasing) -> None:
    for number in range(30):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.change(daily_cap=25)
    org.switch("live")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: org.send(), range(6)))
    assert set(org.mailer.times_taken.values()) == {1}
    assert len(org.mailer.taken) == 25


def test_a_sender_that_fetches_many_pdfs_slowly_keeps_its_claim(org: Chasing) -> None:
    customer = org.customer()
    for number in range(4):
        org.invoice(customer, f"INV-{number}", 3)
    org.mirror()
    org.switch("live")
    taken_over: list[str] = []

    def dawdle(_call: str) -> None:
        taken_over.extend(abandoned.settle(org.app))
        if _call == "invoice_pdf":
            org.shift(seconds=45)

    org.ledger.before_call = dawdle
    org.send()
    assert (taken_over, len(org.mailer.taken)) == ([], 1)


def test_a_mail_provider_that_takes_its_time_does_not_cost_the_others_their_claim(org: Chasing) -> None:
    for number in range(4):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.switch("live")
    taken_over: list[str] = []

    def dawdle(_mail: Mail) -> None:
        taken_over.extend(abandoned.settle(org.app))
        org.shift(seconds=40)

    org.mailer.before_taking = dawdle
    org.send()
    assert (taken_over, set(org.mailer.times_taken.values())) == ([], {1})
    assert {row.status for row in org.chasers()} == {"sent"}


def test_a_sender_that_slept_cannot_send_what_has_been_taken_from_it(org: Chasing) -> None:
    org.one_due()

    def sleep(call: str) -> None:
        if call == "open_credits":
            org.ledger.before_call = lambda _call: None
            org.shift(minutes=4)
            abandoned.settle(org.app)
            org.send()

    org.ledger.before_call = sleep
    org.send()
    assert org.mailer.times_taken == {org.only_chaser().id: 1}
    assert org.only_chaser().status == "sent"


def test_a_sender_that_slept_cannot_send_what_another_is_just_sending(org: Chasing) -> None:
    org.one_due()
    asleep, on_the_wire, over = Event(), Event(), Event()

    def sleep(call: str) -> None:
        if call == "open_credits" and not asleep.is_set():
            asleep.set()
            assert on_the_wire.wait(60)

    def let_the_sleeper_wake(_mail: Mail) -> None:
        if not on_the_wire.is_set():
            on_the_wire.set()
            assert over.wait(60)

    def sleeper() -> None:
        org.send()
        over.set()

    org.ledger.before_call, org.mailer.before_taking = sleep, let_the_sleeper_wake
    with ThreadPoolExecutor(1) as pool:
        slept = pool.submit(sleeper)
        assert asleep.wait(60)
        org.shift(minutes=4)
        abandoned.settle(org.app)
        org.send()
        slept.result()
    assert org.mailer.times_taken == {org.only_chaser().id: 1}
    assert org.only_chaser().status == "sent"
