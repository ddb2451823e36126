"""Processes die by SIGKILL at every named point of their work: no mail twice, nothing lost, no lie, each note once.

A point that nobody came to is a failure too: nothing here is left to luck.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import requests

from tests.faults import points
from tests.faults.points import Minefield, Point
from tests.faults.town import Firm, Town

CUSTOMERS = 2
_KEYS_FORGOTTEN = timedelta(minutes=7)
"""The ledger knows a repeated note by its key for six minutes; after that only we can tell that it is there."""


def test_a_death_anywhere_on_the_way_of_a_chaser(town: Town, mines: Minefield) -> None:
    firms = dict(zip(points.WAY_OF_A_CHASER, _firms(town, points.WAY_OF_A_CHASER), strict=True))
    for point, firm in firms.items():
        mines.arm(point, of=firm.id)
    _arm(mines, points.ABANDONED)
    for firm in firms.values():
        firm.go_live()
    _await_deaths(town, mines, points.WAY_OF_A_CHASER, len(points.WAY_OF_A_CHASER))
    town.pass_time(_KEYS_FORGOTTEN)
    town.end_turns()
    _await(town, mines, points.ABANDONED)

    for point, firm in firms.items():
        firm.finish()
        count = firm.check()
        assert count.chasers == CUSTOMERS, point.title
        assert count.states == {"delivered": CUSTOMERS - point.asks} | ({"unknown": 1} if point.asks else {})
        assert count.mails == CUSTOMERS - point.asks, point.title


def test_a_death_while_something_comes_in(town: Town, mines: Minefield) -> None:
    [firm] = town.move_in({"Comes In": 6})
    _arm(mines, points.MAIL_EVENTS)
    firm.go_live()
    _await(town, mines, points.MAIL_EVENTS)
    firm.finish()
    assert firm.check().states == {"delivered": 6}

    _arm(mines, points.REPLIES)
    [answered, *others] = firm.mails()
    town.sandbox.reply(answered["id"], "It was paid yesterday.")
    _await(town, mines, points.REPLIES)
    town.until(lambda: len(_replies(firm)) == 1)

    _arm(mines, points.LEDGER_NEWS)
    paid = next(one for one in firm.api.each("/invoices") if one["amount_due"] != "0.00")
    town.sandbox.pay(paid["ledger_id"])
    _await(town, mines, points.LEDGER_NEWS)
    town.until(lambda: firm.api.get(f"/invoices/{paid['id']}")["amount_due"] == "0.00")

    firm.finish()
    firm.check()
    assert len(_replies(firm)) == 1 and len(others) == 5


def test_a_death_while_the_ledger_is_read_and_its_token_renewed(town: Town, mines: Minefield) -> None:
    _arm(mines, points.IMPORT)
    firm = town.connect("Is Read", 5)
    _await(town, mines, points.IMPORT)
    town.until(firm.is_imported)
    invoices = list(firm.api.each("/invoices"))
    assert len(invoices) == 5 and {one["amount_due"] for one in invoices} == {"100.00"}

    for point in points.TOKENS:
        read_at = town.now()
        mines.arm(point)
        town.pass_time(timedelta(minutes=31))
        _await(town, mines, [point])
        town.until(partial(_is_read_since, firm, read_at), f"for the ledger after {point.title}")
    firm.go_live()
    firm.finish()
    assert firm.api.get("/organisation")["connection"] == "connected"
    assert firm.check().states == {"delivered": 5}


def test_a_death_of_the_clock_at_its_turn(town: Town, mines: Minefield) -> None:
    firm = town.firm("Keeps Time", 3)
    _arm(mines, points.CLOCK)
    _await(town, mines, points.CLOCK)
    firm.go_live()
    firm.finish()
    assert firm.check().states == {"delivered": 3}


def test_a_death_while_it_is_planned(town: Town, mines: Minefield) -> None:
    firms = town.move_in({point.title: 3 for point in points.PLAN})
    for point, firm in zip(points.PLAN, firms, strict=True):
        mines.arm(point)
        with suppress(requests.ConnectionError):  # the web process dies in the middle of the answer
            firm.go_live()
        _await(town, mines, [point])
    for firm in firms:
        firm.finish()
        assert firm.check().states == {"delivered": 3}


def _firms(town: Town, where: Iterable[Point]) -> list[Firm]:
    return town.move_in({f"{number:02} {point.title}": CUSTOMERS for number, point in enumerate(where)})


def _arm(mines: Minefield, where: Iterable[Point]) -> None:
    for point in where:
        mines.arm(point)


def _await(town: Town, mines: Minefield, where: Sequence[Point]) -> None:
    """Wait until somebody has died at each of these, which come one after the other; then let what they held go free."""
    for before in range(len(where)):
        _await_deaths(town, mines, where, before + 1)
        town.pass_time()
        town.end_turns()


def _await_deaths(town: Town, mines: Minefield, where: Sequence[Point], deaths: int) -> None:
    def come() -> bool:
        hit = [point for point in where if mines.was_hit(point)]
        _revive(town, {mines.victim(point) for point in hit})
        return len(hit) >= deaths

    town.until(come, f"for {deaths} deaths at {[point.title for point in where]}")


def _revive(town: Town, victims: set[int]) -> None:
    """Start the clock again if it is among the dead; whoever else dies has somebody who starts it."""
    clock = town.stage.running["clock"]
    if clock.pid in victims:
        clock.wait()
        town.stage.start("clock")


def _is_read_since(firm: Firm, moment: datetime) -> bool:
    """Whether the ledger was read later than this: the connection has outlived the death."""
    return datetime.fromisoformat(firm.api.get("/organisation")["synced_at"]) > moment


def _replies(firm: Firm) -> list[str]:
    return [one["id"] for one in firm.api.each("/communications") if one["kind"] == "reply"]
