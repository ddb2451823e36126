"""The jobs against the sandbox ledger over HTTP: import, webhooks, polls, and what a lost connection does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from pypdf import PdfReader
from sqlalchemy import delete

from credit_control.brakes import OLDEST_MIRROR
from kit import clock
from services import connection, holds, news
from services.app import App
from services.books import desk_of, open_books
from services.languages import amount
from services.mirror import schedule
from services.mirror.sync import sync
from services.occasions import switches
from services.occasions.statement import credit_lines, statement_pdf
from store.models import Contact, Hold, InboxEvent, Invoice, Lease, Organisation, Quote
from store.receiving import receive
from tests.integration.xero.consent import allow, new_organisation
from tests.support.fake_ledger import FakeLedger
from tests.support.mirrored import Mirrored, make_app
from tests.support.sandbox import RunningSandbox, running_sandbox

INVOICES = [
    {
        "contact": f"Contact {number % 7}",
        "number": f"INV-{number:03}",
        "date": "2026-09-01",
        "due_date": "2026-10-01",
        "total": f"{100 + number}.{number:02}",
        "currency": "EUR" if number % 5 == 0 else "GBP",
        **({"paid": f"{100 + number}.{number:02}", "paid_on": "2026-10-05"} if number % 3 == 0 else {}),
    }
    for number in range(1, 61)
]


@dataclass
class Connected:
    """An organisation that somebody connected at the sandbox."""

    box: RunningSandbox
    app: App
    books: Mirrored
    tenant_id: str
    invoice_ids: dict[str, str]

    def open_totals(self) -> dict[str, Decimal]:
        """What the ledger itself holds as due, by currency."""
        totals: dict[str, Decimal] = {}
        for invoice in self.box.world.organisations[self.tenant_id].invoices:
            if invoice.status == "AUTHORISED" and invoice.amount_due:
                totals[invoice.currency] = totals.get(invoice.currency, Decimal(0)) + invoice.amount_due
        return totals

    def sync_all(self) -> None:
        for _ in range(50):
            if not schedule.due(self.app):
                return
            sync(self.app, self.books.organisation_id)
        pytest.fail("the import does not come to an end")

    def tell(self, category: str, *resource_ids: str) -> None:
        """A delivery of these events, as the webhook stores it."""
        now = clock.now()
        when = f"{now:%Y-%m-%dT%H:%M:%S}"
        receive(
            self.app.database,
            [
                {
                    "source": "xero",
                    "key": f"{category} {resource_id} {now.timestamp()}",
                    "tenant": self.tenant_id.lower(),
                    "payload": (
                        f'{{"resourceId":"{resource_id}","eventCategory":"{category}","eventDateUtc":"{when}"}}'
                    ).encode(),
                    "received_at": now,
                    "next_try_at": now,
                    "handled_at": None,
                    "outcome": None,
                }
                for resource_id in resource_ids
            ],
        )
        news.handle(self.app, self.tenant_id.lower())


@pytest.fixture
def connected(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Connected]:
    with running_sandbox() as box:
        app = make_app(database_url, tmp_path, redis_url, **_addresses(box))
        contacts = [{"name": f"Contact {number}", "email": f"c{number}@example.com"} for number in range(7)]
        credit = {"contact": "Contact 1", "kind": "credit_note", "amount": "25.00"}
        made = new_organisation(box, contacts=contacts, invoices=INVOICES, credits=[credit])
        tenant_id = made["tenant_id"]
        person = connection.sign_in(app, allow(box, tenant_id), _CLAIMS)
        (organisation_id,) = connection.enable(app, person.id, [tenant_id])
        yield Connected(box, app, Mirrored(app, organisation_id, FakeLedger()), tenant_id, made["invoices"])
        app.redis.close()
        app.database.close()


_CLAIMS: dict[str, Any] = {"sub": "anna", "email": "anna@example.com", "name": "Anna Hale"}


def _addresses(box: RunningSandbox) -> dict[str, str]:
    return {
        "XERO_CLIENT_ID": box.config.client_id,
        "XERO_CLIENT_SECRET": box.config.client_secret,
        "XERO_LOGIN_URL": box.url,
        "XERO_IDENTITY_URL": box.url,
        "XERO_API_URL": box.url,
        "TOKEN_KEYS": "a key for the tests alone",
    }


def test_an_import_over_http_equals_the_ledger_to_the_cent(connected: Connected) -> None:
    connected.sync_all()
    assert connected.books.open_totals() == connected.open_totals()
    assert sum(connected.books.open_credits().values()) == Decimal("25.00")
    assert {contact.status for contact in connected.books.rows(Contact)} == {"ACTIVE"}
    assert connected.books.organisation().imported_at is not None
    before = connected.books.snapshot()
    connected.books.make_due(*schedule.FIRST_IMPORT, schedule.INVOICE_CHANGES)
    connected.sync_all()
    assert connected.books.snapshot() == before


def test_what_a_webhook_tells_is_in_the_mirror(connected: Connected) -> None:
    connected.sync_all()
    paid, voided = connected.invoice_ids["INV-001"], connected.invoice_ids["INV-002"]
    connected.box.post(f"/sandbox/invoices/{paid}/pay", amount="50.00")
    connected.box.post(f"/sandbox/invoices/{voided}/void")
    assert connected.books.open_totals() != connected.open_totals()
    connected.tell("INVOICE", paid, voided)
    assert connected.books.open_totals() == connected.open_totals()


def test_what_no_webhook_told_is_found_by_the_poll(connected: Connected) -> None:
    connected.sync_all()
    for number in ("INV-001", "INV-002", "INV-004"):
        connected.box.post(f"/sandbox/invoices/{connected.invoice_ids[number]}/pay")
    connected.books.make_due(schedule.INVOICE_CHANGES)
    connected.sync_all()
    assert connected.books.open_totals() == connected.open_totals()


def test_a_day_that_is_nearly_used_up_stops_sweeps_but_lets_no_mirror_grow_old(connected: Connected) -> None:
    connected.sync_all()
    synced_at = connected.books.organisation().synced_at
    assert synced_at
    known = f"governor:{connected.tenant_id}:known"
    limit = int(connected.app.redis.hget(known, "day_limit") or 0)
    connected.app.redis.hset(known, "day_left", limit * 3 // 10)
    connected.books.make_due(schedule.INVOICE_CHANGES)
    sync(connected.app, connected.books.organisation_id)
    assert connected.books.organisation().synced_at == synced_at
    with connected.app.database.write(connected.books.organisation_id) as session:
        organisation = session.get_one(Organisation, connected.books.organisation_id)
        organisation.synced_at = synced_at - OLDEST_MIRROR / 2
    connected.books.make_due(schedule.INVOICE_CHANGES)
    sync(connected.app, connected.books.organisation_id)
    read_again = connected.books.organisation().synced_at
    assert read_again and read_again > synced_at


def test_a_connection_that_was_removed_stops_reading_and_asks_no_more(connected: Connected) -> None:
    connected.sync_all()
    organisation = connected.books.organisation()
    with connected.app.database.read(organisation.id) as session:
        assert session.get_one(Organisation, organisation.id).connection_id
    token = allow(connected.box, connected.tenant_id)["access_token"]
    requests.delete(
        f"{connected.box.url}/connections/{organisation.connection_id}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    ).raise_for_status()
    connected.tell("INVOICE", connected.invoice_ids["INV-001"])
    assert connected.books.organisation().connection != "connected"
    connected.books.make_due(schedule.INVOICE_CHANGES)
    assert schedule.due(connected.app) == []
    news.handle(connected.app, connected.tenant_id.lower())
    with connected.app.database.write_across() as session:
        session.execute(delete(Lease))  # the half minute that they wait for a ledger that does not answer
    news.handle(connected.app, connected.tenant_id.lower())
    (event,) = connected.books.events()
    assert isinstance(event, InboxEvent)
    assert event.outcome is not None and event.outcome.startswith("not followed")


def test_a_statement_says_what_the_ledger_says_is_outstanding(connected: Connected) -> None:
    connected.sync_all()
    organisation_id, today = connected.books.organisation_id, clock.now().date()
    ledger = connected.box.world.organisations[connected.tenant_id]
    with connected.app.database.read(organisation_id) as session:
        desk = desk_of(session, organisation_id)
        books = list(open_books(session, desk))
        held = {book.contact.id: credit_lines(session, organisation_id, book.contact.id) for book in books}
    assert len(books) == 7
    for book in books:
        file = statement_pdf("Fake", book.contact.name, book.invoices, held[book.contact.id], today, "en_GB")
        told = "".join(page.extract_text() for page in PdfReader(BytesIO(file.content)).pages)
        (contact,) = [one for one in ledger.contacts if one.name == book.contact.name]
        for currency in ("GBP", "EUR"):
            its = [one for one in ledger.invoices.of_contact(contact.id) if one.currency == currency]
            outstanding = sum((one.amount_due for one in its if one.status == "AUTHORISED"), Decimal())
            credit = Decimal("25.00") if (contact.name, currency) == ("Contact 1", "GBP") else Decimal()
            if outstanding:
                assert f"Balance: {amount(outstanding - credit, currency, 'en_GB')}" in told
        assert ("Credit note" in told) == (contact.name == "Contact 1")


def test_a_customer_who_was_merged_takes_its_hold_along_however_late_its_invoices_come(
    connected: Connected,
) -> None:
    connected.sync_all()
    app, organisation_id = connected.app, connected.books.organisation_id
    by_name = {one.name: one for one in connected.books.rows(Contact)}
    old, into = by_name["Contact 2"], by_name["Contact 3"]
    hold = holds.place(app, organisation_id, contact_id=old.id, by="Ben", reason="The owner is ill")
    owed = {one.id for one in connected.books.rows(Invoice) if one.contact_id == old.id}
    connected.box.post(f"/sandbox/contacts/{old.ledger_id}/merge", into=into.ledger_id).raise_for_status()
    connected.tell("CONTACT", old.ledger_id)
    assert [one.contact_id for one in connected.books.rows(Hold) if one.id == hold.id] == [into.id]
    connected.books.make_due(schedule.OPEN_INVOICES)
    connected.sync_all()
    moved = [one for one in connected.books.rows(Invoice) if one.id in owed and one.status == "AUTHORISED"]
    assert {(one.contact_id, one.moved_from) for one in moved} == {(into.id, old.id)}


def test_quotes_are_read_only_when_orders_are_to_be_confirmed_and_with_a_call_an_hour(
    connected: Connected,
) -> None:
    connected.sync_all()
    organisation_id, quotes = (
        connected.books.organisation_id,
        f"/sandbox/organisations/{connected.tenant_id}/quotes",
    )
    offered = {"contact": "Contact 3", "date": "2026-11-01", "total": "90.00", "status": "SENT"}
    made = [
        connected.box.post(quotes, number=f"QU-{number}", **offered).json()["quote_id"]
        for number in (1, 2, 3)
    ]

    def accept(quote_id: str) -> None:
        connected.box.post(f"/sandbox/quotes/{quote_id}/status", status="ACCEPTED").raise_for_status()

    def asked() -> list[str]:
        return [one.query for one in connected.box.world.requests if one.path.endswith("/Quotes")]

    def known() -> dict[str, bool]:
        return {one.number: one.accepted_at is not None for one in connected.books.rows(Quote)}

    accept(made[0])
    connected.sync_all()
    assert asked() == []
    switches.switch(connected.app, organisation_id, "confirmation", on=True, by="Anna Hale")
    connected.sync_all()
    accept(made[1])
    connected.sync_all()
    assert (len(asked()), known()) == (1, {"QU-1": False})
    connected.books.make_due(schedule.QUOTE_CHANGES)
    connected.sync_all()
    assert (len(asked()), known()) == (2, {"QU-1": False, "QU-2": True})
    switches.switch(connected.app, organisation_id, "confirmation", on=False, by="Anna Hale")
    accept(made[2])
    connected.sync_all()
    assert len(asked()) == 2
    assert connected.books.position(schedule.QUOTE_CHANGES).next_at == schedule.NEVER
