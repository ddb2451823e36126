"""The answer to a COMMIT is lost at each commit of sending in turn: what was stored decides, and nothing leaves twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from services import abandoned
from tests.support.chasing import Chasing, chasing

MORE_THAN_THERE_ARE = 25


@contextmanager
def losing(engine: Engine, number: int, *, done: bool) -> Iterator[list[int]]:
    """The answer to the so-manieth commit is lost, with the commit ``done`` or not; the list counts commits."""
    seen: list[int] = []

    def lose(connection: Connection) -> None:
        seen.append(len(seen) + 1)
        if seen[-1] == number:
            if done:
                connection.connection.commit()
            raise OperationalError("COMMIT", None, ConnectionError("the line is cut"))

    event.listen(engine, "commit", lose)
    try:
        yield seen
    finally:
        event.remove(engine, "commit", lose)


@pytest.mark.parametrize("done", [True, False], ids=["stored", "not stored"])
def test_whichever_commit_is_in_doubt_the_mail_leaves_once_and_is_known_to_have_left(
    database_url: str, tmp_path: Path, done: bool
) -> None:
    with chasing(database_url, tmp_path) as org:
        org.switch("live")
        for number in range(1, MORE_THAN_THERE_ARE):
            org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", overdue=3)
            org.mirror()
            org.plan()
            with losing(org.app.database.engine, number, done=done) as seen, suppress(OperationalError):
                org.send()
            _come_to_an_end(org)
            assert len(org.chasers("sent")) == number
            assert sorted(org.mailer.times_taken.values()) == [1] * number
            if len(seen) < number:
                break
        else:
            pytest.fail("sending commits more often than this test looks at")


def _come_to_an_end(org: Chasing) -> None:
    org.shift(seconds=91)
    abandoned.settle(org.app)
    org.plan()
    org.send()
