"""What the figures of a practice's clients are made of: one statement for each kind, whatever the number of clients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from store.models import FigureTarget, MonthlyFigure, PromiseToPay, StaleFigure
from store.queries.figures import MonthOf

Ids = Collection[str]
_SUMMED = (
    "sales", "invoices", "settled", "reach_1", "reach_91", "paid_invoices", "paid_amount", "days_late",
    "amount_days_late", "unpaid_at_90",
)  # fmt: skip


def movements(session: Session, ids: Ids, last: date) -> dict[str, dict[str, list[MonthOf]]]:
    """The movements of all months up to the one that begins on ``last``, by organisation and currency."""
    table = MonthlyFigure
    found: dict[str, dict[str, list[MonthOf]]] = defaultdict(lambda: defaultdict(list))
    rows = session.execute(
        select(
            table.organisation_id,
            table.currency,
            table.month,
            func.max(table.last_due),
            *(func.sum(getattr(table, name)) for name in _SUMMED),
        )
        .where(table.organisation_id.in_(ids), table.month <= last)
        .group_by(table.organisation_id, table.currency, table.month)
        .order_by(table.organisation_id, table.currency, table.month)
    )
    for organisation_id, currency, month, last_due, *sums in rows:
        one = MonthOf(currency, month, dict(zip(_SUMMED, sums, strict=True)), last_due)
        found[organisation_id][currency].append(one)
    return found


def stale(session: Session, ids: Ids) -> list[str]:
    """The organisations of which figures are to be made anew."""
    statement = select(StaleFigure.organisation_id).where(StaleFigure.organisation_id.in_(ids))
    return list(session.scalars(statement.distinct().order_by(StaleFigure.organisation_id)))


def targets(session: Session, ids: Ids) -> dict[tuple[str, str], dict[str, Decimal]]:
    """All targets, by organisation and currency, and by figure."""
    found: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for one in session.scalars(select(FigureTarget).where(FigureTarget.organisation_id.in_(ids))):
        found[one.organisation_id, one.currency][one.figure] = one.target
    return found


def promises_due(
    session: Session, ids: Ids, first: date, last: date
) -> dict[tuple[str, str], tuple[int, int]]:
    """By organisation and currency, of the promises whose days of grace ended on these days: kept, and how many."""
    kept = func.sum(case((PromiseToPay.state == "kept", 1), else_=0))
    rows = session.execute(
        select(PromiseToPay.organisation_id, PromiseToPay.currency, kept, func.count())
        .where(
            PromiseToPay.organisation_id.in_(ids),
            PromiseToPay.state.in_(("kept", "part_kept", "broken")),
            PromiseToPay.grace_until.between(first, last),
        )
        .group_by(PromiseToPay.organisation_id, PromiseToPay.currency)
    )
    return {(whose, currency): (int(good), judged) for whose, currency, good, judged in rows}
