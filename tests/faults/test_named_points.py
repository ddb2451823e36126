"""Processes die by SIGKILL at every named point of their work: no mail twice, nothing lost, no lie, each note once.

A point that nobody came to is a failure too: nothing here is left to luck.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import requests

from tests.faults import points
from tests.faults.deaths import arm, await_deaths, await_each
from tests.faults.points import Minefield, Point
from tests.faults.town import Firm, Town

CUSTOMERS = 2
_KEYS_FORGOTTEN = timedelta(minutes=7)
"""The ledger knows a repeated note by its key for six minutes; after that only we can tell that it is there."""


def test_a_death_anywhere_on_the_way_of_a_chaser(town: Town, mines: Minefield) -> None:
    firms = dict(zip(points.WAY_OF_A_CHASER, _firms(town, points.WAY_OF_A_CHASER), strict=True))
    for point, firm in firms.items():
        mines.arm(point, of=firm.id)
    arm(mines, points.ABANDONED)
    for firm in firms.values():
        firm.go_live()
    await_deaths(town, mines, points.WAY_OF_A_CHASER, len(points.WAY_OF_A_CHASER))
    town.pass_time(_KEYS_FORGOTTEN)
    town.end_turns()
    await_each(town, mines, points.ABANDONED)

    for point, firm in firms.items():
        firm.finish()
        count = firm.check()
        assert count.chasers == CUSTOMERS, point.title
        assert count.states == {"delivered": CUSTOMERS - point.asks} | ({"unknown": 1} if point.asks else {})
        assert count.mails == CUSTOMERS - point.asks, point.title


def test_a_death_while_something_comes_in(town: Town, mines: Minefield) -> None:
    [firm] = town.move_in({"Comes In": 6})
    arm(mines, points.MAIL_EVENTS)
    firm.go_live()
    await_each(town, mines, points.MAIL_EVENTS)
    firm.finish()
    assert firm.check().states == {"delivered": 6}

    arm(mines, points.REPLIES)
    [answered, *others] = firm.mails()
    town.sandbox.reply(answered["id"], "It was paid yesterday.")
    await_each(town, mines, points.REPLIES)
    town.until(lambda: len(_replies(firm)) == 1)

    arm(mines, points.LEDGER_NEWS)
    paid = next(one for one in firm.api.each("/invoices") if one["amount_due"] != "0.00")
    town.sandbox.pay(paid["ledger_id"])
    await_each(town, mines, points.LEDGER_NEWS)
    town.until(lambda: firm.api.get(f"/invoices/{paid['id']}")["amount_due"] == "0.00")

    firm.finish()
    firm.check()
    assert len(_replies(firm)) == 1 and len(others) == 5


def test_a_death_while_the_ledger_is_read_and_its_token_renewed(town: Town, mines: Minefield) -> None:
    arm(mines, points.IMPORT)
    firm = town.connect("Is Read", 5)
    await_each(town, mines, points.IMPORT)
    town.until(firm.is_imported)
    invoices = list(firm.api.each("/invoices"))
    assert len(invoices) == 5 and {one["amount_due"] for one in invoices} == {"100.00"}

    for point in points.TOKENS:
        read_at = town.now()
        mines.arm(point)
        town.pass_time(timedelta(minutes=31))
        await_each(town, mines, [point])
        town.until(partial(_is_read_since, firm, read_at), f"for the ledger after {point.title}")
    firm.go_live()
    firm.finish()
    assert firm.api.get("/organisation")["connection"] == "connected"
    assert firm.check().states == {"delivered": 5}


def test_a_death_of_the_clock_at_its_turn(town: Town, mines: Minefield) -> None:
    firm = town.firm("Keeps Time", 3)
    arm(mines, points.CLOCK)
    await_each(town, mines, points.CLOCK)
    firm.go_live()
    firm.finish()
    assert firm.check().states == {"delivered": 3}


def test_a_death_while_it_is_planned(town: Town, mines: Minefield) -> None:
    firms = town.move_in({point.title: 3 for point in points.PLAN})
    for point, firm in zip(points.PLAN, firms, strict=True):
        mines.arm(point)
        with suppress(requests.ConnectionError):  # the web process dies in the middle of the answer
            firm.go_live()
        await_each(town, mines, [point])
    for firm in firms:
        firm.finish()
        assert firm.check().states == {"delivered": 3}


def _firms(town: Town, where: Iterable[Point]) -> list[Firm]:
    return town.move_in({f"{number:02} {point.title}": CUSTOMERS for number, point in enumerate(where)})


def _is_read_since(firm: Firm, moment: datetime) -> bool:
    """Whether the ledger was read later than this: the connection has outlived the death."""
    return datetime.fromisoformat(firm.api.get("/organisation")["synced_at"]) > moment


def _replies(firm: Firm) -> list[str]:
    return [one["id"] for one in firm.api.each("/communications") if one["kind"] == "reply"]
