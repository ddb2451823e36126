"""The organisation's data: everything of it to take along, and its deletion after a disconnection."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services.data_rights import deletion, exports, retention
from services.plans_and_usage import payers
from services.roles import Right
from store.models import Organisation
from store.queries import data_exports, deletions
from web.proving import proven
from web.security import acting_person, dunnock, member

data_rights = Blueprint("data_rights", __name__, url_prefix="/organisations/<organisation_id>/data")


@data_rights.get("")
@member(Right.CHANGE_SETTINGS)
def show(organisation: Organisation) -> ResponseReturnValue:
    """The exports that there are, and when everything is deleted."""
    return _page(organisation)


@data_rights.post("/exports")
@member(Right.TAKE_ALONG)
def export(organisation: Organisation) -> ResponseReturnValue:
    """Have everything written into a file."""
    try:
        exports.ask(dunnock(), organisation.id, by=acting_person())
    except UserError as problem:
        return _page(organisation, export_problem=str(problem)), 422
    flash(_("The export is being written. Come back to this page for it."))
    return _back(organisation)


@data_rights.get("/exports/<export_id>")
@member(Right.TAKE_ALONG)
@proven("fetch the export of everything")
def download(organisation: Organisation, export_id: str) -> ResponseReturnValue:
    """Fetch an export that is ready."""
    try:
        name, content = exports.stream(dunnock(), organisation.id, export_id)
    except UserError as problem:
        return _page(organisation, export_problem=str(problem)), 404
    return Response(
        content,
        content_type="application/zip",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"},
    )


@data_rights.post("/days")
@member(Right.TAKE_ALONG)
def days(organisation: Organisation) -> ResponseReturnValue:
    """Change after how many days from a disconnection on everything is deleted."""
    typed = request.form.get("days", "").strip()
    try:
        deletion.change_days(dunnock(), organisation.id, _days("days"))
    except UserError as problem:
        return _page(organisation, days_problem=str(problem), typed_days=typed), 422
    flash(_("Saved."))
    return _back(organisation)


@data_rights.post("/kept")
@member(Right.TAKE_ALONG)
@proven("change how long things are kept")
def keep(organisation: Organisation) -> ResponseReturnValue:
    """Change for how many days things are kept."""
    try:
        retention.change(
            dunnock(), organisation.id, {kind.value: _days(kind.value) for kind in retention.PERIODS}
        )
    except UserError as problem:
        return _page(organisation, kept_problem=str(problem)), 422
    flash(_("Saved. What is older goes within a day."))
    return _back(organisation)


@data_rights.post("/deletion")
@member(Right.TAKE_ALONG)
@proven("delete everything of the organisation")
def delete(organisation: Organisation) -> ResponseReturnValue:
    """Delete everything at once."""
    typed = request.form.get("name", "")
    try:
        deletion.delete_at_once(dunnock(), organisation.id, typed, by=acting_person())
    except UserError as problem:
        return _page(organisation, deletion_problem=str(problem), typed_name=typed), 422
    flash(
        _(
            "%(organisation_name)s is being deleted. In a few minutes nothing of it is left here.",
            organisation_name=organisation.name,
        )
    )
    return redirect(url_for("landing.home"))


_DIGITS = 5


def _days(name: str) -> int:
    """Days as they were typed; 0, which is too few of anything, for whatever is no number."""
    typed = request.form.get(name, "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS else 0


def _back(organisation: Organisation) -> ResponseReturnValue:
    return redirect(url_for("data_rights.show", organisation_id=organisation.id))


def _page(
    organisation: Organisation,
    *,
    export_problem: str = "",
    days_problem: str = "",
    deletion_problem: str = "",
    kept_problem: str = "",
    typed_days: str | None = None,
    typed_name: str = "",
) -> str:
    with dunnock().database.read(organisation.id) as session:
        listed = data_exports.listed(session, organisation.id)
        noted = deletions.of(session, organisation.id)
        pays = payers.pays(session, organisation.id)
        kept = retention.kept(session, organisation, clock.now())
    return render_template(
        "pages/data_rights/show.html",
        organisation=organisation,
        exports=listed,
        kept_days=exports.KEPT.days,
        noted=noted,
        pays=pays,
        fewest=deletion.FEWEST_DAYS,
        most=deletion.MOST_DAYS,
        told_days=deletion.TOLD_BEFORE.days,
        days=organisation.delete_after_days if typed_days is None else typed_days,
        typed_name=typed_name,
        export_problem=export_problem,
        days_problem=days_problem,
        deletion_problem=deletion_problem,
        kept=kept,
        kept_problem=kept_problem,
        typed=request.form if kept_problem else {},
    )
