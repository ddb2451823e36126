"""One invoice: what is due, which steps were taken and why (not), and what was said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from credit_control.facts import Schedule
from integration.ledger import NoteTarget
from kit import clock
from services import interest, ledger_history, placing
from services.books import desk_of
from services.journey import ON_ITS_WAY, journey
from services.outlook import why
from services.roles import Right
from services.sent_to import sent_to
from services.timeline import scope_of
from store.models import Organisation, StepTaken
from store.old_debt_mark import old_debt_mark
from store.queries import customers as queries
from store.queries import ledger_history as history_queries
from web.pages import timeline
from web.pages.disputes import about_invoice
from web.pages.links import invoice_in_ledger
from web.pages.promises import given_by
from web.pages.special_terms import agreed_about
from web.security import dunnock, member

invoices = Blueprint("invoices", __name__, url_prefix="/organisations/<organisation_id>/invoices")


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the schedule, and whether this invoice has it behind it."""

    name: str
    offset_days: int
    by_person: bool
    taken: StepTaken | None


@invoices.get("/<invoice_id>")
@member(Right.VIEW)
def show(organisation: Organisation, invoice_id: str) -> ResponseReturnValue:
    """The invoice with its steps, its reasons and its messages."""
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        _ = queries.invoice(session, organisation.id, invoice_id) or abort(404)
    ledger_history.want(dunnock(), organisation, NoteTarget.INVOICE, invoice_id)
    with dunnock().database.read(organisation.id) as session:
        invoice = queries.invoice(session, organisation.id, invoice_id) or abort(404)
        contact = queries.contact(session, organisation.id, invoice.contact_id) or abort(404)
        held = queries.holds_of(session, organisation.id, [invoice.contact_id], today)[invoice.contact_id]
        placed = placing.placements(session, desk_of(session, organisation.id), [invoice.contact_id])
        taken = queries.steps_taken(session, organisation.id, invoice_id)
        story = timeline.shown(session, scope_of(organisation, contact, invoice))
        interest_on = interest.end_of(invoice, today)
        worked = (
            interest.work_out(session, organisation.id, invoice, contact, interest_on)
            if contact and invoice.due_on < interest_on
            else None
        )
        read = history_queries.reading(session, organisation.id, NoteTarget.INVOICE, invoice_id)
        given = given_by(session, organisation.id, contact.id, invoice_id)
        disputed = about_invoice(session, organisation, invoice)
        agreed = agreed_about(session, organisation, invoice)
        way = journey(session, organisation, invoice, taken, today) if invoice.status in ON_ITS_WAY else None
        went_to = sent_to(session, invoice, contact, organisation.timezone)
    return render_template(
        "pages/invoices/show.html",
        organisation=organisation,
        invoice=invoice,
        contact=contact,
        holds=[hold for hold in held if hold.invoice_id in (None, invoice_id)],
        steps=_steps(placed[invoice.contact_id].on(invoice_id), taken),
        old_debt=any(one.communication_id == old_debt_mark(organisation.id) for one in taken),
        why=why(dunnock(), organisation.id, invoice_id),
        given=given,
        disputed=disputed,
        agreed=agreed,
        story=story,
        journey=way,
        went_to=went_to,
        history=read,
        today=today,
        worked=worked,
        interest_on=interest_on,
        ledger_link=invoice_in_ledger(organisation, invoice),
    )


def _steps(schedule: Schedule, taken: Sequence[StepTaken]) -> list[StepLine]:
    """The steps of the version that this invoice is on, with what it has behind it of them."""
    behind = {one.position: one for one in taken if one.schedule_version_id == schedule.version_id}
    return [
        StepLine(step.name, step.offset_days, step.action.by_person, behind.get(step.position))
        for step in schedule.steps
    ]
