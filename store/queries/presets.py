"""The schedules and texts with which every organisation begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from store.models import Schedule, ScheduleVersion, Template, TemplateVersion
from store.queries.upsert import upsert

Row = dict[str, Any]


def add_missing(
    session: Session,
    schedules: Sequence[Row],
    schedule_versions: Sequence[Row],
    templates: Sequence[Row],
    template_versions: Sequence[Row],
) -> None:
    """Insert what is not there yet, by id; what is there stays as somebody may have changed it."""
    for table, rows in (
        (Schedule, schedules),
        (ScheduleVersion, schedule_versions),
        (Template, templates),
        (TemplateVersion, template_versions),
    ):
        if rows:
            session.connection().execute(upsert(session, table).on_conflict_do_nothing(), list(rows))
