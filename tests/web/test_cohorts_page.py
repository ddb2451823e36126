"""What each month's invoices bring: the table, what is to come, its links and files."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

from openpyxl import load_workbook

from credit_control.figures.by_month import month_end, months_back
from kit import clock
from services.app import App
from tests.support.cast import Cast
from tests.support.paid_book import add_contact, add_invoice
from tests.support.visitor import Member, Visitor


def month(back: int) -> date:
    return months_back(clock.now().date(), back)


def furnish(app: App, stage: Cast) -> None:
    """Two months ago 1,000: 400 paid in it, 400 a month later; a month ago 1,000: 600 paid in it; and an old one."""
    heron = add_contact(app, stage.organisation_id, "Heron Glass")
    for back, amount, paid_on in (
        (2, "400.00", month(2) + timedelta(20)),
        (2, "400.00", month(1) + timedelta(10)),
        (2, "200.00", None),
        (1, "600.00", month(1) + timedelta(20)),
        (1, "400.00", None),
        (30, "77.00", None),
    ):
        due = month(back) + timedelta(2 + 30)  # thirty days after the third of the month
        add_invoice(app, stage.organisation_id, heron, due, paid_on, amount, "NOK")


def rows(member: Member, stage: Cast) -> list[dict[str, str]]:
    text = member.get(f"{stage.home}/reports/cohorts.csv").text.removeprefix("\ufeff")
    return [row for row in csv.DictReader(StringIO(text)) if row["currency"] == "NOK"]


def section(page: str) -> str:
    return page.split('id="in-NOK"', 1)[1].split("</section>", 1)[0]


def test_each_month_has_its_shares_and_what_is_open_of_it(dunnock: App, owner: Member, stage: Cast) -> None:
    furnish(dunnock, stage)
    before, last = rows(owner, stage)
    assert (before["month"], Decimal(before["billed"]), Decimal(before["open"])) == (
        month(2).isoformat(),
        Decimal(1000),
        Decimal(200),
    )
    assert [before[f"settled_by_month_{age}_per_cent"] for age in range(3)] == ["40.0000", "80.0000", ""]
    assert [last[f"settled_by_month_{age}_per_cent"] for age in range(2)] == ["60.0000", ""]
    page = section(owner.get(f"{stage.home}/reports/cohorts").text)
    assert "(60.0 + 40.0) ÷ 2 = 50.0 %" in page.replace("\xa0", " ")


def test_what_is_to_come_is_the_mean_of_past_months_and_older_invoices_are_named(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    furnish(dunnock, stage)
    page = section(owner.get(f"{stage.home}/reports/cohorts").text)
    ahead = re.findall(
        r'data-value="([\d.]+)">NOK', page.split('id="ahead-NOK"', 1)[1].split("</table>", 1)[0]
    )
    assert [Decimal(one) for one in ahead] == [200, 0]  # 80 % of 1,000 less the 600 that have come
    words = re.sub(r"<[^>]*>", " ", page).replace("\xa0", " ")
    assert re.search(r"Later by the mean, or not at all\s+NOK 400.00", words)  # 600 open less 200
    assert re.search(r"Open of older invoices, not counted\s+NOK 77.00", words)


def test_each_number_opens_its_invoices(dunnock: App, owner: Member, stage: Cast) -> None:
    furnish(dunnock, stage)
    page = section(owner.get(f"{stage.home}/reports/cohorts").text)
    first, last = month(1), month_end(month(1))
    for show, invoices in (("counted", 2), ("open", 1)):
        (link,) = [
            one.replace("&amp;", "&")
            for one in re.findall(r'href="([^"]*/invoices\?[^"]*)"', page)
            if f"show={show}" in one and f"issued_from={first}" in one and f"issued_to={last}" in one
        ]
        assert owner.get(link).text.count(">P-") == invoices


def test_the_workbook_has_the_months_the_means_and_what_is_to_come(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    furnish(dunnock, stage)
    book = load_workbook(BytesIO(owner.get(f"{stage.home}/reports/cohorts.xlsx").data))
    assert book.sheetnames == ["cohorts", "means", "to come"]
    means = [row for row in book["means"].iter_rows(min_row=2, values_only=True) if row[0] == "NOK"]
    assert means == [("NOK", 0, 50, 40, 60, 2), ("NOK", 1, 80, 80, 80, 1)]
    assert owner.get(f"{stage.home}/reports/cohorts.pdf").status_code == 404


def test_who_is_no_member_sees_nothing(visitor: Visitor, stage: Cast) -> None:
    stranger = visitor.signed_in_as(stage.stranger_id)
    for path in ("cohorts", "cohorts.csv"):
        assert stranger.get(f"{stage.home}/reports/{path}").status_code == 404
