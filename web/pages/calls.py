"""Calls: whom to call, in the order in which it is worth most, and the form that says what came of a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_control.calendar import add_working_days
from credit_control.call_order import Ranked
from credit_control.facts import Action
from integration.ledger import NoteTarget
from kit import clock
from kit.errors import FieldError, UserError
from kit.wording import N_, _
from services import call_owners, contacting, doors, foresight, ledger_history, tasks, worklist
from services import calls as services
from services.call_owners import ALL, MINE, NOBODYS, CallOwner, is_shown, owners
from services.customer_standing import standing_of
from services.outlook import SEEN_AT_ONCE
from services.people_list import everybody
from services.roles import Right
from services.said_last import SaidLast, said_last
from services.tasks import Task
from services.writing import day
from store.facts import policy_of
from store.models import Contact, Invoice, Organisation
from store.queries import customers, senders
from web.once import count_once
from web.pages.call_form import LONGEST_BACK, CallForm, check, typed
from web.security import acting_person, current_person, dunnock, local_path, member
from web.undo import flash_correction

pages = Blueprint("calls", __name__, url_prefix="/organisations/<organisation_id>")

_PER_PAGE = 20
_LAST_PAGE = 10_000
WHOSE = {MINE: "Mine", ALL: "Everybody’s", NOBODYS: "Nobody’s"}


@dataclass(frozen=True, slots=True)
class Line:
    """One customer on the worklist."""

    place: int
    contact: Contact
    amounts: Ranked
    why: str
    task: Task | None
    """What the schedule asks for; None: somebody said to call again today."""
    last: SaidLast
    warnings: Sequence[str] = ()
    """What speaks against calling just now."""
    owner: CallOwner | None = None
    """Whose it is."""


@pages.get("/calls")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """Whom to call, first things first."""
    page, today, person = _page(), clock.today(organisation.timezone), current_person()
    whose = request.args.get("whose", ALL)
    if whose not in WHOSE:
        abort(400, _("Choose whose calls to see: yours, everybody’s, or those that are nobody’s."))
    left = foresight.foresee(dunnock(), organisation.id, most=SEEN_AT_ONCE)
    with dunnock().database.read(organisation.id) as session:
        ranked = worklist.calls_in_order(session, organisation.id, today, clock.now())
        owned = owners(session, organisation.id, [one.case.contact_id for one in ranked])
        shown = [
            one
            for one in ranked
            if is_shown(owned.get(one.case.contact_id), whose, person.id if person else None)
        ]
        first = (page - 1) * _PER_PAGE
        lines = _lines(session, organisation, shown[first : first + _PER_PAGE], first, today, owned)
        colleagues = senders.colleagues(session, organisation.id)
    return render_template(
        "pages/calls/index.html",
        organisation=organisation,
        lines=lines,
        left=left,
        page=page,
        more=page * _PER_PAGE < len(shown),
        whose=whose,
        words=WHOSE,
        counts=_counts(ranked, owned, person.id if person else None),
        colleagues=colleagues,
        me=person.id if person else None,
    )


def _counts(
    ranked: Sequence[Ranked], owned: Mapping[str, CallOwner], person_id: str | None
) -> dict[str, int]:
    """How many calls stand under each choice."""
    return {
        whose: sum(is_shown(owned.get(one.case.contact_id), whose, person_id) for one in ranked)
        for whose in WHOSE
    }


def _lines(
    session: Session,
    organisation: Organisation,
    ranked: Sequence[Ranked],
    first: int,
    today: date,
    owned: Mapping[str, CallOwner],
) -> list[Line]:
    ids = [one.case.contact_id for one in ranked]
    asked = {
        one.contact.id: one for one in tasks.tasks_in_short(session, organisation.id, ids, (Action.CALL,))
    }
    contacts = customers.contacts(session, organisation.id, ids)
    said = said_last(session, organisation, ids, clock.now())
    found = [
        Line(place, contacts[key], one, worklist.why_here(one, today), asked.get(key), said[key])
        for place, one in enumerate(ranked, first + 1)
        if (key := one.case.contact_id) in contacts
    ]
    warned = contacting.before_call(session, organisation, [one.contact for one in found], clock.now())
    return [
        replace(one, warnings=warned.get(one.contact.id, ()), owner=owned.get(one.contact.id))
        for one in found
    ]


@pages.post("/contacts/<contact_id>/calls/hand-over")
@member(Right.RECORD)
def hand_over(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Give the call to a colleague, who is told, or to whoever looks after the customer."""
    person, to = current_person() or abort(404), request.form.get("to", "")
    home = url_for("calls.index", organisation_id=organisation.id, whose=request.form.get("whose") or ALL)
    try:
        with dunnock().database.write(organisation.id) as session:
            contact = customers.contact(session, organisation.id, contact_id) or abort(404)
            call_owners.hand_over(
                session,
                session.get_one(Organisation, organisation.id),
                contact_id,
                to or None,
                by=acting_person(),
                by_id=person.id,
                home=dunnock().settings.public_url,
                now=clock.now(),
            )
            told, name = senders.name_of(session, to or None), contact.name
    except UserError as problem:
        flash(str(problem), "problem")
        return redirect(home)
    dunnock().soft_doorbell.ring(doors.NOTICES, organisation.id)
    if not told:
        flash(_("The call to %(name)s is for whoever looks after the customer.", name=name))
    else:
        flash(
            _("The call to %(name)s is yours.", name=name)
            if to == person.id
            else _("%(told)s calls %(name)s, and is told by mail.", told=told, name=name)
        )
    return redirect(home)


@pages.get("/contacts/<contact_id>/calls")
@member(Right.VIEW)
def call(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """The form in which a call with this customer is written down, with what to say."""
    with dunnock().database.read(organisation.id) as session:
        if customers.contact(session, organisation.id, contact_id) is None:
            abort(404)
    ledger_history.want(dunnock(), organisation, NoteTarget.CONTACT, contact_id)
    form = CallForm(
        invoice_ids=frozenset(request.args.getlist("invoice")),
        back=request.args.get("back", "")[:LONGEST_BACK],
    )
    return _call_page(organisation, contact_id, form)


@pages.post("/contacts/<contact_id>/calls")
@member(Right.RECORD)
def record(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Write a call down, or show the form again with what is wrong."""
    form = typed(request.form)
    home = _home(organisation, contact_id, form.back)
    try:
        made = form.made()
        with dunnock().database.write(organisation.id) as session:
            invoices = _ticked(session, organisation, contact_id, form.invoice_ids)
            count_once(session, organisation.id, home)
            here = session.get_one(Organisation, organisation.id)
            check(made, here, clock.now())
            services.record_call(session, here, contact_id, invoices, made, by=_name(), now=clock.now())
    except UserError as problem:
        wrong = problem.field if isinstance(problem, FieldError) else ""
        return _call_page(organisation, contact_id, form, str(problem), wrong), 422
    for door in (doors.NOTES, doors.PLAN):
        dunnock().soft_doorbell.ring(door, organisation.id)
    stays = not made.reached and not made.again_on
    words = (
        _("Written down. The call stays to be made.")
        if stays
        else _("Written down. The note in Xero follows in a moment.")
    )
    flash_correction(words, organisation, contact_id)
    return redirect(home)


def _home(organisation: Organisation, contact_id: str, back: str) -> str:
    """The list from which somebody came, else the customer."""
    if back == "calls":
        return url_for("calls.index", organisation_id=organisation.id)
    return local_path(back) or url_for(
        "contacts.show", organisation_id=organisation.id, contact_id=contact_id
    )


def _call_page(
    organisation: Organisation, contact_id: str, form: CallForm, problem: str = "", wrong: str = ""
) -> str:
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        invoices = customers.open_invoices(session, organisation.id, contact_id)
        task = tasks.task_of(session, organisation.id, contact_id, Action.CALL)
        last = said_last(session, organisation, [contact_id], clock.now())[contact_id]
        people = everybody(session, contact).people
        warned = contacting.before_call(session, organisation, [contact], clock.now())
        standing = standing_of(session, organisation, contact_id, today, clock.now())
    return render_template(
        "pages/calls/call.html",
        organisation=organisation,
        contact=contact,
        invoices=invoices,
        standing=standing,
        people=[one for one in people if one.name],
        due=frozenset(one.id for one in task.invoices) if task else frozenset(),
        task=task,
        last=last,
        warnings=warned.get(contact_id, ()),
        form=form,
        problem=problem,
        wrong=wrong,
        outcomes=services.OUTCOMES,
        days=_likely_days(organisation, today),
        today=today,
    )


def _likely_days(organisation: Organisation, today: date) -> dict[str, str]:
    """Days that people name on the phone, each once: ISO date and words."""
    working = add_working_days(today, 1, policy_of(organisation).window.off)
    tomorrow, friday = today + timedelta(days=1), today + timedelta(days=(4 - today.weekday()) % 7 or 7)
    month_end = (today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    named = {
        month_end: N_("End of the month, %(day)s"),
        today + timedelta(days=7): N_("In a week, %(day)s"),
        friday: N_("Friday, %(day)s"),
        working: N_("Tomorrow, %(day)s") if working == tomorrow else N_("Next working day, %(day)s"),
    }
    return {on.isoformat(): _(words, day=day(on)) for on, words in sorted(named.items()) if on > today}


def _ticked(
    session: Session, organisation: Organisation, contact_id: str, invoice_ids: frozenset[str]
) -> list[Invoice]:
    """Those of the contact's open invoices that were ticked; 404 for a stranger's contact."""
    if customers.contact(session, organisation.id, contact_id) is None:
        abort(404)
    found = customers.open_invoices(session, organisation.id, contact_id)
    return [one for one in found if one.id in invoice_ids]


def _name() -> str:
    return acting_person()


def _page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)
