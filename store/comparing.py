"""The comparison of two schedules that is under way, and who was drawn into which part of it, as the rules know them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from credit_control import facts
from store.among import among
from store.models import ComparisonMember, ScheduleComparison

_ORGANISATION: BindParameter[str] = bindparam("organisation")
_LAST_BEGUN = (
    select(ScheduleComparison)
    .where(ScheduleComparison.organisation_id == _ORGANISATION, ScheduleComparison.ended_at.is_(None))
    .order_by(ScheduleComparison.from_on.desc(), ScheduleComparison.begun_at.desc(), ScheduleComparison.id)
    .limit(1)
)
_PARTS = select(ComparisonMember.contact_id, ComparisonMember.part).where(
    ComparisonMember.organisation_id == _ORGANISATION,
    ComparisonMember.comparison_id == bindparam("comparison"),
    among(ComparisonMember.contact_id, "contacts"),
    ComparisonMember.part.is_not(None),
)


def comparison_of(session: Session, organisation_id: str) -> facts.Comparison | None:
    """The one that was begun last and that nobody has ended; its last day may be over, which the rules see by its days."""
    row = session.scalars(_LAST_BEGUN, {"organisation": organisation_id}).first()
    return as_fact(row) if row else None


def as_fact(row: ScheduleComparison) -> facts.Comparison:
    """A stored comparison."""
    schedules = {"a": row.schedule_a, "b": row.schedule_b}
    return facts.Comparison(row.id, row.name, schedules, row.from_on, row.until)


def parts_of(
    session: Session, organisation_id: str, comparison: facts.Comparison | None, contact_ids: Sequence[str]
) -> dict[str, str]:
    """The part of each of these contacts that was drawn."""
    if comparison is None:
        return {}
    names = {"organisation": organisation_id, "comparison": comparison.id, "contacts": contact_ids}
    return {contact_id: part for contact_id, part in session.connection().execute(_PARTS, names) if part}
