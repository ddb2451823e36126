"""The steps behind a chaser: planned with it, taken as it is handed over, given back when it surely did not leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from credit_control.facts import Step
from store.models import CommunicationInvoice, StepTaken
from store.queries.upsert import insert_new

_OF_THE_CHASER = (
    StepTaken.organisation_id == bindparam("organisation"),
    StepTaken.communication_id == bindparam("chaser"),
)
_TAKE = update(StepTaken).where(*_OF_THE_CHASER, StepTaken.state == "planned").values(state="taken")
_UNTAKE = update(StepTaken).where(*_OF_THE_CHASER, StepTaken.state == "taken").values(state="planned")
_UNSKIP = delete(StepTaken).where(*_OF_THE_CHASER, StepTaken.state == "skipped")
_SET_AMOUNT = (
    update(CommunicationInvoice)
    .where(
        CommunicationInvoice.organisation_id == bindparam("organisation"),
        CommunicationInvoice.communication_id == bindparam("chaser"),
        CommunicationInvoice.invoice_id == bindparam("invoice"),
    )
    .values(amount_due=bindparam("due"))
)


def take(session: Session, organisation_id: str, chaser_id: str) -> int:
    """The steps planned with a chaser are behind its invoices from now on; how many."""
    result: CursorResult[Any] = session.connection().execute(
        _TAKE, {"organisation": organisation_id, "chaser": chaser_id}
    )
    return result.rowcount


def skip(
    session: Session,
    organisation_id: str,
    chaser_id: str,
    missed: dict[str, tuple[Step, ...]],
    on: date,
) -> None:
    """Milder steps that a chaser passes over will not be made up for; given by invoice."""
    rows = [(invoice_id, step, "skipped") for invoice_id, steps in missed.items() for step in steps]
    finish(session, organisation_id, chaser_id, rows, on)


def finish(
    session: Session,
    organisation_id: str,
    communication_id: str | None,
    rows: Sequence[tuple[str, Step, str]],
    on: date,
) -> None:
    """Steps that are done or left out, as (invoice, step, taken or skipped). What is there stays as it is."""
    if rows:
        session.connection().execute(
            insert_new(session, StepTaken),
            [
                {
                    "organisation_id": organisation_id,
                    "invoice_id": invoice_id,
                    "schedule_version_id": step.version_id,
                    "position": step.position,
                    "state": state,
                    "communication_id": communication_id,
                    "on": on,
                }
                for invoice_id, step, state in rows
            ],
        )


def untake(session: Session, organisation_id: str, chaser_id: str) -> None:
    """A chaser surely did not leave: its steps are only planned again, and nothing is skipped."""
    names = {"organisation": organisation_id, "chaser": chaser_id}
    session.connection().execute(_UNTAKE, names)
    session.connection().execute(_UNSKIP, names)


def take_in_again(session: Session, organisation_id: str, communication_id: str) -> bool:
    """What was left out with this entry is to be done after all. False when nothing of it is left out any more."""
    result: CursorResult[Any] = session.connection().execute(
        _UNSKIP, {"organisation": organisation_id, "chaser": communication_id}
    )
    return result.rowcount > 0


def set_amounts(session: Session, organisation_id: str, chaser_id: str, amounts: dict[str, Any]) -> None:
    """What was due of each invoice, in its own currency, as the chaser left."""
    if amounts:
        session.connection().execute(
            _SET_AMOUNT,
            [
                {"organisation": organisation_id, "chaser": chaser_id, "invoice": invoice_id, "due": amount}
                for invoice_id, amount in amounts.items()
            ],
        )
