"""The team, who is invited, and the keys to the API, over the API. Keys are made by people, on a page."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import api_tokens, invitations, team
from services.invitation_kinds import MEMBER
from store import models
from store.queries import invitations as invitation_queries
from store.queries import team as queries
from web import limits
from web.api.asked_team import ChangeMember, Invite, RemoveMember
from web.api.caller import Caller
from web.api.shapes import Page
from web.api.shapes_team import ApiToken, Invitation, Member

_NO_MEMBER = "There is no such member."
_NO_INVITATION = "There is no such invitation; it was taken or withdrawn."


def list_team(caller: Caller, session: Session) -> Page[Member]:
    """Everybody who belongs to the organisation, by name; there is never more than one page of them."""
    rows = queries.members(session, caller.organisation_id)
    return Page(items=[_member(row) for row in rows], next_cursor=None)


def change_member(caller: Caller, id_: str, body: ChangeMember) -> Member:
    """Give a member another role. The last owner stays one."""
    _check_member(caller, id_)
    try:
        team.change_role(caller.app, caller.organisation_id, id_, body.role, by_role=caller.role)
    except UserError as problem:
        abort(409, str(problem))
    return _check_member(caller, id_)


def remove_member(caller: Caller, id_: str, body: RemoveMember) -> None:
    """Remove a member; what they look after is handed to another."""
    _check_member(caller, id_)
    if body.hand_to is not None:
        _check_member(caller, body.hand_to)
    try:
        team.remove(caller.app, caller.organisation_id, id_, body.hand_to, by_role=caller.role)
    except UserError as problem:
        abort(409, str(problem))


def list_invitations(caller: Caller, session: Session) -> Page[Invitation]:
    """Who is invited and has not said yes, the newest first, also those whose week is over."""
    rows = invitation_queries.of_organisation(session, caller.organisation_id, MEMBER)
    return Page(items=[_invitation(row) for row in rows], next_cursor=None)


def invite(caller: Caller, body: Invite) -> Invitation:
    """Invite somebody by mail. The link is good once, for a week."""
    limits.take(limits.INVITATIONS, caller.organisation_id)
    try:
        team.check_owners_hand(caller.role, body.role)
        made = invitations.invite(
            caller.app,
            kind=MEMBER,
            email=body.email,
            role=body.role,
            by=caller.name,
            organisation_id=caller.organisation_id,
        )
    except UserError as problem:
        abort(409, str(problem))
    return _invitation(made.invitation)


def send_invitation(caller: Caller, id_: str) -> Invitation:
    """Send an invitation again, with a new link for another week."""
    limits.take(limits.INVITATIONS, caller.organisation_id)
    row = _found(caller, id_)
    try:
        team.check_owners_hand(caller.role, row.role)
        return _invitation(invitations.send_again(caller.app, row.id).invitation)
    except UserError as problem:
        abort(409, str(problem))


def withdraw_invitation(caller: Caller, id_: str) -> None:
    """Its link is worth nothing from now on."""
    try:
        invitations.withdraw(caller.app, _found(caller, id_).id, by=caller.name)
    except UserError as problem:
        abort(404, str(problem))


def list_api_tokens(caller: Caller, session: Session) -> Page[ApiToken]:
    """The keys to the API that are in force, the newest first; there is never more than one page of them."""
    rows = queries.tokens(session, caller.organisation_id)
    return Page(
        items=[
            ApiToken(
                id=row.id,
                name=row.name,
                role=row.role,  # type: ignore[arg-type]
                created_by=row.created_by,
                created_at=row.created_at,
                last_used_at=row.last_used_at,
            )
            for row in rows
        ],
        next_cursor=None,
    )


def revoke_api_token(caller: Caller, id_: str) -> None:
    """It opens nothing from now on, also if it is the one that asks for this."""
    try:
        api_tokens.revoke(caller.app, caller.organisation_id, id_, by=caller.name)
    except UserError as problem:
        abort(404, str(problem))


def _check_member(caller: Caller, person_id: str) -> Member:
    with caller.app.database.read(caller.organisation_id) as session:
        rows = queries.members(session, caller.organisation_id)
    found = next((row for row in rows if row.person_id == person_id), None)
    return _member(found or abort(404, _NO_MEMBER))


def _found(caller: Caller, invitation_id: str) -> models.Invitation:
    with caller.app.database.read(caller.organisation_id) as session:
        rows = invitation_queries.of_organisation(session, caller.organisation_id, MEMBER)
    return next((row for row in rows if row.id == invitation_id), None) or abort(404, _NO_INVITATION)


def _member(row: queries.Member) -> Member:
    return Member(
        id=row.person_id,
        name=row.name,
        email=row.email,
        role=row.role,  # type: ignore[arg-type]
        ways=list(row.ways),  # type: ignore[arg-type]
        last_seen_at=row.last_seen_at,
    )


def _invitation(row: models.Invitation) -> Invitation:
    return Invitation(
        id=row.id,
        email=row.email,
        role=row.role,  # type: ignore[arg-type]
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        mailed_at=row.mailed_at,
        mail_problem=row.mail_problem,
    )
