"""Xero as a way to say who one is, without opening a ledger; and Xero users that are linked to somebody who is here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from kit import clock
from kit.ids import new_id
from services import invitations, ways_in
from store.models import Person
from store.queries import team
from tests.services.connection_stage import Stage, stage
from tests.web.connect_stage import NOTHING, Visitor, pages, stored

SIGN_IN = "/connect/xero/sign-in"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def play(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Stage]:
    with stage(tmp_path, database_url, redis_url) as staged:
        yield staged


@pytest.fixture
def visitor(play: Stage) -> Visitor:
    return Visitor(play, pages(play.app).test_client())


def without_xero(visitor: Visitor) -> str:
    """This browser is that of somebody who came in by another way."""
    with visitor.play.app.database.write_across() as session:
        person = ways_in.newcomer(session, new_id(), "bea@hedgerow.example", "Bea Kwok", clock.now())
    with visitor.browser.session_transaction() as session:
        session.permanent = True
        session["person_id"] = person.id
        session["signed_in_at"] = session["proven_at"] = clock.machine_now().timestamp()
    return person.id


def begin_to_connect(visitor: Visitor) -> dict[str, str]:
    """Who is here without Xero is asked first, because an address alone must link nothing; what Xero is then asked."""
    page = visitor.browser.get("/connect/xero?next=/organisations")
    assert page.status_code == 200
    assert "as Bea Kwok" in page.text
    fields = {"csrf_token": visitor.csrf("/connect/xero"), "connect": "yes", "next": "/organisations"}
    return dict(parse_qsl(urlsplit(visitor.browser.post("/account/xero", data=fields).location).query))


def test_to_sign_in_asks_for_nothing_of_a_ledger_and_keeps_no_token(visitor: Visitor) -> None:
    asked = visitor.begin(SIGN_IN, next="/invitations/one")
    assert asked["scope"] == "openid profile email"
    visitor.come_back(visitor.allow(asked))
    assert visitor.person_id() is not None
    assert stored(visitor.play) == {**NOTHING, "people": 1}


def test_an_invitation_is_taken_with_xero(visitor: Visitor) -> None:
    home = visitor.play.connected("Acme")
    token = invitations.invite(
        visitor.play.app, kind="member", email="cy@hedgerow.example", role="caller", by="Robin", organisation_id=home
    ).link.rpartition("/")[2]  # fmt: skip
    path = f"/invitations/{token}"
    answer = visitor.come_back(visitor.allow(visitor.begin(SIGN_IN, next=path)))
    assert answer.location == path
    csrf = visitor.csrf(path)
    answer = visitor.browser.post(f"{path}/accept", data={"csrf_token": csrf})
    assert answer.location == f"/organisations/{home}"
    with visitor.play.app.database.read(home) as session:
        assert visitor.person_id() in {one.person_id for one in team.members(session, home)}


def test_who_came_in_by_another_way_links_xero(visitor: Visitor) -> None:
    person_id = without_xero(visitor)
    csrf = visitor.csrf("/account")
    answer = visitor.browser.post("/account/xero", data={"csrf_token": csrf})
    asked = dict(parse_qsl(urlsplit(answer.location).query))
    assert asked["scope"] == "openid profile email"
    visitor.come_back(visitor.allow(asked))
    with visitor.play.app.database.read_across() as session:
        assert session.get_one(Person, person_id).subject is not None
    visitor.browser.delete_cookie("dunnock")
    visitor.come_back(visitor.allow(visitor.begin(SIGN_IN)))
    assert visitor.person_id() == person_id


def test_who_connects_an_organisation_stays_who_they_are(visitor: Visitor) -> None:
    person_id = without_xero(visitor)
    answer = visitor.come_back(visitor.allow(begin_to_connect(visitor), visitor.play.organisation("Acme")))
    assert "/first-look" in answer.location
    assert visitor.person_id() == person_id
    assert stored(visitor.play)["people"] == 1


def test_a_xero_user_of_somebody_else_is_not_taken_over(visitor: Visitor) -> None:
    visitor.play.connected("Acme")
    person_id = without_xero(visitor)
    answer = visitor.come_back(visitor.allow(begin_to_connect(visitor), visitor.play.organisation("Birch")))
    assert answer.location == "/account"
    assert "has an account here already" in visitor.browser.get("/account").text
    assert visitor.person_id() == person_id


def test_a_link_that_somebody_else_began_links_nothing(visitor: Visitor) -> None:
    """Whoever is signed in when the answer comes is not who asked for it."""
    without_xero(visitor)
    asked = begin_to_connect(visitor)
    other = new_id()
    with visitor.play.app.database.write_across() as session:
        ways_in.newcomer(session, other, "cy@hedgerow.example", "Cy Moor", clock.now())
    with visitor.browser.session_transaction() as session:
        session["person_id"] = other
    assert visitor.come_back(visitor.allow(asked, visitor.play.organisation())).status_code == 400
    with visitor.play.app.database.read_across() as session:
        assert session.get_one(Person, other).subject is None
