"""The wall clock jumps, the machine sleeps, the service is down: nothing leaves at night, in a burst, or twice."""

from __future__ import annotations

import os
import signal
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from demo.processes import PRODUCT
from tests.faults.counting import UNFINISHED
from tests.faults.outages import new_database
from tests.faults.restored import start_product, stop_product
from tests.faults.town import MORNING, Firm, Town, open_town
from tests.faults.wall import WallClock
from tests.support.processes import children
from tests.support.turns import PAIRS

LONDON = ZoneInfo("Europe/London")
CUSTOMERS = 3
JUMPS = {
    "an hour ahead": timedelta(hours=1),
    "two hours back": timedelta(hours=-2),
    "a day ahead": timedelta(days=1),
    "a day back": timedelta(days=-1),
    "a month ahead": timedelta(days=30),
    "a year ahead": timedelta(days=365),
}
FRIDAY_AFTERNOON = datetime(2026, 10, 16, 16, 0, tzinfo=UTC)
"""After the window has closed."""
MONDAY_NIGHT = datetime(2026, 10, 19, 3, 0, tzinfo=UTC)
MONDAY = datetime(2026, 10, 19, 10, 0, tzinfo=UTC)


def sent_by_the_wall(firm: Firm) -> list[datetime]:
    """When each chaser left, by the clock that the processes had then, in London."""
    found = [one["sent_at"] for one in firm.chasers() if one["sent_at"]]
    return [datetime.fromisoformat(moment).astimezone(LONDON) for moment in found]


def is_in_hours(local: datetime) -> bool:
    return local.weekday() < 5 and time(9, 30) <= local.time() <= time(16, 1)


def is_planned(firm: Firm) -> bool:
    return len(firm.chasers()) == CUSTOMERS


def check_gaps(firm: Firm) -> None:
    """At most one mail to an address in four days, by the provider's log."""
    by_address: dict[str, list[datetime]] = defaultdict(list)
    for mail in firm.mails():
        for one in mail["to"]:
            by_address[one["email"]].append(datetime.fromisoformat(mail["received_at"]))
    for moments in by_address.values():
        for earlier, later in pairwise(sorted(moments)):
            assert (later.date() - earlier.date()).days >= 4


def is_quiet(firm: Firm) -> bool:
    """Whether all that may have left by now has left and is noted; the provider's reports may still be on their way.

    What is planned for later may wait: a day ahead of the wall another step has come.
    """
    now, chasers = firm.town.now(), firm.chasers()
    waiting = [one for one in chasers if one["status"] in UNFINISHED and not _is_for_later(one, now)]
    noted = all(note["status"] != "pending" for note in firm.api.each("/ledger-notes"))
    return bool(chasers) and not waiting and noted


def _is_for_later(chaser: dict[str, Any], now: datetime) -> bool:
    return chaser["status"] == "planned" and datetime.fromisoformat(chaser["planned_for"]) > now


@pytest.fixture(scope="module", params=PAIRS)
def walled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Town, WallClock]]:
    folder = tmp_path_factory.mktemp("walled")
    servers = {} if request.param == PAIRS[0] else {"DATABASE_URL": new_database(request)}
    wall = WallClock(folder / "wall")
    with open_town(folder / "town", servers, env=wall.env) as town:
        yield town, wall


@pytest.mark.parametrize("jump", JUMPS)
def test_a_wall_clock_that_jumps_and_comes_back(walled: tuple[Town, WallClock], jump: str) -> None:
    town, wall = walled
    firm = town.firm(f"Firm {len(town.firms)}", CUSTOMERS)
    wall.jump(JUMPS[jump])
    firm.go_live()
    if is_in_hours((MORNING + JUMPS[jump]).astimezone(LONDON)):
        town.until(firm.has_sent)
    else:
        town.until(partial(is_planned, firm))
        assert firm.mails() == []
    wall.jump(timedelta())
    town.until(partial(is_quiet, firm))
    late = town.firm(f"Firm {len(town.firms)}", CUSTOMERS, live=True)
    town.until(partial(is_quiet, late))
    for one in (firm, late):
        one.api.patch(
            "/organisation", {"chasing": "off"}
        )  # ends what is rightly planned for the days to come
        assert one.check().mails == CUSTOMERS
        assert all(is_in_hours(moment) for moment in sent_by_the_wall(one))


def test_a_machine_that_sleeps_over_a_weekend(tmp_path: Path, servers: dict[str, str]) -> None:
    with open_town(tmp_path, servers) as town:
        town.sandbox.set_clock(FRIDAY_AFTERNOON)
        firm = town.firm("Sleeper", CUSTOMERS, live=True)
        town.until(partial(is_planned, firm))
        _all(town, signal.SIGSTOP)
        town.sandbox.set_clock(MONDAY_NIGHT)
        _all(town, signal.SIGCONT)
        town.until(partial(_has_polled_since, firm, MONDAY_NIGHT))
        assert firm.mails() == []
        town.sandbox.set_clock(MONDAY)
        town.until(firm.is_done)
        assert firm.check().mails == CUSTOMERS
        assert all(is_in_hours(moment) for moment in sent_by_the_wall(firm))


def _has_left(firm: Firm, mails: int) -> bool:
    """So many mails have left in all, and nothing is under way any more."""
    return len(firm.mails()) == mails and firm.is_done()


def _has_polled_since(firm: Firm, moment: datetime) -> bool:
    return datetime.fromisoformat(firm.api.get("/organisation")["synced_at"]) >= moment


def _all(town: Town, number: signal.Signals) -> None:
    for name in PRODUCT:
        pid = town.stage.running[name].pid
        for one in (pid, *children(pid)):
            os.kill(one, number)


def test_a_service_that_was_down_sends_the_gravest_once_and_nothing_at_night(
    tmp_path: Path, servers: dict[str, str]
) -> None:
    with open_town(tmp_path, servers) as town:
        firm = town.firm("Down", CUSTOMERS, live=True)
        town.until(firm.is_done)
        now = MORNING
        for away, mails in (
            (timedelta(hours=1), CUSTOMERS),  # nothing new is due
            (timedelta(days=1), CUSTOMERS),
            (timedelta(days=3, hours=10), CUSTOMERS),  # a Sunday evening
            (timedelta(days=14), 2 * CUSTOMERS),  # the third reminder; it had been due for two weeks
        ):
            stop_product(town)
            now += away
            town.sandbox.set_clock(now)
            start_product(town)
            town.until(partial(_has_polled_since, firm, now))
            if mails > CUSTOMERS:
                assert len(firm.mails()) == CUSTOMERS, "nothing leaves on a Sunday night"
                town.sandbox.set_clock(
                    now := now + timedelta(hours=15)
                )  # past every place in Monday's window
            town.until(partial(_has_left, firm, mails))
        check_gaps(firm)
        firm.check()
        assert all(is_in_hours(moment) for moment in sent_by_the_wall(firm))
