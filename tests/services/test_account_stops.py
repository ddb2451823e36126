"""Accounts on stop: warned once, stopped on the day unless paid, lifted when paid, and shown in the ledger's group."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from credit_control.closures import ClosedPeriod
from credit_control.facts import Action
from credit_control.written import WrittenStep
from integration.ledger import AnswerLost, LedgerError, RateLimited, Unreachable
from kit import clock
from kit.errors import UserError
from services import account_stops, brakes, calendars, holds, schedules
from services.account_stops import GROUP
from store.models import AccountStop, Schedule
from tests.services.test_interest import mirror
from tests.support.chasing import Chasing

STOPS_ON = date(2026, 11, 23)


def warning_schedule(org: Chasing, days: int = 7) -> None:
    """The schedule of everybody has one step: a warning that stops the account so many days later."""
    step = WrittenStep("Warning", 14, Action.EMAIL, "suspension_warning", stops_account_after_days=days)
    with org.app.database.write(org.organisation_id) as session:
        standard = session.scalars(
            select(Schedule).where(Schedule.organisation_id == org.organisation_id, Schedule.is_default)
        ).one()
        schedules.change(session, org.organisation_id, standard.id, standard.name, [step])


def warn(org: Chasing, *, invoices: int = 1) -> list[str]:
    """A customer was warned just now; the ledger ids of its invoices."""
    warning_schedule(org)
    contact = org.customer()
    found = [org.invoice(contact, f"INV-{number}", 20, "500.00") for number in range(invoices)]
    mirror(org)
    org.switch("live")
    org.send()
    return found


def work(org: Chasing) -> None:
    """Do what is due, with a mirror that was read just now."""
    org.change(synced_at=clock.now())
    account_stops.work_with(org.app, org.organisation_id, org.ledger)


def stops(org: Chasing) -> list[AccountStop]:
    with org.app.database.read(org.organisation_id) as session:
        found = select(AccountStop).where(AccountStop.organisation_id == org.organisation_id)
        return list(session.scalars(found.order_by(AccountStop.created_at)))


def only_stop(org: Chasing) -> AccountStop:
    (row,) = stops(org)
    return row


def impose(org: Chasing) -> None:
    """Somebody stops all mail of the organisation."""
    with org.app.database.write(org.organisation_id) as session:
        brakes.impose(
            session, org.organisation_id, "stop", "The books are being moved.", "Anna Hale", clock.now()
        )


def noted(org: Chasing) -> list[str]:
    org.write_notes()
    return [text for texts in org.ledger.notes.values() for text in texts]


def by_hand(org: Chasing, contact: str, reason: str = "Owes us too much") -> None:
    with org.app.database.write(org.organisation_id) as session:
        account_stops.stop(
            session, org.organisation_id, org.id_of(contact), reason=reason, by="Anna Hale", now=clock.now()
        )


def lift(org: Chasing, contact: str) -> None:
    with org.app.database.write(org.organisation_id) as session:
        account_stops.lift(session, org.organisation_id, org.id_of(contact), by="Anna Hale", now=clock.now())


def test_the_warning_names_the_day_and_is_recorded_once(org: Chasing) -> None:
    warn(org)
    assert (
        "If it is still open on 23 November 2026, we stop your account on that day"
        in org.mailer.taken[0].text
    )
    row = only_stop(org)
    assert (row.status, row.stop_on) == ("warned", STOPS_ON)
    with org.app.database.write(org.organisation_id) as session:
        account_stops.warned(session, org.organisation_id, org.only_chaser().id, clock.now())
    assert len(stops(org)) == 1
    work(org)
    assert only_stop(org).status == "warned" and org.ledger.groups == {}


def test_no_account_stops_on_a_day_off(org: Chasing) -> None:
    inventory = ClosedPeriod(date(2026, 11, 23), date(2026, 11, 24), "Inventory", False)
    calendars.close_in(org.app, org.organisation_id, [inventory])
    warn(org)
    assert "If it is still open on 25 November 2026" in org.mailer.taken[0].text
    assert only_stop(org).stop_on == date(2026, 11, 25)


def test_on_the_day_the_account_is_stopped_noted_and_put_into_the_group(org: Chasing) -> None:
    warn(org)
    (contact,) = org.ledger.contact_book
    assert account_stops.due(org.app) == []
    org.shift(days=7)
    assert account_stops.due(org.app) == [org.organisation_id]
    work(org)
    row = only_stop(org)
    assert row.status == "stopped" and row.stopped_at is not None
    assert org.ledger.groups == {GROUP: {contact}}
    assert any(
        "account on stop: Not paid after the mail “Warning” of 16 November 2026" in one for one in noted(org)
    )
    calls = len(org.ledger.calls)
    work(org)
    assert len(org.ledger.calls) == calls and account_stops.due(org.app) == []


def test_the_ledger_is_asked_again_so_who_has_paid_is_spared(org: Chasing) -> None:
    (invoice,) = warn(org)
    org.shift(days=7)
    org.ledger.pay(invoice)  # the mirror does not know yet
    work(org)
    assert only_stop(org).status == "spared"
    assert org.ledger.groups == {}


def test_who_has_answered_or_disputes_is_not_stopped_until_somebody_releases_that(org: Chasing) -> None:
    (invoice,) = warn(org)
    hold = holds.place(
        org.app, org.organisation_id, by="Anna", reason="Dispute", invoice_id=org.id_of(invoice)
    )
    org.shift(days=7)
    work(org)
    row = only_stop(org)
    assert row.status == "warned" and "It is on hold" in (row.problem or "")
    assert account_stops.due(org.app) == []
    holds.release(org.app, org.organisation_id, hold.id, "Anna")
    org.shift(hours=2)
    work(org)
    assert only_stop(org).status == "stopped"


def test_nobody_is_stopped_while_a_brake_keeps_all_mail_back(org: Chasing) -> None:
    warn(org)
    org.shift(days=7)
    org.change(synced_at=clock.now())
    impose(org)
    work(org)
    row = only_stop(org)
    assert row.status == "warned" and "The books are being moved" in (row.problem or "")


def test_nothing_is_stopped_by_itself_while_chasing_is_off(org: Chasing) -> None:
    warn(org)
    org.switch("off")
    org.shift(days=8)
    assert account_stops.due(org.app) == []
    work(org)
    assert only_stop(org).status == "warned"


def test_a_part_of_it_still_open_stops_the_account(org: Chasing) -> None:
    first, _ = warn(org, invoices=2)
    org.ledger.pay(first)
    org.shift(days=7)
    work(org)
    assert only_stop(org).status == "stopped"


def test_when_it_is_paid_the_stop_is_lifted_everywhere(org: Chasing) -> None:
    (invoice,) = warn(org)
    org.shift(days=7)
    work(org)
    org.ledger.pay(invoice)
    mirror(org)
    assert account_stops.due(org.app) == [org.organisation_id]
    work(org)
    assert only_stop(org).status == "lifted"
    assert org.ledger.groups == {GROUP: set()}
    assert any(
        "account no longer on stop: lifted, because what it was about is settled" in one for one in noted(org)
    )


@pytest.mark.parametrize("error", [Unreachable("away"), RateLimited("minute", 30), AnswerLost("lost")])
def test_nobody_is_stopped_by_a_ledger_that_cannot_be_asked(org: Chasing, error: LedgerError) -> None:
    warn(org)
    org.shift(days=7)
    org.ledger.failures.append(error)
    work(org)
    assert only_stop(org).status == "warned"
    org.shift(minutes=6)
    work(org)
    assert only_stop(org).status == "stopped"


def test_an_invoice_that_the_ledger_does_not_show_stops_nobody(org: Chasing) -> None:
    (invoice,) = warn(org)
    org.shift(days=7)
    del org.ledger.invoice_book[invoice]
    work(org)
    assert only_stop(org).status == "warned"


def test_the_group_is_set_right_whatever_answer_is_lost(org: Chasing) -> None:
    contact = org.customer()
    mirror(org)
    by_hand(org, contact)
    for _ in range(3):
        org.ledger.failures.append(AnswerLost("lost"))
        work(org)
        org.shift(minutes=6)
    work(org)
    assert org.ledger.groups == {GROUP: {contact}}
    lift(org, contact)
    work(org)
    assert org.ledger.groups == {GROUP: set()}


def test_a_person_stops_and_lifts_with_a_reason_and_payment_does_not_lift_it(org: Chasing) -> None:
    contact = org.customer()
    invoice = org.invoice(contact, "INV-1", 20)
    mirror(org)
    with pytest.raises(UserError, match="Say why the account is stopped"):
        by_hand(org, contact, " ")
    by_hand(org, contact)
    by_hand(org, contact, "Once more")
    assert [(row.status, row.reason, row.created_by) for row in stops(org)] == [
        ("stopped", "Owes us too much", "Anna Hale")
    ]
    org.ledger.pay(invoice)
    mirror(org)
    work(org)
    assert only_stop(org).status == "stopped"
    lift(org, contact)
    lift(org, contact)
    assert only_stop(org).status == "lifted" and only_stop(org).lifted_by == "Anna Hale"


def test_a_warning_can_be_dropped_before_its_day(org: Chasing) -> None:
    warn(org)
    (contact,) = org.ledger.contact_book
    lift(org, contact)
    org.shift(days=8)
    work(org)
    assert only_stop(org).status == "spared" and org.ledger.groups == {}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"action": Action.CALL, "template": None}, "cannot warn that the account is stopped"),
        ({"stops_account_after_days": 0}, "give a number from 1 to 90"),
    ],
)
def test_a_step_that_cannot_warn_is_refused(org: Chasing, wrong: dict[str, Any], words: str) -> None:
    values: dict[str, Any] = {
        "action": Action.EMAIL,
        "template": "suspension_warning",
        "stops_account_after_days": 7,
    }
    step = WrittenStep("Warning", 14, **(values | wrong))
    with pytest.raises(UserError, match=words), org.app.database.write(org.organisation_id) as session:
        schedules.create(session, org.organisation_id, "Stops", [step])
