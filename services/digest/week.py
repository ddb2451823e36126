"""What a week brought, as numbers: gathered once for an organisation, whoever reads it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.ageing import BUCKETS
from credit_control.effect.not_sent import Why
from credit_control.figures.figure import Period, days_up_to
from credit_control.figures.targets import MORE_IS_BETTER, Against
from credit_control.payer.ahead import monday
from services.effect import impact
from services.figures import kpis, reminders
from services.figures.aged import aged
from services.figures.targets import held_against
from services.kept_results import Result
from services.payer import money_ahead
from services.payer.money_ahead import CameOut
from store.models import Organisation
from store.queries import digests, figure_targets, replies
from store.queries import morning as mornings
from store.queries.digests import Named, Over

TOLD = 5
"""So many customers are named of a kind."""
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Received:
    """What customers paid in one currency, in the week and in the one before."""

    currency: str
    amount: Decimal
    before: Decimal
    forecast: CameOut | None
    """What was expected on the week's Monday; None: no forecast was kept then."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """What is overdue in one currency now, at the end of the same day a week ago, and now by how late it is."""

    currency: str
    amount: Decimal
    before: Decimal
    shape: Mapping[str, Decimal]
    """By bucket of the ageing, without what is not due yet."""


@dataclass(frozen=True, slots=True)
class Target:
    """A figure of the last year that has a target."""

    currency: str
    figure: str
    value: Fraction
    against: Against


@dataclass(frozen=True, slots=True)
class Coming:
    """What is expected in the running week in one currency, with the four fifths of cases in the middle."""

    currency: str
    expected: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Week:
    """A week that is over (Monday to Sunday), how things stand now, and what the running week should bring."""

    organisation_id: str
    name: str
    first: date
    last: date
    now: datetime
    today: date
    timezone: str
    synced_at: datetime | None
    received: Sequence[Received]
    overdue: Sequence[Overdue]
    paid: Sequence[Named]
    newly_overdue: Sequence[Named]
    kept: int
    part_kept: int
    broken: int
    broken_by: Sequence[Named]
    """The largest promises that were not kept, or in part alone."""
    replies: int
    sent: Mapping[str, int]
    """Reminders by channel."""
    blocked: Mapping[Why, int]
    limits: Sequence[Over]
    targets: Sequence[Target]
    coming: Sequence[Coming]
    promised: int
    """Promises whose day is in the running week, from today on."""


def week(session: Session, organisation: Organisation, now: datetime) -> Week:
    """The week before the running one of the organisation's calendar."""
    zone, key = ZoneInfo(organisation.timezone), organisation.id
    today = now.astimezone(zone).date()
    first = monday(today) - _WEEK
    last = first + _WEEK - _DAY
    since, before = _start(first, zone), _start(last + _DAY, zone)
    judged = digests.promises_judged(session, key, since, before)
    states = Counter(state for state, _promise in judged)
    return Week(
        organisation_id=key,
        name=organisation.name,
        first=first,
        last=last,
        now=now,
        today=today,
        timezone=organisation.timezone,
        synced_at=organisation.synced_at,
        received=_received(session, organisation, first, today),
        overdue=overdue(session, organisation, today),
        paid=_in_order(digests.paid_most(session, key, first, last, TOLD), organisation),
        newly_overdue=_in_order(
            digests.newly_overdue(session, key, today - _WEEK, today - _DAY, TOLD), organisation
        ),
        kept=states["kept"],
        part_kept=states["part_kept"],
        broken=states["broken"],
        broken_by=[one for state, one in judged if state != "kept"][:TOLD],
        replies=replies.count_waiting(session, key),
        sent=digests.reminders_sent(session, key, since, before),
        blocked=impact.impact(session, organisation, Period(first, last)).blocked,
        limits=digests.limits_broken(session, key, since, before),
        targets=_targets(session, organisation, today),
        coming=coming(session, organisation, today),
        promised=digests.promised(session, key, today, monday(today) + _WEEK - _DAY),
    )


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _received(session: Session, organisation: Organisation, first: date, today: date) -> list[Received]:
    sums: dict[bool, dict[str, Decimal]] = {True: defaultdict(Decimal), False: defaultdict(Decimal)}
    for one in mornings.received(session, organisation.id, first - _WEEK, first + _WEEK - _DAY):
        sums[one.on >= first][one.currency] += one.amount
    forecasts = {
        one.currency: one
        for one in money_ahead.came_out(session, organisation.id, today)
        if one.week == first
    }
    return [
        Received(
            currency,
            sums[True].get(currency, _NOTHING),
            sums[False].get(currency, _NOTHING),
            forecasts.get(currency),
        )
        for currency in _home_first({*sums[True], *sums[False], *forecasts}, organisation)
    ]


def _aged_before(session: Session, organisation: Organisation, today: date) -> dict[str, dict[str, Decimal]]:
    return aged(session, organisation.id, today - _WEEK, today, "days")


OVERDUE_BEFORE = Result("aged_a_week_ago", _aged_before, ())


def overdue(session: Session, organisation: Organisation, today: date) -> list[Overdue]:
    """What is overdue, the home currency first, beside what was a week ago."""
    now = aged(session, organisation.id, today, today, "days")
    before = OVERDUE_BEFORE.told(session, organisation, today)
    found = []
    for currency in _home_first({*now, *before}, organisation):
        shape = {name: now.get(currency, {}).get(name, _NOTHING) for name in BUCKETS[1:]}
        stood = sum((before.get(currency, {}).get(name, _NOTHING) for name in BUCKETS[1:]), _NOTHING)
        amount = sum(shape.values(), _NOTHING)
        if amount or stood:
            found.append(Overdue(currency, amount, stood, shape))
    return found


def _targets(session: Session, organisation: Organisation, today: date) -> list[Target]:
    """As the page of figures holds them against each other: over a year up to today."""
    wanted = figure_targets.targets(session, organisation.id)
    if not wanted:
        return []
    figures = kpis.kpis(session, organisation, days_up_to(today, reminders.USUAL_DAYS), today)
    found = []
    for currency in _home_first(set(wanted) & set(figures), organisation):
        of_currency = figures[currency]
        against_targets = held_against(of_currency, wanted[currency])
        for name in MORE_IS_BETTER:
            value = of_currency[name].value if name in against_targets else None
            if value is not None:
                found.append(Target(currency, name, value, against_targets[name]))
    return found


def coming(session: Session, organisation: Organisation, today: date) -> list[Coming]:
    """What is left of the running week, as the page of money ahead has it."""
    by_currency = {
        one.currency: one.weeks[0]
        for one in money_ahead.KEPT.told(session, organisation, today).currencies
        if one.weeks
    }
    return [
        Coming(
            currency, by_currency[currency].expected, by_currency[currency].low, by_currency[currency].high
        )
        for currency in _home_first(set(by_currency), organisation)
    ]


def _in_order(some: Sequence[Named], organisation: Organisation) -> list[Named]:
    """The home currency first, and within a currency as they came."""
    return sorted(some, key=lambda one: (one.currency != organisation.base_currency, one.currency))


def _home_first(currencies: set[str], organisation: Organisation) -> list[str]:
    return sorted(currencies, key=lambda code: (code != organisation.base_currency, code))
