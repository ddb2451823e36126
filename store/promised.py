"""Promises as facts: what rests because of them, and which of them were not kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.payment_plans import Instalment, still_to_come
from credit_control.promises import Covered
from credit_control.resting import Hold, HoldKind, Plan, Promise
from credit_control.words import Day, Money
from kit import clock
from kit.ids import derived_id
from kit.wording import N_
from store.among import among
from store.models import (
    Communication,
    Organisation,
    PaymentPlan,
    PlanInstalment,
    PlanInvoice,
    PromiseInvoice,
    PromiseToPay,
)
from store.queries import expected_dates, payment_plans
from store.queries import promises as queries
from store.queries.batches import slices


@dataclass(frozen=True, slots=True)
class Promised:
    """By contact: the promises themselves, and the invoices that rest because of them, each as a hold."""

    promises: Mapping[str, list[Promise]]
    holds: Mapping[str, list[Hold]]
    plans: Mapping[str, list[Plan]]


def mail_id(promise_id: str) -> str:
    """The id of the one mail about a promise that was not kept."""
    return derived_id("broken_promise", promise_id)


def reminder_id(promise_id: str) -> str:
    """The id of the one mail just before the day of a promise."""
    return derived_id("promise_due", promise_id)


def instalment_mail_id(plan_id: str, number: int) -> str:
    """The id of the one mail just before the day of an instalment."""
    return derived_id("instalment_due", plan_id, str(number))


def mails_of(promise_id: str) -> tuple[str, str]:
    """The ids of all mails that may leave about a promise."""
    return mail_id(promise_id), reminder_id(promise_id)


_ROWS = (
    select(PromiseToPay, PromiseInvoice.invoice_id)
    .join(
        PromiseInvoice,
        and_(
            PromiseInvoice.organisation_id == PromiseToPay.organisation_id,
            PromiseInvoice.promise_id == PromiseToPay.id,
        ),
    )
    .where(
        PromiseToPay.organisation_id == bindparam("organisation"),
        among(PromiseToPay.contact_id, "contacts"),
        or_(PromiseToPay.state == "open", PromiseToPay.follow_up_until.is_not(None)),
        PromiseInvoice.taken_over.is_(False),
    )
    .order_by(PromiseToPay.created_at, PromiseToPay.id, PromiseInvoice.invoice_id)
)


def promises_of(session: Session, organisation_id: str, contact_ids: Sequence[str]) -> Promised:
    """The promises of these contacts that stand, or were not kept and are to be followed up.

    One whose time is over holds until it is known what became of it: no reminder goes ahead of the word about it.
    """
    rows: dict[str, tuple[PromiseToPay, list[str]]] = {}
    for promise, invoice_id in session.execute(
        _ROWS, {"organisation": organisation_id, "contacts": contact_ids}
    ):
        rows.setdefault(promise.id, (promise, []))[1].append(invoice_id)
    broken = [mail_id(promise.id) for promise, _ in rows.values() if promise.follow_up_until]
    answered = _answered(session, organisation_id, broken) if broken else set()
    promises: dict[str, list[Promise]] = defaultdict(list)
    holds: dict[str, list[Hold]] = defaultdict(list)
    today = _today(session, organisation_id) if rows else date.max
    for promise, invoice_ids in rows.values():
        promises[promise.contact_id].append(_fact(promise, invoice_ids, answered))
        if promise.state == "open":
            holds[promise.contact_id] += _holds(promise, invoice_ids, today)
    plans = _plans(session, organisation_id, contact_ids, holds)
    return Promised(promises, holds, plans)


_PLANS = (
    select(PaymentPlan, PlanInvoice)
    .join(
        PlanInvoice,
        and_(
            PlanInvoice.organisation_id == PaymentPlan.organisation_id,
            PlanInvoice.plan_id == PaymentPlan.id,
        ),
    )
    .where(
        PaymentPlan.organisation_id == bindparam("organisation"),
        among(PaymentPlan.contact_id, "contacts"),
        PaymentPlan.state.in_(payment_plans.STANDING),
    )
    .order_by(PaymentPlan.created_at, PaymentPlan.id, PlanInvoice.invoice_id)
)


def _plans(
    session: Session,
    organisation_id: str,
    contact_ids: Sequence[str],
    holds: dict[str, list[Hold]],
) -> dict[str, list[Plan]]:
    """The payment plans that stand, by contact; what rests because of them joins ``holds``."""
    found: dict[str, tuple[PaymentPlan, list[PlanInvoice]]] = {}
    for plan, line in session.execute(_PLANS, {"organisation": organisation_id, "contacts": contact_ids}):
        found.setdefault(plan.id, (plan, []))[1].append(line)
    plans: dict[str, list[Plan]] = defaultdict(list)
    if not found:
        return plans
    parts = payment_plans.instalments(session, organisation_id, sorted(found))
    lines = {plan.id: lines for plan, lines in found.values() if plan.state == "running"}
    covered = queries.as_covered(session, organisation_id, lines)
    for plan, about in found.values():
        reason = _plan_in_words(plan, parts[plan.id])
        holds[plan.contact_id] += [Hold(HoldKind.PLAN, reason, one.invoice_id) for one in about]
        ahead = next((one for one in parts[plan.id] if one.state == "open"), None)
        if ahead and plan.id in covered:
            plans[plan.contact_id].append(_plan(plan, parts[plan.id], ahead, about, covered[plan.id]))
    return plans


def _plan(
    plan: PaymentPlan,
    parts: Sequence[PlanInstalment],
    ahead: PlanInstalment,
    about: Sequence[PlanInvoice],
    covered: Sequence[Covered],
) -> Plan:
    agreed = [Instalment(one.on, one.amount) for one in parts]
    ids = tuple(one.invoice_id for one in about)
    left = still_to_come(agreed, ahead.number, covered)
    return Plan(plan.id, plan.made_on, plan.currency, ids, ahead.number, ahead.on, left)


def _plan_in_words(plan: PaymentPlan, parts: Sequence[PlanInstalment]) -> str:
    missed = next((one for one in parts if one.state == "missed"), None)
    if plan.state == "missed" and missed:
        amount = Money(missed.amount, plan.currency)
        return N_(
            f"An instalment of its payment plan, {amount} by {Day(missed.on)}, did not come; somebody decides how it goes on."
        )
    ahead = next((one for one in parts if one.state == "open"), parts[-1])
    amount = Money(ahead.amount, plan.currency)
    return N_(
        f"A payment plan covers it, and chasing waits while that is kept; next: {amount} by {Day(ahead.on)}."
    )


def _fact(promise: PromiseToPay, invoice_ids: Sequence[str], answered: set[str]) -> Promise:
    return Promise(
        promise.id,
        promise.made_on,
        promise.promised_on,
        promise.currency,
        promise.amount,
        promise.paid,
        promise.grace_until,
        tuple(invoice_ids),
        promise.follow_up_until,
        mail_id(promise.id) in answered,
    )


def _today(session: Session, organisation_id: str) -> date:
    return clock.today(session.get_one(Organisation, organisation_id).timezone)


def _holds(promise: PromiseToPay, invoice_ids: Sequence[str], today: date) -> list[Hold]:
    reason = N_(f"Promised {Money(promise.amount, promise.currency)} by {Day(promise.promised_on)}")
    until = promise.grace_until if today <= promise.grace_until else None
    return [Hold(HoldKind.PROMISE, reason, invoice_id, until) for invoice_id in invoice_ids]


def _answered(session: Session, organisation_id: str, ids: Sequence[str]) -> set[str]:
    """Those of these mails that have left, or were left out for good."""
    mail, found = Communication, set()
    for some in slices(ids):
        rows = session.execute(
            select(mail.id, mail.handed_over_at, mail.occasion).where(
                mail.organisation_id == organisation_id, mail.id.in_(some)
            )
        )
        found |= {id_ for id_, left_at, about in rows if left_at or _is_left_out(about)}
    return found


def _is_left_out(about: dict[str, Any] | None) -> bool:
    return bool((about or {}).get("left_out"))


def without_our_dates(
    session: Session, organisation_id: str, found: Mapping[str, list[facts.Invoice]]
) -> dict[str, list[facts.Invoice]]:
    """The payment dates that the ledger expects, without those that we have entered there because of a promise.

    While that promise stands it is known by itself; afterwards its date must keep nobody from being chased.
    """
    expecting = [one.id for invoices in found.values() for one in invoices if one.expected_on]
    ours = expected_dates.of_invoices(session, organisation_id, expecting)
    return {
        contact_id: [
            replace(one, expected_on=None) if one.expected_on and ours.get(one.id) == one.expected_on else one
            for one in invoices
        ]
        for contact_id, invoices in found.items()
    }
