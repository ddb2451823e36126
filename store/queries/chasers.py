"""Chasers that have not left: those that wait, a person's yes to them, and those that are not to leave after all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, literal_column, select, update
from sqlalchemy.orm import Session

from store.among import among
from store.models import Communication, CommunicationInvoice, StepTaken
from store.queries.batches import slices

IS_WAITING: ColumnElement[bool] = literal_column("communications.status IN ('planned', 'held', 'sending')")
"""Written out, so that both databases can use the partial index of waiting ones."""
IS_HELD: ColumnElement[bool] = literal_column("communications.status = 'held'")
"""Written out for the same reason."""
_STOPPABLE: ColumnElement[bool] = literal_column(
    "(communications.status IN ('planned', 'held')"
    " OR (communications.status = 'sending' AND communications.handed_over_at IS NULL"
    " AND communications.kind <> 'answer'))"
)
"""What has surely not left."""
GO: Final = "go"
"""Stands where the kind of a brake does: a step of the chaser needs a person's go."""
ADDRESS: Final = "address"
"""The same, where somebody must first say to whom it may go."""
EDITED: Final = "edited"
"""The same for a chaser whose own text was put aside, because it is about something else now."""
BY_HAND: Final = "by_hand"
"""Stands where the name of a rule does: what a person did with a chaser."""
_STEPS = select(
    CommunicationInvoice.communication_id,
    CommunicationInvoice.invoice_id,
    CommunicationInvoice.position,
    CommunicationInvoice.schedule_version_id,
).where(
    CommunicationInvoice.organisation_id == bindparam("organisation"),
    among(CommunicationInvoice.communication_id, "communications"),
    CommunicationInvoice.position.is_not(None),
)
"""Built once, because every hand-over asks it."""


@dataclass(frozen=True, slots=True)
class WaitingChaser:
    """A chaser that is planned, held, or being sent just now."""

    id: str
    contact_id: str
    status: str
    reason: str | None
    to: tuple[str, ...]
    planned_for: datetime
    not_after: datetime
    checked_at: datetime | None
    brake: str | None
    """The kind of the brake that holds it."""
    approved: bool
    """A person has said yes to it."""
    steps: frozenset[tuple[str, int]]
    """(invoice id, position of its step)"""
    versions: dict[str, str]
    """The version of a schedule, by invoice, that its step is one of; none for chasers of old."""
    cc: tuple[str, ...] = ()
    at_once: bool = False
    """A person wants it to leave at once."""


class PlannedStep(NamedTuple):
    """An invoice's step in a chaser that is there already."""

    invoice_id: str
    position: int
    version_id: str | None


def waiting_chasers(
    session: Session, organisation_id: str, contact_ids: Sequence[str] | None = None, *, lock: bool = False
) -> list[WaitingChaser]:
    """Chasers that are planned, held or being sent: of these contacts, or (None) of all."""
    columns = (
        Communication.id,
        Communication.contact_id,
        Communication.status,
        Communication.reason,
        Communication.to,
        Communication.planned_for,
        Communication.not_after,
        Communication.checked_at,
        Communication.brake,
        Communication.approved_at,
        Communication.cc,
        Communication.at_once_by,
    )
    statement = select(*columns).where(
        Communication.organisation_id == organisation_id, IS_WAITING, Communication.kind == "chaser"
    )
    if lock:
        statement = statement.with_for_update()
    parts = (
        [statement]
        if contact_ids is None
        else [statement.where(Communication.contact_id.in_(ids)) for ids in slices(contact_ids)]
    )
    rows = [row for part in parts for row in session.execute(part.order_by(Communication.id))]
    steps = steps_of(session, organisation_id, [row.id for row in rows])
    return [
        WaitingChaser(
            row.id,
            row.contact_id,
            row.status,
            row.reason,
            tuple(row.to),
            row.planned_for,
            row.not_after,
            row.checked_at,
            row.brake,
            row.approved_at is not None,
            frozenset((one.invoice_id, one.position) for one in steps[row.id]),
            versions_of(steps[row.id]),
            tuple(row.cc),
            row.at_once_by is not None,
        )
        for row in rows
    ]


def steps_of(
    session: Session, organisation_id: str, communication_ids: Sequence[str]
) -> dict[str, list[PlannedStep]]:
    """The steps of each chaser, one an invoice."""
    found: dict[str, list[PlannedStep]] = defaultdict(list)
    for ids in slices(communication_ids):
        rows = session.execute(_STEPS, {"organisation": organisation_id, "communications": list(ids)})
        for communication_id, invoice_id, position, version_id in rows:
            found[communication_id].append(PlannedStep(invoice_id, position or 0, version_id))
    return found


def versions_of(steps: Iterable[PlannedStep]) -> dict[str, str]:
    """The version of a schedule that each invoice's step is one of, where the row says it."""
    return {one.invoice_id: one.version_id for one in steps if one.version_id}


def statuses(
    session: Session, organisation_id: str, communication_ids: Sequence[str]
) -> dict[str, tuple[str, str | None]]:
    """Status and reason of each of these communications that exists."""
    found: dict[str, tuple[str, str | None]] = {}
    for ids in slices(communication_ids):
        rows = session.execute(
            select(Communication.id, Communication.status, Communication.reason).where(
                Communication.organisation_id == organisation_id, Communication.id.in_(ids)
            )
        )
        found.update((chaser_id, (status, reason)) for chaser_id, status, reason in rows)
    return found


def approve(session: Session, organisation_id: str, contact_ids: Sequence[str], now: datetime) -> None:
    """A person has said yes to what waits for these contacts."""
    for ids in slices(contact_ids):
        session.connection().execute(
            update(Communication)
            .where(
                Communication.organisation_id == organisation_id,
                Communication.contact_id.in_(ids),
                Communication.kind == "chaser",
                IS_WAITING,
                _STOPPABLE,
            )
            .values(approved_at=now)
        )


def let_go(session: Session, organisation_id: str, chaser_id: str, now: datetime) -> str | None:
    """A person says go to a chaser that is held for it; its contact, or None when it is not."""
    return session.connection().scalar(
        update(Communication)
        .where(
            Communication.organisation_id == organisation_id,
            Communication.id == chaser_id,
            Communication.status == "held",
            Communication.brake == GO,
            Communication.approved_at.is_(None),
        )
        .values(approved_at=now)
        .returning(Communication.contact_id)
    )


def take_go_back(session: Session, organisation_id: str, chaser_id: str, reason: str) -> str | None:
    """A chaser that somebody let go waits again, where it is not on its way; its contact, or None when it is."""
    return session.connection().scalar(
        update(Communication)
        .where(
            Communication.organisation_id == organisation_id,
            Communication.id == chaser_id,
            Communication.status.in_(("held", "planned")),
            Communication.approved_at.is_not(None),
            Communication.at_once_by.is_(None),
        )
        .values(approved_at=None, status="held", brake=GO, reason=reason)
        .returning(Communication.contact_id)
    )


def stop(
    session: Session,
    organisation_id: str,
    reason: str,
    *,
    contact_id: str | None = None,
    invoice_id: str | None = None,
) -> list[str]:
    """Cancel what has surely not left, chaser or not: of one contact, about one invoice, or all. Returns the ids cancelled."""
    statement = select(Communication.id).where(
        Communication.organisation_id == organisation_id, IS_WAITING, _STOPPABLE
    )
    if contact_id:
        statement = statement.where(Communication.contact_id == contact_id)
    if invoice_id:
        about = select(CommunicationInvoice.communication_id).where(
            CommunicationInvoice.organisation_id == organisation_id,
            CommunicationInvoice.invoice_id == invoice_id,
        )
        statement = statement.where(Communication.id.in_(about))
    ids = list(session.scalars(statement.order_by(Communication.id).with_for_update()))
    cancel(session, organisation_id, dict.fromkeys(ids, reason))
    return ids


def cancel(session: Session, organisation_id: str, reasons: dict[str, str]) -> None:
    """Cancel chasers, given as id to reason, and give back the steps that were planned with them."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for chaser_id, reason in reasons.items():
        by_reason[reason].append(chaser_id)
    for reason, all_ids in by_reason.items():
        for ids in slices(all_ids):
            session.connection().execute(
                update(Communication)
                .where(
                    Communication.organisation_id == organisation_id, Communication.id.in_(ids), _STOPPABLE
                )
                .values(status="cancelled", reason=reason, claim=None, claimed_at=None)
            )
            _give_back(session, organisation_id, ids)


def _give_back(session: Session, organisation_id: str, ids: Sequence[str]) -> None:
    session.connection().execute(
        delete(StepTaken).where(
            StepTaken.organisation_id == organisation_id,
            StepTaken.communication_id.in_(ids),
            StepTaken.state == "planned",
        )
    )
