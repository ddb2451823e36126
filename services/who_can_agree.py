"""Who of an organisation can say yes to what somebody else asks for, and whether two people of one practice can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from kit.acting import acting
from kit.errors import UserError
from kit.wording import _
from services.roles import Right, Role, may
from store.queries import second_eyes
from store.queries.switches import organisation_to_change

_ROLES: Final = tuple(role.value for role in Role if may(role, Right.CHANGE_CHASING))
"""Who may ask and agree."""


def let_practice_agree(session: Session, organisation_id: str, *, on: bool) -> None:
    """Let two people of a practice agree with each other here, or end that.

    ``UserError`` where whoever acts is no owner of the organisation itself: a practice does not free itself.
    """
    organisation = organisation_to_change(session, organisation_id)
    if organisation is None:
        raise UserError(_("There is no such organisation."))
    if acting().person_id not in second_eyes.own_members_with(session, organisation_id, [Role.OWNER.value]):
        raise UserError(_("Only an owner of the organisation itself decides this, and nobody of a practice."))
    organisation.practice_agrees = on


@dataclass(frozen=True, slots=True)
class PracticeHere:
    """Whether people of a practice could agree with each other, for the page."""

    works_here: bool
    has_own: bool
    """The organisation has members of its own who could say yes."""
    allowed: bool


def practice_here(session: Session, organisation_id: str) -> PracticeHere:
    """How it stands in an organisation."""
    own, everybody = _own(session, organisation_id), who_may(session, organisation_id)
    return PracticeHere(
        len(everybody) > len(own), bool(own), second_eyes.practice_may_agree(session, organisation_id)
    )


def can_agree(session: Session, organisation_id: str, asker: str | None, other: str) -> bool:
    """Whether ``other`` may say yes to what ``asker`` wants: somebody else, and not both of a practice.

    That is only where the organisation has nobody of its own who could, or its owner has allowed it.
    """
    if other == asker:
        return False
    own = _own(session, organisation_id)
    return not own or asker in own or other in own or second_eyes.practice_may_agree(session, organisation_id)


def _own(session: Session, organisation_id: str) -> list[str]:
    return second_eyes.own_members_with(session, organisation_id, _ROLES)


def who_may(session: Session, organisation_id: str) -> list[str]:
    """The ids of everybody who may ask and agree."""
    return second_eyes.members_with(session, organisation_id, _ROLES)
