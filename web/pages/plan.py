"""The plan of a hosted organisation, and what it uses. Without HOSTED there is no such page."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.words import Day
from kit import clock
from kit.errors import UserError
from kit.wording import _
from services.plans_and_usage import payers, usage, watch
from services.plans_and_usage.standing import GRACE_DAYS, OVER, TRIAL
from services.roles import Right
from services.said_again import again
from store.models import Organisation
from store.queries import plans as queries
from web.security import current_person, dunnock, member

plan = Blueprint("plan", __name__, url_prefix="/organisations/<organisation_id>/plan")


@plan.get("")
@member(Right.SEE_SETTINGS)
def show(organisation: Organisation) -> ResponseReturnValue:
    """How it stands, and what was used."""
    _hosted()
    if request.args.get("begun"):
        payers.refresh(dunnock(), organisation.id)
        watch.look(dunnock(), organisation.id)
        return redirect(url_for("plan.show", organisation_id=organisation.id))
    with dunnock().database.read(organisation.id) as session:
        found = watch.of(session, organisation, clock.now())
        payer = queries.payer_of(session, organisation.id)
    return render_template(
        "pages/plan/show.html",
        organisation=organisation,
        trial=found[0] if found else None,
        stands=found[1] if found else None,
        payer=payer,
        sells=dunnock().settings.sells,
        months=usage.months(dunnock(), organisation),
        grace_days=GRACE_DAYS,
    )


@plan.post("/begin")
@member(Right.DISCONNECT)
def begin(organisation: Organisation) -> ResponseReturnValue:
    """On to the provider's page on which a plan is begun."""
    _hosted()
    person = current_person() or abort(404)
    page = dunnock().settings.public_url + url_for("plan.show", organisation_id=organisation.id)
    try:
        return redirect(payers.checkout_address(dunnock(), organisation, person, page), 303)
    except UserError as error:
        return _told(organisation, str(error))


@plan.post("/manage")
@member(Right.DISCONNECT)
def manage(organisation: Organisation) -> ResponseReturnValue:
    """On to the provider's pages for cards, bills and cancelling."""
    _hosted()
    page = dunnock().settings.public_url + url_for("plan.show", organisation_id=organisation.id)
    try:
        return redirect(payers.portal_address(dunnock(), organisation, f"{page}?begun=1"), 303)
    except UserError as error:
        return _told(organisation, str(error))


def trial_note(organisation: Organisation) -> str | None:
    """The one calm line above the pages of an organisation on trial, or after it; None where there is nothing to say."""
    if not dunnock().settings.hosted:
        return None
    with dunnock().database.read(organisation.id) as session:
        found = watch.of(session, organisation, clock.now())
    if found is None:
        return None
    _unused, stands = found
    if stands.kind == TRIAL and stands.until:
        return _("Your trial ends on %(until)s.", until=Day(stands.until))
    return again(stands.reason) if stands.kind == OVER and stands.reason else None


def _hosted() -> None:
    if not dunnock().settings.hosted:
        abort(404)


def _told(organisation: Organisation, problem: str) -> ResponseReturnValue:
    flash(problem, "problem")
    return redirect(url_for("plan.show", organisation_id=organisation.id))
