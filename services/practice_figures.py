"""The figures of a practice's clients at the end of a month, who needs help most first.

They are those of each client's own review of the month. However many clients there are, they are asked by one statement of
each kind; what is not made anew yet (``keeping``) is said and not shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control import client_figures as rules
from credit_control.client_figures import Points, Signs
from credit_control.figures import doing, dso
from credit_control.figures.by_month import months_back, next_month
from credit_control.figures.figure import Figure
from credit_control.figures.targets import against
from kit import clock
from services.app import App
from services.figures import keeping, reminders
from services.figures.month_ends import MonthEnds, Standing
from store.models import Organisation, PracticeClient
from store.queries import figures as figure_queries
from store.queries import practice_figures as queries
from store.queries import practice_health, practices
from store.queries.figures import MonthOf, Sent

_OF_SENDS: Final = frozenset({"right_first_time", "wrong_chase_rate"})


@dataclass(frozen=True, slots=True)
class Line:
    """One client in one currency."""

    organisation: Organisation
    currency: str
    stood: Standing
    figures: Mapping[str, Figure]
    """By their names in the API."""
    dso_change: Fraction | None
    """In days, against the month before; None: one of the two months has none."""
    share_change: Fraction | None
    """Of the share that is overdue, in percentage points."""
    met: int
    missed: int
    """Of the targets, those of figures that have a value."""
    points: Points

    @property
    def overdue_share(self) -> Fraction | None:
        """In per cent of what is open."""
        return rules.share(self.stood.overdue, self.stood.open)

    @property
    def long_share(self) -> Fraction | None:
        """What is more than 90 days overdue, in per cent of what is open."""
        return rules.share(self.stood.long_overdue, self.stood.open)


@dataclass(frozen=True, slots=True)
class ClientFigures:
    """One client with its currencies, the one that needs help most first."""

    client: PracticeClient
    organisation: Organisation
    lines: Sequence[Line]
    replies: int
    being_made: bool = False
    """Its months are still being added up, so nothing is shown."""

    @property
    def points(self) -> int:
        return rules.of_client((one.points for one in self.lines), self.replies)


@dataclass(frozen=True, slots=True)
class Found:
    """The clients with figures, in their order; those without, by name; and all currencies that there are."""

    clients: Sequence[ClientFigures]
    without: Sequence[ClientFigures]
    currencies: Sequence[str]


def zones_of(app: App, practice_id: str, person_id: str) -> dict[str, str]:
    """The clients that this person sees, by id with their time zones."""
    with app.database.read_across() as session:
        return practices.client_zones(session, practice_id, person_id)


def latest_month(zones: Mapping[str, str]) -> date:
    """The newest month that is over for every one of these clients."""
    today = min((clock.today(zone) for zone in set(zones.values())), default=clock.now().date())
    return months_back(today, 1)


def renew(app: App, ids: Collection[str], *, seconds: float | None = None) -> None:
    """Make anew what is stale of these clients: all of it, or for so long."""
    until = None if seconds is None else clock.stopwatch() + seconds
    with app.database.read_across() as session:
        waiting = queries.stale(session, ids)
    for organisation_id in waiting:
        left = None if until is None else until - clock.stopwatch()
        if left is not None and left <= 0:
            return
        keeping.renew(app, organisation_id, seconds=left)


def figures_of(
    session: Session, practice_id: str, person_id: str, month: date, *, staff_id: str = "", currency: str = ""
) -> Found:
    """The clients that this person sees, at the end of the month; those of one of the staff, one currency, if asked for."""
    clients = practices.clients(session, practice_id, person_id)
    if staff_id:
        theirs = practices.client_zones(session, practice_id, staff_id)
        clients = [(client, one) for client, one in clients if one.id in theirs]
    if not clients:
        return Found((), (), ())
    made = _Made(session, [one for _, one in clients], month)
    found = [made.of(client, one, currency) for client, one in clients]
    with_figures = [one for one in found if one.lines]
    with_figures.sort(key=lambda one: (-one.points, one.organisation.name.casefold(), one.organisation.id))
    return Found(with_figures, [one for one in found if not one.lines], made.currencies)


class _Made:
    """Everything that is asked for all clients together."""

    def __init__(self, session: Session, organisations: Sequence[Organisation], month: date) -> None:
        ids = [one.id for one in organisations]
        self._month = month
        self._stale = set(queries.stale(session, ids))
        self._moved = queries.movements(session, ids, month)
        self._targets = queries.targets(session, ids)
        self._promises = queries.promises_due(session, ids, month, next_month(month) - timedelta(1))
        self._replies = practice_health.replies_waiting(session, ids)
        self._sends = self._asked_sends(session, organisations)
        self.currencies = sorted({code for each in self._moved.values() for code in each})

    def of(self, client: PracticeClient, organisation: Organisation, only: str) -> ClientFigures:
        """One client, in all its currencies or in one."""
        replies = self._replies.get(organisation.id, 0)
        if organisation.id in self._stale:
            return ClientFigures(client, organisation, (), replies, being_made=True)
        lines = [
            line
            for code, moved in self._moved.get(organisation.id, {}).items()
            if not only or code == only
            if (line := self._line(organisation, code, moved))
        ]
        lines.sort(
            key=lambda one: (-one.points.all, one.currency != organisation.base_currency, one.currency)
        )
        return ClientFigures(client, organisation, lines, replies)

    def _line(self, organisation: Organisation, currency: str, moved: Sequence[MonthOf]) -> Line | None:
        ends, month, before = MonthEnds(moved), self._month, months_back(self._month, 1)
        if not ends.knows(month):
            return None
        stood = ends.standing(month)
        figures = self._figures(ends, organisation, currency)
        earlier = ends.dso(before)[0].value if ends.knows(before) else None
        met, missed = self._held_against(figures, organisation.id, currency)
        change = _less(figures["dso"].value, earlier)
        return Line(
            organisation,
            currency,
            stood,
            figures,
            change,
            _less(_share(stood), _share(ends.standing(before)) if ends.knows(before) else None),
            met,
            missed,
            rules.points(Signs(stood.open, stood.overdue, stood.long_overdue, change, missed)),
        )

    def _figures(self, ends: MonthEnds, organisation: Organisation, currency: str) -> dict[str, Figure]:
        month, wanted = self._month, self._targets.get((organisation.id, currency), {})
        simple, best = ends.dso(month)
        late, by_amount = ends.days_late(month)
        sent = [one for one in self._sends.get(organisation.id, []) if one.currency == currency]
        return {
            "dso": simple,
            "best_possible_dso": best,
            "average_days_delinquent": dso.delinquent(simple, best),
            "cei": ends.cei(month),
            "at_risk_rate": ends.at_risk(month),
            "promise_kept": doing.promise_kept(*self._promises.get((organisation.id, currency), (0, 0))),
            "days_late": late,
            "dbt": by_amount,
            **({"dso_countback": ends.countback(month)} if "dso_countback" in wanted else {}),
            **(reminders.figures_of(sent, organisation.timezone) if _OF_SENDS & wanted.keys() else {}),
        }

    def _held_against(
        self, figures: Mapping[str, Figure], organisation_id: str, currency: str
    ) -> tuple[int, int]:
        """How many targets are met, and how many are missed."""
        held = [
            against(name, value, target).met
            for name, target in self._targets.get((organisation_id, currency), {}).items()
            if name in figures and (value := figures[name].value) is not None
        ]
        return held.count(True), held.count(False)

    def _asked_sends(self, session: Session, organisations: Iterable[Organisation]) -> dict[str, list[Sent]]:
        """The reminders of the month of those who have a target for how right these are."""
        asked = {whose for (whose, _), each in self._targets.items() if _OF_SENDS & each.keys()}
        spans: dict[tuple[datetime, datetime], list[str]] = defaultdict(list)
        for one in organisations:
            if one.id in asked:
                spans[_span(self._month, one.timezone)].append(one.id)
        return figure_queries.sends_of_many(session, spans) if spans else {}


def _share(stood: Standing) -> Fraction | None:
    return rules.share(stood.overdue, stood.open)


def _less(now: Fraction | None, before: Fraction | None) -> Fraction | None:
    return None if now is None or before is None else now - before


def _span(month: date, zone: str) -> tuple[datetime, datetime]:
    here = ZoneInfo(zone)
    return (
        datetime.combine(month, time.min, here).astimezone(UTC),
        datetime.combine(next_month(month), time.min, here).astimezone(UTC),
    )
