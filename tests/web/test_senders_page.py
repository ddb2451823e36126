"""The pages about senders: added, changed, checked, made the default; and who looks after a customer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from kit import clock
from services.app import App
from store.models import Communication, Contact, Forward, Membership, Person, Sender
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor, words
from web import assemble
from web.connect import connect
from web.pages import PAGES

ANNA = {"name": "Anna Hale", "email": "anna@hedgerow.example", "way": "provider"}
MAILBOX = {
    "name": "Ben Okoro", "email": "ben@hedgerow.example", "way": "mailbox", "host": "smtp.hedgerow.example",
    "port": "465", "security": "tls", "user": "ben", "password": "very-secret-1", "daily_limit": "200",
}  # fmt: skip


@pytest.fixture
def dunnock(dunnock: App) -> App:
    """The same with a key for passwords."""
    found = App(replace(dunnock.settings, token_keys=("k" * 40,)))
    found.database = dunnock.database
    return found


@pytest.fixture
def visitor(dunnock: App) -> Visitor:
    return Visitor(assemble(dunnock, *PAGES, connect))


def senders(dunnock: App, stage: Cast) -> list[Sender]:
    with dunnock.database.read(stage.organisation_id) as session:
        return list(session.scalars(select(Sender).order_by(Sender.name)))


def test_the_first_sender_is_the_default_and_belongs_to_whoever_has_the_address(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    assert "Anna Hale writes, who connected" in owner.words(f"{stage.home}/senders")
    answer = owner.press(f"{stage.home}/senders/new", **ANNA, signature="Anna Hale\r\nHedgerow")
    (row,) = senders(dunnock, stage)
    assert answer.status_code == 302 and answer.location.endswith(f"/senders/{row.id}")
    assert (row.is_default, row.person_id, row.signature) == (True, stage.owner_id, "Anna Hale\nHedgerow")
    page = owner.words(f"{stage.home}/senders")
    assert "Anna Hale default anna@hedgerow.example" in page and "Not checked" in page
    assert "The check asks the mail provider for the DNS records" in owner.words(
        f"{stage.home}/senders/{row.id}"
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "anna"}, "is not an e-mail address"),
        ({"name": " "}, "Give the sender’s name"),
        ({"way": "mailbox", "host": "not a host"}, "is not the name of a mail server"),
        ({"way": "mailbox", "host": "smtp.example", "user": "anna"}, "Give the app password"),
        ({"way": "mailbox", "port": "99999"}, "The port is a number from 1 to 65535."),
        ({"person_id": "0" * 32}, "not a member of this organisation"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    owner: Member, stage: Cast, dunnock: App, typed: dict[str, str], sentence: str
) -> None:
    answer = owner.press(f"{stage.home}/senders/new", **{**ANNA, "signature": "Typed already", **typed})
    assert answer.status_code == 422 and sentence in words(answer) and "Typed already" in answer.text
    assert senders(dunnock, stage) == []


def test_a_password_is_kept_encrypted_and_never_shown(owner: Member, stage: Cast, dunnock: App) -> None:
    owner.press(f"{stage.home}/senders/new", **MAILBOX)
    (row,) = senders(dunnock, stage)
    page = owner.get(f"{stage.home}/senders/{row.id}").text
    assert "very-secret-1" not in page and str(row.secret_cipher) not in page
    assert "very-secret-1" not in f"{row.mailbox}{row.secret_cipher}"
    owner.press(f"{stage.home}/senders/{row.id}", **{**MAILBOX, "password": "", "daily_limit": "300"})
    (changed,) = senders(dunnock, stage)
    assert changed.mailbox and changed.mailbox["daily_limit"] == 300
    assert dunnock.secrets.decrypt(str(changed.secret_cipher)) == "very-secret-1"


def test_what_cannot_be_checked_says_why(owner: Member, stage: Cast, dunnock: App) -> None:
    owner.press(f"{stage.home}/senders/new", **ANNA)
    (row,) = senders(dunnock, stage)
    owner.press(f"{stage.home}/senders/{row.id}/check")
    assert "SENDGRID_API_KEY must be set for this" in owner.words(f"{stage.home}/senders/{row.id}")


def test_another_can_be_made_the_default_and_the_first_removed(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    owner.press(f"{stage.home}/senders/new", **ANNA)
    owner.press(f"{stage.home}/senders/new", **MAILBOX)
    anna, ben = senders(dunnock, stage)
    owner.press(f"{stage.home}/senders/{anna.id}/remove")
    assert "make another the default first" in owner.words(f"{stage.home}/senders/{anna.id}")
    owner.press(f"{stage.home}/senders/{ben.id}/default")
    owner.press(f"{stage.home}/senders/{anna.id}/remove")
    (left,) = senders(dunnock, stage)
    assert left.id == ben.id and left.is_default


def test_the_customers_page_says_who_looks_after_it_and_who_writes(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    owner.press(f"{stage.home}/senders/new", **ANNA)
    customer = f"{stage.home}/contacts/{stage.contact_id}"
    assert "Anna Hale writes, the default sender." in owner.words(customer)
    owner.press(f"{customer}/owner", owner=stage.owner_id)
    assert "Anna Hale writes, who looks after this customer." in owner.words(customer)
    owner.press(f"{customer}/owner", owner=stage.stranger_id)
    assert "not a member of this organisation" in owner.words(customer)
    with dunnock.database.read(stage.organisation_id) as session:
        found = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
    assert found.owner_id == stage.owner_id


def test_who_looks_after_a_customer_can_be_undone(owner: Member, stage: Cast, dunnock: App) -> None:
    customer = f"{stage.home}/contacts/{stage.contact_id}"
    owner.press(f"{customer}/owner", owner=stage.owner_id)
    page = owner.get(customer).text
    assert "Undo the choice" in page and f'action="{customer}/owner"' in page
    owner.press(f"{customer}/owner", owner="")
    with dunnock.database.read(stage.organisation_id) as session:
        assert session.get_one(Contact, (stage.organisation_id, stage.contact_id)).owner_id is None


def test_a_step_is_given_a_sender_in_the_schedules_form(owner: Member, stage: Cast, dunnock: App) -> None:
    owner.press(f"{stage.home}/senders/new", **ANNA)
    (row,) = senders(dunnock, stage)
    form = owner.get(f"{stage.home}/schedules/new").text
    assert f'<option value="{row.id}">Anna Hale, anna@hedgerow.example</option>' in form


def test_a_chaser_sets_up_her_own_address_and_no_other(
    visitor: Visitor, owner: Member, stage: Cast, dunnock: App
) -> None:
    with dunnock.database.write_across() as session:
        membership = session.get_one(Membership, (stage.organisation_id, stage.colleague_id))
        membership.role = "chaser"
        email = session.get_one(Person, stage.colleague_id).email
    owner.press(f"{stage.home}/senders/new", **ANNA)
    (anna,) = senders(dunnock, stage)
    chaser = visitor.signed_in_as(stage.colleague_id)
    assert f'value="{email}"' in chaser.get(f"{stage.home}/senders/new").text
    others = {"email": "accounts@hedgerow.example"}
    sentence = f"You can set up your own address, {email}; ask an owner or a manager for any other."
    assert sentence in words(chaser.press(f"{stage.home}/senders/new", **(MAILBOX | others)))
    assert sentence in words(chaser.press(f"{stage.home}/senders/{anna.id}", **{**ANNA, "email": email}))
    assert chaser.press(f"{stage.home}/senders/{anna.id}/default").status_code == 403
    assert chaser.press(f"{stage.home}/senders/new", **MAILBOX, person_id=stage.owner_id).status_code == 302
    assert [row.is_default for row in senders(dunnock, stage)] == [True, False]
    own = next(row for row in senders(dunnock, stage) if row.email == email)
    assert own.person_id == stage.colleague_id
    assert "Remove" not in chaser.words(f"{stage.home}/senders/{own.id}")
    assert sentence in words(chaser.press(f"{stage.home}/senders/{own.id}", **(MAILBOX | others)))


@pytest.mark.parametrize(
    ("status", "problem", "sentence"),
    [
        ("sent", None, "Passed on to anna@hedgerow.example."),
        ("refused", "Too large", "Not passed on to anna@hedgerow.example: Too large"),
    ],
)
def test_the_timeline_says_what_became_of_an_answer_on_its_way_to_the_mailbox(
    owner: Member, stage: Cast, dunnock: App, status: str, problem: str | None, sentence: str
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        reply = session.scalars(select(Communication).where(Communication.direction == "in")).first()
        assert reply is not None and reply.contact_id == stage.contact_id
        session.add(
            Forward(
                organisation_id=stage.organisation_id, communication_id=reply.id, to="anna@hedgerow.example",
                status=status, problem=problem, next_try_at=clock.now(), created_at=clock.now(),
            )
        )  # fmt: skip
    assert sentence in owner.words(f"{stage.home}/contacts/{stage.contact_id}")
