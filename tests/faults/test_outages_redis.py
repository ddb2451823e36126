"""Redis is lost, frozen, full or read-only in the middle: pages and webhooks answer, and work goes on by itself after."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kit import settings
from kit.redis import connect
from tests.faults.outages import OwnRedis, look_at, new_database, tell_news
from tests.faults.town import Town, open_town

CUSTOMERS = 3


@pytest.fixture(scope="module")
def redis(short_folder: Path) -> Iterator[OwnRedis]:
    found = OwnRedis(short_folder / "outages-redis")
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis: OwnRedis
) -> Iterator[Town]:
    servers = {"DATABASE_URL": new_database(request), "REDIS_URL": redis.url}
    with open_town(tmp_path_factory.mktemp("town"), servers) as found:
        yield found


@dataclass(frozen=True)
class Outage:
    """Something that can happen to Redis, and how it ends."""

    begins: Callable[[OwnRedis], None]
    ends: Callable[[OwnRedis], None]


OUTAGES = {
    "killed, and back with nothing in it": Outage(OwnRedis.kill, OwnRedis.start),
    "frozen": Outage(OwnRedis.freeze, OwnRedis.thaw),
    "full": Outage(
        lambda redis: redis.tell("CONFIG", "SET", "maxmemory", "1"),
        lambda redis: redis.tell("CONFIG", "SET", "maxmemory", "0"),
    ),
    "read-only": Outage(
        lambda redis: redis.tell("REPLICAOF", "127.0.0.1", "1"),
        lambda redis: redis.tell("REPLICAOF", "NO", "ONE"),
    ),
}


@pytest.mark.parametrize("outage", OUTAGES.values(), ids=OUTAGES.keys())
def test_without_redis_everybody_is_answered_and_afterwards_all_is_done_once(
    town: Town, redis: OwnRedis, outage: Outage
) -> None:
    firm = town.firm(f"Firm {len(town.firms)}", CUSTOMERS)
    outage.begins(redis)
    try:
        firm.go_live()
        assert tell_news(town, firm) == 200
        assert look_at(town, f"/organisations/{firm.id}/queue") == 200
        assert look_at(town, "/readyz") == 503
        assert firm.mails() == []
    finally:
        outage.ends(redis)
    town.until(lambda: look_at(town, "/readyz") == 200)
    town.until(firm.is_done)
    assert firm.check().mails == CUSTOMERS


@pytest.mark.parametrize("outage", OUTAGES.values(), ids=OUTAGES.keys())
def test_redis_is_lost_in_the_middle_of_sending(town: Town, redis: OwnRedis, outage: Outage) -> None:
    firm = town.firm(f"Firm {len(town.firms)}", 2 * CUSTOMERS)
    firm.go_live()
    town.until(firm.mails)
    outage.begins(redis)
    assert tell_news(town, firm) == 200
    outage.ends(redis)
    town.pass_time()
    town.until(firm.is_done)
    assert firm.check().mails == 2 * CUSTOMERS


def test_an_embedded_redis_that_was_killed_with_its_keeper_is_started_again(tmp_path: Path) -> None:
    with open_town(tmp_path, {}) as town:
        firm = town.firm("Embedded", CUSTOMERS)
        _kill_embedded(town)
        assert tell_news(town, firm) == 200
        firm.go_live()
        town.until(firm.is_done)
        assert firm.check().mails == CUSTOMERS


def _kill_embedded(town: Town) -> None:
    with connect(settings.load(town.stage.env)) as client:
        server = int(client.info("server")["process_id"])
    keeper = int((town.stage.folder / "redis" / "keeper.pid").read_text())
    for pid in (keeper, server):
        os.kill(pid, signal.SIGKILL)
