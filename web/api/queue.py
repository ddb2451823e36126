"""The queue, and what can be done with single mails of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flask import abort
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import own_letter, own_text, queue_actions
from services.books import desk_of
from services.by_hand import LEFT_OUT
from services.occasions import by_hand as beside
from services.one_mail import Found, find
from services.outlook import outlook
from services.outlook_shapes import Beside, Leaving, LeavingInvoice, OutlookDay
from services.plan_json import due_days
from services.queue_actions import Action, Wish
from store import models
from store.queries import planning, sending
from web.api import asked_queue, shapes
from web.api.caller import Caller
from web.api.communications import NONE_SUCH, show_communication
from web.api.fields import money


def show_queue(caller: Caller, query: asked_queue.QueueDay) -> asked_queue.Queue:
    """What would leave in the coming fourteen days if nobody paid, each mail with the key to act on it."""
    coming = outlook(caller.app, caller.organisation_id, query.day)
    days = [_day(day) for day in coming.days if query.day in (None, day.on)]
    return asked_queue.Queue(coming.as_of, days, coming.still_to_see)


def act_on_queue(caller: Caller, body: asked_queue.QueueAction) -> asked_queue.ActionResults:
    """Do something with many mails at once; of each it is answered what became of it. Safe to repeat."""
    wish = Wish(Action(body.action), caller.name, body.reason or "", body.until, body.outside_hours)
    try:
        results = queue_actions.act(caller.app, caller.organisation_id, body.keys, wish)
    except UserError as problem:
        abort(422, str(problem))
    return asked_queue.ActionResults(
        [asked_queue.ActionResult(one.key, one.done, one.said, one.asks_again) for one in results]
    )


def send_at_once(
    caller: Caller, session: Session, id_: str, body: asked_queue.SendNow
) -> shapes.CommunicationInFull:
    """Have a message leave now, whatever the sending window says; outside its hours only after a second yes.

    The ledger is asked as always, and rules, holds, brakes and the gap to the last message still have their say.
    """
    wish = Wish(Action.SEND_NOW, caller.name, outside_hours=body.outside_hours)
    return _done(caller, session, id_, wish)


def skip_once(
    caller: Caller, session: Session, id_: str, body: asked_queue.Skip
) -> shapes.CommunicationInFull:
    """Leave a message out for good: its steps count as skipped, and the schedule goes on."""
    return _done(caller, session, id_, Wish(Action.SKIP, caller.name, body.reason))


def change_text(
    caller: Caller, session: Session, id_: str, body: asked_queue.ChangeText
) -> shapes.CommunicationInFull:
    """Write subject and text of this one message; should what it is about change meanwhile, it is held instead."""
    _locked(caller, session, id_)
    if body.text is None or body.subject is None:
        own_text.drop(session, caller.organisation_id, id_, caller.name)
    else:
        found = _found(caller, session, id_)
        try:
            desk = desk_of(session, caller.organisation_id)
            own_letter.write(
                session,
                desk,
                found,
                body.subject,
                body.text,
                caller.name,
                caller.now,
                most_segments=caller.app.settings.text_segments,
            )
        except UserError as problem:
            abort(422, str(problem))
        planning.look_again(session, caller.organisation_id, [found.mail.contact_id], caller.now)
    caller.ring_later(queue_actions.door_of(Action.APPROVE))
    return _shown(caller, session, id_)


def _done(caller: Caller, session: Session, id_: str, wish: Wish) -> shapes.CommunicationInFull:
    if _is_done(_locked(caller, session, id_), wish.action):
        return _shown(caller, session, id_)
    try:
        if other := beside.find(session, caller.organisation_id, id_):
            queue_actions.do_beside(session, caller.organisation_id, other, wish)
        else:
            desk = desk_of(session, caller.organisation_id)
            queue_actions.do(session, desk, _found(caller, session, id_), wish)
    except UserError as problem:
        abort(409, str(problem))
    caller.ring_later(queue_actions.door_of(wish.action))
    return _shown(caller, session, id_)


def _is_done(row: models.Communication, action: Action) -> bool:
    """Whether there is nothing left to do: it has left, or was left out; so a repeated request gets the same answer."""
    if action is Action.SEND_NOW:
        return row.handed_over_at is not None or row.sent_at is not None
    return row.status == "cancelled" and (row.reason or "").startswith(LEFT_OUT)


def _locked(caller: Caller, session: Session, id_: str) -> models.Communication:
    """The organisation is locked, as by everybody who changes a chaser; 404 when there is no such communication."""
    sending.lock_organisation(session, caller.organisation_id)
    row = session.get(models.Communication, (caller.organisation_id, id_))
    return row or abort(404, NONE_SUCH)


def _found(caller: Caller, session: Session, id_: str) -> Found:
    try:
        return find(session, desk_of(session, caller.organisation_id), id_, caller.now)
    except UserError as problem:
        abort(409, str(problem))


def _shown(caller: Caller, session: Session, id_: str) -> shapes.CommunicationInFull:
    session.flush()
    session.expire_all()
    return show_communication(caller, session, id_)


def _day(day: OutlookDay) -> asked_queue.QueuedDay:
    items = [_mail(mail) for mail in day.leaving]
    others = [_beside(one) for one in day.beside]
    return asked_queue.QueuedDay(
        day.on.isoformat(), day.mails, _owed(day.amounts), items, day.beside_count, others
    )


def _beside(one: Beside) -> asked_queue.QueuedBeside:
    mail = one.mail
    return asked_queue.QueuedBeside(
        key=one.key,
        communication_id=mail.id,
        kind=mail.kind,
        name=mail.name or "",
        status=mail.status,
        contact_id=mail.contact_id,
        contact_name=mail.contact_name,
        to=list(mail.to),
        planned_for=mail.planned_for.isoformat() if mail.planned_for else None,
        amounts=_owed(one.amounts),
        note=mail.reason,
        waits_for_yes=one.needs_go,
    )


def _mail(mail: Leaving) -> asked_queue.QueuedMail:
    return asked_queue.QueuedMail(
        key=mail.key,
        communication_id=mail.communication_id,
        status=mail.status,
        contact_id=mail.contact_id,
        contact_name=mail.contact_name,
        to=list(mail.to),
        step=mail.step_name,
        planned_for=mail.planned_for.isoformat(),
        invoices=[_invoice(one) for one in mail.invoices],
        amounts=_owed(mail.amounts),
        note=mail.note,
        waits_for_yes=mail.waits is not None,
        reasons=[shapes.Reason(one.rule, one.outcome, one.text) for one in mail.reasons],
    )


def _invoice(one: LeavingInvoice) -> shapes.PlannedInvoice:
    return shapes.PlannedInvoice(
        invoice_id=one.id,
        number=one.number,
        **due_days(one),
        amount_due=money(one.amount_due),
        currency=one.currency,
        step=one.step_name,
    )


def _owed(amounts: Mapping[str, Decimal]) -> list[shapes.Owed]:
    return [shapes.Owed(currency, money(amount)) for currency, amount in amounts.items()]
