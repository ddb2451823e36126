"""The page of figures: its numbers, the invoices behind them, and the same as files."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO, StringIO

from openpyxl import load_workbook

from kit import clock
from services.app import App
from services.figures.kpis import MOST_DAYS
from tests.support.cast import Cast
from tests.support.paid_book import add_contact, pays
from tests.support.visitor import Member, Visitor
from web.pages.figure_cards import KINDS


def owner(visitor: Visitor, stage: Cast) -> Member:
    return visitor.signed_in_as(stage.owner_id)


def test_each_figure_stands_with_its_formula_and_its_numbers(visitor: Visitor, stage: Cast) -> None:
    page = owner(visitor, stage).get(f"{stage.home}/reports")
    assert page.status_code == 200
    for words in ("Days sales outstanding (DSO)", "open ÷", "Wrong-chase rate", "As of", "Month by month"):
        assert words in page.text


def test_each_figure_opens_what_it_counted_also_on_a_past_day(visitor: Visitor, stage: Cast) -> None:
    member = owner(visitor, stage)
    now = clock.now().date()
    past = _links(member.get(f"{stage.home}/reports?on={now - timedelta(9)}&days=90").text)
    today = _links(member.get(f"{stage.home}/reports").text)
    for found in (today, past):
        assert set(KINDS) <= {one.split("/counted/")[1].split("?")[0] for one in found}
    for one in sorted(today | past):
        page = member.get(one)
        assert page.status_code == 200 and "What was counted" in page.text, one


def test_the_months_of_the_review_open_what_they_counted(visitor: Visitor, stage: Cast) -> None:
    member = owner(visitor, stage)
    found = _links(member.get(f"{stage.home}/reports/review").text)
    assert any("/counted/long_overdue?" in one for one in found)
    for one in sorted(found):
        assert member.get(one).status_code == 200, one


def test_what_was_counted_is_listed_with_its_sum_and_is_in_the_file(visitor: Visitor, stage: Cast) -> None:
    member = owner(visitor, stage)
    page = member.get(f"{stage.home}/reports/counted/dso?currency=GBP").text
    assert "All together" in page and "open ÷" in page
    (link,) = (one for one in _links(page) if ".csv" in one)
    rows = list(csv.DictReader(StringIO(member.get(link).text.removeprefix("\ufeff"))))
    figures = csv.DictReader(
        StringIO(member.get(f"{stage.home}/reports/figures.csv").text.removeprefix("\ufeff"))
    )
    (dso,) = (row for row in figures if (row["currency"], row["figure"]) == ("GBP", "dso"))
    whole = sum(Decimal(row["open"]) for row in rows)
    assert rows and f"open={whole}" in dso["inputs"]
    assert f"{whole:,}" in page, "the sum stands over the rows"


def test_a_long_list_of_what_was_counted_has_pages(dunnock: App, visitor: Visitor, stage: Cast) -> None:
    pays(dunnock, stage.organisation_id, stage.contact_id, late=4, times=60)
    member = owner(visitor, stage)
    first = f"{stage.home}/reports/counted/days_late?currency=GBP&days=3660"
    assert "page=2" in member.get(first).text
    second = member.get(f"{first}&page=2").text
    assert "Newer" in second and "page=3" not in second
    for wrong in ("page=0", "page=x", "page=-1"):
        assert member.get(f"{first}&{wrong}").status_code == 400


def test_what_is_no_figure_or_no_currency_has_no_list(visitor: Visitor, stage: Cast) -> None:
    member = owner(visitor, stage)
    assert member.get(f"{stage.home}/reports/counted/luck?currency=GBP").status_code == 404
    for wrong in ("", "?currency=pounds", "?currency=gbp", "?currency=GBP&on=2099-01-01"):
        assert member.get(f"{stage.home}/reports/counted/dso{wrong}").status_code == 400, wrong
    nothing = member.get(f"{stage.home}/reports/counted/dso?currency=XAU")
    assert nothing.status_code == 200 and "Nothing was counted" in nothing.text


def _links(page: str) -> set[str]:
    return {one.replace("&amp;", "&") for one in re.findall(r'href="([^"]*/reports/counted/[^"]*)"', page)}


def test_a_period_that_cannot_be_is_refused(visitor: Visitor, stage: Cast) -> None:
    member = owner(visitor, stage)
    for wrong in ("on=2099-01-01", "on=yesterday", "days=0", f"days={MOST_DAYS + 1}", "days=-1", "days=many"):
        assert member.get(f"{stage.home}/reports?{wrong}").status_code == 400, wrong


def test_the_same_is_in_the_files(visitor: Visitor, stage: Cast) -> None:
    member = owner(visitor, stage)
    text = member.get(f"{stage.home}/reports/figures.csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(StringIO(text)))
    assert {"dso", "cei", "wado"} <= {row["figure"] for row in rows}
    assert all(row["formula"] for row in rows)
    assert member.get(f"{stage.home}/reports/months.csv").text.startswith("\ufeffcurrency,month_end")
    book = load_workbook(BytesIO(member.get(f"{stage.home}/reports/figures.xlsx").data))
    assert book.sheetnames == ["figures", "months"]


def test_the_list_of_invoices_can_be_narrowed_by_issue_and_payment_days(
    visitor: Visitor, stage: Cast
) -> None:
    member = owner(visitor, stage)
    nothing = member.get(f"{stage.home}/invoices?show=counted&issued_from=2001-01-01&issued_to=2001-01-31")
    assert "No invoice here" in nothing.text
    everything = member.get(f"{stage.home}/invoices?show=counted&issued_from=2001-01-01")
    assert "No invoice here" not in everything.text


def test_the_invoices_behind_a_rating_are_those_of_this_customer_in_its_year(
    dunnock: App, visitor: Visitor, stage: Cast
) -> None:
    member = owner(visitor, stage)
    pays(dunnock, stage.organisation_id, stage.contact_id, late=4, times=3)
    namesake = add_contact(dunnock, stage.organisation_id, "Bellwether Books of Bath")
    pays(dunnock, stage.organisation_id, namesake, late=9, times=2)
    page = member.get(f"{stage.home}/contacts/{stage.contact_id}/payer").text
    (link,) = (
        one.replace("&amp;", "&") for one in re.findall(r'href="([^"]*/invoices\?[^"]*contact=[^"]*)"', page)
    )
    shown = member.get(link).text
    rows = re.search(r"<tbody>(.*?)</tbody>", shown, re.DOTALL)
    assert rows and rows[1].count("<tr") == 3
    assert "Bellwether Books of Bath" not in shown and "alone." in shown
    assert f'name="contact" value="{stage.contact_id}"' in shown, (
        "narrowed further, it stays that of the customer"
    )
