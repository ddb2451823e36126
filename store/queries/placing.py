"""The rules that say which contact is on which schedule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from credit_control import placing_rules
from store.courses import placing_rule
from store.models import PlacingRule
from store.queries.upsert import upsert

_LAST = 1_000_000


def in_order(session: Session, organisation_id: str) -> tuple[placing_rules.PlacingRule, ...]:
    """The rules, first to last."""
    return tuple(placing_rule(row) for row in rows(session, organisation_id))


def rows(session: Session, organisation_id: str) -> Sequence[PlacingRule]:
    """The same as they are stored."""
    statement = select(PlacingRule).where(PlacingRule.organisation_id == organisation_id)
    return session.scalars(statement.order_by(PlacingRule.position, PlacingRule.id)).all()


def ids(session: Session, organisation_id: str) -> list[str]:
    """The ids of the rules, first to last."""
    return [row.id for row in rows(session, organisation_id)]


def put(session: Session, organisation_id: str, rule_id: str, **values: Any) -> None:
    """Add a rule behind all others, or change what it says."""
    statement = upsert(session, PlacingRule)
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["organisation_id", "id"], set_=values),
        {"organisation_id": organisation_id, "id": rule_id, "position": _LAST, **values},
    )


def remove(session: Session, organisation_id: str, rule_id: str) -> None:
    """Remove a rule."""
    session.connection().execute(
        delete(PlacingRule).where(PlacingRule.organisation_id == organisation_id, PlacingRule.id == rule_id)
    )


def arrange(session: Session, organisation_id: str, rule_ids: Sequence[str]) -> None:
    """Number the rules in this order."""
    if not rule_ids:
        return
    session.connection().execute(
        update(PlacingRule)
        .where(PlacingRule.organisation_id == organisation_id, PlacingRule.id == bindparam("rule"))
        .values(position=bindparam("place")),
        [{"rule": rule_id, "place": place} for place, rule_id in enumerate(rule_ids, start=1)],
    )
