"""What is held of one customer is given out whole, with what it is for, and nothing of anybody else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from kit.errors import UserError
from services.app import App
from services.data_rights import exports
from store.database import Database
from store.models import AuditEntry
from store.personal import PERSONAL
from store.queries import data_exports, held_of
from tests.support import cast
from tests.support.cast import Cast
from tests.support.mirrored import make_app


@pytest.fixture
def app(database_url: str, database: Database, tmp_path: Path) -> Iterator[App]:
    found = make_app(database_url, tmp_path)
    yield found
    found.database.close()


@pytest.fixture
def stage(app: App) -> Cast:
    return cast.kept(app.database)


def archive(app: App, stage: Cast) -> zipfile.ZipFile:
    row = exports.ask(app, stage.organisation_id, "Anna Hale", stage.contact_id)
    while exports.go_on(app, stage.organisation_id, 0.05):
        pass
    _, content = exports.stream(app, stage.organisation_id, row.id, stage.contact_id)
    return zipfile.ZipFile(io.BytesIO(b"".join(content)))


def test_every_row_about_the_customer_is_in_it_and_no_other_customer(app: App, stage: Cast) -> None:
    found = archive(app, stage)
    assert found.testzip() is None
    with app.database.read(stage.organisation_id) as session:
        for one in PERSONAL.values():
            if one.with_it and one.table not in ("text_stops", "audit_entries"):
                rows = json.loads(found.read(f"{one.table}.json"))
                many = held_of.count(session, one, stage.organisation_id, stage.contact_id)
                assert len(rows) == many, one.table
    everything = b"".join(found.read(name) for name in found.namelist())
    assert b"Bellwether Books" in everything
    for other in (b"Corvid", b"nightingale.example", b"Strange Imports"):
        assert other not in everything


def test_its_page_reads_well_and_says_what_each_thing_is_for(app: App, stage: Cast) -> None:
    page = archive(app, stage).read("overview.html").decode()
    assert "What Hedgerow Joinery holds of you" in page
    assert "We pay on Friday, sorry for the delay." in page
    assert "For: To know what was said and agreed." in page
    assert "Kept: For 3660 days" in page
    assert "<script>" not in page


def test_files_are_in_it_as_files(app: App, stage: Cast) -> None:
    names = archive(app, stage).namelist()
    assert any(name.startswith(f"files/attachments/{stage.attachment_id}") for name in names)


def test_fetching_it_is_noted_and_it_is_no_export_of_everything(app: App, stage: Cast) -> None:
    archive(app, stage)
    with app.database.read(stage.organisation_id) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "exported")).one()
        assert (entry.subject, entry.contact_id) == ("customer", stage.contact_id)
        assert data_exports.listed(session, stage.organisation_id) == []
        (row,) = data_exports.listed(session, stage.organisation_id, stage.contact_id)
    with pytest.raises(UserError, match="not ready"):
        exports.stream(app, stage.organisation_id, row.id)


def test_of_nobody_there_is_none(app: App, stage: Cast) -> None:
    with pytest.raises(UserError, match="Nothing is held"):
        exports.ask(app, stage.organisation_id, "Anna Hale", "0" * 32)
