"""Who may sign in, what they allowed, and which organisations the app is connected to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class SandboxUser:
    """A person who can sign in at the consent page and connect the organisations listed."""

    xero_userid: str
    email: str
    given_name: str
    family_name: str
    tenant_ids: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The person's full name."""
        return f"{self.given_name} {self.family_name}"


@dataclass(slots=True)
class PendingCode:
    """An authorization code waiting to be exchanged, once, within five minutes."""

    code: str
    user_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    nonce: str | None
    code_challenge: str | None
    auth_event_id: str
    expires_at: datetime


@dataclass(slots=True)
class RefreshChain:
    """The line of refresh tokens that began with one consent; `newest` counts its rotations."""

    user_id: str
    newest: int = 0


@dataclass(slots=True)
class RefreshToken:
    """One refresh token; `retired_at` is when its successor was first issued."""

    token: str
    chain: RefreshChain
    generation: int
    issued_at: datetime
    retired_at: datetime | None = None


@dataclass(slots=True)
class Grant:
    """What one user has allowed this app. Scopes only ever add up until the grant is revoked."""

    user_id: str
    scopes: set[str] = field(default_factory=set)
    auth_event_id: str = ""


@dataclass(slots=True, frozen=True)
class AccessToken:
    """An issued access token with what it allows and until when."""

    token: str
    user_id: str
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(slots=True)
class Connection:
    """The app's link to one organisation, made by one user."""

    id: str
    tenant_id: str
    user_id: str
    auth_event_id: str
    created_utc: datetime
    updated_utc: datetime


@dataclass(slots=True)
class Access:
    """All sign-in state of one sandbox."""

    users: dict[str, SandboxUser] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, PendingCode] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    signed_in: dict[str, datetime] = field(default_factory=dict)
    """Since when each user is signed in at the login service, by the machine's clock; later consents need no password."""
    asks_anew: bool = True
    """Whether `prompt=login` and `max_age` are honoured. What the real service does about them is written nowhere."""
    tells_when: bool = True
    """Whether identity tokens say when the person signed in (`auth_time`), as the types of the official SDK have it."""

    def is_connected(self, tenant_id: str) -> bool:
        """Whether any user has connected the app to this organisation."""
        return any(c.tenant_id == tenant_id for c in self.connections.values())

    def connection_of(self, user_id: str, tenant_id: str) -> Connection | None:
        """The user's own connection to the organisation, when there is one."""
        matches = (c for c in self.connections.values() if c.user_id == user_id and c.tenant_id == tenant_id)
        return next(matches, None)

    def revoke(self, user_id: str) -> None:
        """Forget everything the user allowed: tokens, codes and connections."""
        self.grants.pop(user_id, None)
        self.codes = {k: v for k, v in self.codes.items() if v.user_id != user_id}
        self.refresh_tokens = {k: v for k, v in self.refresh_tokens.items() if v.chain.user_id != user_id}
        self.access_tokens = {k: v for k, v in self.access_tokens.items() if v.user_id != user_id}
        self.connections = {k: v for k, v in self.connections.items() if v.user_id != user_id}
