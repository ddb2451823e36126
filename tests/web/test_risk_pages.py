"""The page of risk, one customer's, and the table of categories with its preview."""

from __future__ import annotations

import re

from services.app import App
from services.figures import keeping
from store.models import Organisation
from store.queries import figures_kept
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor


def judged(dunnock: App, stage: Cast) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        figures_kept.mark_stale(session, stage.organisation_id, [stage.contact_id])
    keeping.renew(dunnock, stage.organisation_id)


def test_the_page_counts_by_category_and_opens_exactly_those(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    judged(dunnock, stage)
    page = owner.words(f"{stage.home}/credit/risk")
    assert "Not rated" in page and "at least 50, fewer than 75" in page
    assert (
        "Acme" in owner.words(f"{stage.home}/credit/risk?category=unrated") or "No customers here" not in page
    )
    assert "No customers here" in owner.words(f"{stage.home}/credit/risk?category=low")
    assert owner.get(f"{stage.home}/credit/risk?category=nice").status_code == 400
    file = owner.get(f"{stage.home}/exports/risk.csv?show=unrated").get_data(as_text=True)
    assert file.lstrip("\ufeff").startswith("customer,category,points") and "Not rated" in file


def test_a_customer_shows_its_category_and_what_it_is_made_of(owner: Member, stage: Cast) -> None:
    assert "Risk: Not rated" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    page = owner.words(f"{stage.home}/contacts/{stage.contact_id}/risk")
    assert "Share overdue" in page and "points off" in page and "not rated" in page


TABLE = {
    "key-0": "low", "name-0": "Safe", "at_least-0": "60",
    "key-1": "", "name-1": "Careful", "at_least-1": "0", "watch-1": "yes",
}  # fmt: skip


def stored(dunnock: App, stage: Cast) -> list[tuple[str, int, bool]]:
    with dunnock.database.read(stage.organisation_id) as session:
        found = session.get_one(Organisation, stage.organisation_id).risk_categories
    return [(one["name"], one["at_least"], one["watch"]) for one in found]


def test_the_preview_says_what_would_be_and_changes_nothing(owner: Member, stage: Cast, dunnock: App) -> None:
    judged(dunnock, stage)
    path = f"{stage.home}/credit/risk/categories"
    answer = owner.press(path, **TABLE, do="preview").get_data(as_text=True)
    assert re.search(r"With these categories: 0 Safe, 0 Careful, \d+ Not rated\.", answer)
    assert stored(dunnock, stage) == []
    owner.press(path, **TABLE, do="save")
    assert stored(dunnock, stage) == [("Safe", 60, False), ("Careful", 0, True)]
    assert "Careful" in owner.words(f"{stage.home}/credit/risk")
    assert "categories of risk" in owner.words(f"{stage.home}/audit-log")


def test_what_was_typed_stays_when_it_is_no_table(owner: Member, stage: Cast, dunnock: App) -> None:
    answer = owner.press(f"{stage.home}/credit/risk/categories", **TABLE | {"at_least-0": "many"}, do="save")
    assert answer.status_code == 422 and "whole number" in answer.get_data(as_text=True)
    answer = owner.press(f"{stage.home}/credit/risk/categories", **TABLE | {"at_least-1": "10"}, do="save")
    assert answer.status_code == 422 and 'value="Careful"' in answer.get_data(as_text=True)
    assert stored(dunnock, stage) == []


def test_without_the_right_nobody_changes_the_categories(visitor: Visitor, stage: Cast) -> None:
    reader = visitor.signed_in_as(stage.colleague_id)
    assert reader.get(f"{stage.home}/credit/risk/categories").status_code == 403
    assert "Change the categories" not in reader.words(f"{stage.home}/credit/risk")
