"""Invoices beside the reminders about them: what before and after, and what came after each step, are told from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from credit_control.effect.before_after import Seen
from credit_control.figures.books import COUNTS
from store.models import Communication, CommunicationInvoice, Invoice, ScheduleVersion

_LEFT = ("sent", "delivered", "bounced", "unknown")
_WRITTEN = ("email", "sms", "letter")


def _reminders(organisation_id: str) -> tuple[object, ...]:
    return (
        Communication.organisation_id == organisation_id,
        Communication.sent_at.is_not(None),
        Communication.kind == "chaser",
        Communication.direction == "out",
        Communication.channel.in_(_WRITTEN),
        Communication.status.in_(_LEFT),
    )


def first_reminders(session: Session, organisation_id: str) -> dict[str, tuple[datetime, str | None]]:
    """By customer, when its first reminder left, and the version of the schedule that sent it."""
    first = (
        select(Communication.contact_id, func.min(Communication.sent_at).label("at"))
        .where(*_reminders(organisation_id))  # type: ignore[arg-type]  # conditions, whatever they compare
        .group_by(Communication.contact_id)
        .subquery()
    )
    rows = session.connection().execute(
        select(Communication.contact_id, Communication.sent_at, Communication.schedule_version_id)
        .join(
            first, and_(first.c.contact_id == Communication.contact_id, first.c.at == Communication.sent_at)
        )
        .where(*_reminders(organisation_id))  # type: ignore[arg-type]  # as above
        .order_by(Communication.contact_id, Communication.id)
    )
    found: dict[str, tuple[datetime, str | None]] = {}
    for contact_id, at, version_id in rows:
        if at is not None:
            found.setdefault(contact_id, (at, version_id))
    return found


def chased_invoices(
    session: Session, organisation_id: str, contact_ids: Collection[str], since: date
) -> list[Seen]:
    """The invoices that count, due since a day, of these customers; those paid on a day that is not known are left out."""
    rows = session.connection().execute(
        select(
            Invoice.contact_id, Invoice.issued_on, Invoice.due_on, Invoice.fully_paid_on, Invoice.status
        ).where(
            Invoice.organisation_id == organisation_id,
            Invoice.status.in_(sorted(COUNTS)),
            Invoice.due_on >= since,
        )
    )
    return [
        Seen(contact_id, issued_on, due_on, paid_on)
        for contact_id, issued_on, due_on, paid_on, status in rows
        if contact_id in contact_ids and (paid_on or status != "PAID")
    ]


@dataclass(frozen=True, slots=True)
class About:
    """A reminder that left about an invoice."""

    invoice_id: str
    contact_id: str
    version_id: str | None
    position: int | None
    at: datetime
    paid_on: date | None


def reminders_about(session: Session, organisation_id: str, since: datetime) -> Iterator[About]:
    """Every reminder since a moment, invoice by invoice in the order of time; of invoices that count."""
    message, about = Communication, CommunicationInvoice
    rows = session.connection().execute(
        select(
            about.invoice_id,
            message.contact_id,
            func.coalesce(about.schedule_version_id, message.schedule_version_id),
            about.position,
            message.sent_at,
            Invoice.fully_paid_on,
        )
        .join(
            about,
            and_(about.organisation_id == message.organisation_id, about.communication_id == message.id),
        )
        .join(Invoice, and_(Invoice.organisation_id == about.organisation_id, Invoice.id == about.invoice_id))
        .where(
            *_reminders(organisation_id),  # type: ignore[arg-type]  # as above
            message.sent_at >= since,
            Invoice.status.in_(sorted(COUNTS)),
        )
        .order_by(about.invoice_id, message.sent_at)
    )
    for invoice_id, contact_id, version_id, position, at, paid_on in rows:
        if at is not None:
            yield About(invoice_id, contact_id, version_id, position, at, paid_on)


def versions(session: Session, organisation_id: str) -> list[tuple[str, str, int, list[dict[str, object]]]]:
    """(id, schedule, number, steps) of every version, the newest last."""
    rows = session.execute(
        select(ScheduleVersion.id, ScheduleVersion.schedule_id, ScheduleVersion.number, ScheduleVersion.steps)
        .where(ScheduleVersion.organisation_id == organisation_id)
        .order_by(ScheduleVersion.schedule_id, ScheduleVersion.number)
    )
    return [(key, schedule_id, number, steps) for key, schedule_id, number, steps in rows]
