"""One action on many customers or invoices: asked for, followed, taken back."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import bulk, doors
from services.bulk import Action, Wish
from services.roles import may
from store.queries import bulk as queries
from store.queries import customers, invoice_grid
from store.queries.receivables import Filter, Mark
from web.api import asked_bulk as asked
from web.api import shapes_bulk as shapes
from web.api.caller import Caller

_NONE_SUCH = "There is no such run."


def act_in_bulk(caller: Caller, session: Session, body: asked.ActInBulk) -> shapes.BulkRun:
    """Do something with many customers or invoices. It is done soon after; ask ``/bulk/{id}`` what became of it."""
    wish = Wish(
        body.page,
        Action(body.action),
        reason=body.reason or "",
        until=body.until,
        schedule=body.schedule_id or "",
        owner=body.owner_id or "",
        tag=body.tag or "",
    )
    _may(caller, wish.action)
    wish = bulk.check(session, caller.organisation_id, wish, caller.today(session))
    ids = _named(caller, session, body.page, body.ids) if body.ids else _matching(caller, session, body)
    run_id = bulk.begin(session, caller.organisation_id, ids, wish, by=caller.name, person_id=None)
    caller.ring_later(doors.BULK_RUNS)
    return _told(caller, session, run_id)


def show_bulk_run(caller: Caller, session: Session, id_: str) -> shapes.BulkRun:
    """How far it has come, and which it was not done with, and why."""
    return _told(caller, session, id_)


def undo_bulk_run(caller: Caller, session: Session, id_: str) -> shapes.BulkRun:
    """Take back what was done, by a run of its own, which is answered."""
    told = bulk.told(session, caller.organisation_id, id_) or abort(404, _NONE_SUCH)
    _may(caller, Action(told.run.action))
    try:
        run_id = bulk.undo(session, caller.organisation_id, id_, by=caller.name, person_id=None)
    except UserError as problem:
        abort(409, str(problem))
    caller.ring_later(doors.BULK_RUNS)
    return _told(caller, session, run_id)


def _may(caller: Caller, action: Action) -> None:
    right = bulk.RIGHTS[action]
    if not may(caller.role, right):
        abort(
            403, f"A token of the role {caller.role} may not do this; it needs the right to change chasing."
        )


def _named(caller: Caller, session: Session, page: str, ids: Sequence[str]) -> list[str]:
    """These, all of which have to be there."""
    found = queries.known(session, caller.organisation_id, page, ids)
    if gone := set(ids) - set(found):
        abort(404, f"{len(gone)} of these ids belong to none of the {page}.")
    return found


def _matching(caller: Caller, session: Session, body: asked.ActInBulk) -> list[str]:
    given, today = body.filter or asked.BulkFilter(), caller.today(session)
    narrow = Filter(
        owner=given.owner_id or "",
        schedule=given.schedule_id or "",
        tag=(given.tag or "").casefold(),
        marks=frozenset(Mark(one) for one in given.marks),
        bucket=given.bucket or "",
        currency=given.currency or "",
        risk=given.risk or "",
    )
    home = caller.organisation(session).base_currency
    if body.page == "customers":
        wanted = customers.Wanted(narrow=narrow)
        found = customers.contact_ids(session, caller.organisation_id, wanted, today=today, home=home)
    else:
        invoices = invoice_grid.Wanted(narrow=narrow, currency=given.currency)
        found = invoice_grid.ids(session, caller.organisation_id, invoices, today)
    if len(found) > (body.at_most or 0):
        abort(409, f"{len(found):,} match, and that is more than at_most; nothing was done.")
    return found


def _told(caller: Caller, session: Session, run_id: str) -> shapes.BulkRun:
    told = bulk.told(session, caller.organisation_id, run_id) or abort(404, _NONE_SUCH)
    run = told.run
    return shapes.BulkRun(
        id=run.id,
        page=run.page,
        action=run.action,
        total=run.total,
        done=told.done,
        waiting=told.waiting,
        refused_count=told.refused_count,
        refused=[shapes.BulkRefusal(*one) for one in told.refused],
        asked_by=run.asked_by,
        asked_at=run.asked_at,
        finished_at=run.finished_at,
        undoes=run.undoes,
    )
