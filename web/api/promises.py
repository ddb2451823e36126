"""Promises to pay."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import abort
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import doors, promises
from store import models
from store.queries import customers
from store.queries import promises as queries
from web.api import shapes
from web.api.asked_promises import Promises, RecordPromise
from web.api.caller import Caller
from web.api.fields import money
from web.api.paging import after_id, cut
from web.api.records import named_invoices
from web.api.shapes import promises as promise_shapes


def record_promise(caller: Caller, session: Session, body: RecordPromise) -> promise_shapes.Promise:
    """Record a promise to pay: chasing of its invoices waits until its day and the days of grace are over.

    It is noted in the ledger on the contact and on each invoice, and replaces an open promise on the same invoices.
    """
    named = named_invoices(caller, session, body.contact_id, body.invoice_ids)
    if body.currency is None:
        concerned = named or customers.open_invoices(session, caller.organisation_id, body.contact_id)
        if len({one.currency for one in concerned}) > 1:
            abort(422, "The body cannot be used: its invoices are in several currencies; say in which it is.")
    said = promises.Promise(
        body.promised_on, Decimal(body.amount) if body.amount else None, body.currency, body.said_by
    )
    try:
        kept = promises.keep(
            session,
            caller.organisation(session),
            body.contact_id,
            body.invoice_ids,
            said,
            by=caller.name,
            now=caller.now,
        )
    except UserError as problem:
        abort(422, f"The body cannot be used: {problem}")
    caller.ring_later(doors.NOTES, doors.PLAN)
    return _answers(session, caller.organisation_id, [kept])[0]


def list_promises(caller: Caller, session: Session, query: Promises) -> shapes.Page[promise_shapes.Promise]:
    """Promises to pay, of all customers or of one."""
    found = queries.page(
        session,
        caller.organisation_id,
        states=[query.state] if query.state else [],
        contact_id=query.contact_id,
        after=after_id(query),
        most=query.limit + 1,
    )
    rows, cursor = cut(found, query, lambda row: (row.id,))
    return shapes.Page(items=_answers(session, caller.organisation_id, rows), next_cursor=cursor)


def withdraw_promise(caller: Caller, session: Session, id_: str) -> promise_shapes.Promise:
    """Take an open promise back; chasing goes on as if it had not been given. 409 when it does not stand any more."""
    row = queries.one(session, caller.organisation_id, id_)
    if row is None:
        abort(404, "There is no such promise.")
    try:
        promises.withdraw(session, caller.organisation(session), id_, by=caller.name, now=caller.now)
    except UserError as problem:
        abort(409, str(problem))
    caller.ring_later(doors.NOTES, doors.PLAN)
    return _answers(session, caller.organisation_id, [row])[0]


def _answers(
    session: Session, organisation_id: str, rows: Sequence[models.PromiseToPay]
) -> list[promise_shapes.Promise]:
    numbers = queries.numbers_of(session, organisation_id, [row.id for row in rows])
    return [_answer(row, [invoice_id for invoice_id, _ in numbers[row.id]]) for row in rows]


def _answer(row: models.PromiseToPay, invoice_ids: list[str]) -> promise_shapes.Promise:
    return promise_shapes.Promise(
        id=row.id,
        contact_id=row.contact_id,
        invoice_ids=sorted(invoice_ids),
        promised_on=row.promised_on,
        amount=money(row.amount),
        currency=row.currency,
        chasing_waits_until=row.grace_until,
        state=row.state,  # type: ignore[arg-type]  # one of its words
        paid=money(row.paid),
        missing=money(max(row.amount - row.paid, Decimal(0))),
        moved=row.moved,
        replaced_by=row.replaced_by,
        said_by=row.said_by,
        recorded_by=row.recorded_by,
        created_at=row.created_at,
        judged_at=row.judged_at,
        communication_id=row.communication_id,
    )
