"""Tokens and invitations by who made them, and what those people are now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from store.models import ApiToken, Invitation, Membership
from store.queries.practices import roles_by_practice

__all__ = [
    "invitations",
    "made_for_practice",
    "own_roles",
    "roles_by_practice",
    "token",
    "tokens",
    "tokens_of",
]


def own_roles(session: Session, organisation_id: str) -> dict[str, str]:
    """What each member is, by person."""
    rows = select(Membership.person_id, Membership.role).where(Membership.organisation_id == organisation_id)
    return dict(iter(session.execute(rows)))


def token(session: Session, organisation_id: str, token_id: str) -> ApiToken | None:
    """A token, whether in force or not."""
    return session.get(ApiToken, (organisation_id, token_id))


def tokens(session: Session, organisation_id: str) -> Sequence[ApiToken]:
    """Those in force that a known person made."""
    made = select(ApiToken).where(
        ApiToken.organisation_id == organisation_id,
        ApiToken.revoked_at.is_(None),
        ApiToken.created_by_person.is_not(None),
    )
    return session.scalars(made.order_by(ApiToken.id)).all()


def tokens_of(session: Session, organisation_id: str, person_id: str) -> Sequence[ApiToken]:
    """Those in force that this person made, by name."""
    found = [one for one in tokens(session, organisation_id) if one.created_by_person == person_id]
    return sorted(found, key=lambda one: one.name.casefold())


def invitations(session: Session, organisation_id: str) -> Sequence[Invitation]:
    """Those of an organisation that stand open and a known person made."""
    made = select(Invitation).where(
        Invitation.organisation_id == organisation_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.invited_by_person.is_not(None),
    )
    return session.scalars(made.order_by(Invitation.id)).all()


def made_for_practice(session: Session, practice_id: str, person_id: str) -> list[str]:
    """The organisations in which this person made something as staff of the practice that is still good."""
    of_tokens = select(ApiToken.organisation_id).where(
        ApiToken.practice_id == practice_id,
        ApiToken.created_by_person == person_id,
        ApiToken.revoked_at.is_(None),
    )
    of_invitations = select(Invitation.organisation_id).where(
        Invitation.by_practice_id == practice_id,
        Invitation.invited_by_person == person_id,
        Invitation.organisation_id.is_not(None),
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    return sorted(session.scalars(union(of_tokens, of_invitations)))
