"""The pages about late payment: rules, what a customer is, and interest on an invoice with its working."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kit import clock
from kit.ids import derived_id
from services.app import App
from store.models import Payment
from tests.support.cast import Cast
from tests.support.visitor import Member, words


@pytest.fixture
def invoice_page(stage: Cast, dunnock: App) -> str:
    """The page of an overdue invoice whose payments are all known."""
    now = clock.now()
    with dunnock.database.write(stage.organisation_id) as session:
        session.add(
            Payment(
                organisation_id=stage.organisation_id,
                id=derived_id("payment"),
                ledger_id=derived_id("payment"),
                kind="ACCRECPAYMENT",
                invoice_id=stage.invoice_id,
                contact_id=stage.contact_id,
                paid_on=now.date() - timedelta(days=60),
                currency="GBP",
                amount=Decimal("50.00"),
                status="AUTHORISED",
                is_reconciled=True,
                updated_at=now,
                fingerprint="-",
            )
        )
    return f"{stage.home}/invoices/{stage.invoice_id}"


def test_the_invoice_shows_interest_once_rules_are_chosen_and_the_customer_is_known(
    owner: Member, stage: Cast, invoice_page: str
) -> None:
    assert "No rules for late payment are chosen" in owner.words(invoice_page)
    owner.press(f"{stage.home}/late-fees/rules", rules="uk")
    assert "Nobody has said yet whether" in owner.words(invoice_page)
    owner.press(f"{stage.home}/contacts/{stage.contact_id}/late-payment", kind="company")
    page = owner.words(invoice_page)
    assert "Rules United Kingdom: Late Payment of Commercial Debts (Interest) Act 1998" in page
    assert (
        "11.75 % a year: 3.75 + 8.00" in page and "for 30 June 2026" in page and "besides the invoice" in page
    )
    assert "A company or partnership" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")


def test_a_private_individual_owes_no_interest(owner: Member, stage: Cast, invoice_page: str) -> None:
    owner.press(f"{stage.home}/late-fees/rules", rules="uk")
    owner.press(f"{stage.home}/contacts/{stage.contact_id}/late-payment", kind="individual")
    assert "a consumer owes no interest or compensation" in owner.words(invoice_page)


@pytest.mark.parametrize("page", ["late-fees/rules", "contacts/{contact}/late-payment"])
def test_a_number_that_is_none_is_refused_and_kept(owner: Member, stage: Cast, page: str) -> None:
    address = f"{stage.home}/{page.format(contact=stage.contact_id)}"
    agreed = {"rules": "contract", "kind": "company", "rate": "18", "fee": "25", "fee_currency": "usd"}
    answer = owner.press(address, rules="contract", kind="company", rate="eighteen")
    assert answer.status_code == 422
    assert (
        "“eighteen” is no rate; write it like 12.50." in words(answer) and 'value="eighteen"' in answer.text
    )
    answer = owner.press(address, rules="contract", kind="company")
    assert "Give the rate that the contract agrees" in words(answer)
    assert owner.press(address, **agreed).status_code == 302
    assert 'value="18.00"' in owner.get(address).text and 'value="USD"' in owner.get(address).text
