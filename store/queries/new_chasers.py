"""Chasers as planning wants them: stored with the steps that they take, or planned again.

The primary key of ``steps_taken`` keeps two chasers from taking the same step of the same invoice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from store.models import Communication, CommunicationInvoice, StepTaken
from store.queries import foresights
from store.queries.batches import slices
from store.queries.chasers import ADDRESS, BY_HAND, GO
from store.queries.upsert import upsert


@dataclass(frozen=True, slots=True)
class NewStep:
    """An invoice of a chaser, with the step that it takes and what is due in its currency."""

    invoice_id: str
    version_id: str
    position: int
    currency: str
    amount_due: Decimal


@dataclass(frozen=True, slots=True)
class NewChaser:
    """A chaser as it is to stand in the database."""

    id: str
    contact_id: str
    schedule_version_id: str
    step_position: int
    step_name: str
    to: tuple[str, ...]
    reasons: list[dict[str, Any]]
    planned_for: datetime
    not_after: datetime
    on: date
    steps: tuple[NewStep, ...]
    reason: str | None = None
    needs_go: str | None = None
    """Why it is held until a person says go; None: it may leave by itself."""
    channel: str = "email"
    """email or sms"""
    cc: tuple[str, ...] = ()
    address_problem: str | None = None
    """Why it cannot go to where it is meant to go, until a person acts."""
    brake: str = GO
    """What holds it, where it needs a person."""
    told_of: tuple[str, str] | None = None
    """The names of its step and contact, where a colleague is to be told that it is planned."""


def add(session: Session, organisation_id: str, chasers: Sequence[NewChaser], now: datetime) -> None:
    """Store new chasers as planned, with their invoices and steps."""
    if not chasers:
        return
    session.connection().execute(
        insert(Communication),
        [
            {
                "organisation_id": organisation_id,
                "id": one.id,
                "direction": "out",
                "kind": "chaser",
                "contact_id": one.contact_id,
                "created_at": now,
                **_values(one),
            }
            for one in chasers
        ],
    )
    _add_steps(session, organisation_id, chasers)
    _leave_later(session, organisation_id, chasers)


def revive(session: Session, organisation_id: str, chasers: Sequence[NewChaser]) -> None:
    """Plan chasers again that had been cancelled, or held, or move them to another window."""
    by_hand = _said_by_hand(session, organisation_id, [one.id for one in chasers])
    for one in chasers:
        values = _values(one) | {"reasons": [*one.reasons, *by_hand.get(one.id, ())]}
        session.connection().execute(
            update(Communication)
            .where(Communication.organisation_id == organisation_id, Communication.id == one.id)
            .values(claim=None, claimed_at=None, handed_over_at=None, **values)
        )
    _add_steps(session, organisation_id, chasers)
    _leave_later(session, organisation_id, chasers)


def _said_by_hand(
    session: Session, organisation_id: str, ids: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """What people did with these chasers, which no planning takes back."""
    found: dict[str, list[dict[str, Any]]] = {}
    for some in slices(ids):
        rows = session.execute(
            select(Communication.id, Communication.reasons).where(
                Communication.organisation_id == organisation_id, Communication.id.in_(some)
            )
        )
        for chaser_id, reasons in rows:
            if said := [one for one in reasons if one["rule"] == BY_HAND]:
                found[chaser_id] = said
    return found


def _leave_later(session: Session, organisation_id: str, chasers: Sequence[NewChaser]) -> None:
    """What has to wait leaves on another day than foreseen."""
    foresights.forget(session, organisation_id, [one.contact_id for one in chasers if one.reason])


def _values(chaser: NewChaser) -> dict[str, Any]:
    state: dict[str, Any] = {"status": "planned", "reason": chaser.reason, "brake": None}
    if chaser.needs_go:
        state = {"status": "held", "reason": chaser.needs_go, "brake": chaser.brake, "approved_at": None}
    elif chaser.address_problem:
        state = {"status": "held", "reason": chaser.address_problem, "brake": ADDRESS}
    return {
        **state,
        "at_once_by": None,
        "channel": chaser.channel,
        "schedule_version_id": chaser.schedule_version_id,
        "step_position": chaser.step_position,
        "step_name": chaser.step_name,
        "reasons": chaser.reasons,
        "to": list(chaser.to),
        "cc": list(chaser.cc),
        "planned_for": chaser.planned_for,
        "not_after": chaser.not_after,
    }


def _add_steps(session: Session, organisation_id: str, chasers: Sequence[NewChaser]) -> None:
    """The steps as planned. One that somebody else has taken meanwhile stays theirs; the hand-over will see it."""
    pairs = [(chaser, step) for chaser in chasers for step in chaser.steps]
    if not pairs:
        return
    invoices = upsert(session, CommunicationInvoice)
    session.connection().execute(
        invoices.on_conflict_do_update(
            index_elements=["organisation_id", "communication_id", "invoice_id"],
            set_={
                "position": invoices.excluded.position,
                "schedule_version_id": invoices.excluded.schedule_version_id,
                "amount_due": invoices.excluded.amount_due,
            },
        ),
        [_invoice_row(organisation_id, chaser, step) for chaser, step in pairs],
    )
    steps = upsert(session, StepTaken)
    session.connection().execute(
        steps.on_conflict_do_update(
            index_elements=["organisation_id", "invoice_id", "schedule_version_id", "position"],
            set_={"communication_id": steps.excluded.communication_id, "on": steps.excluded.on},
            where=StepTaken.state == "planned",
        ),
        [_step_row(organisation_id, chaser, step) for chaser, step in pairs],
    )


def _invoice_row(organisation_id: str, chaser: NewChaser, step: NewStep) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "communication_id": chaser.id,
        "invoice_id": step.invoice_id,
        "position": step.position,
        "schedule_version_id": step.version_id,
        "currency": step.currency,
        "amount_due": step.amount_due,
    }


def _step_row(organisation_id: str, chaser: NewChaser, step: NewStep) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "invoice_id": step.invoice_id,
        "schedule_version_id": step.version_id,
        "position": step.position,
        "state": "planned",
        "communication_id": chaser.id,
        "on": chaser.on,
    }
