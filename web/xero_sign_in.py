"""Asking Xero who somebody is: Authlib's client, and what is refused of an answer before anything is believed."""

from __future__ import annotations

import hmac
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from flask import abort, request
from joserfc.errors import JoseError

from integration.ledger import LedgerError
from integration.xero import identity
from kit import clock
from kit.settings import Settings
from kit.wording import N_, _

_STARTED = "xero_sign_in"
_GOOD_FOR = timedelta(minutes=10)
_TIMEOUTS = (5, 10)
"""Seconds to connect to the sign-in service, and to wait for its answer."""
_XERO_ISSUER = "https://identity.xero.com"
_NEVER_HERE = frozenset(
    {
        "access_token",
        "client_id",
        "client_secret",
        "code_verifier",
        "expires_in",
        "id_token",
        "next",
        "nonce",
        "redirect_uri",
        "refresh_token",
        "token_type",
    }
)
"""Fields that other messages of OAuth have. In a callback they mean that somebody tampers with it."""
NOT_STARTED = N_(
    "This sign-in was not started here, or more than ten minutes ago. Start again from the first page."
)
_TAMPERED = N_("The answer of the sign-in is not one that Xero gives. Start again from the first page.")
_NOT_PROVEN = N_(
    "Xero's answer could not be verified, so nobody was signed in. Start again from the first page."
)


class _StartedSignIn(FlaskIntegration):  # type: ignore[misc]  # Authlib has no types
    """Remembers in the visitor's session the sign-in that they began last; good once, for ten minutes."""

    def set_state_data(self, session: MutableMapping[str, Any], state: str, data: dict[str, Any]) -> None:
        until = (clock.now() + _GOOD_FOR).timestamp()
        session[_STARTED] = {"state": state, "until": until, "data": data}

    def get_state_data(self, session: MutableMapping[str, Any], state: str | None) -> dict[str, Any] | None:
        started = session.get(_STARTED)
        if not started or not hmac.compare_digest(started["state"].encode(), (state or "").encode()):
            return None
        data: dict[str, Any] = started["data"]
        return data if clock.now().timestamp() < started["until"] else None

    def clear_state_data(self, session: MutableMapping[str, Any], state: str | None) -> None:
        if self.get_state_data(session, state) is not None:
            session.pop(_STARTED)


class XeroSignIn(FlaskOAuth2App):  # type: ignore[misc]  # Authlib has no types
    """Authlib's client with fixed addresses: asking for the discovery document often gets one turned away."""

    def __init__(self, settings: Settings, scope: str = "") -> None:
        super().__init__(
            _StartedSignIn("xero"),
            "xero",
            client_id=settings.xero_client_id,
            client_secret=settings.xero_client_secret,
            authorize_url=f"{settings.xero_login_url}/identity/connect/authorize",
            access_token_url=f"{settings.xero_identity_url}/connect/token",
            client_kwargs={
                "scope": scope or settings.xero_scopes,
                "code_challenge_method": "S256",
                "default_timeout": _TIMEOUTS,
            },
            compliance_fix=_follow_no_redirects,
            id_token_signing_alg_values_supported=["RS256"],
        )
        self._settings = settings

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        return identity.signing_keys(self._settings)


def _follow_no_redirects(session: requests.Session) -> None:
    """The client secret goes to the configured address and nowhere else."""
    session.max_redirects = 0


def refuse_tampering(settings: Settings) -> None:
    """400 for what a genuine answer never has: fields twice, fields of other messages, another issuer."""
    fields = request.args
    repeated = any(len(values) > 1 for values in fields.to_dict(flat=False).values())
    other_issuer = fields.get("iss") not in (None, settings.xero_identity_url, _XERO_ISSUER)
    both = "code" in fields and "error" in fields
    neither = not fields.get("code") and not fields.get("error")
    if repeated or other_issuer or both or neither or _NEVER_HERE & set(fields):
        abort(400, _(_TAMPERED))


def verified_token(client: XeroSignIn, settings: Settings) -> dict[str, Any]:
    """The token set, with the verified claims of the person as ``userinfo``; 4xx and nothing else otherwise."""
    claims = {
        "iss": {"essential": True, "values": [settings.xero_identity_url, _XERO_ISSUER]},
        "aud": {"essential": True, "value": settings.xero_client_id},
        "sub": {"essential": True},
        "exp": {"essential": True},
    }
    try:
        token: dict[str, Any] = client.authorize_access_token(claims_options=claims)
    except (AuthlibBaseError, JoseError, requests.RequestException, LedgerError):
        abort(400, _(_NOT_PROVEN))
    except (KeyError, TypeError, ValueError):  # what the libraries raise on answers that are no tokens at all
        abort(400, _(_NOT_PROVEN))
    if not token.get("userinfo") or not token.get("access_token"):
        abort(400, _(_NOT_PROVEN))
    return token
