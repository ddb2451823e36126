"""The people of an organisation: their roles, and how somebody leaves without anything staying behind unowned."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import N_, _
from services import makers
from services.app import App
from services.invitation_kinds import MEMBER_ROLES
from services.roles import Role
from store.models import Membership
from store.queries import digests, foresights
from store.queries import team as queries
from store.queries.switches import organisation_to_change

_NO_MEMBER = N_("This person is not a member of this organisation any more; reload the page.")
_LAST_OWNER = N_("This is the only owner, and an organisation has one. Make somebody else an owner first.")
_OWNERS_ONLY = N_("Only an owner makes somebody an owner, or takes that away. Ask an owner to do it.")
_HAND_OVER = N_("Say who takes over what they look after, so that nothing is left without an owner.")


def change_role(app: App, organisation_id: str, person_id: str, role: str, *, by_role: str) -> None:
    """Give a member another role. ``by_role``: what whoever does it is. ``UserError`` says why it cannot be.

    Tokens and invitations that they could not make in the new role end with it.
    """
    if role not in MEMBER_ROLES:
        raise UserError(
            _("“%(role)s” is no role that a member can have; choose one of the list.", role=role[:30])
        )
    with app.database.write(organisation_id) as session:
        row = _member(session, organisation_id, person_id)
        check_owners_hand(by_role, row.role, role)
        if row.role == Role.OWNER and role != Role.OWNER:
            _not_the_last(session, organisation_id)
        row.role = role
        makers.end_orphans(session, organisation_id)


def remove(app: App, organisation_id: str, person_id: str, hand_to: str | None, *, by_role: str) -> None:
    """Somebody leaves, and a named colleague takes over what they looked after. ``UserError`` says why it cannot be.

    The tokens and invitations that they made end with it.
    """
    with app.database.write(organisation_id) as session:
        row = _member(session, organisation_id, person_id)
        check_owners_hand(by_role, row.role)
        if row.role == Role.OWNER:
            _not_the_last(session, organisation_id)
        taker = queries.membership(session, organisation_id, hand_to) if hand_to else None
        if taker is not None and taker.person_id != person_id:
            customers = queries.hand_over(session, organisation_id, person_id, taker.person_id)
            foresights.forget(session, organisation_id, customers)
        elif hand_to or queries.owned(session, organisation_id, person_id).anything:
            raise UserError(_(_HAND_OVER))
        queries.unname_senders(session, organisation_id, person_id)
        digests.want_no_more(session, organisation_id, person_id)
        session.delete(row)
        makers.end_orphans(session, organisation_id)


def check_owners_hand(by_role: str, *roles: str | None) -> None:
    """``UserError`` where an owner is made or unmade by somebody who is none."""
    if Role.OWNER in roles and by_role != Role.OWNER:
        raise UserError(_(_OWNERS_ONLY))


def _member(session: Session, organisation_id: str, person_id: str) -> Membership:
    """The membership; the organisation is locked, so that two owners cannot both be the last but one."""
    organisation_to_change(session, organisation_id)
    row = queries.membership(session, organisation_id, person_id)
    if row is None:
        raise UserError(_(_NO_MEMBER))
    return row


def _not_the_last(session: Session, organisation_id: str) -> None:
    if queries.count_owners(session, organisation_id) < 2:
        raise UserError(_(_LAST_OWNER))
