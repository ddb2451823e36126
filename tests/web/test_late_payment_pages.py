"""The pages about late payment: rules, what a customer is, and interest on an invoice with its working."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import update

from kit import clock
from kit.ids import derived_id
from services import fee_drafts
from services.app import App
from store.models import Hold, Payment
from tests.support.cast import Cast
from tests.support.fake_ledger import FakeLedger
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


@pytest.fixture
def charging(owner: Member, stage: Cast, dunnock: App, invoice_page: str) -> str:
    """Late fees can be charged for the invoice of a company; the page where that is done."""
    with dunnock.database.write(stage.organisation_id) as session:
        session.execute(update(Hold).values(released_at=clock.now(), released_by="Anna Hale"))
    owner.press(f"{stage.home}/late-fees/rules", rules="uk")
    owner.press(f"{stage.home}/contacts/{stage.contact_id}/late-payment", kind="company", rules="")
    fee_drafts.keep_choices(dunnock, stage.organisation_id, FakeLedger())
    answer = owner.press(
        f"{stage.home}/late-fees/charging",
        **{"charging": "by_hand", "account_code": "270", "tax_type": "NONE", "tracking:Region": "North"},
    )
    assert answer.location.endswith("#charging")
    return f"{stage.home}/late-fees"


def test_a_late_fee_is_charged_from_the_page_and_listed(owner: Member, stage: Cast, charging: str) -> None:
    assert "North" in owner.get(f"{charging}/rules").text
    before = owner.words(charging)
    assert "Not verified: the rate from" in before
    assert "Bellwether Books" in before and "INV-1001" in before
    owner.press(f"{charging}/charge", invoice=stage.invoice_id, what="charge")
    after = owner.words(charging)
    assert "1 late fee charged; the drafts appear in Xero within a minute." in after
    assert "On its way to Xero" in after and "by Anna Hale" in after
    owner.press(f"{charging}/charge", invoice=stage.invoice_id, what="charge")
    assert "what there is has been charged or waived up to" in owner.words(charging)


def test_waiving_needs_a_reason(owner: Member, stage: Cast, charging: str) -> None:
    owner.press(f"{charging}/charge", invoice=stage.invoice_id, what="waive", reason="")
    assert "Say why it is waived" in owner.words(charging)
    owner.press(
        f"{charging}/charge", invoice=stage.invoice_id, what="waive", reason="Thirty years a customer"
    )
    assert "Waived: Thirty years a customer" in owner.words(charging)


def test_nothing_is_booked_on_what_the_ledger_does_not_have(
    owner: Member, stage: Cast, charging: str
) -> None:
    owner.press(f"{charging}/charging", charging="by_hand", account_code="999", tax_type="NONE")
    assert "There is no income account 999 in the ledger" in owner.words(f"{charging}/rules")


def test_an_account_is_stopped_and_lifted_on_the_customers_page(owner: Member, stage: Cast) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    owner.press(f"{page}/stop", reason="")
    assert "Say why the account is stopped" in owner.words(page)
    owner.press(f"{page}/stop", reason="Owes us for three months")
    assert "On stop since" in owner.words(page) and "Owes us for three months By Anna Hale" in owner.words(
        page
    )
    assert "Account on stop Written down by Anna Hale" in owner.words(page)
    owner.press(f"{page}/lift")
    assert "On stop since" not in owner.words(page)


def test_a_letter_before_action_is_made_approved_and_posted_on_its_page(
    owner: Member, stage: Cast, charging: str
) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}/letters-before-action"
    owner.press(f"{stage.home}/contacts/{stage.contact_id}/late-payment", kind="sole_trader", rules="")
    assert "this customer is elsewhere" in owner.words(page)
    owner.press(f"{stage.home}/contacts/{stage.contact_id}/calendar", place="GB", timezone="")
    typed = {"address": "1 High Street", "own_address": "2 Mill Lane", "agreement": "Your order of 1 March."}
    answer = owner.press(page, **typed)
    assert answer.status_code == 422
    assert "Say how it can be paid." in words(answer) and "2 Mill Lane" in answer.text
    assert owner.press(page, how_to_pay="To 11-22-33.", **typed).status_code == 302
    shown = owner.get(page).text
    assert "the Reply Form of Annex 1" in shown and "debt-pap.pdf" in shown
    (letter,) = set(re.findall(r"letters-before-action/([0-9a-f]{32})", shown))
    answer = owner.get(f"{page}/{letter}")
    assert answer.content_type == "application/pdf" and answer.data.startswith(b"%PDF")
    owner.press(f"{page}/{letter}/approve")
    owner.press(f"{page}/{letter}/posted")
    assert "Confirm that everything that must go with the letter is in the envelope" in owner.words(page)
    owner.press(f"{page}/{letter}/posted", enclosed="1")
    assert "Posted by Anna Hale" in owner.words(page)


def test_a_customer_is_handed_over_with_one_file(owner: Member, stage: Cast, charging: str) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}/hand-over"
    assert owner.press(page, agency="").status_code == 422
    answer = owner.press(page, agency="Firm & Fair")
    assert answer.content_type == "application/zip"
    with ZipFile(BytesIO(answer.data)) as file:
        assert {"cover.pdf", "register.csv", "people.csv"} <= set(file.namelist())
        assert any(name.endswith("is missing.txt") for name in file.namelist())  # nobody is connected here
    assert "Handed over to Firm & Fair" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")
