"""What people are asked to do: listed, done, or left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import abort
from sqlalchemy.orm import Session

from credit_control.call_order import Ranked, place
from credit_control.facts import Action
from services import call_owners, contacting, doors, finished, foresight, letters_by_post, tasks, worklist
from services.call_owners import CallOwner
from services.outlook import SEEN_AT_ONCE
from services.outlook_shapes import both_due_days
from store.queries import customers, foresights
from web.api import asked, shapes
from web.api.caller import Caller
from web.api.fields import money
from web.api.paging import after_call, after_task, cut
from web.api.records import named_invoices
from web.api.shapes import Page


def list_tasks(caller: Caller, query: asked.Tasks) -> Page[shapes.Task]:
    """Calls to be made, letters to be posted and accounts to be reviewed, contact by contact."""
    kinds = [one for one in tasks.KINDS if query.kind in (None, one.value)]
    after = after_task(query)
    foresight.foresee(caller.app, caller.organisation_id, most=SEEN_AT_ONCE)
    with caller.app.database.read(caller.organisation_id) as session:
        found = [
            one
            for one in tasks.tasks(
                session, caller.organisation_id, _contacts(caller, session, query, after), kinds
            )
            if after is None or (one.contact.id, one.kind.value) > after
        ]
    found.sort(key=lambda one: (one.contact.id, one.kind.value))
    shown, following = cut(found, query, lambda one: (one.contact.id, one.kind.value))
    return Page(items=[_task(one) for one in shown], next_cursor=following)


def list_calls(caller: Caller, query: asked.Calls) -> Page[shapes.CallToMake]:
    """Whom to call, in the order in which it is worth most, each with what its place was worked out from."""
    after = after_call(query)
    foresight.foresee(caller.app, caller.organisation_id, most=SEEN_AT_ONCE)
    with caller.app.database.read(caller.organisation_id) as session:
        today = caller.today(session)
        ranked = worklist.calls_in_order(session, caller.organisation_id, today, caller.now)
        owned = call_owners.owners(session, caller.organisation_id, [one.case.contact_id for one in ranked])
        coming = [
            one
            for one in ranked
            if (after is None or place(one) > after) and _is_asked_for(owned.get(one.case.contact_id), query)
        ]
        shown, following = cut(coming, query, lambda one: (str(one.points), one.case.contact_id))
        ids = [one.case.contact_id for one in shown]
        asked_for = {
            one.contact.id: one for one in tasks.tasks(session, caller.organisation_id, ids, (Action.CALL,))
        }
        there = list(customers.contacts(session, caller.organisation_id, ids).values())
        warned = contacting.before_call(session, caller.organisation(session), there, caller.now)
        items = [
            _call(
                one,
                asked_for.get(one.case.contact_id),
                today,
                warned.get(one.case.contact_id, ()),
                owned.get(one.case.contact_id),
            )
            for one in shown
        ]
    return Page(items=items, next_cursor=following)


def hand_call_over(caller: Caller, session: Session, id_: str, body: asked.HandCallOver) -> shapes.CallsOf:
    """Give the calls to a customer to a member, who is told by a notice, until somebody was reached."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, "There is no such contact.")
    call_owners.hand_over(
        session,
        caller.organisation(session),
        id_,
        body.owner_id,
        by=caller.name,
        by_id=None,
        home=caller.app.settings.public_url,
        now=caller.now,
    )
    caller.ring_later(doors.NOTICES)
    owner = call_owners.owners(session, caller.organisation_id, [id_]).get(id_)
    return shapes.CallsOf(contact_id=id_, owner=_owner(owner))


def _is_asked_for(owner: CallOwner | None, query: asked.Calls) -> bool:
    if query.nobodys:
        return owner is None and query.owner_id is None
    return query.owner_id is None or (owner is not None and owner.person_id == query.owner_id)


def _owner(owner: CallOwner | None) -> shapes.CallOwner | None:
    return (
        shapes.CallOwner(person_id=owner.person_id, name=owner.name, handed_over=owner.handed)
        if owner
        else None
    )


def _call(
    ranked: Ranked, task: tasks.Task | None, today: date, warnings: Sequence[str], owner: CallOwner | None
) -> shapes.CallToMake:
    case = ranked.case
    return shapes.CallToMake(
        contact_id=case.contact_id,
        contact_name=case.name,
        points=str(ranked.points),
        why=worklist.why_here(ranked, today),
        overdue=[
            shapes.Overdue(currency=code, amount=money(sum_)) for code, sum_ in sorted(case.overdue.items())
        ],
        oldest_due_date=case.oldest_due_on if case.overdue else None,
        calls=case.calls,
        reached=case.reached,
        task=_task(task) if task else None,
        warnings=list(warnings),
        owner=_owner(owner),
    )


def _contacts(
    caller: Caller, session: Session, query: asked.Tasks, after: tuple[str, str] | None
) -> list[str]:
    """Enough contacts for the page and one task more, beginning with the one at which the page before ended."""
    if query.contact_id:
        there = customers.contact(session, caller.organisation_id, query.contact_id)
        return [query.contact_id] if there else abort(404, "There is no such contact.")
    kinds = [query.kind] if query.kind else [one.value for one in tasks.KINDS]
    most, first = query.limit + 2, after[0] if after else None
    return foresights.asked_contacts(session, caller.organisation_id, kinds, most=most, from_id=first)


def record_review(caller: Caller, session: Session, body: asked.RecordReview) -> shapes.Review:
    """Record a review. Its steps that are due are behind the invoices; it is noted in the ledger."""
    invoices = named_invoices(caller, session, body.contact_id, body.invoice_ids)
    caller.ring_later(doors.NOTES, doors.PLAN)
    entry = finished.review(
        session, caller.organisation_id, body.contact_id, invoices, body.text, by=caller.name, now=caller.now
    )
    return shapes.Review(
        id=entry.id,
        contact_id=entry.contact_id,
        invoice_ids=sorted(set(body.invoice_ids)),
        text=body.text,
        recorded_at=entry.created_at,
        recorded_by=caller.name,
    )


def record_letter(caller: Caller, session: Session, body: asked.RecordLetter) -> shapes.Letter:
    """Record that the letter that is due was posted. Its steps are behind the invoices; it is noted in the ledger."""
    invoices = named_invoices(caller, session, body.contact_id, body.invoice_ids)
    caller.ring_later(doors.NOTES, doors.PLAN)
    here = caller.organisation(session)
    try:
        entry = letters_by_post.posted(
            session, here, body.contact_id, invoices, by=caller.name, now=caller.now
        )
    except letters_by_post.NothingDue:
        return shapes.Letter(id=None, contact_id=body.contact_id, invoice_ids=[])
    return shapes.Letter(id=entry.id, contact_id=entry.contact_id, invoice_ids=sorted(set(body.invoice_ids)))


def leave_task_out(caller: Caller, session: Session, body: asked.LeaveTaskOut) -> shapes.TaskLeftOut:
    """Leave a call, letter or review out, with the reason. The schedule goes on; it is noted in the ledger."""
    invoices = named_invoices(caller, session, body.contact_id, body.invoice_ids)
    caller.ring_later(doors.NOTES, doors.PLAN)
    entry = finished.leave_out(
        session,
        caller.organisation_id,
        body.contact_id,
        invoices,
        Action(body.kind),
        body.reason,
        by=caller.name,
        now=caller.now,
    )
    return shapes.TaskLeftOut(communication_id=entry.id if entry else None)


def _task(one: tasks.Task) -> shapes.Task:
    return shapes.Task(
        kind=one.kind.value,  # type: ignore[arg-type]  # one of tasks.KINDS
        contact_id=one.contact.id,
        contact_name=one.contact.name,
        phone=one.contact.phone or one.contact.mobile,
        local_time=one.local_time,
        step=one.step_name,
        since=one.since,
        invoices=[_invoice(each) for each in one.invoices],
        say=one.say,
        problem=one.problem,
    )


def _invoice(one: tasks.TaskInvoice) -> shapes.TaskInvoice:
    in_ledger, as_agreed = both_due_days(one)
    return shapes.TaskInvoice(
        invoice_id=one.id,
        number=one.number,
        due_date=in_ledger,
        due_as_agreed=as_agreed,
        amount_due=money(one.amount_due),
        currency=one.currency,
        step=one.step_name,
    )
