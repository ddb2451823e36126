"""Codes, access tokens, refresh tokens and id_tokens: what the login service issues and when they die."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeyParameters, RSAKey

from sandbox.access import (
    AccessToken,
    Connection,
    Grant,
    PendingCode,
    RefreshChain,
    RefreshToken,
    SandboxUser,
)
from sandbox.clock import real_now
from sandbox.config import SandboxConfig
from sandbox.world import World

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(seconds=1800)
ID_LIFE = timedelta(minutes=5)
REFRESH_IDLE_LIFE = timedelta(days=60)
REFRESH_GRACE = timedelta(minutes=30)
"""How long the previous refresh token still works, any number of times, after its successor was issued."""


class TokenRefused(Exception):
    """The token endpoint answers 400 with this OAuth error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person agreed to at the consent page."""

    user: SandboxUser
    tenant_ids: tuple[str, ...]
    scopes: tuple[str, ...]
    redirect_uri: str
    nonce: str | None = None
    code_challenge: str | None = None
    anew: bool = False
    """The app wants the person to sign in again, whoever is signed in."""


class TokenOffice:
    """Issues and checks every token of one sandbox. Token lives run on the sandbox's clock.

    Only the id_token carries real time, because libraries compare it with the system's clock.
    """

    def __init__(self, world: World, config: SandboxConfig) -> None:
        self._world = world
        self._config = config

    @cached_property
    def signing_key(self) -> RSAKey:
        """The RS256 key pair: the configured one, or one made when first needed."""
        use: KeyParameters = {"use": "sig", "alg": "RS256"}
        given = self._config.signing_private_key
        key = RSAKey.import_key(given, use) if given else RSAKey.generate_key(2048, use)
        key.ensure_kid()
        return key

    def accept(self, consent: Consent) -> str:
        """Record the consent: scopes add up, organisations are connected. Returns the authorization code."""
        world, access = self._world, self._world.access
        with world.lock:
            auth_event = world.new_id()
            self._sign_in(consent)
            grant = access.grants.setdefault(consent.user.xero_userid, Grant(consent.user.xero_userid))
            grant.scopes.update(consent.scopes)
            grant.auth_event_id = auth_event
            for tenant_id in consent.tenant_ids:
                self._connect(consent.user.xero_userid, tenant_id, auth_event)
            code = PendingCode(
                code=secrets.token_urlsafe(32),
                user_id=consent.user.xero_userid,
                redirect_uri=consent.redirect_uri,
                scopes=consent.scopes,
                nonce=consent.nonce,
                code_challenge=consent.code_challenge,
                auth_event_id=auth_event,
                expires_at=world.now() + CODE_LIFE,
            )
            access.codes[code.code] = code
            return code.code

    def _sign_in(self, consent: Consent) -> None:
        access, user_id = self._world.access, consent.user.xero_userid
        if user_id not in access.signed_in or (consent.anew and access.asks_anew):
            access.signed_in[user_id] = real_now()

    def _connect(self, user_id: str, tenant_id: str, auth_event: str) -> None:
        world, now = self._world, self._world.clock.now()
        known = world.access.connection_of(user_id, tenant_id)
        if known is None:
            known = Connection(world.new_id(), tenant_id, user_id, auth_event, now, now)
            world.access.connections[known.id] = known
        known.auth_event_id, known.updated_utc = auth_event, now

    def exchange(self, code: str, redirect_uri: str, verifier: str | None) -> dict[str, Any]:
        """Swap a code, once, for a token set; raises TokenRefused."""
        with self._world.lock:
            pending = self._world.access.codes.pop(code, None)
            if pending is None or pending.expires_at < self._world.now():
                raise TokenRefused("invalid_grant")
            if pending.redirect_uri != redirect_uri:
                raise TokenRefused("invalid_grant")
            if pending.code_challenge is not None and pending.code_challenge != _challenge(verifier or ""):
                raise TokenRefused("invalid_grant")
            refresh = None
            if "offline_access" in self._grant(pending.user_id).scopes:
                refresh = self._new_refresh(RefreshChain(pending.user_id), 0)
            return self._token_set(pending.user_id, refresh, pending.nonce)

    def refresh(self, token: str) -> dict[str, Any]:
        """Rotate: a new access and refresh token for the current one, or the previous one in its grace."""
        with self._world.lock:
            record = self._world.access.refresh_tokens.get(token)
            if record is None or not self._is_usable(record):
                raise TokenRefused("invalid_grant")
            record.retired_at = record.retired_at or self._world.now()
            successor = self._new_refresh(record.chain, record.generation + 1)
            return self._token_set(record.chain.user_id, successor, None)

    def _is_usable(self, record: RefreshToken) -> bool:
        now = self._world.now()
        if now - record.issued_at > REFRESH_IDLE_LIFE:
            return False
        if record.generation == record.chain.newest:
            return True
        in_grace = record.retired_at is not None and now - record.retired_at <= REFRESH_GRACE
        return record.generation == record.chain.newest - 1 and in_grace

    def _new_refresh(self, chain: RefreshChain, generation: int) -> RefreshToken:
        record = RefreshToken(secrets.token_urlsafe(32), chain, generation, self._world.now())
        chain.newest = generation
        self._world.access.refresh_tokens[record.token] = record
        return record

    def revoke(self, token: str) -> None:
        """Drop everything of the user this refresh token belongs to; an unknown token is no error."""
        with self._world.lock:
            record = self._world.access.refresh_tokens.get(token)
            if record is not None:
                self._world.access.revoke(record.chain.user_id)

    def _grant(self, user_id: str) -> Grant:
        grant = self._world.access.grants.get(user_id)
        if grant is None:
            raise TokenRefused("invalid_grant")
        return grant

    def _token_set(self, user_id: str, refresh: RefreshToken | None, nonce: str | None) -> dict[str, Any]:
        grant = self._grant(user_id)
        answer: dict[str, Any] = {
            "access_token": self._access_token(grant),
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "Bearer",
            "scope": " ".join(sorted(grant.scopes)),
        }
        if refresh is not None:
            answer["refresh_token"] = refresh.token
        if "openid" in grant.scopes:
            answer["id_token"] = self._id_token(self._world.access.users[user_id], grant, nonce)
        return answer

    def _access_token(self, grant: Grant) -> str:
        now = self._world.now()
        expires = now + ACCESS_LIFE
        claims = {
            "iss": self._config.public_url,
            "aud": f"{self._config.public_url}/resources",
            "client_id": self._config.client_id,
            "sub": subject_of(grant.user_id),
            "xero_userid": grant.user_id,
            "authentication_event_id": grant.auth_event_id,
            "scope": sorted(grant.scopes),
            "jti": secrets.token_hex(16),
            "nbf": _seconds(now),
            "exp": _seconds(expires),
        }
        token = self._sign(claims)
        self._forget_expired(now)
        record = AccessToken(token, grant.user_id, frozenset(grant.scopes), expires)
        self._world.access.access_tokens[token] = record
        return token

    def _forget_expired(self, now: datetime) -> None:
        """Drop tokens dead for over a day; the others are kept so that callers hear TokenExpired."""
        tokens, limit = self._world.access.access_tokens, now - timedelta(days=1)
        for dead in [key for key, record in tokens.items() if record.expires_at < limit]:
            del tokens[dead]

    def _id_token(self, user: SandboxUser, grant: Grant, nonce: str | None) -> str:
        now = real_now()
        claims: dict[str, Any] = {
            "iss": self._config.public_url,
            "aud": self._config.client_id,
            "iat": _seconds(now),
            "nbf": _seconds(now),
            "exp": _seconds(now + ID_LIFE),
            **profile_of(user, grant.scopes),
        }
        if self._world.access.tells_when:
            claims["auth_time"] = _seconds(self._world.access.signed_in.get(user.xero_userid, now))
        if nonce:
            claims["nonce"] = nonce
        return self._sign(claims)

    def _sign(self, claims: dict[str, Any]) -> str:
        header = {"alg": "RS256", "kid": self.signing_key.kid, "typ": "JWT"}
        return jwt.encode(header, claims, self.signing_key)


def profile_of(user: SandboxUser, scopes: set[str] | frozenset[str]) -> dict[str, str]:
    """The identity claims that the scopes allow."""
    claims = {"sub": subject_of(user.xero_userid), "xero_userid": user.xero_userid}
    if "email" in scopes:
        claims["email"] = user.email
        claims["preferred_username"] = user.email
    if "profile" in scopes:
        claims.update(name=user.name, given_name=user.given_name, family_name=user.family_name)
    return claims


def subject_of(user_id: str) -> str:
    """The OpenID subject: stable for a user, and not the user's id."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:32]


def _challenge(verifier: str) -> str:
    """The S256 code challenge of a PKCE verifier."""
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
