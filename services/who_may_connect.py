"""Who may connect an organisation: its own people by their roles, and anybody whom the ledger lets where nobody is.

That the ledger lets somebody connect a tenant says that they work with its books. It does not say that those who do its
credit control here want them: they are asked for an invitation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from kit.wording import N_
from services.roles import Right, Role, may
from store.queries import notices, pages

_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to an organisation that they could connect. ``refusal``: why they may not, and what to do."""

    role: str | None
    """Theirs, as a member or by a practice; None: they do not belong to it."""
    refusal: str | None


NOBODY_THERE: Final = Standing(None, None)
"""To an organisation that is not here yet."""


def standing(session: Session, organisation_id: str, name: str, person_id: str) -> Standing:
    """How this person stands to the organisation, which goes by ``name`` in the ledger."""
    found = pages.membership(session, person_id, organisation_id)
    if found is not None:
        role = found[1]
        allowed = may(role, Right.DISCONNECT)
        refusal = (
            None if allowed else N_(f"Your role in {name} does not allow this; ask an owner to connect it.")
        )
        return Standing(role, refusal)
    if not notices.members(session, organisation_id):
        return NOBODY_THERE
    return Standing(None, _ask_for_an_invitation(session, organisation_id, name))


def _ask_for_an_invitation(session: Session, organisation_id: str, name: str) -> str:
    theirs = N_(f"{name} is in Dunnock already, and you are not one of its people here.")
    roles = [role.value for role in Role if may(role, Right.MANAGE_TEAM)]
    in_charge = [one.name for one in notices.in_charge(session, organisation_id, roles)]
    if not in_charge:
        return N_(f"{theirs} Nobody is left who could invite you; ask whoever runs this installation to.")
    whom = " or ".join(in_charge[:_MOST_NAMED])
    return N_(f"{theirs} Ask {whom} to invite you; nothing was changed.")
