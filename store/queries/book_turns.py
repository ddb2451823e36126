"""How often something that is known of an organisation's book was worked out anew."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import BookTurn
from store.queries.upsert import upsert


def count(session: Session, organisation_id: str) -> None:
    """One more. Whoever calls has locked the organisation, so nobody waits for this row alone."""
    new = upsert(session, BookTurn).values(organisation_id=organisation_id, turns=1)
    one_more = {"turns": BookTurn.turns + 1}
    session.execute(new.on_conflict_do_update(index_elements=[BookTurn.organisation_id], set_=one_more))


def turns(session: Session, organisation_id: str) -> int:
    """How often until now; a number that never comes again."""
    its = select(BookTurn.turns).where(BookTurn.organisation_id == organisation_id)
    return session.scalar(its) or 0
