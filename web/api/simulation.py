"""Schedules tried on single invoices."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import abort
from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.decisions import Reason
from credit_control.trying import Event
from kit.errors import UserError
from services import replays
from services.books import Desk, desk_of
from services.simulation import Simulated, Specimen, simulate, tried_steps
from services.written_steps import checked
from store.queries import customers
from store.queries import schedules as schedule_queries
from store.queries import senders as sender_queries
from web.api import asked_simulation, shapes
from web.api.caller import Caller
from web.api.courses import NO_SCHEDULE, schedule_named, written_steps
from web.api.fields import money


def simulate_schedule(
    caller: Caller, session: Session, body: asked_simulation.Simulate
) -> asked_simulation.Simulation:
    """What a schedule would have done to an invoice, and will do, from its issue on. Nothing is stored."""
    desk = desk_of(session, caller.organisation_id)
    if body.invoice_id and not customers.invoice(session, caller.organisation_id, body.invoice_id):
        abort(404, "There is no such invoice.")
    if body.contact_id and not customers.contact(session, caller.organisation_id, body.contact_id):
        abort(404, "There is no such contact.")
    about = body.invoice_id or _specimen(body, desk)
    try:
        found = simulate(
            session,
            desk,
            _schedule(caller, session, desk, body),
            about,
            body.on or caller.today(session),
            body.contact_id,
        )
    except UserError as problem:
        abort(422, str(problem))
    return _told(found)


def _specimen(body: asked_simulation.Simulate, desk: Desk) -> Specimen:
    if body.invoice is None:
        abort(422, "The body cannot be used: give invoice_id, or an invoice to make up.")
    currency = body.invoice.currency or desk.organisation.base_currency
    return Specimen(body.invoice.date, body.invoice.due_date, Decimal(body.invoice.amount), currency)


def _schedule(
    caller: Caller, session: Session, desk: Desk, body: asked_simulation.Simulate
) -> facts.Schedule:
    if body.steps is None:
        wanted = schedule_named(session, caller.organisation_id, body.schedule or desk.course.schedule.name)
        return desk.course.newest[wanted]
    templates = schedule_queries.template_kinds(session, caller.organisation_id)
    senders = sender_queries.sender_ids(session, caller.organisation_id)
    return tried_steps("these steps", checked(written_steps(body.steps), templates, senders))


def _told(found: Simulated) -> asked_simulation.Simulation:
    following = found.trial.next_step
    return asked_simulation.Simulation(
        schedule=found.schedule,
        contact_name=found.contact_name,
        number=found.invoice.number,
        date=found.invoice.issued_on,
        due_date=found.invoice.due_on,
        amount=money(found.invoice.total),
        currency=found.invoice.currency,
        paid_on=found.paid_on,
        on=found.on,
        events=[_event(one, found) for one in found.trial.events],
        reasons=_reasons(found.trial.reasons),
        next_step=shapes.NextStep(following.name, following.on) if following else None,
    )


def _event(one: Event, found: Simulated) -> asked_simulation.SimulatedEvent:
    return asked_simulation.SimulatedEvent(
        on=one.on,
        at=one.at,
        what=one.what.value,
        step=one.step.name,
        action=one.step.action.value,
        position=one.step.position,
        past=one.on < found.on,
        reasons=_reasons(one.reasons),
    )


def _reasons(found: Sequence[Reason]) -> list[shapes.Reason]:
    return [shapes.Reason(one.rule, one.outcome.value, one.text) for one in found]


def ask_for_replay(caller: Caller, id_: str) -> asked_simulation.Replay:
    """Have a schedule replayed on the last twelve months of the organisation's own book. The counts come bit by bit."""
    with caller.app.database.read(caller.organisation_id) as session:
        if schedule_queries.newest(session, caller.organisation_id, id_) is None:
            abort(404, NO_SCHEDULE)
    replays.ask(caller.app, caller.organisation_id, id_, caller.name)
    with caller.app.database.read(caller.organisation_id) as session:
        return show_replay(caller, session, id_)


def show_replay(caller: Caller, session: Session, id_: str) -> asked_simulation.Replay:
    """What the replay of a schedule has found; 404 when nobody has asked for one."""
    found = replays.found(session, caller.organisation_id, id_)
    if found is None:
        abort(404, "There is no such schedule, or nobody has asked for a replay of it as it is now.")
    return asked_simulation.Replay(
        done=found.done,
        asked_by=found.asked_by,
        asked_at=found.asked_at,
        first=found.first,
        last=found.last,
        contacts=found.contacts,
        invoices=found.invoices,
        messages=found.messages,
        written_to=found.written_to,
        most=found.most,
        steps=[
            asked_simulation.ReplayedStep(one.name, one.messages, one.invoices, one.paid_by_then)
            for one in found.steps
        ],
        months=[asked_simulation.ReplayedMonth(month, steps) for month, steps in found.by_month.items()],
        top=[asked_simulation.ReplayedContact(*one) for one in found.top],
    )
