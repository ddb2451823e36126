"""An organisation with one customer, one invoice and one chaser about it, for tests of what becomes of mails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from kit.ids import new_id
from services.app import App
from store.models import (
    Communication,
    CommunicationInvoice,
    Contact,
    Hold,
    InboxEvent,
    Invoice,
    LedgerNote,
    StepTaken,
)
from tests.support.mirrored import add_organisation, make_app

LONG_AGO = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
INBOUND_DOMAIN = "reply.hedgerow.example"
INBOUND_TOKEN = "inbound-token-of-the-tests"


@dataclass
class Stage:
    """The chaser stands in the middle; everything else is there to see what becomes of it."""

    app: App
    organisation_id: str
    contact_id: str
    invoice_id: str
    chaser_id: str
    token: str

    def chaser(self) -> Communication:
        return self.communication(self.chaser_id)

    def communication(self, communication_id: str) -> Communication:
        with self.app.database.read(self.organisation_id) as session:
            return session.get_one(Communication, (self.organisation_id, communication_id))

    def contact(self) -> Contact:
        with self.app.database.read(self.organisation_id) as session:
            return session.get_one(Contact, (self.organisation_id, self.contact_id))

    def all(self, model: type[Any]) -> list[Any]:
        with self.app.database.read(self.organisation_id) as session:
            return list(session.scalars(select(model)))

    def replies(self) -> list[Communication]:
        return [one for one in self.all(Communication) if one.direction == "in"]

    def holds(self) -> list[Hold]:
        return self.all(Hold)

    def notes(self) -> list[LedgerNote]:
        return self.all(LedgerNote)

    def outcomes(self) -> list[str | None]:
        with self.app.database.read_across() as session:
            return list(session.scalars(select(InboxEvent.outcome).order_by(InboxEvent.id)))

    def step_state(self) -> str | None:
        with self.app.database.read(self.organisation_id) as session:
            return session.scalars(select(StepTaken.state)).one_or_none()

    def add_chaser(self, status: str, **values: Any) -> str:
        """A further chaser to the same customer."""
        with self.app.database.write(self.organisation_id) as session:
            row = _chaser(self, new_id(), status, **values)
            session.add(row)
            return row.id

    def change(self, **values: Any) -> None:
        """Change the chaser."""
        with self.app.database.write(self.organisation_id) as session:
            row = session.get_one(Communication, (self.organisation_id, self.chaser_id))
            for name, value in values.items():
                setattr(row, name, value)

    def event(self, name: str, **values: Any) -> dict[str, Any]:
        """A provider's event about the chaser."""
        return {
            "event": name,
            "email": "accounts@ashdown.example",
            "timestamp": int(LONG_AGO.timestamp()) + 60,
            "sg_event_id": new_id(),
            "sg_message_id": "req-77.recvd-1-0",
            "dunnock_id": self.chaser_id,
            "organisation_id": self.organisation_id,
            **values,
        }

    def receive(self, source: str, key: str, payload: object, at: datetime = LONG_AGO) -> None:
        """Something that the provider told us, waiting to be handled."""
        encoded = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        with self.app.database.write_across() as session:
            session.add(
                InboxEvent(
                    source=source, key=key, tenant=None, payload=encoded, received_at=at, next_try_at=at,
                    handled_at=None, outcome=None,
                )
            )  # fmt: skip


@dataclass
class StageHand:
    """Sets stages, and clears them away at the end."""

    database_url: str
    folder: Path
    apps: list[App] = field(default_factory=list)

    def __call__(self, status: str = "sent", **environment: str) -> Stage:
        stage = _set(self.database_url, self.folder, status, **environment)
        self.apps.append(stage.app)
        return stage


@contextmanager
def stage_hand(database_url: str, folder: Path) -> Iterator[StageHand]:
    """Somebody who sets stages until the end of the block."""
    hand = StageHand(database_url, folder)
    yield hand
    for app in hand.apps:
        app.database.close()


def _set(database_url: str, folder: Path, status: str, **environment: str) -> Stage:
    app = make_app(
        database_url,
        folder,
        **{"INBOUND_MAIL_DOMAIN": INBOUND_DOMAIN, "INBOUND_MAIL_TOKEN": INBOUND_TOKEN, **environment},
    )
    organisation_id = add_organisation(app, name="Hedgerow Joinery", timezone="Europe/London")
    stage = Stage(app, organisation_id, new_id(), new_id(), new_id(), new_id())
    with app.database.write(organisation_id) as session:
        session.add(_contact(stage))
        session.flush()
        session.add(_invoice(stage))
        sent_at = None if status in {"planned", "held", "sending", "unknown", "cancelled"} else LONG_AGO
        token = stage.token
        session.add(_chaser(stage, stage.chaser_id, status, sent_at=sent_at, reply_token=token))
        session.flush()
        session.add(
            CommunicationInvoice(
                organisation_id=organisation_id, communication_id=stage.chaser_id, invoice_id=stage.invoice_id,
                position=1, currency="GBP", amount_due=Decimal("1234.50"),
            )
        )  # fmt: skip
    return stage


def _contact(stage: Stage) -> Contact:
    return Contact(
        organisation_id=stage.organisation_id, id=stage.contact_id, ledger_id="c-1", name="Ashdown Interiors",
        first_name=None, last_name=None, email="accounts@ashdown.example", persons=[], status="ACTIVE",
        merged_into=None, updated_at=LONG_AGO, fingerprint="f", last_message_at=None, next_look_at=None,
    )  # fmt: skip


def _invoice(stage: Stage) -> Invoice:
    return Invoice(
        organisation_id=stage.organisation_id, id=stage.invoice_id, ledger_id="i-1", contact_id=stage.contact_id,
        number="INV-1042", reference=None, issued_on=date(2026, 9, 1), due_on=date(2026, 10, 1), currency="GBP",
        total=Decimal("1234.50"), amount_due=Decimal("1234.50"), amount_paid=Decimal(0),
        amount_credited=Decimal(0), status="AUTHORISED", expected_on=None, fully_paid_on=None,
        updated_at=LONG_AGO, fingerprint="f", online_url=None,
    )  # fmt: skip


def _chaser(stage: Stage, chaser_id: str, status: str, **values: Any) -> Communication:
    fields: dict[str, Any] = {
        "reason": None, "schedule_version_id": "v" * 32, "step_position": 1, "step_name": "First reminder",
        "template_version_id": None, "to": ["accounts@ashdown.example"], "from_name": "Anna Hale",
        "from_email": "anna@hedgerow.example", "subject": "Invoice INV-1042 from Hedgerow Joinery",
        "message_id": f"<{chaser_id}@{INBOUND_DOMAIN}>", "planned_for": LONG_AGO, "not_after": LONG_AGO + timedelta(hours=6),
        "created_at": LONG_AGO,
    }  # fmt: skip
    return Communication(
        organisation_id=stage.organisation_id, id=chaser_id, direction="out", channel="email", kind="chaser",
        contact_id=stage.contact_id, status=status, **fields | values,
    )  # fmt: skip
