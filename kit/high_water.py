"""The highest count that was ever reached for each name, kept in Redis beside the database that counts.

Redis may lose it, and then there is nothing to compare with. But where it is higher than the database's own
count, the database has gone back.
"""

from __future__ import annotations

import logging
from typing import cast

import redis

log = logging.getLogger(__name__)


class HighWater:
    """One kind of count. Without Redis nothing is raised and nothing is known."""

    def __init__(self, connection: redis.Redis, kind: str) -> None:
        self._connection = connection
        self._key = f"high-water:{kind}"

    def of(self, name: str) -> int | None:
        """The highest count of this name; None: not known."""
        try:
            found = self._connection.zscore(self._key, name)
        except redis.RedisError as error:
            log.warning("the highest count is not known: %s", type(error).__name__)
            return None
        return None if found is None else int(found)

    def all(self) -> dict[str, int]:
        """The highest count of every name that is known."""
        try:
            found = self._connection.zrange(self._key, 0, -1, withscores=True)
        except redis.RedisError as error:
            log.warning("the highest counts are not known: %s", type(error).__name__)
            return {}
        return {name.decode(): int(count) for name, count in cast("list[tuple[bytes, float]]", found)}

    def reached(self, name: str, count: int) -> None:
        """Raise the mark to this count; a lower one changes nothing, so senders may overtake each other."""
        try:
            self._connection.zadd(self._key, {name: count}, gt=True)
        except redis.RedisError as error:
            log.warning("the highest count is not kept: %s", type(error).__name__)
