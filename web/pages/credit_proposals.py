"""What risk and numbers speak for, another schedule, a lower limit or other terms, to be said yes or no to."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.wording import _, ngettext
from services import doors
from services.changes import change_of_chasing
from services.credit import category_terms, proposals, risk_table
from services.roles import Right
from services.second_eyes import Needed
from store.models import CreditProposal, Organisation
from store.queries import credit_proposals as queries
from store.queries import customers
from store.queries import schedules as schedule_queries
from web.pages.second_eyes import keep
from web.security import acting_person, allowed, dunnock, member

credit_proposals = Blueprint(
    "credit_proposals", __name__, url_prefix="/organisations/<organisation_id>/credit/proposals"
)


@credit_proposals.get("")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """What waits, and what was decided last."""
    with dunnock().database.read(organisation.id) as session:
        waiting = queries.listed(session, organisation.id, decided=False)
        decided = queries.listed(session, organisation.id, decided=True)
        return render_template(
            "pages/credit/proposals.html",
            organisation=organisation,
            waiting=waiting,
            decided=decided,
            undoable=_undoable(session, organisation.id, decided),
            written=queries.written(session, organisation.id),
            with_terms=any(one.terms or one.discount for one in risk_table.table_of(organisation)),
            any_discount=any(one.terms and one.terms.get("percent") for one, _name in waiting),
            discount_until=category_terms.a_year_on(clock.today(organisation.timezone)),
            names=dict(schedule_queries.names(session, organisation.id)),
        )


@credit_proposals.post("/ask")
@member(Right.GRANT_CREDIT)
def ask(organisation: Organisation) -> ResponseReturnValue:
    """Propose terms to everybody who has others than its category."""
    with dunnock().database.write(organisation.id) as session:
        table = risk_table.table_of(organisation)
        made = category_terms.propose_all(session, organisation, table, clock.now())
    flash(
        ngettext("%(count)s new proposal of terms.", "%(count)s new proposals of terms.", made)
        if made
        else _("Nobody else differs. What somebody said no to is not proposed again.")
    )
    return _back(organisation)


@credit_proposals.post("/chosen")
@member(Right.GRANT_CREDIT)
def accept_chosen(organisation: Organisation) -> ResponseReturnValue:
    """Say yes to the ticked ones, each by itself; what could not be done is said and goes on waiting."""
    ids = list(dict.fromkeys(request.form.getlist("id")))[: queries.MOST_SHOWN]
    if not ids:
        flash(_("Tick the proposals to say yes to first."), "problem")
        return _back(organisation)
    done, waits, problems = 0, 0, list[str]()
    try:
        until = _until()
        for proposal_id in ids:
            try:
                _decide(organisation, proposal_id, yes=True, until=until)
            except Needed as needed:
                keep(needed)
                waits += 1
            except UserError as error:
                problems.append(str(error))
            else:
                done += 1
    except UserError as error:
        problems.append(str(error))
    _ring(organisation)
    if done:
        flash(ngettext("%(count)s proposal is accepted.", "%(count)s proposals are accepted.", done))
    if waits:
        flash(
            ngettext(
                "%(count)s proposal waits for a second person’s yes.",
                "%(count)s proposals wait for a second person’s yes.",
                waits,
            )
        )
    for problem in dict.fromkeys(problems):
        flash(problem, "problem")
    return _back(organisation)


@credit_proposals.post("/<proposal_id>/former")
@member(Right.GRANT_CREDIT)
def former(organisation: Organisation, proposal_id: str) -> ResponseReturnValue:
    """Write the terms again that the customer had before."""
    try:
        with dunnock().database.write(organisation.id) as session:
            category_terms.write_former(
                session, organisation.id, proposal_id, by=acting_person(), now=clock.now()
            )
    except UserError as error:
        flash(str(error), "problem")
        return _back(organisation)
    _ring(organisation)
    flash(_("Done. The former terms are written to Xero and noted there."))
    return _back(organisation)


@credit_proposals.post("/<proposal_id>")
@member(Right.GRANT_CREDIT)
def decide(organisation: Organisation, proposal_id: str) -> ResponseReturnValue:
    """Say yes or no; to another schedule only who may change chasing as well."""
    try:
        yes = request.form.get("do") == "accept"
        contact_id, accepted = _decide(organisation, proposal_id, yes=yes, until=_until() if yes else None)
    except UserError as error:
        flash(str(error), "problem")
        return _back(organisation)
    _ring(organisation)
    flash(_("Done. It is noted in Xero.") if accepted else _("Everything stays as it is."))
    if request.form.get("back") == "contact":
        return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))
    return _back(organisation)


def _decide(
    organisation: Organisation, proposal_id: str, *, yes: bool, until: date | None
) -> tuple[str, bool]:
    """The customer that it was about, and whether it was accepted. ``UserError`` says why it could not be."""
    by, now = acting_person(), clock.now()
    with change_of_chasing(dunnock(), organisation.id) as session:
        row = queries.by_id(session, organisation.id, proposal_id) or abort(404)
        if row.kind == queries.SCHEDULE and not allowed(Right.CHANGE_CHASING):
            abort(403)
        if yes:
            row = proposals.accept(session, organisation.id, proposal_id, by=by, now=now, until=until)
        else:
            row = proposals.decline(session, organisation.id, proposal_id, by=by, now=now)
        return row.contact_id, row.state == queries.ACCEPTED


def _until() -> date | None:
    """The last day of a discount as typed; None: nobody asked for one. ``UserError`` where it is no day."""
    typed = request.form.get("until")
    if typed is None:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise UserError(_("Say up to which day the discount holds; a day looks like 2026-11-23.")) from None


def _undoable(session: Session, organisation_id: str, decided: list[tuple[CreditProposal, str]]) -> set[str]:
    """Those whose terms are still the customer's, and that had others before."""
    rows = [row for row, _name in decided if category_terms.can_be_undone(row)]
    contacts = customers.contacts(session, organisation_id, {row.contact_id for row in rows})
    return {row.id for row in rows if category_terms.is_so(contacts.get(row.contact_id), row)}


def _ring(organisation: Organisation) -> None:
    for door in (doors.NOTES, doors.ACCOUNT_STOPS):
        dunnock().soft_doorbell.ring(door, organisation.id)


def _back(organisation: Organisation) -> ResponseReturnValue:
    return redirect(url_for("credit_proposals.index", organisation_id=organisation.id))
