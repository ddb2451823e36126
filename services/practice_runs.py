"""Chasing switched for many clients in one go: each by itself, with its own result, and to be undone until something has left.

The person's word is stored first; a worker does it client by client. What fails for one leaves that one as it was. What
a crash cuts short is begun again from the row, and a second time changes nothing more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from integration.ledger import LedgerError
from kit import clock
from kit.acting import Acting, acting_as
from kit.errors import UserError
from kit.ids import new_id
from services import doors, practice_sets, switches
from services.app import App
from services.practice_sets import Difference
from services.sender_checks import ready_to_go_live
from services.senders import READY
from services.switches import DRY_RUN, LIVE, OFF
from store.models import (
    Organisation,
    PracticeClient,
    PracticeRun,
    PracticeRunClient,
    PracticeSet,
    Sender,
)
from store.queries import practice_sets as queries
from store.queries import practices
from store.queries.switches import organisation_to_change

AS_IS: Final = "as_is"
TARGETS: Final = {DRY_RUN: "Dry run", LIVE: "Live", AS_IS: "The set alone"}
MOST_CLIENTS: Final = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen to one client. ``missing`` is why it cannot be done; None: it can."""

    client: PracticeClient
    organisation: Organisation
    missing: str | None
    would: str
    own: Difference
    planned: int

    @property
    def ready(self) -> bool:
        return self.missing is None


def previews(
    app: App,
    session: Session,
    clients: Sequence[tuple[PracticeClient, Organisation]],
    row: PracticeSet | None,
    to: str,
) -> list[Preview]:
    """What would happen to each of these clients: a handful of statements for all of them."""
    organisations = [organisation for _, organisation in clients]
    ids = [one.id for one in organisations]
    own = practice_sets.differences(session, row, organisations) if row else {}
    planned = queries.planned(session, ids)
    senders = queries.default_senders(session, ids) if app.settings.real_mail else None
    return [
        Preview(
            client,
            organisation,
            _missing(organisation, row, to, senders),
            _would(organisation, row, to, planned.get(organisation.id, 0)),
            own.get(organisation.id, Difference()),
            planned.get(organisation.id, 0),
        )
        for client, organisation in clients
    ]


def _missing(
    organisation: Organisation, row: PracticeSet | None, to: str, senders: dict[str, Sender] | None
) -> str | None:
    if organisation.connection != "connected":
        return "The ledger is not connected."
    if organisation.imported_at is None:
        return "The ledger is still being read for the first time."
    if to == AS_IS:
        return None if row else "No set is chosen."
    if to == LIVE:
        return _missing_for_live(organisation, senders)
    return "It is live already." if organisation.chasing == LIVE else None


def _missing_for_live(organisation: Organisation, senders: dict[str, Sender] | None) -> str | None:
    """Live is a yes to a plan that somebody could read, so a dry run comes before it."""
    if organisation.chasing == LIVE:
        return "It is live already."
    if organisation.chasing == OFF:
        return "Set it to a dry run first, so that its plan can be read."
    if organisation.own_reminders:
        return "Xero sends reminders of its own; switch them off there first."
    if senders is not None and (organisation.id not in senders or senders[organisation.id].state != READY):
        return "Its default sender has not been checked yet."
    return None


def _would(organisation: Organisation, row: PracticeSet | None, to: str, planned: int) -> str:
    if to == LIVE:
        messages = "message" if planned == 1 else "messages"
        return f"Goes live with {planned:,} planned {messages}, which you say yes to."
    if to == AS_IS:
        return f"Gets “{row.name}”; chasing stays as it is." if row else ""
    stays = organisation.chasing == DRY_RUN
    then = "stays in its dry run" if stays else "plans in a dry run, and nothing is sent"
    return f"Gets “{row.name}” and {then}." if row else f"{then.capitalize()}."


def start(
    app: App,
    practice_id: str,
    person_id: str,
    *,
    organisation_ids: Collection[str],
    set_id: str | None,
    to: str,
    by: str,
    seen: dict[str, int],
) -> str:
    """Store what a person wants for these clients, and ring for it; the id of the run.

    ``seen``: how many messages of each were planned when the person looked. ``UserError`` where something cannot be.
    """
    if to not in TARGETS:
        raise UserError("Choose a dry run, live, or the set alone.")
    if not organisation_ids:
        raise UserError("Choose at least one client.")
    if len(organisation_ids) > MOST_CLIENTS:
        raise UserError(f"Choose at most {MOST_CLIENTS} clients at once.")
    with app.database.write_across() as session:
        visible = {organisation.id for _, organisation in practices.clients(session, practice_id, person_id)}
        if not visible.issuperset(organisation_ids):
            raise UserError("One of these clients is yours no more; look at the list again.")
        row = queries.one(session, practice_id, set_id) if set_id and to != LIVE else None
        if to == AS_IS and row is None:
            raise UserError("Choose the set that these clients are to get.")
        run = PracticeRun(
            id=new_id(),
            practice_id=practice_id,
            set_id=row.id if row else None,
            to=to,
            made_by=by,
            person_id=person_id,
            created_at=clock.now(),
        )
        session.add(run)
        session.flush()
        for organisation_id in sorted(set(organisation_ids)):
            session.add(
                PracticeRunClient(
                    organisation_id=organisation_id,
                    run_id=run.id,
                    state="waiting",
                    expected=seen.get(organisation_id, 0),
                )
            )
    _ring(app, organisation_ids)
    return run.id


def undo(app: App, practice_id: str, run_id: str, organisation_ids: Collection[str]) -> int:
    """Have these clients of a run put back; how many will be tried. Which of them can be is found one by one."""
    with app.database.write_across() as session:
        run = queries.run(session, practice_id, run_id)
        if run is None:
            raise UserError("There is no such run any more.")
        done = [
            one for one, _ in queries.run_clients(session, run_id, organisation_ids) if one.state == "done"
        ]
        for one in done:
            one.state = "undo"
    _ring(app, [one.organisation_id for one in done])
    return len(done)


def _ring(app: App, organisation_ids: Collection[str]) -> None:
    for organisation_id in sorted(set(organisation_ids)):
        app.soft_doorbell.ring(doors.PRACTICE_RUNS, organisation_id)


def due(app: App) -> list[str]:
    """The organisations of which a run waits."""
    with app.database.read_across() as session:
        return list(queries.organisations_waiting(session))


def work(app: App, organisation_id: str) -> bool:
    """Do what waits first for this organisation. True if more may wait."""
    with app.database.read(organisation_id) as session:
        found = queries.next_waiting(session, organisation_id)
    if found is None:
        return False
    waiting, run = found
    with acting_as(Acting(run.made_by, run.person_id, "page", practice_id=run.practice_id)):
        (_undo if waiting.state == "undo" else _switch)(app, waiting, run)
    return True


def _switch(app: App, waiting: PracticeRunClient, run: PracticeRun) -> None:
    whose = waiting.organisation_id
    try:
        _begin(app, whose, run)
        if run.to != AS_IS:
            switches.change_chasing(app, whose, run.to, run.made_by)
    except (UserError, LedgerError) as problem:
        _put_back(app, whose, run)
        _settle(app, whose, run, "failed", str(problem))
    else:
        _settle(app, whose, run, "done", None)
        app.soft_doorbell.ring(doors.PLAN, whose)


def _begin(app: App, organisation_id: str, run: PracticeRun) -> None:
    """Look whether it can be done, note how it stands, and give the set: all of it or nothing."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = organisation_to_change(session, organisation_id)
        row = queries.run_client(session, organisation_id, run.id)
        if row.before is not None or organisation is None:
            return  # begun already; the switch itself is safe to repeat
        _check(app, session, organisation, run, row.expected)
        before: dict[str, Any] = {"chasing": organisation.chasing, "set": None}
        given = session.get(PracticeSet, run.set_id) if run.set_id else None
        if given:
            before["set"] = practice_sets.give(session, given, organisation, now)
        row.before = before


def _check(app: App, session: Session, organisation: Organisation, run: PracticeRun, expected: int) -> None:
    if practices.client(session, run.practice_id, organisation.id) is None:
        raise UserError("The client’s consent has ended.")
    given = session.get(PracticeSet, run.set_id) if run.set_id else None
    if missing := _missing(organisation, given, run.to, None):
        raise UserError(missing)
    if run.to == LIVE:
        ready_to_go_live(app, session, organisation)
        planned = queries.planned(session, [organisation.id]).get(organisation.id, 0)
        if planned != expected:
            raise UserError(
                f"Its plan has changed since you looked: {expected} messages then, {planned} now. Look once more."
            )


def _put_back(app: App, organisation_id: str, run: PracticeRun) -> None:
    """What was given before the switch failed is taken back."""
    with app.database.write(organisation_id) as session:
        organisation = organisation_to_change(session, organisation_id)
        row = queries.run_client(session, organisation_id, run.id)
        given = session.get(PracticeSet, run.set_id) if run.set_id else None
        if organisation and given and row.before and row.before["set"]:
            practice_sets.restore(session, given, organisation, row.before["set"], clock.now())
        row.before = None


def _undo(app: App, waiting: PracticeRunClient, run: PracticeRun) -> None:
    """Put the client back as it stood, unless something has left or been changed since."""
    whose = waiting.organisation_id
    if waiting.before is None:  # it was put back, and we were stopped before we could say so
        _settle(app, whose, run, "undone", None)
        return
    try:
        before = _check_undo(app, whose, waiting, run)
        if run.to != AS_IS and before["chasing"] != run.to:
            switches.change_chasing(app, whose, before["chasing"], run.made_by)
    except (UserError, LedgerError) as problem:
        _settle(app, whose, run, "kept", str(problem))
        return
    _put_back(app, whose, run)
    _settle(app, whose, run, "undone", None)
    app.soft_doorbell.ring(doors.PLAN, whose)


def _check_undo(
    app: App, organisation_id: str, waiting: PracticeRunClient, run: PracticeRun
) -> dict[str, Any]:
    with app.database.read(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        left = queries.left_since(session, organisation_id, waiting.done_at or run.created_at)
    if left:
        raise UserError(f"{left} messages have left since, so it stays as it is.")
    before = waiting.before or {}
    if run.to != AS_IS and organisation.chasing not in (run.to, before["chasing"]):
        raise UserError("Somebody has switched its chasing since, so it stays as it is.")
    return before


def _settle(app: App, organisation_id: str, run: PracticeRun, state: str, said: str | None) -> None:
    with app.database.write(organisation_id) as session:
        row = queries.run_client(session, organisation_id, run.id)
        row.state, row.said = state, said
        if state == "done":
            row.done_at = clock.now()
