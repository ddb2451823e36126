"""A person's step that is done, or that somebody leaves out: it is behind its invoices from then on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.decide import decide
from credit_control.facts import Action
from credit_control.tasks import Done, done_by
from kit.errors import UserError
from kit.wording import N_, _
from services.books import desk_of, one_book
from services.records import record
from store.models import Communication, Invoice
from store.queries import planning, replies, sending, steps

_NOTHING_LEFT_OUT = N_("This is not left out any more; somebody may have taken it back already.")


def finish(
    session: Session,
    organisation_id: str,
    contact_id: str,
    invoice_ids: Collection[str],
    action: Action,
    communication_id: str,
    now: datetime,
    *,
    state: str = "taken",
) -> tuple[Done, ...]:
    """Take (or skip) the steps of this kind that are due of these invoices (none: of all); those that were.

    Within the caller's change, who rings for planning.
    """
    done = due(session, organisation_id, contact_id, invoice_ids, action, now)
    rows = [
        row
        for one in done
        for row in (
            (one.invoice_id, one.step, state),
            *((one.invoice_id, step, "skipped") for step in one.passed),
        )
    ]
    on = local_day(desk_of(session, organisation_id).policy.window, now)
    steps.finish(session, organisation_id, communication_id, rows, on)
    planning.look_again(session, organisation_id, [contact_id], now)
    return done


def due(
    session: Session,
    organisation_id: str,
    contact_id: str,
    invoice_ids: Collection[str],
    action: Action,
    now: datetime,
) -> tuple[Done, ...]:
    """The steps of this kind that are due of these invoices (none: of all)."""
    desk = desk_of(session, organisation_id)
    book = one_book(session, desk, contact_id)
    if book is None:
        return ()
    today = local_day(desk.policy.window, now)
    return done_by(book, decide(book, desk.policy, now), action, today, invoice_ids)


def review(
    session: Session,
    organisation_id: str,
    contact_id: str,
    invoices: Collection[Invoice],
    text: str,
    *,
    by: str,
    now: datetime,
) -> Communication:
    """A review that somebody has done, with what was decided; the steps that are due of it are behind the invoices."""
    return _noted(session, organisation_id, contact_id, invoices, Action.REVIEW, text, by, now, kind="review")


def leave_out(
    session: Session,
    organisation_id: str,
    contact_id: str,
    invoices: Collection[Invoice],
    action: Action,
    reason: str,
    *,
    by: str,
    now: datetime,
) -> Communication | None:
    """A person's step that is not done, and why; the schedule goes on. None, and nothing is changed, when none is due."""
    sending.lock_organisation(session, organisation_id)
    if not due(session, organisation_id, contact_id, [one.id for one in invoices], action, now):
        return None
    return _noted(session, organisation_id, contact_id, invoices, action, reason, by, now, kind="skip")


def take_back(
    session: Session, organisation_id: str, contact_id: str, entry_id: str, *, by: str, now: datetime
) -> None:
    """What was left out is asked for again, within the caller's change, who rings for planning and notes.

    The ledger has been told that it was left out, so it is told of this as well: nothing there is unsaid in silence.
    ``UserError`` when there is nothing to take back.
    """
    sending.lock_organisation(session, organisation_id)
    entry = session.get(Communication, (organisation_id, entry_id))
    if entry is None or (entry.contact_id, entry.kind) != (contact_id, "skip"):
        raise UserError(_(_NOTHING_LEFT_OUT))
    if not steps.take_in_again(session, organisation_id, entry_id):
        raise UserError(_(_NOTHING_LEFT_OUT))
    about = replies.about(session, organisation_id, entry_id)
    outcome = f"{entry.subject}: taken back"
    record(
        session, organisation_id, contact_id, about, channel="note", text=None, by=by, now=now, outcome=outcome,
        step_name=entry.step_name,
    )  # fmt: skip
    planning.look_again(session, organisation_id, [contact_id], now)


def _noted(
    session: Session,
    organisation_id: str,
    contact_id: str,
    invoices: Collection[Invoice],
    action: Action,
    text: str,
    by: str,
    now: datetime,
    *,
    kind: str,
) -> Communication:
    sending.lock_organisation(session, organisation_id)
    ids = [invoice.id for invoice in invoices]
    found = due(session, organisation_id, contact_id, ids, action, now)
    names = " and ".join(dict.fromkeys(f"“{one.step.name}”" for one in found)) or action.noun.capitalize()
    entry = record(
        session,
        organisation_id,
        contact_id,
        invoices,
        channel="note",
        text=text,
        by=by,
        now=now,
        outcome=f"{names} {'done' if kind == 'review' else 'left out'}",
        kind=kind,
        step_name=found[0].step.name if found else None,
    )
    state = "taken" if kind == "review" else "skipped"
    finish(session, organisation_id, contact_id, ids, action, entry.id, now, state=state)
    return entry
