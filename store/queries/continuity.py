"""Signs that this database has gone back in time, and what may have left without its knowledge."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from credit_control.occasions import OccasionKind
from store.models import (
    Communication,
    CommunicationInvoice,
    Contact,
    Installation,
    Invoice,
    LedgerNote,
    MailEvent,
    Organisation,
)
from store.queries.upsert import insert_new

_OURS = frozenset({"chaser", *OccasionKind})
_ONE = 1
"""The id of the only row."""


@dataclass(frozen=True, slots=True)
class Life:
    """When a clock process last looked at the database, and since when it is in doubt what has left."""

    ticked_at: datetime | None = None
    doubted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DueStep:
    """One invoice's step in a chaser."""

    chaser_id: str
    due_on: date
    version_id: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Addressed:
    """A chaser with the addresses it is to go to."""

    chaser_id: str
    contact_id: str
    contact_ledger_id: str
    to: tuple[str, ...]
    last_message_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reported:
    """A mail of which the provider has told us, and we know nothing."""

    communication_id: str
    at: datetime


def life(session: Session) -> Life:
    """The signs of life as they stand."""
    row = session.execute(select(Installation.ticked_at, Installation.doubted_at)).first()
    return Life(*row) if row else Life()


def locked_life(session: Session) -> Life:
    """The same; nobody else can change them until our change is done."""
    session.connection().execute(insert_new(session, Installation), {"id": _ONE})
    row = session.execute(select(Installation.ticked_at, Installation.doubted_at).with_for_update()).one()
    return Life(*row)


def ticked(session: Session, now: datetime) -> None:
    """The database was looked at now."""
    session.connection().execute(update(Installation).values(ticked_at=now))


def doubt(session: Session, doubted_at: datetime, now: datetime) -> None:
    """From now on it is in doubt what has left: each note that waits is looked for before it is written."""
    session.connection().execute(update(Installation).values(doubted_at=doubted_at))
    session.connection().execute(
        update(LedgerNote)
        .where(LedgerNote.status == "pending", LedgerNote.first_tried_at.is_(None))
        .values(first_tried_at=now)
    )


def counts(session: Session, organisation_ids: Collection[str]) -> dict[str, int]:
    """How many batches each of these organisations has taken in hand, as far as the database knows."""
    rows = session.execute(
        select(Organisation.id, Organisation.mailings).where(Organisation.id.in_(organisation_ids))
    )
    return {row.id: row.mailings for row in rows}


def count_on(session: Session, organisation_id: str, mailings: int) -> None:
    """The organisation has taken so many batches in hand."""
    session.connection().execute(
        update(Organisation).where(Organisation.id == organisation_id).values(mailings=mailings)
    )


def steps_in_doubt(
    session: Session, organisation_id: str, chaser_ids: Sequence[str], doubted_at: datetime
) -> list[DueStep]:
    """The steps of those of these chasers whose contact's notes were not read for this doubt."""
    rows = session.execute(
        select(
            Communication.id,
            Invoice.due_on,
            func.coalesce(CommunicationInvoice.schedule_version_id, Communication.schedule_version_id),
            CommunicationInvoice.position,
        )
        .join(
            Contact,
            (Contact.organisation_id == Communication.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .join(
            CommunicationInvoice,
            (CommunicationInvoice.organisation_id == Communication.organisation_id)
            & (CommunicationInvoice.communication_id == Communication.id),
        )
        .join(
            Invoice,
            (Invoice.organisation_id == CommunicationInvoice.organisation_id)
            & (Invoice.id == CommunicationInvoice.invoice_id),
        )
        .where(
            Communication.organisation_id == organisation_id,
            Communication.id.in_(chaser_ids),
            CommunicationInvoice.position.is_not(None),
            Communication.kind == "chaser",
            or_(Contact.asked_for_doubt.is_(None), Contact.asked_for_doubt != doubted_at),
        )
    )
    return [
        DueStep(chaser_id, due_on, version_id, position or 0)
        for chaser_id, due_on, version_id, position in rows
    ]


def others_in_doubt(
    session: Session, organisation_id: str, ids: Sequence[str], doubted_at: datetime
) -> list[str]:
    """Those of these that no step sends, and whose contact's notes were not read for this doubt."""
    statement = (
        select(Communication.id)
        .join(
            Contact,
            (Contact.organisation_id == Communication.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .where(
            Communication.organisation_id == organisation_id,
            Communication.id.in_(ids),
            Communication.kind.in_([kind.value for kind in OccasionKind]),
            or_(Contact.asked_for_doubt.is_(None), Contact.asked_for_doubt != doubted_at),
        )
    )
    return list(session.scalars(statement))


def asked(session: Session, organisation_id: str, contact_id: str, doubted_at: datetime) -> None:
    """The ledger's notes on this contact were read for this doubt."""
    session.connection().execute(
        update(Contact)
        .where(Contact.organisation_id == organisation_id, Contact.id == contact_id)
        .values(asked_for_doubt=doubted_at)
    )


def communications(session: Session, organisation_id: str, contact_id: str) -> list[tuple[str, bool]]:
    """All that was, or is to be, said to or by a contact, as (id, whether it is a mail of ours not known to have left)."""
    rows = session.execute(
        select(Communication.id, Communication.kind, Communication.sent_at).where(
            Communication.organisation_id == organisation_id, Communication.contact_id == contact_id
        )
    )
    return [(one, kind in _OURS and sent_at is None) for one, kind, sent_at in rows]


def addressed(session: Session, organisation_id: str, chaser_ids: Sequence[str]) -> list[Addressed]:
    """To whom these chasers are to go."""
    rows = session.execute(
        select(
            Communication.id,
            Communication.contact_id,
            Contact.ledger_id,
            Communication.to,
            Contact.last_message_at,
        )
        .join(
            Contact,
            (Contact.organisation_id == Communication.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .where(Communication.organisation_id == organisation_id, Communication.id.in_(chaser_ids))
    )
    return [Addressed(one, contact, ledger_id, tuple(to), last) for one, contact, ledger_id, to, last in rows]


def reported_strangers(
    session: Session, organisation_id: str, recipients: Sequence[str]
) -> dict[str, list[Reported]]:
    """The mails to these recipients (digests) of which only the provider knows."""
    known = (
        select(Communication.id)
        .where(
            Communication.organisation_id == organisation_id,
            Communication.id == MailEvent.communication_id,
        )
        .exists()
    )
    rows = session.execute(
        select(MailEvent.recipient, MailEvent.communication_id, MailEvent.occurred_at)
        .where(MailEvent.recipient.in_(recipients), ~known)
        .order_by(MailEvent.occurred_at)
    )
    found: dict[str, list[Reported]] = {}
    for recipient, communication_id, at in rows:
        found.setdefault(recipient or "", []).append(Reported(communication_id, at))
    return found
