"""Signing in, connecting, losing and ending connections, against the sandbox ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from integration.ledger import Disconnected, Lane, NeedsReconnect, Unreachable
from kit.errors import UserError
from services import connection, team
from services.disconnection import REMOVED, ROLE_LOST
from services.ledger_access import ledger_errors_noted, open_ledger
from services.tokens import LOST
from store.queries import connection as queries
from tests.integration.xero.consent import allow
from tests.integration.xero.hostile import answer, hostile_server
from tests.services.connection_stage import CLAIMS, Stage, stage


@pytest.fixture
def play(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Stage]:
    with stage(tmp_path, database_url, redis_url) as staged:
        yield staged


def test_whoever_signs_in_twice_is_one_person_with_one_authorisation(play: Stage) -> None:
    tenant_id = play.organisation()
    first = play.sign_in(tenant_id)
    second = play.sign_in(tenant_id, name="Robin A.", email="new@hedgerow.example")

    assert first == second
    with play.app.database.read_across() as session:
        person = queries.person(session, first)
        authorisation = queries.authorisation_of(session, first)
    assert person is not None
    assert (person.name, person.email) == ("Robin A.", "new@hedgerow.example")
    assert authorisation is not None
    assert (authorisation.version, authorisation.state) == (2, "connected")


def test_no_token_stands_readable_in_the_database(play: Stage) -> None:
    tokens = allow(play.box, play.organisation())
    connection.sign_in(play.app, tokens, CLAIMS)
    with play.app.database.read_across() as session:
        stored = str(session.execute(text("SELECT * FROM authorisations")).all())
    assert tokens["access_token"] not in stored
    assert tokens["refresh_token"] not in stored


def test_access_that_cannot_last_is_refused_at_sign_in(play: Stage) -> None:
    tokens = allow(play.box, play.organisation(), scope="openid accounting.contacts")
    with pytest.raises(UserError, match="offline_access"):
        connection.sign_in(play.app, tokens, CLAIMS)


def test_an_enabled_organisation_is_connected_and_chases_nobody(play: Stage) -> None:
    organisation_id = play.connected(name="Kiwi", timezone="NEWZEALANDSTANDARDTIME", reminders_enabled=True)
    row = play.row(organisation_id)

    assert (row.name, row.timezone, row.own_reminders) == ("Kiwi", "Pacific/Auckland", True)
    assert (row.connection, row.chasing, row.imported_at) == ("connected", "off", None)
    assert play.app.redis.llen("rq:queue:bulk") == 1  # the import was rung for


@pytest.mark.parametrize(
    ("country", "days"),
    [("GB", [0, 1, 2, 3, 4]), ("SA", [0, 1, 2, 3, 6]), ("", [0, 1, 2, 3, 4])],
)
def test_a_new_organisation_mails_on_the_working_days_of_its_country(
    play: Stage, country: str, days: list[int]
) -> None:
    assert play.row(play.connected(country=country)).sending_days == days


def test_whoever_connects_first_owns_the_organisation(play: Stage) -> None:
    tenant_id = play.organisation()
    person_id = play.sign_in(tenant_id)
    (organisation_id,) = connection.enable(play.app, person_id, [tenant_id])
    assert play.role_of(person_id, organisation_id) == "owner"


def test_enabling_twice_makes_no_second_organisation(play: Stage) -> None:
    tenant_id = play.organisation()
    person_id = play.sign_in(tenant_id)
    first = connection.enable(play.app, person_id, [tenant_id, tenant_id])
    assert connection.enable(play.app, person_id, [tenant_id]) == first
    with play.app.database.read_across() as session:
        assert session.execute(text("SELECT count(*) FROM organisations")).scalar() == 1
        assert session.execute(text("SELECT count(*) FROM schedules")).scalar() == 3


def test_only_what_the_ledger_offers_can_be_enabled(play: Stage) -> None:
    allowed, withheld = play.organisation("A"), play.organisation("B")
    person_id = play.sign_in(allowed)
    for wish in ([withheld], [allowed, withheld], ["nonsense"], []):
        with pytest.raises(UserError):
            connection.enable(play.app, person_id, wish)
    with play.app.database.read_across() as session:
        assert session.execute(text("SELECT count(*) FROM organisations")).scalar() == 0


def test_offers_say_how_each_organisation_stands(play: Stage) -> None:
    first, second = play.organisation("A"), play.organisation("B")
    person_id = play.sign_in(first, second)
    connection.enable(play.app, person_id, [first])

    offers = connection.organisations_on_offer(play.app, person_id)

    assert [(one.name, one.connection, one.role, one.waits_for_a_yes) for one in offers] == [
        ("A", "connected", "owner", False),
        ("B", None, None, True),
    ]


@pytest.mark.parametrize("state", ["connected", "needs_reconnect", "disconnected"])
def test_the_ledger_lets_nobody_in_where_others_are_already(play: Stage, state: str) -> None:
    organisation_id = play.connected()
    theirs = play.authorisation(organisation_id).id
    play.change(organisation_id, connection=state)
    colleague = play.sign_in(*play.tenants, xero_userid="somebody-else")

    (offer,) = connection.organisations_on_offer(play.app, colleague)
    assert not offer.waits_for_a_yes
    assert connection.restore(play.app, colleague, [offer]) == []
    with pytest.raises(UserError, match=r"Acme is in Dunnock already.+Ask Robin to invite you"):
        connection.enable(play.app, colleague, play.tenants)

    assert play.row(organisation_id).authorisation_id == theirs
    assert play.row(organisation_id).connection == state
    assert play.role_of(colleague, organisation_id) is None


def test_whoever_was_removed_does_not_come_back_by_the_ledger(play: Stage) -> None:
    organisation_id = play.connected()
    removed = play.sign_in(*play.tenants, xero_userid="removed")
    play.join(removed, organisation_id, "manager")
    team.remove(play.app, organisation_id, removed, None, by_role="owner")

    with pytest.raises(UserError, match="to invite you"):
        connection.enable(play.app, removed, play.tenants)
    assert play.role_of(removed, organisation_id) is None


def test_a_manager_connects_again_and_stays_a_manager(play: Stage) -> None:
    organisation_id = play.connected()
    manager = play.sign_in(*play.tenants, xero_userid="manager")
    play.join(manager, organisation_id, "manager")
    play.change(organisation_id, connection="disconnected")

    assert connection.enable(play.app, manager, play.tenants) == [organisation_id]

    assert play.row(organisation_id).connection == "connected"
    assert play.role_of(manager, organisation_id) == "manager"


@pytest.mark.parametrize(("role", "may"), [("practice_admin", True), ("practice_staff", False)])
def test_a_practice_connects_again_by_its_role_and_nobody_of_it_becomes_a_member(
    play: Stage, role: str, may: bool
) -> None:
    organisation_id = play.connected()
    theirs = play.sign_in(*play.tenants, xero_userid="accountant")
    play.work_for(theirs, organisation_id, role)
    play.change(organisation_id, connection="needs_reconnect")

    offers = connection.organisations_on_offer(play.app, theirs)
    assert connection.restore(play.app, theirs, offers) == ([organisation_id] if may else [])

    assert play.row(organisation_id).connection == ("connected" if may else "needs_reconnect")
    assert play.role_of(theirs, organisation_id) is None


def test_where_nobody_is_left_whom_the_ledger_lets_connect_is_the_owner(play: Stage) -> None:
    organisation_id = play.connected()
    with play.app.database.write_across() as session:
        session.execute(text("DELETE FROM memberships"))
    somebody = play.sign_in(*play.tenants, xero_userid="somebody-else")

    assert connection.enable(play.app, somebody, play.tenants) == [organisation_id]
    assert play.role_of(somebody, organisation_id) == "owner"


def test_where_nobody_is_left_in_charge_the_operator_is_named(play: Stage) -> None:
    play.connected()
    with play.app.database.write_across() as session:
        session.execute(text("UPDATE memberships SET role = 'caller'"))
    somebody = play.sign_in(*play.tenants, xero_userid="somebody-else")
    with pytest.raises(UserError, match="ask whoever runs this installation"):
        connection.enable(play.app, somebody, play.tenants)


def test_a_member_without_the_right_cannot_reconnect(play: Stage) -> None:
    organisation_id = play.connected()
    person_id = play.sign_in(*play.tenants)
    play.change(organisation_id, connection="needs_reconnect")
    with play.app.database.write_across() as session:
        session.execute(text("UPDATE memberships SET role = 'caller'"))

    offers = connection.organisations_on_offer(play.app, person_id)
    assert connection.restore(play.app, person_id, offers) == []
    with pytest.raises(UserError, match="role"):
        connection.enable(play.app, person_id, play.tenants)


def test_one_authorisation_serves_several_organisations_and_is_renewed_once(play: Stage) -> None:
    tenants = [play.organisation("A"), play.organisation("B")]
    first, second = connection.enable(play.app, play.sign_in(*tenants), tenants)
    assert play.row(first).authorisation_id == play.row(second).authorisation_id

    play.later(advance_seconds=1800)
    for organisation_id in (first, second):
        open_ledger(play.app, organisation_id, Lane.CHECK).own_reminders()
    assert play.renewals() == 1


def test_a_revoked_authorisation_needs_a_person_and_the_others_go_on(play: Stage) -> None:
    organisation_id = play.connected()
    play.change(organisation_id, chasing="live")
    play.box.post(f"/sandbox/authorisations/{CLAIMS['xero_userid']}/revoke")

    with pytest.raises(NeedsReconnect), ledger_errors_noted(play.app, organisation_id):
        open_ledger(play.app, organisation_id, Lane.CHECK).own_reminders()

    row = play.row(organisation_id)
    assert (row.connection, row.connection_note, row.chasing) == ("needs_reconnect", LOST, "live")
    before = len(play.requests("/"))
    with pytest.raises(NeedsReconnect), ledger_errors_noted(play.app, organisation_id):
        open_ledger(play.app, organisation_id, Lane.CHECK)
    assert len(play.requests("/")) == before


def test_reconnecting_what_was_lost_goes_on_as_before(play: Stage) -> None:
    organisation_id = play.connected()
    play.change(organisation_id, chasing="live")
    play.box.post(f"/sandbox/authorisations/{CLAIMS['xero_userid']}/revoke")
    with pytest.raises(NeedsReconnect):
        open_ledger(play.app, organisation_id, Lane.CHECK).own_reminders()

    person_id = play.sign_in(*play.tenants)
    offers = connection.organisations_on_offer(play.app, person_id)
    assert connection.restore(play.app, person_id, offers) == [organisation_id]

    row = play.row(organisation_id)
    assert (row.connection, row.connection_note, row.chasing) == ("connected", None, "live")
    open_ledger(play.app, organisation_id, Lane.CHECK).own_reminders()


def test_an_app_removed_in_the_ledger_is_disconnected_and_stops(play: Stage) -> None:
    organisation_id = play.connected()
    play.change(organisation_id, chasing="live")
    (there,) = play.connections()
    play.box.post(f"/sandbox/connections/{there['id']}/remove")

    with pytest.raises(Disconnected), ledger_errors_noted(play.app, organisation_id):
        open_ledger(play.app, organisation_id, Lane.CHECK).own_reminders()

    row = play.row(organisation_id)
    assert (row.connection, row.connection_note) == ("disconnected", REMOVED)
    assert (row.chasing, row.chasing_changed_by) == ("off", "Xero")
    with pytest.raises(Disconnected, match="removed"):
        open_ledger(play.app, organisation_id, Lane.CHECK)


def test_a_person_who_lost_the_role_leaves_a_connection_to_be_renewed(play: Stage) -> None:
    organisation_id = play.connected()
    listed = [{"id": "c", "tenantId": play.tenants[0], "tenantType": "ORGANISATION", "tenantName": "A"}]
    refused = answer(403, {"Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"})
    with hostile_server(refused, answer(200, listed)) as server:
        app = play.pointed_at(xero_api_url=server.url)
        with pytest.raises(Disconnected), ledger_errors_noted(app, organisation_id):
            open_ledger(app, organisation_id, Lane.CHECK).own_reminders()
        app.database.close()
    row = play.row(organisation_id)
    assert (row.connection, row.connection_note) == ("needs_reconnect", ROLE_LOST)


def test_a_disconnect_here_ends_the_connection_there(play: Stage) -> None:
    organisation_id = play.connected()
    play.change(organisation_id, chasing="live")

    connection.disconnect(play.app, organisation_id, by="Anna Hale")

    row = play.row(organisation_id)
    assert (row.connection, row.chasing, row.connection_id) == ("disconnected", "off", None)
    assert "Anna Hale" in str(row.connection_note)
    assert play.connections() == []


def test_disconnecting_one_organisation_leaves_the_others(play: Stage) -> None:
    tenants = [play.organisation("A"), play.organisation("B")]
    first, second = connection.enable(play.app, play.sign_in(*tenants), tenants)

    connection.disconnect(play.app, first, by="Anna")

    assert [one["tenant_id"] for one in play.connections()] == [tenants[1]]
    open_ledger(play.app, second, Lane.CHECK).own_reminders()


def test_a_disconnect_that_the_ledger_does_not_hear_is_told_again(play: Stage) -> None:
    organisation_id = play.connected()
    play.fault("503", "/connections", method="DELETE")

    connection.disconnect(play.app, organisation_id, by="Anna")
    assert play.row(organisation_id).connection == "disconnected"
    assert len(play.connections()) == 1

    play.later(advance_seconds=3700)
    connection.keep_alive(play.app)
    assert play.connections() == []
    assert play.row(organisation_id).connection_id is None


def test_after_a_disconnect_chasing_stays_off_when_connected_again(play: Stage) -> None:
    organisation_id = play.connected()
    play.change(organisation_id, chasing="live")
    connection.disconnect(play.app, organisation_id, by="Anna")
    person_id = play.sign_in(*play.tenants)

    offers = connection.organisations_on_offer(play.app, person_id)
    assert connection.restore(play.app, person_id, offers) == []  # only if somebody wants it
    assert connection.enable(play.app, person_id, play.tenants) == [organisation_id]

    row = play.row(organisation_id)
    assert (row.connection, row.chasing) == ("connected", "off")
    assert row.connection_id == play.connections()[0]["id"]


def test_a_removal_is_noticed_within_a_day_without_any_call(play: Stage) -> None:
    organisation_id = play.connected()
    (there,) = play.connections()
    play.box.post(f"/sandbox/connections/{there['id']}/remove")
    connection.keep_alive(play.app)
    assert play.row(organisation_id).connection == "connected"  # not due yet

    play.later(advance_days=1)
    connection.keep_alive(play.app)
    assert play.row(organisation_id).connection == "disconnected"


def test_an_unused_connection_lives_for_longer_than_its_tokens_would(play: Stage) -> None:
    organisation_id = play.connected()
    for _ in range(13):
        play.later(advance_days=6)
        connection.keep_alive(play.app)
    open_ledger(play.app, organisation_id, Lane.CHECK).own_reminders()


def test_keeping_alive_asks_nothing_when_nothing_is_due(play: Stage) -> None:
    play.connected()
    before = len(play.requests("/"))
    for _ in range(3):
        connection.keep_alive(play.app)
    assert len(play.requests("/")) == before


def test_keeping_alive_comes_back_an_hour_after_a_failure(play: Stage) -> None:
    play.connected()
    play.later(advance_days=1)
    play.fault("503", "/connect", times=-1)
    for _ in range(3):
        connection.keep_alive(play.app)
    assert play.renewals() == 1
    play.mend()
    play.later(advance_seconds=3700)
    connection.keep_alive(play.app)
    assert len(play.requests("/connections")) == 2  # when it was enabled, and now


def test_a_dead_authorisation_found_while_keeping_alive_is_shown(play: Stage) -> None:
    organisation_id = play.connected()
    play.box.post(f"/sandbox/authorisations/{CLAIMS['xero_userid']}/revoke")
    play.later(advance_days=1)
    connection.keep_alive(play.app)
    assert play.row(organisation_id).connection == "needs_reconnect"


def test_a_lost_token_key_is_explained_and_nothing_is_lost(play: Stage) -> None:
    organisation_id = play.connected()
    app = play.pointed_at(token_keys=("another key that is long enough",))
    with pytest.raises(Unreachable, match="TOKEN_KEYS"):
        open_ledger(app, organisation_id, Lane.CHECK).own_reminders()
    app.database.close()
    assert play.row(organisation_id).connection == "connected"


def test_without_redis_nothing_is_enabled_and_it_is_said(play: Stage) -> None:
    tenant_id = play.organisation()
    person_id = play.sign_in(tenant_id)
    app = play.pointed_at(redis_url="redis://127.0.0.1:1/0")
    with pytest.raises(Unreachable, match="Redis"):
        connection.enable(app, person_id, [tenant_id])
    app.database.close()
    assert json.dumps(connection.organisations_on_offer(play.app, person_id)[0].connection) == "null"
