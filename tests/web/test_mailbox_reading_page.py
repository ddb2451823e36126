"""The switch by which answers in a sender's own mailbox are read: who may press it, and what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from kit import clock
from services import doctor
from services.app import App
from store.models import MailboxReading, Membership, Sender
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor
from web import assemble
from web.connect import connect
from web.pages import PAGES

OWN = {
    "name": "Anna Hale", "email": "anna@hedgerow.example", "way": "mailbox", "host": "smtp.hedgerow.example",
    "port": "587", "security": "starttls", "user": "anna", "password": "very-secret-1",
}  # fmt: skip
SHARED = {**OWN, "name": "Accounts", "email": "accounts@hedgerow.example", "user": "accounts"}


@pytest.fixture
def dunnock(dunnock: App) -> App:
    """The same with a key for passwords, where one can sign in with Microsoft."""
    settings = replace(
        dunnock.settings,
        token_keys=("k" * 40,),
        microsoft_client_id="dunnock",
        microsoft_client_secret="secret",
    )
    found = App(settings)
    found.database = dunnock.database
    return found


@pytest.fixture
def visitor(dunnock: App) -> Visitor:
    return Visitor(assemble(dunnock, *PAGES, connect))


def as_a(role: str, visitor: Visitor, dunnock: App, stage: Cast) -> Member:
    """A colleague with this role."""
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Membership, (stage.organisation_id, stage.colleague_id)).role = role
    return visitor.signed_in_as(stage.colleague_id)


def add(by: Member, stage: Cast, dunnock: App, **fields: str) -> str:
    """A sender with a mailbox of its own; the address of its page."""
    by.press(f"{stage.home}/senders/new", **fields)
    with dunnock.database.read(stage.organisation_id) as session:
        row = session.scalars(select(Sender).where(Sender.email == fields["email"])).one()
    return f"{stage.home}/senders/{row.id}"


def readings(dunnock: App, stage: Cast) -> list[MailboxReading]:
    with dunnock.database.read(stage.organisation_id) as session:
        return list(session.scalars(select(MailboxReading)))


def switch(by: Member, page: str, wanted: str = "on", **fields: str) -> str:
    by.press(f"{page}/reading", wanted=wanted, **fields)
    return by.words(page)


def test_it_is_off_until_the_owner_of_the_mailbox_switches_it_on(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = add(owner, stage, dunnock, **OWN)
    words = owner.words(page)
    assert "Read answers from this mailbox Off" in words and "not even a header" in words
    words = switch(owner, page, host="imap.hedgerow.example", port="993")
    assert "Read answers from this mailbox On" in words and "Last read Not yet" in words
    (row,) = readings(dunnock, stage)
    assert (row.host, row.port, row.switched_on_by) == ("imap.hedgerow.example", 993, "Anna Hale")
    assert "Read answers from this mailbox Off" in switch(owner, page, "off")
    assert readings(dunnock, stage) == []


def test_the_password_is_told_to_no_other_provider(owner: Member, stage: Cast, dunnock: App) -> None:
    page = add(owner, stage, dunnock, **OWN)
    assert "has to belong to the same provider" in switch(owner, page, host="imap.evil.example")
    assert readings(dunnock, stage) == []


def test_another_person_cannot_open_it_but_who_may_change_settings_can_close_it(
    owner: Member, visitor: Visitor, stage: Cast, dunnock: App
) -> None:
    page = add(owner, stage, dunnock, **OWN)
    manager = as_a("manager", visitor, dunnock, stage)
    assert "only they can have it read" in manager.words(page)
    assert "only they can have it read, on the page" in switch(manager, page)
    assert readings(dunnock, stage) == []
    switch(owner, page)
    switch(as_a("chaser", visitor, dunnock, stage), page, "off")
    assert len(readings(dunnock, stage)) == 1
    switch(as_a("manager", visitor, dunnock, stage), page, "off")
    assert readings(dunnock, stage) == []


def test_a_shared_mailbox_is_opened_by_who_may_change_settings(
    owner: Member, visitor: Visitor, stage: Cast, dunnock: App
) -> None:
    page = add(owner, stage, dunnock, **SHARED)
    switch(as_a("chaser", visitor, dunnock, stage), page)
    assert readings(dunnock, stage) == []
    manager = as_a("manager", visitor, dunnock, stage)
    assert "Read answers from this mailbox On" in switch(manager, page)


def test_another_mailbox_or_owner_ends_it_and_a_new_password_does_not(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = add(owner, stage, dunnock, **OWN)
    switch(owner, page)
    owner.press(page, **{**OWN, "password": "very-secret-2"})
    assert len(readings(dunnock, stage)) == 1
    owner.press(page, **{**OWN, "user": "ben"})
    assert readings(dunnock, stage) == []


def test_what_is_wrong_with_it_is_said_on_the_page_and_by_the_doctor(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = add(owner, stage, dunnock, **OWN)
    switch(owner, page)
    with dunnock.database.write(stage.organisation_id) as session:
        row = session.scalars(select(MailboxReading)).one()
        row.refused, row.problem, row.read_at = True, "It says no.", clock.now() - timedelta(hours=3)
    words = owner.words(page)
    assert (
        "Cannot be read" in words
        and "It says no. Until this is mended, answers in this mailbox are not seen: give a new app password below."
        in words
        and "3 hours ago" in words
    )
    (finding,) = doctor.mailboxes(dunnock)
    assert not finding.healthy and "It says no; mend it" in finding.text


def test_leave_that_was_given_for_sending_alone_is_asked_for_again(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = add(owner, stage, dunnock, **OWN)
    with dunnock.database.write(stage.organisation_id) as session:
        row = session.scalars(select(Sender)).one()
        row.mailbox = {**(row.mailbox or {}), "maker": "microsoft"}
    assert "Leave was given for sending alone. Sign in with Microsoft again" in owner.words(page)
    assert "Leave was given for sending alone" in switch(owner, page) and readings(dunnock, stage) == []
    plain = parse_qs(urlsplit(owner.get(f"{page}/sign-in/microsoft").location).query)
    more = parse_qs(urlsplit(owner.get(f"{page}/sign-in/microsoft?reading=1").location).query)
    assert "IMAP.AccessAsUser.All" not in plain["scope"][0]
    assert "IMAP.AccessAsUser.All" in more["scope"][0] and "SMTP.Send" in more["scope"][0]


def test_a_sender_that_is_removed_is_read_no_more(owner: Member, stage: Cast, dunnock: App) -> None:
    page = add(owner, stage, dunnock, **OWN)
    switch(owner, page)
    owner.press(f"{page}/remove")
    assert readings(dunnock, stage) == []
