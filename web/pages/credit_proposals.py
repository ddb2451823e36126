"""What risk and numbers speak for, another schedule or a lower limit, to be said yes or no to."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import doors
from services.changes import change_of_chasing
from services.credit import proposals
from services.roles import Right
from store.models import Organisation
from store.queries import credit_proposals as queries
from store.queries import schedules as schedule_queries
from web.security import acting_person, allowed, dunnock, member

credit_proposals = Blueprint(
    "credit_proposals", __name__, url_prefix="/organisations/<organisation_id>/credit/proposals"
)


@credit_proposals.get("")
@member(Right.VIEW)
def index(organisation: Organisation) -> ResponseReturnValue:
    """What waits, and what was decided last."""
    with dunnock().database.read(organisation.id) as session:
        return render_template(
            "pages/credit/proposals.html",
            organisation=organisation,
            waiting=queries.listed(session, organisation.id, decided=False),
            decided=queries.listed(session, organisation.id, decided=True),
            names=dict(schedule_queries.names(session, organisation.id)),
        )


@credit_proposals.post("/<proposal_id>")
@member(Right.GRANT_CREDIT)
def decide(organisation: Organisation, proposal_id: str) -> ResponseReturnValue:
    """Say yes or no; to another schedule only who may change chasing as well."""
    act = proposals.accept if request.form.get("do") == "accept" else proposals.decline
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            row = queries.by_id(session, organisation.id, proposal_id) or abort(404)
            if row.kind == queries.SCHEDULE and not allowed(Right.CHANGE_CHASING):
                abort(403)
            row = act(session, organisation.id, proposal_id, by=acting_person(), now=clock.now())
            contact_id, accepted = row.contact_id, row.state == queries.ACCEPTED
    except UserError as error:
        flash(str(error), "problem")
        return redirect(url_for("credit_proposals.index", organisation_id=organisation.id))
    dunnock().soft_doorbell.ring(doors.NOTES, organisation.id)
    flash(_("Done. It is noted in Xero.") if accepted else _("Everything stays as it is."))
    if request.form.get("back") == "contact":
        return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))
    return redirect(url_for("credit_proposals.index", organisation_id=organisation.id))
