"""Accounts that are stopped, or will be: who they are, when their day has come, what their warning was about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from store.models import (
    AccountStop,
    Communication,
    CommunicationInvoice,
    Invoice,
    Organisation,
    ScheduleVersion,
)
from store.queries.batches import slices
from store.queries.pages import OPEN_INVOICE
from store.queries.upsert import insert_new

WARNED, STOPPED, LIFTED, SPARED = "warned", "stopped", "lifted", "spared"
_STANDING: ColumnElement[bool] = AccountStop.status.in_((WARNED, STOPPED))


def standing(session: Session, organisation_id: str, contact_ids: Collection[str]) -> dict[str, AccountStop]:
    """The stop or warning that stands for each of these contacts."""
    found: dict[str, AccountStop] = {}
    for some in slices(sorted(set(contact_ids))):
        rows = session.scalars(
            select(AccountStop).where(
                AccountStop.organisation_id == organisation_id, AccountStop.contact_id.in_(some), _STANDING
            )
        )
        found |= {row.contact_id: row for row in rows}
    return found


def by_id(session: Session, organisation_id: str, stop_id: str) -> AccountStop | None:
    return session.get(AccountStop, (organisation_id, stop_id))


def add_warning(session: Session, **values: Any) -> None:
    """Store a warning, unless this one is there, or something stands for its contact already."""
    session.connection().execute(insert_new(session, AccountStop), values)


def warning_of(
    session: Session, organisation_id: str, communication_id: str
) -> tuple[Communication, int] | None:
    """A chaser with the days after which its step stops the account; None: it warns of nothing."""
    row = session.execute(
        select(Communication, ScheduleVersion.steps)
        .join(
            ScheduleVersion,
            (ScheduleVersion.organisation_id == Communication.organisation_id)
            & (ScheduleVersion.id == Communication.schedule_version_id),
        )
        .where(Communication.organisation_id == organisation_id, Communication.id == communication_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    chaser, steps = row
    days = next(
        (one.get("stops_account_after_days") for one in steps if one["position"] == chaser.step_position),
        None,
    )
    return (chaser, days) if days else None


def invoices_of(session: Session, organisation_id: str, communication_id: str) -> Sequence[Invoice]:
    """What a message was about, as it stands in the mirror now."""
    return session.scalars(
        select(Invoice)
        .join(
            CommunicationInvoice,
            (CommunicationInvoice.organisation_id == Invoice.organisation_id)
            & (CommunicationInvoice.invoice_id == Invoice.id),
        )
        .where(
            Invoice.organisation_id == organisation_id,
            CommunicationInvoice.communication_id == communication_id,
        )
        .order_by(Invoice.due_on, Invoice.id)
        .execution_options(populate_existing=True)
    ).all()


def settled(session: Session, organisation_id: str) -> Sequence[AccountStop]:
    """Warnings, and stops that followed one, of which nothing is open any more."""
    return session.scalars(
        select(AccountStop).where(AccountStop.organisation_id == organisation_id, *_IS_SETTLED)
    ).all()


def warnings_due(session: Session, organisation_id: str, today: date, now: datetime) -> Sequence[AccountStop]:
    """Warnings whose day has come and that do not wait for something else, the earliest first."""
    return session.scalars(
        select(AccountStop)
        .where(
            AccountStop.organisation_id == organisation_id,
            AccountStop.status == WARNED,
            AccountStop.stop_on <= today,
            AccountStop.next_try_at <= now,
        )
        .order_by(AccountStop.stop_on, AccountStop.id)
    ).all()


def untold(session: Session, organisation_id: str, now: datetime, limit: int) -> Sequence[AccountStop]:
    """Stops that the ledger's group does not show yet as they are."""
    return session.scalars(
        select(AccountStop)
        .where(
            AccountStop.organisation_id == organisation_id,
            AccountStop.group_pending,
            AccountStop.next_try_at <= now,
        )
        .order_by(AccountStop.created_at, AccountStop.id)
        .limit(limit)
    ).all()


def organisations_with_work(session: Session, now: datetime, latest_day: date) -> list[str]:
    """Connected organisations where something is to be done; ``latest_day`` is today where it is latest on earth."""
    due = (AccountStop.status == WARNED) & (AccountStop.stop_on <= latest_day)
    to_do = (
        (due & (Organisation.chasing == "live") & (AccountStop.next_try_at <= now))
        | (AccountStop.group_pending & (AccountStop.next_try_at <= now))
        | and_(*_IS_SETTLED)
    )
    statement = select(Organisation.id).where(
        Organisation.connection == "connected",
        select(AccountStop.id).where(AccountStop.organisation_id == Organisation.id, to_do).exists(),
    )
    return list(session.scalars(statement.order_by(Organisation.id)))


_IS_SETTLED: tuple[ColumnElement[bool], ...] = (
    _STANDING,
    AccountStop.communication_id.is_not(None),
    ~(
        select(Invoice.id)
        .join(
            CommunicationInvoice,
            (CommunicationInvoice.organisation_id == Invoice.organisation_id)
            & (CommunicationInvoice.invoice_id == Invoice.id),
        )
        .where(
            Invoice.organisation_id == AccountStop.organisation_id,
            CommunicationInvoice.communication_id == AccountStop.communication_id,
            OPEN_INVOICE,
        )
        .exists()
    ),
)
