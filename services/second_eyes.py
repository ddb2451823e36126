"""The second pair of eyes: what an organisation wants two people for is asked for by one and takes effect by another's yes.

A use case says what it needs a second yes for (``check``) and stops there by an exception unless one was given. Whoever
answers the request stores what was wanted (``ask``), so no page and no route can forget to. How a change is carried out
and shown is in ``services.second_acts``.

A yes is carried out once: the transaction that does it notes that it was done, and what a crash cuts off between the yes
and the act is found by the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from kit import clock
from kit.acting import acting
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import practice_asked, team_tasks, who_can_agree
from services.app import App
from services.makers import maker
from services.team_tasks import TaskKind
from store.models import AskedChange, Organisation
from store.queries import second_eyes
from store.queries.switches import organisation_to_change

MOST_ALONE: Final = 10
"""So many things at once one person may decide alone."""
LASTS: Final = timedelta(days=14)
LONGEST_REASON: Final = 500
_MOST_SHOWN = 100
_NOBODY = N_(
    "Nobody else could say yes to this: a second member who may change chasing is needed. Invite one first."
)
_SOON: Final = timedelta(minutes=1)
"""For so long whoever said yes has to carry it out; then the clock has somebody else do it."""
_AFTER_FAILURE: Final = timedelta(minutes=10)
_TOO_OFTEN = N_("It was tried again and again and could not be done; ask for it again.")
_WHOLE = "whole"
_UNKNOWN_ASKS = N_(
    "This needs two people, and nobody knows whose token asks for it. Do it on a page, or with a token that somebody"
    " has made on the page of API tokens."
)
_UNKNOWN_AGREES = N_(
    "Nobody knows whose yes this is, so it does not count. Let a person say yes on the page where it waits."
)


_BOTH_OF_PRACTICE = N_(
    "You and whoever asks for it both work here for a practice; somebody of the organisation itself has to say yes,"
    " or an owner of it lets the practice agree alone."
)


class Kind(StrEnum):
    TEMPLATES = "templates"
    """Texts in all their languages, the steps of schedules, and campaigns."""
    BULK = "bulk"
    """Anything done to more than ten things at once, and the release of a brake."""
    CREDIT = "credit"
    """A limit of credit that is raised, and special terms that lower or postpone what is asked."""
    SWITCH = "switch"
    """Switching one of the others off."""


SHORT: Final = {
    Kind.TEMPLATES: N_("texts, schedules and campaigns"),
    Kind.BULK: N_("many at once"),
    Kind.CREDIT: N_("raised limits of credit and special terms"),
}
"""The same in a few words; every kind that can be switched on is in both."""
CHOICES: Final = {
    Kind.TEMPLATES: N_(
        "Texts, schedules and campaigns: a new or changed text, in any language, changed steps of a schedule,"
        " another schedule for everybody, and every campaign that is started or resumed"
    ),
    Kind.BULK: N_(
        "Many at once: anything that is done to more than %(most)s mails, customers or invoices, going live and"
        " saying yes to a plan of more than %(most)s mails, and the release of a brake"
    ),
    Kind.CREDIT: N_(
        "Credit: every limit that is raised or done away with, and special terms that lower or postpone what is asked"
    ),
}
"""What can be switched on, in words; ``most`` in them is ``MOST_ALONE``."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change that somebody wants: which act, all that it needs (as JSON), and what it is in a few words."""

    act: str
    title: str
    details: dict[str, Any] = field(default_factory=dict)


class CarriedOut(Exception):
    """It was carried out already, by somebody who did not come to telling so."""


class Needed(Exception):
    """What is wanted takes effect by a second person's yes only; nothing was changed."""

    def __init__(self, organisation_id: str, kind: Kind, wanted: Wanted) -> None:
        super().__init__(wanted.title)
        self.organisation_id, self.kind, self.wanted = organisation_id, kind, wanted


@dataclass(slots=True)
class _Yes:
    """A second person's yes, as it is being carried out."""

    organisation_id: str
    change_id: str
    noted: set[str] = field(default_factory=set)

    def is_new(self, session: Session, part: str) -> bool:
        """Note, within the caller's change, that this part is done now; False where it was done before."""
        change = second_eyes.one(session, self.organisation_id, self.change_id, lock=True)
        if change is None or part in change.carried_out:
            return False
        change.carried_out = [*change.carried_out, part]
        session.flush()
        return True


_agreed: ContextVar[_Yes | None] = ContextVar("agreed", default=None)


def check(
    session: Session,
    organisation_id: str,
    kind: Kind,
    wanted: Wanted,
    count: int | None = None,
    *,
    in_parts: bool = False,
) -> None:
    """Stop with ``Needed`` where the organisation wants two people for this and one alone has asked.

    ``count``: how many things it is done to, where that is what matters. Call it within the change that does it: there is
    noted then that it was done, so that a yes never does it twice (``CarriedOut``). What is done in several changes is
    ``in_parts``, and asks ``is_left`` in each.
    """
    if yes := _agreed.get():
        if not in_parts and _WHOLE not in yes.noted:
            if not yes.is_new(session, _WHOLE):
                raise CarriedOut
            yes.noted.add(_WHOLE)
        return
    if count is not None and count <= MOST_ALONE:
        return
    on = second_eyes.switched_on(session, organisation_id)
    if kind in on or (kind is Kind.SWITCH and on):
        raise Needed(organisation_id, kind, wanted)


def is_left(session: Session, part: str) -> bool:
    """Whether this part of what two people agreed to is still to be done; from here on it counts as done."""
    yes = _agreed.get()
    return yes is None or yes.is_new(session, part)


def ask(session: Session, organisation: Organisation, *, kind: str, what: Wanted, by: str) -> AskedChange:
    """Store what somebody wants, and ask a colleague to look at it.

    ``UserError`` where there is none who could, or nobody knows who wants it: they could then say yes to themself.
    """
    now = clock.now()
    asker = maker(session, organisation.id).person_id
    if asker is None:
        raise UserError(_(_UNKNOWN_ASKS))
    others = [
        one
        for one in who_can_agree.who_may(session, organisation.id)
        if who_can_agree.can_agree(session, organisation.id, asker, one)
    ]
    if not others:
        raise UserError(_(_NOBODY))
    change = AskedChange(
        organisation_id=organisation.id,
        id=new_id(),
        kind=Kind(kind).value,
        act=what.act,
        what=what.details,
        title=what.title,
        asked_by=by,
        asked_by_person=asker,
        asked_at=now,
        expires_at=now + LASTS,
    )
    second_eyes.add(session, change)
    team_tasks.ask(
        session,
        organisation.id,
        kind=TaskKind.OWN,
        what=N_(f"Say yes or no to what {by} asks for: {what.title}"),
        due_on=now.astimezone(ZoneInfo(organisation.timezone)).date(),
        by=by,
        now=now,
        owner_id=others[0],
        key=_task(change.id),
    )
    return change


def waiting(session: Session, organisation_id: str) -> list[AskedChange]:
    """What waits for a yes, the oldest first."""
    return list(second_eyes.waiting(session, organisation_id, clock.now(), _MOST_SHOWN))


def is_own(change: AskedChange) -> bool:
    """Whether whoever acts has asked for it, by hand or through a token of theirs."""
    return change.asked_by_person is not None and change.asked_by_person == acting().person_id


def needs_their_own(session: Session, change: AskedChange) -> bool:
    """Whether whoever acts cannot say yes because they and who asked both work here for a practice."""
    who = acting().person_id
    return (
        who is not None
        and who != change.asked_by_person
        and not who_can_agree.can_agree(session, change.organisation_id, change.asked_by_person, who)
    )


def claim(session: Session, organisation_id: str, change_id: str) -> AskedChange:
    """The acting person's yes, given once. ``UserError`` says why it cannot be: their own, nobody's, decided, or too late."""
    change = _decidable(session, organisation_id, change_id)
    who = maker(session, organisation_id).person_id
    if who is None:
        raise UserError(_(_UNKNOWN_AGREES))
    if who == change.asked_by_person:
        raise UserError(_("You have asked for this yourself; somebody else has to say yes to it."))
    if not who_can_agree.can_agree(session, organisation_id, change.asked_by_person, who):
        raise UserError(_(_BOTH_OF_PRACTICE))
    _decide(session, change, "agreed", None)
    change.decided_by_person, change.next_try_at = who, clock.now() + _SOON
    return change


def due(app: App) -> list[str]:
    """Organisations in which something was agreed to and has not been carried out."""
    with app.database.read_across() as session:
        return second_eyes.organisations_agreed(session, clock.now())


def next_agreed(session: Session, organisation_id: str) -> AskedChange | None:
    """What was agreed to and not carried out, taken on by whoever asks; None: nothing."""
    now = clock.now()
    change = second_eyes.agreed(session, organisation_id, now)
    if change is None:
        return None
    change.next_try_at = now + _AFTER_FAILURE
    if change.decided_at is not None and change.decided_at < now - LASTS:
        change.outcome, change.reason, change.next_try_at = "failed", _TOO_OFTEN, None
        _tell_who_asked(session, change)
    return change


def finished(session: Session, organisation_id: str, change_id: str) -> None:
    """It is carried out, all of it."""
    change = second_eyes.one(session, organisation_id, change_id, lock=True)
    if change is not None:
        change.next_try_at = None


def refuse(session: Session, organisation_id: str, change_id: str, reason: str) -> AskedChange:
    """A no, with its reason; whoever asked for it may take it back by the same."""
    because = " ".join(reason.split())
    if not because:
        raise UserError(_("Say why not, so that whoever asked understands it."))
    if len(because) > LONGEST_REASON:
        raise UserError(
            _(
                "The reason is too long; at most %(longest_reason)s characters are read.",
                longest_reason=LONGEST_REASON,
            )
        )
    change = _decidable(session, organisation_id, change_id)
    _decide(session, change, "refused", because)
    return change


def failed(session: Session, organisation_id: str, change_id: str, because: str) -> None:
    """It could not be done any more when the yes came."""
    change = second_eyes.one(session, organisation_id, change_id, lock=True)
    if change is not None:
        change.outcome, change.reason, change.next_try_at = "failed", because, None
        _tell_who_asked(session, change)


@contextmanager
def agreed(change: AskedChange) -> Iterator[None]:
    """What is done within the block has its second yes, and is noted as done."""
    before = _agreed.set(_Yes(change.organisation_id, change.id))
    try:
        yield
    finally:
        _agreed.reset(before)


def choose(session: Session, organisation_id: str, kinds: list[str]) -> None:
    """Want a second pair of eyes for these. To want it for fewer needs one as well. ``UserError`` where there is nobody."""
    chosen = [str(kind) for kind in CHOICES if kind in kinds]
    organisation = organisation_to_change(session, organisation_id)
    if organisation is None:
        raise UserError(_("There is no such organisation."))
    less = [one for one in organisation.second_eyes if one not in chosen]
    if less:
        title = N_(f"No second pair of eyes any more for: {', '.join(SHORT[Kind(one)] for one in less)}")
        check(session, organisation_id, Kind.SWITCH, Wanted("switch", title, {"kinds": chosen}))
    if chosen and len(who_can_agree.who_may(session, organisation_id)) < len(("one", "another")):
        raise UserError(_(_NOBODY))
    organisation.second_eyes = chosen


def expire(app: App) -> None:
    """End what nobody has decided in time."""
    with app.database.read_across() as session:
        late = second_eyes.expired(session, clock.now())
    for organisation_id, change_id in late:
        with app.database.write(organisation_id) as session:
            change = second_eyes.one(session, organisation_id, change_id, lock=True)
            if change is not None and change.outcome is None:
                _decide(session, change, "expired", None)


def _decidable(session: Session, organisation_id: str, change_id: str) -> AskedChange:
    change = second_eyes.one(session, organisation_id, change_id, lock=True)
    if change is None:
        raise UserError(_("There is no such change."))
    if change.outcome is not None:
        raise UserError(_("This was decided already; somebody may have been quicker."))
    if change.expires_at <= clock.now():
        raise UserError(
            _("This was asked for more than %(days)s days ago; ask for it again.", days=LASTS.days)
        )
    return change


def _decide(session: Session, change: AskedChange, outcome: str, reason: str | None) -> None:
    now: datetime = clock.now()
    who = acting()
    change.outcome, change.reason = outcome, reason
    change.decided_by, change.decided_at = who.name, now
    team_tasks.finish_about(session, change.organisation_id, key=_task(change.id), by=who.name, now=now)
    if outcome != "agreed":
        _tell_who_asked(session, change)
    session.flush()


def _tell_who_asked(session: Session, change: AskedChange) -> None:
    """A practice reads on its own page what became of what it asked for."""
    if change.act in practice_asked.ACTS:
        because = change.reason or N_(f"nobody did so within {LASTS.days} days.")
        practice_asked.not_done(session, change.organisation_id, change.what, because)


def _task(change_id: str) -> str:
    return f"second eyes {change_id}"
