"""Shares out Xero's call limits among all processes, through Redis.

Xero allows an organisation 5 calls at once, 60 a minute and 1,000 or 5,000 a day, and the app 10,000 a
minute. Its windows are fixed but begin at moments that it does not tell, so we keep to 60 in *any* minute,
unless an answer says that more are left (Xero lifts the limit for the first half hour of a connection).
What is left of the day we learn from the answers. Time is Redis's own: the demo's moved clock and
disagreeing machines do not matter. Keys are per organisation, so none waits for another.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import SystemRandom
from typing import cast

import redis

from integration.ledger import Lane, RateLimited, Unreachable
from integration.xero.governor_scripts import ACQUIRE, SETTLE
from kit import clock
from kit.ids import new_id
from kit.wording import N_

log = logging.getLogger(__name__)

_jitter = SystemRandom()


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls that the ledger allows; ``day`` is assumed until its answers tell.

    After ``lease_seconds`` a call that was never settled (its process died) no longer counts as in progress.
    """

    at_once: int = 5
    minute: int = 60
    day: int = 1_000
    app_minute: int = 10_000
    lease_seconds: float = 60


@dataclass(frozen=True, slots=True)
class _Manners:
    """What a lane leaves to those before it."""

    at_once_spared: int
    minute_spared: int
    day_share_spared: float


_MANNERS = {
    Lane.CHECK: _Manners(at_once_spared=0, minute_spared=0, day_share_spared=0.0),
    Lane.NEWS: _Manners(at_once_spared=0, minute_spared=10, day_share_spared=0.2),
    Lane.NOTES: _Manners(at_once_spared=1, minute_spared=15, day_share_spared=0.3),
    Lane.SWEEP: _Manners(at_once_spared=2, minute_spared=20, day_share_spared=0.4),
}

_KEPT_SECONDS = 2 * 24 * 3600
_PATIENCE_SECONDS = 2.0
"""Whoever would have to wait longer gives the worker back, and comes again when the limit allows."""


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave for one call; to be settled when its answer is there, or has failed to come."""

    id: str
    tenant_id: str


@dataclass(frozen=True, slots=True)
class Remaining:
    """How many calls the ledger said are left; None where it did not say."""

    minute: int | None = None
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A limit that the ledger says is reached: minute, day, concurrent or app. ``retry_after`` in seconds."""

    kind: str
    retry_after: float


class Governor:
    """Hands out permits for calls. Without Redis there are none: ungoverned calls would hurt everybody."""

    def __init__(self, connection: redis.Redis, limits: Limits = Limits()) -> None:
        self._redis = connection
        self._limits = limits
        self._acquire = connection.register_script(ACQUIRE)
        self._settle = connection.register_script(SETTLE)

    def acquire(self, tenant_id: str, lane: Lane) -> Permit:
        """A permit, waited for a moment if need be; ``RateLimited`` when the wait would be longer."""
        deadline = clock.stopwatch() + _PATIENCE_SECONDS
        permit = Permit(new_id(), tenant_id)
        while True:
            problem, milliseconds = self._ask(permit, lane)
            if not problem:
                self._count(tenant_id, lane)
                return permit
            wait = milliseconds / 1000 * _jitter.uniform(1.0, 1.1)
            if clock.stopwatch() + wait > deadline:
                raise RateLimited(problem, max(wait, 1.0))
            clock.pause(wait)

    def settle(
        self, permit: Permit, remaining: Remaining = Remaining(), refusal: Refusal | None = None
    ) -> None:
        """The call is over: remember what its answer said about the limits.

        Never raises: the answer is there and must not be lost; the permit runs out by itself.
        """
        refused = (refusal.kind, round(refusal.retry_after * 1000)) if refusal else ("", 0)
        told = ["" if count is None else count for count in (remaining.minute, remaining.day)]
        try:
            self._settle(keys=_keys(permit.tenant_id), args=[permit.id, *told, *refused])
        except redis.RedisError as error:
            log.warning("governor could not settle a call: %s", type(error).__name__)

    def calls_today(self, tenant_id: str) -> dict[Lane, int] | None:
        """How many calls were made since midnight UTC, by lane; None while Redis is away."""
        try:
            found = cast("dict[bytes, bytes]", self._redis.hgetall(_of_the_day(tenant_id)))
        except redis.RedisError:
            return None
        counted = {name.decode(): int(count) for name, count in found.items()}
        return {lane: counted[lane.value] for lane in Lane if lane.value in counted}

    def _count(self, tenant_id: str, lane: Lane) -> None:
        """For people to see alone, so a count that is lost does no harm."""
        key = _of_the_day(tenant_id)
        counting = self._redis.pipeline(transaction=False)
        counting.hincrby(key, lane.value, 1)
        counting.expire(key, _KEPT_SECONDS)
        with suppress(redis.RedisError):
            counting.execute()

    def remaining(self, tenant_id: str) -> Remaining:
        """What the ledger last said is left, for showing; nothing when it never said or Redis is away."""
        try:
            answer = self._redis.hmget(_keys(tenant_id)[2], ["minute_told", "day_told"])
        except redis.RedisError:
            return Remaining()
        minute, day = (None if value is None else int(value) for value in cast("list[bytes | None]", answer))
        return Remaining(minute, day)

    def days_left(self, tenant_ids: Sequence[str]) -> dict[str, int]:
        """What is left of the day of many tenants, where the ledger said so; asked for in one go."""
        asked = self._redis.pipeline(transaction=False)
        for tenant_id in tenant_ids:
            asked.hget(_keys(tenant_id)[2], "day_told")
        try:
            told = asked.execute()
        except redis.RedisError:
            return {}
        return {
            tenant_id: int(day) for tenant_id, day in zip(tenant_ids, told, strict=True) if day is not None
        }

    def _ask(self, permit: Permit, lane: Lane) -> tuple[str, int]:
        """Empty when granted; else the kind of limit and the milliseconds after which to ask again."""
        manners, limits = _MANNERS[lane], self._limits
        arguments: list[str | float] = [
            permit.id,
            limits.at_once - manners.at_once_spared,
            limits.minute - manners.minute_spared,
            limits.day,
            manners.day_share_spared,
            limits.app_minute,
            round(limits.lease_seconds * 1000),
            manners.minute_spared,
        ]
        try:
            problem, wait = self._acquire(keys=_keys(permit.tenant_id), args=arguments)
        except redis.RedisError as error:
            log.warning("governor cannot be asked: %s", type(error).__name__)
            raise Unreachable(
                N_(
                    "The ledger was not asked, because Redis, which shares out the calls to it, does not answer."
                )
            ) from None
        return (problem.decode() if isinstance(problem, bytes) else str(problem)), int(wait)


def _of_the_day(tenant_id: str) -> str:
    """The day is the machine's in UTC, like the ledger's own count."""
    return f"governor:{tenant_id}:calls:{clock.machine_now():%Y-%m-%d}"


def _keys(tenant_id: str) -> list[str]:
    """Calls in progress, calls of the last minute, what is known; the last two of the whole app as well."""
    own = f"governor:{tenant_id}"
    return [
        f"{own}:in_progress",
        f"{own}:minute",
        f"{own}:known",
        "governor:app:minute",
        "governor:app:known",
    ]
