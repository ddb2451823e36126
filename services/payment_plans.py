"""Payment plans: instalments over the invoices of one customer and currency, which rest while the plan is kept.

A plan is never changed: its rest becomes a new version, and the old one stays as it was agreed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.calendar import add_working_days, local_day, start_of_day
from credit_control.payment_plans import (
    Bounds,
    Instalment,
    InstalmentState,
    PlanState,
    fault,
    in_words,
    out_of_bounds,
)
from credit_control.stops import last_day_of_grace
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import feed, promises, team_tasks
from services.records import record
from services.team_tasks import TaskKind
from store.asked import in_instalments
from store.facts import policy_of
from store.models import Invoice, Organisation, PaymentPlan, PlanInstalment, PlanInvoice
from store.promised import instalment_mail_id
from store.queries import api, chasers, customers, expected_dates, planning, sending
from store.queries import payment_plans as queries
from store.queries import promises as promise_queries

NOTHING = Decimal(0)
_DAY = timedelta(days=1)
_OVER = N_("There is no reason for it any more: the payment plan does not stand as it did.")
_ENDINGS = {
    PlanState.KEPT: N_("Payment plan kept"),
    PlanState.BROKEN: N_("Payment plan broken"),
    PlanState.ENDED: N_("Payment plan ended"),
    PlanState.CHANGED: N_("Payment plan changed"),
    PlanState.DECLINED: N_("Payment plan declined"),
}
_STOPPED = N_("Not sent, because a payment plan is agreed.")
_STANDS = frozenset({PlanState.RUNNING, PlanState.MISSED, PlanState.BROKEN})


def bounds_of(organisation: Organisation) -> Bounds:
    """What its customers may propose."""
    return Bounds(**organisation.plan_bounds)


def set_policy(
    organisation: Organisation,
    when_missed: str,
    most_instalments: int,
    longest_days: int,
    least_percent: int,
) -> None:
    """Set what customers may propose, and what follows when an instalment is missed (ask, resume)."""
    organisation.when_plan_missed = when_missed
    organisation.plan_bounds = asdict(Bounds(most_instalments, longest_days, least_percent))


def asked_for(session: Session, organisation_id: str, invoices: Collection[Invoice]) -> Decimal:
    """What a plan over these invoices (of one currency) has to come to: nobody pays what is in dispute in instalments."""
    return sum(in_instalments(session, organisation_id, invoices).values(), NOTHING)


def agree(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    invoice_ids: Collection[str],
    instalments: Sequence[Instalment],
    currency: str,
    *,
    by: str,
    now: datetime,
    communication_id: str | None = None,
) -> PaymentPlan:
    """A plan that holds from now on, over these open invoices (none: all in its currency).

    It takes the place of promises on them, and is noted in the ledger unless the call or reply is. The caller rings
    for planning and notes. ``UserError`` says why it is none.
    """
    sending.lock_organisation(session, organisation.id)
    invoices = _concerned(session, organisation.id, contact_id, invoice_ids, currency)
    plan = _new(session, organisation, contact_id, invoices, instalments, currency, by, now, communication_id)
    _begin(session, organisation, plan, by=by, now=now)
    return plan


def propose(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    invoice_ids: Collection[str],
    instalments: Sequence[Instalment],
    currency: str,
    *,
    by: str,
    now: datetime,
    communication_id: str | None = None,
) -> PaymentPlan:
    """What a customer proposes: it holds nothing until a person accepts it, who is asked. ``UserError`` outside of bounds."""
    sending.lock_organisation(session, organisation.id)
    invoices = _concerned(session, organisation.id, contact_id, invoice_ids, currency)
    window = policy_of(organisation).window
    today = local_day(window, now)
    plan = _new(session, organisation, contact_id, invoices, instalments, currency, by, now, communication_id)
    if problem := out_of_bounds(instalments, bounds_of(organisation), today):
        raise UserError(problem)
    tell(session, plan, N_(f"Payment plan proposed: {in_words(instalments, currency)}"), now)
    team_tasks.ask(
        session,
        organisation.id,
        kind=TaskKind.PROMISE,
        what=N_(f"A payment plan was proposed: {in_words(instalments, currency)}. Accept or decline it."),
        due_on=add_working_days(today, 1, window.off),
        by=by,
        now=now,
        contact_id=contact_id,
        key=_proposal(plan),
    )
    return plan


def accept(
    session: Session, organisation: Organisation, plan_id: str, *, by: str, now: datetime
) -> PaymentPlan:
    """Say yes to what a customer proposed. ``UserError`` when it does not fit what is owed any more."""
    plan = _found(session, organisation, plan_id, {PlanState.PROPOSED})
    ids = [invoice_id for invoice_id, _ in queries.invoices_of(session, organisation.id, [plan.id])[plan.id]]
    invoices = _concerned(session, organisation.id, plan.contact_id, ids, plan.currency)
    parts = _parts(session, plan)
    today = local_day(policy_of(organisation).window, now)
    owed = asked_for(session, organisation.id, invoices)
    if problem := fault(parts, plan.currency, owed, today):
        raise UserError(_("It does not fit any more. %(problem)s", problem=problem))
    plan.accepted_by = by
    team_tasks.finish_about(session, organisation.id, key=_proposal(plan), by=by, now=now)
    _begin(session, organisation, plan, by=by, now=now)
    return plan


def decline(
    session: Session, organisation: Organisation, plan_id: str, *, by: str, now: datetime
) -> PaymentPlan:
    """Say no to what a customer proposed; chasing goes on as it did. ``UserError`` when it is no proposal."""
    plan = _found(session, organisation, plan_id, {PlanState.PROPOSED})
    plan.state = PlanState.DECLINED
    tell(session, plan, N_("Payment plan declined"), now)
    team_tasks.finish_about(session, organisation.id, key=_proposal(plan), by=by, now=now)
    return plan


def change(
    session: Session,
    organisation: Organisation,
    plan_id: str,
    instalments: Sequence[Instalment],
    *,
    by: str,
    now: datetime,
) -> PaymentPlan:
    """Agree on other instalments for what is left of a plan: a new version. ``UserError`` says why it cannot be."""
    old = _found(session, organisation, plan_id, _STANDS)
    ids = [invoice_id for invoice_id, _ in queries.invoices_of(session, organisation.id, [old.id])[old.id]]
    _finish(session, organisation, old, PlanState.CHANGED, by, now)
    session.flush()
    invoices = _concerned(session, organisation.id, old.contact_id, ids, old.currency)
    plan = _new(session, organisation, old.contact_id, invoices, instalments, old.currency, by, now, None)
    plan.version, plan.replaces = old.version + 1, old.id
    _begin(session, organisation, plan, by=by, now=now)
    return plan


def end(session: Session, organisation: Organisation, plan_id: str, *, by: str, now: datetime) -> PaymentPlan:
    """End a plan: chasing goes on as if there were none. ``UserError`` when it does not stand any more."""
    plan = _found(session, organisation, plan_id, _STANDS)
    _finish(session, organisation, plan, PlanState.ENDED, by, now)
    _note(session, organisation, plan, N_("The payment plan was ended; chasing goes on."), by, now)
    planning.look_again(session, organisation.id, [plan.contact_id], now)
    return plan


def _found(
    session: Session, organisation: Organisation, plan_id: str, states: Collection[str]
) -> PaymentPlan:
    sending.lock_organisation(session, organisation.id)
    plan = queries.one(session, organisation.id, plan_id)
    if plan is None:
        raise UserError(_("There is no such payment plan."))
    if plan.state not in states:
        raise UserError(
            _("This payment plan is %(state)s, so that cannot be done with it.", state=plan.state)
        )
    return plan


def _concerned(
    session: Session, organisation_id: str, contact_id: str, invoice_ids: Collection[str], currency: str
) -> list[Invoice]:
    """The open invoices that a plan is to cover: none that is wholly in dispute, none that is in another plan."""
    if invoice_ids:
        named = api.invoices_of_contact(session, organisation_id, contact_id, list(invoice_ids))
        found = [one for one in named if one.status == "AUTHORISED" and one.amount_due > 0]
    else:
        open_ones = customers.open_invoices(session, organisation_id, contact_id)
        found = [one for one in open_ones if one.currency == currency]
    amounts = in_instalments(session, organisation_id, found)
    found = [one for one in found if amounts[one.id] > 0]
    if not found:
        raise UserError(_("Nothing of these invoices is open and undisputed, so there is nothing to plan."))
    if any(one.currency != currency for one in found):
        raise UserError(_("All invoices of a plan must be in its currency, %(currency)s.", currency=currency))
    if queries.standing_on(session, organisation_id, [one.id for one in found]):
        raise UserError(_("One of these invoices is in a payment plan already; change that one."))
    return found


def _new(
    session: Session,
    organisation: Organisation,
    contact_id: str,
    invoices: Sequence[Invoice],
    instalments: Sequence[Instalment],
    currency: str,
    by: str,
    now: datetime,
    communication_id: str | None,
) -> PaymentPlan:
    """The rows of a plan that nobody has said yes to yet."""
    policy = policy_of(organisation)
    today = local_day(policy.window, now)
    owed = asked_for(session, organisation.id, invoices)
    if problem := fault(instalments, currency, owed, today):
        raise UserError(problem)
    promises.check(promises.Promise(instalments[-1].on), organisation, now)
    plan = PaymentPlan(
        organisation_id=organisation.id,
        id=new_id(),
        contact_id=contact_id,
        currency=currency,
        amount=owed,
        version=1,
        state=PlanState.PROPOSED,
        made_on=today,
        recorded_by=by,
        communication_id=communication_id,
        created_at=now,
    )
    session.add(plan)
    session.flush()
    session.add_all(
        PlanInstalment(
            organisation_id=organisation.id,
            plan_id=plan.id,
            number=number,
            on=part.on,
            grace_until=last_day_of_grace(part.on, policy.promise_grace_days, policy.window.off),
            amount=part.amount,
            paid=Decimal(0),
            state=InstalmentState.OPEN,
        )
        for number, part in enumerate(instalments, 1)
    )
    session.add_all(
        PlanInvoice(
            organisation_id=organisation.id,
            plan_id=plan.id,
            invoice_id=one.id,
            due_then=one.amount_due,
            paid_then=Decimal(0),
        )
        for one in invoices
    )
    session.flush()
    return plan


def _begin(
    session: Session, organisation: Organisation, plan: PaymentPlan, *, by: str, now: datetime
) -> None:
    """From now on the plan stands: its invoices rest, and payments count onto it."""
    policy = policy_of(organisation)
    lines = queries.lines(session, organisation.id, plan.id)
    ids = [line.invoice_id for line in lines]
    paid = promise_queries.paid_on(session, organisation.id, ids)
    for line in lines:
        invoice = session.get_one(Invoice, (organisation.id, line.invoice_id))
        line.due_then, line.paid_then = invoice.amount_due, paid.get(line.invoice_id, Decimal(0))
    first, *_unused, last = queries.instalments(session, organisation.id, [plan.id])[plan.id]
    plan.state, plan.made_on = PlanState.RUNNING, local_day(policy.window, now)
    plan.next_look_at = start_of_day(policy.window, first.grace_until + _DAY)
    promises.take_over(session, organisation.id, plan.id, ids, by, now)
    for invoice_id in ids:
        chasers.stop(session, organisation.id, _STOPPED, contact_id=plan.contact_id, invoice_id=invoice_id)
    expected_dates.queue(session, organisation.id, ids, last.on, now)
    parts = in_words(_parts(session, plan), plan.currency)
    words = (
        N_(f"Payment plan agreed (version {plan.version}): {parts}")
        if plan.version > 1
        else N_(f"Payment plan agreed: {parts}")
    )
    tell(session, plan, words, now)
    if plan.communication_id is None or plan.accepted_by:
        noted = _note(
            session, organisation, plan, f"{words}. " + N_("Chasing waits while it is kept."), by, now
        )
        plan.communication_id = plan.communication_id or noted
    planning.look_again(session, organisation.id, [plan.contact_id], now)


def _finish(
    session: Session, organisation: Organisation, plan: PaymentPlan, state: str, by: str, now: datetime
) -> None:
    plan.state, plan.next_look_at = state, None
    tell(session, plan, _ENDINGS[PlanState(state)], now)
    numbers = range(1, len(_parts(session, plan)) + 1)
    for number in numbers:
        key = team_tasks.missed_key(plan.id, number)
        team_tasks.finish_about(session, organisation.id, key=key, by=by, now=now)
    mails = [instalment_mail_id(plan.id, number) for number in numbers]
    chasers.cancel(session, organisation.id, dict.fromkeys(mails, _OVER))
    expected_dates.drop(
        session,
        organisation.id,
        [invoice_id for invoice_id, _ in queries.invoices_of(session, organisation.id, [plan.id])[plan.id]],
    )


def tell(session: Session, plan: PaymentPlan, words: str, now: datetime) -> None:
    """Tell other programs how a plan stands now."""
    of_plan = queries.invoices_of(session, plan.organisation_id, [plan.id])[plan.id]
    feed.tell(
        session,
        plan.organisation_id,
        feed.EventKind(f"plan_{plan.state}"),
        plan.contact_id,
        title=words,
        invoice_ids=[invoice_id for invoice_id, _ in of_plan],
        communication_id=plan.communication_id,
        now=now,
    )


def _note(
    session: Session, organisation: Organisation, plan: PaymentPlan, words: str, by: str, now: datetime
) -> str:
    ids = [invoice_id for invoice_id, _ in queries.invoices_of(session, organisation.id, [plan.id])[plan.id]]
    invoices = api.invoices_of_contact(session, organisation.id, plan.contact_id, ids)
    entry = record(
        session,
        organisation.id,
        plan.contact_id,
        invoices,
        channel="note",
        kind="plan",
        text=words,
        by=by,
        now=now,
    )
    return entry.id


def _parts(session: Session, plan: PaymentPlan) -> list[Instalment]:
    rows = queries.instalments(session, plan.organisation_id, [plan.id])[plan.id]
    return [Instalment(row.on, row.amount) for row in rows]


def _proposal(plan: PaymentPlan) -> str:
    return f"plan {plan.id} proposed"
