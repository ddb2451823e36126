"""What became of payment plans: each instalment by its day, from the books as they were read after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.calendar import add_working_days, local_day, start_of_day
from credit_control.payment_plans import (
    Instalment,
    InstalmentState,
    PlanState,
    judge_instalments,
    still_to_come,
)
from credit_control.promises import Covered
from credit_control.words import Day, Money
from kit import clock
from kit.wording import N_
from services import doors, team_tasks
from services.app import App
from services.payment_plans import tell
from services.promises_judged import BY_ITSELF, UNTIL_READ, read_since
from services.team_tasks import TaskKind
from store.facts import policy_of
from store.models import Organisation, PaymentPlan, PlanInstalment
from store.queries import looks, planning, sending
from store.queries import payment_plans as queries

_AT_ONCE = 100
_DAY = timedelta(days=1)
_NEWS = {
    PlanState.RUNNING: N_("Payment plan kept to again"),
    PlanState.MISSED: N_("An instalment of the payment plan did not come in full"),
    PlanState.BROKEN: N_("Payment plan broken; chasing goes on"),
    PlanState.KEPT: N_("Payment plan kept"),
    PlanState.ENDED: N_("Payment plan ended, because nothing of it is due any more"),
}
_LOOKED_AT = frozenset({PlanState.RUNNING, PlanState.MISSED, PlanState.BROKEN, PlanState.KEPT})


def due(app: App) -> list[str]:
    """Organisations with plans to be looked at now."""
    with app.database.read_across() as session:
        return looks.organisations_with_due(session, PaymentPlan, clock.now())


def work(app: App, organisation_id: str) -> bool:
    """Look at the plans of one organisation whose time has come. True if more may be due."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = sending.lock_organisation(session, organisation_id)
        plans = looks.due(session, PaymentPlan, organisation_id, now, _AT_ONCE)
        for plan in plans:
            if plan.state in _LOOKED_AT:
                _judge(session, organisation, plan, now)
            else:
                plan.next_look_at = None
    if plans:
        app.soft_doorbell.ring(doors.PLAN, organisation_id)
    return len(plans) == _AT_ONCE


def _judge(session: Session, organisation: Organisation, plan: PaymentPlan, now: datetime) -> None:
    window = policy_of(organisation).window
    today = local_day(window, now)
    rows = queries.instalments(session, organisation.id, [plan.id])[plan.id]
    covered = queries.covered(session, organisation.id, plan.id)
    given = [(Instalment(row.on, row.amount), row.grace_until, row.paid) for row in rows]
    judged = judge_instalments(given, plan.currency, covered, today)
    for row, found in zip(rows, judged, strict=True):
        over = start_of_day(window, row.grace_until + _DAY)
        not_in_time = found.state in (InstalmentState.MISSED, InstalmentState.LATE)
        if not_in_time and row.state == InstalmentState.OPEN and not read_since(organisation, over):
            plan.next_look_at = now + UNTIL_READ
            return
        row.state, row.paid = found.state, found.paid
    ahead = [row for row in rows if row.state == InstalmentState.OPEN]
    plan.next_look_at = start_of_day(window, ahead[0].grace_until + _DAY) if ahead else None
    all_came = all(row.state in (InstalmentState.KEPT, InstalmentState.LATE) for row in rows)
    nothing_left = all_came or not any(one.due_now > 0 and not one.gone for one in covered)
    _settle(session, organisation, plan, rows, covered, now, nothing_left=nothing_left)


def _settle(
    session: Session,
    organisation: Organisation,
    plan: PaymentPlan,
    rows: list[PlanInstalment],
    covered: Sequence[Covered],
    now: datetime,
    *,
    nothing_left: bool,
) -> None:
    """What the instalments make of the plan; somebody is asked where one was missed.

    Whoever has caught up is as good as before: the plan runs on, and only the instalment remembers that it was late.
    """
    missed = [row for row in rows if row.state == InstalmentState.MISSED]
    in_time = all(row.state == InstalmentState.KEPT for row in rows)
    if nothing_left:
        state = PlanState.KEPT if in_time else PlanState.ENDED
    elif missed:
        state = PlanState.BROKEN if organisation.when_plan_missed == "resume" else PlanState.MISSED
    else:
        state = PlanState.RUNNING
    if state != plan.state:
        plan.state, plan.judged_at = state, now
        tell(session, plan, _NEWS[state], now)
        planning.look_again(session, organisation.id, [plan.contact_id], now)
    asks = missed[0] if state in (PlanState.MISSED, PlanState.BROKEN) else None
    for row in rows:
        if row is not asks:
            key = team_tasks.missed_key(plan.id, row.number)
            team_tasks.finish_about(session, organisation.id, key=key, by=BY_ITSELF, now=now)
    if asks:
        parts = [Instalment(row.on, row.amount) for row in rows]
        _ask(session, organisation, plan, asks, still_to_come(parts, asks.number, covered), now)


def _ask(
    session: Session,
    organisation: Organisation,
    plan: PaymentPlan,
    missed: PlanInstalment,
    missing: Decimal,
    now: datetime,
) -> None:
    """Somebody is asked about the first instalment that is missing; while the plan rests because of it, that stays to be done."""
    rests, window = plan.state == PlanState.MISSED, policy_of(organisation).window
    goes_on = N_("Nobody is chased until you change or end it.") if rests else N_("Chasing goes on.")
    task = team_tasks.ask(
        session,
        organisation.id,
        kind=TaskKind.PROMISE,
        what=N_(
            f"Instalment {missed.number} of a payment plan, {Money(missed.amount, plan.currency)}"
            f" by {Day(missed.on)}: {Money(missing, plan.currency)} of it did not come. {goes_on}"
        ),
        due_on=add_working_days(local_day(window, now), 1, window.off),
        by=BY_ITSELF,
        now=now,
        contact_id=plan.contact_id,
        key=team_tasks.missed_key(plan.id, missed.number),
    )
    if rests:
        team_tasks.reopen(session, organisation.id, task.id, by=BY_ITSELF, now=now)
