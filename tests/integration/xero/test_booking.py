"""Drafts and groups in Xero, over HTTP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from integration.ledger import DraftLine, InvoiceDraft, LedgerTerms, NotFound, Refused
from integration.xero.client import XeroLedger
from tests.integration.xero.conftest import Open

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def ledger(connected: Open) -> XeroLedger:
    return connected(contacts=[{"name": "Alder & Sons"}])


def draft(contact_id: str, account: str = "270") -> InvoiceDraft:
    line = DraftLine("Interest, 59 days", Decimal("94.97"), account, "NONE", (("Region", "North"),))
    return InvoiceDraft(
        contact_id, date(2026, 11, 22), date(2026, 12, 6), "GBP", 'Late payment INV-"1" [dk-0123]', (line,)
    )


def test_a_draft_is_made_once_and_found_by_its_reference(ledger: XeroLedger) -> None:
    contact = ledger.contacts_page(1).items[0].id
    document = draft(contact)
    plain = InvoiceDraft(
        contact, document.issued_on, document.due_on, "GBP", "Late payment INV-1 [dk-0123]", document.lines
    )
    assert ledger.invoice_with_reference(contact, plain.reference) is None
    made = {ledger.draft_invoice(plain, idempotency_key="k") for _ in range(2)}
    assert made == {ledger.invoice_with_reference(contact, plain.reference)}
    assert ledger.invoice_with_reference(NOBODY, plain.reference) is None
    ((found,),) = (ledger.invoices([one.id for one in made]),)
    assert (found.status, found.total, found.reference) == ("DRAFT", Decimal("94.97"), plain.reference)


def test_a_reference_cannot_break_out_of_its_quotation(ledger: XeroLedger) -> None:
    contact = ledger.contacts_page(1).items[0].id
    assert ledger.invoice_with_reference(contact, '" OR Type=="ACCREC') is None


def test_what_the_ledger_refuses_is_told_in_its_own_words(ledger: XeroLedger) -> None:
    contact = ledger.contacts_page(1).items[0].id
    with pytest.raises(Refused, match="Account code '999' is not a valid code"):
        ledger.draft_invoice(draft(contact, "999"), idempotency_key="k")


def test_what_can_be_booked_on_is_income_alone(ledger: XeroLedger) -> None:
    choices = ledger.booking_choices()
    assert [one.code for one in choices.accounts] == ["200", "260", "270"]
    assert [one.code for one in choices.tax_rates] == ["NONE", "OUTPUT2"]
    assert choices.tracking == (("Region", ("North", "South")),)


def test_a_contact_goes_into_a_group_and_out_again(ledger: XeroLedger) -> None:
    contact = ledger.contacts_page(1).items[0].id
    assert ledger.group_named("On stop") is None
    group = ledger.add_group("On stop", idempotency_key="g")
    assert ledger.group_named("On stop") == group
    for _ in range(2):
        ledger.put_into_group(group, contact, idempotency_key="m")
    assert ledger.group_members(group) == {contact}
    assert ledger.contacts([contact])[0].groups == ("On stop",)
    for _ in range(2):
        ledger.take_from_group(group, contact)
    assert ledger.group_members(group) == frozenset()


def test_terms_of_a_contact_are_read_and_written_once_and_those_for_bills_stay(ledger: XeroLedger) -> None:
    contact = ledger.contacts_page(1).items[0]
    assert (contact.terms, contact.bill_terms) == (None, None)
    bills, sales = LedgerTerms("OFFOLLOWINGMONTH", 20), LedgerTerms("DAYSAFTERBILLDATE", 14)
    ledger.set_terms(contact.id, sales, bill_terms=bills, idempotency_key="k")
    (first,) = ledger.contacts([contact.id])
    assert (first.terms, first.bill_terms) == (sales, bills)
    ledger.set_terms(contact.id, sales, bill_terms=bills, idempotency_key="k")
    (again,) = ledger.contacts([contact.id])
    assert again.updated_at == first.updated_at
    month = LedgerTerms("OFCURRENTMONTH", 31)
    ledger.set_terms(contact.id, month, bill_terms=again.bill_terms, idempotency_key="l")
    (last,) = ledger.contacts([contact.id])
    assert (last.terms, last.bill_terms) == (month, bills)


def test_terms_that_the_ledger_does_not_take_are_refused_in_its_words(ledger: XeroLedger) -> None:
    contact = ledger.contacts_page(1).items[0].id
    with pytest.raises(Refused, match="Sales Invoices must be between 1 and 31"):
        ledger.set_terms(
            contact, LedgerTerms("OFFOLLOWINGMONTH", 32), bill_terms=None, idempotency_key="refused"
        )
    with pytest.raises(NotFound):
        ledger.set_terms(
            NOBODY, LedgerTerms("DAYSAFTERBILLDATE", 3), bill_terms=None, idempotency_key="nobody"
        )
