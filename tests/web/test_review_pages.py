"""The review of a month, its files, and the targets that figures are held against."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO, StringIO

from openpyxl import load_workbook
from pypdf import PdfReader

from credit_control.figures.by_month import months_back
from kit import clock
from services.app import App
from store.models import AuditEntry, FigureTarget
from store.queries import figures_kept
from tests.support.cast import Cast
from tests.support.paid_book import add_contact, add_invoice
from tests.support.visitor import Member, Visitor


def furnish(dunnock: App, stage: Cast) -> str:
    """Heron Glass: overdue since the tenth of last month with 900, of the year before with 100; its id."""
    heron = add_contact(dunnock, stage.organisation_id, "Heron Glass")
    last = months_back(clock.now().date().replace(day=1), 1)
    add_invoice(dunnock, stage.organisation_id, heron, last + timedelta(9), None, "900.00", "NOK")
    before = months_back(last, 12)
    add_invoice(
        dunnock, stage.organisation_id, heron, before + timedelta(9), last + timedelta(4), "100.00", "NOK"
    )
    with dunnock.database.write(stage.organisation_id) as session:
        figures_kept.mark_stale(session, stage.organisation_id, [heron])
    return heron


def lines(page: str, currency: str) -> dict[str, list[str]]:
    """The table of a currency, by the name of its rows."""
    table = page.split(f'id="in-{currency}"', 1)[1].split("</table>", 1)[0]
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]:
        cells = [
            re.sub(r"<[^>]*>", "", one).strip()
            for one in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        ]
        found[cells[0].split("\n")[0]] = cells[1:]
    return found


def test_a_month_is_held_beside_the_one_before_and_that_of_a_year_ago(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    heron = furnish(dunnock, stage)
    page = owner.get(f"{stage.home}/reports/review")
    assert page.status_code == 200
    found = lines(page.text, "NOK")
    assert found["Open at its end"][:3] == ["NOK\xa0900.00", "NOK\xa01,000.00", "NOK\xa0100.00"]
    assert found["Overdue at its end"][:3] == ["NOK\xa0900.00", "NOK\xa0100.00", "NOK\xa0100.00"]
    assert f"/contacts/{heron}" in page.text
    grew = page.text.split('id="in-NOK"', 1)[1].split("Overdue grew most at", 1)[1].split("</ul>", 1)[0]
    assert "Heron Glass" in grew and "800.00" in grew


def test_the_files_say_the_same(dunnock: App, owner: Member, stage: Cast) -> None:
    furnish(dunnock, stage)
    page = lines(owner.get(f"{stage.home}/reports/review").text, "NOK")
    text = owner.get(f"{stage.home}/reports/review.csv").text.removeprefix("\ufeff")
    rows = {(row["currency"], row["figure"]): row for row in csv.DictReader(StringIO(text))}
    assert Decimal(rows["NOK", "open"]["month_before"]) == 1000
    sheet = load_workbook(BytesIO(owner.get(f"{stage.home}/reports/review.xlsx").data))
    assert sheet.sheetnames == ["review"]
    printed = owner.get(f"{stage.home}/reports/review.pdf")
    assert printed.content_type == "application/pdf"
    words = " ".join(one.extract_text() for one in PdfReader(BytesIO(printed.data)).pages).replace(
        "\xa0", " "
    )
    assert "Review of " in words and "Heron Glass" in words
    assert page["Days sales outstanding (DSO)"][0].replace("\xa0", " ") in words


def test_a_month_that_is_not_over_cannot_be_looked_back_at(owner: Member, stage: Cast) -> None:
    this = clock.now().strftime("%Y-%m")
    assert owner.get(f"{stage.home}/reports/review?month={this}").status_code == 404
    assert owner.get(f"{stage.home}/reports/review?month=lately").status_code == 400
    assert owner.get(f"{stage.home}/reports/review.doc").status_code == 404


def test_a_target_stands_at_its_figure_and_in_the_review(dunnock: App, owner: Member, stage: Cast) -> None:
    furnish(dunnock, stage)
    answer = owner.press(f"{stage.home}/reports/targets", currency="NOK", dso="35", cei="90,5")
    assert answer.status_code == 302
    page = owner.words(f"{stage.home}/reports")
    assert "Target 35.0 days: missed by" in page and "Target 90.5 %:" in page
    assert "Target 35.0 days: missed by" in owner.words(f"{stage.home}/reports/review")
    owner.press(f"{stage.home}/reports/targets", currency="NOK", cei="90.5")
    with dunnock.database.read(stage.organisation_id) as session:
        (one,) = session.query(FigureTarget)
        assert (one.figure, one.target, one.set_by) == ("cei", Decimal("90.5"), "Anna Hale")
        entries = session.query(AuditEntry).filter_by(subject="figure_target")
        assert {entry.act for entry in entries} == {"added", "removed"}


def test_what_cannot_be_a_target_is_said_and_kept_in_the_form(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    for fields, words in (
        ({"cei": "101"}, "from 0 to 100"),
        ({"dso": "soon"}, "is no target for Days sales outstanding"),
        ({"dso": "-4"}, "is no target"),
    ):
        page = owner.press(f"{stage.home}/reports/targets", currency="GBP", **fields)
        assert page.status_code == 422 and words in page.text
        assert f'value="{next(iter(fields.values()))}"' in page.text
    assert owner.press(f"{stage.home}/reports/targets", currency="XXX", dso="3").status_code == 404


def test_who_may_not_change_settings_sees_the_targets_alone(visitor: Visitor, stage: Cast) -> None:
    reader = visitor.signed_in_as(stage.colleague_id)
    page = reader.get(f"{stage.home}/reports/targets")
    assert page.status_code == 200 and ">Save<" not in page.text
    assert reader.press(f"{stage.home}/reports/targets", currency="GBP", dso="3").status_code == 403
