"""What people are asked to do beside calls: the lists of letters and reviews, and the forms that say what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_control.facts import Action
from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import doors, finished, foresight, letters_by_post, tasks
from services.calls import OUTCOMES
from services.outlook import SEEN_AT_ONCE
from services.roles import Right
from services.said_last import SaidLast, said_last
from services.tasks import Task
from store.models import Contact, Invoice, Organisation
from store.queries import customers, foresights, team_tasks
from web.security import acting_person, current_person, dunnock, member
from web.undo import flash_correction, left_out

pages = Blueprint("tasks", __name__, url_prefix="/organisations/<organisation_id>")

_PER_PAGE = 20
_LAST_PAGE = 10_000
_LONGEST_TEXT = 2_000
_TITLES = {Action.LETTER: "Letters", Action.REVIEW: "Reviews"}


@dataclass(frozen=True, slots=True)
class Card:
    """One task with what was said last."""

    task: Task
    last: SaidLast


@pages.get("/tasks")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """The tasks of one kind, those that wait longest first."""
    kind, page = _kind(request.args.get("kind", "letter")), _page()
    left = foresight.foresee(dunnock(), organisation.id, most=SEEN_AT_ONCE)
    with dunnock().database.read(organisation.id) as session:
        ids, count = foresights.longest_asked(
            session, organisation.id, kind.value, most=_PER_PAGE, after=(page - 1) * _PER_PAGE
        )
        found = {one.contact.id: one for one in tasks.tasks(session, organisation.id, ids, (kind,))}
        said = said_last(session, organisation, list(found), clock.now())
        cards = [Card(found[key], said[key]) for key in ids if key in found]
        counts = foresights.asked_counts(session, organisation.id)
        today, person = clock.today(organisation.timezone), current_person()
        mine = team_tasks.count_due(session, organisation.id, today, person.id) if person else 0
    return render_template(
        "pages/tasks/index.html",
        organisation=organisation,
        kind=kind.value,
        counts=counts,
        mine=mine,
        cards=cards,
        left=left,
        page=page,
        more=page * _PER_PAGE < count,
        outcomes=OUTCOMES,
        today=today,
    )


@pages.post("/contacts/<contact_id>/reviews")
@member(Right.RECORD)
def review(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """A review is done, with what was decided."""
    text = _said(_("Say what you decided, so that a colleague understands it later."))
    if text is None:
        return _back(organisation, contact_id)
    with dunnock().database.write(organisation.id) as session:
        _unused2, invoices = _concerned(
            session, organisation, contact_id, frozenset(request.form.getlist("invoice"))
        )
        finished.review(session, organisation.id, contact_id, invoices, text, by=_name(), now=clock.now())
    _ring(organisation)
    flash_correction(_("Done. The note in Xero follows in a moment."), organisation, contact_id)
    return _back(organisation, contact_id)


@pages.get("/contacts/<contact_id>/letter.pdf")
@member(Right.VIEW)
def letter(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """The letter that is due to this customer, to be printed."""
    with dunnock().database.read(organisation.id) as session:
        if customers.contact(session, organisation.id, contact_id) is None:
            abort(404)
        try:
            printed = letters_by_post.print_letter(session, organisation.id, contact_id, clock.now())
        except UserError as problem:
            flash(str(problem), "problem")
            return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))
    name = quote(printed.name, safe="")
    return Response(
        printed.content,
        content_type="application/pdf",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@pages.post("/contacts/<contact_id>/letters")
@member(Right.RECORD)
def posted(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Somebody has posted the letter."""
    try:
        with dunnock().database.write(organisation.id) as session:
            _unused4, invoices = _concerned(
                session, organisation, contact_id, frozenset(request.form.getlist("invoice"))
            )
            here = session.get_one(Organisation, organisation.id)
            letters_by_post.posted(session, here, contact_id, invoices, by=_name(), now=clock.now())
    except UserError as problem:
        flash(str(problem), "problem")
        return _back(organisation, contact_id)
    _ring(organisation)
    flash_correction(_("Posted. The note in Xero follows in a moment."), organisation, contact_id)
    return _back(organisation, contact_id)


@pages.post("/contacts/<contact_id>/skips")
@member(Right.RECORD)
def skip(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Leave a call, letter or review out, with the reason."""
    kind = _kind(request.form.get("kind", ""), *tasks.KINDS)
    text = _said(_("Say why it is left out, so that a colleague understands it later."))
    if text is None:
        return _back(organisation, contact_id)
    with dunnock().database.write(organisation.id) as session:
        _unused3, invoices = _concerned(
            session, organisation, contact_id, frozenset(request.form.getlist("invoice"))
        )
        left = finished.leave_out(
            session, organisation.id, contact_id, invoices, kind, text, by=_name(), now=clock.now()
        )
        entry_id = left.id if left else ""
    _ring(organisation)
    if entry_id:
        words = _("Left out. The schedule goes on with what comes next.")
        left_out(organisation, contact_id, entry_id, words, request.form.get("back", ""))
    else:
        flash(_("Nothing of the kind is due any more; somebody may have seen to it already."), "problem")
    return _back(organisation, contact_id)


@pages.post("/contacts/<contact_id>/skips/<entry_id>/take-back")
@member(Right.RECORD)
def take_back(organisation: Organisation, contact_id: str, entry_id: str) -> ResponseReturnValue:
    """What was left out is asked for again."""
    try:
        with dunnock().database.write(organisation.id) as session:
            if customers.contact(session, organisation.id, contact_id) is None:
                abort(404)
            finished.take_back(session, organisation.id, contact_id, entry_id, by=_name(), now=clock.now())
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        _ring(organisation)
        flash(_("Taken back: it is asked for again, and a note in Xero says so."))
    return _back(organisation, contact_id)


def _concerned(
    session: Session, organisation: Organisation, contact_id: str, invoice_ids: frozenset[str]
) -> tuple[Contact, list[Invoice]]:
    """The contact and those of its open invoices that were ticked; 404 for a stranger's."""
    contact = customers.contact(session, organisation.id, contact_id) or abort(404)
    found = customers.open_invoices(session, organisation.id, contact_id)
    return contact, [one for one in found if one.id in invoice_ids]


def _said(otherwise: str) -> str | None:
    text = request.form.get("text", "").replace("\x00", "").strip()[:_LONGEST_TEXT]
    if not text:
        flash(otherwise, "problem")
    return text or None


def _back(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """To the list that somebody works through, or to the customer."""
    kind = request.form.get("back", "")
    if kind == Action.CALL:
        return redirect(url_for("calls.index", organisation_id=organisation.id))
    if kind in {one.value for one in _TITLES}:
        return redirect(url_for("tasks.index", organisation_id=organisation.id, kind=kind))
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


def _ring(organisation: Organisation) -> None:
    for door in (doors.NOTES, doors.PLAN):
        dunnock().soft_doorbell.ring(door, organisation.id)


def _kind(word: str, *others: Action) -> Action:
    return Action(word) if word in {one.value for one in (*_TITLES, *others)} else abort(404)


def _name() -> str:
    return acting_person()


def _page() -> int:
    word = request.args.get("page", "1")
    if not (word.isascii() and word.isdigit() and 0 < int(word) < _LAST_PAGE):
        abort(400, _("This page of the list does not exist; start again at the first."))
    return int(word)
