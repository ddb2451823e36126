"""The pages on which two schedules are compared: begin one after a look, read what came of it, end it."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from kit import clock
from kit.ids import derived_id
from services.app import App
from store.models import (
    ComparisonMember,
    Contact,
    Invoice,
    ScheduleComparison,
    ScheduleVersion,
)
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor


def at(stage: Cast, *more: str) -> str:
    return "/".join((f"{stage.home}/reports/does-it-work/comparisons", *more))


def typed(stage: Cast, **fields: str) -> dict[str, str]:
    until = clock.now().date() + timedelta(days=90)
    return {
        "comparison_name": "Firmer in winter",
        "schedule_a": derived_id("schedule", stage.organisation_id, "Standard"),
        "schedule_b": derived_id("schedule", stage.organisation_id, "Firm"),
        "share": "50",
        "until": until.isoformat(),
    } | fields


def rows(owner: Member, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(owner.get(address).text.removeprefix("\ufeff"))))


def an_outcome(dunnock: App, stage: Cast, customers: int = 12) -> str:
    """Standard and Firm were compared for half a year: of A's customers half never pay, of B's all pay on the day."""
    key, now = derived_id("comparison", "with figures"), clock.now()
    first = now.date() - timedelta(days=190)
    with dunnock.database.write(stage.organisation_id) as session:
        model = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        columns = {one.key: getattr(model, one.key) for one in Contact.__table__.columns}
        session.add(
            ScheduleComparison(
                organisation_id=stage.organisation_id,
                id=key,
                name="Half a year",
                schedule_a=derived_id("schedule", stage.organisation_id, "Standard"),
                schedule_b=derived_id("schedule", stage.organisation_id, "Firm"),
                share=50,
                from_on=first,
                until=now.date() - timedelta(days=10),
                begun_at=now - timedelta(days=190),
                begun_by="Anna Hale",
            )
        )
        for number in range(2 * customers):
            own = {"id": f"c{number:031}", "ledger_id": f"ledger-c{number}", "name": f"Customer {number:03}"}
            session.add(Contact(**(columns | own)))
        session.flush()
        for number in range(2 * customers):
            part = "ab"[number % 2]
            session.add(
                ComparisonMember(
                    organisation_id=stage.organisation_id,
                    comparison_id=key,
                    contact_id=f"c{number:031}",
                    part=part,
                )
            )
            for each in range(4):
                due = first + timedelta(days=each)
                paid = part == "b" or number % 4 == 0
                session.add(
                    Invoice(
                        organisation_id=stage.organisation_id,
                        id=f"i{number:027}{each:04}",
                        ledger_id=f"ledger-i{number}-{each}",
                        contact_id=f"c{number:031}",
                        number=f"B-{number}-{each}",
                        issued_on=due - timedelta(days=20),
                        due_on=due,
                        currency="GBP",
                        total=Decimal("100.00"),
                        amount_due=Decimal(0) if paid else Decimal("100.00"),
                        amount_paid=Decimal("100.00") if paid else Decimal(0),
                        amount_credited=Decimal(0),
                        status="PAID" if paid else "AUTHORISED",
                        fully_paid_on=due if paid else None,
                        updated_at=now,
                        fingerprint="x",
                    )
                )
    return key


def test_it_is_looked_at_first_and_begun_then(owner: Member, stage: Cast, dunnock: App) -> None:
    assert "Choose …" in owner.words(at(stage, "new"))
    seen = owner.press(at(stage, "new"), do="look", **typed(stage)).text
    assert "customers would be drawn" in seen and "no mail reaches it" in seen
    assert "That is too few" in seen and "Chasing is not live" in seen
    begun = owner.press(at(stage, "new"), do="begin", **typed(stage))
    assert begun.status_code == 302
    page = owner.words(begun.headers["Location"])
    assert "Firmer in winter" in page and "Too few to tell" in page and "begun by Anna Hale" in page
    with dunnock.database.read(stage.organisation_id) as session:
        row = session.scalars(
            select(ScheduleComparison).where(ScheduleComparison.name == "Firmer in winter")
        ).one()
        drawn = session.scalars(
            select(ComparisonMember).where(ComparisonMember.comparison_id == row.id)
        ).all()
    assert {one.part for one in drawn} <= {"a", "b", None}
    assert "Firmer in winter" in owner.words(at(stage))
    assert "runs until" in owner.words(at(stage, "new"))
    again = owner.press(at(stage, "new"), do="begin", **typed(stage))
    assert again.status_code == 422 and "end it first" in again.text


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("share", "half", "whole number of per cent"),
        ("share", "95", "Between 10 and 90"),
        ("until", "soon", "Give the last day"),
        ("until", "2020-01-01", "Choose a last day between"),
        ("schedule_b", "", "no such schedule"),
        ("comparison_name", "", "Give the comparison a name"),
    ],
)
def test_what_cannot_be_is_said_beside_what_was_typed(
    owner: Member, stage: Cast, field: str, value: str, problem: str
) -> None:
    found = owner.press(at(stage, "new"), do="look", **typed(stage, **{field: value}))
    assert found.status_code == 422
    assert problem in found.text


def test_the_page_says_what_differs_with_the_interval_and_lists_everybody(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    key = an_outcome(dunnock, stage)
    page = owner.words(at(stage, key))
    assert "more invoices were paid within 30 days of the due date than with “Standard”: by 50.0 (" in page
    assert "Average days late" in page and "A 15.0, B 0.0" in page
    assert "Drawn into A: 12, into B: 12" in page
    assert "Customer 001" in page and "Customer 000" not in page
    assert "Customer 000" in owner.words(at(stage, key) + "?part=a")
    assert "Nobody." in owner.words(at(stage, key) + "?part=out")
    assert owner.get(at(stage, key) + "?part=c").status_code == 404
    assert "50.0 (" in owner.words(at(stage))


def test_the_files_hold_the_same(owner: Member, stage: Cast, dunnock: App) -> None:
    key = an_outcome(dunnock, stage)
    month = next(one for one in rows(owner, at(stage, key, "figures.csv")) if one["within_days"] == "30")
    assert (month["invoices_a"], month["paid_a"], month["value_a"], month["value_b"]) == (
        "48",
        "24",
        "0.5000",
        "1.0000",
    )
    assert Decimal(month["difference"]) == Decimal("0.5") > Decimal(month["difference_low"]) > 0
    late = rows(owner, at(stage, key, "figures.csv"))[-1]
    assert (late["measure"], late["value_a"], late["difference"]) == ("days_late", "15.0000", "-15.0000")
    drawn = rows(owner, at(stage, key, "customers.csv"))
    assert len(drawn) == 24 and {one["part"] for one in drawn} == {"a", "b"}
    book = load_workbook(BytesIO(owner.get(at(stage, key, "comparison.xlsx")).data))
    assert book.sheetnames == ["figures", "customers"]
    assert owner.get(at(stage, key, "figures.xlsx")).status_code == 404


def test_too_few_customers_are_too_few_to_tell(owner: Member, stage: Cast, dunnock: App) -> None:
    key = an_outcome(dunnock, stage, 9)
    assert "Too few to tell" in owner.words(at(stage, key))


def test_steps_that_were_changed_meanwhile_are_said(owner: Member, stage: Cast, dunnock: App) -> None:
    key = an_outcome(dunnock, stage)
    assert "were changed after" not in owner.words(at(stage, key))
    with dunnock.database.write(stage.organisation_id) as session:
        schedule_id = derived_id("schedule", stage.organisation_id, "Firm")
        session.add(
            ScheduleVersion(
                organisation_id=stage.organisation_id,
                id=derived_id("a new version"),
                schedule_id=schedule_id,
                number=9,
                steps=[],
                created_at=clock.now() - timedelta(days=100),
            )
        )
    assert "The steps of “Firm” were changed after" in owner.words(at(stage, key))


def test_before_any_invoice_counts_nothing_is_drawn_and_that_is_said(owner: Member, stage: Cast) -> None:
    where = owner.press(at(stage, "new"), do="begin", **typed(stage)).headers["Location"]
    page = owner.words(where)
    assert "No invoice counts yet." in page and "too few to tell days" not in page
    assert "data-chart" not in owner.get(where).text


def test_where_too_few_tell_how_far_days_late_differ_their_means_are_said(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = owner.words(at(stage, an_outcome(dunnock, stage, 9)))
    assert "too few to tell how far they differ" in page and "too few to tell days" not in page


def test_it_is_ended_before_its_last_day(owner: Member, stage: Cast) -> None:
    where = owner.press(at(stage, "new"), do="begin", **typed(stage)).headers["Location"]
    assert "End it now" in owner.words(where)
    owner.press(f"{where}/end")
    page = owner.words(where)
    assert "Anna Hale ended it on" in page and "End it now" not in page
    assert "Ended early" in owner.words(at(stage))
    owner.press(f"{where}/end")
    assert "over already" in owner.words(where)


def test_an_end_is_taken_back_by_its_message(owner: Member, stage: Cast) -> None:
    where = owner.press(at(stage, "new"), do="begin", **typed(stage)).headers["Location"]
    owner.press(f"{where}/end")
    page = owner.get(where).text
    assert "Undo the end" in page
    (ended,) = re.findall(r'name="ended" value="([^"]+)"', page)
    owner.press(f"{where}/take-back", ended=unescape(ended))
    page = owner.words(where)
    assert "The comparison goes on, with the same customers in both parts." in page
    assert "End it now" in page and "ended it on" not in page
    owner.press(f"{where}/take-back", ended=unescape(ended))
    assert "taken back already" in owner.words(where)
    assert owner.press(f"{where}/take-back", ended="soon").status_code == 400


def test_schedules_and_rules_say_that_the_draw_comes_before_them_while_it_runs(
    owner: Member, stage: Cast
) -> None:
    said = "Two schedules are being compared until"
    pages = (f"{stage.home}/schedules", f"{stage.home}/rules")
    assert not any(said in owner.words(one) for one in pages), "that of the cast is over"
    where = owner.press(at(stage, "new"), do="begin", **typed(stage)).headers["Location"]
    assert all(said in owner.words(one) and "Firmer in winter" in owner.words(one) for one in pages)
    owner.press(f"{where}/end")
    assert not any(said in owner.words(one) for one in pages)


def test_what_the_ledger_merged_or_does_not_date_is_said_and_counted_where_it_is_now(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    """A customer of A is merged into one of B, and another invoice of A is paid on a day that nobody knows."""
    key = an_outcome(dunnock, stage)
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Contact, (stage.organisation_id, f"c{2:031}")).status = "ARCHIVED"
        for each in range(4):
            moved = session.get_one(Invoice, (stage.organisation_id, f"i{2:027}{each:04}"))
            moved.contact_id = f"c{1:031}"
        session.get_one(Invoice, (stage.organisation_id, f"i{0:027}{0:04}")).fully_paid_on = None
        session.get_one(Invoice, (stage.organisation_id, f"i{1:027}{0:04}")).status = "VOIDED"
    month = next(one for one in rows(owner, at(stage, key, "figures.csv")) if one["within_days"] == "30")
    assert [month[name] for name in ("invoices_a", "paid_a", "invoices_b", "paid_b")] == [
        "43",
        "23",
        "51",
        "47",
    ]
    page = owner.words(at(stage, key))
    assert "1 customer that was drawn is not active any more" in page
    assert "1 invoice is paid on a day that the ledger does not say" in page
    assert "Drawn into A: 12, into B: 12" in page


def test_who_may_only_look_begins_and_ends_nothing(visitor: Visitor, owner: Member, stage: Cast) -> None:
    where = owner.press(at(stage, "new"), do="begin", **typed(stage)).headers["Location"]
    reader = visitor.signed_in_as(stage.colleague_id)
    assert "End it now" not in reader.words(where)
    assert reader.get(at(stage, "new")).status_code == 403
    assert reader.press(f"{where}/end").status_code == 403
    assert reader.press(f"{where}/take-back", ended="").status_code == 403
    assert reader.press(at(stage, "new"), do="begin", **typed(stage)).status_code == 403


def test_a_stranger_finds_no_comparison_of_ours_under_her_own_address(
    visitor: Visitor, stage: Cast, dunnock: App
) -> None:
    key = an_outcome(dunnock, stage)
    sybil = visitor.signed_in_as(stage.stranger_id)
    hers = f"/organisations/{stage.other_organisation_id}/reports/does-it-work/comparisons"
    for path in (
        f"{hers}/{key}",
        f"{hers}/{key}/figures.csv",
        f"{stage.home}/reports/does-it-work/comparisons/{key}",
    ):
        assert sybil.get(path).status_code == 404
    assert sybil.press(f"{hers}/{key}/end").status_code == 404
    assert sybil.press(f"{hers}/{key}/take-back", ended="").status_code == 404
    ours = sybil.press(f"{hers}/new", do="begin", **typed(stage))
    assert ours.status_code == 422 and "no such schedule" in ours.text
