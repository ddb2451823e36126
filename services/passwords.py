"""Passwords: which will do, and how they are kept. A password alone opens nothing; one-time codes go with it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from kit.errors import UserError
from kit.wording import N_, _

SHORTEST: Final = 12
LONGEST: Final = 200
_LOOKED_AT = 72
"""So many of its characters are judged; beyond them none is common."""
_COMMON_BELOW = 2
"""Of zxcvbn's five grades: those that fall within a million guesses."""
_SHORTEST_PART = 4
_LEAST_OF_ITS_OWN = 8
_SHORT = N_(
    "Use at least %(shortest)s characters. A few words in a row are easy to remember and hard to guess."
)
_LONG = N_("Use at most %(longest)s characters.")
_COMMON = N_(
    "That password is among the first that are guessed. Take a few words that have nothing to do with you or each other."
)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""As OWASP gives them for small machines: many threads of one process must not fill the memory."""


def hashed(password: str, *about: str) -> str:
    """The password as it is kept. ``about``: what is known of the person, which makes a bad password.

    ``UserError`` says why it will not do. Nothing is asked of it but that it is long and not common.
    """
    if len(password) < SHORTEST:
        raise UserError(_(_SHORT, shortest=SHORTEST))
    if len(password) > LONGEST:
        raise UserError(_(_LONG, longest=LONGEST))
    known = [part for one in about for part in (one, *one.replace("@", " ").replace(".", " ").split())]
    if _is_all_about(password, known):
        raise UserError(_(_COMMON))
    if zxcvbn(password[:_LOOKED_AT], [*known, "dunnock", "xero"])["score"] < _COMMON_BELOW:
        raise UserError(_(_COMMON))
    return _hasher.hash(password)


def _is_all_about(password: str, known: Iterable[str]) -> bool:
    """Whether little is left of it once the person's name and address are taken out."""
    rest = password.lower()
    for part in sorted({one.lower() for one in known if len(one) >= _SHORTEST_PART}, key=len, reverse=True):
        rest = rest.replace(part, "")
    return rest != password.lower() and sum(letter.isalnum() for letter in rest) < _LEAST_OF_ITS_OWN


def fits(kept: str | None, password: str) -> bool:
    """Whether it is the password. Takes as long where there is none (None), so that nobody learns who has one."""
    try:
        return _hasher.verify(kept or _nobodys(), password[:LONGEST]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("a password that nobody has")
