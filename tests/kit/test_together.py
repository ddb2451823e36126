"""Work done together: each item once, each caller told the truth about their own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.together import Together, TookTooLong


class Spoilt(Exception):
    pass


def test_items_that_come_meanwhile_are_worked_on_in_one_go() -> None:
    together: Together[int, int] = Together(30, apart=Spoilt)
    begun, go_on = threading.Event(), threading.Event()
    batches: list[list[int]] = []

    def work(items: Sequence[int]) -> int:
        batches.append(list(items))
        begun.set()
        assert go_on.wait(30)
        return len(items)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(together.bring, 0, work)
        assert begun.wait(30)
        others = [pool.submit(together.bring, number, work) for number in range(1, 8)]
        while len(together._waiting) < 7:
            pass
        go_on.set()
        assert first.result() == 1
        assert [one.result() for one in others] == [7] * 7
    assert [sorted(batch) for batch in batches] == [[0], [1, 2, 3, 4, 5, 6, 7]]


def test_whatever_comes_at_once_every_item_is_done_once() -> None:
    together: Together[int, int] = Together(30, apart=Spoilt)
    done: list[int] = []

    def work(items: Sequence[int]) -> int:
        done.extend(items)
        return len(items)

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda number: together.bring(number, work), range(2_000)))
    assert sorted(done) == list(range(2_000))
    assert all(result >= 1 for result in results)


def test_a_bad_item_spoils_it_for_nobody_else() -> None:
    together: Together[int, str] = Together(30, apart=Spoilt)
    kept: list[int] = []

    def work(items: Sequence[int]) -> str:
        if 3 in items:
            raise Spoilt
        kept.extend(items)
        return "kept"

    def bring(number: int) -> str:
        try:
            return together.bring(number, work)
        except Spoilt:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(bring, range(8)))
    assert outcomes == ["kept" if number != 3 else "refused" for number in range(8)]
    assert sorted(kept) == [0, 1, 2, 4, 5, 6, 7]


def test_an_error_of_all_is_everybodys() -> None:
    together: Together[int, int] = Together(30, apart=Spoilt)

    def work(items: Sequence[int]) -> int:
        raise OSError("the disk is full")

    with ThreadPoolExecutor(4) as pool:
        errors = [one.exception() for one in [pool.submit(together.bring, n, work) for n in range(4)]]
    assert all(isinstance(error, OSError) for error in errors)


def test_nobody_waits_for_ever_and_what_was_not_done_is_not_called_done() -> None:
    together: Together[int, int] = Together(0.2, apart=Spoilt)
    begun, go_on = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> int:
        begun.set()
        assert go_on.wait(30)
        return len(items)

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(together.bring, 1, work)
        assert begun.wait(30)
        with pytest.raises(TookTooLong):
            together.bring(2, work)
        go_on.set()
        assert slow.result() == 1
