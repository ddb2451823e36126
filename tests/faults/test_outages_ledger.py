"""The ledger is full, out of order, slow, unreachable, or answers nonsense.

Whoever is to be chased is not chased unless the ledger has just said so; nothing disappears from the mirror
because the ledger did not show it; and each note stands in the ledger once in the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.faults.outages import town_on, worker_with
from tests.faults.town import Firm, Town
from tests.support.turns import PAIRS

DAY_IS_FULL = "429-day"
LIMITS = ("429-minute", DAY_IS_FULL, "429-concurrent", "429-appminute")
NO_ANSWER = (*LIMITS, "403", "500", "503", "truncate", "html", "redirect", "drop-before", "drop-after")
READING = {"method": "GET", "path_prefix": "/api.xro/2.0/"}
WRITING = {"method": "PUT", "path_prefix": "/api.xro/2.0/"}
ALWAYS = -1
ON_ONE_PAIR = pytest.mark.parametrize("town", PAIRS[:1], indirect=True)
"""What has nothing to do with the database is looked at on one of them."""
A_WHILE = timedelta(minutes=20)
"""Longer than anything waits for a ledger that did not answer a few times."""


@pytest.fixture(scope="module", params=PAIRS)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_on(request.param, request, tmp_path_factory.mktemp("town")) as found:
        yield found


def _arm(town: Town, firm: Firm, answer: str, match: dict[str, str], times: int, **how: Any) -> None:
    """The next calls for this firm meet this answer."""
    fault = {"answer": answer, "times": times, "match": {**match, "tenant": firm.tenant}, **how}
    if answer.startswith("429"):
        fault["retry_after"] = 1
    town.lever("POST", "/sandbox/faults", fault)


def _arm_each(town: Town, firms: dict[str, Firm], match: dict[str, str], times: int) -> None:
    """Each firm meets its own fault, but for the day's limit: what can wait then waits for half an hour of real time."""
    for answer, firm in firms.items():
        if answer != DAY_IS_FULL:
            _arm(town, firm, answer, match, times)


def _disarm(town: Town) -> None:
    town.lever("DELETE", "/sandbox/faults")


def _says(firm: Firm, words: str) -> bool:
    return any(words in str(chaser["reason"]) for chaser in firm.chasers())


def _owed(firm: Firm) -> dict[str, str]:
    return {one["number"]: one["amount_due"] for one in firm.api.each("/invoices")}


def test_every_fault_on_the_whole_way_from_the_import_to_the_notes(town: Town) -> None:
    """One firm for each fault, which it meets again and again."""
    firms = dict(zip(NO_ANSWER, _import(town), strict=True))
    _sweep(town, firms)
    _last_look(town, firms)
    _notes(town, firms)


def _import(town: Town) -> list[Firm]:
    """Each first import fails a few times, and is right to the penny in the end."""
    firms = [town.connect(f"Firm {number}", 2) for number in range(len(NO_ANSWER))]
    _arm_each(town, dict(zip(NO_ANSWER, firms, strict=True)), READING, 3)
    town.until(lambda: _after_a_while(town, firms))
    for firm in firms:
        assert sorted(_owed(firm).values()) == ["100.00"] * 2
    _disarm(town)
    return firms


def _after_a_while(town: Town, firms: list[Firm]) -> bool:
    """Whether all are imported; if not, what waits for its next try gets it."""
    if all(firm.is_imported() for firm in firms):
        return True
    town.pass_time(timedelta(minutes=1))
    return False


def _sweep(town: Town, firms: dict[str, Firm]) -> None:
    """While nothing can be read, nothing disappears."""
    owed = [_owed(firm) for firm in firms.values()]
    _arm_each(town, firms, READING, ALWAYS)
    seen = _last_request(town)
    town.pass_time(timedelta(hours=3))
    readable = {firm.tenant for answer, firm in firms.items() if answer != DAY_IS_FULL}
    town.until(lambda: readable <= _asked_for(town, seen))
    assert [_owed(firm) for firm in firms.values()] == owed


def _last_look(town: Town, firms: dict[str, Firm]) -> None:
    """No answer, no mail; one mail when the ledger answers again."""
    _arm(town, firms[DAY_IS_FULL], DAY_IS_FULL, READING, ALWAYS)
    for firm in firms.values():
        firm.go_live()
    for answer, firm in firms.items():
        town.until(partial(_says, firm, "could not be asked"), f"for {answer}")
    assert all(firm.mails() == [] for firm in firms.values())
    _disarm(town)
    _arm_each(town, firms, WRITING, 2)
    town.pass_time(A_WHILE)
    for answer, firm in firms.items():
        town.until(firm.has_sent, f"for {answer}")


def _notes(town: Town, firms: dict[str, Firm]) -> None:
    """Notes that were refused, or whose answer was lost, stand in the ledger once."""
    for _ in range(3):
        town.pass_time(timedelta(minutes=2))
        for answer, firm in firms.items():
            town.until(firm.has_sent, f"for {answer}")
    for answer, firm in firms.items():
        town.until(firm.is_done, f"for {answer}")
        count = firm.check()
        assert (count.states, count.notes) == ({"delivered": 2}, 4)


def _last_request(town: Town) -> int:
    requests = town.lever("GET", "/sandbox/requests")
    return int(requests[-1]["number"]) if requests else 0


def _asked_for(town: Town, since: int) -> set[str]:
    """The tenants whose data was asked for since then."""
    return {str(one["tenant_id"]).lower() for one in town.lever("GET", f"/sandbox/requests?since={since}")}


@ON_ONE_PAIR
def test_a_list_without_its_rows_sends_nothing_and_loses_nothing(town: Town) -> None:
    firm = town.firm("Empty", 2)
    _arm(town, firm, "empty", READING, ALWAYS)
    firm.go_live()
    town.until(lambda: set(firm.statuses()) == {"held"})
    assert _says(firm, "the ledger did not show")
    assert sorted(_owed(firm).values()) == ["100.00"] * 2
    _disarm(town)
    firm.api.post("/runs", {"dry_run": False, "approve": True})
    town.until(lambda: firm.statuses() == ["delivered"] * 2)
    town.until(firm.is_done)
    firm.check()


@ON_ONE_PAIR
def test_what_another_organisation_is_owed_is_never_chased_for_this_one(town: Town) -> None:
    stranger, firm = _stranger(town), town.firm("Confused", 2)
    _arm(town, firm, "other-tenant", READING, ALWAYS, as_tenant=stranger)
    firm.go_live()
    town.until(lambda: set(firm.statuses()) == {"held"})
    seen = _last_request(town)
    town.pass_time(timedelta(hours=3))
    town.until(lambda: firm.tenant in _asked_for(town, seen))
    town.until(lambda: "planned" not in firm.statuses())
    assert firm.mails() == []
    _disarm(town)


def _stranger(town: Town) -> str:
    """An organisation of the same person with documents of its own; its tenant."""
    overdue = {"date": "2026-09-01", "due_date": "2026-10-07", "total": "70.00", "contact": "Somebody Else"}
    body = {
        "name": "Stranger",
        "base_currency": "GBP",
        "contacts": [{"name": "Somebody Else", "email": "accounts@somebody-else.example"}],
        "invoices": [{"number": "ELSE-1", **overdue}],
    }
    tenant = str(town.lever("POST", "/sandbox/organisations", body)["tenant_id"])
    town.person.connect(town.sandbox.user(), tenant)
    return tenant


@ON_ONE_PAIR
def test_a_token_that_is_refused_is_renewed_and_a_word_nobody_knows_costs_nothing(town: Town) -> None:
    for name, answer in (("Renewed", "401"), ("Newcode", "unknown-enum")):
        firm = town.firm(name, 2)
        _arm(town, firm, answer, READING, 1)
        firm.go_live()
        town.pass_time(timedelta(minutes=2))
        town.until(firm.is_done, f"for {name}")
        assert firm.check().states["delivered"] == 2


@ON_ONE_PAIR
def test_a_slow_ledger_of_one_organisation_does_not_keep_another_waiting(town: Town) -> None:
    slow, quick = town.firm("Slow", 1), town.firm("Quick", 3)
    _arm(town, slow, "slow", READING, 2, delay_seconds=20)
    slow.go_live()
    quick.go_live()
    town.until(quick.is_done)
    assert slow.mails() == []
    town.until(slow.is_done)
    assert [quick.check().mails, slow.check().mails] == [3, 1]


@ON_ONE_PAIR
def test_without_the_ledgers_name_or_a_safe_line_nothing_leaves(town: Town) -> None:
    firm = town.firm("Nameless", 1)
    for address in ("http://ledger.invalid", f"https://localhost:{town.stage.sandbox_port}"):
        with worker_with(town, XERO_API_URL=address):
            firm.go_live()
            town.until(lambda: _says(firm, "could not be asked"))
            assert firm.mails() == []
        town.pass_time(timedelta(minutes=2))
    town.until(firm.is_done)
    assert firm.check().states == {"delivered": 1}
