"""Mails that left and mails that came in: finding them, and what their events and answers change.

Locks are taken in the order organisation, contact, communication, as everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, insert, select, update
from sqlalchemy.orm import Session

from credit_control.occasions import COURTESIES
from store.models import (
    Attachment,
    Communication,
    CommunicationInvoice,
    Contact,
    Hold,
    Invoice,
    MailEvent,
    Organisation,
    StepTaken,
)
from store.models.finding import keep_words
from store.queries.sending import lock_organisation
from store.queries.upsert import upsert


def locked(session: Session, organisation_id: str, communication_id: str) -> Communication | None:
    """One of our mails, locked with its organisation and contact; None when there is none of this id."""
    its_contact = select(Communication.contact_id).where(
        Communication.organisation_id == organisation_id,
        Communication.id == communication_id,
        Communication.direction == "out",
    )
    contact_id = session.scalars(its_contact).one_or_none()
    if contact_id is None:
        return None
    lock_organisation(session, organisation_id)
    lock = select(Contact.id).where(Contact.organisation_id == organisation_id, Contact.id == contact_id)
    session.execute(lock.with_for_update(key_share=True)).one()
    return session.scalars(
        select(Communication)
        .where(Communication.organisation_id == organisation_id, Communication.id == communication_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def by_reply_token(session: Session, tokens: Sequence[str]) -> tuple[str, str] | None:
    """Organisation and id of the mail to whose reply address somebody wrote."""
    return _first(session, _mails().where(Communication.reply_token.in_(tokens)))


def by_message_id(session: Session, message_ids: Sequence[str]) -> tuple[str, str] | None:
    """Organisation and id of the newest of our mails with one of these Message-IDs."""
    return _first(session, _mails().where(Communication.message_id.in_(message_ids)))


def _mails() -> Select[str, str]:
    columns = select(Communication.organisation_id, Communication.id)
    return columns.where(Communication.direction == "out").order_by(Communication.created_at.desc()).limit(1)


def _first(session: Session, statement: Select[str, str]) -> tuple[str, str] | None:
    row = session.execute(statement).first()
    return (row[0], row[1]) if row else None


def record_event(session: Session, **values: Any) -> None:
    """Keep what the provider reported, once; also of mails that we do not know."""
    session.connection().execute(upsert(session, MailEvent).on_conflict_do_nothing(), values)


def change(session: Session, mail: Communication, **values: Any) -> None:
    """Change a locked mail."""
    for name, value in values.items():
        setattr(mail, name, value)
    session.flush()


def take_steps(session: Session, mail: Communication, now: datetime) -> None:
    """The steps of a mail that did leave are behind its invoices, also if they had been given back."""
    if mail.schedule_version_id is None:
        return
    its = CommunicationInvoice
    its_invoices = select(its.invoice_id, its.position, its.schedule_version_id).where(
        its.organisation_id == mail.organisation_id,
        its.communication_id == mail.id,
        its.position.is_not(None),
    )
    rows = [
        {
            "organisation_id": mail.organisation_id,
            "invoice_id": invoice_id,
            "schedule_version_id": version_id or mail.schedule_version_id,
            "position": position,
            "state": "taken",
            "communication_id": mail.id,
            "on": now.date(),
        }
        for invoice_id, position, version_id in session.execute(its_invoices)
    ]
    if rows:
        statement = upsert(session, StepTaken)
        keys = ["organisation_id", "invoice_id", "schedule_version_id", "position"]
        session.connection().execute(
            statement.on_conflict_do_update(
                index_elements=keys, set_={"state": "taken", "communication_id": mail.id}
            ),
            rows,
        )


def message_left(
    session: Session, organisation_id: str, contact_id: str, at: datetime, kind: str = "chaser"
) -> None:
    """A message of this kind left to this contact at that moment; a later one counts for more."""
    column = Contact.last_courtesy_at if kind in COURTESIES else Contact.last_message_at
    session.connection().execute(
        update(Contact)
        .where(Contact.organisation_id == organisation_id, Contact.id == contact_id)
        .values({column: case((column > at, column), else_=at)})
    )


def place_hold(session: Session, **values: Any) -> bool:
    """Hold a contact; False when this very hold has been placed before, even if it was released since."""
    statement = upsert(session, Hold).values(values).on_conflict_do_nothing().returning(Hold.id)
    return session.connection().execute(statement).first() is not None


def is_held(session: Session, organisation_id: str, contact_id: str, kind: str) -> bool:
    """Whether a hold of this kind is in force."""
    found = select(Hold.id).where(
        Hold.organisation_id == organisation_id,
        Hold.contact_id == contact_id,
        Hold.kind == kind,
        Hold.released_at.is_(None),
    )
    return session.scalars(found.limit(1)).first() is not None


def replies_since(session: Session, organisation_id: str, contact_id: str, since: datetime) -> int:
    """How many mails of this contact have come in since then."""
    statement = select(func.count()).where(
        Communication.organisation_id == organisation_id,
        Communication.contact_id == contact_id,
        Communication.direction == "in",
        Communication.created_at > since,
    )
    return session.scalar(statement) or 0


def is_known(session: Session, organisation_id: str, communication_id: str) -> bool:
    """Whether there is a communication of this id."""
    return session.get(Communication, (organisation_id, communication_id)) is not None


def add_reply(session: Session, invoice_ids: Collection[str], **values: Any) -> None:
    """Store what came in, about these invoices as they stand now."""
    session.connection().execute(insert(Communication), values)
    keep_words(session.connection(), values)
    invoices = select(Invoice).where(
        Invoice.organisation_id == values["organisation_id"], Invoice.id.in_(sorted(set(invoice_ids)))
    )
    rows = [
        {
            "organisation_id": one.organisation_id,
            "communication_id": values["id"],
            "invoice_id": one.id,
            "currency": one.currency,
            "amount_due": one.amount_due,
        }
        for one in session.scalars(invoices)
    ]
    if rows:
        session.connection().execute(insert(CommunicationInvoice), rows)


def add_answer(session: Session, answered: Communication, **values: Any) -> None:
    """Store what came in as an answer, about the invoices of the message that it answers."""
    about = select(CommunicationInvoice.invoice_id).where(
        CommunicationInvoice.organisation_id == answered.organisation_id,
        CommunicationInvoice.communication_id == answered.id,
    )
    add_reply(session, session.scalars(about).all(), organisation_id=answered.organisation_id, **values)


def add_attachments(session: Session, files: Sequence[dict[str, Any]]) -> None:
    """Store files that came with an answer."""
    if files:
        session.connection().execute(insert(Attachment), list(files))


def contact_name(session: Session, organisation_id: str, contact_id: str) -> str:
    """What the ledger calls the contact."""
    return session.scalars(
        select(Contact.name).where(Contact.organisation_id == organisation_id, Contact.id == contact_id)
    ).one()


def zone(session: Session, organisation_id: str) -> str:
    """The organisation's time zone, an IANA name."""
    return session.scalars(select(Organisation.timezone).where(Organisation.id == organisation_id)).one()
