"""What was said, and what stands of it in the ledger."""

from __future__ import annotations

from typing import Any

from flask import abort
from msgspec import convert, structs
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import doors, go, text_costs, unknown_mails
from store import models
from store.queries import api as queries
from store.queries import by_hand
from web.api import asked, asked_queue, shapes
from web.api.caller import Caller
from web.api.paging import after_time, cut
from web.api.shapes import Page

NONE_SUCH = "There is no such communication."
_COLUMNS = tuple(one.name for one in structs.fields(shapes.Communication) if one.name != "invoice_ids")


def list_communications(
    caller: Caller, session: Session, query: asked.Communications
) -> Page[shapes.Communication]:
    """Messages, calls and notes in both directions, newest first; also what is only planned."""
    rows = queries.communications(
        session,
        caller.organisation_id,
        after_time(query),
        query.limit,
        invoice_id=query.invoice_id,
        status=query.status,
        direction=query.direction,
        channel=query.channel,
        contact_id=query.contact_id,
    )
    shown, following = cut(rows, query, lambda row: (row.created_at, row.id))
    about = queries.invoice_ids_of(session, caller.organisation_id, [row.id for row in shown])
    items = [convert(_values(row, about.get(row.id, [])), shapes.Communication) for row in shown]
    return Page(items=items, next_cursor=following)


def show_communication(caller: Caller, session: Session, id_: str) -> shapes.CommunicationInFull:
    """One message with its text and the reasons for it."""
    row = session.get(models.Communication, (caller.organisation_id, id_))
    if row is None:
        abort(404, NONE_SUCH)
    about = queries.invoice_ids_of(session, caller.organisation_id, [id_])
    values = _values(row, about.get(id_, []))
    own = by_hand.text_of(session, caller.organisation_id, id_)
    more = {
        "text": row.body_text,
        "reasons": row.reasons,
        "own_text": own and _own_text(own),
        "segments": row.segments,
        "cost": _cost(row),
        "from_name": row.from_name,
        "from_email": row.from_email,
    }
    return convert(values | more, shapes.CommunicationInFull)


def let_go(caller: Caller, session: Session, id_: str) -> shapes.CommunicationInFull:
    """Say go to a message that is held for this word; one that does not wait for it stays as it is."""
    if session.get(models.Communication, (caller.organisation_id, id_)) is None:
        abort(404, NONE_SUCH)
    go.say_go(session, caller.organisation_id, id_, caller.name)
    caller.ring_later(doors.PLAN)
    session.expire_all()
    return show_communication(caller, session, id_)


def settle(
    caller: Caller, session: Session, id_: str, body: asked_queue.Settle
) -> shapes.CommunicationInFull:
    """Say whether a message left whose status is unknown. Safe to repeat; 409 when it is known by now.

    What left is sent from then on; what did not is planned anew by the rules. A later report of the provider still counts.
    """
    if session.get(models.Communication, (caller.organisation_id, id_)) is None:
        abort(404, NONE_SUCH)
    try:
        unknown_mails.settle(session, caller.organisation_id, id_, left=body.left, by=caller.name)
    except UserError as problem:
        abort(409, str(problem))
    for door in (doors.NOTES, doors.PLAN):
        caller.ring_later(door)
    session.flush()
    session.expire_all()
    return show_communication(caller, session, id_)


def _cost(row: models.Communication) -> dict[str, str] | None:
    if row.cost_millionths is None or row.cost_currency is None:
        return None
    return {"currency": row.cost_currency, "amount": str(text_costs.cost_of(row.cost_millionths))}


def _own_text(own: models.EditedText) -> dict[str, Any]:
    return {
        "subject": own.subject,
        "text": own.body,
        "written_by": own.written_by,
        "set_aside": own.set_aside,
    }


def _values(row: models.Communication, invoice_ids: list[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS} | {"invoice_ids": invoice_ids}


def list_ledger_notes(caller: Caller, session: Session, query: asked.LedgerNotes) -> Page[shapes.LedgerNote]:
    """The notes that stand, or will stand, in the ledger, newest first."""
    rows = queries.ledger_notes(
        session,
        caller.organisation_id,
        after_time(query),
        query.limit,
        status=query.status,
        target=query.target,
        ledger_id=query.ledger_id,
        communication_id=query.communication_id,
    )
    shown, following = cut(rows, query, lambda row: (row.created_at, row.id))
    items = [convert(row, shapes.LedgerNote, from_attributes=True) for row in shown]
    return Page(items=items, next_cursor=following)
