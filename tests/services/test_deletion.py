"""Everything of an organisation is deleted after it was disconnected; what remains is one line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from kit import clock
from kit.errors import UserError
from services import connection, practices
from services.app import App
from services.data_rights import deletion, exports
from services.disconnection import disconnect
from store.database import Database
from store.models import (
    Authorisation,
    Base,
    DeletedOrganisation,
    Deletion,
    InboxEvent,
    InternalNotice,
    MailEvent,
    Organisation,
    Person,
    Practice,
    PracticeMember,
)
from store.queries import deletions, whole_tables
from store.queries.pages import membership
from tests.services.connection_stage import Stage
from tests.services.connection_stage import stage as connection_stage
from tests.support import cast
from tests.support.cast import Cast
from tests.support.mirrored import make_app

START = datetime(2026, 11, 16, 11, 0, tzinfo=UTC)


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as found:
        yield found


@pytest.fixture
def app(
    traveller: time_machine.Traveller, database_url: str, database: Database, tmp_path: Path
) -> Iterator[App]:
    found = make_app(database_url, tmp_path)
    yield found
    found.database.close()


@pytest.fixture
def stage(app: App) -> Cast:
    found = cast.kept(app.database)
    with app.database.write(found.organisation_id) as session:
        organisation = session.get_one(Organisation, found.organisation_id)
        organisation.connection_id = None
    exports.ask(app, found.organisation_id, "Anna Hale")
    exports.go_on(app, found.organisation_id, 60)
    disconnect(app, found.organisation_id, "Anna Hale")
    return found


def row(app: App, stage: Cast) -> Deletion | None:
    with app.database.read(stage.organisation_id) as session:
        return deletions.of(session, stage.organisation_id)


def day_by_day(app: App, traveller: time_machine.Traveller, days: int) -> None:
    for _ in range(days):
        traveller.shift(timedelta(days=1))
        work(app)


def work(app: App) -> None:
    for organisation_id in deletion.due(app):
        while deletion.go_on(app, organisation_id, 60):
            pass


def is_there(app: App, stage: Cast) -> bool:
    with app.database.read(stage.organisation_id) as session:
        return session.get(Organisation, stage.organisation_id) is not None


def traces(app: App, word: str) -> set[str]:
    """The tables in which any column is this word."""
    with app.database.read_across() as session:
        return {one.name for one in Base.metadata.sorted_tables if whole_tables.mentions(session, one, word)}


def notices(app: App, stage: Cast) -> list[InternalNotice]:
    with app.database.read(stage.organisation_id) as session:
        return list(session.scalars(select(InternalNotice).where(InternalNotice.kind == "deletion")))


def everybody_elses(app: App, stage: Cast) -> dict[str, int]:
    with app.database.read_across() as session:
        return {
            one.name: whole_tables.count(session, one, stage.other_organisation_id)
            for one in whole_tables.owned()
        }


def test_its_day_is_noted_the_owners_are_told_two_weeks_before_and_then_nothing_is_left(
    app: App, stage: Cast, traveller: time_machine.Traveller
) -> None:
    before = everybody_elses(app, stage)
    noted = row(app, stage)
    assert noted is not None
    assert noted.due_at == START + timedelta(days=90)
    day_by_day(app, traveller, 75)
    assert not notices(app, stage)
    day_by_day(app, traveller, 1)
    (told,) = notices(app, stage)
    assert told.person_id == stage.owner_id
    assert "is deleted on 14 February 2027" in told.body
    assert f"{stage.home}/data" in told.body
    day_by_day(app, traveller, 13)
    assert is_there(app, stage)
    day_by_day(app, traveller, 2)
    assert not is_there(app, stage)
    assert traces(app, stage.organisation_id) == {"deleted_organisations"}
    assert everybody_elses(app, stage) == before
    with app.database.read_across() as session:
        (line,) = session.scalars(select(DeletedOrganisation))
        assert (line.former_id, line.deleted_on) == (
            stage.organisation_id,
            datetime(2027, 2, 14, tzinfo=UTC).date(),
        )
        assert line.rows > 50


def test_people_who_belong_nowhere_else_go_too_and_others_stay(app: App, stage: Cast) -> None:
    deletion.delete_at_once(app, stage.organisation_id, "Hedgerow Joinery", "Anna Hale")
    work(app)
    with app.database.read_across() as session:
        assert set(session.scalars(select(Person.id))) == {stage.stranger_id}
        assert set(session.scalars(select(Authorisation.person_id))) <= {stage.stranger_id}


def test_what_the_mail_provider_and_the_ledger_told_of_it_goes_too(app: App, stage: Cast) -> None:
    with app.database.write_across() as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        message = (
            session.execute(
                select(Base.metadata.tables["communications"].c.id).where(
                    Base.metadata.tables["communications"].c.organisation_id == stage.organisation_id
                )
            )
            .scalars()
            .first()
        )
        session.add(
            MailEvent(
                key="k",
                communication_id=message,
                event="bounce",
                reason="No such box",
                occurred_at=START,
                received_at=START,
            )
        )
        session.add(
            InboxEvent(
                source=organisation.ledger,
                key="n",
                tenant=organisation.ledger_tenant_id,
                payload=b"{}",
                received_at=START,
                next_try_at=START,
            )
        )
    deletion.delete_at_once(app, stage.organisation_id, "Hedgerow Joinery", "Anna Hale")
    work(app)
    with app.database.read_across() as session:
        assert not session.scalars(select(MailEvent)).all()
        assert not session.scalars(select(InboxEvent)).all()


def test_at_once_only_where_it_is_disconnected_and_the_name_is_typed(app: App, stage: Cast) -> None:
    with pytest.raises(UserError, match="Type the name as it stands here, Hedgerow Joinery"):
        deletion.delete_at_once(app, stage.organisation_id, "Hedgerow", "Anna Hale")
    with pytest.raises(UserError, match="Disconnect the organisation"):
        deletion.delete_at_once(app, stage.other_organisation_id, "Strange Imports", "Sybil Strange")
    assert is_there(app, stage)


def test_it_goes_on_where_it_was_interrupted(app: App, stage: Cast) -> None:
    deletion.delete_at_once(app, stage.organisation_id, "Hedgerow Joinery", "Anna Hale")
    slices = 0
    while stage.organisation_id in deletion.due(app):
        deletion.go_on(app, stage.organisation_id, 0)
        slices += 1
    assert slices > 3
    assert traces(app, stage.organisation_id) == {"deleted_organisations"}


def test_once_begun_nobody_gets_in(app: App, stage: Cast) -> None:
    deletion.delete_at_once(app, stage.organisation_id, "Hedgerow Joinery", "Anna Hale")
    with app.database.read(stage.organisation_id) as session:
        assert deletions.members(session, stage.organisation_id) == []


def test_once_begun_no_practice_gets_in_either(app: App, stage: Cast) -> None:
    now, home = clock.now(), stage.organisation_id
    with app.database.write_across() as session:
        session.add(Practice(id="cafe", name="Ledger & Co", created_by="Stan", created_at=now))
        session.flush()
        session.add(
            PracticeMember(practice_id="cafe", person_id=stage.stranger_id, role="practice_admin", all_clients=True,
                joined_at=now)
        )  # fmt: skip
    with app.database.write(home) as session:
        practices.link(session, "cafe", home, by="Anna", words="Yes", how="entered", linked_by="Stan")
    with app.database.read(home) as session:
        assert membership(session, stage.stranger_id, home) is not None
    deletion.delete_at_once(app, home, "Hedgerow Joinery", "Anna Hale")
    with app.database.read(home) as session:
        assert membership(session, stage.stranger_id, home) is None


@pytest.mark.parametrize("days", [29, 366, 0, -1])
def test_the_days_have_bounds(app: App, stage: Cast, days: int) -> None:
    with pytest.raises(UserError, match="between 30 and 365"):
        deletion.change_days(app, stage.organisation_id, days)


def test_other_days_move_the_day_but_never_past_the_notice(
    app: App, stage: Cast, traveller: time_machine.Traveller
) -> None:
    deletion.change_days(app, stage.organisation_id, 200)
    moved = row(app, stage)
    assert moved is not None
    assert moved.due_at == START + timedelta(days=200)
    traveller.shift(timedelta(days=100))
    deletion.change_days(app, stage.organisation_id, 30)
    moved = row(app, stage)
    assert moved is not None
    assert moved.due_at == START + timedelta(days=114)


def test_whoever_was_told_late_has_the_two_weeks_all_the_same(
    app: App, stage: Cast, traveller: time_machine.Traveller
) -> None:
    """As after a long standstill of the clock."""
    traveller.shift(timedelta(days=120))
    work(app)
    assert is_there(app, stage)
    assert len(notices(app, stage)) == 1
    day_by_day(app, traveller, 13)
    assert is_there(app, stage)
    day_by_day(app, traveller, 2)
    assert not is_there(app, stage)


def test_an_organisation_that_was_disconnected_before_gets_its_day_from_now_on(
    app: App, stage: Cast, traveller: time_machine.Traveller
) -> None:
    with app.database.write(stage.organisation_id) as session:
        deletions.cancel(session, stage.organisation_id)
    traveller.shift(timedelta(days=400))
    work(app)
    noted = row(app, stage)
    assert noted is not None
    assert noted.due_at == START + timedelta(days=490)


@pytest.fixture
def ledger(database_url: str, redis_url: str, database: Database, tmp_path: Path) -> Iterator[Stage]:
    with connection_stage(tmp_path, database_url, redis_url) as found:
        yield found


def test_connecting_again_cancels_it(ledger: Stage) -> None:
    organisation_id = ledger.connected()
    disconnect(ledger.app, organisation_id, "Robin")
    with ledger.app.database.read(organisation_id) as session:
        assert deletions.of(session, organisation_id) is not None
    tenant = ledger.tenants[0]
    person = ledger.sign_in(tenant)
    assert connection.enable(ledger.app, person, [tenant]) == [organisation_id]
    with ledger.app.database.read(organisation_id) as session:
        assert deletions.of(session, organisation_id) is None


def test_what_is_being_deleted_cannot_be_connected_until_it_is_gone_and_then_begins_anew(
    ledger: Stage,
) -> None:
    organisation_id = ledger.connected()
    disconnect(ledger.app, organisation_id, "Robin")
    deletion.delete_at_once(ledger.app, organisation_id, "Acme", "Robin")
    tenant = ledger.tenants[0]
    person = ledger.sign_in(tenant)
    with pytest.raises(UserError, match="being deleted just now"):
        connection.enable(ledger.app, person, [tenant])
    work(ledger.app)
    assert connection.enable(ledger.app, ledger.sign_in(tenant), [tenant]) == [organisation_id]
