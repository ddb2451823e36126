"""Payment plans: the rows, their instalments and invoices, and which are to be looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from credit_control.promises import Covered
from kit.ids import derived_id
from store.models import (
    Answer,
    Communication,
    Contact,
    Invoice,
    PaymentPlan,
    PlanInstalment,
    PlanInvoice,
)
from store.queries import promises
from store.queries.batches import slices

STANDING = ("running", "missed")
"""Chasing of what these cover waits."""
_LOOKED_AT = (*STANDING, "broken", "kept")


@dataclass(frozen=True, slots=True)
class Mailed:
    """What became of the mail with the agreement on a plan."""

    id: str
    status: str
    """As of its communication."""
    at: datetime
    """When it left; before that, when somebody had it sent."""
    problem: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A plan with all that belongs to it."""

    plan: PaymentPlan
    contact_name: str
    instalments: tuple[PlanInstalment, ...]
    invoices: tuple[tuple[str, str], ...]
    """Id and number."""
    mailed: Mailed | None = None
    """The mail with its agreement; None: nobody has had one sent."""


def agreement_id(organisation_id: str, plan_id: str) -> str:
    """The id of the mail with the agreement on a plan: there is at most one."""
    return derived_id("agreement by mail", organisation_id, plan_id)


def one(session: Session, organisation_id: str, plan_id: str) -> PaymentPlan | None:
    """A plan, locked."""
    return session.scalars(
        select(PaymentPlan)
        .where(PaymentPlan.organisation_id == organisation_id, PaymentPlan.id == plan_id)
        .with_for_update()
    ).one_or_none()


def standing_on(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> list[PaymentPlan]:
    """The plans that cover any of these invoices now."""
    found: dict[str, PaymentPlan] = {}
    for ids in slices(sorted(invoice_ids)):
        about = select(PlanInvoice.plan_id).where(
            PlanInvoice.organisation_id == organisation_id, PlanInvoice.invoice_id.in_(ids)
        )
        rows = session.scalars(
            select(PaymentPlan).where(
                PaymentPlan.organisation_id == organisation_id,
                PaymentPlan.id.in_(about),
                PaymentPlan.state.in_(STANDING),
            )
        )
        found.update((row.id, row) for row in rows)
    return list(found.values())


def instalments(
    session: Session, organisation_id: str, plan_ids: Sequence[str]
) -> dict[str, list[PlanInstalment]]:
    """The instalments of each plan, in their order."""
    found: dict[str, list[PlanInstalment]] = defaultdict(list)
    for ids in slices(plan_ids):
        rows = session.scalars(
            select(PlanInstalment)
            .where(PlanInstalment.organisation_id == organisation_id, PlanInstalment.plan_id.in_(ids))
            .order_by(PlanInstalment.plan_id, PlanInstalment.number)
        )
        for row in rows:
            found[row.plan_id].append(row)
    return found


def missed_of(session: Session, organisation_id: str, contact_id: str) -> list[tuple[str, int]]:
    """The missed instalments, each as plan and number, of those plans of a contact that rest until a person decides."""
    rows = session.execute(
        select(PlanInstalment.plan_id, PlanInstalment.number)
        .join(
            PaymentPlan,
            and_(
                PaymentPlan.organisation_id == PlanInstalment.organisation_id,
                PaymentPlan.id == PlanInstalment.plan_id,
            ),
        )
        .where(
            PaymentPlan.organisation_id == organisation_id,
            PaymentPlan.contact_id == contact_id,
            PaymentPlan.state == "missed",
            PlanInstalment.state == "missed",
        )
    )
    return [(plan_id, number) for plan_id, number in rows]


def lines(session: Session, organisation_id: str, plan_id: str) -> Sequence[PlanInvoice]:
    """The invoices that a plan covers, as they stood when it was agreed."""
    return session.scalars(
        select(PlanInvoice)
        .where(PlanInvoice.organisation_id == organisation_id, PlanInvoice.plan_id == plan_id)
        .order_by(PlanInvoice.invoice_id)
    ).all()


def covered(session: Session, organisation_id: str, plan_id: str) -> tuple[Covered, ...]:
    """What the rules need to know of the invoices of a plan."""
    found = lines(session, organisation_id, plan_id)
    return promises.as_covered(session, organisation_id, {plan_id: found})[plan_id]


def invoices_of(
    session: Session, organisation_id: str, plan_ids: Sequence[str]
) -> dict[str, list[tuple[str, str]]]:
    """The invoices of each plan: id and number."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for ids in slices(plan_ids):
        rows = session.execute(
            select(PlanInvoice.plan_id, Invoice.id, Invoice.number)
            .join(
                Invoice,
                and_(
                    Invoice.organisation_id == PlanInvoice.organisation_id,
                    Invoice.id == PlanInvoice.invoice_id,
                ),
            )
            .where(PlanInvoice.organisation_id == organisation_id, PlanInvoice.plan_id.in_(ids))
            .order_by(Invoice.due_on, Invoice.number)
        )
        for plan_id, invoice_id, number in rows:
            found[plan_id].append((invoice_id, number))
    return found


def told(
    session: Session,
    organisation_id: str,
    *,
    plan_id: str | None = None,
    contact_id: str | None = None,
    states: Sequence[str] = (),
    after: tuple[str] | None = None,
    most: int,
    offset: int = 0,
) -> list[Told]:
    """Plans with all that belongs to them, in the order of their ids."""
    statement = (
        select(PaymentPlan, Contact.name)
        .join(
            Contact,
            and_(
                Contact.organisation_id == PaymentPlan.organisation_id, Contact.id == PaymentPlan.contact_id
            ),
        )
        .where(PaymentPlan.organisation_id == organisation_id)
        .order_by(PaymentPlan.id)
        .limit(most)
        .offset(offset)
    )
    if plan_id:
        statement = statement.where(PaymentPlan.id == plan_id)
    if contact_id:
        statement = statement.where(PaymentPlan.contact_id == contact_id)
    if states:
        statement = statement.where(PaymentPlan.state.in_(states))
    if after:
        statement = statement.where(PaymentPlan.id > after[0])
    rows = session.execute(statement).all()
    ids = [plan.id for plan, _ in rows]
    parts = instalments(session, organisation_id, ids)
    invoices = invoices_of(session, organisation_id, ids)
    mailed = _mailed(session, organisation_id, ids)
    return [
        Told(plan, name, tuple(parts[plan.id]), tuple(invoices[plan.id]), mailed.get(plan.id))
        for plan, name in rows
    ]


def _mailed(session: Session, organisation_id: str, plan_ids: Collection[str]) -> dict[str, Mailed]:
    """By plan, the mail with its agreement."""
    plans = {agreement_id(organisation_id, plan_id): plan_id for plan_id in plan_ids}
    if not plans:
        return {}
    rows = session.execute(
        select(
            Communication.id,
            Communication.status,
            func.coalesce(Communication.sent_at, Communication.created_at),
            func.coalesce(Answer.problem, Communication.reason),
        )
        .join(
            Answer,
            and_(
                Answer.organisation_id == Communication.organisation_id,
                Answer.communication_id == Communication.id,
            ),
        )
        .where(Communication.organisation_id == organisation_id, Communication.id.in_(plans))
    )
    return {plans[mail_id]: Mailed(mail_id, status, at, problem) for mail_id, status, at, problem in rows}


def count(session: Session, organisation_id: str, states: Sequence[str]) -> int:
    """How many plans there are in these states."""
    statement = select(func.count()).where(
        PaymentPlan.organisation_id == organisation_id, PaymentPlan.state.in_(states)
    )
    return session.scalar(statement) or 0


# -- which are to be looked at -------------------------------------------------------------------------


def look_at_those_on(
    session: Session, organisation_id: str, invoice_ids: Collection[str], now: datetime
) -> None:
    """There is news of these invoices: have the plans that cover them looked at."""
    for ids in slices(sorted(invoice_ids)):
        about = select(PlanInvoice.plan_id).where(
            PlanInvoice.organisation_id == organisation_id, PlanInvoice.invoice_id.in_(ids)
        )
        session.connection().execute(
            update(PaymentPlan)
            .where(
                PaymentPlan.organisation_id == organisation_id,
                PaymentPlan.id.in_(about),
                PaymentPlan.state.in_(_LOOKED_AT),
            )
            .values(next_look_at=now)
        )
