"""What the cast has agreed on and has under way: promises, plans, a dispute, a campaign, a task, people to be asked about."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from kit.ids import derived_id
from store.models import (
    AgreedTerms,
    BulkItem,
    BulkRun,
    Campaign,
    ChangedAddress,
    ComparisonMember,
    ContactPerson,
    Dispute,
    Invoice,
    Organisation,
    PaymentPlan,
    Person,
    PersonAway,
    PlacingRule,
    PlanInstalment,
    PlanInvoice,
    PromiseToPay,
    ScheduleComparison,
    StoppedAddress,
    TeamTask,
)


def campaign(home: Organisation, now: datetime) -> Campaign:
    """A campaign that was for nobody."""
    return Campaign(
        organisation_id=home.id,
        id=derived_id("campaign"),
        name="Museums",
        template_key="campaign",
        conditions=[],
        never_chased=False,
        status="running",
        started_at=now,
        started_by="Anna Hale",
    )


def comparison(
    home: Organisation, contact_id: str, now: datetime
) -> tuple[ScheduleComparison, ComparisonMember]:
    """A comparison of two schedules that is over, with one customer in it."""
    began = now - timedelta(days=200)
    row = ScheduleComparison(
        organisation_id=home.id,
        id=derived_id("comparison"),
        name="Firmer",
        schedule_a=derived_id("schedule", home.id, "Standard"),
        schedule_b=derived_id("schedule", home.id, "Firm"),
        share=50,
        from_on=began.date(),
        until=(now - timedelta(days=20)).date(),
        begun_at=began,
        begun_by="Anna Hale",
    )
    drawn = ComparisonMember(organisation_id=home.id, comparison_id=row.id, contact_id=contact_id, part="b")
    return row, drawn


def bulk_run(session: Session, home: Organisation, contact_id: str, now: datetime) -> None:
    """A tag that was put on one customer, and can be taken off again."""
    run = BulkRun(
        organisation_id=home.id,
        id=derived_id("bulk run"),
        page="customers",
        action="tag",
        wish={"tag": "old"},
        total=1,
        asked_by="Anna Hale",
        asked_at=now,
        finished_at=now,
    )
    session.add(run)
    session.flush()
    session.add(
        BulkItem(organisation_id=home.id, run_id=run.id, place=0, about=contact_id, state="done", before={})
    )


def promise(home: Organisation, contact_id: str, now: datetime) -> PromiseToPay:
    """A promise that stands, about no invoice in particular."""
    on = now.date() + timedelta(days=5)
    return PromiseToPay(
        organisation_id=home.id,
        id=derived_id("promise"),
        contact_id=contact_id,
        currency="GBP",
        amount=Decimal("120.00"),
        whole=False,
        made_on=now.date(),
        promised_on=on,
        grace_until=on + timedelta(days=2),
        state="open",
        paid=Decimal(0),
        recorded_by="Anna Hale",
        created_at=now,
        next_look_at=now + timedelta(days=8),
    )


def plans(session: Session, home: Organisation, invoice: Invoice, now: datetime) -> None:
    """A plan that stands no more but for a person's word, and one that a customer proposes."""
    for marks, state in ((("plan",), "broken"), (("plan", "proposed"), "proposed")):
        plan = PaymentPlan(
            organisation_id=home.id,
            id=derived_id(*marks),
            contact_id=invoice.contact_id,
            currency=invoice.currency,
            amount=invoice.amount_due,
            version=1,
            state=state,
            made_on=now.date(),
            recorded_by="Anna Hale",
            created_at=now,
        )
        session.add(plan)
        session.flush()
        session.add(
            PlanInvoice(
                organisation_id=home.id,
                plan_id=plan.id,
                invoice_id=invoice.id,
                due_then=invoice.amount_due,
                paid_then=Decimal(0),
            )
        )
        for number in (1, 2):
            on = now.date() + timedelta(weeks=number)
            session.add(
                PlanInstalment(
                    organisation_id=home.id,
                    plan_id=plan.id,
                    number=number,
                    on=on,
                    grace_until=on + timedelta(days=2),
                    amount=invoice.amount_due / 2,
                    paid=Decimal(0),
                    state="open",
                )
            )


def dispute(home: Organisation, invoice: Invoice, owner: Person, now: datetime) -> Dispute:
    """All of an invoice is in dispute since yesterday."""
    return Dispute(
        organisation_id=home.id,
        id=derived_id("dispute"),
        contact_id=invoice.contact_id,
        invoice_id=invoice.id,
        currency=invoice.currency,
        category="goods",
        reason="The vase came broken.",
        owner_id=owner.id,
        answer_by=now.date() + timedelta(days=29),
        credited_before=Decimal(0),
        opened_by="Anna Hale",
        opened_at=now - timedelta(days=1),
        rests=True,
    )


def rule(home: Organisation) -> PlacingRule:
    """A rule that is about none of the customers."""
    return PlacingRule(
        organisation_id=home.id,
        id=derived_id("rule"),
        position=1,
        name="Museums",
        conditions=[{"field": "group", "is": "Museums"}],
        schedule_id=derived_id("schedule", home.id, "Gentle"),
        reason="",
    )


def old_terms(home: Organisation, contact_id: str, now: datetime) -> AgreedTerms:
    """Special terms that are over, so that nothing is asked for otherwise."""
    return AgreedTerms(
        organisation_id=home.id, id=derived_id("special terms"), contact_id=contact_id,
        agreed_on=date(2020, 1, 1), until=date(2020, 1, 31), percent=Decimal(2), why="As agreed",
        agreed_by="Ben Okafor", entered_at=now,
    )  # fmt: skip


def task(home: Organisation, invoice: Invoice, owner: Person, now: datetime) -> TeamTask:
    """Something that was to be done yesterday."""
    return TeamTask(
        organisation_id=home.id, id=derived_id("team task of the cast"), kind="own",
        what="Ask Robin Marsh for the order number", due_on=now.date() - timedelta(days=1), owner_id=owner.id,
        contact_id=invoice.contact_id, invoice_id=invoice.id, asked_by="Ben Okafor", asked_at=now,
    )  # fmt: skip


def people(
    home: Organisation, contact_id: str, now: datetime
) -> tuple[ContactPerson, ChangedAddress, PersonAway, StoppedAddress]:
    """Somebody who approves, an address that the ledger had for a while, somebody who was away, and a dead address."""
    person = ContactPerson(
        organisation_id=home.id, id=derived_id("person"), contact_id=contact_id, name="Abe Approves",
        email="abe@bellwether.example", roles=["approver"], entered_by="Anna Hale", entered_at=now,
    )  # fmt: skip
    change = ChangedAddress(
        organisation_id=home.id, contact_id=contact_id, address="changed@elsewhere.example",
        instead_of="accounts@bellwether.example", noticed_at=now,
    )  # fmt: skip
    away = PersonAway(
        organisation_id=home.id, contact_id=contact_id, address="away@elsewhere.example",
        until=now.date() - timedelta(days=9), sentence="I am out of the office.", communication_id=derived_id("away"),
        noticed_at=now,
    )  # fmt: skip
    stopped = StoppedAddress(
        organisation_id=home.id, id=derived_id("stopped"), contact_id=contact_id, address="gone@elsewhere.example",
        why="bounce", words="The address gone@elsewhere.example does not exist: unknown user", since=now,
    )  # fmt: skip
    return person, change, away, stopped
