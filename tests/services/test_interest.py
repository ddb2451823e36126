"""Interest on invoices of the book: by rules that somebody chose, on what the ledger says, or a sentence why not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kit import clock
from kit.errors import UserError
from services import interest
from services.interest import Kind, Worked
from services.late_payment_terms import Agreed, choose_rules, set_terms
from services.mirror.write import store_payments
from store.models import Contact, Invoice
from tests.support.chasing import Chasing

UK = Agreed("uk")
THE_SAME = Agreed(None)
"""As the organisation has it."""


def rules(org: Chasing, agreed: Agreed = UK, *, split: bool = False) -> None:
    with org.app.database.write(org.organisation_id) as session:
        choose_rules(session, org.organisation_id, agreed, split=split, told=False)


def terms(
    org: Chasing, contact: str, kind: Kind | None = Kind.COMPANY, agreed: Agreed = THE_SAME, **more: Any
) -> None:
    with org.app.database.write(org.organisation_id) as session:
        set_terms(
            session,
            org.organisation_id,
            org.id_of(contact),
            agreed,
            kind=kind,
            longer_term_fair=more.get("longer_term_fair", False),
            by="Anna Hale",
            now=clock.now(),
        )


def mirror(org: Chasing) -> None:
    """The mirror learns all, the payments too."""
    org.mirror()
    with org.app.database.write(org.organisation_id) as session:
        store_payments(session, org.organisation_id, list(org.ledger.payment_book.values()), clock.now())


def work_out(org: Chasing, invoice: str, on: date) -> Worked:
    with org.app.database.read(org.organisation_id) as session:
        row = session.get_one(Invoice, (org.organisation_id, org.id_of(invoice)))
        contact = session.get_one(Contact, (org.organisation_id, row.contact_id))
        return interest.work_out(session, org.organisation_id, row, contact, on)


def problem(org: Chasing, invoice: str) -> str:
    worked = work_out(org, invoice, date(2026, 11, 16))
    assert worked.claim is None and worked.problem
    return worked.problem


def invoice_of(org: Chasing, contact: str, due_on: date, total: str, **fields: Any) -> str:
    return org.ledger.add_invoice(contact, "INV-1", total, due_on=due_on, **fields)


def test_the_working_is_that_of_the_law_with_part_payments_of_the_mirror(org: Chasing) -> None:
    contact = org.customer()
    invoice = invoice_of(org, contact, date(2026, 1, 31), "5000.00")
    org.ledger.now = org.ledger.now.replace(month=2, day=20)
    org.ledger.pay(invoice, "2000.00")
    mirror(org)
    rules(org)
    terms(org, contact)
    claim = work_out(org, invoice, date(2026, 3, 31)).claim
    assert claim is not None
    assert (claim.interest, claim.compensation, claim.total) == (
        Decimal("69.86"),
        Decimal(70),
        Decimal("139.86"),
    )
    assert [(line.days, int(line.principal)) for line in claim.lines] == [(20, 5000), (39, 3000)]


def test_the_rate_is_fixed_or_split_as_the_organisation_chose(org: Chasing) -> None:
    contact = org.customer()
    invoice = invoice_of(org, contact, date(2025, 3, 31), "10000.00")
    mirror(org)
    terms(org, contact)
    for split, expected in ((False, "639.25"), (True, "626.64")):
        rules(org, split=split)
        claim = work_out(org, invoice, date(2025, 9, 30)).claim
        assert claim is not None and claim.interest == Decimal(expected)


def test_nothing_is_worked_out_until_somebody_has_chosen_rules_and_said_what_the_customer_is(
    org: Chasing,
) -> None:
    contact = org.customer()
    invoice = invoice_of(org, contact, date(2026, 1, 31), "5000.00")
    mirror(org)
    assert problem(org, invoice) == interest.NOT_CHOSEN
    rules(org)
    assert problem(org, invoice).startswith("Nobody has said yet whether Bellwether Books is a business")


def test_a_consumer_is_refused_in_the_words_of_the_law(org: Chasing) -> None:
    contact = org.customer()
    invoice = invoice_of(org, contact, date(2026, 1, 31), "5000.00")
    mirror(org)
    rules(org)
    terms(org, contact, Kind.INDIVIDUAL)
    assert "a consumer owes no interest" in problem(org, invoice)


def test_a_public_authority_has_thirty_days_and_no_more(org: Chasing) -> None:
    contact = org.customer()
    invoice = invoice_of(org, contact, date(2026, 3, 31), "1000.00", issued_on=date(2026, 1, 30))
    mirror(org)
    rules(org)
    starts = {}
    for kind in (Kind.SOLE_TRADER, Kind.PUBLIC_BODY):
        terms(org, contact, kind)
        claim = work_out(org, invoice, date(2026, 6, 30)).claim
        assert claim is not None
        starts[kind] = claim.start
    assert starts == {Kind.SOLE_TRADER: date(2026, 4, 1), Kind.PUBLIC_BODY: date(2026, 3, 1)}


@pytest.mark.parametrize(
    ("country", "expected"), [("GB", "uk"), ("DE", "de"), ("FR", "fr"), ("NL", "eu"), ("IE", "eu")]
)
def test_by_country_each_customer_has_the_law_of_its_own(org: Chasing, country: str, expected: str) -> None:
    contact = org.customer(country=country)
    invoice = invoice_of(org, contact, date(2026, 1, 31), "500.00", currency="EUR")
    mirror(org)
    rules(org, Agreed("by_country"))
    terms(org, contact)
    claim = work_out(org, invoice, date(2026, 2, 28)).claim
    assert claim is not None and claim.rules.id == expected


@pytest.mark.parametrize(
    ("country", "words"),
    [
        ("US", "no federal interest on invoices between businesses"),
        ("AU", "Australia has no statutory interest"),
        ("NZ", "New Zealand has no statutory interest"),
        ("JP", "No rules are known for customers in JP"),
        (None, "The country of Bellwether Books is not known"),
    ],
)
def test_where_the_law_gives_nothing_only_a_contract_does(
    org: Chasing, country: str | None, words: str
) -> None:
    contact = org.customer(country=country)
    invoice = invoice_of(org, contact, date(2026, 1, 31), "2000.00", currency="USD")
    mirror(org)
    rules(org, Agreed("by_country"))
    terms(org, contact)
    assert words in problem(org, invoice)
    terms(org, contact, agreed=Agreed("contract", Decimal(18), Decimal(25), "USD"))
    claim = work_out(org, invoice, date(2026, 3, 17)).claim
    assert claim is not None
    assert (claim.interest, claim.compensation) == (Decimal("44.38"), Decimal(25))


def test_books_that_do_not_add_up_give_no_interest(org: Chasing) -> None:
    contact = org.customer()
    invoice = invoice_of(org, contact, date(2026, 1, 31), "5000.00")
    org.ledger.pay(invoice, "2000.00")
    org.mirror()  # without the payment
    rules(org)
    terms(org, contact)
    assert "leave GBP 5,000.00 and the ledger says GBP 3,000.00" in problem(org, invoice)


def test_a_credit_is_taken_off_from_the_beginning(org: Chasing) -> None:
    contact = org.customer()
    invoice = invoice_of(org, contact, date(2026, 1, 31), "5000.00")
    org.ledger.allocate(org.ledger.add_credit(contact, "CN-1", "4200.00"), invoice, "4200.00")
    mirror(org)
    rules(org)
    terms(org, contact)
    claim = work_out(org, invoice, date(2026, 3, 31)).claim
    assert claim is not None
    assert claim.debt.amount == Decimal("800.00") and claim.compensation == Decimal(40)


@pytest.mark.parametrize(
    ("agreed", "words"),
    [
        (Agreed("atlantis"), "There are no rules “atlantis”"),
        (Agreed("contract"), "Give the rate that the contract agrees"),
        (Agreed("uk", Decimal(5)), "go with the rules “contract” alone"),
        (Agreed("contract", Decimal(500)), "cannot be right"),
        (Agreed("contract", Decimal(5), Decimal(10)), "Give the currency of the fee"),
    ],
)
def test_what_is_wrong_with_chosen_rules_is_said(org: Chasing, agreed: Agreed, words: str) -> None:
    with pytest.raises(UserError, match=words):
        rules(org, agreed)


@pytest.mark.parametrize("told", [True, False])
def test_a_letter_names_amount_law_and_date_only_where_customers_are_to_be_told(
    org: Chasing, told: bool
) -> None:
    contact = org.customer()
    org.invoice(contact, "INV-1", 30, "1234.50")
    mirror(org)
    terms(org, contact)
    with org.app.database.write(org.organisation_id) as session:
        choose_rules(session, org.organisation_id, UK, split=False, told=told)
    org.switch("live")
    org.send()
    (mail,) = org.mailer.taken
    said = "Under the Late Payment of Commercial Debts (Interest) Act 1998" in mail.text
    assert said is told
    if told:
        assert "Up to 16 November 2026 that is £81.92" in mail.text
        assert (
            "INV-1: £1,234.50 from 18 October 2026 to 16 November 2026 at 11.75 % a year: £11.92" in mail.text
        )


def test_no_text_waits_for_interest_that_cannot_be_worked_out(org: Chasing) -> None:
    contact = org.customer()
    org.invoice(contact, "INV-1", 30, "1234.50")
    mirror(org)
    with org.app.database.write(org.organisation_id) as session:
        choose_rules(session, org.organisation_id, UK, split=False, told=True)
    org.switch("live")
    org.send()
    assert "Late Payment" not in org.mailer.taken[0].text
