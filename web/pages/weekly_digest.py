"""The weekly digest: one's own switch, and what it would say now."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services.digest import days, sending, wishes
from services.roles import Right
from store.models import Organisation
from store.queries.digests import Reader
from web.security import dunnock, member, the_person

weekly_digest = Blueprint("weekly_digest", __name__, url_prefix="/organisations/<organisation_id>/digest")


@weekly_digest.get("")
@member(Right.VIEW)
def show(organisation: Organisation) -> ResponseReturnValue:
    """Whether one gets it, when the next one leaves, and what it would say now."""
    person, today = the_person(), clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        wish = wishes.wish(session, organisation.id, person.id)
    next_on = days.next_day(organisation, max(wish.from_on, today)) if wish else None
    reader = Reader(person.id, person.name, person.email, person.language, g.role, today)
    read = organisation.imported_at is not None
    return render_template(
        "pages/digest/show.html",
        organisation=organisation,
        wanted=wish is not None,
        next_on=next_on,
        address=person.email,
        digest=sending.preview(dunnock(), organisation.id, reader) if read else None,
    )


@weekly_digest.post("")
@member(Right.VIEW)
def change(organisation: Organisation) -> ResponseReturnValue:
    """Switch one's own digest on or off."""
    wanted = request.form.get("wanted") == "yes"
    try:
        wishes.change(dunnock(), organisation.id, the_person().id, wanted=wanted)
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(
            _("You get the digest from now on, once a week.")
            if wanted
            else _("You get no weekly digest any more.")
        )
    return redirect(url_for("weekly_digest.show", organisation_id=organisation.id))
