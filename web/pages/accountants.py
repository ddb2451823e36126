"""An organisation's accountants: which practices work for it by whose consent, how it asks one, and how it ends it."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import accountants_log, invitations, practices
from services.invitation_kinds import ASKS
from services.invitations import Invited
from services.roles import Right, Role
from store.models import Invitation, Organisation
from store.queries import invitations as invitation_queries
from store.queries import practices as queries
from web import limits
from web.inviting import is_told
from web.proving import proven
from web.security import acting_person, current_person, dunnock, member, the_person

_PER_PAGE = 50

accountants = Blueprint("accountants", __name__, url_prefix="/organisations/<organisation_id>/accountants")


@accountants.get("")
@member(Right.CHANGE_SETTINGS)
def index(organisation: Organisation) -> ResponseReturnValue:
    """Who works for the organisation, and who did."""
    return _page(organisation)


@accountants.get("/log")
@member(Right.READ_AUDIT)
def log(organisation: Organisation) -> ResponseReturnValue:
    """What they did in the organisation's name, the newest first."""
    with dunnock().database.read(organisation.id) as session:
        found = accountants_log.page(session, organisation.id, _after(), _PER_PAGE + 1)
    further = found[_PER_PAGE - 1].place if len(found) > _PER_PAGE else None
    return render_template(
        "pages/practice/log.html",
        organisation=organisation,
        lines=found[:_PER_PAGE],
        further=f"{further[0].isoformat()} {further[1]}" if further else None,
        is_first="after" not in request.args,
    )


@accountants.get("/log.csv")
@member(Right.READ_AUDIT)
def log_file(organisation: Organisation) -> ResponseReturnValue:
    """All of it as a file."""
    name = f"what-accountants-did {clock.today(organisation.timezone)}.csv"
    return Response(
        accountants_log.export(dunnock(), organisation.id),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _after() -> tuple[datetime, str] | None:
    """The place in the log from which to go on."""
    word = request.args.get("after", "")
    if not word:
        return None
    moment, _unused, entry_id = word.rpartition(" ")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        abort(400, _("This place in the log does not exist; start again at the newest."))
    if found.tzinfo is None or not entry_id.isalnum():
        abort(400, _("This place in the log does not exist; start again at the newest."))
    return found, entry_id


@accountants.post("")
@member(Right.CHANGE_SETTINGS)
@proven("ask an accountant")
def ask(organisation: Organisation) -> ResponseReturnValue:
    """Ask a practice by mail; where no mails leave, the link is on the page that follows."""
    limits.take(limits.INVITATIONS, organisation.id)
    person = the_person()
    try:
        with dunnock().database.read(organisation.id) as session:
            if not practices.may_consent(session, organisation.id, person.id):
                raise UserError(
                    _("Only an owner or a manager of the organisation itself can say yes for it.")
                )
        email = request.form.get("email", "")
        made = invitations.invite(
            dunnock(), kind=ASKS, email=email, by=person.name, organisation_id=organisation.id
        )
    except UserError as problem:
        return _page(organisation, problem=str(problem)), 422
    return _asked(organisation, made)


@accountants.post("/asks/<ask_id>/send")
@member(Right.CHANGE_SETTINGS)
@proven("ask an accountant again")
def send_again(organisation: Organisation, ask_id: str) -> ResponseReturnValue:
    """The same with a new link."""
    limits.take(limits.INVITATIONS, organisation.id)
    return _asked(organisation, invitations.send_again(dunnock(), _ask(organisation, ask_id).id))


@accountants.post("/asks/<ask_id>/withdraw")
@member(Right.CHANGE_SETTINGS)
def withdraw(organisation: Organisation, ask_id: str) -> ResponseReturnValue:
    """Ask no more."""
    invitations.withdraw(dunnock(), _ask(organisation, ask_id).id, by=acting_person())
    flash(_("Withdrawn. Its link does not work any more."))
    return redirect(url_for(".index", organisation_id=organisation.id))


def _ask(organisation: Organisation, ask_id: str) -> Invitation:
    with dunnock().database.read(organisation.id) as session:
        rows = invitation_queries.of_organisation(session, organisation.id, ASKS)
    return next((row for row in rows if row.id == ask_id), None) or abort(404)


def _asked(organisation: Organisation, made: Invited) -> ResponseReturnValue:
    if is_told(made):
        return redirect(url_for(".index", organisation_id=organisation.id))
    return _page(organisation, made=made)


@accountants.post("/<practice_id>/end")
@member(Right.CHANGE_SETTINGS)
@proven("end what a practice does here")
def end(organisation: Organisation, practice_id: str) -> ResponseReturnValue:
    """End the consent: from now on nobody of the practice sees anything here."""
    owners_stay = g.role != Role.OWNER
    practices.end(dunnock(), practice_id, organisation.id, acting_person(), owners_stay=owners_stay)
    flash(_("Ended. Nobody of the practice sees anything of this organisation any more."))
    with dunnock().database.read(organisation.id) as session:
        person = current_person()
        stays = person is not None and practices.may_consent(session, organisation.id, person.id)
    if not stays:  # it was somebody of the practice
        return redirect(url_for("landing.organisations"))
    return redirect(url_for(".index", organisation_id=organisation.id))


def _page(
    organisation: Organisation,
    *,
    problem: str | None = None,
    made: Invited | None = None,
) -> str:
    person = current_person()
    with dunnock().database.read(organisation.id) as session:
        links = queries.of_organisation(session, organisation.id)
        asks = invitation_queries.of_organisation(session, organisation.id, ASKS)
        may_ask = person is not None and practices.may_consent(session, organisation.id, person.id)
    return render_template(
        "pages/practice/accountants.html",
        organisation=organisation,
        links=links,
        asks=asks,
        may_ask=may_ask,
        problem=problem,
        made=made,
        now=clock.now(),
        email=request.form.get("email", "") if problem else "",
    )
