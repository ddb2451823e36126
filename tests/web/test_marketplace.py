"""From the marketplace and back: signing up, signing in, launching, and every way in which a connection ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from integration.ledger import Lane, LedgerError, NoteTarget
from sandbox.ledger import DEFAULT_USER_ID
from services import disconnection
from services.ledger_access import open_ledger
from tests.integration.xero.consent import consent
from tests.services.connection_stage import Stage, stage
from tests.support.visitor import words
from tests.web.connect_stage import NOTHING, Visitor, pages, stored

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WHO = "openid profile email"


@pytest.fixture
def play(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Stage]:
    with stage(tmp_path, database_url, redis_url) as staged:
        yield staged


@pytest.fixture
def visitor(play: Stage) -> Visitor:
    return Visitor(play, pages(play.app).test_client())


def elsewhere(visitor: Visitor) -> Visitor:
    """The same person in another browser, or somebody else."""
    return Visitor(visitor.play, visitor.browser.application.test_client())


def arrive(visitor: Visitor, address: str, user: str = DEFAULT_USER_ID) -> TestResponse:
    """Open an address of ours that leads to the ledger's sign-in, say yes there, and come back."""
    asked = asked_for(visitor, address)
    return visitor.come_back(consent(visitor.play.box, asked, (), user))


def asked_for(visitor: Visitor, address: str) -> dict[str, str]:
    answer = visitor.browser.get(address)
    assert answer.status_code == 302, answer.text
    there = urlsplit(answer.location)
    assert there.path == "/identity/connect/authorize"
    return {name: values[0] for name, values in parse_qs(there.query).items()}


def connected(visitor: Visitor, name: str = "Acme") -> tuple[str, str]:
    """Somebody signs up with one organisation; its id here, and its tenant."""
    tenant = visitor.play.organisation(name)
    answer = visitor.sign_in(tenant)
    return urlsplit(answer.location).path.split("/")[2], tenant


def shown(visitor: Visitor, answer: TestResponse) -> str:
    while answer.status_code == 302:
        answer = visitor.browser.get(answer.location)
    return words(answer)


def test_the_first_page_offers_both_and_says_what_each_does(visitor: Visitor) -> None:
    page = words(visitor.browser.get("/"))
    assert "Sign up with Xero" in page and "Sign in with Xero" in page
    assert "Signing in only asks Xero who you are" in page


def test_signing_in_asks_for_nothing_but_who_it_is(visitor: Visitor) -> None:
    organisation_id, _ = connected(visitor)
    back = elsewhere(visitor)
    assert asked_for(back, "/connect/xero/sign-in")["scope"] == WHO
    before = visitor.play.authorisation(organisation_id)
    answer = arrive(back, "/connect/xero/sign-in?next=/organisations")
    assert answer.location == "/organisations"
    assert "Acme" in shown(back, answer)
    assert visitor.play.authorisation(organisation_id).tokens_cipher == before.tokens_cipher


def test_who_is_not_known_yet_is_shown_the_way_to_sign_up_and_nothing_is_kept(visitor: Visitor) -> None:
    page = shown(visitor, arrive(visitor, "/connect/xero/sign-in"))
    assert "Nobody has signed up here with this Xero login yet" in page and "Sign up with Xero" in page
    assert visitor.person_id() is None
    assert stored(visitor.play) == NOTHING


def test_who_signs_up_a_second_time_is_signed_in_and_told_so(visitor: Visitor) -> None:
    _, tenant = connected(visitor)
    before = stored(visitor.play)
    back = elsewhere(visitor)
    assert "You had signed up before, so you are signed in" in shown(back, back.sign_in(tenant))
    assert stored(visitor.play) == before


def test_a_launch_goes_straight_to_the_ledger_and_then_to_its_organisation(visitor: Visitor) -> None:
    organisation_id, tenant = connected(visitor)
    connected(visitor, "Another")
    back = elsewhere(visitor)
    assert asked_for(back, f"/connect/xero/launch?tenantId={tenant}")["scope"] == WHO
    answer = arrive(back, f"/connect/xero/launch?tenantId={tenant}")
    assert urlsplit(answer.location).path == f"/organisations/{organisation_id}"


def test_a_launch_for_somebody_elses_organisation_tells_as_little_as_one_for_none(visitor: Visitor) -> None:
    _, theirs = connected(visitor)
    other = visitor.play.box.post("/sandbox/users", name="Sam", email="sam@elsewhere.example")
    assert other.status_code == 201, other.text
    sam = other.json()["xero_userid"]
    answers = []
    for tenant in (theirs, "11111111-2222-3333-4444-555555555555", "'; DROP TABLE organisations"):
        stranger = elsewhere(visitor)
        answer = arrive(stranger, f"/connect/xero/launch?tenantId={tenant}", sam)
        assert answer.status_code == 302
        page = stranger.browser.get(answer.location)
        assert page.status_code == 404
        answers.append(page.text)
    assert len(set(answers)) == 1
    assert "Connect to Xero" in answers[0] and "Acme" not in answers[0]


def test_a_launch_of_a_disconnected_organisation_says_so_and_offers_to_connect(visitor: Visitor) -> None:
    organisation_id, tenant = connected(visitor)
    disconnection.disconnect(visitor.play.app, organisation_id, by="Robin")
    back = elsewhere(visitor)
    page = shown(back, arrive(back, f"/connect/xero/launch?tenantId={tenant}"))
    assert "Disconnected by Robin" in page and "Reconnect" in page


def test_who_denies_is_told_that_nothing_changed(visitor: Visitor) -> None:
    asked = visitor.begin()
    answer = visitor.come_back(consent(visitor.play.box, asked, (), decision="deny"))
    assert "You did not allow Dunnock to connect, so nothing was connected" in shown(visitor, answer)
    assert stored(visitor.play) == NOTHING


def test_who_denies_a_reconnection_keeps_what_there_was(visitor: Visitor) -> None:
    organisation_id, _ = connected(visitor)
    asked = visitor.begin()
    visitor.come_back(consent(visitor.play.box, asked, (), decision="deny"))
    assert visitor.play.row(organisation_id).connection == "connected"
    assert "Connected since" in words(visitor.browser.get(f"/organisations/{organisation_id}/connection"))


def test_a_removal_in_the_ledger_is_noticed_and_said(visitor: Visitor) -> None:
    organisation_id, _ = connected(visitor)
    (there,) = visitor.play.connections()
    visitor.play.box.post(f"/sandbox/connections/{there['id']}/remove")
    visitor.play.later(advance_days=1)
    disconnection.keep_alive(visitor.play.app)
    page = words(visitor.browser.get(f"/organisations/{organisation_id}/connection"))
    assert "Removed in Xero, under Connected apps, by Xero" in page
    assert "Disconnected" in page and "What is kept" in page and "Connect to Xero" in page


def test_a_revoked_authorisation_waits_for_somebody_to_connect_again(visitor: Visitor) -> None:
    organisation_id, tenant = connected(visitor)
    visitor.play.box.post(f"/sandbox/authorisations/{DEFAULT_USER_ID}/revoke")
    visitor.play.later(advance_days=1)
    disconnection.keep_alive(visitor.play.app)
    page = words(visitor.browser.get(f"/organisations/{organisation_id}/connection"))
    assert "Needs reconnecting" in page and "Xero no longer let Dunnock in, by Xero" in page
    visitor.sign_in(tenant, next=f"/organisations/{organisation_id}/connection")
    assert visitor.play.row(organisation_id).connection == "connected"


def test_a_second_installation_goes_on_where_the_first_ended(visitor: Visitor) -> None:
    organisation_id, tenant = connected(visitor)
    token = visitor.csrf(f"/organisations/{organisation_id}/connection")
    answer = visitor.browser.post(f"/organisations/{organisation_id}/disconnect", data={"csrf_token": token})
    page = shown(visitor, answer)
    assert "is disconnected. Nothing is read, sent or written any more" in page and "What is kept" in page
    assert visitor.play.connections() == []
    visitor.sign_in(tenant)
    page = words(visitor.browser.get(f"/organisations/{organisation_id}/connection"))
    assert "Connected since" in page and "Disconnected here" in page and "What is kept" not in page
    assert stored(visitor.play) == dict.fromkeys(NOTHING, 1)


def test_what_the_ledger_refused_is_shown_in_its_own_words_and_counted(visitor: Visitor) -> None:
    organisation_id, _ = connected(visitor)
    ledger = open_ledger(visitor.play.app, organisation_id, Lane.NOTES)
    for _ in range(2):
        with pytest.raises(LedgerError):
            ledger.write_notes(
                NoteTarget.INVOICE, "11111111-2222-3333-4444-555555555555", ["x"], idempotency_key="k"
            )
    page = words(visitor.browser.get(f"/organisations/{organisation_id}/connection"))
    assert "Write a note on an invoice" in page and "404" in page and "2 times since" in page


def test_calls_are_counted_by_what_they_were_for(visitor: Visitor) -> None:
    organisation_id, _ = connected(visitor)
    open_ledger(visitor.play.app, organisation_id, Lane.CHECK).own_reminders()
    page = words(visitor.browser.get(f"/organisations/{organisation_id}/connection"))
    assert "Looking once more before a message leaves 1" in page
    assert "as Xero last said" in page
