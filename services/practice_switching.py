"""What a practice has asked for with a client, carried out: the set is given, chasing is switched, or both are put back.

What fails for one client leaves that one as it was. What a crash cuts short is begun again from the row, and a second
time changes nothing more. Whoever asked must still be allowed to when it is done; and where the client wants two people,
it waits for a second yes there.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.orm import Session

from integration.ledger import LedgerError
from kit import clock
from kit.acting import Acting, acting_as
from kit.errors import UserError
from kit.wording import ENGLISH, N_, _, worded_in
from services import doors, practice_sets, second_eyes, switches
from services.app import App
from services.practice_runs import AS_IS, missing
from services.second_eyes import CarriedOut, Kind, Needed, Wanted
from services.sender_checks import ready_to_go_live
from services.switches import DRY_RUN, LIVE
from store.models import Organisation, PracticeRun, PracticeRunClient, PracticeSet
from store.queries import practice_sets as queries
from store.queries import practices
from store.queries.switches import organisation_to_change

ACT, ACT_UNDO = "practice_run", "practice_undo"
_ASKED: Final = N_("It waits for the yes of a second person, as this client wants it.")
_CUT_OFF: Final = N_("It could not be done and was put back; ask for it again.")
_GO_LIVE: Final = N_("Go live with {0} planned messages, as the practice wants it")
_FOLLOW: Final = N_("Follow the practice's set “{0}”")
_FOLLOW_DRY: Final = N_("Follow the practice's set “{0}” and plan in a dry run")
_PUT_BACK: Final = N_("Put back what the practice's set “{0}” has changed")
_TOO_FAR: Final = N_("Whoever asked for it may not do that for the practice any more, so it was not done.")


def work(app: App, organisation_id: str) -> bool:
    """Do what waits first for this organisation. True if more may wait."""
    with app.database.read(organisation_id) as session:
        found = queries.next_waiting(session, organisation_id)
    if found is None:
        return False
    waiting, run = found
    _do(app, waiting, run, *_who_asked(waiting, run))
    return True


def agreed(app: App, organisation_id: str, what: dict[str, Any], by: str) -> str:
    """Do what the practice asked for, after the second yes. ``UserError`` when it cannot be done any more."""
    with app.database.read(organisation_id) as session:
        found = queries.asked(session, organisation_id, what["run_id"])
    if found is None:
        raise UserError(_("The practice's work with this organisation has been deleted."))
    waiting, run = found
    if waiting.state in ("asked", "undo_asked"):
        _do(app, waiting, run, by, _who_asked(waiting, run)[1])
    with app.database.read(organisation_id) as session:
        row = queries.asked(session, organisation_id, what["run_id"])
    if row is None or row[0].state not in ("done", "undone"):
        raise UserError((row and row[0].said) or _("It could not be done."))
    return _("It is done, as the practice asked.")


def _who_asked(waiting: PracticeRunClient, run: PracticeRun) -> tuple[str, str]:
    """The name and id of whoever asked for what waits."""
    if waiting.state.startswith("undo") and waiting.undo_by_person:
        return waiting.undo_by or run.made_by, waiting.undo_by_person
    return run.made_by, run.person_id


def _do(app: App, waiting: PracticeRunClient, run: PracticeRun, by: str, person_id: str) -> None:
    with acting_as(Acting(by, person_id, "page", practice_id=run.practice_id)):
        try:
            (_undo if waiting.state.startswith("undo") else _switch)(app, waiting, run, by)
        except Needed as needed:
            _ask(app, waiting, run, needed, by)
        except CarriedOut:  # it was begun after the yes, did not work, and nobody came to saying so
            _settle(app, waiting.organisation_id, run, "failed", _CUT_OFF)


@worded_in(ENGLISH)  # what is kept is English, whoever asked
def _ask(app: App, waiting: PracticeRunClient, run: PracticeRun, needed: Needed, by: str) -> None:
    """Put it down for a second person at the client; the run's page says that it waits."""
    whose, undoing = waiting.organisation_id, waiting.state.startswith("undo")
    try:
        with app.database.write(whose) as session:
            organisation = session.get_one(Organisation, whose)
            second_eyes.ask(session, organisation, kind=needed.kind, what=needed.wanted, by=by)
            row = queries.run_client(session, whose, run.id)
            row.state, row.said = ("undo_asked" if undoing else "asked"), _ASKED
    except UserError as problem:
        _settle(app, whose, run, "kept" if undoing else "failed", str(problem))


# -- giving and switching ------------------------------------------------------------------------------


@worded_in(ENGLISH)  # what is kept is English, whoever asked
def _switch(app: App, waiting: PracticeRunClient, run: PracticeRun, by: str) -> None:
    whose = waiting.organisation_id
    try:
        _begin(app, whose, run)
        if run.to != AS_IS:
            switches.change_chasing(app, whose, run.to, by)
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
            segments = app.settings.text_segments
            before["set"] = practice_sets.give(session, given, organisation, now, most_segments=segments)
        _second_yes(session, organisation, run, given, before, row.expected)
        row.before = before


def _second_yes(
    session: Session,
    organisation: Organisation,
    run: PracticeRun,
    given: PracticeSet | None,
    before: dict[str, Any],
    expected: int,
) -> None:
    """Stop here, and undo what was begun in this change, where the client wants two people for it."""
    said = before["set"]["said"] if before["set"] else []
    wanted = Wanted(ACT, _title(run, given, expected), {"run_id": run.id, "lines": said})
    if said:
        second_eyes.check(session, organisation.id, Kind.TEMPLATES, wanted)
    many = expected if run.to == LIVE else 0
    second_eyes.check(session, organisation.id, Kind.BULK, wanted, many)


def _title(run: PracticeRun, given: PracticeSet | None, expected: int) -> str:
    if run.to == LIVE:
        return _GO_LIVE.format(expected)
    if given is None:
        return N_("Plan in a dry run, as the practice wants it")
    if run.to == DRY_RUN:
        return _FOLLOW_DRY.format(given.name)
    return _FOLLOW.format(given.name)


def _check(app: App, session: Session, organisation: Organisation, run: PracticeRun, expected: int) -> None:
    if practices.client(session, run.practice_id, organisation.id) is None:
        raise UserError(_("The client’s consent has ended."))
    _check_who(session, run, run.person_id)
    given = session.get(PracticeSet, run.set_id) if run.set_id else None
    if problem := missing(organisation, given, run.to, None):
        raise UserError(problem)
    if run.to == LIVE:
        ready_to_go_live(app, session, organisation)
        planned = queries.planned(session, [organisation.id]).get(organisation.id, 0)
        if planned != expected:
            raise UserError(
                _(
                    "Its plan has changed since you looked: %(expected)s messages then, %(planned)s now. Look once "
                    "more.",
                    expected=expected,
                    planned=planned,
                )
            )


def _check_who(session: Session, run: PracticeRun, person_id: str) -> None:
    """``UserError`` where whoever asked has left the practice, or is no admin of it any more."""
    place = practices.place(session, person_id, run.practice_id)
    if place is None or place[1].role != practices.ADMIN:
        raise UserError(_(_TOO_FAR))


# -- putting back --------------------------------------------------------------------------------------


def _put_back(app: App, organisation_id: str, run: PracticeRun) -> None:
    """What was given is taken back."""
    with app.database.write(organisation_id) as session:
        organisation = organisation_to_change(session, organisation_id)
        row = queries.run_client(session, organisation_id, run.id)
        given = session.get(PracticeSet, run.set_id) if run.set_id else None
        if organisation and given and row.before and row.before["set"]:
            practice_sets.restore(session, given, organisation, row.before["set"], clock.now())
        row.before = None


@worded_in(ENGLISH)  # what is kept is English, whoever asked
def _undo(app: App, waiting: PracticeRunClient, run: PracticeRun, by: str) -> None:
    """Put the client back as it stood, unless something has left or been changed since."""
    whose = waiting.organisation_id
    if waiting.before is None:  # it was put back, and we were stopped before we could say so
        _settle(app, whose, run, "undone", None)
        return
    try:
        before = _begin_undo(app, waiting, run)
        if run.to != AS_IS and before["chasing"] != run.to:
            switches.change_chasing(app, whose, before["chasing"], by)
    except (UserError, LedgerError) as problem:
        _settle(app, whose, run, "kept", str(problem))
        return
    _put_back(app, whose, run)
    _settle(app, whose, run, "undone", None)
    app.soft_doorbell.ring(doors.PLAN, whose)


def _begin_undo(app: App, waiting: PracticeRunClient, run: PracticeRun) -> dict[str, Any]:
    """Look whether it can be put back, and note that it is being; how it stood before."""
    whose = waiting.organisation_id
    with app.database.write(whose) as session:
        organisation = session.get_one(Organisation, whose)
        row = queries.run_client(session, whose, run.id)
        before = dict(row.before or {})
        if not before.get("putting_back"):
            _check_undo(session, organisation, row, run)
            said = (before.get("set") or {}).get("said", [])
            given = session.get(PracticeSet, run.set_id) if run.set_id else None
            title = _PUT_BACK.format(given.name if given else "")
            wanted = Wanted(ACT_UNDO, title, {"run_id": run.id, "lines": said})
            second_eyes.check(session, whose, Kind.TEMPLATES, wanted, None if said else 0)
            row.before = before | {"putting_back": True}
    return before


def _check_undo(
    session: Session, organisation: Organisation, row: PracticeRunClient, run: PracticeRun
) -> None:
    _check_who(session, run, row.undo_by_person or run.person_id)
    left = queries.left_since(session, organisation.id, row.done_at or run.created_at)
    if left:
        raise UserError(_("%(left)s messages have left since, so it stays as it is.", left=left))
    before = row.before or {}
    if run.to != AS_IS and organisation.chasing not in (run.to, before["chasing"]):
        raise UserError(_("Somebody has switched its chasing since, so it stays as it is."))


def _settle(app: App, organisation_id: str, run: PracticeRun, state: str, said: str | None) -> None:
    with app.database.write(organisation_id) as session:
        row = queries.run_client(session, organisation_id, run.id)
        row.state, row.said = state, said
        if state == "done":
            row.done_at = clock.now()
