"""A month that is over, looked back at: its figures beside earlier ones and the targets, and what moved them.

It is made of the figures kept by month, so it is quick for any ledger. Ratios are over the twelve months up to the month's
end; days late, promises and reminders are those of the month itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.figures import collecting, doing
from credit_control.figures.by_month import months_back, next_month
from credit_control.figures.figure import Figure
from credit_control.figures.targets import Against
from credit_control.figures.words import NOTHING_PAID
from services.figures import monthly, reminders
from services.figures.monthly import YEAR_OF_MONTHS, Month
from services.figures.reminders import Reminders
from services.figures.targets import held_against
from store.models import Organisation
from store.queries import figure_targets as queries
from store.queries import figures as figure_queries
from store.queries.figure_targets import Moved, Rated

_MOST_MOVED = 5
_MOST_RATED = 20
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure at the end of the month, of the month before and of the same month a year before."""

    name: str
    now: Figure
    before: Figure | None
    """None: the ledger does not reach back so far."""
    year_ago: Figure | None
    against: Against | None


@dataclass(frozen=True, slots=True)
class Amounts:
    """What was invoiced in the month, and open, overdue and overdue for long at its end."""

    invoiced: Decimal
    open: Decimal
    overdue: Decimal
    long_overdue: Decimal


@dataclass(frozen=True, slots=True)
class OfCurrency:
    """The review of one currency."""

    currency: str
    figures: Sequence[Compared]
    amounts: Amounts
    before: Amounts | None
    year_ago: Amounts | None
    month: Month
    grew: Sequence[Moved]
    fell: Sequence[Moved]
    limits_exceeded: int
    disputes: int


@dataclass(frozen=True, slots=True)
class Review:
    """One month in all currencies."""

    month: date
    """Its first day."""
    last: date
    currencies: Sequence[OfCurrency]
    rated: Sequence[Rated]
    months: Sequence[date]
    """All that can be looked back at, the newest first."""


def review(session: Session, organisation: Organisation, month: date | None, today: date) -> Review | None:
    """The month with this first day (None: the newest that is over); None where there is no such month."""
    by_currency = monthly.KEPT.told(session, organisation, today)
    months = sorted({one.first for each in by_currency.values() for one in each}, reverse=True)
    chosen = month or next(iter(months), None)
    if chosen is None or chosen not in months:
        return None
    last = next_month(chosen) - timedelta(1)
    since, before = _moments(organisation, chosen, last)
    exceeded = queries.limits_exceeded(session, organisation.id, since, before)
    disputes = queries.disputed(session, organisation.id, since, before)
    targets = queries.targets(session, organisation.id)
    sends = reminders.counted_by_month(session, organisation, _looked_at(chosen), today)
    done = {at: _done(session, organisation, at, sends[at]) for at in _looked_at(chosen)}
    order = sorted(by_currency, key=lambda code: (code != organisation.base_currency, code))
    found = []
    for currency in order:
        by_first = {one.first: one for one in by_currency[currency]}
        if chosen not in by_first:
            continue
        figures = [
            {**_figures(by_first, at), **done[at].get(currency, doing_nothing())} if at in by_first else None
            for at in _looked_at(chosen)
        ]
        amounts = [_amounts(by_first[at]) if at in by_first else None for at in _looked_at(chosen)]
        found.append(
            _of_currency(
                currency, figures, amounts, by_first[chosen], held_against(figures[0] or {}, targets.get(currency, {})),
                queries.moved(session, organisation.id, currency, chosen, _MOST_MOVED),
                (exceeded.get(currency, 0), disputes.get(currency, 0)),
            )
        )  # fmt: skip
    rated = queries.rated(session, organisation.id, chosen, last, _MOST_RATED)
    return Review(chosen, last, found, rated, months)


def _of_currency(
    currency: str,
    figures: Sequence[Mapping[str, Figure] | None],
    amounts: Sequence[Amounts | None],
    month: Month,
    against: Mapping[str, Against],
    moved: tuple[Sequence[Moved], Sequence[Moved]],
    counts: tuple[int, int],
) -> OfCurrency:
    now, before, year_ago = figures
    stood, stood_before, stood_then = amounts
    assert now is not None and stood is not None
    compared = [
        Compared(
            name,
            one,
            before[name] if before else None,
            year_ago[name] if year_ago else None,
            against.get(name),
        )
        for name, one in now.items()
    ]
    return OfCurrency(currency, compared, stood, stood_before, stood_then, month, *moved, *counts)


def _looked_at(month: date) -> tuple[date, date, date]:
    return month, months_back(month, 1), months_back(month, YEAR_OF_MONTHS)


def _figures(by_first: Mapping[date, Month], at: date) -> dict[str, Figure]:
    one = by_first[at]
    return {
        "dso": one.simple,
        "dso_countback": one.countback,
        "best_possible_dso": one.best,
        "average_days_delinquent": one.delinquent,
        "cei": _cei(by_first, at),
        "days_late": _average(one.days_late),
        "dbt": _average(one.days_beyond_terms),
    }


def _cei(by_first: Mapping[date, Month], at: date) -> Figure:
    """Of the twelve months up to the end of this one: what was open before them counts as nothing where nothing was invoiced."""
    eve = by_first.get(months_back(at, YEAR_OF_MONTHS))
    sales = sum(
        (
            by_first[month].sales
            for back in range(YEAR_OF_MONTHS)
            if (month := months_back(at, back)) in by_first
        ),
        _NOTHING,
    )
    ageing = by_first[at].ageing
    return collecting.cei(eve.ageing.total if eve else _NOTHING, sales, ageing.total, ageing.amounts[0])


def _average(days: Fraction | None) -> Figure:
    return Figure(days, "", unknown=None if days is not None else NOTHING_PAID)


def _amounts(month: Month) -> Amounts:
    ageing = month.ageing
    return Amounts(month.sales, ageing.total, ageing.total - ageing.amounts[0], ageing.amounts[-1])


def doing_nothing() -> dict[str, Figure]:
    """A month without promises and reminders."""
    return {"promise_kept": doing.promise_kept(0, 0), **Reminders().figures()}


def _done(
    session: Session, organisation: Organisation, month: date, sends: Mapping[str, Reminders]
) -> dict[str, dict[str, Figure]]:
    """By currency, how the promises and the reminders of a month turned out."""
    last = next_month(month) - timedelta(1)
    promises = figure_queries.promises_due(session, organisation.id, month, last)
    return {
        currency: {
            "promise_kept": doing.promise_kept(*promises.get(currency, (0, 0))),
            **sends.get(currency, Reminders()).figures(),
        }
        for currency in {*promises, *sends}
    }


def _moments(organisation: Organisation, first: date, last: date) -> tuple[datetime, datetime]:
    zone = ZoneInfo(organisation.timezone)
    since = datetime.combine(first, time.min, zone).astimezone(UTC)
    return since, datetime.combine(last + timedelta(1), time.min, zone).astimezone(UTC)
