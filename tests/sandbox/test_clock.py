"""The clock that the sandbox and the app share through a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.clock import Clock, ClockNotMovable, real_now

ALMOST = timedelta(seconds=5)


def test_without_a_file_it_is_the_real_time_and_cannot_be_moved() -> None:
    clock = Clock()
    assert abs(clock.now() - real_now()) < ALMOST
    with pytest.raises(ClockNotMovable, match="--state-clock"):
        clock.advance(timedelta(days=1))


def test_a_missing_file_means_no_shift(tmp_path: Path) -> None:
    assert Clock(tmp_path / "clock").offset() == timedelta()


def test_what_one_clock_writes_another_reads(tmp_path: Path) -> None:
    file = tmp_path / "state" / "clock"
    mine, theirs = Clock(file), Clock(file)
    mine.advance(timedelta(days=1))
    assert abs(theirs.now() - (real_now() + timedelta(days=1))) < ALMOST
    mine.advance(timedelta(days=2))
    assert theirs.offset() == pytest.approx(timedelta(days=3), abs=ALMOST)
    assert float(file.read_text()) == pytest.approx(3 * 86400, abs=5)


def test_it_can_be_set_to_the_past(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    moment = datetime(2012, 9, 4, 8, tzinfo=UTC)
    assert abs(clock.set(moment) - moment) < ALMOST


def test_a_file_with_something_else_in_it_is_named_plainly(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("tomorrow")
    with pytest.raises(ValueError, match="one decimal number of seconds, not 'tomorrow'"):
        Clock(file).now()


def test_writing_leaves_nothing_else_behind(tmp_path: Path) -> None:
    Clock(tmp_path / "clock").advance(timedelta(seconds=1))
    assert [p.name for p in tmp_path.iterdir()] == ["clock"]
