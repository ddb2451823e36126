"""Signing in with Xero, choosing organisations, disconnecting and signing out, as a visitor meets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from kit.settings import GRANULAR_SCOPES
from services.app import App
from tests.services.connection_stage import Stage, stage
from tests.support.visitor import words
from tests.web.connect_stage import NOTHING, Visitor, pages, stored

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def play(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Stage]:
    with stage(tmp_path, database_url, redis_url) as staged:
        yield staged


@pytest.fixture
def visitor(play: Stage) -> Visitor:
    return Visitor(play, pages(play.app).test_client())


def another(visitor: Visitor) -> Visitor:
    """Somebody else, in a browser of their own."""
    return Visitor(visitor.play, FlaskClient(visitor.browser.application, visitor.browser.response_wrapper))


def test_the_way_to_the_ledger_asks_for_everything_that_protects_it(visitor: Visitor) -> None:
    answer = visitor.browser.get("/connect/xero")
    asked = visitor.begin()

    assert answer.headers["Location"].startswith(f"{visitor.play.box.url}/identity/connect/authorize?")
    assert asked["response_type"] == "code"
    assert asked["scope"] == GRANULAR_SCOPES
    assert asked["redirect_uri"] == "http://localhost:8000/connect/xero/callback"
    assert asked["code_challenge_method"] == "S256"
    assert all(len(asked[name]) >= 20 for name in ("state", "nonce", "code_challenge"))
    assert visitor.begin()["state"] != asked["state"]


@pytest.mark.parametrize("missing", ["xero_client_id", "xero_client_secret", "token_keys"])
def test_without_a_secret_nobody_is_sent_anywhere(play: Stage, missing: str) -> None:
    app = play.pointed_at(**{missing: () if missing == "token_keys" else ""})
    answer = pages(app).test_client().get("/connect/xero")
    assert answer.status_code == 503
    assert missing.upper() in answer.text


def test_one_organisation_is_enabled_at_once_and_shown(visitor: Visitor) -> None:
    answer = visitor.sign_in(visitor.play.organisation("Acme"))

    path = urlsplit(answer.headers["Location"]).path
    assert answer.status_code == 302
    assert path.startswith("/organisations/")
    assert path.endswith("/first-look")
    row = visitor.play.row(path.split("/")[2])
    assert (row.name, row.connection, row.chasing) == ("Acme", "connected", "off")
    assert stored(visitor.play) == dict.fromkeys(NOTHING, 1)


def test_the_page_that_takes_the_code_shows_nothing(visitor: Visitor) -> None:
    answer = visitor.sign_in(visitor.play.organisation())
    assert answer.status_code == 302
    assert "code" not in urlsplit(answer.headers["Location"]).query


def test_the_session_is_a_new_one_after_signing_in(visitor: Visitor) -> None:
    asked = visitor.begin()
    with visitor.browser.session_transaction() as session:
        session["planted"] = "before"
        session["person_id"] = "somebody"
    visitor.come_back(visitor.allow(asked, visitor.play.organisation()))
    with visitor.browser.session_transaction() as session:
        assert "planted" not in session
        assert session["person_id"] != "somebody"
        assert not [key for key in session if "sign_in" in key]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(play: Stage) -> None:
    settings = replace(play.app.settings, public_url="https://dunnock.example")
    visitor = Visitor(play, pages(App(settings)).test_client())
    cookie = visitor.browser.get("/connect/xero", base_url="https://dunnock.example").headers["Set-Cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))


def test_of_several_organisations_one_is_asked_which(visitor: Visitor) -> None:
    tenants = [visitor.play.organisation(name) for name in ("Alder & Co", "Birch", "Cedar")]
    answer = visitor.sign_in(*tenants)
    assert answer.headers["Location"] == "/connect/organisations"
    assert stored(visitor.play)["organisations"] == 0
    page = visitor.browser.get("/connect/organisations").text
    assert all(name in page for name in ("Alder &amp; Co", "Birch", "Cedar"))

    form = {"csrf_token": visitor.csrf("/connect/organisations"), "tenant": tenants[:2]}
    answer = visitor.browser.post("/connect/organisations", data=form)

    assert answer.headers["Location"] == "/organisations"
    assert stored(visitor.play)["organisations"] == 2
    page = visitor.browser.get("/organisations").text
    for path in re.findall(r'href="(/organisations/[0-9a-f]{32})"', page):
        assert visitor.browser.get(path).headers["Location"].endswith("/first-look"), "it is being read"
    assert visitor.browser.get("/connect/organisations").text.count("disabled") == 2


def test_ticking_one_leads_to_its_first_look(visitor: Visitor) -> None:
    tenants = [visitor.play.organisation(name) for name in ("A", "B")]
    visitor.sign_in(*tenants)
    form = {"csrf_token": visitor.csrf("/connect/organisations"), "tenant": tenants[0]}
    answer = visitor.browser.post("/connect/organisations", data=form)
    assert answer.headers["Location"].endswith("/first-look")


def test_what_was_once_declined_is_not_enabled_at_the_next_sign_in(visitor: Visitor) -> None:
    tenants = [visitor.play.organisation(name) for name in ("A", "B")]
    visitor.sign_in(*tenants)
    form = {"csrf_token": visitor.csrf("/connect/organisations"), "tenant": tenants[0]}
    visitor.browser.post("/connect/organisations", data=form)

    answer = another(visitor).sign_in(tenants[0])
    assert answer.headers["Location"] == "/connect/organisations"
    assert another(visitor).sign_in(tenants[0], next="/organisations").headers["Location"] == "/organisations"
    assert stored(visitor.play)["organisations"] == 1


@pytest.mark.parametrize("ticked", [[], ["not-offered"]])
def test_ticking_nothing_or_something_else_enables_nothing(visitor: Visitor, ticked: list[str]) -> None:
    visitor.sign_in(visitor.play.organisation("A"), visitor.play.organisation("B"))
    form = {"csrf_token": visitor.csrf("/connect/organisations"), "tenant": ticked}
    answer = visitor.browser.post("/connect/organisations", data=form)
    assert answer.status_code == (400 if ticked else 302)
    assert stored(visitor.play)["organisations"] == 0


def test_choosing_needs_a_form_of_ours(visitor: Visitor) -> None:
    tenants = [visitor.play.organisation(name) for name in ("A", "B")]
    visitor.sign_in(*tenants)
    assert visitor.browser.post("/connect/organisations", data={"tenant": tenants[0]}).status_code == 400
    assert stored(visitor.play)["organisations"] == 0


def test_choosing_is_for_people_who_are_signed_in(visitor: Visitor) -> None:
    assert visitor.browser.get("/connect/organisations").status_code == 302
    assert visitor.play.requests("/connections") == []


def test_who_comes_back_goes_on_where_they_wanted(visitor: Visitor) -> None:
    tenant_id = visitor.play.organisation()
    visitor.sign_in(tenant_id)
    answer = another(visitor).sign_in(tenant_id, next="/organisations?x=1")
    assert answer.headers["Location"] == "/organisations?x=1"
    assert stored(visitor.play) == dict.fromkeys(NOTHING, 1)


@pytest.mark.parametrize(
    "wish",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "evil",
        "/\n/x",
    ],
)
def test_nobody_is_sent_on_to_another_site(visitor: Visitor, wish: str) -> None:
    answer = visitor.browser.get("/connect/xero", query_string={"next": wish})
    assert answer.status_code == 400
    assert stored(visitor.play) == NOTHING


def test_who_says_no_comes_back_to_the_first_page_and_stays_there(visitor: Visitor) -> None:
    asked = visitor.begin()
    answer = visitor.come_back({"error": "access_denied", "state": asked["state"]})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    page = visitor.browser.get("/")
    assert page.status_code == 200
    assert "You did not allow" in page.text
    assert stored(visitor.play) == NOTHING


def test_another_refusal_of_the_ledgers_is_named(visitor: Visitor) -> None:
    asked = visitor.begin()
    answer = visitor.come_back({"error": "invalid_scope", "state": asked["state"]})
    assert answer.status_code == 400
    assert "invalid_scope" in answer.text


def test_words_in_an_error_are_never_shown_as_they_came(visitor: Visitor) -> None:
    asked = visitor.begin()
    answer = visitor.come_back({"error": "<b>Call 555 to go on</b>", "state": asked["state"]})
    assert answer.status_code == 400
    assert "555" not in answer.text


def test_a_forged_callback_does_not_spoil_a_sign_in_under_way(visitor: Visitor) -> None:
    asked = visitor.begin()
    assert visitor.come_back({"code": "c", "state": "forged"}).status_code == 400
    answer = visitor.come_back(visitor.allow(asked, visitor.play.organisation()))
    assert answer.status_code == 302


def test_a_ledger_that_is_busy_after_signing_in_is_said_and_can_be_tried_again(visitor: Visitor) -> None:
    tenant_id = visitor.play.organisation()
    visitor.play.fault("503", "/api.xro", times=-1)
    answer = visitor.sign_in(tenant_id)
    assert answer.status_code == 302
    assert "could not be connected just now" in visitor.browser.get(answer.headers["Location"]).text
    assert stored(visitor.play)["organisations"] == 0

    visitor.play.mend()
    assert visitor.sign_in(tenant_id).headers["Location"].endswith("/first-look")


def test_signing_out_forgets_the_person_on_both_sides(visitor: Visitor) -> None:
    visitor.sign_in(visitor.play.organisation())
    answer = visitor.browser.post("/sign-out", data={"csrf_token": visitor.csrf("/organisations")})
    assert answer.status_code == 302
    assert '"cookies"' in answer.headers["Clear-Site-Data"]
    assert visitor.person_id() is None


def test_an_owner_can_disconnect(visitor: Visitor) -> None:
    organisation_id = visitor.sign_in(visitor.play.organisation()).headers["Location"].split("/")[2]
    form = {"csrf_token": visitor.csrf("/organisations")}
    assert visitor.browser.post(f"/organisations/{organisation_id}/disconnect").status_code == 400
    answer = visitor.browser.post(f"/organisations/{organisation_id}/disconnect", data=form)
    assert answer.status_code == 302
    assert visitor.play.row(organisation_id).connection == "disconnected"
    assert visitor.play.connections() == []


def test_a_stranger_cannot_disconnect_and_learns_nothing(visitor: Visitor) -> None:
    organisation_id = visitor.sign_in(visitor.play.organisation("A")).headers["Location"].split("/")[2]
    other = visitor.play.box.post(
        "/sandbox/users",
        email="x@example.com",
        given_name="X",
        family_name="Y",
        tenants=[visitor.play.organisation("B")],
    ).json()
    stranger = another(visitor)
    stranger.sign_in(visitor.play.tenants[1], user=other["xero_userid"])
    form = {"csrf_token": stranger.csrf("/organisations")}
    assert stranger.browser.post(f"/organisations/{organisation_id}/disconnect", data=form).status_code == 404
    assert visitor.play.row(organisation_id).connection == "connected"


def test_who_is_let_in_by_the_ledger_alone_is_told_whom_to_ask(visitor: Visitor) -> None:
    tenant = visitor.play.organisation("Acme")
    visitor.sign_in(tenant)
    other = visitor.play.box.post("/sandbox/users", name="Sam", email="sam@acme.example", tenants=[tenant])
    stranger = another(visitor)

    answer = stranger.sign_in(tenant, user=other.json()["xero_userid"])

    while answer.status_code == 302:
        answer = stranger.browser.get(answer.headers["Location"])
    assert "Acme is in Dunnock already, and you are not one of its people here. Ask" in words(answer)
    choice = words(stranger.browser.get("/connect/organisations"))
    assert "to invite you" in choice and "Connect the ticked ones" not in choice
    assert stored(visitor.play)["memberships"] == 1
