"""A mail of which nobody knows whether it left: Today says so, and a person decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credit_control.morning import Sort, Urgency
from integration.email.mailer import MailUnsure
from kit import clock
from kit.errors import UserError
from services import unknown_mails
from services.mail_evidence import learn
from services.morning import morning
from store.models import AuditEntry, Organisation
from store.queries import mail
from tests.support.chasing import Chasing


def one_unknown(org: Chasing) -> str:
    """A reminder whose mail provider gave no answer; its id."""
    org.one_due()
    org.mailer.failures.append(MailUnsure("No answer."))
    org.send()
    row = org.only_chaser()
    assert row.status == "unknown"
    return row.id


def settle(org: Chasing, message_id: str, *, left: bool) -> None:
    with org.app.database.write(org.organisation_id) as session:
        unknown_mails.settle(session, org.organisation_id, message_id, left=left, by="Anna Hale")


def test_today_says_so_with_the_customer_and_what_is_overdue(org: Chasing) -> None:
    message_id = one_unknown(org)
    with org.app.database.read(org.organisation_id) as session:
        found = morning(session, session.get_one(Organisation, org.organisation_id), clock.now())
    (line,) = [one for one in found.lines if one.ask.key == message_id]
    assert (line.ask.sort, line.ask.urgency, line.ask.contact_name) == (
        Sort.PROBLEM,
        Urgency.LATE,
        "Bellwether Books",
    )
    assert "Nobody knows whether" in line.ask.what and line.ask.overdue
    assert next(tile.count for tile in found.tiles if tile.sort is Sort.PROBLEM) == 1
    settle(org, message_id, left=True)
    with org.app.database.read(org.organisation_id) as session:
        found = morning(session, session.get_one(Organisation, org.organisation_id), clock.now())
    assert not [one for one in found.lines if one.ask.key == message_id]


def test_what_left_is_settled_as_by_the_providers_report(org: Chasing) -> None:
    settle(org, one_unknown(org), left=True)
    row = org.only_chaser()
    assert (row.status, row.sent_at, row.reason) == (
        "sent",
        row.handed_over_at,
        "Anna Hale said that it left.",
    )
    assert (2, "taken") in org.steps()
    assert org.ledger_notes()
    org.shift(hours=1)
    org.plan(everything=True)
    org.send()
    assert (org.mailer.taken, len(org.chasers())) == ([], 1)


def test_what_did_not_leave_is_planned_anew_and_leaves_once(org: Chasing) -> None:
    message_id = one_unknown(org)
    settle(org, message_id, left=False)
    row = org.only_chaser()
    assert (row.status, row.reason) == ("cancelled", "Anna Hale said that it did not leave.")
    assert org.ledger_notes() == []
    org.plan()
    assert org.only_chaser().status == "planned"
    assert "Anna Hale said that it did not leave." in {one["text"] for one in org.only_chaser().reasons}
    planned_for = org.only_chaser().planned_for
    assert planned_for is not None and planned_for.date() == clock.now().date()
    org.move_to(max(planned_for, clock.now()) + timedelta(seconds=1))
    org.send()
    org.send()
    assert org.mailer.times_taken == {org.only_chaser().id: 1}
    assert org.only_chaser().status == "sent"


def test_what_did_not_leave_and_was_paid_meanwhile_does_not_leave(org: Chasing) -> None:
    message_id = one_unknown(org)
    for invoice in org.ledger.invoice_book:
        org.ledger.pay(invoice)
    org.mirror()
    settle(org, message_id, left=False)
    org.plan()
    org.shift(days=1)
    org.send()
    assert (org.mailer.taken, org.only_chaser().status) == ([], "cancelled")


def test_a_later_report_still_settles_it(org: Chasing) -> None:
    message_id = one_unknown(org)
    settle(org, message_id, left=False)
    org.plan()
    now = clock.now()
    with org.app.database.write(org.organisation_id) as session:
        row = mail.locked(session, org.organisation_id, message_id)
        assert row is not None
        learn(session, row, "delivered", at=now, now=now)
    org.shift(days=1)
    org.plan(everything=True)
    org.send()
    assert (org.only_chaser().status, org.mailer.taken) == ("delivered", [])
    assert (2, "taken") in org.steps()


def test_who_said_so_stands_in_the_audit_log_once(org: Chasing) -> None:
    message_id = one_unknown(org)
    settle(org, message_id, left=False)
    settle(org, message_id, left=False)
    with org.app.database.read(org.organisation_id) as session:
        acts = [row.act for row in session.query(AuditEntry) if row.subject_id == message_id]
    assert acts.count("said_not_left") == 1


def test_what_is_known_is_not_settled_by_a_word(org: Chasing) -> None:
    message_id = one_unknown(org)
    settle(org, message_id, left=True)
    with pytest.raises(UserError, match="known by now"):
        settle(org, message_id, left=False)
