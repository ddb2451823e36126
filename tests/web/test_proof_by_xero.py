"""Proving who one is by Xero: only what Xero has asked lately counts, however long its own session lasts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.clock import real_now
from sandbox.ledger import DEFAULT_USER_ID
from services import ways_in
from store.models import Passkey
from tests.services.connection_stage import Stage, stage
from tests.web.connect_stage import Visitor, pages
from web.proving import RECENT

PROVE, SIGN_IN = "/connect/xero/prove", "/connect/xero/sign-in"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def play(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Stage]:
    with stage(tmp_path, database_url, redis_url) as staged:
        yield staged


@pytest.fixture
def robin(play: Stage) -> Visitor:
    """Signed in with Xero, which asked for a password the day before yesterday and not since."""
    play.connected("Acme")
    play.box.world.access.signed_in[DEFAULT_USER_ID] = real_now() - timedelta(days=2)
    visitor = Visitor(play, pages(play.app).test_client())
    visitor.come_back(visitor.allow(visitor.begin(SIGN_IN)))
    return visitor


def makes_codes(visitor: Visitor) -> bool:
    """Whether something dangerous is done without being asked anything."""
    answer = visitor.browser.post("/account/passkeys/options", data={"csrf_token": visitor.csrf("/account")})
    return answer.location != "/prove"


def prove(visitor: Visitor, user: str = DEFAULT_USER_ID) -> str:
    """Sign in again at Xero; where that leads."""
    return visitor.come_back(visitor.allow(visitor.begin(PROVE), user=user)).location or ""


def with_passkey(visitor: Visitor) -> None:
    person_id = visitor.person_id() or ""
    with visitor.play.app.database.write_across() as session:
        session.add(
            Passkey(
                id="a" * 32,
                person_id=person_id,
                credential_id="a",
                public_key="-",
                sign_count=0,
                name="Laptop",
                created_at=real_now(),
            )
        )


def test_a_sign_in_that_nobody_was_asked_for_proves_nothing(robin: Visitor) -> None:
    assert robin.person_id() is not None
    assert not makes_codes(robin)


def test_xero_is_asked_to_have_them_sign_in_anew_and_then_it_counts(robin: Visitor) -> None:
    asked = robin.begin(PROVE)
    assert (asked["prompt"], asked["max_age"], asked["scope"]) == ("login", "0", "openid profile email")
    assert prove(robin) == "/prove/go-on"
    assert makes_codes(robin)


def test_where_xero_does_not_ask_it_does_not_count_and_people_hear_what_to_do(robin: Visitor) -> None:
    robin.play.box.world.access.asks_anew = False
    assert prove(robin) == "/prove"
    page = robin.browser.get("/prove").text
    assert "Xero did not ask who you are again" in page
    assert "Sign out at Xero" in page
    assert not makes_codes(robin)


def test_a_sign_in_of_lately_counts_from_when_it_was(robin: Visitor) -> None:
    access = robin.play.box.world.access
    access.asks_anew = False
    access.signed_in[DEFAULT_USER_ID] = real_now() - RECENT + timedelta(minutes=5)
    assert prove(robin) == "/prove/go-on"
    with robin.browser.session_transaction() as session:
        session["proven_at"] -= timedelta(minutes=6).total_seconds()
    assert not makes_codes(robin)


def test_where_xero_says_no_time_it_counts_for_those_alone_who_have_nothing_else(robin: Visitor) -> None:
    robin.play.box.world.access.tells_when = False
    assert prove(robin) == "/prove/go-on"
    with robin.browser.session_transaction() as session:
        session["proven_at"] = 0.0
    with_passkey(robin)
    assert prove(robin) == "/prove"
    assert "Use another way" in robin.browser.get("/prove").text
    assert not makes_codes(robin)


def test_another_xero_user_proves_nothing_and_changes_nothing(robin: Visitor) -> None:
    other = robin.play.box.post("/sandbox/users", name="Sam", email="sam@elsewhere.example").json()[
        "xero_userid"
    ]
    before = robin.person_id()
    assert prove(robin, user=other) == "/prove"
    assert "another Xero user" in robin.browser.get("/prove").text
    assert robin.person_id() == before
    assert not makes_codes(robin)


def test_a_proof_that_somebody_else_began_is_none(robin: Visitor) -> None:
    asked = robin.begin(PROVE)
    with robin.play.app.database.write_across() as session:
        other = ways_in.newcomer(session, ways_in.fresh_id(), "cy@hedgerow.example", "Cy Moor", real_now())
    with robin.browser.session_transaction() as session:
        session["person_id"] = other.id
    assert robin.come_back(robin.allow(asked)).status_code == 400
