"""The answer to a dispute, as the customer gets it: only where it is wanted, and once."""

from __future__ import annotations

from kit import clock
from services import disputes, holds
from services.occasions import switches
from store.models import Communication
from tests.services.test_disputes import of, open_one, settle
from tests.support.chasing import Chasing


def answers(org: Chasing) -> list[Communication]:
    with org.app.database.read(org.organisation_id) as session:
        found = session.query(Communication).filter_by(kind="dispute_resolved")
        return list(found.order_by(Communication.created_at))


def wanted(org: Chasing) -> None:
    switches.switch(org.app, org.organisation_id, "dispute_resolved", on=True, by="Anna")


def test_it_is_off_until_somebody_switches_it_on(org: Chasing) -> None:
    settle(org, open_one(org, org.one_due()), "rejected")
    org.plan()
    assert answers(org) == []
    wanted(org)
    org.plan(everything=True)
    assert answers(org) == [], "what was settled before is not told later"


def test_the_customer_is_told_once_what_was_answered(org: Chasing) -> None:
    wanted(org)
    invoice = org.one_due()
    settle(org, open_one(org, invoice, "30.00"), "part_upheld", "20.00")
    for _ in range(4):
        org.plan(everything=True)
        org.send()
        org.shift(days=1)
    mails = [mail for mail in org.mailer.taken if "what you disputed" in mail.subject]
    assert len(mails) == len(answers(org)) == 1
    assert "We have looked into it." in mails[0].text
    assert "£30.00 of invoice INV-1" in mails[0].text and "We are crediting £20.00 to you." in mails[0].text


def test_an_answer_reaches_who_has_written_and_whose_invoice_is_wholly_credited(org: Chasing) -> None:
    wanted(org)
    invoice = org.one_due()
    found = open_one(org, invoice)
    (contact,) = org.ledger.contact_book
    holds.place(
        org.app,
        org.organisation_id,
        by="Dunnock",
        reason="They wrote",
        kind="reply",
        contact_id=org.id_of(contact),
    )
    settle(org, found, "upheld")
    org.plan(everything=True)
    org.send()
    (mail,) = org.mailer.taken
    assert "about invoice INV-1" in mail.text and "We are crediting £100.00 to you." in mail.text


def test_what_was_withdrawn_needs_no_answer(org: Chasing) -> None:
    wanted(org)
    found = open_one(org, org.one_due())
    with org.app.database.write(org.organisation_id) as session:
        disputes.withdraw(session, of(org, session), found.id, by="Ben", now=clock.now())
    org.plan(everything=True)
    assert answers(org) == []
