"""An older database is restored under the real processes: nobody gets a second mail, and what is lost says so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.processes import Stage
from kit import settings
from services.app import App
from store.queries import continuity
from tests.faults.counting import LEFT
from tests.faults.restored import Backup, start_product, stop_product
from tests.faults.town import MORNING, Firm, Town, open_town
from tests.support import loaded
from tests.support.redis import free_port

CUSTOMERS = 12
LOST = 2
"""Customers to whom, after the backup, a mail left that the restored database cannot know."""
EARLY = MORNING - timedelta(hours=4)
"""Before the sending window opens."""
_MARKER = re.compile(r"\[(dk-[0-9a-f]+)\]")


@pytest.fixture
def town(tmp_path: Path, servers: dict[str, str]) -> Iterator[Town]:
    with open_town(tmp_path / "town", servers) as found:
        found.sandbox.set_clock(EARLY)
        yield found


def planned_and_backed_up(town: Town) -> tuple[Firm, Backup]:
    """A firm whose chasers are all planned, and a backup of that moment."""
    firm = town.firm("Restored", CUSTOMERS, live=True)
    town.until(lambda: len(firm.chasers()) == CUSTOMERS)
    town.until(lambda: has_ticked(town), "for the clock's mark of life of this early hour")
    backup = Backup(town)
    stop_product(town)
    backup.make()
    start_product(town)
    return firm, backup


def has_ticked(town: Town) -> bool:
    """Not with the mark of the later hour at which the town was built: the restore comes at that hour again."""
    app = App(settings.load(town.stage.env))
    try:
        with app.database.read_across() as session:
            ticked_at = continuity.life(session).ticked_at
            return ticked_at is not None and ticked_at < MORNING - timedelta(hours=1)
    finally:
        app.database.close()


def send_all(town: Town, firm: Firm) -> list[str]:
    """After the backup some customers get a second invoice, then all mails leave; the ids of those invoices."""
    added = [
        town.lever("POST", f"/sandbox/organisations/{firm.tenant}/invoices", _second_invoice(number))
        for number in range(LOST)
    ]
    town.until(lambda: len(list(firm.api.each("/invoices"))) == CUSTOMERS + LOST)
    town.until(lambda: sum(len(one["invoice_ids"]) == 2 for one in firm.chasers()) == LOST)
    town.sandbox.set_clock(MORNING)
    town.until(lambda: len(firm.mails()) == CUSTOMERS)
    return [one["invoice_id"] for one in added]


def _second_invoice(number: int) -> dict[str, Any]:
    return {
        "contact": f"Customer {number} of Restored",
        "number": f"SECOND-{number}",
        "date": "2026-09-01",
        "due_date": "2026-10-07",
        "total": "50.00",
    }


def settled(firm: Firm) -> bool:
    """Whether nothing waits to leave or to be noted. What was lost with its report stays ``sent``."""
    waiting = {"planned", "sending", "held"} & set(firm.statuses())
    return not waiting and all(note["status"] != "pending" for note in firm.api.each("/ledger-notes"))


def check(town: Town, firm: Firm) -> None:
    """Every customer got one mail, every note stands once, and what did not leave says why."""
    mails = Counter(one["email"] for mail in firm.mails() for one in mail["to"])
    assert len(mails) == CUSTOMERS and set(mails.values()) == {1}
    written = town.sandbox.notes(firm.tenant)
    standing = Counter(
        found[1] for texts in written.values() for text in texts if (found := _MARKER.search(text))
    )
    assert set(standing.values()) == {1}
    assert all(one["reason"] for one in firm.chasers() if one["status"] not in LEFT)


def test_with_redis_kept_all_is_held_until_a_person_says_yes(town: Town) -> None:
    firm, backup = planned_and_backed_up(town)
    second = send_all(town, firm)
    town.until(firm.is_done)
    stop_product(town)
    backup.put_back()
    for invoice in second:
        town.sandbox.pay(invoice)
    start_product(town)
    town.until(lambda: [one["kind"] for one in firm.api.get("/brakes")["items"]] == ["restored"])
    town.until(lambda: set(firm.statuses()) <= {"held", "cancelled"})
    assert len(firm.mails()) == CUSTOMERS
    firm.api.post("/runs", {"dry_run": False, "approve": True})
    town.until(lambda: settled(firm))
    check(town, firm)
    assert sum(status in LEFT for status in firm.statuses()) == CUSTOMERS - LOST
    assert lost_contacts(firm) == LOST


def test_with_redis_emptied_the_ledger_knows_what_has_left(town: Town) -> None:
    firm, backup = planned_and_backed_up(town)
    second = send_all(town, firm)
    town.until(firm.is_done)
    stop_product(town)
    backup.put_back()
    with town.redis() as redis:
        redis.flushall()
    for invoice in second:
        town.sandbox.pay(invoice)
    start_product(town)
    town.until(lambda: settled(firm))
    check(town, firm)
    assert sum(status in LEFT for status in firm.statuses()) == CUSTOMERS - LOST
    assert lost_contacts(firm) == LOST


def test_mails_without_notes_are_known_by_the_providers_reports_when_it_brings_them_again(town: Town) -> None:
    firm, backup = planned_and_backed_up(town)
    town.lever(
        "POST",
        "/sandbox/faults",
        {"match": {"method": "PUT", "path_prefix": "/api.xro/"}, "answer": "503", "times": 999},
    )
    town.sandbox.set_clock(MORNING)
    town.stop("web")  # the provider's reports find nobody, so it will bring them again
    town.until(lambda: len(town.sandbox.mails()) == CUSTOMERS)
    for name in ("worker", "clock"):
        town.stop(name)
    backup.put_back()
    town.lever("DELETE", "/sandbox/faults")
    start_product(town)
    town.until(lambda: [one["kind"] for one in firm.api.get("/brakes")["items"]] == ["restored"])
    town.until(lambda: set(firm.statuses()) <= LEFT)
    firm.api.post("/runs", {"dry_run": False, "approve": True})
    town.until(lambda: settled(firm))
    check(town, firm)


def lost_contacts(firm: Firm) -> int:
    """How many contacts are held because something was said to them that is not on record."""
    return sum(one["on_hold"] for one in firm.api.each("/contacts"))


def test_two_stacks_with_a_redis_each_on_one_database_send_everything_once(
    tmp_path: Path, servers: dict[str, str]
) -> None:
    database = servers.get("DATABASE_URL", f"sqlite:///{tmp_path / 'shared.db'}")
    with open_town(tmp_path / "first", servers | {"DATABASE_URL": database}) as town:
        second = Stage(
            tmp_path / "second",
            free_port(),
            town.stage.sandbox_port,
            minutely_calls=60_000,
            begin=loaded.start,
        )
        own = {"VAR_DIR": str(second.folder), "PORT": str(second.web_port)}
        second.env = {name: value for name, value in town.stage.env.items() if name != "REDIS_URL"} | own
        try:
            for name in ("web", "worker", "clock"):
                second.start(name)
            firm = town.firm("Twice", CUSTOMERS, live=True)
            town.until(firm.is_done)
            assert firm.check().mails == CUSTOMERS
        finally:
            second.stop()
