"""What was worked out of an organisation's whole book last, by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import KeptResult
from store.queries.upsert import upsert


def kept(session: Session, organisation_id: str, name: str, mark: str) -> Any:
    """What was kept under this mark; None: nothing, or what no longer holds."""
    return session.scalars(
        select(KeptResult.content).where(
            KeptResult.organisation_id == organisation_id, KeptResult.name == name, KeptResult.mark == mark
        )
    ).one_or_none()


def held(session: Session, organisation_id: str, mark: str) -> set[str]:
    """The names of all that is kept under this mark."""
    found = select(KeptResult.name).where(
        KeptResult.organisation_id == organisation_id, KeptResult.mark == mark
    )
    return set(session.scalars(found))


def keep(session: Session, organisation_id: str, name: str, mark: str, content: Any) -> None:
    """Keep it in place of what was kept before, whoever else does so at the same moment."""
    row = {"mark": mark, "content": content}
    new = upsert(session, KeptResult).values(organisation_id=organisation_id, name=name, **row)
    whose = [KeptResult.organisation_id, KeptResult.name]
    session.execute(new.on_conflict_do_update(index_elements=whose, set_=row))
