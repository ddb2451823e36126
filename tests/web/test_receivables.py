"""The lists of customers and invoices: filters, tags, views, files, and one action on many."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from kit import clock
from kit.ids import new_id
from services import bulk
from services.app import App
from services.bulk import Action, Wish
from store.models import BulkRun, Contact, Hold, Membership, SavedView
from store.queries import customers
from tests.support.cast import Cast
from tests.support.cast_correspondence import HOSTILE
from tests.support.visitor import Member, Visitor

_NAMES = re.compile(r'<a class="fw-medium break" href="[^"]*/contacts/[0-9a-f]{32}">([^<]+)</a>')


def _names(owner: Member, stage: Cast, /, **asked: Any) -> list[str]:
    answer = owner.get(f"{stage.home}/contacts?{urlencode(asked, doseq=True)}")
    assert answer.status_code == 200
    return _NAMES.findall(answer.text)


def _id(dunnock: App, stage: Cast, name: str) -> str:
    with dunnock.database.read(stage.organisation_id) as session:
        return session.scalars(select(Contact.id).where(Contact.name == name)).one()


def _do(owner: Member, stage: Cast, page: str = "customers", /, **fields: Any) -> str:
    """What the page says that one comes to."""
    answer = owner.press(f"{stage.home}/bulk/{page}", **fields)
    if answer.status_code == 302:
        return owner.words(answer.location)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))


def _holds(dunnock: App, stage: Cast, contact_id: str) -> list[Hold]:
    with dunnock.database.read(stage.organisation_id) as session:
        return customers.holds_of(session, stage.organisation_id, [contact_id], clock.now().date())[
            contact_id
        ]


# Filters


def test_customers_are_narrowed_by_what_they_are(owner: Member, stage: Cast, dunnock: App) -> None:
    assert _names(owner, stage, mark="no_email") == ["Quill Stationers"]
    assert "Bellwether Books" in _names(owner, stage, mark="held")
    assert _names(owner, stage, mark="disputed") == ["Thistle &amp; Thorn Florists"]
    assert _names(owner, stage, mark=["held", "no_email"]) == []
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Contact, (stage.organisation_id, stage.contact_id)).owner_id = stage.owner_id
    assert _names(owner, stage, owner=stage.owner_id) == ["Bellwether Books"]
    assert "Bellwether Books" not in _names(owner, stage, owner="nobody")


def test_customers_are_narrowed_by_age_and_currency(owner: Member, stage: Cast) -> None:
    assert _names(owner, stage, bucket="91+") == ["Nightingale Care Homes"]
    assert _names(owner, stage, currency="USD") == ["Saltmarsh Brewing"]
    assert "Orchard Row Primary School" in _names(owner, stage, bucket="current")


@pytest.mark.parametrize("sort", ["oldest", "name", "owed", "overdue", "chased"])
def test_customers_are_sorted_both_ways(owner: Member, stage: Cast, sort: str) -> None:
    there, back = _names(owner, stage, sort=sort), _names(owner, stage, sort=sort, back=1)
    assert len(there) > 8 and set(there) == set(back)
    assert sort == "chased" or there != back


def test_totals_are_of_what_is_filtered_and_never_added_across_currencies(owner: Member, stage: Cast) -> None:
    page = owner.words(f"{stage.home}/contacts?q=saltmarsh")
    assert "£5,610.75 open in 1 invoice" in page and "US$800.00 open in 1 invoice" in page
    page = owner.words(f"{stage.home}/invoices?q=INV-1001")
    assert "£1,842.00 open in 1 invoice, £1,842.00 overdue" in page


def test_columns_are_chosen(owner: Member, stage: Cast) -> None:
    page = owner.get(f"{stage.home}/contacts?col=phone&col=owner").text
    assert 'data-label="Telephone"' in page and 'data-label="Owed"' not in page
    page = owner.get(f"{stage.home}/invoices?col=reference").text
    assert 'data-label="Reference"' in page and 'data-label="Next"' not in page


@pytest.mark.parametrize("wrong", ["mark=rich", "bucket=old", "sort=colour", "show=gossip", "page=0"])
def test_what_cannot_be_asked_is_said(owner: Member, stage: Cast, wrong: str) -> None:
    assert owner.get(f"{stage.home}/contacts?{wrong}").status_code == 400


# Tags


def test_a_tag_is_put_on_filtered_by_and_taken_off(owner: Member, stage: Cast) -> None:
    here = f"{stage.home}/contacts/{stage.contact_id}"
    owner.press(f"{here}/tags", tags="Key  Account, north")
    assert "key account" in owner.words(here)
    assert _names(owner, stage, tag="key account") == ["Bellwether Books"]
    owner.press(f"{here}/tags", tags="north")
    assert _names(owner, stage, tag="key account") == []


def test_a_tag_that_is_too_long_is_refused_in_words(owner: Member, stage: Cast) -> None:
    answer = owner.press(f"{stage.home}/contacts/{stage.contact_id}/tags", tags="x" * 31)
    assert "at most 30 letters" in owner.words(answer.location)


# Saved views


def _save(member: Member, stage: Cast, **fields: str) -> str:
    answer = member.press(
        f"{stage.home}/views", **{"page": "customers", "name": "Mine", "query": "mark=no_email", **fields}
    )
    return member.words(answer.location)


def test_a_view_is_a_tab_that_shows_the_list_again(owner: Member, stage: Cast) -> None:
    page = _save(owner, stage, query="mark=no_email&page=3&csrf_token=x")
    assert "Saved as “Mine”" in page and "Quill Stationers" in page
    assert "?mark=no_email" in owner.get(f"{stage.home}/contacts?show=all").text


def test_views_are_ones_own_unless_shared(owner: Member, visitor: Visitor, stage: Cast) -> None:
    _save(owner, stage, name="Private")
    _save(owner, stage, name="For all", shared="yes")
    page = visitor.signed_in_as(stage.colleague_id).words(f"{stage.home}/contacts?show=all")
    assert "For all team" in page and "Private" not in page


def test_who_may_only_look_keeps_views_and_shares_none(visitor: Visitor, stage: Cast) -> None:
    ben = visitor.signed_in_as(stage.colleague_id)
    assert "does not share" in _save(ben, stage, shared="yes")
    assert "Saved as" in _save(ben, stage)


def test_a_view_opens_first_for_whoever_wants_that(owner: Member, visitor: Visitor, stage: Cast) -> None:
    _save(owner, stage, opens_first="yes")
    assert owner.get(f"{stage.home}/contacts").location.endswith("?mark=no_email")
    assert owner.get(f"{stage.home}/contacts?show=all").status_code == 200
    assert visitor.signed_in_as(stage.colleague_id).get(f"{stage.home}/contacts").status_code == 200


def test_what_a_view_names_that_is_gone_is_said_and_left_out(owner: Member, stage: Cast) -> None:
    _save(owner, stage, query=f"owner={'9' * 32}&show=all")
    page = owner.words(f"{stage.home}/contacts?show=all")
    assert "not in the team any more. It is left out here." in page and "Umber Yard Studios" in page


def test_only_its_owner_removes_a_view(owner: Member, visitor: Visitor, stage: Cast, dunnock: App) -> None:
    _save(owner, stage, shared="yes")
    with dunnock.database.read(stage.organisation_id) as session:
        key = session.scalars(select(SavedView.id)).one()
    ben = visitor.signed_in_as(stage.colleague_id)
    assert ben.press(f"{stage.home}/views/{key}/remove").status_code == 404
    assert "removed" in owner.words(owner.press(f"{stage.home}/views/{key}/remove").location)


@pytest.mark.parametrize("page", ["customers", "invoices", "inbox", "tasks", "promises"])
def test_every_list_with_filters_keeps_views(owner: Member, stage: Cast, page: str) -> None:
    assert "Saved as" in _save(owner, stage, page=page, query="")


# One action on many


def test_the_ticked_are_put_on_hold_and_it_is_taken_back(owner: Member, stage: Cast, dunnock: App) -> None:
    ids = [_id(dunnock, stage, name) for name in ("Pike Street Coffee", "Rook Lane Dental")]
    until = (clock.now().date() + timedelta(days=9)).isoformat()
    page = _do(owner, stage, id=ids, action="hold", reason="Moving house", until=until)
    assert "2 of 2 done" in page
    assert [one.reason for key in ids for one in _holds(dunnock, stage, key)] == ["Moving house"] * 2
    run = _run(dunnock, stage)
    assert "2 of 2 done" in owner.words(owner.press(f"{stage.home}/bulk/runs/{run}/undo").location)
    assert not any(_holds(dunnock, stage, key) for key in ids)
    assert "taken back already" in owner.words(owner.press(f"{stage.home}/bulk/runs/{run}/undo").location)


def _run(dunnock: App, stage: Cast) -> str:
    with dunnock.database.read(stage.organisation_id) as session:
        return session.scalars(select(BulkRun.id).order_by(BulkRun.asked_at.desc())).first() or ""


def test_all_that_match_are_counted_and_said_yes_to_first(owner: Member, stage: Cast, dunnock: App) -> None:
    asked = {"all": "1", "query": "show=overdue", "action": "tag", "tag": "autumn"}
    page = _do(owner, stage, **asked)
    count = len(_names(owner, stage, show="overdue"))
    assert f"Yes, all {count}" in page and _names(owner, stage, tag="autumn") == []
    assert f"{count} of {count} done" in _do(owner, stage, **asked, count=str(count))
    assert len(_names(owner, stage, tag="autumn", show="all")) == count


def test_it_is_never_done_with_more_than_was_shown(owner: Member, stage: Cast) -> None:
    page = _do(owner, stage, all="1", query="show=overdue", action="tag", tag="autumn", count="3")
    assert "More match than you have seen" in page and _names(owner, stage, tag="autumn") == []


def test_of_those_that_were_not_done_it_is_said_why(owner: Member, stage: Cast, dunnock: App) -> None:
    quill = _id(dunnock, stage, "Quill Stationers")
    page = _do(owner, stage, id=[quill, stage.contact_id], action="release")
    assert "Not done, and why" in page and "Quill Stationers" in page and "It is not on hold." in page


def test_a_form_that_is_sent_twice_counts_once(owner: Member, stage: Cast, dunnock: App) -> None:
    fields = {"id": stage.contact_id, "action": "hold", "reason": "Once", "once": "a-number"}
    for _ in range(2):
        owner.press(f"{stage.home}/bulk/customers", **fields)
    assert [one.reason for one in _holds(dunnock, stage, stage.contact_id)].count("Once") == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"action": "hold"}, "Say why"),
        ({"action": "hold", "reason": "x", "until": "2020-01-01"}, "must lie ahead"),
        ({"action": "hold", "reason": "x", "until": "soon"}, "A day looks like"),
        ({"action": "tag"}, "Say which tag"),
        ({"action": "owner", "owner": "9" * 32}, "not a member"),
        ({"action": "schedule", "schedule": "9" * 32}, "does not exist any more"),
        ({"action": "explode"}, "Choose what is to be done"),
    ],
)
def test_what_is_missing_is_said(owner: Member, stage: Cast, fields: dict[str, str], said: str) -> None:
    assert said in _do(owner, stage, id=stage.contact_id, **fields)


def test_nothing_ticked_is_said(owner: Member, stage: Cast) -> None:
    assert "Nothing was chosen" in _do(owner, stage, action="tag", tag="x")


def test_what_is_anothers_is_not_touched(visitor: Visitor, stage: Cast, dunnock: App) -> None:
    sybil = visitor.signed_in_as(stage.stranger_id)
    answer = sybil.press(
        f"/organisations/{stage.other_organisation_id}/bulk/customers",
        id=stage.contact_id,
        action="tag",
        tag="x",
    )
    assert "Nothing was chosen" in sybil.words(answer.location)


def test_each_action_needs_its_right(visitor: Visitor, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write_across() as session:
        session.get_one(Membership, (stage.organisation_id, stage.colleague_id)).role = "caller"
    ben = visitor.signed_in_as(stage.colleague_id)
    here = f"{stage.home}/bulk/customers"
    assert ben.press(here, id=stage.contact_id, action="owner", owner=stage.owner_id).status_code == 403
    assert ben.press(here, id=stage.contact_id, action="tag", tag="x").status_code == 302


def test_invoices_are_held_and_released(owner: Member, stage: Cast, dunnock: App) -> None:
    assert "1 of 1 done" in _do(
        owner, stage, "invoices", id=stage.invoice_id, action="hold", reason="Wrong price"
    )
    assert any(one.invoice_id == stage.invoice_id for one in _holds(dunnock, stage, stage.contact_id))
    assert "1 of 1 done" in _do(owner, stage, "invoices", id=stage.invoice_id, action="release")
    assert not any(one.invoice_id == stage.invoice_id for one in _holds(dunnock, stage, stage.contact_id))


def test_many_are_left_to_a_worker_who_goes_on_where_it_was(stage: Cast, dunnock: App) -> None:
    home = stage.organisation_id
    with dunnock.database.write(home) as session:
        ids = [new_id() for _ in range(60)]
        session.add_all(
            Contact(organisation_id=home, id=one, ledger_id=one, name=f"C {one}", persons=[], status="ACTIVE",
                    updated_at=clock.now(), fingerprint="-")
            for one in ids
        )  # fmt: skip
        session.flush()
        wish = Wish("customers", Action.TAG, tag="many")
        run = bulk.begin(session, home, ids, wish, by="Anna Hale", person_id=None)
    assert bulk.go_on(dunnock, home, run, 25)
    with dunnock.database.read(home) as session:
        told = bulk.told(session, home, run)
    assert told and (told.done, told.waiting) == (25, 35) and bulk.due(dunnock) == [home]
    assert not bulk.work(dunnock, home, 60)
    with dunnock.database.read(home) as session:
        told = bulk.told(session, home, run)
    assert told and (told.done, told.waiting) == (60, 0) and bulk.due(dunnock) == []


# Files

_LISTS = ["customers", "invoices", "queue", "inbox", "calls", "tasks", "promises", "disputes", "payments"]


@pytest.mark.parametrize("page", _LISTS)
def test_every_list_is_taken_along(owner: Member, stage: Cast, page: str) -> None:
    sheet = owner.get(f"{stage.home}/exports/{page}.csv")
    rows = list(csv.reader(StringIO(sheet.data.decode("utf-8-sig"))))
    assert sheet.status_code == 200 and rows[0]
    book = load_workbook(BytesIO(owner.get(f"{stage.home}/exports/{page}.xlsx").data))
    assert book.active is not None and book.active.max_row == len(rows)
    assert [str(cell.value) for cell in book.active[1]] == rows[0]


def test_a_file_has_what_is_filtered_with_the_columns_shown(owner: Member, stage: Cast) -> None:
    sheet = owner.get(f"{stage.home}/exports/customers.csv?q=saltmarsh&col=owed&col=tags")
    rows = list(csv.DictReader(StringIO(sheet.data.decode("utf-8-sig"))))
    assert [(row["customer"], row["currency"], row["owed"]) for row in rows] == [
        ("Saltmarsh Brewing", "GBP", "5610.75"), ("Saltmarsh Brewing", "USD", "800.00"),
    ]  # fmt: skip
    assert set(rows[0]) == {"customer", "email", "currency", "owed", "tags"}


def test_no_cell_is_a_formula(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Contact, (stage.organisation_id, stage.contact_id)).name = "=HYPERLINK(1)"
    sheet = owner.get(f"{stage.home}/exports/customers.csv?show=all").data.decode("utf-8-sig")
    assert "\n'=HYPERLINK" in sheet and HOSTILE.split("&")[0] in sheet.replace('""', '"')
    book = load_workbook(BytesIO(owner.get(f"{stage.home}/exports/customers.xlsx?show=all").data))
    assert book.active is not None
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)


def test_there_is_no_file_of_anything_else(owner: Member, stage: Cast) -> None:
    assert owner.get(f"{stage.home}/exports/people.csv").status_code == 404
    assert owner.get(f"{stage.home}/exports/customers.exe").status_code == 404
    assert owner.get(f"{stage.home}/exports/customers.csv?mark=rich").status_code == 400
