"""Who made a token or an invitation. It is worth nothing once they could not make it any more.

Somebody who is removed, or whose practice has ended, must not be left with a key to what they were removed from.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from kit import clock
from kit.acting import acting
from kit.wording import N_
from services.roles import Right, Role, may
from store.models import ApiToken, Invitation
from store.queries import makers as queries
from store.queries import practices


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes something. ``person_id`` None: nobody knows; ``practice_id``: the practice as whose staff they do."""

    person_id: str | None
    practice_id: str | None


def maker(session: Session, organisation_id: str | None) -> Maker:
    """Whoever acts just now, or made the token that does."""
    who = acting()
    if who.token_id is None or organisation_id is None:
        return Maker(who.person_id, who.practice_id)
    row = queries.token(session, organisation_id, who.token_id)
    return Maker(row.created_by_person, row.practice_id) if row else Maker(None, None)


def end_orphans(session: Session, organisation_id: str) -> None:
    """Revoke tokens and withdraw invitations whose makers could not make them any more, within the caller's change.

    What was made by a command has no maker, and stays until somebody ends it.
    """
    session.flush()
    now = _Now.of(session, organisation_id)
    for token in queries.tokens(session, organisation_id):
        if not now.could_make(token.created_by_person, token.practice_id, token.role):
            _revoke(token)
    for invitation in queries.invitations(session, organisation_id):
        if not now.could_make(invitation.invited_by_person, invitation.by_practice_id, invitation.role):
            _withdraw(invitation)


def end_orphans_of_practice(session: Session, practice_id: str, person_id: str) -> None:
    """The same wherever this person made something as staff of the practice, and for the practice itself."""
    session.flush()
    place = practices.place(session, person_id, practice_id)
    if place is None or place[1].role != practices.ADMIN:
        for invitation in queries.invitations_of_practice(session, practice_id, person_id):
            _withdraw(invitation)
    for organisation_id in queries.made_for_practice(session, practice_id, person_id):
        end_orphans(session, organisation_id)


@dataclass(frozen=True, slots=True)
class _Now:
    """What everybody is in an organisation at this moment, as a member and by a practice."""

    own: dict[str, str]
    by_practice: dict[tuple[str, str], str]

    @classmethod
    def of(cls, session: Session, organisation_id: str) -> _Now:
        return cls(
            queries.own_roles(session, organisation_id), queries.roles_by_practice(session, organisation_id)
        )

    def could_make(self, person_id: str | None, practice_id: str | None, role: str | None) -> bool:
        """Whether this person, for this practice or for themselves, could make something with this role."""
        person = person_id or ""
        theirs = self.own.get(person)
        if practice_id is not None:
            by_practice = self.by_practice.get((practice_id, person))
            theirs = (theirs or by_practice) if by_practice else None
        if theirs is None or not may(theirs, Right.MANAGE_TEAM):
            return False
        return role != Role.OWNER or theirs == Role.OWNER


def _revoke(row: ApiToken) -> None:
    row.revoked_at, row.revoked_by = clock.now(), acting().name
    row.revoked_because = _because(row.created_by)


def _withdraw(row: Invitation) -> None:
    row.withdrawn_at, row.withdrawn_by = clock.now(), acting().name
    row.withdrawn_because = _because(row.invited_by)


def _because(name: str | None) -> str:
    return N_(f"{name or 'Whoever'} made it, and could not make it any more")
