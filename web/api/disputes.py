"""Disputes that a program opens, follows and settles."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import abort
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import disputes as service
from services import doors
from store import models
from store.queries import customers
from store.queries import disputes as queries
from web.api import asked_disputes as asked
from web.api.caller import Caller
from web.api.fields import money
from web.api.paging import after_time, cut
from web.api.shapes import Page
from web.api.shapes.disputes import Dispute

_NO_DISPUTE = "There is no such dispute."


def list_disputes(caller: Caller, session: Session, query: asked.Disputes) -> Page[Dispute]:
    """Disputes, the newest first."""
    rows = queries.listed(
        session,
        caller.organisation_id,
        after_time(query),
        query.limit,
        is_open=query.open,
        contact_id=query.contact_id,
        invoice_id=query.invoice_id,
    )
    shown, cursor = cut(rows, query, lambda row: (row.opened_at, row.id))
    return Page(items=_shapes(session, shown), next_cursor=cursor)


def show_dispute(caller: Caller, session: Session, id_: str) -> Dispute:
    """One dispute."""
    return _shape(session, _found(caller, session, id_))


def open_dispute(caller: Caller, session: Session, body: asked.OpenDispute) -> Dispute:
    """Open a dispute. What is disputed rests at once, and the rest of the invoice is asked for."""
    if customers.invoice(session, caller.organisation_id, body.invoice_id) is None:
        abort(404, "There is no such invoice.")
    caller.ring_later(doors.NOTES, doors.PLAN)
    try:
        opened = service.open_dispute(
            session,
            caller.organisation(session),
            body.invoice_id,
            reason=body.reason,
            category=body.category,
            amount=Decimal(body.amount) if body.amount else None,
            by=caller.name,
            now=caller.now,
            owner_id=body.owner_id,
            answer_by=body.answer_by,
        )
    except service.AlreadyInDispute as problem:
        abort(409, str(problem))
    except UserError as problem:
        abort(422, f"The body cannot be used: {problem}")
    return _shape(session, opened)


def settle_dispute(caller: Caller, session: Session, id_: str, body: asked.SettleDispute) -> Dispute:
    """Settle a dispute. Where it is upheld, the credit rests until it shows in the ledger; else all is asked for again."""
    _found(caller, session, id_)
    caller.ring_later(doors.NOTES, doors.PLAN)
    try:
        settled = service.settle(
            session,
            caller.organisation(session),
            id_,
            outcome=body.outcome,
            text=body.text,
            by=caller.name,
            now=caller.now,
            amount=Decimal(body.amount) if body.amount else None,
        )
    except UserError as problem:
        abort(409, str(problem))
    return _shape(session, settled)


def withdraw_dispute(caller: Caller, session: Session, id_: str, body: asked.WithdrawDispute) -> Dispute:
    """Nobody disputes it any more, or a credit that was agreed is not coming: all is asked for again."""
    _found(caller, session, id_)
    caller.ring_later(doors.NOTES, doors.PLAN)
    try:
        ended = service.withdraw(
            session,
            caller.organisation(session),
            id_,
            by=caller.name,
            now=caller.now,
            text=body.text or "",
        )
    except UserError as problem:
        abort(409, str(problem))
    return _shape(session, ended)


def change_dispute(caller: Caller, session: Session, id_: str, body: asked.ChangeDispute) -> Dispute:
    """Give an open dispute to another member, or another day by which the customer is to be answered."""
    _found(caller, session, id_)
    try:
        changed = service.change(
            session,
            caller.organisation(session),
            id_,
            by=caller.name,
            now=caller.now,
            owner_id=body.owner_id,
            answer_by=body.answer_by,
        )
    except UserError as problem:
        abort(422, f"The body cannot be used: {problem}")
    return _shape(session, changed)


def _found(caller: Caller, session: Session, id_: str) -> models.Dispute:
    found = queries.dispute(session, caller.organisation_id, id_)
    if found is None:
        abort(404, _NO_DISPUTE)
    return found


def _shape(session: Session, dispute: models.Dispute) -> Dispute:
    return _shapes(session, [dispute])[0]


def _shapes(session: Session, rows: Sequence[models.Dispute]) -> list[Dispute]:
    if not rows:
        return []
    contacts = {one.contact_id for one in rows}
    resting = queries.resting(session, rows[0].organisation_id, contacts)
    names = queries.names(session, {one.owner_id for one in rows if one.owner_id})
    return [
        Dispute(
            id=one.id,
            contact_id=one.contact_id,
            invoice_id=one.invoice_id,
            currency=one.currency,
            amount=None if one.amount is None else money(one.amount),
            category=one.category,  # type: ignore[arg-type]
            reason=one.reason,
            owner_id=one.owner_id,
            owner_name=names.get(one.owner_id or ""),
            answer_by=one.answer_by,
            communication_id=one.communication_id,
            resting=money(resting[one.invoice_id].amount if one.invoice_id in resting else Decimal(0)),
            opened_at=one.opened_at,
            opened_by=one.opened_by,
            outcome=one.outcome,  # type: ignore[arg-type]
            agreed=None if one.agreed is None else money(one.agreed),
            outcome_text=one.outcome_text,
            settled_at=one.settled_at,
            settled_by=one.settled_by,
        )
        for one in rows
    ]
