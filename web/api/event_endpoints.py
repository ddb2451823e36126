"""The addresses to which events are sent, over the API."""

from __future__ import annotations

from flask import abort
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import event_endpoints
from services.event_endpoints import EventGroup
from store import models
from store.queries import event_endpoints as queries
from web.api.asked_events import AddEventEndpoint, SwitchEventEndpoint
from web.api.caller import Caller
from web.api.shapes.base import Page
from web.api.shapes.events import EventEndpoint, NewEventEndpoint


def list_event_endpoints(caller: Caller, session: Session) -> Page[EventEndpoint]:
    """The addresses to which events are sent, and how they stand; there are never more than one page of them."""
    rows = queries.listed(session, caller.organisation_id)
    return Page(items=[_shown(row) for row in rows], next_cursor=None)


def add_event_endpoint(caller: Caller, body: AddEventEndpoint) -> NewEventEndpoint:
    """Add an address; it is off. ``secret``, by which what is sent is signed, is answered this once."""
    try:
        row, secret = event_endpoints.add(
            caller.app, caller.organisation_id, body.url, body.groups, by=caller.name
        )
    except UserError as problem:
        abort(409, str(problem))
    return NewEventEndpoint(endpoint=_shown(row), secret=secret)


def switch_event_endpoint(caller: Caller, id_: str, body: SwitchEventEndpoint) -> EventEndpoint:
    """Switch it on, from where it has come to, or off."""
    try:
        return _shown(event_endpoints.switch(caller.app, caller.organisation_id, id_, on=body.on))
    except UserError as problem:
        abort(404, str(problem))


def remove_event_endpoint(caller: Caller, id_: str) -> None:
    """Remove an address for good."""
    try:
        event_endpoints.remove(caller.app, caller.organisation_id, id_)
    except UserError as problem:
        abort(404, str(problem))


def _shown(row: models.EventEndpoint) -> EventEndpoint:
    return EventEndpoint(
        id=row.id,
        url=row.url,
        groups=[EventGroup(one) for one in row.groups] or list(EventGroup),
        state=row.state,  # type: ignore[arg-type]
        problem=row.problem,
        failing_since=row.failing_since,
        taken_at=row.taken_at,
    )
