"""Passkeys (WebAuthn): made on somebody's device, proven by a challenge that is good once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from kit import clock
from kit.crypto import digest
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services.app import App
from store.models import Passkey
from store.queries import signing_in as queries

GOOD_FOR: Final = timedelta(minutes=5)
MOST: Final = 20
LONGEST_NAME: Final = 60
_NOT_PROVEN = N_("That passkey could not be verified. Try again, or use another way to sign in.")
_OVER = N_("That took too long, or was tried already. Try again.")
_TOO_MANY = N_("There are %(most)s passkeys already; remove one that you do not use.")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a device has to sign, until when, and for whom (None: whoever it knows)."""

    value: str
    until: float
    person_id: str | None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Challenge:
        return cls(str(kept["value"]), float(kept["until"]), kept.get("person_id"))


def to_make(app: App, person_id: str, email: str, name: str) -> tuple[dict[str, Any], Challenge]:
    """What the browser is to make a passkey of, and the challenge to keep."""
    with app.database.read_across() as session:
        there = [
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id))
            for one in queries.passkeys(session, person_id)
        ]
    options = generate_registration_options(
        rp_id=_host(app),
        rp_name="Dunnock",
        user_name=email,
        user_display_name=name or email,
        user_id=person_id.encode(),
        exclude_credentials=there,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return json.loads(options_to_json(options)), _challenge(options.challenge, person_id)


def to_prove(app: App, person_id: str | None = None) -> tuple[dict[str, Any], Challenge]:
    """What the browser is to sign by a passkey, of this person or of whomever it knows."""
    options = generate_authentication_options(
        rp_id=_host(app), user_verification=UserVerificationRequirement.REQUIRED
    )
    return json.loads(options_to_json(options)), _challenge(options.challenge, person_id)


def keep(app: App, session: Session, challenge: Challenge, answer: str, name: str, now: datetime) -> Passkey:
    """Store the passkey that was made. ``UserError`` when it cannot be verified."""
    _use(session, challenge)
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge.value),
            expected_rp_id=_host(app),
            expected_origin=_origin(app),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise UserError(_(_NOT_PROVEN)) from None
    credential_id, person_id = bytes_to_base64url(made.credential_id), challenge.person_id
    if person_id is None or queries.passkey_by_credential(session, credential_id):
        raise UserError(_(_NOT_PROVEN))
    if len(queries.passkeys(session, person_id)) >= MOST:
        raise UserError(_(_TOO_MANY, most=MOST))
    row = Passkey(
        id=new_id(),
        person_id=person_id,
        credential_id=credential_id,
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
        name=tidy_name(name),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def prove(app: App, challenge: Challenge, answer: str) -> str:
    """Whose passkey has signed the challenge. ``UserError`` when none of ours has."""
    with app.database.write_across() as session:
        _use(session, challenge)  # committed whatever comes of it: a wrong answer uses a challenge up, too
    with app.database.write_across() as session:
        row = queries.passkey_by_credential(session, _named(answer))
        if row is None or challenge.person_id not in (None, row.person_id):
            raise UserError(_(_NOT_PROVEN))
        try:
            proven = verify_authentication_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge.value),
                expected_rp_id=_host(app),
                expected_origin=_origin(app),
                credential_public_key=base64url_to_bytes(row.public_key),
                credential_current_sign_count=row.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, TypeError, KeyError):
            raise UserError(_(_NOT_PROVEN)) from None
        row.sign_count, row.last_used_at = proven.new_sign_count, clock.now()
        return row.person_id


def tidy_name(name: str) -> str:
    """What the person calls it; without a name, what it is."""
    return " ".join(name.split())[:LONGEST_NAME] or "Passkey"


def _named(answer: str) -> str:
    """The id of the credential that an answer says it is by."""
    try:
        return str(json.loads(answer)["id"])[:2000]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UserError(_(_NOT_PROVEN)) from None


def _challenge(value: bytes, person_id: str | None) -> Challenge:
    return Challenge(bytes_to_base64url(value), (clock.machine_now() + GOOD_FOR).timestamp(), person_id)


def _use(session: Session, challenge: Challenge) -> None:
    over = clock.machine_now().timestamp() >= challenge.until
    if over or not queries.use_challenge(session, digest(challenge.value), clock.now() + 2 * GOOD_FOR):
        raise UserError(_(_OVER))


def _host(app: App) -> str:
    return urlsplit(app.settings.public_url).hostname or "localhost"


def _origin(app: App) -> str:
    parts = urlsplit(app.settings.public_url)
    return f"{parts.scheme}://{parts.netloc}"
