"""What each month's invoices bring, for other programs: the numbers of the page and of its files."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.support.visitor import Visitor
from tests.web.api.conftest import Api
from tests.web.test_cohorts_page import furnish, month
from web import assemble
from web.pages import PAGES


@pytest.fixture
def told(api: Api) -> dict[str, Any]:
    furnish(api.app, api.cast)
    found: dict[str, Any] = api.get("/reports/cohorts")
    return found


def test_each_month_its_shares_the_means_and_what_is_to_come(told: dict[str, Any]) -> None:
    nok = told["currencies"]["NOK"]
    assert nok["months"] == [
        {
            "month": month(2).isoformat(),
            "billed": "1000.00",
            "settled_by_now": "800.00",
            "open": "200.00",
            "settled_by_month_per_cent": ["40.0000", "80.0000"],
        },
        {
            "month": month(1).isoformat(),
            "billed": "1000.00",
            "settled_by_now": "600.00",
            "open": "400.00",
            "settled_by_month_per_cent": ["60.0000"],
        },
    ]
    assert nok["means"] == [
        {
            "months_after_billing": after,
            "mean_per_cent": mean,
            "lowest_per_cent": lowest,
            "highest_per_cent": highest,
            "months": months,
        }
        for after, mean, lowest, highest, months in (
            (0, "50.0000", "40.0000", "60.0000", 2),
            (1, "80.0000", "80.0000", "80.0000", 1),
        )
    ]
    assert [one["expected"] for one in nok["to_come"]] == ["200.00", "0.00"]
    assert (nok["later_or_never"], nok["open_of_older"]) == ("400.00", "77.00")


def test_the_numbers_are_those_of_the_files_of_the_page(api: Api, told: dict[str, Any]) -> None:
    member = Visitor(assemble(api.app, *PAGES)).signed_in_as(api.cast.owner_id)
    home = f"{api.cast.home}/reports/cohorts"
    text = member.get(f"{home}.csv").text.removeprefix("\ufeff")
    of_csv = [
        (row["currency"], row["month"], Decimal(row["billed"]), Decimal(row["settled_by_now"]), Decimal(row["open"]),
         [share for age in range(13) if (share := row[f"settled_by_month_{age}_per_cent"])])
        for row in csv.DictReader(StringIO(text))
    ]  # fmt: skip
    currencies = told["currencies"].items()
    assert of_csv == [
        (code, one["month"], Decimal(one["billed"]), Decimal(one["settled_by_now"]), Decimal(one["open"]),
         one["settled_by_month_per_cent"])
        for code, of in currencies
        for one in of["months"]
    ]  # fmt: skip
    book = load_workbook(BytesIO(member.get(f"{home}.xlsx").data))
    means = [
        (code, one["months_after_billing"],
         *(float(one[f"{name}_per_cent"]) for name in ("mean", "lowest", "highest")), one["months"])
        for code, of in currencies
        for one in of["means"]
    ]  # fmt: skip
    assert list(book["means"].iter_rows(min_row=2, values_only=True)) == means
    coming = [
        (code, one["month"], float(one["expected"])) for code, of in currencies for one in of["to_come"]
    ]
    assert [
        (code, f"{day:%Y-%m-%d}", amount)
        for code, day, amount in book["to come"].iter_rows(min_row=2, values_only=True)
    ] == coming
