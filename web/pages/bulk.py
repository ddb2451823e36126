"""One action on the ticked customers or invoices, or on all that match: asked for, followed, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qsl

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import bulk as service
from services import saved_views
from services.bulk import WORDS, Action, Wish
from services.roles import Right, may
from store.models import Organisation
from store.queries import customers, invoice_grid
from web.once import count_once
from web.pages.customer_list import wanted_customers
from web.pages.invoice_list import wanted_invoices
from web.security import acting_person, current_person, dunnock, member

bulk = Blueprint("bulk", __name__, url_prefix="/organisations/<organisation_id>/bulk")

BACK: Final = {"customers": "contacts.index", "invoices": "invoice_grid.show"}
_NO_LIST = N_("There is no such list; go back and choose from it.")
_NO_DAY = N_("A day looks like 2026-11-23; leave it empty to hold until somebody releases it.")


@bulk.post("/<page>")
@member(Right.RECORD)
def ask(organisation: Organisation, page: str) -> ResponseReturnValue:
    """Do it with the ticked ones. With all that match: after their number has been seen and said yes to."""
    endpoint = BACK.get(page) or abort(400, _(_NO_LIST))
    query = saved_views.cleaned(page, request.form.get("query", ""))
    back = f"{url_for(endpoint, organisation_id=organisation.id)}?{query or 'view=all'}"
    person = current_person() or abort(404)
    today = clock.today(organisation.timezone)
    everything = "all" in request.form
    try:
        wish = _wish(page)
        if not may(g.role, service.RIGHTS[wish.action]):
            abort(
                403,
                _("Your role in this organisation does not allow this. Ask an owner or a manager to do it."),
            )
        with dunnock().database.write(organisation.id) as session:
            wish = service.check(session, organisation.id, wish, today)
            ids = matching(session, organisation, page, query) if everything else request.form.getlist("id")
            if everything and not _was_shown(len(ids)):
                return _confirm(organisation, page, query, wish, len(ids), back)
            count_once(session, organisation.id, back)
            run_id = service.begin(
                session, organisation.id, ids, wish, by=acting_person(), person_id=person.id
            )
    except UserError as problem:
        flash(str(problem), "problem")
        return redirect(back)
    service.go_on(dunnock(), organisation.id, run_id)
    return redirect(url_for("bulk.show", organisation_id=organisation.id, run_id=run_id))


@bulk.get("/runs/<run_id>")
@member(Right.VIEW)
def show(organisation: Organisation, run_id: str) -> ResponseReturnValue:
    """What became of it: how many are done, which are not and why. Asked again by the page itself while it goes on."""
    with dunnock().database.read(organisation.id) as session:
        told = service.told(session, organisation.id, run_id) or abort(404)
    partial = request.headers.get("HX-Request") == "true"
    page = render_template(
        f"pages/bulk/{'progress' if partial else 'run'}.html",
        organisation=organisation,
        told=told,
        words=WORDS[Action(told.run.action)],
        may_undo=may(g.role, service.RIGHTS[Action(told.run.action)]),
        back=url_for(BACK[told.run.page], organisation_id=organisation.id),
    )
    return (page, {"HX-Refresh": "true"}) if partial and told.run.finished_at else page


@bulk.post("/runs/<run_id>/undo")
@member(Right.RECORD)
def undo(organisation: Organisation, run_id: str) -> ResponseReturnValue:
    """Take it back."""
    person = current_person() or abort(404)
    here = url_for("bulk.show", organisation_id=organisation.id, run_id=run_id)
    try:
        with dunnock().database.write(organisation.id) as session:
            told = service.told(session, organisation.id, run_id) or abort(404)
            if not may(g.role, service.RIGHTS[Action(told.run.action)]):
                abort(
                    403,
                    _(
                        "Your role in this organisation does not allow this. Ask an owner or a manager to do it."
                    ),
                )
            back_id = service.undo(session, organisation.id, run_id, by=acting_person(), person_id=person.id)
    except UserError as problem:
        flash(str(problem), "problem")
        return redirect(here)
    service.go_on(dunnock(), organisation.id, back_id)
    return redirect(url_for("bulk.show", organisation_id=organisation.id, run_id=back_id))


def matching(session: Session, organisation: Organisation, page: str, query: str) -> list[str]:
    """The ids of all that a list has at this moment."""
    args: Any = MultiDict(parse_qsl(query))
    today = clock.today(organisation.timezone)
    if page == "invoices":
        return invoice_grid.ids(session, organisation.id, wanted_invoices(args), today)
    return customers.contact_ids(
        session, organisation.id, wanted_customers(args), today=today, home=organisation.base_currency
    )


def _was_shown(count: int) -> bool:
    """Whether the person has said yes to as many, or to more: it is never done with more than they have seen."""
    seen = request.form.get("count", "")
    return seen.isascii() and seen.isdigit() and len(seen) < 9 and count <= int(seen)


def _confirm(
    organisation: Organisation, page: str, query: str, wish: Wish, count: int, back: str
) -> ResponseReturnValue:
    return render_template(
        "pages/bulk/confirm.html",
        organisation=organisation,
        page=page,
        query=query,
        wish=wish,
        count=count,
        before=request.form.get("count", ""),
        words=WORDS[wish.action],
        back=back,
    )


def _wish(page: str) -> Wish:
    form = request.form
    try:
        action = Action(form.get("action", ""))
    except ValueError:
        raise UserError(_("Choose what is to be done.")) from None
    try:
        until = date.fromisoformat(form["until"]) if form.get("until") else None
    except ValueError:
        raise UserError(_(_NO_DAY)) from None
    return Wish(
        page,
        action,
        reason=form.get("reason", "").strip(),
        until=until,
        schedule=form.get("schedule", ""),
        owner=form.get("owner", ""),
        tag=form.get("tag", ""),
    )


def actions_of(page: str) -> Sequence[tuple[Action, str]]:
    """What whoever is looking may do with what a list shows."""
    return [(one, WORDS[one]) for one in service.ACTIONS[page] if may(g.role, service.RIGHTS[one])]


@bulk.app_context_processor
def _for_pages() -> dict[str, Any]:
    return {"bulk_actions": actions_of}
