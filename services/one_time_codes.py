"""One-time codes of an app on somebody's phone, and recovery codes for the day on which the phone is lost."""

from __future__ import annotations

import hmac
import secrets
from typing import Final

import pyotp
import segno
from sqlalchemy.orm import Session

from kit import clock
from kit.crypto import digest
from services.app import App
from store.models import Password
from store.queries import signing_in as queries

_STEP_SECONDS = 30
_DRIFT = (0, -1, 1)
"""Half minutes by which a phone's clock may be wrong."""
_HOW_MANY: Final = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for each other."""
_ISSUER = "Dunnock"


def new_secret() -> str:
    """A secret of 160 bits in base32, as apps take it."""
    return pyotp.random_base32()


def picture(secret: str, email: str) -> str:
    """A QR code of it for the app's camera, as a data address."""
    address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)
    return segno.make(address, error="m").svg_data_uri(scale=4, border=3, light="#fff")


def step_of(secret: str, code: str) -> int | None:
    """The half minute whose code this is, by the machine's clock; None: it is none of now."""
    typed = "".join(code.split())
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return None
    now = int(clock.machine_now().timestamp()) // _STEP_SECONDS
    codes = pyotp.TOTP(secret)
    for drift in _DRIFT:
        if hmac.compare_digest(codes.at((now + drift) * _STEP_SECONDS), typed):
            return now + drift
    return None


def take(app: App, session: Session, row: Password, code: str) -> str | None:
    """Use up a code: ``password`` for one of the app, ``recovery_code``; None: it is not right, or was used."""
    step = step_of(app.secrets.decrypt(row.codes_cipher), code)
    if step is not None:
        return "password" if queries.take_step(session, row.person_id, step) else None
    if queries.take_recovery_code(session, row.person_id, _digest(row.person_id, code), clock.now()):
        return "recovery_code"
    return None


def new_recovery_codes(session: Session, person_id: str) -> list[str]:
    """Ten new ones, shown this once; earlier ones are worth nothing."""
    codes = ["-".join(_part() for _ in range(3)) for _ in range(_HOW_MANY)]
    queries.replace_recovery_codes(session, person_id, [_digest(person_id, one) for one in codes])
    return codes


def _part() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(5))


def _digest(person_id: str, code: str) -> str:
    """Of 74 random bits, so a plain digest is enough."""
    return digest(f"{person_id} {''.join(letter for letter in code.lower() if letter.isalnum())}")
