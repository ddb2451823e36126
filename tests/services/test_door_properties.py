"""What holds at the door whatever is typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from hypothesis import example, given
from hypothesis import strategies as st
from itsdangerous import Signer

from kit.errors import UserError
from services import one_time_codes, passkeys, passwords, sign_ins
from services.invitations import checked_address

SECRET = pyotp.random_base32()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@given(st.integers(-20, 20))
def test_codes_of_the_neighbouring_half_minutes_are_taken_and_no_others(steps: int) -> None:
    code = pyotp.TOTP(SECRET).at(NOON + timedelta(seconds=30 * steps))
    with time_machine.travel(NOON, tick=False):
        found = one_time_codes.step_of(SECRET, code)
    nearby = {pyotp.TOTP(SECRET).at(NOON + timedelta(seconds=30 * near)) for near in (-1, 0, 1)}
    assert (found is not None) is (code in nearby)
    if found is not None and abs(steps) <= 1:
        assert pyotp.TOTP(SECRET).at(found * 30) == code


@given(st.text())
@example("１２３４５６")
@example("+12345")
@example("12345\u0660")
def test_what_is_no_code_is_none(typed: str) -> None:
    with time_machine.travel(NOON, tick=False):
        now = {pyotp.TOTP(SECRET).at(NOON + timedelta(seconds=30 * near)) for near in (-1, 0, 1)}
        assert (one_time_codes.step_of(SECRET, typed) is not None) is ("".join(typed.split()) in now)


@given(st.text(max_size=passwords.SHORTEST - 1) | st.text(min_size=passwords.LONGEST + 1, max_size=400))
def test_passwords_have_a_length(typed: str) -> None:
    with pytest.raises(UserError, match="characters"):
        passwords.hashed(typed)


@pytest.mark.parametrize(
    "typed",
    ["passwordpassword", "123456789012", "qwertyuiopas", "aaaaaaaaaaaaaa", "BeaKwok2026!", "dunnockdunnock"],
)
def test_what_is_guessed_first_will_not_do(typed: str) -> None:
    with pytest.raises(UserError, match="guessed"):
        passwords.hashed(typed, "bea.kwok@hedgerow.example", "Bea Kwok")


@pytest.mark.parametrize(
    "typed", ["four words nobody guesses", "tulpen, aber gelbe", "ошибка сорока ульев", "  two spaces before"]
)
def test_words_will_do_in_every_script_and_as_they_are_typed(typed: str) -> None:
    kept = passwords.hashed(typed, "bea.kwok@hedgerow.example", "Bea Kwok")
    assert passwords.fits(kept, typed)
    assert not passwords.fits(kept, typed.strip() + " ")
    assert not passwords.fits(None, typed)


@given(st.text(max_size=300))
def test_an_address_that_is_taken_is_one_plain_address(typed: str) -> None:
    try:
        address = checked_address(typed)
    except UserError:
        return
    assert address.count("@") == 1
    assert address == address.strip().lower()
    assert not any(letter in address for letter in ' ,;<>"()\r\n\x00')


@given(st.text(max_size=300))
def test_a_browser_is_told_in_a_few_plain_letters(agent: str) -> None:
    said = sign_ins.browser_words(agent)
    assert 0 < len(said) <= 40
    assert said.replace(" ", "").replace("-", "").replace(".", "").replace("_", "").isalnum()


@given(st.text(max_size=300))
def test_a_passkey_has_a_name_of_one_line(name: str) -> None:
    tidy = passkeys.tidy_name(name)
    assert 0 < len(tidy) <= passkeys.LONGEST_NAME
    assert len(tidy.splitlines()) == 1


@given(st.text(alphabet="abcdefghijkABCDEFGHIJK0123456789-_.", min_size=20, max_size=90))
def test_no_guess_is_signed(guess: str) -> None:
    assert not Signer("a secret that is long enough for tests", salt="invitation").validate(guess)
