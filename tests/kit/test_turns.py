"""Turns, on a real Redis: one at a time for each name, and nobody who waited is forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from kit.turns import Turns
from tests.support.redis import free_port


@pytest.fixture
def turns(redis_url: str) -> Iterator[Turns]:
    connection = redis.Redis.from_url(redis_url)
    yield Turns(connection)
    connection.close()


def test_one_organisation_has_one_turn_at_a_time(turns: Turns) -> None:
    with turns.turn("large", "send large") as first, turns.turn("large", "notes large") as second:
        assert first is not None
        assert second is None


def test_organisations_do_not_wait_for_each_other(turns: Turns) -> None:
    with turns.turn("large", "send large"), turns.turn("small", "send small") as another:
        assert another is not None


def test_who_came_meanwhile_is_called_once_when_the_turn_is_over(turns: Turns) -> None:
    with turns.turn("large", "send large") as turn:
        for _ in range(3):
            with turns.turn("large", "news large"):
                pass
    assert turn is not None
    assert turn.waiting == ["news large"]
    with turns.turn("large", "news large") as following:
        assert following is not None
    assert following.waiting == []


def test_a_turn_ends_with_the_job_that_failed(turns: Turns) -> None:
    with pytest.raises(ZeroDivisionError), turns.turn("large", "send large"):
        raise ZeroDivisionError
    with turns.turn("large", "send large") as turn:
        assert turn is not None


def test_a_turn_that_ran_out_takes_nothing_from_its_successor(turns: Turns, redis_url: str) -> None:
    connection = redis.Redis.from_url(redis_url)
    with turns.turn("large", "send large") as slow:
        connection.delete("turn:large")  # its time is up
        with turns.turn("large", "notes large") as successor:
            assert successor is not None
            with turns.turn("large", "news large") as third:
                assert third is None
        assert successor.waiting == ["news large"]
    assert slow is not None
    assert slow.waiting == []
    connection.close()


def test_without_redis_everybody_has_their_turn() -> None:
    turns = Turns(redis.Redis(port=free_port(), retry=Retry(NoBackoff(), 0)))
    with turns.turn("large", "send large") as first, turns.turn("large", "notes large") as second:
        assert first is not None
        assert second is not None
