"""Brakes by the books: nothing leaves by an old mirror, nor while nobody seems to enter payments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from credit_control.brakes import Kind
from integration.ledger import LedgerPayment
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services import outlook, switches
from services.mirror import schedule
from services.mirror.write import store_payments
from store.models import SyncPosition
from tests.services.brake_stage import customers, held, in_force, kinds, live, release, unasked
from tests.support.chasing import Chasing


def paid_on(org: Chasing, *days: date, reconciled: bool = False, entered: datetime | None = None) -> None:
    """Payments of these days, entered on the day (or at a moment), reach the mirror."""
    payments = [
        LedgerPayment(
            id=new_id(),
            kind="ACCRECPAYMENT",
            invoice_id=None,
            contact_id=None,
            paid_on=day,
            currency="GBP",
            amount=Decimal(100),
            status="AUTHORISED",
            is_reconciled=reconciled,
            updated_at=entered or datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
        )
        for day in days
    ]
    with org.app.database.write(org.organisation_id) as session:
        store_payments(session, org.organisation_id, payments, clock.now())


def well_kept_until(org: Chasing, ago: int, *, reconciled: bool = False) -> None:
    """Somebody entered payments every other day of the last three months, and the last so many days ago."""
    today = clock.now().date()
    paid_on(org, *(today - timedelta(days=ago + 2 * number) for number in range(45)), reconciled=reconciled)


@pytest.mark.parametrize("read", [timedelta(hours=-7), timedelta(hours=1)], ids=["a night ago", "tomorrow"])
def test_nothing_leaves_by_an_old_mirror_until_the_ledger_has_been_read(
    org: Chasing, read: timedelta
) -> None:
    org.one_overdue()
    org.switch("live")
    org.polls = False
    org.change(synced_at=clock.now() + read)
    for _ in range(2):
        org.send()
        org.shift(seconds=21)
    row = org.only_chaser()
    assert (row.status, org.mailer.taken, org.ledger.calls) == ("planned", [], [])
    (brake,) = in_force(org)
    assert (brake.kind, row.reason) == (Kind.OLD_MIRROR, brake.text)
    org.change(synced_at=clock.now())
    org.send()
    assert (len(org.mailer.taken), kinds(org)) == (1, [])


def test_a_mirror_that_grows_old_during_a_run_stops_it_at_the_next_hand_over(org: Chasing) -> None:
    customers(org, 5)
    org.switch("live")
    org.mailer.before_taking = lambda _mail: org.change(synced_at=clock.now() - timedelta(hours=7))
    org.send()
    assert len(org.mailer.taken) == 1
    assert {row.status for row in org.chasers()} == {"sent", "planned"}


def test_books_that_nobody_keeps_up_hold_everything_until_a_payment_comes_in(org: Chasing) -> None:
    well_kept_until(org, 8)
    org.one_overdue()
    org.switch("live")
    org.send()
    assert (org.mailer.taken, len(held(org, Kind.UNRECONCILED))) == ([], 1)
    assert "8 November 2026" in in_force(org)[0].reason
    paid_on(org, clock.now().date())
    assert kinds(org) == []
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1


def test_while_the_books_are_in_doubt_a_changed_invoice_has_the_payments_read_at_once(org: Chasing) -> None:
    now = clock.now()
    with org.app.database.write(org.organisation_id) as session:
        session.add(
            SyncPosition(
                organisation_id=org.organisation_id,
                resource=schedule.PAYMENTS,
                completed_at=now,
                next_at=now + timedelta(hours=2),
                touched_at=now,
            )
        )
    well_kept_until(org, 8)
    first, second = org.one_overdue(), org.invoice(org.customer("Another"), "INV-2", 3)
    org.switch("live")
    org.ledger.pay(first, "10")
    org.mirror()
    assert schedule.due(org.app) == []
    org.send()
    assert kinds(org) == [Kind.UNRECONCILED]
    org.ledger.pay(second, "10")
    org.mirror()
    assert schedule.due(org.app) == [org.organisation_id]


def test_a_payment_of_last_week_that_is_entered_today_shows_that_the_books_are_kept(org: Chasing) -> None:
    well_kept_until(org, 9)
    paid_on(org, clock.now().date() - timedelta(days=8), entered=clock.now())
    live(org)
    assert kinds(org) == []


def test_a_payment_dated_in_the_future_shows_nothing(org: Chasing) -> None:
    well_kept_until(org, 9)
    long_ago = clock.now() - timedelta(days=30)
    paid_on(org, clock.now().date() + timedelta(days=20), entered=long_ago)
    org.one_overdue()
    org.switch("live")
    org.send()
    assert kinds(org) == [Kind.UNRECONCILED]


def test_where_payments_are_reconciled_only_reconciled_ones_count(org: Chasing) -> None:
    well_kept_until(org, 9, reconciled=True)
    paid_on(org, clock.now().date())
    org.one_overdue()
    org.switch("live")
    org.send()
    assert kinds(org) == [Kind.UNRECONCILED]


def test_too_few_payments_tell_nothing(org: Chasing) -> None:
    paid_on(org, *(clock.now().date() - timedelta(days=90 + number) for number in range(9)))
    live(org)
    assert kinds(org) == []


def test_a_person_who_has_looked_at_the_books_is_not_asked_again_for_a_week(org: Chasing) -> None:
    well_kept_until(org, 8)
    org.one_overdue()
    org.switch("live")
    org.send()
    release(org, Kind.UNRECONCILED)
    org.send()
    assert len(org.mailer.taken) == 1
    org.shift(days=1)
    unasked(org, 1)
    org.send()
    assert len(org.mailer.taken) == 2
    org.shift(days=7)
    unasked(org, 1, "Later")
    org.send()
    assert kinds(org) == [Kind.UNRECONCILED]


def test_a_limit_that_a_person_sets_takes_the_place_of_the_learned_one_and_may_let_go(org: Chasing) -> None:
    well_kept_until(org, 8)
    org.one_overdue()
    org.switch("live")
    org.send()
    assert kinds(org) == [Kind.UNRECONCILED]
    switches.set_books_limit(org.app, org.organisation_id, 10)
    org.plan()
    org.send()
    assert (len(org.mailer.taken), kinds(org)) == (1, [])
    with pytest.raises(UserError, match="from 1 to 365"):
        switches.set_books_limit(org.app, org.organisation_id, 0)


def test_an_organisation_that_wants_to_hold_waits_for_a_payment_and_for_nobody(org: Chasing) -> None:
    switches.set_when_books_lag(org.app, org.organisation_id, "hold")
    well_kept_until(org, 8)
    org.one_overdue()
    org.switch("live")
    org.send()
    assert (org.mailer.taken, len(held(org, Kind.BOOKS_BEHIND))) == ([], 1)
    (brake,) = in_force(org)
    assert not brake.releasable and "can choose otherwise in the settings" in brake.text
    with pytest.raises(UserError, match="until a payment has been entered"):
        release(org, Kind.BOOKS_BEHIND)
    org.plan(everything=True, approve=True)
    org.send()
    assert org.mailer.taken == []
    paid_on(org, clock.now().date())
    org.plan()
    org.send()
    assert (len(org.mailer.taken), kinds(org)) == (1, [])


def test_another_wish_holds_for_what_is_held_already(org: Chasing) -> None:
    well_kept_until(org, 8)
    org.one_overdue()
    org.switch("live")
    org.send()
    assert kinds(org) == [Kind.UNRECONCILED]
    switches.set_when_books_lag(org.app, org.organisation_id, "hold")
    assert kinds(org) == [Kind.BOOKS_BEHIND]
    org.plan()
    org.send()
    assert org.mailer.taken == []
    switches.set_when_books_lag(org.app, org.organisation_id, "soften")
    assert kinds(org) == []
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1
    with pytest.raises(UserError, match="ask, hold, soften"):
        switches.set_when_books_lag(org.app, org.organisation_id, "hope")


def test_softened_mails_say_first_how_far_the_books_are_complete(org: Chasing) -> None:
    switches.set_when_books_lag(org.app, org.organisation_id, "soften")
    well_kept_until(org, 8)
    invoice = org.one_overdue()
    org.switch("live")
    org.send()
    (mail,) = org.mailer.taken
    greeting, first, *_ = mail.text.split("\n\n")
    assert greeting.startswith("Hello") and first.startswith(
        "Our books are complete only up to 8 November 2026. If you have paid since then, thank you"
    )
    why = outlook.why(org.app, org.organisation_id, org.id_of(invoice))
    assert why and any(one.rule == "books" and "so each mail says so" in one.text for one in why.reasons)


def test_while_the_books_are_kept_no_mail_speaks_of_them(org: Chasing) -> None:
    switches.set_when_books_lag(org.app, org.organisation_id, "soften")
    well_kept_until(org, 1)
    live(org)
    assert "books are complete" not in org.mailer.taken[0].text


def test_money_that_would_pay_everything_is_asked_about_where_mails_are_to_be_softened(org: Chasing) -> None:
    invoice = org.one_overdue()
    contact = org.ledger.invoice_book[invoice].contact_id
    org.ledger.add_credit(contact, "CN-1", "150.00")
    org.mirror()
    org.switch("live")
    org.send()
    assert org.mailer.taken == []
    switches.set_when_books_lag(org.app, org.organisation_id, "soften")
    org.plan()
    org.send()
    (mail,) = org.mailer.taken
    assert (
        "We hold £150.00 of yours that is not matched to an invoice yet. Is it meant for this one?"
        in mail.text
    )


def test_money_that_would_pay_a_part_is_told_of_whatever_the_setting(org: Chasing) -> None:
    invoice = org.one_overdue()
    org.ledger.add_credit(org.ledger.invoice_book[invoice].contact_id, "CN-1", "30.00")
    org.mirror()
    org.switch("live")
    org.send()
    (mail,) = org.mailer.taken
    assert "We also hold £30.00 of yours that is not matched to an invoice yet" in mail.text
