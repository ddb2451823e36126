"""Money ahead as it was worked out last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import KeptOutlook
from store.queries.upsert import upsert


def kept(session: Session, organisation_id: str, mark: str) -> Mapping[str, Any] | None:
    """What was kept under this mark; None: nothing, or what no longer holds."""
    return session.scalars(
        select(KeptOutlook.outlook).where(
            KeptOutlook.organisation_id == organisation_id, KeptOutlook.mark == mark
        )
    ).one_or_none()


def keep(session: Session, organisation_id: str, mark: str, outlook: Mapping[str, Any]) -> None:
    """Keep it in place of what was kept before, whoever else does so at the same moment."""
    row = {"mark": mark, "outlook": dict(outlook)}
    new = upsert(session, KeptOutlook).values(organisation_id=organisation_id, **row)
    session.execute(new.on_conflict_do_update(index_elements=[KeptOutlook.organisation_id], set_=row))
