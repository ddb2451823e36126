"""Being invited: what the link says, what it is good for, and what becomes of one that is not good (any more)."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pyotp
import pytest
import time_machine

from kit import clock
from kit.errors import UserError
from services import invitations
from services.app import App
from services.invitations import InvitationGone
from services.roles import Role
from store.models import Invitation, Membership, Person
from store.queries import team
from tests.support.cast import Cast
from tests.support.fake_mailer import FakeMailer
from tests.support.visitor import Member, Visitor, words
from tests.web.door_stage import PASSWORD, AtTheDoor, code_of, invite


@pytest.fixture
def guest(visitor: Visitor) -> AtTheDoor:
    return AtTheDoor.of(visitor)


def members(app: App, stage: Cast) -> dict[str, str]:
    with app.database.read(stage.organisation_id) as session:
        return {one.email: one.role for one in team.members(session, stage.organisation_id)}


def accept_by_password(guest: AtTheDoor, path: str, **fields: str) -> str:
    page = guest.get(path).text
    secret = re.search(r'id="secret">([^<]+)<', page)
    assert secret
    given = {"name": "Bea Kwok", "password": PASSWORD, "code": code_of(secret[1].replace(" ", "")), **fields}
    return guest.press(f"{path}/password", on=path, **given).text


def test_the_link_says_who_invites_to_what_and_as_what(dunnock: App, stage: Cast, guest: AtTheDoor) -> None:
    said = words(guest.get(invite(dunnock, stage, role="caller")))
    assert "Anna Hale invites you to work on the credit control of Hedgerow Joinery, as caller." in said
    assert "Make a passkey" in said
    assert "Sign in with Xero" in said


def test_somebody_without_xero_joins_with_a_password_and_an_app(
    dunnock: App, stage: Cast, guest: AtTheDoor
) -> None:
    said = accept_by_password(guest, invite(dunnock, stage))
    assert len(re.findall(r"<li><code>[a-z0-9]{5}-[a-z0-9]{5}-[a-z0-9]{5}</code>", said)) == 10
    assert members(dunnock, stage)["bea@hedgerow.example"] == "chaser"
    assert guest.get(f"/organisations/{stage.organisation_id}/queue").status_code == 200
    with dunnock.database.read_across() as session:
        assert session.get_one(Person, guest.person_id()).subject is None


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": " "}, "Give your name"),
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "password12345"}, "among the first that are guessed"),
        ({"password": "hedgerow.example"}, "among the first that are guessed"),
        ({"code": "000000"}, "That code is not right"),
        ({"code": ""}, "That code is not right"),
    ],
)
def test_a_slip_is_said_and_the_invitation_stays(
    dunnock: App, stage: Cast, guest: AtTheDoor, fields: dict[str, str], why: str
) -> None:
    path = invite(dunnock, stage)
    assert why in accept_by_password(guest, path, **fields)
    assert "bea@hedgerow.example" not in members(dunnock, stage)
    assert guest.person_id() is None
    accept_by_password(guest, path)
    assert "bea@hedgerow.example" in members(dunnock, stage)


def test_whoever_is_signed_in_just_accepts(dunnock: App, stage: Cast, visitor: Visitor) -> None:
    path = invite(dunnock, stage, role="manager")
    stranger = visitor.signed_in_as(stage.stranger_id)
    assert "Accept as" in stranger.words(path)
    answer = stranger.press(f"{path}/accept")
    assert answer.location == f"/organisations/{stage.organisation_id}"
    assert stranger.get(f"/organisations/{stage.organisation_id}/team").status_code == 200


def test_an_invitation_never_takes_a_role_away(dunnock: App, stage: Cast, owner: Member) -> None:
    path = invite(dunnock, stage, role="read_only")
    owner.press(f"{path}/accept")
    with dunnock.database.read(stage.organisation_id) as session:
        assert session.get_one(Membership, (stage.organisation_id, stage.owner_id)).role == "owner"


def test_a_link_is_good_once(dunnock: App, stage: Cast, guest: AtTheDoor, owner: Member) -> None:
    path = invite(dunnock, stage)
    accept_by_password(guest, path)
    answer = owner.press(f"{path}/accept")
    assert answer.status_code == 410
    assert "This invitation was taken already. If it was you, sign in" in words(answer)


def test_a_link_is_good_for_a_week(dunnock: App, stage: Cast, guest: AtTheDoor) -> None:
    path = invite(dunnock, stage)
    with time_machine.travel(clock.now() + timedelta(days=6, hours=23)):
        assert guest.get(path).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1)):
        answer = guest.get(path)
        assert answer.status_code == 410
        assert "Ask Anna Hale to send it again" in words(answer)


def test_a_withdrawn_link_says_so(dunnock: App, stage: Cast, guest: AtTheDoor, owner: Member) -> None:
    path = invite(dunnock, stage)
    page = owner.get(f"/organisations/{stage.organisation_id}/team").text
    found = re.search(r"invitations/([0-9a-f]{32})/withdraw", page)
    assert found
    owner.press(f"/organisations/{stage.organisation_id}/team/invitations/{found[1]}/withdraw")
    answer = guest.get(path)
    assert answer.status_code == 410
    assert "withdrawn" in words(answer)
    assert "Waits for a yes" not in owner.words(f"/organisations/{stage.organisation_id}/team")


def test_sent_again_the_old_link_is_worth_nothing(dunnock: App, stage: Cast, guest: AtTheDoor) -> None:
    old = invite(dunnock, stage)
    with dunnock.database.read_across() as session:
        row = session.query(Invitation).one()
    new = invitations.send_again(dunnock, row.id).link.removeprefix(dunnock.settings.public_url)
    assert guest.get(old).status_code == 410
    assert guest.get(new).status_code == 200


@pytest.mark.parametrize("change", [lambda one: one[:-1], lambda one: "A" + one[1:], lambda _: "x" * 60])
def test_a_link_that_was_guessed_or_cut_opens_nothing(
    dunnock: App, stage: Cast, guest: AtTheDoor, change: object
) -> None:
    token = invite(dunnock, stage).removeprefix("/invitations/")
    answer = guest.get(f"/invitations/{change(token)}")  # type: ignore[operator]
    assert answer.status_code == 410
    assert "not a whole one of ours" in words(answer)
    assert "Hedgerow" not in answer.text


def test_guessing_is_slowed_down(guest: AtTheDoor) -> None:
    assert [guest.get("/invitations/guess").status_code for _ in range(70)].count(429) >= 9


def test_the_database_does_not_know_the_link(dunnock: App, stage: Cast) -> None:
    token = invite(dunnock, stage).removeprefix("/invitations/")
    with dunnock.database.read_across() as session:
        row = session.query(Invitation).one()
        kept = [str(getattr(row, column.key)) for column in Invitation.__table__.columns]
    assert not any(part in value for value in kept for part in (token, *token.split(".")))


def test_of_two_who_accept_at_once_one_is_in(dunnock: App, stage: Cast) -> None:
    token = invite(dunnock, stage).removeprefix("/invitations/")
    both = threading.Barrier(2)
    said: list[str] = []

    def accept(person_id: str) -> None:
        both.wait()
        try:
            said.append(invitations.accept(dunnock, token, lambda *_: person_id))
        except InvitationGone as gone:
            said.append(str(gone))

    threads = [threading.Thread(target=accept, args=(one,)) for one in (stage.stranger_id, stage.owner_id)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one.startswith("/organisations/") for one in said) == [False, True]


def test_who_has_an_account_by_this_address_is_asked_to_use_it(
    dunnock: App, stage: Cast, guest: AtTheDoor, visitor: Visitor
) -> None:
    accept_by_password(guest, invite(dunnock, stage))
    again = AtTheDoor.of(visitor)
    assert "signs in with this e-mail address already" in accept_by_password(again, invite(dunnock, stage))
    assert again.person_id() is None


def test_where_no_mail_leaves_the_link_is_shown_to_the_inviter_once(
    dunnock: App, stage: Cast, owner: Member, guest: AtTheDoor
) -> None:
    team_page = f"/organisations/{stage.organisation_id}/team"
    answer = owner.press(f"{team_page}/invitations", email="Bea@Hedgerow.example ", role="caller")
    found = re.search(r'id="link">([^<]+)<', answer.text)
    assert found
    assert "hand this link to bea@hedgerow.example yourself" in words(answer)
    assert guest.get(found[1].removeprefix("http://localhost:8000")).status_code == 200
    assert 'id="link"' not in owner.get(team_page).text


def test_the_mail_says_what_it_is_about_and_carries_the_link(dunnock: App, stage: Cast) -> None:
    mailer = FakeMailer()
    made = invitations.invite(
        dunnock, kind="member", email="bea@hedgerow.example", role="caller", by="Anna Hale",
        organisation_id=stage.organisation_id, mailer=mailer,
    )  # fmt: skip
    (mail,) = mailer.taken
    assert made.mailed
    assert mail.to == ("bea@hedgerow.example",)
    assert made.link in mail.text
    assert "Anna Hale invites you to Hedgerow Joinery" in mail.subject


@pytest.mark.parametrize(
    "email",
    ["", "bea", "bea@", "@x.example", "a@b.example, c@d.example", "Bea <bea@x.example>", "a\n@b.example"],
)
def test_only_one_plain_address_is_invited(dunnock: App, stage: Cast, email: str) -> None:
    with pytest.raises(UserError):
        invite(dunnock, stage, email)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.OWNER])
def test_only_an_owner_invites_an_owner(dunnock: App, stage: Cast, visitor: Visitor, role: Role) -> None:
    manager = visitor.signed_in_as(stage.stranger_id)
    manager.press(f"{invite(dunnock, stage, role='manager')}/accept")
    answer = manager.press(
        f"/organisations/{stage.organisation_id}/team/invitations", email="c@x.example", role=role
    )
    assert ("Only an owner" in words(answer)) is (role == Role.OWNER)


def test_secrets_of_two_browsers_differ(dunnock: App, stage: Cast, visitor: Visitor) -> None:
    path = invite(dunnock, stage)
    shown = [
        re.search(r'id="secret">([^<]+)<', AtTheDoor.of(visitor).get(path).text)[1]  # type: ignore[index]
        for _ in range(2)
    ]
    assert shown[0] != shown[1]
    assert len(pyotp.TOTP(shown[0].replace(" ", "")).byte_secret()) == 20
