"""The customers: the list, one customer's story, holds, and files that came with replies."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from credit_control.facts import Action
from credit_control.resting import HoldKind
from integration.ledger import NoteTarget
from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import attached, holds, ledger_history, placing, schedules, tags, tasks
from services.books import desk_of
from services.changes import change_of_chasing
from services.coming_next import next_of
from services.contact_why import contact_why
from services.credit.category_terms import a_year_on
from services.credit.judging import category_name
from services.customer_standing import standing_of
from services.payer.ratings import ratings_of
from services.people_list import everybody
from services.roles import Right
from services.senders import senders_of
from services.tasks import Task
from services.team_tasks import TaskKind
from services.timeline import scope_of
from store.agreed import due_days
from store.models import Organisation
from store.queries import (
    account_stops,
    account_watches,
    credit_proposals,
    disputes,
    late_payment,
    merging,
    team_tasks,
)
from store.queries import audit as audit_queries
from store.queries import customers as queries
from store.queries import ledger_history as history_queries
from store.queries import schedules as schedule_queries
from store.queries import senders as sender_queries
from store.queries import tags as tag_queries
from store.queries import texts as text_queries
from store.queries import timeline as message_queries
from store.queries.team_tasks import TaskLine
from web import undo
from web.forms import HoldForm
from web.once import count_once
from web.pages import timeline
from web.pages.credit import uses_of
from web.pages.customer_list import COLUMNS, PER_PAGE, asked_customers
from web.pages.links import contact_in_ledger
from web.pages.list_asked import choices
from web.pages.promises import given_by
from web.security import acting_person, current_person, dunnock, member

contacts = Blueprint("contacts", __name__, url_prefix="/organisations/<organisation_id>")

_MOST_TO_DO = 20


@contacts.get("/contacts")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """The customers, those with the oldest debt first."""
    asked, today = asked_customers(), clock.today(organisation.timezone)
    home = organisation.base_currency
    with dunnock().database.read(organisation.id) as session:
        ids = queries.contact_ids(session, organisation.id, asked.wanted, today=today, home=home)
        start = (asked.page - 1) * PER_PAGE
        shown = ids[start : start + PER_PAGE]
        choosing = choices(session, organisation.id)
        return render_template(
            "pages/contacts/index.html",
            organisation=organisation,
            lines=queries.lines_of(session, organisation.id, shown, today),
            coming=next_of(session, desk_of(session, organisation.id), shown, clock.now())
            if "next" in asked.columns
            else {},
            total=len(ids),
            sums=queries.sums(session, organisation.id, asked.wanted, ids, today=today, home=home),
            asked=asked,
            columns=COLUMNS,
            choices=choosing,
            owners={one.id: one.name for one in choosing.colleagues},
            today=today,
            page_count=-(-len(ids) // PER_PAGE),
        )


@contacts.post("/contacts/<contact_id>/tags")
@member(Right.RECORD)
def put_tags(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Have exactly these tags on a customer, typed with commas between them."""
    try:
        with dunnock().database.write(organisation.id) as session:
            if queries.contact(session, organisation.id, contact_id) is None:
                abort(404)
            before = tag_queries.of(session, organisation.id, contact_id)
            typed = request.form.get("tags", "").split(",")
            tags.put_all(session, organisation.id, contact_id, typed, by=_name(), now=clock.now())
    except UserError as error:
        flash(str(error), "problem")
    else:
        words = _("The tags are kept.") if any(one.strip() for one in typed) else _("No tag is left.")
        undo.tags_kept(organisation, contact_id, before, words)
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


@contacts.get("/contacts/<contact_id>")
@member(Right.VIEW)
def show(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """One customer: what is owed, what holds it, what was said; also in Xero, which is read meanwhile."""
    with dunnock().database.read(organisation.id) as session:
        if queries.contact(session, organisation.id, contact_id) is None:
            abort(404)
    ledger_history.want(dunnock(), organisation, NoteTarget.CONTACT, contact_id)
    return _contact_page(organisation, contact_id, HoldForm(formdata=None))


@contacts.post("/contacts/<contact_id>/holds")
@member(Right.RECORD)
def hold(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Stop chasing this customer until a day, or until somebody releases it."""
    form, back = HoldForm(), url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id)
    if not form.validate_on_submit():
        return _contact_page(organisation, contact_id, form), 422
    try:
        placed = holds.place(
            dunnock(),
            organisation.id,
            contact_id=contact_id,
            reason=form.reason.data.strip(),
            until=form.until.data,
            look_on=form.look_on.data,
            by=_name(),
            first=lambda session: count_once(session, organisation.id, back),
        )
    except UserError as error:
        form.form_errors.append(str(error))
        return _contact_page(organisation, contact_id, form), 422
    undo.held(organisation, placed, _("On hold. Nothing leaves to this customer."))
    return redirect(back)


@contacts.post("/contacts/<contact_id>/holds/<hold_id>/release")
@member(Right.RECORD)
def release(organisation: Organisation, contact_id: str, hold_id: str) -> ResponseReturnValue:
    """Let chasing go on."""
    try:
        hold = holds.release(dunnock(), organisation.id, hold_id, by=_name())
    except UserError as error:
        flash(str(error), "problem")
    else:
        words = _("Released. Chasing goes on with the next step that is due.")
        if hold.kind == HoldKind.PERSON and not hold.invoice_id:
            undo.released(organisation, hold, clock.today(organisation.timezone), words)
        else:
            flash(words)
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


@contacts.post("/contacts/<contact_id>/schedule")
@member(Right.CHANGE_CHASING)
def choose(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Choose the schedule by hand, or leave it to the rules."""
    wanted = request.form.get("schedule", "") or None
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            before = schedules.chosen(session, organisation.id, contact_id)
            schedules.choose(session, organisation.id, contact_id, wanted, by=_name())
    except UserError as error:
        flash(str(error), "problem")
    else:
        words = _("Chosen by hand. No rule changes it.") if wanted else _("The rules decide again.")
        undo.schedule_chosen(organisation, contact_id, before, words)
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


@contacts.get("/attachments/<attachment_id>")
@member(Right.VIEW)
def attachment(organisation: Organisation, attachment_id: str) -> ResponseReturnValue:
    """A file that came with a reply: always a download, never opened in the browser.

    One that can do harm is given out after a warning.
    """
    with dunnock().database.read(organisation.id) as session:
        file = message_queries.attachment(session, organisation.id, attachment_id)
    if file is None:
        abort(404)
    danger = attached.look(file.name, file.content_type, file.content).danger
    if danger and request.args.get("anyway") != "yes":
        return render_template(
            "pages/contacts/danger.html", organisation=organisation, file=file, danger=danger
        )
    return Response(
        file.content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def _contact_page(organisation: Organisation, contact_id: str, form: HoldForm) -> str:
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        contact = queries.contact(session, organisation.id, contact_id) or abort(404)
        person = current_person()
        colleagues = sender_queries.colleagues(session, organisation.id)
        invoices = queries.open_invoices(session, organisation.id, contact_id)
        to_do = team_tasks.lines(session, organisation.id, contact_id=contact_id, limit=_MOST_TO_DO)
        return render_template(
            "pages/contacts/show.html",
            organisation=organisation,
            contact=contact,
            merged_into=merging.survivor(session, organisation.id, contact_id)
            if contact.merged_into
            else None,
            public_url=dunnock().settings.public_url,
            members=[name for _, name in audit_queries.members(session, organisation.id)],
            standing=standing_of(session, organisation, contact_id, today, clock.now()),
            known=everybody(session, contact),
            holds=queries.holds_of(session, organisation.id, [contact_id], today)[contact_id],
            disputes=disputes.of_contact(session, organisation.id, contact_id),
            invoices=invoices,
            due_as_agreed=due_days(session, organisation.id, invoices),
            placement=placing.placements(session, desk_of(session, organisation.id), [contact_id]).get(
                contact_id
            ),
            why=contact_why(session, desk_of(session, organisation.id), contact_id),
            schedules=schedule_queries.names(session, organisation.id),
            credit=uses_of(session, organisation, contact_id),
            proposals=credit_proposals.of_contact(session, organisation.id, contact_id),
            discount_until=a_year_on(today),
            schedule_names=dict(schedule_queries.names(session, organisation.id)),
            risk_category=category_name(session, organisation, contact_id, today),
            account_stop=account_stops.standing(session, organisation.id, [contact_id]).get(contact_id),
            account_watch=account_watches.standing(session, organisation.id, [contact_id]).get(contact_id),
            terms=late_payment.terms(session, organisation.id, [contact_id]).get(contact_id),
            colleagues=colleagues,
            names={one.id: one.name for one in colleagues},
            steps_due=_steps_due(session, organisation, contact_id, to_do),
            to_do=to_do,
            me=person.id if person else "",
            writes=senders_of(session, organisation).choice(owner_id=contact.owner_id).reason,
            given=given_by(session, organisation.id, contact_id),
            story=timeline.shown(session, scope_of(organisation, contact)),
            text_stops=text_queries.stops_at(session, organisation.id, contact_id),
            history=history_queries.reading(session, organisation.id, NoteTarget.CONTACT, contact_id),
            rated=ratings_of(session, organisation.id, [contact_id], today)[contact_id],
            tags=tag_queries.of(session, organisation.id, contact_id),
            form=form,
            today=today,
            ledger_link=contact_in_ledger(organisation, contact),
        )


def _steps_due(
    session: Session, organisation: Organisation, contact_id: str, to_do: Sequence[TaskLine]
) -> list[Task]:
    """What steps ask a person for; a call that is to be made again on a day of its own stands among what is to do."""
    again = any(line.task.kind == TaskKind.CALL for line in to_do)
    found = tasks.tasks_in_short(session, organisation.id, [contact_id])
    return [one for one in found if not (again and one.kind is Action.CALL)]


def _name() -> str:
    return acting_person()
