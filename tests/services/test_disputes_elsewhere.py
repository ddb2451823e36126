"""What is in dispute is asked for nowhere else either: interest, fees, stops, letters, statements, campaigns, other channels."""

from __future__ import annotations

from decimal import Decimal

import pytest

from credit_control.facts import Action, Step
from credit_control.occasions import OccasionKind
from kit import clock
from kit.errors import UserError
from services import account_stops
from services.books import desk_of, one_book
from services.drafting import draft
from services.interest import Kind
from services.mail_facts import line_of
from services.occasions.campaigns import Wanted, list_for
from tests.services import test_account_statements as statements
from tests.services import test_account_stops as stops
from tests.services import test_claim_letters as claims
from tests.services import test_late_fees as fees
from tests.services.other_mails import want
from tests.services.test_disputes import open_one, settle
from tests.services.test_interest import mirror
from tests.support.chasing import Chasing


def test_no_interest_is_charged_while_a_part_is_in_dispute_and_the_reason_is_said(org: Chasing) -> None:
    invoice = fees.one_late(org)
    found = open_one(org, invoice, "500.00")
    assert "GBP 500.00 of INV-1 is in dispute, so no interest" in fees.why_not(fees.charge(org, invoice))
    settle(org, found, "rejected")
    assert len(fees.charge(org, invoice).made) == 1


def test_a_letter_before_action_is_about_what_nobody_disputes(org: Chasing) -> None:
    contact = claims.owing(org, Kind.COMPANY)
    org.invoice(contact, "INV-2", 40, "99.00")
    mirror(org)
    first, second = org.ledger.invoice_book
    open_one(org, first, "10.00")
    letter = claims.make(org, contact)
    assert [one["row"][0] for one in letter.content["invoices"]] == ["INV-2"]
    claims.approve(org, letter)
    found = open_one(org, second)
    with pytest.raises(UserError, match="INV-2 is in dispute by now"):
        claims.post(org, letter)
    settle(org, found, "upheld")
    with pytest.raises(UserError, match="nothing to claim"):
        claims.make(org, contact)


def test_no_account_is_stopped_for_an_invoice_in_dispute(org: Chasing) -> None:
    (invoice,) = stops.warn(org)
    found = open_one(org, invoice, "10.00")
    org.shift(days=7)
    stops.work(org)
    row = stops.only_stop(org)
    assert row.status == "warned" and "in dispute" in (row.problem or "")
    settle(org, found, "rejected")
    org.shift(hours=2)
    assert account_stops.due(org.app) == [org.organisation_id]
    stops.work(org)
    assert stops.only_stop(org).status == "stopped"


def test_a_statement_shows_what_is_in_dispute_and_leaves_it_out_of_the_balance(org: Chasing) -> None:
    customer = org.customer()
    whole, part = org.invoice(customer, "INV-1", -60, "100.00"), org.invoice(customer, "INV-2", -60, "250.00")
    org.mirror()
    org.switch("live")
    want(org, OccasionKind.STATEMENT)
    open_one(org, whole)
    open_one(org, part, "50.00")
    statements.on_the_first(org)
    (mail,) = org.mailer.taken
    told = " ".join(statements.words(mail.files[0].content).split())
    assert "in dispute: £100.00" in told and "in dispute: £50.00" in told
    assert "In dispute, and not in the balance: £150.00" in told and "Balance: £200.00" in told
    assert "£100.00 of INV-1 and £50.00 of INV-2" in mail.text and "£350.00" not in mail.text


def test_calls_and_text_messages_ask_for_the_rest(org: Chasing) -> None:
    """Whatever the channel, what is written is about what is asked for, and says what it leaves out."""

    invoice = org.one_overdue()
    open_one(org, invoice, "30.00")
    with org.app.database.read(org.organisation_id) as session:
        desk = desk_of(session, org.organisation_id)
        (contact,) = org.ledger.contact_book
        book = one_book(session, desk, org.id_of(contact))
        assert book is not None
        lines = [(one.id, line_of(one)) for one in book.invoices]
        said = {
            action: draft(
                session, desk, book, lines, Step(1, "Step", 3, action, text), clock.now()
            ).composed.text
            for action, text in (
                (Action.CALL, "call_hint"),
                (Action.SMS, "text_reminder"),
                (Action.LETTER, "letter_reminder"),
            )
        }
    assert "In dispute, so do not ask for it: £30.00 of INV-1." in said[Action.CALL]
    assert "Without what is disputed: £30.00 of INV-1." in said[Action.SMS]
    assert "Not included below is what you disputed: £30.00 of INV-1." in said[Action.LETTER]
    for text in said.values():
        assert "£70.00" in text and "£100.00" not in text


def test_a_campaign_is_about_nothing_that_is_wholly_in_dispute(org: Chasing) -> None:

    customer = org.customer()
    whole, part = org.invoice(customer, "INV-1", 9), org.invoice(customer, "INV-2", 9)
    org.mirror()
    open_one(org, whole)
    open_one(org, part, "40.00")
    with org.app.database.read(org.organisation_id) as session:
        listing = list_for(session, desk_of(session, org.organisation_id), Wanted(), clock.now())
    assert listing.amounts == {"GBP": Decimal("60.00")}
