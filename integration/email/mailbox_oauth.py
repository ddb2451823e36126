"""Leave to send by a mailbox at Google or Microsoft, and to read it, given by whoever owns it (OAuth 2.0 with PKCE)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from integration.email.mailer import MailAccountProblem, MailPostponed
from kit.settings import Settings
from kit.wording import N_

MAKERS: Final = ("google", "microsoft")
_TIMEOUTS = (5, 15)
_RETRY_SECONDS = 300.0
_USUAL_SECONDS = 3600
_SCOPES = {
    "google": "https://mail.google.com/",
    "microsoft": "https://outlook.office.com/SMTP.Send offline_access",
}
_READING = {"google": "", "microsoft": "https://outlook.office.com/IMAP.AccessAsUser.All "}
"""What is asked for beside: Google knows no leave for its mail servers that would be less than all of it."""
_ASKED_ALONG = {
    "google": {"access_type": "offline", "prompt": "consent"},  # else Google gives no refresh token
    "microsoft": {"prompt": "select_account"},
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What was given. ``expires_in``: seconds from now. ``refresh_token`` is empty where the one before stays good."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Question:
    """Where a person is asked, and what has to be remembered until the answer comes."""

    url: str
    state: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailboxOAuth:
    """One of ``MAKERS``, by the settings that begin with its name."""

    settings: Settings
    maker: str
    reads: bool = False
    """Leave to read is asked for, or was given, too. To ask anew for more than was given would be refused."""

    @property
    def is_set_up(self) -> bool:
        return bool(self._setting("client_id") and self._setting("client_secret"))

    @property
    def server(self) -> tuple[str, int]:
        """Host and port of its mail server."""
        parts = urlsplit(self._setting("smtp_url"))
        return parts.hostname or "", parts.port or 587

    @property
    def reading_server(self) -> tuple[str, int]:
        """Host and port of the server by which its mailboxes are read."""
        parts = urlsplit(self._setting("imap_url"))
        return parts.hostname or "", parts.port or 993

    def question(self, redirect_uri: str, address: str) -> Question:
        """Asks for leave to send by the mailbox of this address, and to read it where that is wanted."""
        verifier = generate_token(48)
        url, state = self._session(redirect_uri).create_authorization_url(
            self._setting("authorize_url"),
            code_verifier=verifier,
            login_hint=address,
            **_ASKED_ALONG[self.maker],
        )
        return Question(url, state, verifier)

    def exchange(self, redirect_uri: str, code: str, verifier: str) -> Tokens:
        """The tokens for the code of an answer. Raises ``MailError``."""
        return self._tokens(redirect_uri, grant_type="authorization_code", code=code, code_verifier=verifier)

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens. Raises ``MailAccountProblem`` when a person has to sign in again, else ``MailPostponed``."""
        return self._tokens("", grant_type="refresh_token", refresh_token=refresh_token)

    def _tokens(self, redirect_uri: str, **asked: str) -> Tokens:
        name = self.maker.capitalize()
        try:
            found = self._session(redirect_uri).fetch_token(
                self._setting("token_url"), timeout=_TIMEOUTS, allow_redirects=False, **asked
            )
        except OAuthError as error:
            said = str(error.error or "no reason given")[:100]
            raise MailAccountProblem(
                N_(
                    f"{name} gives no leave to send by this mailbox ({said}); sign in again on the page of the sender."
                )
            ) from None
        except (AuthlibBaseError, requests.RequestException, ValueError) as error:
            raise MailPostponed(
                N_(f"{name} could not be asked for leave ({type(error).__name__})."), _RETRY_SECONDS
            ) from None
        return _read(name, found)

    def _session(self, redirect_uri: str) -> Any:
        return OAuth2Session(
            self._setting("client_id"),
            self._setting("client_secret"),
            scope=(_READING[self.maker] if self.reads else "") + _SCOPES[self.maker],
            redirect_uri=redirect_uri or None,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the name of a method
        )

    def _setting(self, name: str) -> str:
        value: str = getattr(self.settings, f"{self.maker}_{name}")
        return value


def _read(name: str, found: Mapping[str, Any]) -> Tokens:
    token, seconds = found.get("access_token"), found.get("expires_in")
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise MailPostponed(N_(f"{name} gave an answer without a token."), _RETRY_SECONDS)
    refresh = found.get("refresh_token")
    return Tokens(
        token,
        refresh if isinstance(refresh, str) else "",
        seconds if isinstance(seconds, int) and 0 < seconds < 10 * _USUAL_SECONDS * 24 else _USUAL_SECONDS,
    )
