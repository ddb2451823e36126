"""Schedules."""

from __future__ import annotations

from msgspec import convert
from sqlalchemy.orm import Session

from credit_control.catch_up import catch_up_rule
from store.facts import steps_of
from store.queries import api as queries
from web.api import asked, shapes
from web.api.caller import Caller
from web.api.paging import after_id, cut
from web.api.shapes import Page


def list_schedules(caller: Caller, session: Session, query: asked.Listing) -> Page[shapes.Schedule]:
    """All schedules, each in its newest version."""
    rows = queries.schedules(session, caller.organisation_id, after_id(query), query.limit)
    shown, following = cut(rows, query, lambda row: (row[0].id,))
    items = [
        shapes.Schedule(
            id=schedule.id,
            name=schedule.name,
            is_default=schedule.is_default,
            version=version.number,
            steps=convert(version.steps, list[shapes.Step]),
            catch_up=catch_up_rule(steps_of(version.steps)),
        )
        for schedule, version in shown
    ]
    return Page(items=items, next_cursor=following)
