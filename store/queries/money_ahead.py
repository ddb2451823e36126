"""What a look at money ahead asks: promises and instalments that stand, holds, forecasts of earlier weeks, and what came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, delete, insert, select
from sqlalchemy.orm import Session

from store.models import (
    CashForecast,
    Hold,
    Invoice,
    Payment,
    PaymentPlan,
    PlanInstalment,
    PlanInvoice,
    PromiseInvoice,
    PromiseToPay,
)
from store.queries.payment_plans import STANDING


@dataclass(frozen=True, slots=True)
class Word:
    """A sum that is promised for a day, and the invoices that it is about. None: all that is due of them."""

    on: date
    amount: Decimal | None
    invoice_ids: tuple[str, ...]


def instalments(session: Session, organisation_id: str) -> list[Word]:
    """The instalments that are still to come, of plans that stand, the last of them first."""
    of: dict[str, list[str]] = defaultdict(list)
    for plan_id, invoice_id in session.execute(
        select(PlanInvoice.plan_id, PlanInvoice.invoice_id).where(
            PlanInvoice.organisation_id == organisation_id
        )
    ):
        of[plan_id].append(invoice_id)
    rows = session.execute(
        select(PlanInstalment.plan_id, PlanInstalment.on, PlanInstalment.amount)
        .join(
            PaymentPlan,
            and_(
                PaymentPlan.organisation_id == PlanInstalment.organisation_id,
                PaymentPlan.id == PlanInstalment.plan_id,
            ),
        )
        .where(
            PlanInstalment.organisation_id == organisation_id,
            PaymentPlan.state.in_(STANDING),
            PlanInstalment.state == "open",
        )
        .order_by(PlanInstalment.on.desc(), PlanInstalment.plan_id, PlanInstalment.number.desc())
    )
    return [Word(on, amount, tuple(sorted(of[plan_id]))) for plan_id, on, amount in rows]


def promises(session: Session, organisation_id: str) -> list[Word]:
    """The promises that stand, the first day first."""
    found: dict[str, tuple[PromiseToPay, list[str]]] = {}
    rows = session.execute(
        select(PromiseToPay, PromiseInvoice.invoice_id)
        .join(
            PromiseInvoice,
            and_(
                PromiseInvoice.organisation_id == PromiseToPay.organisation_id,
                PromiseInvoice.promise_id == PromiseToPay.id,
            ),
        )
        .where(
            PromiseToPay.organisation_id == organisation_id,
            PromiseToPay.state == "open",
            PromiseInvoice.taken_over.is_(False),
        )
        .order_by(PromiseToPay.promised_on, PromiseToPay.id, PromiseInvoice.invoice_id)
    )
    for promise, invoice_id in rows:
        found.setdefault(promise.id, (promise, []))[1].append(invoice_id)
    return [
        Word(one.promised_on, None if one.whole else one.amount - one.paid, tuple(ids))
        for one, ids in found.values()
    ]


def held(session: Session, organisation_id: str, today: date) -> tuple[set[str], set[str]]:
    """The contacts, and the invoices, on which a hold is in force."""
    rows = session.execute(
        select(Hold.contact_id, Hold.invoice_id).where(
            Hold.organisation_id == organisation_id,
            Hold.released_at.is_(None),
            Hold.until.is_(None) | (Hold.until >= today),
        )
    ).all()
    return {one.contact_id for one in rows if one.invoice_id is None}, {
        one.invoice_id for one in rows if one.invoice_id is not None
    }


def keep(session: Session, organisation_id: str, made_on: date, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep the forecast of a Monday, in place of one that was made on it before."""
    session.execute(
        delete(CashForecast).where(
            CashForecast.organisation_id == organisation_id, CashForecast.made_on == made_on
        )
    )
    if rows:
        session.execute(insert(CashForecast), list(rows))


def is_kept(session: Session, organisation_id: str, made_on: date) -> bool:
    """Whether a forecast was made on this Monday."""
    made = select(CashForecast.week).where(
        CashForecast.organisation_id == organisation_id, CashForecast.made_on == made_on
    )
    return session.execute(made.limit(1)).first() is not None


def forecasts(session: Session, organisation_id: str, since: date, before: date) -> list[CashForecast]:
    """What was expected of weeks on their own Mondays, the newest first."""
    return list(
        session.scalars(
            select(CashForecast)
            .where(
                CashForecast.organisation_id == organisation_id,
                CashForecast.made_on == CashForecast.week,
                CashForecast.week >= since,
                CashForecast.week < before,
            )
            .order_by(CashForecast.week.desc(), CashForecast.currency)
        )
    )


def came(
    session: Session, organisation_id: str, since: date, before: date
) -> dict[tuple[date, str], Decimal]:
    """By week (its Monday) and currency, what was paid on invoices that were issued before that Monday."""
    rows = session.execute(
        select(Payment.paid_on, Invoice.issued_on, Payment.currency, Payment.amount)
        .join(
            Invoice,
            and_(
                Invoice.organisation_id == Payment.organisation_id,
                Invoice.id == Payment.invoice_id,
            ),
        )
        .where(
            Payment.organisation_id == organisation_id,
            Payment.status == "AUTHORISED",
            Payment.paid_on >= since,
            Payment.paid_on < before,
        )
    )
    found: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for paid_on, issued_on, currency, amount in rows:
        week = paid_on - timedelta(days=paid_on.weekday())
        if issued_on < week:
            found[week, currency] += amount
    return found
