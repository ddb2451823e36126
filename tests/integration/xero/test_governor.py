"""The shares of the call limits, on a real Redis."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.backoff import NoBackoff
from redis.retry import Retry

from integration.ledger import Lane, RateLimited, Unreachable
from integration.xero.governor import Governor, Limits, Permit, Refusal, Remaining
from kit import clock
from tests.support.redis import free_port

USUAL = Limits()
ROOMY = Limits(minute=10_000)
UNTOLD = Remaining()
Make = Callable[..., Governor]


@pytest.fixture
def make(redis_url: str) -> Iterator[Make]:
    connection = redis.Redis.from_url(redis_url)
    yield lambda limits=USUAL: Governor(connection, limits)
    connection.close()


def call(governor: Governor, lane: Lane, tenant: str = "t", told: Remaining = UNTOLD) -> None:
    governor.settle(governor.acquire(tenant, lane), told)


def calls_until_refused(governor: Governor, lane: Lane, most: int = 200) -> int:
    for number in range(most):
        try:
            call(governor, lane)
        except RateLimited:
            return number
    return most


def test_sixty_calls_a_minute_and_no_more(make: Make) -> None:
    assert calls_until_refused(make(), Lane.CHECK) == 60


def test_more_than_sixty_where_the_ledger_says_that_more_are_left(make: Make) -> None:
    governor = make()
    call(governor, Lane.CHECK, told=Remaining(minute=100))
    assert calls_until_refused(governor, Lane.CHECK) == 99


def test_a_lane_that_leaves_room_leaves_it_of_a_larger_minute_too(make: Make) -> None:
    governor = make()
    call(governor, Lane.CHECK, told=Remaining(minute=100))
    assert calls_until_refused(governor, Lane.SWEEP) < 99 - 10


def test_a_refusal_says_which_limit_and_how_long_it_lasts(make: Make) -> None:
    governor = make()
    calls_until_refused(governor, Lane.CHECK)
    with pytest.raises(RateLimited) as caught:
        governor.acquire("t", Lane.CHECK)
    assert caught.value.kind == "minute"
    assert 50 < caught.value.retry_after < 70


def test_each_lane_leaves_some_of_the_minute_to_those_before_it(make: Make) -> None:
    governor = make()
    lanes = (Lane.SWEEP, Lane.NOTES, Lane.NEWS, Lane.CHECK)
    assert [calls_until_refused(governor, lane) for lane in lanes] == [40, 5, 5, 10]


def test_who_comes_back_after_a_full_minute_finds_room_for_a_whole_look(redis_url: str) -> None:
    """Calls that become free one by one would be used up one by one, and no look would come to its end."""
    connection = redis.Redis.from_url(redis_url)
    governor = Governor(connection)
    calls_until_refused(governor, Lane.CHECK)
    first = cast("list[bytes]", connection.zrange("governor:t:minute", 0, 0))[0]
    connection.zincrby("governor:t:minute", -61_000, first)  # the first of them is a minute ago now
    call(governor, Lane.CHECK)
    with pytest.raises(RateLimited) as caught:
        governor.acquire("t", Lane.CHECK)
    assert caught.value.retry_after > 50
    connection.close()


def test_no_organisation_waits_for_another(make: Make) -> None:
    governor = make()
    calls_until_refused(governor, Lane.CHECK)
    began = time.monotonic()
    call(governor, Lane.SWEEP, tenant="another")
    assert time.monotonic() - began < 10


def _calls_in_a_process(url: str) -> int:
    return calls_until_refused(Governor(redis.Redis.from_url(url)), Lane.CHECK)


def test_processes_share_the_minute(redis_url: str) -> None:
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert sum(pool.map(_calls_in_a_process, [redis_url] * 3)) == 60


def test_many_threads_together_get_exactly_the_minute(redis_url: str) -> None:
    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(_calls_in_a_process, [redis_url] * 20)) == 60


@pytest.mark.parametrize(
    ("lane", "most"), [(Lane.CHECK, 5), (Lane.NEWS, 5), (Lane.NOTES, 4), (Lane.SWEEP, 3)]
)
def test_so_many_calls_at_once_and_the_others_wait_their_turn(make: Make, lane: Lane, most: int) -> None:
    governor = make()
    running, seen, lock = 0, [], threading.Lock()

    def slow_call(_: int) -> None:
        nonlocal running
        permit = governor.acquire("t", lane)
        with lock:
            running += 1
            seen.append(running)
        time.sleep(0.05)
        with lock:
            running -= 1
        governor.settle(permit)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(slow_call, range(24)))
    assert max(seen) == most
    assert len(seen) == 24


def test_a_check_finds_room_while_sweeps_are_at_work(make: Make) -> None:
    governor = make()
    for _ in range(3):
        governor.acquire("t", Lane.SWEEP)
    began = time.monotonic()
    governor.acquire("t", Lane.CHECK)
    assert time.monotonic() - began < 10


def test_a_call_whose_process_died_stops_counting(make: Make) -> None:
    governor = make(Limits(at_once=1, lease_seconds=0.3))
    governor.acquire("t", Lane.CHECK)
    governor.acquire("t", Lane.CHECK)  # waits for the lease of the first to run out


def test_a_full_house_is_waited_for_a_moment_and_no_longer(make: Make) -> None:
    governor = make(Limits(at_once=3))
    governor.acquire("t", Lane.SWEEP)
    began = time.monotonic()
    with pytest.raises(RateLimited) as caught:
        governor.acquire("t", Lane.SWEEP)
    assert caught.value.kind == "concurrent"
    assert 1.5 < time.monotonic() - began < 10


def test_the_day_is_shared_by_what_the_ledger_said_is_left(make: Make) -> None:
    governor = make(ROOMY)
    call(governor, Lane.CHECK, told=Remaining(day=999))
    call(governor, Lane.CHECK, told=Remaining(day=401))
    call(governor, Lane.SWEEP, told=Remaining(day=400))
    with pytest.raises(RateLimited, match="day"):
        governor.acquire("t", Lane.SWEEP)
    call(governor, Lane.NOTES, told=Remaining(day=300))
    with pytest.raises(RateLimited, match="day"):
        governor.acquire("t", Lane.NOTES)
    call(governor, Lane.NEWS, told=Remaining(day=200))
    with pytest.raises(RateLimited, match="day"):
        governor.acquire("t", Lane.NEWS)
    call(governor, Lane.CHECK, told=Remaining(day=0))
    call(governor, Lane.CHECK)


def test_an_untold_day_is_taken_for_a_small_one(make: Make) -> None:
    governor = make(Limits(minute=10_000, day=10))
    assert calls_until_refused(governor, Lane.SWEEP) == 6
    assert calls_until_refused(governor, Lane.NEWS) == 2


def test_a_new_day_is_known_by_the_answers(make: Make) -> None:
    governor = make(ROOMY)
    call(governor, Lane.CHECK, told=Remaining(day=999))
    call(governor, Lane.CHECK, told=Remaining(day=100))
    with pytest.raises(RateLimited):
        governor.acquire("t", Lane.SWEEP)
    call(governor, Lane.CHECK, told=Remaining(day=998))
    call(governor, Lane.SWEEP)


@pytest.mark.parametrize("kind", ["minute", "day"])
def test_a_limit_that_the_ledger_reports_closes_the_organisation_for_every_lane(
    make: Make, kind: str
) -> None:
    governor = make()
    governor.settle(governor.acquire("t", Lane.CHECK), refusal=Refusal(kind, 3600))
    for lane in Lane:
        with pytest.raises(RateLimited) as caught:
            governor.acquire("t", lane)
        assert caught.value.kind == kind
        assert 3590 < caught.value.retry_after < 4000
    call(governor, Lane.SWEEP, tenant="another")


def test_the_apps_own_limit_closes_all_organisations(make: Make) -> None:
    governor = make()
    governor.settle(governor.acquire("t", Lane.CHECK), refusal=Refusal("app", 60))
    with pytest.raises(RateLimited, match="app"):
        governor.acquire("another", Lane.CHECK)


def test_the_app_has_its_own_minute(make: Make) -> None:
    governor = make(Limits(app_minute=3))
    for tenant in ("a", "b", "c"):
        call(governor, Lane.CHECK, tenant)
    with pytest.raises(RateLimited, match="app"):
        governor.acquire("d", Lane.CHECK)


def test_a_short_closure_is_waited_for(make: Make) -> None:
    governor = make()
    governor.settle(governor.acquire("t", Lane.CHECK), refusal=Refusal("concurrent", 0.3))
    began = time.monotonic()
    governor.acquire("t", Lane.CHECK)
    assert time.monotonic() - began >= 0.3


def test_a_later_answer_never_opens_what_an_earlier_one_closed(make: Make) -> None:
    governor = make()
    first, second = governor.acquire("t", Lane.CHECK), governor.acquire("t", Lane.CHECK)
    governor.settle(first, refusal=Refusal("day", 3600))
    governor.settle(second, refusal=Refusal("concurrent", 1))
    with pytest.raises(RateLimited) as caught:
        governor.acquire("t", Lane.CHECK)
    assert caught.value.retry_after > 3000


def test_without_redis_nothing_is_called() -> None:
    governor = Governor(redis.Redis(port=free_port(), retry=Retry(NoBackoff(), 0)))
    with pytest.raises(Unreachable, match="Redis"):
        governor.acquire("t", Lane.CHECK)
    governor.settle(Permit("p", "t"))
    assert governor.remaining("t") == Remaining()


def test_a_moved_demo_clock_gives_no_extra_calls(make: Make, tmp_path: Path) -> None:
    governor = make()
    calls_until_refused(governor, Lane.CHECK)
    offset = tmp_path / "clock"
    offset.write_text(str(timedelta(days=3).total_seconds()))
    clock.follow(offset)
    with pytest.raises(RateLimited):
        governor.acquire("t", Lane.CHECK)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lanes=st.lists(st.sampled_from(list(Lane)), max_size=90))
def test_in_whatever_order_lanes_come_each_keeps_to_its_share(redis_url: str, lanes: list[Lane]) -> None:
    connection = redis.Redis.from_url(redis_url)
    connection.flushall()
    governor = Governor(connection)
    granted = dict.fromkeys(Lane, 0)
    shares = {Lane.CHECK: 60, Lane.NEWS: 50, Lane.NOTES: 45, Lane.SWEEP: 40}
    for lane in lanes:
        before = sum(granted.values())
        allowed = before < shares[lane]
        try:
            call(governor, lane)
            assert allowed
            granted[lane] += 1
        except RateLimited:
            assert not allowed
    connection.close()
