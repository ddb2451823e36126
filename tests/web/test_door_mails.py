"""Invitations and links for new passwords, where mails leave: through the mail provider, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from services.app import App
from tests.support.cast import Cast
from tests.support.sandbox import RunningSandbox, running_sandbox
from tests.support.visitor import Member, Visitor, words
from tests.web.door_stage import AtTheDoor, joined
from web import assemble
from web.connect import connect
from web.pages import PAGES

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    with running_sandbox() as found:
        yield found


@pytest.fixture
def live(dunnock: App, stage: Cast, box: RunningSandbox) -> Iterator[App]:
    app = App(
        replace(
            dunnock.settings,
            send_mode="live",
            sendgrid_api_url=box.url,
            sendgrid_api_key=box.config.sendgrid_api_key,
        )
    )
    yield app
    app.database.close()


@pytest.fixture
def there(live: App) -> Visitor:
    return Visitor(assemble(live, *PAGES, connect))


@pytest.fixture
def anna(there: Visitor, stage: Cast) -> Member:
    return there.signed_in_as(stage.owner_id)


def mails(box: RunningSandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = box.get("/sandbox/mail").json()
    return found


def link_in(mail: dict[str, Any]) -> str:
    found = re.search(r"http://localhost:8000(/\S+/\S+)", str(mail))
    assert found
    return found[1].split("\\n")[0].rstrip("'\"")


def test_an_invitation_is_mailed_and_its_link_shown_to_nobody_else(
    stage: Cast, box: RunningSandbox, there: Visitor, anna: Member
) -> None:
    team = f"/organisations/{stage.organisation_id}/team"
    answer = anna.press(f"{team}/invitations", email="bea@hedgerow.example", role="caller")
    assert answer.status_code == 302
    (mail,) = mails(box)
    assert "bea@hedgerow.example" in str(mail)
    path = link_in(mail)
    assert path not in anna.get(team).text
    assert "is on its way to bea@hedgerow.example" in anna.words(team) or "Waits for a yes" in anna.words(
        team
    )
    assert "as caller" in words(AtTheDoor.of(there).get(path))


def test_a_mail_that_did_not_leave_says_why_and_can_be_sent_again(
    stage: Cast, box: RunningSandbox, there: Visitor, anna: Member
) -> None:
    team = f"/organisations/{stage.organisation_id}/team"
    box.post("/sandbox/mail/faults", answer="401", times=1)
    anna.press(f"{team}/invitations", email="bea@hedgerow.example", role="caller")
    page = anna.get(team).text
    assert "Mail did not leave" in page
    assert 'id="link"' not in page
    found = re.search(r"invitations/([0-9a-f]{32})/send", page)
    assert found
    anna.press(f"{team}/invitations/{found[1]}/send")
    (mail,) = mails(box)
    assert AtTheDoor.of(there).get(link_in(mail)).status_code == 200
    assert "Mail did not leave" not in anna.get(team).text


def test_a_link_for_a_new_password_leaves_once_the_page_has(
    dunnock: App, stage: Cast, box: RunningSandbox, there: Visitor
) -> None:
    bea = joined(dunnock, stage)
    guest = AtTheDoor.of(there)
    for email in ("nobody@hedgerow.example", bea.email):
        answer = guest.press("/forgotten-password", on="/forgotten-password", email=email)
        assert "If somebody signs in with that address" in words(answer)
        assert mails(box) == []
        answer.close()  # as a server does once the page has gone out
    (mail,) = mails(box)
    assert bea.email in str(mail)
    assert guest.get(link_in(mail)).status_code == 200


def test_a_changed_way_in_is_told_by_mail_and_its_link_signs_out_everywhere(
    dunnock: App, stage: Cast, box: RunningSandbox, there: Visitor
) -> None:
    bea = joined(dunnock, stage)
    thief = there.signed_in_as(bea.person_id)
    thief.press("/account/password/change", password="four other words here").close()
    (mail,) = mails(box)
    assert bea.email in str(mail)
    assert "Your password was changed." in str(mail)
    guest = AtTheDoor.of(there)
    path = link_in(mail)
    assert path.startswith("/not-me/")
    assert thief.get("/account").status_code == 200  # looking at the link changes nothing
    assert "Nobody is signed in as you any more" in words(guest.press(path, on=path))
    assert thief.get("/account").status_code == 302
    assert guest.person_id() is None


@pytest.mark.parametrize("token", ["x", "ImEi.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"])
def test_a_made_up_link_puts_nobody_out(there: Visitor, token: str) -> None:
    guest = AtTheDoor.of(there)
    assert guest.get(f"/not-me/{token}").status_code == 410
    assert guest.press(f"/not-me/{token}").status_code == 410
