"""Xero's sign-in service: token renewal, connections, and the keys that sign its identity tokens.

Nothing raised here remembers the request, because that holds the client secret or a token.
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import requests

from integration.ledger import NeedsReconnect, Unreachable
from kit.settings import Settings
from kit.wording import N_

T = TypeVar("T")
log = logging.getLogger(__name__)

TIMEOUTS = (5, 10)
"""Seconds to connect, and between two pieces of an answer."""
ACCESS_SECONDS = 1800
"""How long an access token lives when the answer does not tell."""
_ORGANISATION = "ORGANISATION"
_XEROS_OWN = re.compile(r"https://([a-z0-9-]+\.)*xero\.com/")
"""Where keys may have moved to: an answer cannot send us anywhere else."""
_NOT_UNDERSTOOD = N_(
    "Xero's sign-in service gave an answer that cannot be understood. Try again in a moment."
)


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What one authorisation consists of. ``expires_in`` are seconds from now of the access token."""

    access_token: str
    refresh_token: str
    scope: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class Connection:
    """An organisation that a person allowed us.

    ``id`` is needed to delete the connection; ``just_allowed`` tells those of the token's own consent.
    """

    id: str
    tenant_id: str
    tenant_name: str
    just_allowed: bool


class _TokenShape(msgspec.Struct):
    access_token: str
    refresh_token: str
    scope: str = ""
    expires_in: int | None = None


class _ConnectionShape(msgspec.Struct, rename="camel"):
    id: str
    tenant_id: str
    tenant_type: str
    tenant_name: str | None = None
    auth_event_id: str | None = None


def refresh_tokens(settings: Settings, refresh_token: str) -> TokenSet:
    """A new token set. ``NeedsReconnect`` when this refresh token is no longer good; else ``Unreachable``."""
    answer = _ask(
        "POST",
        f"{settings.xero_identity_url}/connect/token",
        data={"grant_type": "refresh_token", "refresh_token": refresh_token},
        auth=(settings.xero_client_id, settings.xero_client_secret),
    )
    if answer.status_code == 400 and _oauth_error(answer) == "invalid_grant":
        raise NeedsReconnect(N_("Xero no longer accepts the authorisation."))
    if answer.status_code in (400, 401):
        raise Unreachable(N_("Xero does not know this app: check XERO_CLIENT_ID and XERO_CLIENT_SECRET."))
    found = _decoded(answer, _TokenShape)
    return TokenSet(found.access_token, found.refresh_token, found.scope, found.expires_in or ACCESS_SECONDS)


def connections(settings: Settings, access_token: str) -> list[Connection]:
    """The organisations that the person allowed us."""
    answer = _ask("GET", f"{settings.xero_api_url}/connections", auth=_bearer(access_token))
    if answer.status_code == 401:
        raise NeedsReconnect(N_("Xero no longer accepts the authorisation."))
    consent = authentication_event_id(access_token)
    return [
        Connection(found.id, found.tenant_id, found.tenant_name or "", found.auth_event_id == consent)
        for found in _decoded(answer, list[_ConnectionShape])
        if found.tenant_type.upper() == _ORGANISATION
    ]


def delete_connection(settings: Settings, access_token: str, connection_id: str) -> None:
    """End one organisation's connection. One that is already gone is no error."""
    answer = _ask(
        "DELETE", f"{settings.xero_api_url}/connections/{connection_id}", auth=_bearer(access_token)
    )
    if answer.status_code == 401:
        raise NeedsReconnect(N_("Xero no longer accepts the authorisation."))
    if answer.status_code not in (200, 204, 404):
        raise Unreachable(_NOT_UNDERSTOOD)


def signing_keys(settings: Settings) -> dict[str, Any]:
    """The keys (a JWK set) that identity tokens are signed with.

    Their address is fixed; only when it is gone is the discovery document asked for the new one.
    """
    answer = _ask("GET", f"{settings.xero_identity_url}/.well-known/openid-configuration/jwks")
    if answer.status_code == 404:
        document = _ask("GET", f"{settings.xero_identity_url}/.well-known/openid-configuration")
        address = str(_decoded(document, dict[str, Any]).get("jwks_uri") or "")
        if not (address.startswith(f"{settings.xero_identity_url}/") or _XEROS_OWN.match(address)):
            raise Unreachable(_NOT_UNDERSTOOD)
        answer = _ask("GET", address)
    return _decoded(answer, dict[str, Any])


def authentication_event_id(access_token: str) -> str | None:
    """Which consent an access token came from. Its signature is not looked at: it came from Xero itself."""
    try:
        payload = access_token.split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return None
    found = claims.get("authentication_event_id") if isinstance(claims, dict) else None
    return found if isinstance(found, str) else None


def _ask(method: str, address: str, **options: Any) -> requests.Response:
    """The answer, whatever its status; ``Unreachable`` when there is none. Redirects are not followed."""
    problem = ""
    try:
        return requests.request(method, address, timeout=TIMEOUTS, allow_redirects=False, **options)
    except requests.RequestException as error:
        problem = type(error).__name__
    log.warning("the sign-in service did not answer: %s", problem)
    raise Unreachable(N_("Xero's sign-in service does not answer. Try again in a moment."))


def _decoded(answer: requests.Response, wanted: type[T]) -> T:
    if answer.status_code != 200:
        raise Unreachable(
            N_(f"Xero's sign-in service is out of order just now (it answered {answer.status_code}).")
        )
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(answer.content, type=wanted)
    raise Unreachable(_NOT_UNDERSTOOD)


def _oauth_error(answer: requests.Response) -> str:
    try:
        fields = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return str(fields.get("error", "")) if isinstance(fields, dict) else ""


def _bearer(token: str) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """As authentication rather than a header, so that no .netrc of the machine can replace it."""

    def add(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return add
