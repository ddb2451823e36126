"""The keys to the API of an organisation: made, shown once, revoked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit.errors import UserError
from kit.wording import N_, _
from services import api_tokens as service
from services import team
from services.invitation_kinds import MEMBER_ROLES
from services.roles import WORDS, Right, Role
from store.models import Organisation
from store.queries import team as queries
from web.proving import proven
from web.security import acting_person, dunnock, member

api_tokens = Blueprint("api_tokens", __name__, url_prefix="/organisations/<organisation_id>/api-tokens")

_NO_NAME = N_("Say what the token is for, so that a colleague knows it later.")
_NO_ROLE = N_("Choose what the token may do.")


@api_tokens.get("")
@member(Right.MANAGE_TEAM)
def index(organisation: Organisation) -> ResponseReturnValue:
    """Those in force, and when each was last used."""
    return _page(organisation)


@api_tokens.post("")
@member(Right.MANAGE_TEAM)
@proven("make an API token")
def create(organisation: Organisation) -> ResponseReturnValue:
    """A new one; it is on the page that follows, and never again."""
    name, role = request.form.get("name", ""), request.form.get("role", "")
    try:
        if not name.strip():
            raise UserError(_(_NO_NAME))
        if role not in MEMBER_ROLES:
            raise UserError(_(_NO_ROLE))
        team.check_owners_hand(g.role, role)
        secret = service.create(dunnock(), organisation.id, role, name, acting_person())
    except UserError as problem:
        return _page(organisation, problem=str(problem), name=name, role=role), 422
    return _page(organisation, secret=secret)


@api_tokens.post("/<token_id>/revoke")
@member(Right.MANAGE_TEAM)
@proven("revoke an API token")
def revoke(organisation: Organisation, token_id: str) -> ResponseReturnValue:
    """It opens nothing from now on."""
    try:
        service.revoke(dunnock(), organisation.id, token_id, by=acting_person())
    except UserError as problem:
        return _page(organisation, problem=str(problem)), 422
    flash(_("The token is revoked. Whoever uses it is turned away from now on."), "done")
    return redirect(url_for("api_tokens.index", organisation_id=organisation.id))


def _page(organisation: Organisation, **more: Any) -> str:
    with dunnock().database.read(organisation.id) as session:
        tokens = queries.tokens(session, organisation.id)
    roles = [one for one in MEMBER_ROLES if one != Role.OWNER or g.role == Role.OWNER]
    return render_template(
        "pages/api_tokens/index.html",
        organisation=organisation,
        tokens=tokens,
        roles=roles,
        words=WORDS,
        **{"problem": None, "secret": None, "name": "", "role": Role.READ_ONLY.value, **more},
    )
