"""What somebody can be invited to, and what follows from their yes: one row a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.roles import Role
from store.models import Invitation, Membership, Organisation
from store.queries.connection import add_unless_there


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of invitation."""

    roles: frozenset[str]
    """Which roles it may name."""
    asks: str
    """What one is invited to do, behind “Anna invites you”; ``{house}`` is the name of what one joins."""
    house: Callable[[Session, Invitation], str]
    """The name of what one is invited to."""
    join: Callable[[Session, Invitation, str, datetime], None]
    """What the yes of this person changes, within the caller's change."""
    welcome: Callable[[Invitation], str]
    """The path on which they begin."""


def _organisation(session: Session, invitation: Invitation) -> str:
    return session.get_one(Organisation, invitation.organisation_id).name


def _join_organisation(session: Session, invitation: Invitation, person_id: str, now: datetime) -> None:
    """A member with this role. Whoever is one already stays what they are: an invitation takes nothing away."""
    values = {
        "organisation_id": invitation.organisation_id,
        "person_id": person_id,
        "role": invitation.role,
    }
    add_unless_there(session, Membership, values)


MEMBER_ROLES = (Role.OWNER, Role.MANAGER, Role.CHASER, Role.CALLER, Role.READ_ONLY)
KINDS: Mapping[str, Kind] = {
    "member": Kind(
        roles=frozenset(MEMBER_ROLES),
        asks="to work on the credit control of {house}",
        house=_organisation,
        join=_join_organisation,
        welcome=lambda invitation: f"/organisations/{invitation.organisation_id}",
    ),
}
