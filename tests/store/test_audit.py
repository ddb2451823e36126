"""What is changed is noted, however it is changed; what is noted stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, delete, event, select, update
from sqlalchemy.exc import DBAPIError

from kit import clock
from kit.acting import Acting, acting_as
from kit.ids import new_id
from store import audit
from store.audited import AUDITED, UNWATCHED
from store.database import Database
from store.models import (
    ApiToken,
    AuditEntry,
    Base,
    Brake,
    Membership,
    Organisation,
    PlacingRule,
    Schedule,
)
from store.queries import schedules
from store.queries.upsert import upsert
from tests.support import cast

ANNA = Acting("Anna", "a" * 32, "page", address="192.0.2.7")


@pytest.fixture
def ours(database: Database) -> str:
    """An organisation with everything in it."""
    return cast.fill(database).organisation_id


def entries(database: Database, organisation_id: str, subject: str | None = None) -> list[AuditEntry]:
    """What the log says of the organisation since Anna began, in its order."""
    with database.read(organisation_id) as session:
        rows = select(AuditEntry).where(
            AuditEntry.organisation_id == organisation_id, AuditEntry.who == "Anna"
        )
        if subject:
            rows = rows.where(AuditEntry.subject == subject)
        return list(session.scalars(rows.order_by(AuditEntry.at, AuditEntry.id)))


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    found: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    yield found
    event.remove(engine, "before_cursor_execute", count)


def test_a_changed_setting_says_who_what_and_how_it_was(database: Database, ours: str) -> None:
    with acting_as(ANNA), database.write(ours) as session:
        session.get_one(Organisation, ours).minimum_gap_days = 9
    (entry,) = entries(database, ours)
    assert (entry.organisation_id, entry.act, entry.subject) == (ours, "changed", "organisation")
    assert (entry.before, entry.after) == ({"minimum_gap_days": 4}, {"minimum_gap_days": 9})
    assert (entry.person_id, entry.via, entry.address) == (ANNA.person_id, "page", "192.0.2.7")


WAYS = {
    "by a statement of the session": lambda session, ours: session.execute(
        update(Organisation).where(Organisation.id == ours).values(minimum_gap_days=9)
    ),
    "by a statement past the session": lambda session, ours: session.connection().execute(
        update(Organisation).where(Organisation.id == ours).values({"minimum_gap_days": 9})
    ),
    "by a statement with its values beside it": lambda session, ours: session.connection().execute(
        update(Organisation).where(Organisation.id == bindparam("ours")),
        {"ours": ours, "minimum_gap_days": 9},
    ),
    "by many at once": lambda session, ours: session.connection().execute(
        update(Organisation)
        .where(Organisation.id == bindparam("ours"))
        .values(minimum_gap_days=bindparam("days")),
        [{"ours": ours, "days": 8}, {"ours": ours, "days": 9}],
    ),
    "by an expression": lambda session, ours: session.connection().execute(
        update(Organisation).values(minimum_gap_days=Organisation.minimum_gap_days + 5)
    ),
    "by a list of rows": lambda session, ours: session.execute(
        update(Organisation), [{"id": ours, "minimum_gap_days": 9}]
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_no_way_of_changing_a_row_gets_past_the_log(database: Database, ours: str, way: Any) -> None:
    with acting_as(ANNA), database.write(ours) as session:
        way(session, ours)
    (entry,) = [one for one in entries(database, ours) if one.after == {"minimum_gap_days": 9}]
    assert entry.before == {"minimum_gap_days": 4}


def _rule(ours: str, **values: Any) -> dict[str, Any]:
    return {
        "organisation_id": ours,
        "id": "f" * 32,
        "position": 7,
        "name": "Large ones",
        "conditions": [],
        "schedule_id": None,
        "reason": "",
        **values,
    }


def test_what_is_added_changed_and_removed_past_the_session_is_noted(database: Database, ours: str) -> None:
    def put(**values: Any) -> None:
        with database.write(ours) as session:
            statement = upsert(session, PlacingRule).on_conflict_do_update(
                index_elements=["organisation_id", "id"], set_=values
            )
            session.connection().execute(statement, _rule(ours, **values))

    with acting_as(ANNA):
        put(name="Large ones")
        put(name="Very large ones")
        put(name="Very large ones")
        with database.write(ours) as session:
            session.connection().execute(delete(PlacingRule).where(PlacingRule.id == "f" * 32))
    added, changed, removed = entries(database, ours, "rule")
    assert added.act == "added" and added.after == {"name": "Large ones", "position": 7}
    assert changed.before == {"name": "Large ones"} and changed.after == {"name": "Very large ones"}
    assert removed.act == "removed" and removed.before == {"name": "Very large ones", "position": 7}


def test_a_new_version_tells_what_it_changes_of_the_one_before(database: Database, ours: str) -> None:
    with acting_as(ANNA), database.write(ours) as session:
        schedule = Schedule(organisation_id=ours, id=new_id(), name="Firm", is_default=False, mark="x")
        session.add(schedule)
        session.flush()
        for number, days in ((1, 14), (2, 12)):
            written = [{"offset_days": days}]
            schedules.add_version(session, ours, schedule.id, number, written, written, clock.now())
    first, second = entries(database, ours, "steps")
    assert (first.act, second.act) == ("added", "changed")
    assert second.subject_id == schedule.id
    assert second.before is not None and second.before["steps"] == [{"offset_days": 14}]
    assert second.after is not None and second.after["steps"] == [{"offset_days": 12}]


def test_what_is_undone_was_never_noted(database: Database, ours: str) -> None:
    with acting_as(ANNA), database.write(ours) as session:
        part = session.begin_nested()
        session.get_one(Organisation, ours).minimum_gap_days = 9
        session.flush()
        part.rollback()
        session.get_one(Organisation, ours).dispute_days = 9
    (entry,) = entries(database, ours)
    assert entry.after == {"dispute_days": 9}


def test_a_secret_is_never_written_down(database: Database, ours: str) -> None:
    with acting_as(ANNA), database.write(ours) as session:
        session.add(
            ApiToken(
                organisation_id=ours, id=new_id(), digest="very secret", role="owner", created_at=clock.now()
            )
        )
    (entry,) = entries(database, ours)
    assert entry.after == {"digest": "set", "role": "owner"}


def test_nothing_watched_can_be_a_secret_that_is_shown() -> None:
    telling = ("cipher", "digest", "secret", "password", "token")
    for of in AUDITED.values():
        for name in of.watched:
            assert of.hides(name) or not any(word in name for word in telling), f"{of.table}.{name}"


def test_every_table_that_is_watched_exists_with_its_columns() -> None:
    for of in AUDITED.values():
        columns = set(Base.metadata.tables[of.table].columns.keys())
        assert of.kept | of.only | of.hidden | of.shown <= columns, of.table


def test_every_table_is_watched_or_left_out_with_a_reason() -> None:
    """Whoever adds a table decides which, in store/audited.py."""
    assert AUDITED.keys() | UNWATCHED.keys() == Base.metadata.tables.keys()
    assert not AUDITED.keys() & UNWATCHED.keys()
    assert all(reason.endswith(".") for reason in UNWATCHED.values())


def test_an_entry_can_be_neither_changed_nor_removed(database: Database, ours: str) -> None:
    with acting_as(ANNA), database.write(ours) as session:
        audit.note_act(session, ours, act="exported", about="audit_log", after={"entries": 3})
    for statement in (update(AuditEntry).values(who="nobody"), delete(AuditEntry)):
        with pytest.raises(DBAPIError, match="audit log"), database.write_across() as session:
            session.connection().execute(statement)
    assert len(entries(database, ours)) == 1


def test_after_its_year_it_can_be_removed(database: Database, ours: str) -> None:
    old = clock.now() - timedelta(days=366)
    with database.write(ours) as session:
        session.add(
            AuditEntry(
                organisation_id=ours,
                id=new_id(),
                at=old,
                who="Anna",
                via="page",
                act="exported",
                subject="x",
            )
        )
    with database.write(ours) as session:
        session.execute(delete(AuditEntry).where(AuditEntry.at <= old))
    assert entries(database, ours) == []


def test_bulk_work_writes_its_entries_by_one_statement(database: Database, ours: str) -> None:
    def brakes(number: int) -> int:
        with acting_as(ANNA), database.write(ours) as session, statements(database.engine) as found:
            for _ in range(number):
                session.add(
                    Brake(
                        organisation_id=ours,
                        id=new_id(),
                        kind="stop",
                        reason="x",
                        imposed_at=clock.now(),
                        imposed_by="Anna",
                        released_at=clock.now(),
                    )
                )
            session.flush()
            return sum("audit_entries" in one for one in found)

    assert brakes(1) == brakes(40) == 1


def test_what_belongs_to_no_organisation_has_its_entries_too(database: Database) -> None:
    with acting_as(ANNA), database.write_across() as session:
        audit.note_act(session, None, act="signed_in", about="person", about_id=ANNA.person_id)
    with database.read_across() as session:
        assert session.scalars(select(AuditEntry.organisation_id)).all() == [None]


def test_one_organisation_never_sees_the_entries_of_another(database: Database, ours: str) -> None:
    with acting_as(ANNA), database.write(ours) as session:
        session.get_one(
            Membership, (ours, session.scalars(select(Membership.person_id)).first())
        ).role = "caller"
    if database.dialect == "postgresql":
        with database.read("0" * 32) as session:
            assert session.scalars(select(AuditEntry)).all() == []
    assert entries(database, ours, "member")
