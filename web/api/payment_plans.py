"""Payment plans."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import abort
from msgspec import convert
from sqlalchemy.orm import Session

from credit_control.payment_plans import Instalment
from kit.errors import UserError
from services import doors, payment_plans, plan_agreement, plan_mail
from store import models
from store.queries import payment_plans as queries
from store.queries import sending
from store.queries.payment_plans import Told
from web.api import shapes
from web.api.asked_plans import AgreePlan, ChangePlan, PartOfPlan, Plans, SetPlanPolicy
from web.api.caller import Caller
from web.api.fields import money
from web.api.paging import after_id, cut
from web.api.records import named_invoices
from web.api.route import Pdf
from web.api.shapes import payment_plans as plan_shapes

_NO_SUCH = "There is no such payment plan."


def list_plans(caller: Caller, session: Session, query: Plans) -> shapes.Page[plan_shapes.PaymentPlan]:
    """Payment plans, of all contacts or of one; old versions as well."""
    found = queries.told(
        session,
        caller.organisation_id,
        contact_id=query.contact_id,
        states=[query.state] if query.state else [],
        after=after_id(query),
        most=query.limit + 1,
    )
    rows, cursor = cut(found, query, lambda one: (one.plan.id,))
    return shapes.Page(items=[_answer(one) for one in rows], next_cursor=cursor)


def agree_plan(caller: Caller, session: Session, body: AgreePlan) -> plan_shapes.PaymentPlan:
    """Agree on a payment plan, or note down what the contact proposes. Chasing of its invoices waits while it is kept."""
    named_invoices(caller, session, body.contact_id, body.invoice_ids)
    make = payment_plans.propose if body.proposed else payment_plans.agree
    try:
        plan = make(
            session,
            caller.organisation(session),
            body.contact_id,
            body.invoice_ids,
            _parts(body.instalments),
            body.currency,
            by=caller.name,
            now=caller.now,
        )
    except UserError as problem:
        abort(422, f"The body cannot be used: {problem}")
    return _changed(caller, session, plan)


def accept_plan(caller: Caller, session: Session, id_: str) -> plan_shapes.PaymentPlan:
    """Accept what a contact has proposed. 409 when it is no proposal, or does not fit what is owed any more."""
    return _act(caller, session, id_, payment_plans.accept)


def decline_plan(caller: Caller, session: Session, id_: str) -> plan_shapes.PaymentPlan:
    """Decline what a contact has proposed. 409 when it is no proposal."""
    return _act(caller, session, id_, payment_plans.decline)


def end_plan(caller: Caller, session: Session, id_: str) -> plan_shapes.PaymentPlan:
    """End a plan; chasing goes on as if there were none. 409 when it does not stand any more."""
    return _act(caller, session, id_, payment_plans.end)


def change_plan(caller: Caller, session: Session, id_: str, body: ChangePlan) -> plan_shapes.PaymentPlan:
    """Agree on other instalments for what is left: a new version, which is answered. 409 when it does not stand any more."""
    return _act(caller, session, id_, payment_plans.change, _parts(body.instalments))


def print_agreement(caller: Caller, session: Session, id_: str) -> Pdf:
    """The agreement on paper, to be given to the contact."""
    found = queries.told(session, caller.organisation_id, plan_id=id_, most=1)
    if not found:
        abort(404, _NO_SUCH)
    file = plan_agreement.printed(session, caller.organisation(session), found[0])
    return Pdf(file.name, [file.content])


def send_agreement(caller: Caller, session: Session, id_: str) -> plan_shapes.SentAgreement:
    """Mail the agreement to the contact, in the thread, once. 409 when the plan does not stand any more."""
    found = queries.told(session, caller.organisation_id, plan_id=id_, most=1)
    if not found:
        abort(404, _NO_SUCH)
    here = sending.lock_organisation(session, caller.organisation_id)
    row = plan_mail.send(caller.app, session, here, found[0], by=caller.name, person_id=None, now=caller.now)
    caller.ring_later(doors.ANSWERS)
    return plan_shapes.SentAgreement(communication_id=row.id, plan_id=id_, to=row.to)


def show_plan_policy(caller: Caller, session: Session) -> plan_shapes.PlanPolicy:
    """What contacts may propose, and what follows when an instalment is missed."""
    return _policy(caller.organisation(session))


def set_plan_policy(caller: Caller, session: Session, body: SetPlanPolicy) -> plan_shapes.PlanPolicy:
    """Set what contacts may propose, and what follows when an instalment is missed, from now on."""
    here = sending.lock_organisation(session, caller.organisation_id)
    payment_plans.set_policy(
        here, body.when_missed, body.most_instalments, body.longest_days, body.least_percent
    )
    return _policy(here)


def _policy(here: models.Organisation) -> plan_shapes.PlanPolicy:
    bounds = payment_plans.bounds_of(here)
    return convert(
        {
            "when_missed": here.when_plan_missed,
            "most_instalments": bounds.most_instalments,
            "longest_days": bounds.longest_days,
            "least_percent": bounds.least_percent,
        },
        plan_shapes.PlanPolicy,
    )


def _parts(asked: Sequence[PartOfPlan]) -> list[Instalment]:
    return [Instalment(one.on, Decimal(one.amount)) for one in asked]


def _act(caller: Caller, session: Session, id_: str, what: Any, *about: Any) -> plan_shapes.PaymentPlan:
    if queries.one(session, caller.organisation_id, id_) is None:
        abort(404, _NO_SUCH)
    try:
        plan = what(session, caller.organisation(session), id_, *about, by=caller.name, now=caller.now)
    except UserError as problem:
        abort(409, str(problem))
    return _changed(caller, session, plan)


def _changed(caller: Caller, session: Session, plan: models.PaymentPlan) -> plan_shapes.PaymentPlan:
    session.flush()
    caller.ring_later(doors.NOTES, doors.PLAN)
    (found,) = queries.told(session, caller.organisation_id, plan_id=plan.id, most=1)
    return _answer(found)


def _answer(one: Told) -> plan_shapes.PaymentPlan:
    plan = one.plan
    return convert(
        {
            "id": plan.id,
            "contact_id": plan.contact_id,
            "invoice_ids": sorted(invoice_id for invoice_id, _ in one.invoices),
            "currency": plan.currency,
            "amount": money(plan.amount),
            "state": str(plan.state),
            "version": plan.version,
            "replaces": plan.replaces,
            "instalments": [
                {
                    "number": part.number,
                    "on": part.on,
                    "grace_until": part.grace_until,
                    "amount": money(part.amount),
                    "state": str(part.state),
                }
                for part in one.instalments
            ],
            "recorded_by": plan.recorded_by,
            "accepted_by": plan.accepted_by,
            "created_at": plan.created_at,
        },
        plan_shapes.PaymentPlan,
    )
