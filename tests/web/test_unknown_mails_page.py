"""The page of a mail of which nobody knows whether it left, and the way to it from Today."""

from __future__ import annotations

from kit import clock
from kit.ids import new_id
from services.app import App
from store.models import Communication
from tests.support.cast import Cast
from tests.support.visitor import Member


def not_known(dunnock: App, stage: Cast) -> str:
    """A mail whose provider gave no answer; its id."""
    made = Communication(
        organisation_id=stage.organisation_id, id=new_id(), direction="out", channel="email", kind="chaser",
        status="unknown", reason="The mail provider gave no answer.", contact_id=stage.contact_id,
        subject="Second reminder", handed_over_at=clock.now(), created_at=clock.now(),
    )  # fmt: skip
    with dunnock.database.write(stage.organisation_id) as session:
        session.add(made)
        return made.id


def status(dunnock: App, stage: Cast, mail_id: str) -> str:
    with dunnock.database.read(stage.organisation_id) as session:
        return session.get_one(Communication, (stage.organisation_id, mail_id)).status


def test_today_leads_to_the_page_where_it_is_decided(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/messages/{not_known(dunnock, stage)}"
    today = owner.get(f"{stage.home}/today?only=problem").text
    assert "Nobody knows whether “Second reminder” left." in today and f'href="{page}"' in today
    assert "Did it leave?" in owner.words(page)
    owner.press(f"{page}/settle", left="yes")
    words = owner.words(page)
    assert "Noted: it left." in words and "Did it leave?" not in words
    assert "Second reminder" not in owner.words(f"{stage.home}/today?only=problem")


def test_what_did_not_leave_is_noted_once(owner: Member, stage: Cast, dunnock: App) -> None:
    mail_id = not_known(dunnock, stage)
    page = f"{stage.home}/messages/{mail_id}"
    owner.press(f"{page}/settle", left="no")
    assert "Noted: it did not leave." in owner.words(page)
    assert status(dunnock, stage, mail_id) == "cancelled"
    owner.press(f"{page}/settle", left="yes")
    assert "It is known by now" in owner.words(page)
    assert status(dunnock, stage, mail_id) == "cancelled"
    assert "said that it did not leave" in owner.words(f"{stage.home}/audit-log")
