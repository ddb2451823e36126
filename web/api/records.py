"""Calls, notes and holds that a program records. Each is stored together with the answer to its request."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import abort
from msgspec import convert
from sqlalchemy.orm import Session

from credit_control.resting import HoldKind
from kit.errors import UserError
from services import calls, doors, holds, notebook
from services.calls import MadeCall
from services.promises import Promise
from store import models
from store.queries import api as queries
from store.queries import customers
from store.queries import holds as hold_queries
from web.api import asked, shapes
from web.api.caller import Caller


def record_call(caller: Caller, session: Session, body: asked.RecordCall) -> shapes.Call:
    """Record a call. It is noted in the ledger on the contact and on each of the invoices.

    The steps of a call that are due of these invoices are behind them; without invoices, those of all of the contact's.
    A promised day lets the invoices rest until it has passed.
    """
    invoices = named_invoices(caller, session, body.contact_id, body.invoice_ids)
    caller.ring_later(doors.NOTES, doors.PLAN)
    promise = (
        Promise(
            body.promised_on,
            Decimal(body.promised_amount) if body.promised_amount else None,
            body.currency,
        )
        if body.promised_on
        else None
    )
    try:
        entry = calls.record_call(
            session,
            caller.organisation(session),
            body.contact_id,
            invoices,
            MadeCall(body.outcome, body.text, body.person, body.reached, promise, body.again_on),
            by=caller.name,
            now=caller.now,
        )
    except UserError as problem:
        abort(422, f"The body cannot be used: {problem}")
    return shapes.Call(
        id=entry.id,
        contact_id=entry.contact_id,
        invoice_ids=sorted(set(body.invoice_ids)),
        outcome=body.outcome,
        text=body.text,
        recorded_at=entry.created_at,
        recorded_by=caller.name,
        person=body.person,
        reached=body.reached,
        promised_on=body.promised_on,
        again_on=body.again_on,
    )


def record_note(caller: Caller, session: Session, body: asked.RecordNote) -> shapes.Note:
    """Record a note. It is noted in the ledger on the contact and on each of the invoices.

    Whoever of the members it mentions by “@” and name gets a task and a notice.
    """
    written = notebook.write_down(
        session,
        caller.organisation(session),
        body.contact_id,
        named_invoices(caller, session, body.contact_id, body.invoice_ids),
        body.text,
        by=caller.name,
        now=caller.now,
        home=caller.app.settings.public_url,
        with_text=body.text_in_ledger,
    )
    caller.ring_later(doors.NOTES, doors.NOTICES)
    return shapes.Note(
        id=written.entry.id,
        contact_id=written.entry.contact_id,
        invoice_ids=sorted(set(body.invoice_ids)),
        text=body.text,
        recorded_at=written.entry.created_at,
        recorded_by=caller.name,
        task_ids=[task.id for task in written.tasks],
    )


def named_invoices(
    caller: Caller, session: Session, contact_id: str, invoice_ids: Sequence[str]
) -> Sequence[models.Invoice]:
    """The invoices named; 404 unless the contact is there and they are all its own."""
    if customers.contact(session, caller.organisation_id, contact_id) is None:
        abort(404, "There is no such contact.")
    found = queries.invoices_of_contact(session, caller.organisation_id, contact_id, invoice_ids)
    missing = set(invoice_ids) - {invoice.id for invoice in found}
    if missing:
        abort(404, f"This contact has no such invoice: {', '.join(sorted(missing))}.")
    return found


def place_hold(caller: Caller, session: Session, body: asked.PlaceHold) -> shapes.Hold:
    """Put a contact, or one invoice, on hold. What was planned for it is cancelled at once."""
    if body.contact_id and body.invoice_id:
        abort(422, "The body cannot be used: give contact_id or invoice_id, not both.")
    contact_id = hold_queries.contact_of(session, caller.organisation_id, body.contact_id, body.invoice_id)
    if contact_id is None:
        abort(404, "There is no such contact, or no such invoice of it.")
    if body.until and body.until < caller.today(session):
        abort(422, "The body cannot be used: until lies in the past, so nothing would be on hold.")
    if body.look_on and body.look_on < caller.today(session):
        abort(422, "The body cannot be used: look_on lies in the past, so nobody would look at it again.")
    hold = holds.put(
        session,
        caller.organisation_id,
        contact_id,
        kind=HoldKind.PERSON,
        reason=body.reason,
        by=caller.name,
        now=caller.now,
        invoice_id=body.invoice_id,
        until=body.until,
        owner_id=body.owner_id,
        look_on=body.look_on,
    )
    caller.ring_later(doors.NOTES, doors.PLAN)
    return convert(hold, shapes.Hold, from_attributes=True)


def release_hold(caller: Caller, id_: str) -> None:
    """Release a hold; chasing goes on where the rules say. 404 when it is not in force."""
    with caller.app.database.read(caller.organisation_id) as session:
        found = hold_queries.in_force(session, caller.organisation_id, id_)
    if found is None:
        abort(404, "There is no such hold in force; it may have been released already.")
    holds.release(caller.app, caller.organisation_id, id_, caller.name)
