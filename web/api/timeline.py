"""The story of a contact or an invoice: messages, calls, payments and decisions in one order."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from services import timeline
from services.message_as_sent import history_of
from services.timeline import NoSuchPlace, Wish
from services.timeline_events import Event
from store.queries import customers
from store.queries.history_sources import Group, Scope
from web.api.asked_timeline import ContactTimeline, Timeline
from web.api.caller import Caller
from web.api.fields import money
from web.api.paging import FOREIGN
from web.api.shapes import Page
from web.api.shapes.timeline import EventInvoice, EventState, TimelineEvent


def list_contacts_timeline(
    caller: Caller, session: Session, id_: str, query: ContactTimeline
) -> Page[TimelineEvent]:
    """Everything about a contact, newest first: messages out and in, calls, notes, payments, credits, decisions."""
    contact = customers.contact(session, caller.organisation_id, id_) or abort(
        404, "There is no such contact."
    )
    invoice = None
    if query.invoice_id:
        invoice = customers.invoice(session, caller.organisation_id, query.invoice_id)
        if invoice is None or invoice.contact_id != id_:
            abort(404, "There is no such invoice of this contact.")
    return _page(session, timeline.scope_of(caller.organisation(session), contact, invoice), query)


def list_invoices_timeline(
    caller: Caller, session: Session, id_: str, query: Timeline
) -> Page[TimelineEvent]:
    """Everything that touched an invoice, newest first, grouped mails and statements included."""
    invoice = customers.invoice(session, caller.organisation_id, id_) or abort(
        404, "There is no such invoice."
    )
    scope = timeline.scope_of(caller.organisation(session), invoice.contact_id, invoice)
    return _page(session, scope, query)


def _page(session: Session, scope: Scope, query: Timeline) -> Page[TimelineEvent]:
    wish = Wish(
        groups=frozenset({Group(query.kind)}) if query.kind else frozenset(Group),
        words=query.q or "",
        person=query.person or "",
        first=query.since,
        last=query.until,
        after=query.cursor,
    )
    try:
        found = timeline.page(session, scope, wish, query.limit)
    except NoSuchPlace:
        abort(400, FOREIGN)
    return Page(items=[_told(event) for event in found.events], next_cursor=found.following)


def _told(event: Event) -> TimelineEvent:
    return TimelineEvent(
        ref=event.ref,
        at=event.at,
        day_only=event.dated,
        group=event.group.value,
        kind=event.kind,
        channel=event.channel,
        state=event.state,
        title=event.title,
        text=event.text,
        reason=event.reason,
        by=event.by,
        to=list(event.to),
        invoices=[
            EventInvoice(one.invoice_id, one.number, one.currency, money(one.amount_due))
            for one in event.invoices
        ],
        states=[EventState(one.at, one.what, one.why) for one in history_of(event.entry)]
        if event.entry
        else [],
        communication_id=event.message.id if event.message else None,
    )
