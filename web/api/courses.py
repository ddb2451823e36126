"""Schedules: what there is, who is on it, and changing it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import abort
from msgspec import UNSET, convert
from sqlalchemy.orm import Session

from credit_control import only_for
from credit_control.catch_up import catch_up_rule
from credit_control.facts import Action
from credit_control.people import Role
from credit_control.written import CountedFrom, Repeat, WrittenStep
from kit.errors import UserError
from services import doors, placing, schedules
from services.written_steps import checked, stored_written, written_of
from store import models
from store.courses import steps_of
from store.queries import api as queries
from store.queries import customers
from store.queries import schedules as schedule_queries
from store.queries import senders as sender_queries
from web.api import asked, asked_schedules, shapes
from web.api.caller import Caller
from web.api.paging import after_id, cut
from web.api.shapes import Page
from web.api.written import OnlyFor, StepAsWritten

NO_SCHEDULE = "There is no such schedule."


def list_schedules(caller: Caller, query: asked.Listing) -> Page[shapes.Schedule]:
    """All schedules, each in its newest version, with how many contacts are on it."""
    counts = placing.counts(caller.app, caller.organisation_id)
    with caller.app.database.read(caller.organisation_id) as session:
        rows = queries.schedules(session, caller.organisation_id, after_id(query), query.limit)
        older = schedule_queries.on_older_versions(session, caller.organisation_id)
        shown, following = cut(rows, query, lambda row: (row[0].id,))
        items = [
            _shape(schedule, version, older, counts.by_schedule.get(schedule.id, 0))
            for schedule, version in shown
        ]
    return Page(items=items, next_cursor=following)


def make_schedule(caller: Caller, session: Session, body: asked_schedules.NewSchedule) -> shapes.Schedule:
    """Make a schedule. Nobody is on it until a person or a rule puts them there."""
    steps = _checked(caller, session, body.steps)
    schedule_id = schedules.create(session, caller.organisation_id, body.name, steps)
    return _told(caller, session, schedule_id)


def change_schedule(
    caller: Caller, session: Session, id_: str, body: asked_schedules.ChangeSchedule
) -> shapes.Schedule:
    """Change a schedule: other steps make a new version of it."""
    found = schedule_queries.newest(session, caller.organisation_id, id_) or abort(404, NO_SCHEDULE)
    steps = _checked(caller, session, body.steps)
    name = found[0].name if body.name is UNSET else body.name
    schedules.change(session, caller.organisation_id, id_, name, steps)
    if body.is_default is not UNSET:
        schedules.make_default(session, caller.organisation_id, id_)
    caller.ring_later(doors.PLAN)
    return _told(caller, session, id_)


def move_to_newest(
    caller: Caller, session: Session, id_: str, body: asked_schedules.MoveInvoices
) -> shapes.Moved:
    """Move invoices under way to the newest version of their schedule; what is behind them stays behind them."""
    if schedule_queries.newest(session, caller.organisation_id, id_) is None:
        abort(404, NO_SCHEDULE)
    if body.contact_id and not customers.contact(session, caller.organisation_id, body.contact_id):
        abort(404, "There is no such contact.")
    caller.ring_later(doors.PLAN)
    return shapes.Moved(schedules.move(session, caller.organisation_id, id_, body.contact_id))


def pause_schedule(
    caller: Caller, session: Session, id_: str, body: asked_schedules.PauseSchedule
) -> shapes.Schedule:
    """Chase nobody who is on this schedule, until it is resumed. Nothing that is planned is lost."""
    if schedule_queries.newest(session, caller.organisation_id, id_) is None:
        abort(404, NO_SCHEDULE)
    schedules.pause(session, caller.organisation_id, id_, body.reason, caller.name)
    caller.ring_later(doors.PLAN)
    return _told(caller, session, id_)


def resume_schedule(caller: Caller, session: Session, id_: str) -> shapes.Schedule:
    """Chase those on this schedule again; one that is not paused stays as it is."""
    if schedule_queries.newest(session, caller.organisation_id, id_) is None:
        abort(404, NO_SCHEDULE)
    schedules.resume(session, caller.organisation_id, id_)
    caller.ring_later(doors.PLAN)
    return _told(caller, session, id_)


def schedule_named(session: Session, organisation_id: str, wanted: str) -> str:
    """The id of a schedule that a request names, or gives the id of; 422 when there is none."""
    known = schedule_queries.names(session, organisation_id)
    asked_for = wanted.strip().casefold()
    found = next((one for one, name in known if asked_for in (one, name.casefold())), None)
    return found or abort(
        422, f"There is no schedule “{wanted}”; take the name or the id of one that there is."
    )


def _checked(caller: Caller, session: Session, steps: Sequence[StepAsWritten]) -> list[WrittenStep]:
    """The steps of a request; 422 with a sentence when they cannot be."""
    if any(one.position not in (None, place) for place, one in enumerate(steps, start=1)):
        abort(
            422, "The positions of the steps are not 1, 2, 3 and so on; leave them out, or put them in order."
        )
    written = written_steps(steps)
    try:
        checked(
            written,
            schedule_queries.template_kinds(session, caller.organisation_id),
            sender_queries.sender_ids(session, caller.organisation_id),
        )
    except UserError as problem:
        abort(422, str(problem))
    return written


def written_steps(steps: Sequence[StepAsWritten]) -> list[WrittenStep]:
    """The steps of a request, as the rules know written ones."""
    return [_written(one) for one in steps]


def _written(one: StepAsWritten) -> WrittenStep:
    return WrittenStep(
        one.name,
        one.offset_days,
        Action(one.action),
        one.template,
        CountedFrom(one.counted_from),
        one.needs_go,
        Repeat(one.repeat.every_days, one.repeat.at_most) if one.repeat else None,
        to=Role(one.to),
        copies=tuple(dict.fromkeys(Role(role) for role in one.copies)),
        one_each=one.one_each,
        stops_account_after_days=one.stops_account_after_days,
        sender=one.sender,
        notice=one.notice,
        only_for=_only_for(one.only_for),
    )


def _only_for(asked_for: OnlyFor | None) -> only_for.OnlyFor | None:
    if asked_for is None:
        return None
    at_least = ((currency, Decimal(least)) for currency, least in asked_for.at_least.items())
    return only_for.only_for(asked_for.first_invoice, at_least)


def _told(caller: Caller, session: Session, schedule_id: str) -> shapes.Schedule:
    session.flush()
    found = schedule_queries.newest(session, caller.organisation_id, schedule_id) or abort(404, NO_SCHEDULE)
    older = schedule_queries.on_older_versions(session, caller.organisation_id)
    return _shape(*found, older, None)


def _shape(
    schedule: models.Schedule, version: models.ScheduleVersion, older: dict[str, int], contacts: int | None
) -> shapes.Schedule:
    return shapes.Schedule(
        id=schedule.id,
        name=schedule.name,
        is_default=schedule.is_default,
        version=version.number,
        steps=convert(version.steps, list[shapes.Step]),
        written=convert(stored_written(written_of(version.steps, version.written)), list[StepAsWritten]),
        catch_up=catch_up_rule(steps_of(version.steps)),
        contacts=contacts,
        invoices_on_older_versions=older.get(schedule.id, 0),
        paused=_paused(schedule),
    )


def _paused(schedule: models.Schedule) -> shapes.Paused | None:
    if schedule.paused_at is None:
        return None
    return shapes.Paused(schedule.paused_at, schedule.paused_by or "", schedule.paused_because or "")
