"""Turns: for each name one job is at work at a time, so that nobody's work can fill all the workers.

This is about fairness, not about truth: what must not happen twice is guarded in the database. So without
Redis everybody has their turn, and a turn whose worker was killed is over by itself soon.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

import redis

from kit.ids import new_id

log = logging.getLogger(__name__)

SLICE_SECONDS: Final = 8.0
"""After so long a job makes room for others and comes back behind them."""
_LONGEST_SECONDS = 20
"""A slice and the call under way at its end; whoever takes longer may be joined by a second worker."""
_WAIT_SECONDS = 60

_TAKE = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[3]) then
  return 1
end
redis.call('SADD', KEYS[2], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 0
"""
_END = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {}
end
local waiting = redis.call('SMEMBERS', KEYS[2])
redis.call('DEL', KEYS[1], KEYS[2])
return waiting
"""


class Turn:
    """Somebody's turn. ``waiting`` is known when it is over: who came meanwhile and is to be called now."""

    def __init__(self) -> None:
        self.waiting: list[str] = []


class Turns:
    """Gives turns to the workers of all machines, through Redis."""

    def __init__(self, connection: redis.Redis) -> None:
        self._take = connection.register_script(_TAKE)
        self._end = connection.register_script(_END)

    @contextmanager
    def turn(self, name: str, who: str) -> Iterator[Turn | None]:
        """The turn of this name for the block; None while somebody else has it, and they are told ``who`` waits."""
        holder, keys = new_id(), [f"turn:{name}", f"turn:{name}:waiting"]
        if not self._is_free(holder, keys, who):
            yield None
            return
        turn = Turn()
        try:
            yield turn
        finally:
            turn.waiting = self._over(holder, keys)

    def _is_free(self, holder: str, keys: list[str], who: str) -> bool:
        try:
            return bool(self._take(keys=keys, args=[holder, who, _LONGEST_SECONDS, _WAIT_SECONDS]))
        except redis.RedisError as error:
            log.warning("turns cannot be given: %s", type(error).__name__)
            return True

    def _over(self, holder: str, keys: list[str]) -> list[str]:
        try:
            found = cast("list[bytes]", self._end(keys=keys, args=[holder]))
        except redis.RedisError as error:
            log.warning("a turn cannot be given back: %s", type(error).__name__)
            return []
        return sorted(one.decode() for one in found)
