"""One action on many customers or invoices: some at a time, each by itself, and taken back as a whole.

Each is a change of its own within a slice, so that of many those are done that can be, and of the others it is told why
not. What was done keeps what it takes to take it back. A run that is interrupted goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.orm import Session

from credit_control.resting import HoldKind
from kit import clock
from kit.doorbell import BULK
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import ENGLISH, N_, _, grouped, worded_in
from services import by_hand, doors, holds, owners, schedules, second_eyes, tags
from services.app import App
from services.roles import Right
from store.models import BulkItem, BulkRun, Hold, Organisation
from store.queries import bulk as queries
from store.queries import customers, senders
from store.queries import holds as hold_queries
from store.queries import schedules as schedule_queries

AT_ONCE: Final = 200
"""So many are done while somebody waits for the page; more are left to a worker."""
MOST: Final = 50_000
_A_SLICE = 25


class Action(StrEnum):
    HOLD = "hold"
    RELEASE = "release"
    SCHEDULE = "schedule"
    OWNER = "owner"
    TAG = "tag"
    UNTAG = "untag"


ACTIONS: Final = {
    "customers": (Action.HOLD, Action.RELEASE, Action.SCHEDULE, Action.OWNER, Action.TAG, Action.UNTAG),
    "invoices": (Action.HOLD, Action.RELEASE),
}
WORDS: Final = {
    Action.HOLD: "Put on hold",
    Action.RELEASE: "Release",
    Action.SCHEDULE: "Choose the schedule",
    Action.OWNER: "Have looked after",
    Action.TAG: "Put a tag on",
    Action.UNTAG: "Take a tag off",
}
RIGHTS: Final = {
    Action.HOLD: Right.RECORD,
    Action.RELEASE: Right.RECORD,
    Action.SCHEDULE: Right.CHANGE_CHASING,
    Action.OWNER: Right.CHANGE_CHASING,
    Action.TAG: Right.RECORD,
    Action.UNTAG: Right.RECORD,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done, and what goes with it."""

    page: str
    action: Action
    reason: str = ""
    until: date | None = None
    """The last day of a hold; None: until somebody releases it."""
    schedule: str = ""
    """Empty: the rules decide again."""
    owner: str = ""
    """Empty: nobody in particular."""
    tag: str = ""

    @property
    def beside(self) -> dict[str, Any]:
        """What goes with the action, as it is stored."""
        found = {name: value for name, value in asdict(self).items() if value and name not in _APART}
        return found | ({"until": self.until.isoformat()} if self.until else {})


def wish_of(page: str, action: str, beside: Mapping[str, Any]) -> Wish:
    """A wish as it was stored."""
    until = date.fromisoformat(beside["until"]) if beside.get("until") else None
    rest = {name: value for name, value in beside.items() if name != "until"}
    return Wish(page, Action(action), until=until, **rest)


_APART = ("page", "action", "until")


@dataclass(frozen=True, slots=True)
class Told:
    """How far a run has come."""

    run: BulkRun
    done: int
    waiting: int
    refused: Sequence[tuple[str, str, str]]
    refused_count: int
    undone_by: str | None
    """The run that takes it back."""

    @property
    def can_be_undone(self) -> bool:
        return bool(self.run.finished_at and self.done and not self.undone_by and not self.run.undoes)


def check(session: Session, organisation_id: str, wish: Wish, today: date) -> Wish:
    """The wish as it will be done. ``UserError`` says what is missing, before anything is touched."""
    if wish.action not in ACTIONS.get(wish.page, ()):
        raise UserError(_("This cannot be done with these; choose one of the actions on the page."))
    match wish.action:
        case Action.HOLD:
            by_hand.checked_reason(wish.reason)
            if wish.until and not today <= wish.until < date(2200, 1, 1):
                raise UserError(_("The last day of the hold must lie ahead; choose a later one, or none."))
        case Action.SCHEDULE if wish.schedule:
            if schedule_queries.newest(session, organisation_id, wish.schedule) is None:
                raise UserError(_("This schedule does not exist any more; choose one that does."))
        case Action.OWNER if wish.owner:
            if all(one.id != wish.owner for one in senders.colleagues(session, organisation_id)):
                raise UserError(_("This person is not a member of this organisation; choose one who is."))
        case Action.TAG | Action.UNTAG:
            return Wish(wish.page, wish.action, tag=tags.cleaned(wish.tag))
    return wish


def begin(
    session: Session, organisation_id: str, ids: Sequence[str], wish: Wish, *, by: str, person_id: str | None
) -> str:
    """Put a run down, within the caller's change; its id. ``UserError`` when there is nothing to do it with."""
    found: list[str] = []
    for start in range(0, len(ids), 1_000):
        found += queries.known(session, organisation_id, wish.page, ids[start : start + 1_000])
    if not found:
        raise UserError(_("Nothing was chosen; tick at least one, or all that match."))
    if len(found) > MOST:
        raise UserError(
            _("At most %(most)s can be changed at once; narrow the list by its filters.", most=grouped(MOST))
        )
    details = {"page": wish.page, "action": wish.action.value, "wish": wish.beside, "ids": found}
    wanted = second_eyes.Wanted("bulk", f"{WORDS[wish.action]}: {len(found):,} {wish.page}", details)
    second_eyes.check(session, organisation_id, second_eyes.Kind.BULK, wanted, len(found))
    return queries.add(
        session,
        [(one, None) for one in dict.fromkeys(found)],
        organisation_id=organisation_id,
        id=new_id(),
        page=wish.page,
        action=wish.action.value,
        wish=wish.beside,
        asked_by=by,
        person_id=person_id,
        asked_at=clock.now(),
    ).id


def undo(session: Session, organisation_id: str, run_id: str, *, by: str, person_id: str | None) -> str:
    """Take back what a run did, by a run of its own; its id. ``UserError`` when it cannot be."""
    run = queries.run(session, organisation_id, run_id, lock=True)
    if run is None or run.undoes:
        raise UserError(_("There is nothing to take back here."))
    if run.finished_at is None:
        raise UserError(_("It is still under way; wait until it is done, then take it back."))
    if queries.undone_by(session, organisation_id, run_id):
        raise UserError(_("This has been taken back already."))
    found = [(item.about, item.before) for item in queries.done(session, organisation_id, run_id)]
    if not found:
        raise UserError(_("Nothing was done, so there is nothing to take back."))
    title = N_(f"Take back: {WORDS[Action(run.action)]}, {len(found):,} {run.page}")
    details = {"run_id": run_id, "page": run.page, "action": run.action, "count": len(found)}
    wanted = second_eyes.Wanted("bulk_undo", title, details)
    second_eyes.check(session, organisation_id, second_eyes.Kind.BULK, wanted, len(found))
    return queries.add(
        session,
        found,
        organisation_id=organisation_id,
        id=new_id(),
        page=run.page,
        action=run.action,
        wish=run.wish,
        asked_by=by,
        person_id=person_id,
        asked_at=clock.now(),
        undoes=run_id,
    ).id


def go_on(app: App, organisation_id: str, run_id: str, most: int = AT_ONCE) -> bool:
    """Do the next ones of a run, a slice a transaction; True if there are more. Rings for what follows from it."""
    more = True
    while more and most > 0:
        with app.database.write(organisation_id) as session:
            more = _slice(session, organisation_id, run_id, min(most, _A_SLICE))
        most -= _A_SLICE
    for door in (doors.PLAN, doors.NOTES):
        app.soft_doorbell.ring(door, organisation_id)
    if more:
        app.doorbell.ring(doors.BULK_RUNS, organisation_id, queue=BULK)
    return more


def work(app: App, organisation_id: str, seconds: float) -> bool:
    """Go on with the runs of an organisation for a while; True if there is more."""
    until = clock.stopwatch() + seconds
    with app.database.read(organisation_id) as session:
        left = queries.under_way(session, organisation_id)
    for run_id in left:
        more = True
        while more and clock.stopwatch() < until:
            more = go_on(app, organisation_id, run_id, _A_SLICE)
        if more:
            return True
    return False


def due(app: App) -> list[str]:
    """Organisations with a run under way."""
    with app.database.read_across() as session:
        return queries.organisations_under_way(session)


def told(session: Session, organisation_id: str, run_id: str, most: int = 100) -> Told | None:
    """How far a run has come; None: there is none."""
    run = queries.run(session, organisation_id, run_id)
    if run is None:
        return None
    counts = queries.counts(session, organisation_id, run_id)
    return Told(
        run,
        counts.get(queries.DONE, 0),
        counts.get(queries.WAITING, 0),
        queries.refused(session, organisation_id, run_id, run.page, most),
        counts.get(queries.REFUSED, 0),
        queries.undone_by(session, organisation_id, run_id),
    )


@worded_in(ENGLISH)  # what is kept is English, whoever asked
def _slice(session: Session, organisation_id: str, run_id: str, most: int) -> bool:
    run = queries.run(session, organisation_id, run_id, lock=True)
    if run is None or run.finished_at:
        return False
    now = clock.now()
    items = queries.waiting(session, organisation_id, run_id, most)
    act = _taking_back if run.undoes else _doing
    for item in items:
        try:
            with session.begin_nested():
                item.before = act(session, run, item, now)
        except UserError as problem:
            item.state, item.said = queries.REFUSED, str(problem)
        else:
            item.state = queries.DONE
    if len(items) == most and queries.waiting(session, organisation_id, run_id, 1):
        return True
    run.finished_at = now
    return False


def _doing(session: Session, run: BulkRun, item: BulkItem, now: datetime) -> dict[str, Any]:
    return _DOES[Action(run.action)](session, run, item, now)


def _hold(session: Session, run: BulkRun, item: BulkItem, now: datetime) -> dict[str, Any]:
    until = run.wish.get("until")
    hold = _put(session, run, item, now, run.wish["reason"], date.fromisoformat(until) if until else None)
    return {"hold": hold.id}


def _put(
    session: Session, run: BulkRun, item: BulkItem, now: datetime, reason: str, until: date | None
) -> Hold:
    contact_id, invoice_id = _concerned(session, run, item)
    return holds.put(
        session, run.organisation_id, contact_id, kind=HoldKind.PERSON, reason=reason, by=run.asked_by, now=now,
        invoice_id=invoice_id, until=until,
    )  # fmt: skip


def _concerned(session: Session, run: BulkRun, item: BulkItem) -> tuple[str, str | None]:
    """The customer and, in a list of these, the invoice."""
    if run.page == "customers":
        return item.about, None
    invoice = customers.invoice(session, run.organisation_id, item.about)
    if invoice is None:
        raise UserError(_("There is no such invoice in this organisation any more."))
    return invoice.contact_id, invoice.id


def _release(session: Session, run: BulkRun, item: BulkItem, now: datetime) -> dict[str, Any]:
    """Holds that colleagues placed; what rests for another reason is looked at one by one."""
    contact_id, invoice_id = _concerned(session, run, item)
    today = clock.today(session.get_one(Organisation, run.organisation_id).timezone)
    there = customers.holds_of(session, run.organisation_id, [contact_id], today)[contact_id]
    own = [one for one in there if one.kind == HoldKind.PERSON and one.invoice_id == invoice_id]
    if not own:
        raise UserError(
            _("It rests because of something that came in; see to it on its own page.")
            if there
            else _("It is not on hold.")
        )
    before = [{"reason": one.reason, "until": one.until.isoformat() if one.until else None} for one in own]
    for one in own:
        holds.end(session, run.organisation_id, one.id, by=run.asked_by, now=now)
    return {"held": before}


def _schedule(session: Session, run: BulkRun, item: BulkItem, _now: datetime) -> dict[str, Any]:
    contact = customers.contact(session, run.organisation_id, item.about)
    before = {"schedule": contact.schedule_id if contact else None}
    schedules.choose(
        session, run.organisation_id, item.about, run.wish.get("schedule") or None, by=run.asked_by
    )
    return before


def _owner(session: Session, run: BulkRun, item: BulkItem, _now: datetime) -> dict[str, Any]:
    contact = customers.contact(session, run.organisation_id, item.about)
    before = {"owner": contact.owner_id if contact else None}
    owners.look_after(session, run.organisation_id, item.about, run.wish.get("owner") or None)
    return before


def _tag(session: Session, run: BulkRun, item: BulkItem, now: datetime) -> dict[str, Any]:
    put = tags.put(session, run.organisation_id, item.about, run.wish["tag"], by=run.asked_by, now=now)
    if not put:
        raise UserError(_("It has the tag “%(wish)s” already.", wish=run.wish["tag"]))
    return {}


def _untag(session: Session, run: BulkRun, item: BulkItem, _now: datetime) -> dict[str, Any]:
    if not tags.take_off(session, run.organisation_id, item.about, run.wish["tag"]):
        raise UserError(_("It does not have the tag “%(wish)s”.", wish=run.wish["tag"]))
    return {}


_DOES: Final[dict[Action, Callable[[Session, BulkRun, BulkItem, datetime], dict[str, Any]]]] = {
    Action.HOLD: _hold,
    Action.RELEASE: _release,
    Action.SCHEDULE: _schedule,
    Action.OWNER: _owner,
    Action.TAG: _tag,
    Action.UNTAG: _untag,
}


def _taking_back(session: Session, run: BulkRun, item: BulkItem, now: datetime) -> dict[str, Any]:
    """The opposite of what was done, where nobody has changed it since."""
    home, before = run.organisation_id, item.before or {}
    match Action(run.action):
        case Action.HOLD:
            if hold_queries.in_force(session, home, before["hold"]) is None:
                raise UserError(_("The hold has been released meanwhile."))
            holds.end(session, home, before["hold"], by=run.asked_by, now=now)
        case Action.RELEASE:
            for one in before["held"]:
                until = date.fromisoformat(one["until"]) if one["until"] else None
                _put(session, run, item, now, one["reason"], until)
        case Action.SCHEDULE:
            schedules.choose(session, home, item.about, before["schedule"], by=run.asked_by)
        case Action.OWNER:
            owners.look_after(session, home, item.about, before["owner"])
        case Action.TAG:
            tags.take_off(session, home, item.about, run.wish["tag"])
        case Action.UNTAG:
            tags.put(session, home, item.about, run.wish["tag"], by=run.asked_by, now=now)
    return before
