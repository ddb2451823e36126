"""Brakes on everything of an organisation: which are in force, what they do to chasers, and how they end.

Those that wait for a person stand in ``brakes``, and turn what is planned into held; those that end by
themselves are worked out when they are asked for, and make what is planned wait. A chaser that a brake holds is
planned again by the rules once the brake no longer stands, so nothing is lost and nothing leaves unlooked-at.

Brakes are for live chasing. In a dry run nothing can leave, and what a brake would keep back is just what a
person wants to see there; going live then meets all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_control import brakes as rules
from credit_control.brakes import ASKS, BRAKE_OF_BOOKS, ENDS_BY_ITSELF, WHO_RELEASES, Kind
from credit_control.calendar import local_day, next_slot, start_of_day
from kit.ids import new_id
from kit.wording import N_
from services import bookkeeping, waiting
from services.habits import cap_of, habits_of
from store.facts import policy_of
from store.models import Brake, Organisation
from store.queries import brakes as queries
from store.queries import planning, sending

_OF_BOOKS = frozenset(kind for kind in BRAKE_OF_BOOKS.values() if kind)
SHORT_WAIT = timedelta(seconds=20)
"""After so long it is looked at again whether the mirror has been brought up to date."""
WAITS_OUT = frozenset({Kind.OLD_MIRROR, Kind.CAP})
"""They make chasers wait, and need no release."""
_ORDER = list(Kind)
DUNNOCK = "Dunnock"
"""Who imposes, and ends, what nobody has."""


@dataclass(frozen=True, slots=True)
class InForce:
    """One brake in force. ``id`` is None for those that stand in no row of the organisation."""

    kind: str
    reason: str
    """Why it holds."""
    id: str | None = None
    since: datetime | None = None
    by: str | None = None

    @property
    def who(self) -> str:
        """Who may release it, and whether it ends by itself, in words."""
        return WHO_RELEASES[self.kind]

    @property
    def ends_by_itself(self) -> bool:
        return self.kind in ENDS_BY_ITSELF

    @property
    def releasable(self) -> bool:
        """Whether people of the organisation can release it."""
        return self.id is not None and self.kind not in (Kind.BOOKS_BEHIND, Kind.NO_PLAN)

    @property
    def text(self) -> str:
        """Why it holds and who may release it."""
        return f"{self.reason[:1].upper()}{self.reason[1:].rstrip('. ')}. {self.who}"


# -- looking -------------------------------------------------------------------------------------------


def in_force(session: Session, organisation: Organisation, now: datetime) -> list[InForce]:
    """Every brake in force for this organisation, the gravest first."""
    found = _standing(session, organisation.id)
    if organisation.chasing == "live":
        found += [*_old_mirror(organisation, now), *_cap(session, organisation, now)]
    return sorted(found, key=lambda one: _ORDER.index(Kind(one.kind)))


def last_released(session: Session, organisation_id: str) -> Brake | None:
    """The brake that was released last, for people to see by whom."""
    return queries.last_released(session, organisation_id)


def standing_kinds(session: Session, organisation_id: str) -> frozenset[str]:
    """The kinds of brakes that stand until somebody releases them."""
    return frozenset(one.kind for one in _standing(session, organisation_id))


def stopped_all(session: Session) -> str | None:
    """Why all mail of the installation is stopped, and who lifts it; None: it is not."""
    return next((one.text for one in _stopped_all(session)), None)


def cap_reached(
    session: Session, organisation: Organisation, now: datetime
) -> tuple[InForce, datetime] | None:
    """The cap, and when it is free again, if the last 24 hours have used it up; counted from the rows themselves."""
    cap = cap_of(session, organisation).most
    last = sending.hand_over_before(session, organisation.id, cap - 1) if cap else now
    if last is None or last <= sending.day_before(now):
        return None
    reason = N_("The daily cap of {0} chasers in 24 hours is reached.").format(cap)
    return InForce(Kind.CAP, reason), last + timedelta(hours=24, seconds=1)


def at_hand_over(session: Session, organisation: Organisation, now: datetime) -> InForce | None:
    """What has come up since a chaser was claimed, and stops all. A surge does not: what was claimed had been counted."""
    if organisation.chasing != "live":
        return None
    stopping = [one for one in _standing(session, organisation.id) if one.kind != Kind.SURGE]
    return next(iter([*stopping, *_old_mirror(organisation, now)]), None)


def _standing(session: Session, organisation_id: str) -> list[InForce]:
    found = [
        InForce(one.kind, one.reason, one.id, one.imposed_at, one.imposed_by)
        for one in queries.standing(session, organisation_id)
    ]
    return [*_stopped_all(session), *found]


def _stopped_all(session: Session) -> list[InForce]:
    whole = queries.installation(session)
    if whole is None or whole.stopped_at is None:
        return []
    reason = N_(f"All mail of this installation is stopped: {whole.stopped_because}")
    return [InForce(Kind.STOP_ALL, reason, since=whole.stopped_at, by=whole.stopped_by)]


def _old_mirror(organisation: Organisation, now: datetime) -> list[InForce]:
    reason = rules.old_mirror(organisation.synced_at, now)
    return [InForce(Kind.OLD_MIRROR, reason, since=organisation.synced_at)] if reason else []


def _cap(session: Session, organisation: Organisation, now: datetime) -> list[InForce]:
    reached = cap_reached(session, organisation, now)
    return [reached[0]] if reached else []


# -- keeping back --------------------------------------------------------------------------------------


def apply(session: Session, organisation: Organisation, now: datetime) -> InForce | None:
    """Hold, or let wait, what a brake keeps back before anything is claimed. Returns the one that keeps back all."""
    if organisation.chasing != "live":
        return None
    _judge_the_books(session, organisation, now)
    standing = _standing(session, organisation.id)
    for brake in standing:
        if brake.kind != Kind.SURGE:
            queries.hold_planned(session, organisation.id, brake.kind, brake.text)
            return brake
    for brake in _old_mirror(organisation, now):
        _let_wait(session, organisation, brake, now)
        return brake
    _watch_the_run(session, organisation, now, {one.kind: one for one in standing}.get(Kind.SURGE))
    return None


def _let_wait(session: Session, organisation: Organisation, brake: InForce, now: datetime) -> None:
    """Every chaser is told why once; after that it is enough that the organisation rests."""
    told = organisation.sending_problem == brake.text
    (waiting.rest if told else waiting.pause)(session, organisation.id, brake.text, now + SHORT_WAIT)


def impose(session: Session, organisation_id: str, kind: str, reason: str, by: str, now: datetime) -> Brake:
    """Have a brake stand until it is released, and hold what is planned. One that stands already stays as it is."""
    sending.lock_organisation(session, organisation_id)
    for there in queries.standing(session, organisation_id):
        if there.kind == kind:
            return there
    brake = Brake(
        organisation_id=organisation_id, id=new_id(), kind=kind, reason=reason, imposed_at=now, imposed_by=by
    )
    session.add(brake)
    if session.get_one(Organisation, organisation_id).chasing == "live":
        said = InForce(kind, reason).text
        queries.hold_planned(session, organisation_id, kind, said, unapproved_alone=kind == Kind.SURGE)
    return brake


def books_in_doubt(session: Session, organisation_id: str) -> bool:
    """Whether chasers are held because the books look unreconciled."""
    return bool(_doubted(session, organisation_id))


def payments_came_in(session: Session, organisation_id: str, now: datetime) -> None:
    """Payments were read: what was held because none had come is let go, if the books are no longer in doubt."""
    if books_in_doubt(session, organisation_id):
        session.flush()
        _judge_the_books(session, session.get_one(Organisation, organisation_id), now)


def _judge_the_books(session: Session, organisation: Organisation, now: datetime) -> None:
    """Have the organisation's brake stand if the books are in doubt, unless a person has looked lately; and end any other."""
    found = bookkeeping.doubt(session, organisation, now)
    kind = BRAKE_OF_BOOKS[organisation.when_books_lag] if found else None
    standing = _doubted(session, organisation.id)
    for brake in standing:
        if brake.kind != kind:
            let_go(session, brake, DUNNOCK, now)
    if found is None or kind is None or any(brake.kind == kind for brake in standing):
        return
    if kind in ASKS and _looked_lately(session, organisation.id, kind, now):
        return
    impose(session, organisation.id, kind, found.reason, DUNNOCK, now)


def _looked_lately(session: Session, organisation_id: str, kind: str, now: datetime) -> bool:
    released = queries.last_released(session, organisation_id, kind)
    by_person = released.released_at if released and released.released_by != DUNNOCK else None
    return rules.is_quiet(by_person, now)


def _doubted(session: Session, organisation_id: str) -> list[Brake]:
    return [one for one in queries.standing(session, organisation_id) if one.kind in _OF_BOOKS]


def _watch_the_run(
    session: Session, organisation: Organisation, now: datetime, standing: InForce | None
) -> None:
    if standing:
        queries.hold_planned(session, organisation.id, Kind.SURGE, standing.text, unapproved_alone=True)
        return
    window = policy_of(organisation).window
    run = rules.Run(
        queries.unapproved_left(session, organisation.id, start_of_day(window, local_day(window, now))),
        queries.unapproved_waiting(session, organisation.id, next_slot(window, now).closes),
    )
    if reason := rules.surge(run, habits_of(session, organisation.id).busiest_run):
        impose(session, organisation.id, Kind.SURGE, reason, DUNNOCK, now)


# -- letting go ----------------------------------------------------------------------------------------


def asks(session: Session, organisation_id: str) -> bool:
    """Whether a brake waits for a person's yes to what is planned."""
    return any(one.kind in ASKS for one in queries.standing(session, organisation_id))


def let_go(session: Session, brake: Brake, by: str, now: datetime) -> None:
    """The end of a brake that stands; what it held is planned anew, and a person's release is a yes to that."""
    brake.released_at, brake.released_by = now, by
    if brake.kind in ASKS and by != DUNNOCK:
        queries.approve_held(session, brake.organisation_id, brake.kind, now)
    plan_anew(session, brake.organisation_id, brake.kind, now)


def plan_anew(session: Session, organisation_id: str, kind: str, now: datetime) -> None:
    """Have the rules look at every contact whose chaser is held by this brake."""
    contacts = queries.held_contacts(session, organisation_id, kind)
    planning.look_again(session, organisation_id, contacts, now)
