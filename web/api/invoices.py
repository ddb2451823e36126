"""Invoices, what comes next for each, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import abort
from msgspec import convert, structs
from sqlalchemy.orm import Session

from credit_control.decisions import NextStep
from credit_control.payer.expected import Expected
from services import outlook
from services.next_steps import next_steps
from services.payer.expectations import basis_words, expectations
from services.sent_to import sent_to
from store import models
from store.agreed import due_days
from store.queries import api as queries
from store.queries import customers
from web.api import asked, shapes
from web.api.caller import Caller
from web.api.fields import money
from web.api.paging import after_contact, cut
from web.api.shapes import Page

_NONE_SUCH = "There is no such invoice."


def list_invoices(caller: Caller, session: Session, query: asked.Invoices) -> Page[shapes.Invoice]:
    """All invoices, each with the step that comes next."""
    rows = queries.invoices(
        session,
        caller.organisation_id,
        after_contact(query),
        query.limit,
        today=caller.today(session),
        overdue=query.overdue,
        ledger_id=query.ledger_id,
        status=query.status,
        contact_id=query.contact_id,
        number=query.number,
        currency=query.currency,
        due_since=query.due_since,
        due_until=query.due_until,
    )
    shown, following = cut(rows, query, lambda row: (row.contact_id, row.id))
    return Page(items=_told(caller, session, shown), next_cursor=following)


def show_invoice(caller: Caller, session: Session, id_: str) -> shapes.InvoiceInFull:
    """One invoice, with the address that the customer had when it was issued."""
    row = customers.invoice(session, caller.organisation_id, id_) or abort(404, _NONE_SUCH)
    contact = session.get_one(models.Contact, (row.organisation_id, row.contact_id))
    went_to = sent_to(session, row, contact, caller.organisation(session).timezone)
    return shapes.InvoiceInFull(
        **structs.asdict(_told(caller, session, [row])[0]),
        sent=went_to.sent,
        address_then=went_to.address,
        address_changed_at=went_to.changed_at,
    )


def explain_invoice(caller: Caller, id_: str, query: asked.OnDay) -> shapes.Why:
    """Why the invoice is chased, or not: now, or as it would be on another date."""
    why = outlook.why(caller.app, caller.organisation_id, id_, query.on)
    return convert(why, shapes.Why, from_attributes=True) if why else abort(404, _NONE_SUCH)


def _told(caller: Caller, session: Session, rows: Sequence[models.Invoice]) -> list[shapes.Invoice]:
    owing = {row.contact_id for row in rows if row.status == "AUTHORISED"}
    coming = next_steps(session, caller.organisation_id, owing, caller.now)
    likely = expectations(session, caller.organisation_id, rows, caller.today(session))
    agreed = due_days(session, caller.organisation_id, rows)
    return [_invoice(row, agreed.get(row.id), coming.get(row.id), likely.get(row.id)) for row in rows]


def _invoice(
    row: models.Invoice, agreed: date | None, following: NextStep | None, likely: Expected | None
) -> shapes.Invoice:
    return shapes.Invoice(
        id=row.id,
        ledger_id=row.ledger_id,
        number=row.number,
        contact_id=row.contact_id,
        date=row.issued_on,
        due_date=row.due_on,
        due_as_agreed=agreed,
        currency=row.currency,
        total=money(row.total),
        amount_due=money(row.amount_due),
        status=row.status,
        next_step=shapes.NextStep(name=following.name, on=following.on) if following else None,
        expected_payment=shapes.ExpectedPayment(
            on=likely.on, earliest=likely.earliest, latest=likely.latest, basis=basis_words(likely.basis)
        )
        if likely
        else None,
    )
