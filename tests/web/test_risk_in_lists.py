"""The category of risk in the lists of customers and invoices: as a filter, a column, in views, files and over many at once."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from io import StringIO

import pytest

from credit_control.credit.risk import Category
from kit import clock
from services.app import App
from services.credit import risk_table
from store.models import RiskMark
from tests.support.cast import Cast
from tests.support.visitor import Member

_NAMES = re.compile(r'<a class="fw-medium break" href="[^"]*/contacts/[0-9a-f]{32}">([^<]+)</a>')


@pytest.fixture
def risky(dunnock: App, stage: Cast) -> Cast:
    """Bellwether Books was last judged to be of high risk; nobody else ever was."""
    with dunnock.database.write(stage.organisation_id) as session:
        session.add(
            RiskMark(
                organisation_id=stage.organisation_id, contact_id=stage.contact_id, judged_on=clock.now().date(),
                category="high", points=Decimal("31.2000"), inputs={},
            )
        )  # fmt: skip
    return stage


def _names(owner: Member, stage: Cast, query: str) -> list[str]:
    answer = owner.get(f"{stage.home}/contacts?show=all&{query}")
    assert answer.status_code == 200
    return _NAMES.findall(answer.text)


def test_customers_are_narrowed_by_their_category(owner: Member, risky: Cast) -> None:
    assert _names(owner, risky, "risk=high") == ["Bellwether Books"]
    assert _names(owner, risky, "risk=low") == []
    unrated = _names(owner, risky, "risk=unrated")
    assert len(unrated) > 5 and "Bellwether Books" not in unrated
    assert _names(owner, risky, "risk=gone") == [], "a category that is gone fits nobody"


def test_invoices_are_narrowed_by_the_category_of_their_customer(owner: Member, risky: Cast) -> None:
    page = owner.words(f"{risky.home}/invoices?risk=high")
    assert "Bellwether Books" in page and "Saltmarsh Brewing" not in page


def test_the_category_is_a_column_of_the_page_and_of_the_file(owner: Member, risky: Cast) -> None:
    page = owner.get(f"{risky.home}/contacts?show=all&col=risk&risk=high").text
    assert 'data-label="Risk"' in page and 'data-label="Owed"' not in page
    text = owner.get(f"{risky.home}/exports/customers.csv?show=all&col=risk").text.removeprefix("\ufeff")
    found = {row["customer"]: row["risk"] for row in csv.DictReader(StringIO(text))}
    assert found["Bellwether Books"] == "High" and found["Saltmarsh Brewing"] == "Not rated"


def test_a_view_whose_category_is_gone_says_so(owner: Member, risky: Cast, dunnock: App) -> None:
    owner.press(f"{risky.home}/views", page="customers", query="risk=high&show=all", name="Risky ones")
    assert "risk=high" in owner.get(f"{risky.home}/contacts").text
    table = [Category("fine", "Fine", 40), Category("bad", "Bad", 0)]
    with dunnock.database.write(risky.organisation_id) as session:
        risk_table.change(session, risky.organisation_id, table, clock.now().date())
    assert "The category of risk that this view names is gone." in owner.words(
        f"{risky.home}/contacts?show=all"
    )


def test_many_at_once_are_those_of_the_category(owner: Member, risky: Cast) -> None:
    asked = {"query": "show=all&risk=high", "all": "1", "action": "tag", "tag": "careful", "count": "1"}
    owner.press(f"{risky.home}/bulk/customers", **asked)
    assert _names(owner, risky, "tag=careful") == ["Bellwether Books"]
