"""What was done for an organisation in a period, the minutes that it is assumed to have saved, and what did not leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.effect.impact import ASSUMED, MOST_MINUTES, Deed, Saved, assumptions, saved
from credit_control.effect.not_sent import NO_ERROR_AVOIDED, Why, why
from credit_control.figures.by_month import months_back, next_month
from credit_control.figures.figure import Period
from kit.errors import UserError
from kit.wording import _
from services.app import App
from store.models import Organisation
from store.queries import effect as queries
from store.queries.effect import Named, NotSent

USUAL_MONTHS = 12
MOST_DAYS = 1_830


@dataclass(frozen=True, slots=True)
class Month:
    """One month, or the part of it that lies in the period."""

    period: Period
    work: Sequence[Saved]
    blocked: Mapping[Why, int]

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.work)

    @property
    def spared(self) -> int:
        """Reminders that would have been wrong, as far as is known."""
        return sum(count for one, count in self.blocked.items() if one not in NO_ERROR_AVOIDED)


@dataclass(frozen=True, slots=True)
class Impact:
    """A period, as a whole and month by month."""

    period: Period
    work: Sequence[Saved]
    blocked: Mapping[Why, int]
    """Planned reminders that did not leave, by why; those of which there are none are left out."""
    checked: Mapping[Why, int]
    """Of these, the ones that the last look at the ledger stopped, a minute or less before they would have left."""
    months: Sequence[Month]

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.work)

    @property
    def spared(self) -> int:
        """Reminders that would have been wrong, as far as is known."""
        return sum(month.spared for month in self.months)


def period_of(first: date | None, last: date | None, today: date) -> Period:
    """The period that was asked for: without a beginning, the twelve months up to its end. ``UserError`` where there is none."""
    last = last or today
    if last > today:
        raise UserError(_("What was done can be counted up to today; choose a day that has come."))
    found = Period(first or months_back(last.replace(day=1), USUAL_MONTHS - 1), last)
    if found.first > last:
        raise UserError(_("The first day lies after the last one; choose them again."))
    if found.days > MOST_DAYS:
        raise UserError(_("Choose a period of at most %(most)s days.", most=MOST_DAYS))
    return found


def impact(session: Session, organisation: Organisation, period: Period) -> Impact:
    """What was done and what did not leave, by the organisation's own calendar."""
    zone = ZoneInfo(organisation.timezone)
    parts = _months(period)
    spans = [_span(one, zone) for one in parts]
    counts = queries.done(session, organisation.id, spans)
    each = assumptions(organisation.minutes_saved)
    blocked = [Counter[Why]() for _part in parts]
    checked = Counter[Why]()
    for at, reason, asked, count in queries.not_sent_counted(session, organisation.id, spans):
        because = why(reason)
        blocked[at][because] += count
        if asked:
            checked[because] += count
    total = Counter[Deed]()
    for done in counts:
        total.update(done)
    return Impact(
        period,
        saved(total, each),
        _in_order(sum(blocked, Counter[Why]())),
        checked,
        [
            Month(part, saved(done, each), _in_order(kept))
            for part, done, kept in zip(parts, counts, blocked, strict=True)
        ],
    )


def behind(
    session: Session, organisation: Organisation, period: Period, because: Why, skip: int, most: int
) -> tuple[list[Named], int]:
    """A page of the reminders that did not leave for this reason, newest first, and how many there are."""
    ids = [one.id for found, one in _stopped(session, organisation, period) if found is because]
    return queries.named(session, organisation.id, ids[skip : skip + most]), len(ids)


def assume(app: App, organisation_id: str, minutes: Mapping[Deed, int]) -> None:
    """Set how many minutes each kind of work is assumed to save."""
    if any(not 0 <= one <= MOST_MINUTES for one in minutes.values()):
        raise UserError(
            _("Minutes are whole numbers from 0 to %(most)s; look at what you typed.", most=MOST_MINUTES)
        )
    with app.database.write(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        organisation.minutes_saved = {
            deed.value: one for deed, one in minutes.items() if one != ASSUMED[deed]
        }


def _stopped(session: Session, organisation: Organisation, period: Period) -> list[tuple[Why, NotSent]]:
    since, before = _span(period, ZoneInfo(organisation.timezone))
    return [(why(one.reason), one) for one in queries.not_sent(session, organisation.id, since, before)]


def _in_order(counts: Counter[Why]) -> dict[Why, int]:
    return {one: counts[one] for one in Why if counts[one]}


def _months(period: Period) -> list[Period]:
    found, first = [], period.first
    while first <= period.last:
        following = next_month(first.replace(day=1))
        found.append(Period(first, min(period.last, following - timedelta(days=1))))
        first = following
    return found


def _span(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return (
        datetime.combine(period.first, time.min, zone),
        datetime.combine(period.last + timedelta(days=1), time.min, zone),
    )
