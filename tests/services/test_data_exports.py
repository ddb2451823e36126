"""Everything of an organisation, taken along: what is in it, what is not, and how long it is kept."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from kit import clock
from kit.errors import UserError
from services import housekeeping
from services.app import App
from services.data_rights import contents, exports
from store.database import Database
from store.models import Attachment, Base, Contact, DataExportPart, Organisation
from store.queries import data_exports, whole_tables
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


def archive(app: App, organisation_id: str) -> zipfile.ZipFile:
    row = exports.ask(app, organisation_id, "Anna Hale")
    while exports.go_on(app, organisation_id, 0.05):
        pass
    _, content = exports.stream(app, organisation_id, row.id)
    return zipfile.ZipFile(io.BytesIO(b"".join(content)))


def test_every_table_of_an_organisation_is_taken_along_or_left_out_with_a_reason() -> None:
    """Whoever adds a table decides which, in services/data_rights/contents.py."""
    owned = {one.name for one in whole_tables.owned()} | {"organisations", "people", "mail_events"}
    taken = {name for names in contents.FOLDERS.values() for name in names}
    assert taken | contents.LEFT_OUT.keys() == owned
    assert not taken & contents.LEFT_OUT.keys()
    assert all(reason.endswith(".") for reason in contents.LEFT_OUT.values())


def test_every_file_in_the_database_that_is_taken_along_is_a_file_in_the_archive() -> None:
    binary = {
        (one.name, column.name)
        for one in contents.tables()
        for column in one.columns
        if column.type.python_type is bytes
    }
    assert binary == {(one.table, one.column) for one in contents.FILES}


def test_the_archive_holds_every_row_of_its_organisation_and_none_of_another(app: App, stage: Cast) -> None:
    found = archive(app, stage.organisation_id)
    assert found.testzip() is None
    with app.database.read(stage.organisation_id) as session:
        for table in contents.tables():
            lines = found.read(f"{contents.folder_of(table.name)}/{table.name}.jsonl").decode().splitlines()
            since = 1 if table.name == "audit_entries" else 0  # that it was fetched
            assert len(lines) + since == whole_tables.count(session, table, stage.organisation_id), table.name
            for line in map(json.loads, lines):
                assert line.get("organisation_id", stage.organisation_id) == stage.organisation_id
    everything = b"".join(found.read(name) for name in found.namelist())
    assert b"Strange Imports" not in everything
    assert b"Sybil" not in everything


def test_attachments_are_files_and_common_tables_are_spreadsheets_too(app: App, stage: Cast) -> None:
    found = archive(app, stage.organisation_id)
    with app.database.read(stage.organisation_id) as session:
        attachment = session.get_one(Attachment, (stage.organisation_id, stage.attachment_id))
        customers = set(
            session.scalars(select(Contact.name).where(Contact.organisation_id == stage.organisation_id))
        )
    (name,) = (one for one in found.namelist() if stage.attachment_id in one)
    assert found.read(name) == attachment.content
    table = csv.DictReader(io.StringIO(found.read("customers/contacts.csv").decode("utf-8-sig")))
    assert {row["name"] for row in table} == customers


def test_the_readme_explains_every_file_and_column_and_what_is_left_out(app: App, stage: Cast) -> None:
    readme = archive(app, stage.organisation_id).read("README.txt").decode()
    for table in contents.tables():
        _, _, about = readme.partition(f"\n\n{contents.folder_of(table.name)}/{table.name}.jsonl")
        about = about.partition("\n\n")[0]
        for column in contents.columns_of(table):
            assert f"  - {column.name}: " in about, (table.name, column.name)
    for left_out, reason in contents.LEFT_OUT.items():
        assert f"  {left_out}: {reason}" in readme


def test_no_secret_is_in_it(app: App, stage: Cast) -> None:
    with app.database.write(stage.organisation_id) as session:
        for table in whole_tables.owned():
            secrets = [
                one
                for one in table.columns
                if any(word in one.name for word in ("cipher", "digest", "token"))
            ]
            for column in secrets:
                where = table.c.organisation_id == stage.organisation_id
                first = session.execute(select(*table.primary_key).where(where).limit(1)).first()
                if first is not None:
                    this = [key == value for key, value in zip(table.primary_key, first, strict=True)]
                    session.execute(table.update().where(*this).values({column.name: "s3cr3t-marker"}))
    found = archive(app, stage.organisation_id)
    assert all(b"s3cr3t-marker" not in found.read(name) for name in found.namelist())


def test_tables_longer_than_a_slice_are_whole_and_in_order(app: App, stage: Cast) -> None:
    with app.database.write(stage.organisation_id) as session:
        model = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        table = Base.metadata.tables["contacts"]
        values = dict(session.execute(select(table).where(table.c.id == model.id)).mappings().one())
        for number in range(1_203):
            key = f"{number:032x}"
            session.execute(table.insert(), values | {"id": key, "ledger_id": key})
    found = archive(app, stage.organisation_id)
    ids = [json.loads(line)["id"] for line in found.read("customers/contacts.jsonl").decode().splitlines()]
    assert len(ids) == len(set(ids)) > 1_203
    assert len(found.read("customers/contacts.csv").decode("utf-8-sig").splitlines()) > 1_203


def test_only_one_is_written_at_a_time_and_none_is_given_out_before_it_is_ready(
    app: App, stage: Cast
) -> None:
    row = exports.ask(app, stage.organisation_id, "Anna Hale")
    with pytest.raises(UserError, match="being written already"):
        exports.ask(app, stage.organisation_id, "Anna Hale")
    with pytest.raises(UserError, match="not ready"):
        exports.stream(app, stage.organisation_id, row.id)
    assert exports.due(app) == [stage.organisation_id]
    assert not exports.go_on(app, stage.organisation_id, 60)
    assert exports.due(app) == []
    with pytest.raises(UserError, match="not ready"):
        exports.stream(app, stage.other_organisation_id, row.id)


def test_it_is_deleted_after_a_week_whatever_became_of_it(app: App, stage: Cast) -> None:
    archive(app, stage.organisation_id)
    with time_machine.travel(clock.machine_now() + timedelta(days=6)):
        housekeeping.tidy(app)
    assert pieces(app, stage)
    with time_machine.travel(clock.machine_now() + timedelta(days=8)):
        housekeeping.tidy(app)
    assert not pieces(app, stage)
    with app.database.read(stage.organisation_id) as session:
        assert not data_exports.listed(session, stage.organisation_id)
        assert session.get(Organisation, stage.organisation_id)


def pieces(app: App, stage: Cast) -> list[str]:
    with app.database.read(stage.organisation_id) as session:
        return list(session.scalars(select(DataExportPart.name)))
