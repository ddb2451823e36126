"""Messages of which nobody knows whether they left: which they are, and what is given back when one did not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from credit_control.occasions import COURTESIES
from store.models import Communication, Contact, StepTaken

_LEFT = ("sent", "delivered", "bounced", "unknown")
_ABOUT_THEN = timedelta(minutes=10)
"""Longer than a provider is waited for: what counted as the contact's last message soon after was this one."""


def unknown(session: Session, organisation_id: str, most: int) -> Sequence[tuple[Communication, str]]:
    """These messages with the names of their customers, the oldest first."""
    rows = session.execute(
        select(Communication, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == Communication.organisation_id)
            & (Contact.id == Communication.contact_id),
        )
        .where(
            Communication.organisation_id == organisation_id,
            Communication.status == "unknown",
            Communication.direction == "out",
        )
        .order_by(Communication.handed_over_at, Communication.id)
        .limit(most)
    )
    return [(row, name) for row, name in rows]


def give_back(session: Session, message: Communication) -> None:
    """Its steps are before its invoices again, and it does not count as the last message to its contact."""
    session.execute(
        delete(StepTaken).where(
            StepTaken.organisation_id == message.organisation_id, StepTaken.communication_id == message.id
        )
    )
    contact = session.get_one(Contact, (message.organisation_id, message.contact_id))
    at, last = message.handed_over_at, contact.last_message_at
    if at and last and message.kind not in COURTESIES and at <= last <= at + _ABOUT_THEN:
        contact.last_message_at = session.scalar(
            select(func.max(func.coalesce(Communication.sent_at, Communication.handed_over_at))).where(
                Communication.organisation_id == message.organisation_id,
                Communication.contact_id == message.contact_id,
                Communication.id != message.id,
                Communication.direction == "out",
                Communication.channel.in_(("email", "sms", "letter")),
                Communication.kind.not_in(COURTESIES),
                Communication.status.in_(_LEFT),
            )
        )
