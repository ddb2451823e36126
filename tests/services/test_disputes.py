"""Disputes: what is disputed rests at once, the rest is asked for, and the ledger says when a credit has come."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from services import disputes, team_tasks
from store.models import (
    Communication,
    CommunicationInvoice,
    Contact,
    Dispute,
    Invoice,
    Membership,
    Organisation,
    Person,
    TeamTask,
)
from store.queries import disputes as queries
from tests.support.chasing import Chasing


def of(org: Chasing, session: Session) -> Organisation:
    return session.get_one(Organisation, org.organisation_id)


def credit(org: Chasing, invoice: str, amount: str) -> None:
    """A credit note that is allocated to the invoice."""
    note = org.ledger.add_credit(
        org.ledger.invoice_book[invoice].contact_id, f"CN-{len(org.ledger.credit_book)}", amount
    )
    org.ledger.allocate(note, invoice, amount)


def asked(org: Chasing, chaser: Communication) -> dict[str, Decimal]:
    """What a chaser asks for, by the number of the invoice."""
    with org.app.database.read(org.organisation_id) as session:
        rows = session.execute(
            select(Invoice.number, CommunicationInvoice.amount_due)
            .join(CommunicationInvoice, CommunicationInvoice.invoice_id == Invoice.id)
            .where(CommunicationInvoice.communication_id == chaser.id)
        )
        return dict(rows.all())


def open_one(org: Chasing, invoice: str, amount: str | None = None, **more: Any) -> Dispute:
    with org.app.database.write(org.organisation_id) as session:
        found = disputes.open_dispute(
            session,
            of(org, session),
            org.id_of(invoice),
            reason=more.pop("reason", "Two doors came without hinges"),
            amount=Decimal(amount) if amount else None,
            by="Ben",
            now=clock.now(),
            **more,
        )
        session.expunge(found)
        return found


def settle(org: Chasing, dispute: Dispute, outcome: str, amount: str | None = None) -> Dispute:
    with org.app.database.write(org.organisation_id) as session:
        return disputes.settle(
            session,
            of(org, session),
            dispute.id,
            outcome=outcome,
            text="We have looked into it.",
            by="Ben",
            now=clock.now(),
            amount=Decimal(amount) if amount else None,
        )


def resting(org: Chasing, invoice: str) -> Decimal:
    with org.app.database.read(org.organisation_id) as session:
        contact = session.get_one(Invoice, (org.organisation_id, org.id_of(invoice))).contact_id
        found = queries.resting(session, org.organisation_id, [contact])
    return found[org.id_of(invoice)].amount if org.id_of(invoice) in found else Decimal(0)


def records(org: Chasing) -> list[Communication]:
    with org.app.database.read(org.organisation_id) as session:
        found = select(Communication).where(Communication.kind == "dispute").order_by(Communication.sent_at)
        return list(session.scalars(found))


def test_a_wholly_disputed_invoice_rests_and_the_others_are_chased(org: Chasing) -> None:
    customer = org.customer()
    disputed, _ = org.invoice(customer, "INV-1", 3), org.invoice(customer, "INV-2", 3)
    org.mirror()
    org.switch("live")
    (before,) = org.chasers("planned")
    open_one(org, disputed)
    (cancelled,) = org.chasers()
    assert (cancelled.id, cancelled.status) == (before.id, "cancelled")
    assert "in dispute" in (cancelled.reason or "")
    org.plan()
    (planned,) = org.chasers("planned")
    assert org.numbers(planned) == {"INV-2"}


def test_of_a_partly_disputed_invoice_the_rest_is_asked_for(org: Chasing) -> None:
    invoice = org.one_due()
    open_one(org, invoice, "30.00")
    org.plan()
    (planned,) = org.chasers("planned")
    assert asked(org, planned) == {"INV-1": Decimal("70.00")}
    org.send()
    (mail,) = org.mailer.taken
    assert "£70.00" in mail.text and "£100.00" not in mail.text
    assert "£30.00 of INV-1" in mail.text, "the customer is told what is being looked into"
    assert asked(org, org.only_chaser()) == {"INV-1": Decimal("70.00")}
    notes = " ".join(one.text for one in org.ledger_notes() if one.communication_id == org.only_chaser().id)
    assert "GBP 70.00 asked for on INV-1" in notes and "GBP 30.00 in dispute" in notes
    assert "GBP 100.00" not in notes


def test_a_payment_of_the_rest_between_planning_and_sending_stops_the_mail(org: Chasing) -> None:
    invoice = org.one_due()
    open_one(org, invoice, "30.00")
    org.plan()
    org.ledger.pay(invoice, "70.00")
    org.send()
    assert org.mailer.taken == []
    assert "in dispute" in (org.only_chaser().reason or "")


def test_more_paid_than_the_rest_leaves_no_more_in_dispute_than_is_due(org: Chasing) -> None:
    invoice = org.one_due()
    open_one(org, invoice, "30.00")
    org.ledger.pay(invoice, "90.00")
    org.mirror()
    assert resting(org, invoice) == Decimal("10.00")


def test_opening_is_one_record_with_one_note_each_and_none_beside_a_reply(org: Chasing) -> None:
    invoice = org.one_overdue()
    found = open_one(org, invoice, "30.00", category="goods")
    (entry,) = records(org)
    assert entry.body_text == (
        "GBP 30.00 of INV-1 is in dispute (goods or work): Two doors came without hinges."
        " To be answered by 16 December 2026."
    )
    assert {one.target for one in org.ledger_notes()} == {"contact", "invoice"}
    assert (found.answer_by, found.category) == (date(2026, 12, 16), "goods")
    other = org.invoice(org.customer("Corvid"), "INV-2", 3)
    org.mirror()
    open_one(org, other, communication_id=entry.id)
    assert len(records(org)) == 1


def test_the_clock_is_the_organisations_days_and_its_end_changes_nothing(org: Chasing) -> None:
    org.change(dispute_days=10)
    invoice = org.one_due()
    assert open_one(org, invoice).answer_by == date(2026, 11, 26)
    org.shift(days=40)
    org.plan(everything=True)
    assert org.chasers("planned") == []


def test_a_rejected_dispute_lets_chasing_go_on(org: Chasing) -> None:
    invoice = org.one_due()
    found = open_one(org, invoice)
    org.plan()
    assert org.chasers("planned") == []
    settle(org, found, "rejected")
    org.plan()
    (planned,) = org.chasers("planned")
    assert asked(org, planned) == {"INV-1": Decimal("100.00")}
    assert any("rejected" in (one.body_text or "") for one in records(org))


def test_an_upheld_dispute_rests_until_the_credit_is_in_the_ledger(org: Chasing) -> None:
    invoice = org.one_due()
    settle(org, open_one(org, invoice, "30.00"), "upheld")
    assert resting(org, invoice) == Decimal("30.00")
    credit(org, invoice, "20.00")
    org.mirror()
    assert resting(org, invoice) == Decimal("10.00")
    credit(org, invoice, "10.00")
    org.mirror()
    assert resting(org, invoice) == Decimal(0)
    org.plan(everything=True)
    (planned,) = org.chasers("planned")
    assert asked(org, planned) == {"INV-1": Decimal("70.00")}


def test_what_was_not_upheld_of_it_is_asked_for(org: Chasing) -> None:
    invoice = org.one_due()
    found = open_one(org, invoice)
    with pytest.raises(UserError, match="is in dispute, so a part of it is less"):
        settle(org, found, "part_upheld", "100.00")
    settle(org, found, "part_upheld", "25.00")
    assert resting(org, invoice) == Decimal("25.00")


def test_a_credit_that_is_not_coming_can_be_given_up(org: Chasing) -> None:
    invoice = org.one_due()
    found = settle(org, open_one(org, invoice), "upheld")
    with org.app.database.write(org.organisation_id) as session:
        disputes.withdraw(session, of(org, session), found.id, by="Ben", now=clock.now())
    assert resting(org, invoice) == Decimal(0)


@pytest.mark.parametrize(
    ("amount", "more", "says"),
    [
        ("100.01", {}, "GBP 100.00 is due on INV-1, and no more can be in dispute"),
        ("0", {}, "more than nothing"),
        ("1.234", {}, "at most 2 decimals"),
        (None, {"reason": "  "}, "Say what is disputed"),
        (None, {"category": "weather"}, "“weather” is none of them"),
        (None, {"owner_id": "0" * 32}, "not a member"),
        (None, {"answer_by": date(2026, 11, 15)}, "is over already"),
        (None, {"answer_by": date(2028, 1, 1)}, "more than a year away"),
    ],
)
def test_what_cannot_be_is_refused(org: Chasing, amount: str | None, more: dict[str, Any], says: str) -> None:
    invoice = org.one_overdue()
    with pytest.raises(UserError, match=says):
        open_one(org, invoice, amount, **more)


def test_an_invoice_is_in_dispute_once_and_only_while_something_is_due(org: Chasing) -> None:
    invoice = org.one_overdue()
    found = open_one(org, invoice, "30.00")
    with pytest.raises(disputes.AlreadyInDispute):
        open_one(org, invoice, "10.00")
    settle(org, found, "rejected")
    with pytest.raises(UserError, match="settled already"):
        settle(org, found, "upheld")
    org.ledger.pay(invoice, "100.00")
    org.mirror()
    with pytest.raises(UserError, match="Nothing is due"):
        open_one(org, invoice)


def tasks(org: Chasing) -> list[tuple[str, date]]:
    """What is still to be done, and by when."""
    with org.app.database.read(org.organisation_id) as session:
        found = select(TeamTask).where(TeamTask.finished_at.is_(None)).order_by(TeamTask.due_on)
        return [(one.what, one.due_on) for one in session.scalars(found)]


def test_its_owner_is_asked_for_an_answer_and_then_for_the_credit(org: Chasing) -> None:
    invoice = org.one_overdue()
    found = open_one(org, invoice, "30.00")
    what = "Answer the dispute about GBP 30.00 of INV-1: Two doors came without hinges"
    assert tasks(org) == [(what, date(2026, 12, 16))]
    (task,) = org._all(TeamTask)
    with (
        org.app.database.write(org.organisation_id) as session,
        pytest.raises(UserError, match="settle or withdraw it, which finishes this task"),
    ):
        team_tasks.finish(session, org.organisation_id, task.id, by="Ben", now=clock.now())
    with org.app.database.write(org.organisation_id) as session:
        sooner = date(2026, 11, 20)
        disputes.change(session, of(org, session), found.id, by="Ben", now=clock.now(), answer_by=sooner)
    assert tasks(org) == [(what, sooner)]
    settle(org, found, "upheld")
    credit_it = "Enter a credit of GBP 30.00 for INV-1 in the ledger, because its dispute was upheld."
    assert tasks(org) == [(credit_it, date(2026, 11, 19))]
    with org.app.database.write(org.organisation_id) as session:
        disputes.withdraw(session, of(org, session), found.id, by="Ben", now=clock.now())
    assert tasks(org) == []


def test_whoever_looks_after_the_customer_sees_to_it(org: Chasing) -> None:
    invoice = org.one_overdue()
    with org.app.database.write_across() as session:
        for name, role in (("Anna", "owner"), ("Carl", "chaser")):
            session.add(
                Person(
                    id=name[0] * 32,
                    subject=name,
                    email=f"{name}@x.example",
                    name=name,
                    created_at=clock.now(),
                )
            )
            session.flush()
            session.add(Membership(organisation_id=org.organisation_id, person_id=name[0] * 32, role=role))
    assert open_one(org, invoice).owner_id == "A" * 32
    other = org.invoice(org.customer("Corvid"), "INV-2", 3)
    org.mirror()
    with org.app.database.write(org.organisation_id) as session:
        contact_id = session.get_one(Invoice, (org.organisation_id, org.id_of(other))).contact_id
        session.get_one(Contact, (org.organisation_id, contact_id)).owner_id = "C" * 32
    assert open_one(org, other).owner_id == "C" * 32
