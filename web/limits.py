"""How often one address may try what nobody needs often: signing in, and API tokens that do not exist.

The tries are counted in Redis, so that all processes count together; while Redis is away, each counts for itself.
"""

from __future__ import annotations

import hmac
import ipaddress
import threading
from dataclasses import dataclass, field
from typing import Final, NoReturn

from flask import abort, current_app, make_response, request
from redis import RedisError

from kit import clock
from kit.errors import UserError
from web import errors
from web.security import dunnock

_WAIT: Final = "That was tried very often from your address. Wait a minute, then try again."
_REDIS_PAUSE_SECONDS = 5.0
_MOST_ADDRESSES = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries in so many seconds."""

    name: str
    most: int
    seconds: int
    words: str = _WAIT


SIGN_IN: Final = Limit("sign-in", 200, 60)
"""Leaving for the ledger and coming back count one each; an office behind one address never notices this."""
TRIAL_MAIL: Final = Limit("trial-mail", 20, 60)
"""Mails to oneself, to try a text."""
DOOR: Final = Limit("door", 60, 60)
"""Passwords, passkeys and links of mails that are tried from one address."""
OF_PERSON: Final = Limit(
    "of-person",
    10,
    900,
    "This was tried often for one account, so it rests for up to a quarter of an hour. Come in by Xero, by a passkey, or"
    " by a link for a new password meanwhile.",
)
"""Passwords and codes tried for one e-mail address. Whoever is kept waiting by others has other ways in."""
NEW_PASSWORD: Final = Limit(
    "new-password", 10, 900, "This link was tried often. Wait a quarter of an hour, then try again."
)
"""One-time codes tried with one link for a new password: a door of its own, which no stranger can block."""
RESET_MAIL: Final = Limit(
    "reset-mail",
    5,
    3600,
    "A link was asked for often for this address. Look for the mails, or try again in an hour.",
)
INVITATIONS: Final = Limit(
    "invitations",
    60,
    3600,
    "Very many invitations were sent in the last hour. Wait a while, then go on.",
)
"""Mails to strangers that one organisation has sent."""
UNKNOWN_TOKEN: Final = Limit("token", 120, 60)
"""Counts wrong tokens only: whoever has a right one is always served, also from the same address."""


@dataclass(slots=True)
class Tally:
    """The counts of this process, for when Redis is away."""

    redis_rests_until: float = 0.0
    _counts: dict[str, tuple[float, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, key: str, limit: Limit) -> int:
        """How many tries there were since the first that still counts, with this one; as Redis counts them."""
        now = clock.stopwatch()
        with self._lock:
            if len(self._counts) > _MOST_ADDRESSES:
                self._counts.clear()
            first, count = self._counts.get(key, (now, 0))
            if now - first >= limit.seconds:
                first, count = now, 0
            self._counts[key] = (first, count + 1)
            return count + 1


def take(limit: Limit, of: str | None = None) -> None:
    """Count a try of whoever makes this request, or ``of`` something; 429 with ``Retry-After`` when there were too many."""
    if _counted(_key(limit, of), limit) > limit.most:
        _refuse(limit)


def _counted(key: str, limit: Limit) -> int:
    tally: Tally = current_app.extensions["tally"]
    if clock.stopwatch() < tally.redis_rests_until:
        return tally.count(key, limit)
    try:
        with dunnock().redis.pipeline() as pipeline:
            pipeline.set(key, 0, ex=limit.seconds, nx=True)
            pipeline.incr(key)
            return int(pipeline.execute()[-1])
    except (RedisError, UserError, OSError):
        tally.redis_rests_until = clock.stopwatch() + _REDIS_PAUSE_SECONDS
        return tally.count(key, limit)


def _key(limit: Limit, of: str | None) -> str:
    """Names the address without holding it: what is counted is nobody's business."""
    secret = dunnock().settings.secret_key.encode()
    named = (_network() if of is None else of).encode()
    return f"tries:{limit.name}:{hmac.digest(secret, named, 'sha256').hex()[:32]}"


def _network() -> str:
    """The address; of an IPv6 address its first half, because a household has all of the second."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def _refuse(limit: Limit) -> NoReturn:
    response = make_response(errors.answer(429, limit.words))
    response.headers["Retry-After"] = str(limit.seconds)
    abort(response)
