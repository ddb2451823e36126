"""Invoices that nobody has sent: they leave once, with their PDF, and the ledger learns of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from credit_control.occasions import OccasionKind
from integration.ledger import AnswerLost, Refused, Unreachable
from kit import clock
from services.occasions import marking
from store.queries import sent_marks
from tests.services.other_mails import others, want
from tests.support.chasing import Chasing

INVOICE = OccasionKind.INVOICE
TUESDAY = datetime(2026, 11, 17, 11, 0, tzinfo=UTC)


def approved(org: Chasing, number: str = "INV-1", *, sent: bool | None = False, **fields: Any) -> str:
    """An invoice of today that is due in a month; its ledger id."""
    customer = org.ledger.add_contact(f"Customer {number}", f"{number.lower()}@example.com")
    today = clock.now().date()
    fields = {"issued_on": today, "due_on": today + timedelta(days=30), "sent": sent} | fields
    invoice = org.ledger.add_invoice(customer, number, "100.00", **fields)
    org.mirror()
    return invoice


def live(org: Chasing) -> None:
    org.switch("live")
    want(org, INVOICE)


def leave(org: Chasing, moment: datetime = TUESDAY) -> None:
    org.move_to(moment)
    org.plan()
    org.send()


def mark(org: Chasing) -> bool:
    return marking.write_with(org.app, org.organisation_id, org.ledger)


def test_an_unsent_invoice_leaves_the_next_day_and_is_marked_as_sent(org: Chasing) -> None:
    live(org)
    invoice = approved(org)
    org.plan()
    org.send()
    assert org.mailer.taken == []
    leave(org)
    (mail,) = org.mailer.taken
    assert "\n\nHere is our invoice INV-1 for £100.00, due on 16 December 2026" in mail.text
    assert [file.name for file in mail.files] == ["INV-1.pdf"]
    assert marking.due(org.app) == [org.organisation_id]
    mark(org)
    assert org.ledger.invoice_book[invoice].sent is True
    assert marking.due(org.app) == []
    org.mirror()
    leave(org, TUESDAY + timedelta(days=1))
    assert len(org.mailer.taken) == 1


def test_what_is_sent_or_not_known_to_be_unsent_stays(org: Chasing) -> None:
    live(org)
    approved(org, "INV-1", sent=True)
    approved(org, "INV-2", sent=None)
    leave(org)
    assert others(org, INVOICE) == []


def test_nothing_from_before_the_switch_or_older_than_a_month_is_sent(org: Chasing) -> None:
    org.switch("live")
    approved(org, "INV-1", issued_on=date(2026, 11, 15))
    want(org, INVOICE)
    approved(org, "INV-2")
    leave(org, datetime(2026, 12, 21, 11, 0, tzinfo=UTC))
    assert others(org, INVOICE) == []


def test_whoever_sends_it_from_the_ledger_meanwhile_is_not_doubled(org: Chasing) -> None:
    live(org)
    invoice = approved(org)
    org.plan()
    assert [row.status for row in others(org, INVOICE)] == ["planned"]
    org.move_to(TUESDAY)
    org.ledger.change_invoice(invoice, sent=True)
    org.send()
    assert org.mailer.taken == []
    assert [row.status for row in others(org, INVOICE)] == ["cancelled"]


def test_after_a_lost_answer_the_invoice_is_read_before_it_is_marked_again(org: Chasing) -> None:
    live(org)
    invoice = approved(org)
    leave(org)
    org.ledger.failures.append(AnswerLost("The connection broke."))
    mark(org)
    org.ledger.change_invoice(invoice, sent=True)
    org.shift(minutes=5)
    org.ledger.calls.clear()
    mark(org)
    assert org.ledger.calls == ["invoices"]
    assert marking.due(org.app) == []


def test_a_ledger_that_is_away_is_tried_again_and_one_that_refuses_is_told_of(org: Chasing) -> None:
    live(org)
    approved(org)
    leave(org)
    org.ledger.failures.append(Unreachable("The ledger is away."))
    assert mark(org) is False
    org.shift(minutes=1)
    org.ledger.failures.append(Refused("This document cannot be edited."))
    mark(org)
    with org.app.database.read(org.organisation_id) as session:
        (refused,) = sent_marks.refused(session, org.organisation_id, 10)
    assert (refused.number, refused.problem) == ("INV-1", "This document cannot be edited.")
