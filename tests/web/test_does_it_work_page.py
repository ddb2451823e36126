"""The page that compares before and after the first reminder, and follows invoices from step to step."""

from __future__ import annotations

import csv
from datetime import timedelta
from decimal import Decimal
from io import BytesIO, StringIO

from openpyxl import load_workbook
from sqlalchemy import select

from kit import clock
from services.app import App
from store.models import Communication, CommunicationInvoice, Contact, Invoice, ScheduleVersion
from tests.support.cast import Cast
from tests.support.visitor import Member


def rows(owner: Member, stage: Cast, what: str) -> list[dict[str, str]]:
    text = owner.get(f"{stage.home}/reports/does-it-work/{what}.csv").text.removeprefix("\ufeff")
    return list(csv.DictReader(StringIO(text)))


def a_year(dunnock: App, stage: Cast, customers: int) -> None:
    """Customers who pay 20 days late until their first reminder, and 5 days late afterwards: four invoices on each side."""
    today, now = clock.now().date(), clock.now()
    first = today - timedelta(days=180)
    with dunnock.database.write(stage.organisation_id) as session:
        version = session.scalars(
            select(ScheduleVersion).where(ScheduleVersion.organisation_id == stage.organisation_id)
        ).first()
        assert version is not None
        mails = [step for step in version.steps if step["action"] == "email" and step["offset_days"] > 0]
        model = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        columns = {one.key: getattr(model, one.key) for one in Contact.__table__.columns}
        for number in range(customers):
            own = {"id": f"c{number:031}", "ledger_id": f"ledger-c{number}", "name": f"Customer {number}"}
            session.add(Contact(**(columns | own)))
        session.flush()
        for number in range(customers):
            for at in range(8):
                late = 20 if at < 4 else 5
                due = first - timedelta(days=60 + at) if at < 4 else first + timedelta(days=30 + at)
                session.add(
                    Invoice(
                        organisation_id=stage.organisation_id,
                        id=f"i{number:027}{at:04}",
                        ledger_id=f"ledger-i{number}-{at}",
                        contact_id=f"c{number:031}",
                        number=f"B-{number}-{at}",
                        issued_on=due - timedelta(days=20),
                        due_on=due,
                        currency="GBP",
                        total=Decimal("100.00"),
                        amount_due=Decimal(0),
                        amount_paid=Decimal("100.00"),
                        amount_credited=Decimal(0),
                        status="PAID",
                        fully_paid_on=due + timedelta(days=late),
                        updated_at=now,
                        fingerprint="x",
                    )
                )
            session.flush()
            sent_at = now - timedelta(days=180)
            mail = Communication(
                organisation_id=stage.organisation_id,
                id=f"m{number:031}",
                direction="out",
                channel="email",
                kind="chaser",
                status="delivered",
                contact_id=f"c{number:031}",
                schedule_version_id=version.id,
                step_position=mails[0]["position"],
                step_name=mails[0]["name"],
                sent_at=sent_at,
                created_at=sent_at,
            )
            session.add(mail)
            session.flush()
            session.add(
                CommunicationInvoice(
                    organisation_id=stage.organisation_id,
                    communication_id=mail.id,
                    invoice_id=f"i{number:027}{4:04}",
                    position=mails[0]["position"],
                    currency="GBP",
                    amount_due=Decimal("100.00"),
                )
            )


def test_before_and_after_with_how_far_chance_reaches(owner: Member, stage: Cast, dunnock: App) -> None:
    a_year(dunnock, stage, 12)
    found = {one["measure"]: one for one in rows(owner, stage, "before-after") if one["schedule"] == ""}
    late = found["days_late"]
    assert (late["customers"], late["invoices_before"], late["invoices_after"]) == ("12", "48", "48")
    assert [Decimal(late[name]) for name in ("before", "after", "difference")] == [20, 5, -15]
    assert Decimal(found["days_to_pay"]["before"]) == 40
    assert Decimal(found["paid_in_window"]["after"]) == 1
    page = owner.get(f"{stage.home}/reports/does-it-work").text
    assert "not what caused it" in page
    assert "-15.0" in page or "−15.0" in page


def test_few_customers_are_too_few_to_tell(owner: Member, stage: Cast, dunnock: App) -> None:
    a_year(dunnock, stage, 3)
    late = next(one for one in rows(owner, stage, "before-after") if one["measure"] == "days_late")
    assert (late["customers"], late["difference"]) == ("3", "")
    assert "too few to tell" in owner.get(f"{stage.home}/reports/does-it-work").text


def test_steps_of_365_days_are_looked_at_today_being_one_of_them(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    a_year(dunnock, stage, 2)
    noon = clock.now().replace(hour=12)
    with dunnock.database.write(stage.organisation_id) as session:
        for number, back in enumerate((364, 365)):
            mail = session.get_one(Communication, (stage.organisation_id, f"m{number:031}"))
            mail.sent_at = noon - timedelta(days=back)
    reached = {one["step"]: one["reached"] for one in rows(owner, stage, "steps")}
    assert reached["First reminder"] == "1"


def test_steps_say_how_many_invoices_got_them_and_were_paid(owner: Member, stage: Cast, dunnock: App) -> None:
    a_year(dunnock, stage, 12)
    step = max(rows(owner, stage, "steps"), key=lambda one: int(one["reached"]))
    assert int(step["reached"]) >= 12
    assert int(step["before_next_paid"]) == 12
    book = load_workbook(BytesIO(owner.get(f"{stage.home}/reports/does-it-work/does-it-work.xlsx").data))
    assert book.sheetnames == ["before_after", "steps"]


def test_a_window_that_is_not_offered_is_refused(owner: Member, stage: Cast) -> None:
    assert owner.get(f"{stage.home}/reports/does-it-work?within=60").status_code == 200
    for wrong in ("0", "31", "many", "-30"):
        assert owner.get(f"{stage.home}/reports/does-it-work?within={wrong}").status_code == 400
