"""Our answers against Xero's own descriptions, and through Xero's own client."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml
from jsonschema import Draft4Validator
from xero_python.accounting import AccountingApi, HistoryRecord, HistoryRecords, Invoices
from xero_python.accounting import Invoice as XeroInvoice
from xero_python.api_client import ApiClient, Configuration
from xero_python.api_client.oauth2 import OAuth2Token
from xero_python.exceptions import AccountingBadRequestException, NotFoundException
from xero_python.identity import IdentityApi

from sandbox.ledger import add_contact_group, add_credit, add_quote, allocate, pay_invoice
from sandbox.records import ContactPerson, CreditKind, Terms
from tests.sandbox.app_side import SCOPE, Side, a_side
from tests.sandbox.mail_receiver import serving

SPECS = Path(__file__).parents[2].parent / "shared" / "specs"
needs_specs = pytest.mark.skipif(
    not SPECS.is_dir(), reason="Xero's API descriptions are not beside the checkout"
)

LISTS = {
    "Organisation": "Organisations",
    "Organisation/Actions": "Actions",
    "Users": "Users",
    "BrandingThemes": "BrandingThemes",
    "InvoiceReminders/Settings": "InvoiceReminders",
    "ContactGroups": "ContactGroups",
    "Contacts": "Contacts",
    "Contacts?page=1": "Contacts",
    "Contacts?summaryOnly=true": "Contacts",
    "Invoices": "Invoices",
    "Invoices?page=1": "Invoices",
    "Invoices?summaryOnly=true": "Invoices",
    "Payments": "Payments",
    "CreditNotes?page=1": "CreditNotes",
    "Overpayments?page=1": "Overpayments",
    "Prepayments?page=1": "Prepayments",
    "Quotes": "Quotes",
    "Quotes?page=1": "Quotes",
}


@pytest.fixture
def side(tmp_path: Path) -> Side:
    """A connected organisation with one of everything."""
    side = a_side(tmp_path)
    side.sign_in()
    world, org = side.world, side.org
    contact = side.contact(
        email="office@alder.example",
        persons=[ContactPerson("Ann", "Alder", "ann@alder.example", include_in_emails=False)],
        terms=Terms(14),
        default_currency="EUR",
        account_number="A-7",
    )
    add_contact_group(world, org, "On stop", [contact])
    invoice = side.invoice(contact, "INV-1", "120.10", reference="PO 7", currency="EUR")
    pay_invoice(world, org, invoice, amount=Decimal("20.05"), on=date(2026, 11, 2))
    pay_invoice(world, org, side.invoice(contact, "INV-2"), on=date(2026, 11, 3))
    for kind in CreditKind:
        day = date(2026, 11, 4)
        credit = add_credit(world, org, contact, kind, date=day, total=Decimal("9.99"), currency="EUR")
        allocate(world, org, credit, invoice, amount=Decimal("4.00"), on=day)
    add_quote(
        world,
        org,
        contact,
        number="QU-1",
        date=date(2026, 11, 5),
        expiry_date=date(2026, 12, 5),
        total=Decimal("75.50"),
        currency="EUR",
        terms="Half on order",
        status="ACCEPTED",
    )
    return side


@cache
def description(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((SPECS / name).read_text(), Loader=yaml.CSafeLoader)
    return found


def problems(spec: str, schema: str, value: Any) -> list[str]:
    """What the description finds wrong with a value, with every reference followed."""
    document = {**description(spec), "$ref": f"#/components/schemas/{schema}"}
    validator = Draft4Validator(document)
    return [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(value)]


def unknown_fields(spec: str, schema: str, value: dict[str, Any]) -> set[str]:
    """Fields of a record that the description does not have."""
    return set(value) - set(description(spec)["components"]["schemas"][schema]["properties"])


@needs_specs
@pytest.mark.parametrize(("path", "name"), LISTS.items())
def test_every_list_fits_its_description(side: Side, path: str, name: str) -> None:
    answer = side.get(path).get_json()
    assert answer[name]
    assert problems("xero_accounting.yaml", name, answer) == []


@needs_specs
@pytest.mark.parametrize(
    ("path", "schema", "also"),
    [
        ("Invoices?page=1", "Invoice", {"DateString", "DueDateString"}),
        ("Contacts?page=1", "Contact", set()),
        ("Payments", "Payment", set()),
        ("CreditNotes?page=1", "CreditNote", {"ID", "DateString"}),
        ("Overpayments?page=1", "Overpayment", {"ID", "DateString"}),
        ("Prepayments?page=1", "Prepayment", {"ID", "DateString"}),
        ("Quotes?page=1", "Quote", set()),
        ("Organisation", "Organisation", set()),
    ],
)
def test_records_have_no_fields_that_xero_does_not_have(
    side: Side, path: str, schema: str, also: set[str]
) -> None:
    """`also` are the ISO twins and plain ids, which Xero's examples show and its schemas leave out."""
    answer = side.get(path).get_json()
    for record in answer[LISTS.get(path, path.split("?", 1)[0])]:
        assert unknown_fields("xero_accounting.yaml", schema, record) <= also


@needs_specs
def test_single_records_history_and_errors_fit_too(side: Side) -> None:
    invoice = next(iter(side.org.invoices))
    spec = "xero_accounting.yaml"
    assert problems(spec, "Invoices", side.get(f"Invoices/{invoice.id}").get_json()) == []
    online = side.get(f"Invoices/{invoice.id}/OnlineInvoice").get_json()
    assert problems(spec, "OnlineInvoices", online) == []
    quote = next(iter(side.org.quotes))
    assert problems(spec, "Quotes", side.get(f"Quotes/{quote.id}").get_json()) == []
    assert problems(spec, "HistoryRecords", side.get(f"Quotes/{quote.id}/History").get_json()) == []
    note = side.put(f"Invoices/{invoice.id}/History", {"HistoryRecords": [{"Details": "Called"}]})
    assert problems(spec, "HistoryRecords", note.get_json()) == []
    refused = side.put(f"Invoices/{invoice.id}/History", {"HistoryRecords": [{"Details": ""}]})
    assert refused.status_code == 400
    assert problems(spec, "Error", refused.get_json()) == []


@needs_specs
@pytest.mark.parametrize(
    "kind", ["DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH"]
)
def test_payment_terms_of_a_contact_are_asked_for_and_answered_as_described(side: Side, kind: str) -> None:
    contact = next(iter(side.org.contacts))
    both = {"Sales": {"Day": 14, "Type": kind}, "Bills": {"Day": 20, "Type": "OFFOLLOWINGMONTH"}}
    body = {"Contacts": [{"ContactID": contact.id, "PaymentTerms": both}]}
    assert problems("xero_accounting.yaml", "Contacts", body) == []
    answer = side.post(f"Contacts/{contact.id}", body)
    assert answer.status_code == 200
    assert problems("xero_accounting.yaml", "Contacts", answer.get_json()) == []
    (record,) = answer.get_json()["Contacts"]
    assert unknown_fields("xero_accounting.yaml", "Contact", record) == set()
    assert record["PaymentTerms"] == both


@needs_specs
@pytest.mark.parametrize(
    "sales",
    [
        {"Day": 40, "Type": "OFCURRENTMONTH"},
        {"Day": 14, "Type": "SOMEDAY"},
        {"Day": "x", "Type": "OFCURRENTMONTH"},
    ],
)
def test_refused_payment_terms_are_answered_as_described(side: Side, sales: dict[str, Any]) -> None:
    contact = next(iter(side.org.contacts))
    body = {"Contacts": [{"ContactID": contact.id, "PaymentTerms": {"Sales": sales}}]}
    refused = side.post(f"Contacts/{contact.id}", body)
    assert refused.status_code == 400
    assert problems("xero_accounting.yaml", "Error", refused.get_json()) == []


@needs_specs
def test_connections_fit_their_description(side: Side) -> None:
    (connection,) = side.client.get("/connections", headers=side.headers()).get_json()
    assert problems("xero-identity.yaml", "Connection", connection) == []
    assert unknown_fields("xero-identity.yaml", "Connection", connection) == set()


@needs_specs
def test_the_description_would_notice_a_mistake(side: Side) -> None:
    answer = side.get("Invoices?page=1").get_json()
    answer["Invoices"][0]["Status"] = "OVERDUE"
    assert problems("xero_accounting.yaml", "Invoices", answer) != []


# -- Xero's own client ------------------------------------------------------------------------------------------


@pytest.fixture
def client(side: Side) -> Iterator[ApiClient]:
    """The official client with a valid token and without its own retries."""
    configuration = Configuration()
    configuration.oauth2_token = OAuth2Token(side.config.client_id, side.config.client_secret)
    token = {
        "access_token": side.token,
        "expires_at": datetime(2100, 1, 1, tzinfo=UTC).timestamp(),
        "expires_in": 1800,
        "token_type": "Bearer",
        "refresh_token": "unused",
        "id_token": "unused",
        "scope": SCOPE.split(),
    }
    client = ApiClient(
        configuration, oauth2_token_getter=lambda: token, oauth2_token_saver=lambda _token: None
    )
    pool = client.rest_client.pool_manager
    pool.connection_pool_kw["retries"] = urllib3.Retry(0, redirect=0, raise_on_status=False)
    yield client
    pool.clear()


@pytest.fixture
def base(side: Side) -> Iterator[str]:
    with serving(side.app) as url:
        yield url


@pytest.fixture
def ledger(client: ApiClient, base: str) -> AccountingApi:
    return AccountingApi(client, base_url=f"{base}/api.xro/2.0")


def test_the_official_client_reads_everything(side: Side, ledger: AccountingApi) -> None:
    tenant = side.org.tenant_id
    assert ledger.get_organisations(tenant).organisations[0].name == "Hedgerow Joinery Ltd"
    assert ledger.get_users(tenant).users[0].first_name == "Robin"
    assert ledger.get_branding_themes(tenant).branding_themes[0].name == "Standard"
    assert ledger.get_invoice_reminders(tenant).invoice_reminders[0].enabled is False
    assert ledger.get_organisation_actions(tenant).actions[0].status == "ALLOWED"
    assert ledger.get_contact_groups(tenant).contact_groups[0].name == "On stop"
    (contact,) = ledger.get_contacts(tenant, page=1).contacts
    assert contact.contact_persons[0].email_address == "ann@alder.example"
    assert contact.payment_terms.sales.day == 14
    assert ledger.get_contact(tenant, contact.contact_id).contacts[0].name == "Alder & Sons"
    assert len(ledger.get_payments(tenant, page=1).payments) == 2
    assert ledger.get_credit_notes(tenant, page=1).credit_notes[0].remaining_credit == Decimal("5.99")
    assert ledger.get_overpayments(tenant, page=1).overpayments[0].remaining_credit == Decimal("5.99")
    assert ledger.get_prepayments(tenant, page=1).prepayments[0].remaining_credit == Decimal("5.99")


def test_the_official_client_reads_invoices_to_the_penny(side: Side, ledger: AccountingApi) -> None:
    answer = ledger.get_invoices(
        side.org.tenant_id,
        where='Type=="ACCREC" AND AmountDue>0',
        statuses=["AUTHORISED"],
        order="DueDate ASC",
        page=1,
        page_size=1000,
        if_modified_since=datetime(2020, 1, 1, tzinfo=UTC),
    )
    assert answer.pagination.item_count == 1
    (invoice,) = answer.invoices
    assert invoice.amount_due == Decimal("88.05")
    assert (invoice.date, invoice.due_date) == (date(2026, 10, 1), date(2026, 10, 31))
    assert invoice.currency_code.value == "EUR"
    assert invoice.updated_date_utc.tzinfo is not None
    assert invoice.line_items[0].line_amount == Decimal("120.10")
    single = ledger.get_invoices(side.org.tenant_id, i_ds=[invoice.invoice_id]).invoices
    assert [i.invoice_id for i in single] == [invoice.invoice_id]


def test_the_official_client_fetches_the_pdf_and_the_online_address(
    side: Side, ledger: AccountingApi
) -> None:
    invoice = next(iter(side.org.invoices))
    answer = ledger.get_invoice_as_pdf(side.org.tenant_id, invoice.id, _preload_content=False)
    pdf = answer[0] if isinstance(answer, tuple) else answer
    assert pdf.data.startswith(b"%PDF-")
    online = ledger.get_online_invoice(side.org.tenant_id, invoice.id).online_invoices[0]
    assert online.online_invoice_url.startswith("http://sandbox.example/")


def test_the_official_client_reads_quotes_prints_them_and_notes_on_them(
    side: Side, ledger: AccountingApi
) -> None:
    tenant = side.org.tenant_id
    since = datetime(2020, 1, 1, tzinfo=UTC)
    (quote,) = ledger.get_quotes(tenant, if_modified_since=since, status="ACCEPTED", page=1).quotes
    assert (quote.quote_number, quote.total, quote.currency_code.value) == ("QU-1", Decimal("75.50"), "EUR")
    assert quote.line_items[0].line_amount == Decimal("75.50")
    (single,) = ledger.get_quote(tenant, quote.quote_id).quotes
    assert single.contact.email_address == "office@alder.example"
    answer = ledger.get_quote_as_pdf(tenant, quote.quote_id, _preload_content=False)
    pdf = answer[0] if isinstance(answer, tuple) else answer
    assert pdf.data.startswith(b"%PDF-")
    notes = HistoryRecords(history_records=[HistoryRecord(details="Confirmed")])
    ledger.create_quote_history(tenant, quote.quote_id, notes, idempotency_key="q-1")
    records = ledger.get_quote_history(tenant, quote.quote_id).history_records
    assert [r.details for r in records if r.changes == "Note"] == ["Confirmed"]


def test_the_official_client_writes_notes_and_promises(side: Side, ledger: AccountingApi) -> None:
    tenant, contact = side.org.tenant_id, next(iter(side.org.contacts))
    notes = HistoryRecords(history_records=[HistoryRecord(details="Called\nAnn")])
    written = ledger.create_contact_history(tenant, contact.id, notes, idempotency_key="k-1")
    assert written.history_records[0].details == "Called\nAnn"
    ledger.create_contact_history(tenant, contact.id, notes, idempotency_key="k-1")
    records = ledger.get_contact_history(tenant, contact.id).history_records
    assert [r.details for r in records if r.changes == "Note"] == ["Called\nAnn"]
    invoice = side.invoice(contact, "INV-9")
    change = Invoices(invoices=[XeroInvoice(expected_payment_date=date(2026, 11, 27))])
    updated = ledger.update_invoice(tenant, invoice.id, change).invoices[0]
    assert updated.expected_payment_date == date(2026, 11, 27)


def test_the_official_client_understands_our_refusals(side: Side, ledger: AccountingApi) -> None:
    tenant, contact = side.org.tenant_id, next(iter(side.org.contacts))
    notes = HistoryRecords(history_records=[HistoryRecord(details="x" * 2501)])
    with pytest.raises(AccountingBadRequestException) as refused:
        ledger.create_contact_history(tenant, contact.id, notes)
    assert "2500" in refused.value.reason
    with pytest.raises(NotFoundException):
        ledger.get_invoice(tenant, str(uuid.uuid4()))


def test_the_official_client_lists_and_deletes_connections(side: Side, client: ApiClient, base: str) -> None:
    identity = IdentityApi(client, base_url=base)
    (connection,) = identity.get_connections()
    assert connection.tenant_id == side.org.tenant_id
    identity.delete_connection(connection.id)
    assert identity.get_connections() == []
