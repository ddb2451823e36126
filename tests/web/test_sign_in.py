"""Signing in without the ledger, and what somebody who is not the person can try."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
import time_machine

from kit import clock
from kit.errors import UserError
from services import reset_mail, sign_ins, ways_in
from services.app import App
from store.models import Password, PasswordReset, Person, RecoveryCode
from tests.support.cast import Cast
from tests.support.fake_mailer import FakeMailer
from tests.support.visitor import Visitor, words
from tests.web.door_stage import PASSWORD, AtTheDoor, Somebody, code_of, joined

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
ANOTHER = "another four words here"


@pytest.fixture
def bea(dunnock: App, stage: Cast) -> Somebody:
    return joined(dunnock, stage)


@pytest.fixture
def guest(visitor: Visitor) -> AtTheDoor:
    return AtTheDoor.of(visitor)


def sign_in(guest: AtTheDoor, email: str, password: str, code: str, **more: str) -> str:
    return words(guest.press("/sign-in/password", email=email, password=password, code=code, **more))


def test_address_password_and_code_let_one_in(guest: AtTheDoor, bea: Somebody) -> None:
    sign_in(guest, " Bea@Hedgerow.example", PASSWORD, code_of(bea.secret))
    assert guest.person_id() == bea.person_id


def test_nobody_learns_what_was_wrong_or_who_is_here(guest: AtTheDoor, bea: Somebody) -> None:
    said = {
        sign_in(guest, bea.email, PASSWORD, "000000").replace(bea.email, ""),
        sign_in(guest, bea.email, ANOTHER, code_of(bea.secret)).replace(bea.email, ""),
        sign_in(guest, bea.email, PASSWORD, "").replace(bea.email, ""),
        sign_in(guest, "nobody@hedgerow.example", PASSWORD, code_of(bea.secret)),
        sign_in(guest, "", "", ""),
    }
    assert len(said) == 1
    assert "do not fit together" in said.pop()
    assert guest.person_id() is None


def test_a_code_is_good_once_also_at_the_same_moment(dunnock: App, bea: Somebody) -> None:
    code = code_of(bea.secret)
    both = threading.Barrier(2)
    came_in: list[tuple[str, str] | None] = []

    def try_it() -> None:
        both.wait()
        try:
            came_in.append(ways_in.by_password(dunnock, bea.email, PASSWORD, code))
        except UserError:
            came_in.append(None)

    threads = [threading.Thread(target=try_it) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one is None for one in came_in) == [False, True]


def test_an_earlier_code_is_worth_nothing_after_a_later_one(guest: AtTheDoor, bea: Somebody) -> None:
    earlier = code_of(bea.secret)
    sign_in(guest, bea.email, PASSWORD, code_of(bea.secret, 1))
    assert guest.person_id() == bea.person_id
    other = AtTheDoor(guest.client.application.test_client())
    sign_in(other, bea.email, PASSWORD, earlier)
    assert other.person_id() is None


def test_a_code_of_two_minutes_ago_is_worth_nothing(guest: AtTheDoor, bea: Somebody) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        sign_in(guest, bea.email, PASSWORD, code_of(bea.secret, -4))
        assert guest.person_id() is None


def test_a_recovery_code_takes_the_place_of_a_code_once(guest: AtTheDoor, bea: Somebody) -> None:
    typed = bea.recovery_codes[0].replace("-", " ").upper()
    sign_in(guest, bea.email, PASSWORD, typed)
    assert guest.person_id() == bea.person_id
    assert "9 recovery codes left" in words(guest.get("/account"))
    other = AtTheDoor(guest.client.application.test_client())
    sign_in(other, bea.email, PASSWORD, typed)
    assert other.person_id() is None


def test_nothing_that_is_kept_lets_anybody_in(dunnock: App, bea: Somebody) -> None:
    with dunnock.database.read_across() as session:
        rows = [*session.query(Password), *session.query(RecoveryCode)]
        kept = str([[getattr(row, column.key) for column in row.__table__.columns] for row in rows])
    assert PASSWORD not in kept
    assert bea.secret not in kept
    assert not any(one in kept or one.replace("-", "") in kept for one in bea.recovery_codes)


def test_guessing_for_one_account_is_stopped_and_says_how_to_come_in(guest: AtTheDoor, bea: Somebody) -> None:
    for _ in range(10):
        sign_in(guest, bea.email, "a guess of a password", "123456")
    answer = guest.press("/sign-in/password", email=bea.email, password=PASSWORD, code=code_of(bea.secret))
    assert answer.status_code == 429
    assert "Come in by Xero, by a passkey, or by a link" in words(answer)
    assert guest.person_id() is None


def test_whoever_is_kept_out_by_others_comes_in_by_a_link(
    dunnock: App, guest: AtTheDoor, bea: Somebody
) -> None:
    for _ in range(11):
        guest.press("/sign-in/password", email=bea.email, password="a guess", code="123456")
    link = asked_for_link(dunnock, bea)
    guest.press(link, on=link, password=ANOTHER, code=code_of(bea.secret))
    assert guest.person_id() == bea.person_id


def test_the_session_is_a_new_one(guest: AtTheDoor, bea: Somebody) -> None:
    guest.get("/sign-in")
    with guest.client.session_transaction() as session:
        session["planted"] = "before"
        session["held_back"] = {"to": "/elsewhere"}
    sign_in(guest, bea.email, PASSWORD, code_of(bea.secret))
    with guest.client.session_transaction() as session:
        assert "planted" not in session
        assert "held_back" not in session
        assert session["person_id"] == bea.person_id


@pytest.mark.parametrize(
    ("wanted", "goes"), [("/account", "/account"), ("//evil.example", "/"), ("https://evil.example", "/")]
)
def test_one_goes_on_to_pages_of_ours_alone(guest: AtTheDoor, bea: Somebody, wanted: str, goes: str) -> None:
    answer = guest.press(
        "/sign-in/password", email=bea.email, password=PASSWORD, code=code_of(bea.secret), next=wanted
    )
    assert answer.location == goes


def test_a_sign_in_is_in_ones_own_list_with_time_and_browser(guest: AtTheDoor, bea: Somebody) -> None:
    guest.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in(guest, bea.email, PASSWORD, code_of(bea.secret))
    said = words(guest.get("/account"))
    assert "just now Password and code Firefox on Windows" in said


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0 Safari/537.36 Edg/142.0", "Edge on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1", "Safari on iPhone"),
        ("curl/8.9", "curl"),
        ("", "Unknown"),
        ("<script>alert(1)</script>", "Unknown"),
    ],
)  # fmt: skip
def test_browsers_are_named_as_people_name_them(agent: str, said: str) -> None:
    assert sign_ins.browser_words(agent) == said


# -- a new password by mail -----------------------------------------------------------------------------


def asked_for_link(app: App, somebody: Somebody) -> str:
    mailer = FakeMailer()
    reset_mail.send(app, somebody.email, mailer=mailer)
    found = re.search(r"/new-password/\S+", mailer.taken[0].text)
    assert found
    return found[0]


def test_a_link_and_a_code_set_a_new_password_and_end_other_sessions(
    dunnock: App, guest: AtTheDoor, visitor: Visitor, bea: Somebody
) -> None:
    elsewhere = visitor.signed_in_as(bea.person_id)
    link = asked_for_link(dunnock, bea)
    guest.press(link, on=link, password=ANOTHER, code=bea.recovery_codes[0])
    assert guest.person_id() == bea.person_id
    assert elsewhere.get("/account").status_code == 302
    with pytest.raises(UserError):
        ways_in.by_password(dunnock, bea.email, PASSWORD, code_of(bea.secret))
    assert ways_in.by_password(dunnock, bea.email, ANOTHER, code_of(bea.secret))[0] == bea.person_id


def test_the_mailbox_alone_does_not_open_the_account(dunnock: App, guest: AtTheDoor, bea: Somebody) -> None:
    link = asked_for_link(dunnock, bea)
    answer = guest.press(link, on=link, password=ANOTHER, code="000000")
    assert "That code is not right" in words(answer)
    assert guest.person_id() is None
    assert ways_in.by_password(dunnock, bea.email, PASSWORD, code_of(bea.secret))[0] == bea.person_id


def test_a_link_for_a_new_password_is_good_once_and_for_an_hour(
    dunnock: App, guest: AtTheDoor, bea: Somebody
) -> None:
    first = asked_for_link(dunnock, bea)
    second = asked_for_link(dunnock, bea)
    assert guest.get(first).status_code == 410
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert "older than an hour" in words(guest.get(second))
    guest.press(second, on=second, password=ANOTHER, code=code_of(bea.secret))
    assert AtTheDoor(guest.client.application.test_client()).get(second).status_code == 410


def test_codes_cannot_be_guessed_by_a_link(dunnock: App, guest: AtTheDoor, bea: Somebody) -> None:
    link = asked_for_link(dunnock, bea)
    tries = [guest.press(link, on=link, password=ANOTHER, code="123456").status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]


def test_whoever_asks_for_a_link_does_not_learn_who_is_here(
    dunnock: App, guest: AtTheDoor, bea: Somebody
) -> None:
    asked = [
        words(guest.press("/forgotten-password", on="/forgotten-password", email=one))
        for one in (bea.email, "nobody@hedgerow.example")
    ]
    assert asked[0] == asked[1]
    reset_mail.send(dunnock, "nobody@hedgerow.example", mailer=FakeMailer())
    with dunnock.database.read_across() as session:
        assert session.query(PasswordReset).count() == 0  # no mail leaves here, so no link is made either


def test_somebody_cannot_be_flooded_with_links(guest: AtTheDoor, bea: Somebody) -> None:
    tries = [
        guest.press("/forgotten-password", on="/forgotten-password", email=bea.email).status_code
        for _ in range(6)
    ]
    assert tries == [200] * 5 + [429]


def test_somebody_of_the_ledger_is_as_before(dunnock: App, stage: Cast) -> None:
    with dunnock.database.read_across() as session:
        person = session.get_one(Person, stage.owner_id)
        mine = ways_in.of(session, person)
    assert (mine.xero, mine.passkeys, mine.password, mine.number) == (True, [], None, 1)
