"""The second wall: PostgreSQL shows a transaction the rows of its organisation only, whatever the query forgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BinaryExpression,
    BindParameter,
    ColumnElement,
    delete,
    event,
    func,
    insert,
    select,
    text,
    true,
    update,
)
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators, visitors

from kit import clock
from kit.settings import ROOT
from services import outlook, presets
from services.app import App
from services.mirror.write import store_contacts, store_invoices
from store.database import Database
from store.migrate import upgrade
from store.models import Base, Contact, Invoice, Organisation, Schedule
from store.queries import api, customers, pages, planning
from store.row_security import owned_tables
from tests.support.mirrored import Mirrored, add_organisation, mirrored

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@dataclass(frozen=True)
class Two:
    """Two organisations whose ledgers tell them the same."""

    app: App
    ours: str
    theirs: str


@pytest.fixture
def two(database_url: str, tmp_path: Path) -> Iterator[Two]:
    with mirrored(database_url, tmp_path) as books:
        both = Two(books.app, books.organisation_id, add_organisation(books.app, "other-tenant"))
        for number in range(3):
            contact = books.ledger.add_contact(f"Customer {number}")
            books.ledger.add_invoice(contact, f"INV-{number}")
        for organisation_id in (both.ours, both.theirs):
            _fill(books, organisation_id)
        yield both


def _fill(books: Mirrored, organisation_id: str) -> None:
    with books.app.database.write(organisation_id) as session:
        presets.install(session, organisation_id, clock.now())
        store_contacts(session, organisation_id, list(books.ledger.contact_book.values()), clock.now())
        store_invoices(session, organisation_id, list(books.ledger.invoice_book.values()), clock.now())
        session.execute(update(Contact).values(next_look_at=clock.now()))


@contextmanager
def filters_forgotten(database: Database) -> Iterator[None]:
    """Takes every “of this organisation” out of every query, as a programmer might forget it."""

    def forget(_connection: Any, statement: Any, many: Any, one: Any, _options: Any) -> tuple[Any, Any, Any]:
        if isinstance(statement, visitors.ExternallyTraversible):
            statement = visitors.replacement_traverse(statement, {}, _without_filter)
        return statement, many, one

    event.listen(database.engine, "before_execute", forget, retval=True)
    try:
        yield
    finally:
        event.remove(database.engine, "before_execute", forget)


def _without_filter(element: Any, **_: Any) -> ColumnElement[bool] | None:
    if not (isinstance(element, BinaryExpression) and element.operator is operators.eq):
        return None
    column, value = element.left, element.right
    owner = getattr(column, "name", None) == "organisation_id" or column is Organisation.__table__.c.id
    return true() if owner and isinstance(value, BindParameter) else None


QUERIES: dict[str, Callable[[Session, str], Any]] = {
    "the list of customers": lambda session, ours: len(
        customers.contact_ids(session, ours, customers.Wanted(), today=clock.today("UTC"), home="GBP")
    ),
    "the API's contacts": lambda session, ours: len(
        api.contacts(session, ours, None, 50, today=clock.today("UTC"))
    ),
    "the API's invoices": lambda session, ours: len(
        api.invoices(session, ours, None, 50, today=clock.today("UTC"))
    ),
    "the API's schedules": lambda session, ours: len(api.schedules(session, ours, None, 50)),
    "who owes": lambda session, ours: len(planning.contacts_with_open_invoices(session, ours)),
    "whom to look at": lambda session, ours: len(
        planning.due_contacts(session, ours, clock.now() + timedelta(days=1), None, 50)
    ),
    "the first look": lambda session, ours: sum(day.invoices for day in pages.open_by_due_day(session, ours)),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_a_query_that_forgot_its_filter_still_sees_nothing_of_the_others(
    two: Two, query: Callable[[Session, str], int]
) -> None:
    database = two.app.database
    with database.read(two.ours) as session:
        ours = query(session, two.ours)
    with filters_forgotten(database):
        with database.read(two.ours) as session:
            assert query(session, two.ours) == ours > 0
        with database.read_across() as session:
            assert query(session, two.ours) == 2 * ours, "the filter was not taken out"


def test_a_whole_use_case_without_filters_tells_nothing_of_the_others(two: Two) -> None:
    with time_machine.travel(
        clock.now(), tick=False
    ):  # while mails may leave, each of two looks says its own moment
        before = outlook.run_report(two.app, two.ours)
        with filters_forgotten(two.app.database):
            assert outlook.run_report(two.app, two.ours) == before
    assert len(before.contacts) == 3


def test_a_transaction_that_does_not_say_whose_it_is_sees_and_changes_nothing(two: Two) -> None:
    with two.app.database.engine.begin() as connection:
        for table, _ in owned_tables(connection):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0
        assert connection.execute(text("UPDATE contacts SET name = 'x'")).rowcount == 0
        assert connection.execute(text("DELETE FROM invoices")).rowcount == 0
    assert _invoices(two.app.database) == 6


def test_another_organisations_rows_are_neither_changed_nor_deleted(two: Two) -> None:
    with two.app.database.write(two.ours) as session:
        session.execute(delete(Invoice))
        session.execute(update(Organisation).values(name="Ours alone"))
    with two.app.database.read(two.theirs) as session:
        assert session.scalar(select(func.count()).select_from(Invoice)) == 3
        assert session.scalars(select(Organisation.name)).all() == ["Fake Ltd"]
    assert _invoices(two.app.database) == 3


def test_no_row_can_be_written_for_or_given_to_another_organisation(two: Two) -> None:
    for statement in (
        insert(Schedule).values(organisation_id=two.theirs, id="1" * 32, name="Foreign", is_default=False),
        update(Schedule).values(organisation_id=two.theirs),
    ):
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            two.app.database.write(two.ours) as session,
        ):
            session.execute(statement)


def test_what_is_about_all_reaches_all(two: Two) -> None:
    with two.app.database.write_across() as session:
        session.execute(update(Contact).values(name="Everybody"))
    with two.app.database.read_across() as session:
        assert set(session.scalars(select(Contact.name))) == {"Everybody"}
        assert set(session.scalars(select(Contact.organisation_id))) == {two.ours, two.theirs}


def test_a_connection_that_served_one_organisation_tells_the_next_nothing_of_it(two: Two) -> None:
    database, seen = two.app.database, set()
    for whose in (two.ours, two.theirs, two.ours):
        with database.read(whose) as session:
            seen.add(session.scalar(text("SELECT pg_backend_pid()")))
            assert set(session.scalars(select(Contact.organisation_id))) == {whose}
        with database.read_across() as session:
            assert session.scalar(select(func.count()).select_from(Contact)) == 6
        with database.engine.connect() as connection:
            assert connection.scalar(select(func.count()).select_from(Contact)) == 0
    assert len(seen) == 1, "the pool gave another connection, so nothing was shown"


def test_a_second_transaction_of_a_session_is_about_the_same_organisation(two: Two) -> None:
    with two.app.database.read(two.ours) as session:
        for _ in range(2):
            assert set(session.scalars(select(Contact.organisation_id))) == {two.ours}
            session.rollback()


@pytest.mark.parametrize("made_by", ["models", "migrations"])
def test_every_table_with_rows_of_an_organisation_is_behind_the_wall(
    database: Database, made_by: str
) -> None:
    """A new table that nobody protected fails here: call ``row_security.protect`` in the revision that makes it."""
    if made_by == "migrations":
        _make_anew(database)
    with database.engine.connect() as connection:
        found = {(table, forced, to, check) for table, forced, to, check in connection.execute(text(_BEHIND))}
        owned = {table for table, _ in owned_tables(connection)}
    assert {table for table, *_ in found} == owned == _owned_by_the_models()
    assert all(forced and to == check for _, forced, to, check in found)


_BEHIND = """
    SELECT relname, relforcerowsecurity, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
    FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid
    WHERE relrowsecurity AND polcmd = '*'
"""


def _make_anew(database: Database) -> None:
    """The tables as an installation gets them: by the migrations."""
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    upgrade(database)


def _owned_by_the_models() -> set[str]:
    tables = Base.metadata.tables.values()
    return {table.name for table in tables if "organisation_id" in table.c} | {"organisations"}


def test_a_migration_that_changes_rows_changes_those_of_every_organisation(
    database: Database, tmp_path: Path
) -> None:
    _make_anew(database)
    with database.write_across() as session:
        for number in range(2):
            session.add(_organisation(number))
    config = Config(str(ROOT / "alembic.ini"))
    (head,) = ScriptDirectory.from_config(config).get_heads()
    (tmp_path / "next.py").write_text(_REVISION.format(head=head))
    config.set_main_option("version_locations", f"{ROOT / 'migrations' / 'versions'}\n{tmp_path}")
    config.set_main_option("path_separator", "newline")
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    with database.read_across() as session:
        assert session.scalars(select(Organisation.name)).all() == ["Renamed", "Renamed"]


_REVISION = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "next", "{head}", None, None
def upgrade(): op.execute("UPDATE organisations SET name = 'Renamed'")
"""


def _organisation(number: int) -> Organisation:
    return Organisation(
        id=f"{number:032x}",
        ledger="xero",
        ledger_tenant_id=f"tenant-{number}",
        name="Before",
        timezone="Europe/London",
        base_currency="GBP",
        country="GB",
        connection="connected",
        chasing="off",
        created_at=clock.now(),
    )


def _invoices(database: Database) -> int:
    with database.read_across() as session:
        return session.scalar(select(func.count()).select_from(Invoice)) or 0
