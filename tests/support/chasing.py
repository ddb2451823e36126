"""An organisation that chases: a ledger in memory, its mirror, a mail provider in memory, and a clock to set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import select

from kit import clock
from services import notes, plan, presets, send, switches
from services.app import App
from services.mirror.write import store_contacts, store_credits, store_invoices
from services.plan_chunk import Planned
from store.ids import document_id
from store.models import (
    Communication,
    CommunicationInvoice,
    Contact,
    Invoice,
    LedgerNote,
    Organisation,
    StepTaken,
)
from tests.support.fake_ledger import FakeLedger
from tests.support.fake_mailer import FakeMailer
from tests.support.fake_texter import FakeTexter
from tests.support.mirrored import NOWHERE, add_organisation, make_app

MONDAY = datetime(2026, 11, 16, 11, 0, tzinfo=UTC)
"""A sending day in London, inside the window."""
SATURDAY = datetime(2026, 11, 14, 11, 0, tzinfo=UTC)
TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a token of Twilio",
    "TWILIO_FROM": "+447700900000",
}


@dataclass
class Chasing:
    """One organisation, and all that stands around it."""

    app: App
    organisation_id: str
    ledger: FakeLedger
    mailer: FakeMailer
    traveller: Any
    """The clock: ``move_to`` and ``shift``."""
    texter: FakeTexter = field(default_factory=FakeTexter)
    polls: bool = True
    """The ledger is read all the while, as a running installation does; without it the mirror grows old."""

    # -- arranging -------------------------------------------------------------------------------------

    def customer(
        self, name: str = "Bellwether Books", email: str | None = "ann@bellwether.example", **fields: Any
    ) -> str:
        """A customer in the ledger; its ledger id."""
        return self.ledger.add_contact(name, email, **fields)

    def invoice(self, contact: str, number: str, overdue: int, total: str = "100.00", **fields: Any) -> str:
        """An open invoice that has been due for so many days; its ledger id."""
        due_on = clock.now().date() - timedelta(days=overdue)
        return self.ledger.add_invoice(contact, number, total, due_on=due_on, **fields)

    def mirror(self) -> None:
        """The mirror learns all that the ledger has."""
        now = clock.now()
        with self.app.database.write(self.organisation_id) as session:
            store_contacts(session, self.organisation_id, list(self.ledger.contact_book.values()), now)
            store_invoices(session, self.organisation_id, list(self.ledger.invoice_book.values()), now)
            store_credits(
                session, self.organisation_id, list(self.ledger.credit_book.values()), now, complete=True
            )

    def one_overdue(self, overdue: int = 3) -> str:
        """A customer with one invoice on which the first reminder is due; the invoice's ledger id."""
        invoice = self.invoice(self.customer(), "INV-1", overdue)
        self.mirror()
        return invoice

    def one_due(self, overdue: int = 3) -> str:
        """Chasing is live, and one chaser may leave; the ledger id of its invoice."""
        invoice = self.one_overdue(overdue)
        self.switch("live")
        return invoice

    # -- acting ----------------------------------------------------------------------------------------

    def switch(self, to: str) -> None:
        switches.change_chasing(self.app, self.organisation_id, to, "Anna Hale")

    def plan(self, **how: Any) -> Planned:
        return plan.plan(self.app, self.organisation_id, **how)

    def send(self) -> None:
        """All that is due: on a busy machine a sender's turn may end before it has sent everything."""
        if self.polls:
            self.change(synced_at=clock.now())
        while send.send_with(self.app, self.organisation_id, self.ledger, self.mailer, self.texter):
            pass

    def write_notes(self) -> bool:
        return notes.write_with(self.app, self.organisation_id, self.ledger)

    def move_to(self, moment: datetime) -> None:
        self.traveller.move_to(moment)

    def shift(self, **how_long: float) -> None:
        self.traveller.shift(timedelta(**how_long))

    # -- looking ---------------------------------------------------------------------------------------

    def id_of(self, ledger_id: str) -> str:
        return document_id(self.organisation_id, ledger_id)

    def organisation(self) -> Organisation:
        with self.app.database.read(self.organisation_id) as session:
            return session.get_one(Organisation, self.organisation_id)

    def change(self, **fields: Any) -> None:
        """Change the organisation."""
        with self.app.database.write(self.organisation_id) as session:
            organisation = session.get_one(Organisation, self.organisation_id)
            for name, value in fields.items():
                setattr(organisation, name, value)

    def contact(self, ledger_id: str) -> Contact:
        with self.app.database.read(self.organisation_id) as session:
            return session.get_one(Contact, (self.organisation_id, self.id_of(ledger_id)))

    def chasers(self, *statuses: str) -> list[Communication]:
        rows = self._all(Communication)
        return [row for row in rows if row.kind == "chaser" and (not statuses or row.status in statuses)]

    def only_chaser(self) -> Communication:
        (row,) = self.chasers()
        return row

    def numbers(self, chaser: Communication) -> set[str]:
        """The numbers of the invoices that a chaser is about."""
        with self.app.database.read(self.organisation_id) as session:
            about = (
                select(Invoice.number)
                .join(
                    CommunicationInvoice,
                    (CommunicationInvoice.invoice_id == Invoice.id)
                    & (CommunicationInvoice.organisation_id == Invoice.organisation_id),
                )
                .where(CommunicationInvoice.communication_id == chaser.id)
            )
            return set(session.scalars(about))

    def steps(self) -> list[tuple[int, str]]:
        """(position, state) of all steps."""
        with self.app.database.read(self.organisation_id) as session:
            rows = session.execute(select(StepTaken.position, StepTaken.state).order_by(StepTaken.position))
            return [(position, state) for position, state in rows]

    def ledger_notes(self) -> list[LedgerNote]:
        return self._all(LedgerNote)

    def _all(self, model: Any) -> list[Any]:
        with self.app.database.read(self.organisation_id) as session:
            found = select(model).where(model.organisation_id == self.organisation_id).order_by(model.id)
            return list(session.scalars(found))


@contextmanager
def chasing(
    database_url: str,
    folder: Path,
    *,
    now: datetime = MONDAY,
    redis_url: str = NOWHERE,
    send_mode: str = "live",
    secret_key: str = "",
    sendgrid_api_key: str = "",
    **fields: Any,
) -> Iterator[Chasing]:
    """An organisation whose import is complete, with chasing off, at this moment."""
    with time_machine.travel(now) as traveller:
        app = make_app(
            database_url,
            folder,
            redis_url,
            SEND_MODE=send_mode,
            PUBLIC_URL="https://dunnock.example",
            **({"SECRET_KEY": secret_key} if secret_key else {}),
            **({"SENDGRID_API_KEY": sendgrid_api_key} if sendgrid_api_key else {}),
            **TWILIO,
        )
        values: dict[str, Any] = {
            "imported_at": now - timedelta(days=1),
            "sender_name": "Anna Hale",
            "sender_email": "anna@fake.example",
        }
        organisation_id = add_organisation(app, **values | fields)
        with app.database.write(organisation_id) as session:
            presets.install(session, organisation_id, now)
        try:
            yield Chasing(app, organisation_id, FakeLedger(), FakeMailer(), traveller)
        finally:
            app.database.close()
