"""The targets of figures, and what a month brought that a review names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models import (
    Contact,
    CreditAlert,
    Dispute,
    FigureTarget,
    MonthlyFigure,
    Organisation,
    RatingChange,
)


@dataclass(frozen=True, slots=True)
class Moved:
    """By how much a customer's overdue amount grew (or, below nought, fell) in a month."""

    contact_id: str
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Rated:
    """A customer whose rating changed."""

    contact_id: str
    name: str
    on: date
    before: str
    after: str


def targets(session: Session, organisation_id: str) -> dict[str, dict[str, FigureTarget]]:
    """All targets, by currency and figure."""
    found: dict[str, dict[str, FigureTarget]] = defaultdict(dict)
    for one in session.scalars(select(FigureTarget).where(FigureTarget.organisation_id == organisation_id)):
        found[one.currency][one.figure] = one
    return found


def currencies(session: Session, organisation: Organisation) -> list[str]:
    """All in which something was invoiced; that of the books first."""
    found = session.scalars(
        select(MonthlyFigure.currency).where(MonthlyFigure.organisation_id == organisation.id).distinct()
    )
    return sorted(
        {organisation.base_currency, *found}, key=lambda code: (code != organisation.base_currency, code)
    )


def replace(
    session: Session,
    organisation_id: str,
    currency: str,
    wanted: Mapping[str, Decimal],
    by: str,
    now: datetime,
) -> None:
    """The targets of a currency are these and no others; one that stays as it was keeps who set it and when."""
    there = targets(session, organisation_id).get(currency, {})
    for figure, one in there.items():
        if figure not in wanted:
            session.delete(one)
    for figure, target in wanted.items():
        known = there.get(figure)
        if known is None:
            key = {"organisation_id": organisation_id, "currency": currency, "figure": figure}
            session.add(FigureTarget(**key, target=target, set_by=by, set_at=now))
        elif known.target != target:
            known.target, known.set_by, known.set_at = target, by, now
    session.flush()


def moved(
    session: Session, organisation_id: str, currency: str, month: date, most: int
) -> tuple[list[Moved], list[Moved]]:
    """The customers whose overdue amounts grew most in a month, and those whose fell most."""
    table = MonthlyFigure
    statement = (
        select(table.contact_id, Contact.name, table.reach_1)
        .join(Contact, (Contact.organisation_id == table.organisation_id) & (Contact.id == table.contact_id))
        .where(table.organisation_id == organisation_id, table.currency == currency, table.month == month)
    )
    grew = statement.where(table.reach_1 > 0).order_by(table.reach_1.desc(), Contact.name, Contact.id)
    fell = statement.where(table.reach_1 < 0).order_by(table.reach_1, Contact.name, Contact.id)
    up, down = ([Moved(*row) for row in session.execute(one.limit(most))] for one in (grew, fell))
    return up, down


def rated(session: Session, organisation_id: str, first: date, last: date, most: int) -> list[Rated]:
    """The customers whose rating changed on these days, the newest first."""
    rows = session.execute(
        select(
            RatingChange.contact_id,
            Contact.name,
            RatingChange.changed_on,
            RatingChange.before,
            RatingChange.after,
        )
        .join(
            Contact,
            (Contact.organisation_id == RatingChange.organisation_id)
            & (Contact.id == RatingChange.contact_id),
        )
        .where(RatingChange.organisation_id == organisation_id, RatingChange.changed_on.between(first, last))
        .order_by(RatingChange.changed_on.desc(), Contact.name, RatingChange.id)
        .limit(most)
    )
    return [Rated(*row) for row in rows]


def limits_exceeded(
    session: Session, organisation_id: str, since: datetime, before: datetime
) -> dict[str, int]:
    """By currency, how often customers came to owe more than their limit in this time."""
    rows = session.execute(
        select(CreditAlert.currency, func.count())
        .where(
            CreditAlert.organisation_id == organisation_id,
            CreditAlert.raised_at >= since,
            CreditAlert.raised_at < before,
        )
        .group_by(CreditAlert.currency)
    )
    return {currency: count for currency, count in rows}  # noqa: C416  # rows are not pairs to mypy


def disputed(session: Session, organisation_id: str, since: datetime, before: datetime) -> dict[str, int]:
    """By currency, how many disputes were opened in this time."""
    rows = session.execute(
        select(Dispute.currency, func.count())
        .where(
            Dispute.organisation_id == organisation_id,
            Dispute.opened_at >= since,
            Dispute.opened_at < before,
        )
        .group_by(Dispute.currency)
    )
    return {currency: count for currency, count in rows}  # noqa: C416  # rows are not pairs to mypy
