"""Thanks for a payment: once, on the next working day, and only where they are meant."""

from __future__ import annotations

from datetime import UTC, datetime

from credit_control.occasions import OccasionKind
from services import holds
from tests.services.other_mails import others, paid, want
from tests.support.chasing import Chasing

THANKS = OccasionKind.THANKS
TUESDAY = datetime(2026, 11, 17, 11, 0, tzinfo=UTC)


def chased(org: Chasing, *numbers: str) -> list[str]:
    """A customer with these invoices, about which a chaser left just now; their ledger ids."""
    customer = org.customer()
    invoices = [org.invoice(customer, number, 3) for number in numbers]
    org.mirror()
    org.switch("live")
    org.send()
    assert len(org.mailer.taken) == 1
    org.mailer.taken.clear()
    return invoices


def test_nobody_is_thanked_unless_it_is_switched_on(org: Chasing) -> None:
    paid(org, *chased(org, "INV-1"))
    assert others(org, THANKS) == []


def test_who_has_paid_what_we_wrote_about_is_thanked_on_the_next_working_day(org: Chasing) -> None:
    invoices = chased(org, "INV-1", "INV-2")
    want(org, THANKS)
    paid(org, *invoices)
    org.send()
    assert org.mailer.taken == []
    org.move_to(TUESDAY)
    org.plan()
    org.send()
    (mail,) = org.mailer.taken
    greeting, first, *_ = mail.text.split("\n\n")
    assert greeting.startswith("Hello") and first.startswith("Thank you for paying invoices INV-1 and INV-2.")
    assert mail.files == ()
    (row,) = others(org, THANKS)
    assert (row.status, row.step_name) == ("sent", "Thank-you")
    assert any("Thank-you" in note.text for note in org.ledger_notes())
    org.shift(days=1)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1


def test_what_was_paid_before_the_switch_is_not_thanked_for(org: Chasing) -> None:
    paid(org, *chased(org, "INV-1"))
    org.move_to(TUESDAY)
    want(org, THANKS)
    assert others(org, THANKS) == []


def test_no_thanks_while_something_else_is_overdue(org: Chasing) -> None:
    first, _ = chased(org, "INV-1", "INV-2")
    want(org, THANKS)
    paid(org, first)
    (row,) = others(org, THANKS)
    assert row.status == "cancelled"
    assert row.reason == "No thanks are sent while 1 other invoice of this customer is overdue."


def test_thanks_are_taken_back_when_the_payment_is_deleted(org: Chasing) -> None:
    invoices = chased(org, "INV-1")
    want(org, THANKS)
    (payment,) = paid(org, *invoices)
    assert [row.status for row in others(org, THANKS)] == ["planned"]
    org.ledger.delete_payment(payment)
    org.mirror()
    org.plan()
    (row,) = others(org, THANKS)
    assert (row.status, row.reason) == (
        "cancelled",
        "There is no reason for it any more: what it is about has changed, or its days are over.",
    )


def test_a_payment_that_is_deleted_at_the_last_moment_is_not_thanked_for(org: Chasing) -> None:
    invoices = chased(org, "INV-1")
    want(org, THANKS)
    (payment,) = paid(org, *invoices)
    org.move_to(TUESDAY)
    org.plan()
    org.ledger.delete_payment(payment)
    org.send()
    assert org.mailer.taken == []
    assert [row.status for row in others(org, THANKS)] == ["cancelled"]


def test_a_credit_note_is_no_payment(org: Chasing) -> None:
    (invoice,) = chased(org, "INV-1")
    want(org, THANKS)
    contact = org.ledger.invoice_book[invoice].contact_id
    org.ledger.allocate(org.ledger.add_credit(contact, "CN-1", "100.00"), invoice, "100.00")
    org.mirror()
    org.plan()
    assert others(org, THANKS) == []


def test_late_thanks_are_left_out(org: Chasing) -> None:
    invoices = chased(org, "INV-1")
    want(org, THANKS)
    paid(org, *invoices)
    org.shift(days=9)
    org.plan()
    org.send()
    assert org.mailer.taken == []
    (row,) = others(org, THANKS)
    assert row.status == "cancelled"
    assert row.reason is not None and "later than 5 working days" in row.reason


def test_a_chaser_does_not_leave_on_the_day_of_the_thanks_and_does_on_the_next(org: Chasing) -> None:
    invoices = chased(org, "INV-1")
    org.shift(days=4)
    want(org, THANKS)
    paid(org, *invoices)
    org.shift(days=3)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1
    customer = org.ledger.invoice_book[invoices[0]].contact_id
    org.invoice(customer, "INV-9", 3)
    org.mirror()
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1
    (waiting,) = org.chasers("planned")
    assert any("no reminder follows on the same day" in reason["text"] for reason in waiting.reasons)
    org.shift(days=1)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 2


def test_a_held_customer_is_not_thanked(org: Chasing) -> None:
    invoices = chased(org, "INV-1")
    want(org, THANKS)
    contact_id = org.contact(org.ledger.invoice_book[invoices[0]].contact_id).id
    holds.place(org.app, org.organisation_id, contact_id=contact_id, reason="Talks", by="Anna Hale")
    paid(org, *invoices)
    (row,) = others(org, THANKS)
    assert row.status == "cancelled"
