"""The steps behind a chaser: planned with it, taken as it is handed over, given back when it surely did not leave."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from credit_control.facts import Step
from store.models import CommunicationInvoice, StepTaken
from store.queries.upsert import upsert


def take(session: Session, organisation_id: str, chaser_id: str) -> int:
    """The steps planned with a chaser are behind its invoices from now on; how many."""
    result: CursorResult[Any] = session.connection().execute(
        _steps(organisation_id, chaser_id).where(StepTaken.state == "planned").values(state="taken")
    )
    return result.rowcount


def skip(
    session: Session,
    organisation_id: str,
    chaser_id: str,
    version_id: str,
    missed: dict[str, tuple[Step, ...]],
    on: date,
) -> None:
    """Milder steps that a chaser passes over will not be made up for; given by invoice."""
    rows = [
        {
            "organisation_id": organisation_id,
            "invoice_id": invoice_id,
            "schedule_version_id": version_id,
            "position": step.position,
            "state": "skipped",
            "communication_id": chaser_id,
            "on": on,
        }
        for invoice_id, steps in missed.items()
        for step in steps
    ]
    if rows:
        session.connection().execute(upsert(session, StepTaken).on_conflict_do_nothing(), rows)


def untake(session: Session, organisation_id: str, chaser_id: str) -> None:
    """A chaser surely did not leave: its steps are only planned again, and nothing is skipped."""
    session.connection().execute(
        _steps(organisation_id, chaser_id).where(StepTaken.state == "taken").values(state="planned")
    )
    session.connection().execute(
        delete(StepTaken).where(
            StepTaken.organisation_id == organisation_id,
            StepTaken.communication_id == chaser_id,
            StepTaken.state == "skipped",
        )
    )


def _steps(organisation_id: str, chaser_id: str) -> Any:
    return update(StepTaken).where(
        StepTaken.organisation_id == organisation_id, StepTaken.communication_id == chaser_id
    )


def set_amounts(session: Session, organisation_id: str, chaser_id: str, amounts: dict[str, Any]) -> None:
    """What was due of each invoice, in its own currency, as the chaser left."""
    for invoice_id, amount in amounts.items():
        session.connection().execute(
            update(CommunicationInvoice)
            .where(
                CommunicationInvoice.organisation_id == organisation_id,
                CommunicationInvoice.communication_id == chaser_id,
                CommunicationInvoice.invoice_id == invoice_id,
            )
            .values(amount_due=amount)
        )
