"""An organisation that is connected to a ledger in memory, and what its mirror holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kit import clock, settings
from kit.ids import new_id
from services.app import App
from services.mirror import schedule
from services.mirror.slices import read_slice
from services.mirror.write import store_contacts, store_invoices, store_payments
from store.ids import document_id
from store.models import Contact, Credit, InboxEvent, Invoice, Organisation, Payment, Sender, SyncPosition
from tests.support.fake_ledger import FakeLedger
from tests.support.random_books import Books

NOWHERE = "redis://127.0.0.1:1/0"
"""An address at which no Redis answers."""


def make_app(database_url: str, folder: Path, redis_url: str = NOWHERE, **environment: str) -> App:
    """The parts of a process, on this database."""
    return App(
        settings.load(
            {
                "DATABASE_URL": database_url,
                "REDIS_URL": redis_url,
                "VAR_DIR": str(folder / "var"),
                **environment,
            }
        )
    )


def store_books(app: App, owner: str, books: Books) -> None:
    """What the ledger says comes into the mirror of an organisation."""
    now = clock.now()
    with app.database.write(owner) as session:
        store_contacts(session, owner, books.contacts, now)
        store_invoices(session, owner, books.invoices, now)
        store_payments(session, owner, books.payments, now)


def add_organisation(app: App, tenant_id: str = "fake-tenant", **fields: Any) -> str:
    """A connected organisation whose first import has not begun.

    ``sender_name`` and ``sender_email`` make its default sender, by the mail provider.
    """
    writes = {name: fields.pop(f"sender_{name}", None) for name in ("name", "email")}
    values: dict[str, Any] = {
        "id": new_id(),
        "ledger": "xero",
        "name": "Fake Ltd",
        "timezone": "Europe/London",
        "base_currency": "GBP",
        "country": "GB",
        "connection": "connected",
        "chasing": "off",
        "created_at": clock.now(),
    }
    organisation = Organisation(ledger_tenant_id=tenant_id, **values | fields)
    with app.database.write_across() as session:
        session.add(organisation)
        session.flush()
        if writes["email"]:
            session.add(default_sender(organisation.id, **writes))
    return organisation.id


def default_sender(organisation_id: str, name: str | None, email: str | None, **fields: Any) -> Sender:
    """The sender that an organisation has by default."""
    values: dict[str, Any] = {"id": new_id(), "way": "provider", "state": "unchecked", "is_default": True}
    return Sender(
        organisation_id=organisation_id, name=name or email, email=email, created_at=clock.now(),
        **values | fields,
    )  # fmt: skip


@dataclass
class Mirrored:
    """One organisation, its ledger, and the mirror in between."""

    app: App
    organisation_id: str
    ledger: FakeLedger

    def begin(self) -> None:
        with self.app.database.write(self.organisation_id) as session:
            schedule.begin_import(session, self.organisation_id, clock.now())

    def read_all(self) -> None:
        """Read slice after slice until nothing is due."""
        while read_slice(self.app, self.organisation_id, self.ledger):
            pass

    def import_all(self) -> None:
        self.begin()
        self.read_all()

    def make_due(self, *resources: str) -> None:
        """Bring forward what would be read later."""
        with self.app.database.write(self.organisation_id) as session:
            for resource in resources:
                session.get_one(SyncPosition, (self.organisation_id, resource)).next_at = clock.now()

    def position(self, resource: str) -> SyncPosition:
        with self.app.database.read(self.organisation_id) as session:
            return session.get_one(SyncPosition, (self.organisation_id, resource))

    def organisation(self) -> Organisation:
        with self.app.database.read(self.organisation_id) as session:
            return session.get_one(Organisation, self.organisation_id)

    def invoice(self, ledger_id: str) -> Invoice | None:
        with self.app.database.read(self.organisation_id) as session:
            return session.get(Invoice, (self.organisation_id, document_id(self.organisation_id, ledger_id)))

    def contact(self, ledger_id: str) -> Contact | None:
        with self.app.database.read(self.organisation_id) as session:
            return session.get(Contact, (self.organisation_id, document_id(self.organisation_id, ledger_id)))

    def open_totals(self) -> dict[str, Decimal]:
        """What is due on open invoices in the mirror, by currency."""
        totals: dict[str, Decimal] = {}
        for invoice in self.rows(Invoice):
            if invoice.status == "AUTHORISED" and invoice.amount_due:
                totals[invoice.currency] = totals.get(invoice.currency, Decimal(0)) + invoice.amount_due
        return totals

    def open_credits(self) -> dict[str, Decimal]:
        return {credit.ledger_id: credit.remaining for credit in self.rows(Credit) if credit.remaining}

    def events(self) -> list[InboxEvent]:
        with self.app.database.read_across() as session:
            return list(session.scalars(select(InboxEvent).order_by(InboxEvent.id)))

    def rows(self, model: Any) -> list[Any]:
        """All rows of the organisation, in the order of their ids."""
        with self.app.database.read(self.organisation_id) as session:
            found = select(model).where(model.organisation_id == self.organisation_id)
            return list(session.scalars(found.order_by(*model.__table__.primary_key)))

    def snapshot(self) -> list[dict[str, Any]]:
        """Everything the mirror holds, to be compared; without the times of the next look."""
        return [
            {key: value for key, value in vars(row).items() if key not in _NOT_COMPARED}
            for model in (Contact, Invoice, Payment, Credit)
            for row in self.rows(model)
        ]


_NOT_COMPARED = frozenset({"_sa_instance_state", "next_look_at"})


@contextmanager
def mirrored(
    database_url: str, folder: Path, redis_url: str = NOWHERE, ledger: FakeLedger | None = None, **fields: Any
) -> Iterator[Mirrored]:
    """An organisation with this ledger, not yet imported."""
    app = make_app(database_url, folder, redis_url)
    try:
        yield Mirrored(app, add_organisation(app, **fields), ledger or FakeLedger())
    finally:
        app.database.close()
