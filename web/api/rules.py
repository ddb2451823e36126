"""The rules that say which contact gets which schedule, or none."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort
from msgspec import convert, to_builtins
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import doors, placing
from services.placing import RuleWanted
from store.queries import placing as queries
from store.queries import schedules as schedule_queries
from web.api import asked_schedules, shapes
from web.api.caller import Caller
from web.api.courses import schedule_named
from web.api.shapes import Page
from web.api.written import AnyCondition

_NONE_SUCH = "There is no such rule."


def list_rules(caller: Caller) -> Page[shapes.Rule]:
    """All rules in their order, each with how many contacts it decides about now. The first that holds decides."""
    counts = placing.counts(caller.app, caller.organisation_id)
    with caller.app.database.read(caller.organisation_id) as session:
        return Page(items=_told(caller, session, counts.by_rule), next_cursor=None)


def add_rule(caller: Caller, session: Session, body: asked_schedules.PutRule) -> shapes.Rule:
    """Add a rule, behind the others unless a position is given."""
    rule_id = placing.add(session, caller.organisation_id, _wanted(caller, session, body), body.position)
    return _changed(caller, session, rule_id)


def change_rule(caller: Caller, session: Session, id_: str, body: asked_schedules.PutRule) -> shapes.Rule:
    """Change a rule, or its place."""
    _found(caller, session, id_)
    wanted = _wanted(caller, session, body)
    placing.change(session, caller.organisation_id, id_, wanted, body.position)
    return _changed(caller, session, id_)


def order_rules(caller: Caller, session: Session, body: asked_schedules.OrderRules) -> Page[shapes.Rule]:
    """Put the rules in this order; it names every one of them once."""
    if not set(body.rule_ids) <= set(queries.ids(session, caller.organisation_id)):
        abort(404, _NONE_SUCH)
    placing.arrange(session, caller.organisation_id, body.rule_ids)
    caller.ring_later(doors.PLAN)
    session.expire_all()
    return Page(items=_told(caller, session, None), next_cursor=None)


def remove_rule(caller: Caller, session: Session, id_: str) -> None:
    """Remove a rule; the others place whom it has placed."""
    _found(caller, session, id_)
    placing.remove(session, caller.organisation_id, id_)
    caller.ring_later(doors.PLAN)


def _found(caller: Caller, session: Session, rule_id: str) -> None:
    if rule_id not in queries.ids(session, caller.organisation_id):
        abort(404, _NONE_SUCH)


def _wanted(caller: Caller, session: Session, body: asked_schedules.PutRule) -> RuleWanted:
    schedule_id = schedule_named(session, caller.organisation_id, body.schedule) if body.schedule else None
    try:
        conditions = placing.sound(to_builtins(body.conditions))
    except UserError as problem:
        abort(422, str(problem))
    return RuleWanted(body.name, conditions, schedule_id, body.reason)


def _changed(caller: Caller, session: Session, rule_id: str) -> shapes.Rule:
    caller.ring_later(doors.PLAN)
    session.expire_all()
    return next(one for one in _told(caller, session, None) if one.id == rule_id)


def _told(caller: Caller, session: Session, contacts: Mapping[str, int] | None) -> list[shapes.Rule]:
    names = dict(schedule_queries.names(session, caller.organisation_id))
    return [
        shapes.Rule(
            id=row.id,
            position=place,
            name=row.name,
            conditions=convert(row.conditions, list[AnyCondition]),
            schedule=names.get(row.schedule_id) if row.schedule_id else None,
            excludes=row.schedule_id is None,
            reason=row.reason,
            contacts=None if contacts is None else contacts.get(row.id, 0),
        )
        for place, row in enumerate(queries.rows(session, caller.organisation_id), start=1)
    ]
