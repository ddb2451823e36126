"""The team of an organisation: who is here as what, who is invited, and how somebody leaves."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import invitations, team
from services.invitation_kinds import MEMBER, MEMBER_ROLES
from services.invitations import Invited
from services.roles import WORDS, Right, Role
from store.models import Invitation, Organisation
from store.queries import invitations as invitation_queries
from store.queries import makers
from store.queries import team as queries
from web import limits
from web.inviting import is_told
from web.proving import proven
from web.security import acting_person, dunnock, member, the_person

pages = Blueprint("team", __name__, url_prefix="/organisations/<organisation_id>/team")


@pages.get("")
@member(Right.SEE_SETTINGS)
def index(organisation: Organisation) -> ResponseReturnValue:
    """Everybody, and who is invited."""
    return _page(organisation)


@pages.post("/invitations")
@member(Right.MANAGE_TEAM)
@proven("invite somebody")
def invite(organisation: Organisation) -> ResponseReturnValue:
    """Invite somebody by mail; where no mails leave, the link is on the page that follows."""
    limits.take(limits.INVITATIONS, organisation.id)
    email, role = request.form.get("email", ""), request.form.get("role", "")
    try:
        team.check_owners_hand(g.role, role)
        made = invitations.invite(
            dunnock(),
            kind=MEMBER,
            email=email,
            role=role,
            by=acting_person(),
            organisation_id=organisation.id,
        )
    except UserError as problem:
        return _page(organisation, problem=str(problem), email=email, role=role), 422
    return _invited(organisation, made)


@pages.post("/invitations/<invitation_id>/send")
@member(Right.MANAGE_TEAM)
@proven("send an invitation again")
def send_again(organisation: Organisation, invitation_id: str) -> ResponseReturnValue:
    """The same with a new link."""
    limits.take(limits.INVITATIONS, organisation.id)
    row = _invitation(organisation, invitation_id)
    try:
        team.check_owners_hand(g.role, row.role)
        made = invitations.send_again(dunnock(), row.id)
    except UserError as problem:
        return _page(organisation, problem=str(problem)), 422
    return _invited(organisation, made)


@pages.post("/invitations/<invitation_id>/withdraw")
@member(Right.MANAGE_TEAM)
def withdraw(organisation: Organisation, invitation_id: str) -> ResponseReturnValue:
    """Its link is worth nothing from now on."""
    row = _invitation(organisation, invitation_id)
    try:
        invitations.withdraw(dunnock(), row.id, by=acting_person())
    except UserError as problem:
        return _page(organisation, problem=str(problem)), 422
    flash(
        _("The invitation to %(email)s is withdrawn. Its link opens nothing any more.", email=row.email),
        "done",
    )
    return _back(organisation)


@pages.post("/<person_id>/role")
@member(Right.MANAGE_TEAM)
@proven("change somebody’s role")
def change_role(organisation: Organisation, person_id: str) -> ResponseReturnValue:
    """Make somebody something else."""
    try:
        team.change_role(dunnock(), organisation.id, person_id, request.form.get("role", ""), by_role=g.role)
    except UserError as problem:
        return _page(organisation, problem=str(problem)), 422
    flash(_("The role is changed. It holds from their next click."), "done")
    return _back(organisation)


@pages.get("/<person_id>/remove")
@member(Right.MANAGE_TEAM)
def leaving(organisation: Organisation, person_id: str) -> ResponseReturnValue:
    """What somebody looks after, and who could take it over."""
    return _leaving(organisation, person_id)


@pages.post("/<person_id>/remove")
@member(Right.MANAGE_TEAM)
@proven("remove somebody")
def remove(organisation: Organisation, person_id: str) -> ResponseReturnValue:
    """Somebody leaves; what they look after is a named colleague's."""
    hand_to = request.form.get("hand_to") or None
    try:
        team.remove(dunnock(), organisation.id, person_id, hand_to, by_role=g.role)
    except UserError as problem:
        return _leaving(organisation, person_id, str(problem))
    if person_id == the_person().id:
        flash(_("You have left %(organisation_name)s.", organisation_name=organisation.name), "done")
        return redirect(url_for("landing.organisations"))
    flash(_("They see nothing here any more, from now on."), "done")
    return _back(organisation)


def _invitation(organisation: Organisation, invitation_id: str) -> Invitation:
    with dunnock().database.read(organisation.id) as session:
        rows = invitation_queries.of_organisation(session, organisation.id, MEMBER)
    return next((row for row in rows if row.id == invitation_id), None) or abort(404)


def _invited(organisation: Organisation, made: Invited) -> ResponseReturnValue:
    return _back(organisation) if is_told(made) else _page(organisation, made=made)


def _back(organisation: Organisation) -> ResponseReturnValue:
    return redirect(url_for("team.index", organisation_id=organisation.id))


def _leaving(organisation: Organisation, person_id: str, problem: str | None = None) -> ResponseReturnValue:
    with dunnock().database.read(organisation.id) as session:
        members = queries.members(session, organisation.id)
        owned = queries.owned(session, organisation.id, person_id)
        tokens = makers.tokens_of(session, organisation.id, person_id)
    who = next((one for one in members if one.person_id == person_id), None)
    if who is None:
        abort(404)
    page = render_template(
        "pages/team/remove.html",
        organisation=organisation,
        who=who,
        owned=owned,
        tokens=tokens,
        others=[one for one in members if one.person_id != person_id],
        mine=the_person().id == person_id,
        hand_to=request.form.get("hand_to", ""),
        problem=problem,
    )
    return page, 422 if problem else 200


def _page(organisation: Organisation, **more: Any) -> str:
    with dunnock().database.read(organisation.id) as session:
        members = queries.members(session, organisation.id)
        invited = invitation_queries.of_organisation(session, organisation.id, MEMBER)
    owners = sum(one.role == Role.OWNER for one in members)
    roles = [one for one in MEMBER_ROLES if one != Role.OWNER or g.role == Role.OWNER]
    return render_template(
        "pages/team/index.html",
        organisation=organisation,
        members=members,
        invited=invited,
        owners=owners,
        roles=roles,
        words=WORDS,
        me=the_person().id,
        now=clock.now(),
        **{"problem": None, "made": None, "email": "", "role": Role.CHASER.value, **more},
    )
