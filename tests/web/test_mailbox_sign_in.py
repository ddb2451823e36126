"""A sender's mailbox at Google or Microsoft: leave is given in the browser, and mails leave by it, with fresh tokens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from werkzeug.test import TestResponse

from kit import clock
from services import mailbox_tokens, sender_checks
from services.app import App
from store.models import Sender
from tests.support.cast import Cast
from tests.support.oauth_server import OAuthServer, oauth_server
from tests.support.smtp_server import MailServer, authority_file, mail_server
from tests.support.visitor import Member, Visitor
from web import assemble
from web.connect import connect
from web.pages import PAGES


@pytest.fixture
def maker() -> Iterator[OAuthServer]:
    with oauth_server() as found:
        yield found


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    monkeypatch.setenv("SSL_CERT_FILE", authority_file(tmp_path))
    with mail_server() as found:
        yield found


@pytest.fixture
def dunnock(dunnock: App, maker: OAuthServer, server: MailServer) -> App:
    """The same, where one can sign in with Google and mails really leave."""
    settings = replace(
        dunnock.settings,
        send_mode="live",
        token_keys=("k" * 40,),
        google_client_id="dunnock",
        google_client_secret="secret-of-dunnock",
        google_authorize_url=f"{maker.url}/authorize",
        google_token_url=f"{maker.url}/token",
        google_smtp_url=f"smtp://localhost:{server.port}",
    )
    found = App(settings)
    found.database = dunnock.database
    return found


@pytest.fixture
def visitor(dunnock: App) -> Visitor:
    return Visitor(assemble(dunnock, *PAGES, connect))


@pytest.fixture
def sender_id(owner: Member, stage: Cast, dunnock: App) -> str:
    owner.press(f"{stage.home}/senders/new", name="Anna Hale", email="anna@hedgerow.example")
    return row(dunnock, stage).id


def row(dunnock: App, stage: Cast) -> Sender:
    with dunnock.database.read(stage.organisation_id) as session:
        return session.scalars(select(Sender)).one()


def give_leave(
    owner: Member, stage: Cast, maker: OAuthServer, sender_id: str, **changes: str
) -> TestResponse:
    begun = owner.get(f"{stage.home}/senders/{sender_id}/sign-in/google")
    assert begun.status_code == 302 and begun.location.startswith(f"{maker.url}/authorize?")
    return owner.client.get(
        "/connect/mailbox/callback", query_string={**maker.consent(begun.location), **changes}
    )


def check(dunnock: App, stage: Cast, sender_id: str) -> Sender:
    sender_checks.check(dunnock, stage.organisation_id, sender_id)
    return row(dunnock, stage)


def test_leave_is_given_and_the_test_mail_leaves_by_the_mailbox(
    owner: Member, stage: Cast, dunnock: App, maker: OAuthServer, server: MailServer, sender_id: str
) -> None:
    assert "Sign in with Google" in owner.words(f"{stage.home}/senders/{sender_id}")
    give_leave(owner, stage, maker, sender_id)
    found = row(dunnock, stage)
    assert found.way == "mailbox" and found.mailbox and found.mailbox["maker"] == "google"
    assert maker.given[0] not in str(found.secret_cipher)
    server.tokens.add(maker.given[0])
    assert check(dunnock, stage, sender_id).state == "ready"
    (mail,) = server.mails()
    assert mail["To"] == "anna@hedgerow.example" and mail["Subject"] == "A test from Dunnock"


def test_a_change_of_something_else_keeps_the_leave(
    owner: Member, stage: Cast, dunnock: App, maker: OAuthServer, sender_id: str
) -> None:
    give_leave(owner, stage, maker, sender_id)
    before = row(dunnock, stage)
    kept: dict[str, Any] = {name: str(value) for name, value in (before.mailbox or {}).items()}
    owner.press(
        f"{stage.home}/senders/{sender_id}",
        **{**kept, "name": "Anna H.", "email": before.email, "way": "mailbox", "password": ""},
    )
    after = row(dunnock, stage)
    assert (after.name, after.mailbox, after.secret_cipher) == (
        "Anna H.",
        before.mailbox,
        before.secret_cipher,
    )


@pytest.mark.parametrize("changes", [{"state": "another"}, {"state": ""}])
def test_an_answer_that_nobody_asked_for_is_refused(
    owner: Member, stage: Cast, dunnock: App, maker: OAuthServer, sender_id: str, changes: dict[str, str]
) -> None:
    assert give_leave(owner, stage, maker, sender_id, **changes).status_code == 400
    assert row(dunnock, stage).way == "provider" and maker.asked == []


def test_an_answer_is_good_once(owner: Member, stage: Cast, maker: OAuthServer, sender_id: str) -> None:
    begun = owner.get(f"{stage.home}/senders/{sender_id}/sign-in/google")
    answer = maker.consent(begun.location)
    assert owner.client.get("/connect/mailbox/callback", query_string=answer).status_code == 302
    assert owner.client.get("/connect/mailbox/callback", query_string=answer).status_code == 400


def test_a_no_changes_nothing_and_says_so(
    owner: Member, stage: Cast, dunnock: App, maker: OAuthServer, sender_id: str
) -> None:
    begun = owner.get(f"{stage.home}/senders/{sender_id}/sign-in/google")
    state = maker.consent(begun.location)["state"]
    owner.client.get("/connect/mailbox/callback", query_string={"state": state, "error": "access_denied"})
    assert "No leave was given" in owner.words(f"{stage.home}/senders/{sender_id}")
    assert row(dunnock, stage).way == "provider"


def test_a_token_that_dies_is_renewed_once_by_however_many(
    owner: Member, stage: Cast, dunnock: App, maker: OAuthServer, server: MailServer, sender_id: str
) -> None:
    give_leave(owner, stage, maker, sender_id)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=59), tick=True):
        found: list[str] = []
        many = [
            threading.Thread(
                target=lambda: found.append(
                    mailbox_tokens.access_token(dunnock, stage.organisation_id, sender_id)
                )
            )
            for _ in range(4)
        ]
        for one in many:
            one.start()
        for one in many:
            one.join()
    assert found == ["token-1"] * 4 and [one["grant_type"] for one in maker.asked][1:] == ["refresh_token"]
    assert maker.asked[1]["refresh_token"] == "refresh-1"


def test_leave_that_was_taken_back_makes_its_mails_wait_and_says_what_to_do(
    owner: Member, stage: Cast, dunnock: App, maker: OAuthServer, sender_id: str
) -> None:
    give_leave(owner, stage, maker, sender_id)
    maker.refuse = "invalid_grant"
    with time_machine.travel(clock.machine_now() + timedelta(hours=2), tick=True):
        found = check(dunnock, stage, sender_id)
    assert found.state == "failing" and "sign in again on the page of the sender" in str(found.problem)


def test_a_wrong_token_is_a_trouble_with_the_account(
    owner: Member, stage: Cast, dunnock: App, maker: OAuthServer, server: MailServer, sender_id: str
) -> None:
    give_leave(owner, stage, maker, sender_id)
    found = check(dunnock, stage, sender_id)
    assert found.state == "failing" and "does not accept the user name or the password" in str(found.problem)
