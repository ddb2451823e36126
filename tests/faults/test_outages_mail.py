"""The mail provider refuses, is busy, breaks down, keeps silent, or takes a mail and never says so.

What it surely did not take is tried again; what it may have taken is never sent a second time: its own report
settles it, or it stays unknown and is shown.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from tests.faults.outages import town_on, worker_with
from tests.faults.town import Firm, Town
from tests.support.turns import PAIRS

ROUNDS = int(os.environ.get("DUNNOCK_FAULT_ROUNDS", "1"))
"""How often the list of faults is gone through; a long run sets some dozens."""
UNSURE = ("500", "502", "503", "504")
"""Answers of which nobody can tell whether the mail was taken."""
NOT_NOW = ("429", "401", "403", "404")
NEVER = ("400", "413")
ON_ONE_PAIR = pytest.mark.parametrize("town", PAIRS[:1], indirect=True)
"""What has nothing to do with the database is looked at on one of them."""


@pytest.fixture(scope="module", params=PAIRS)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_on(request.param, request, tmp_path_factory.mktemp("town")) as found:
        yield found


def _arm(town: Town, *answers: str, **how: object) -> None:
    """The next mails meet these answers, one each."""
    for answer in answers:
        town.lever("POST", "/sandbox/mail/faults", {"answer": answer, **how})


def _report(town: Town, **how: bool) -> None:
    """How the provider's reports come: held back, each twice, in the wrong order."""
    town.lever("POST", "/sandbox/mail/events", how)


def _firm(town: Town, customers: int) -> Firm:
    return town.firm(f"Firm {len(town.firms)}", customers)


def test_what_was_taken_although_nobody_said_so_is_settled_by_the_providers_report(town: Town) -> None:
    faults = [*UNSURE, "drop-after"] * ROUNDS
    firm = _firm(town, len(faults))
    _report(town, hold=True, duplicate=True, reverse=True)
    _arm(town, *faults, accept=True)
    firm.go_live()
    town.until(lambda: set(firm.statuses()) == {"unknown"})
    town.pass_time(timedelta(minutes=20))
    assert len(firm.mails()) == len(faults)
    _report(town, hold=False, duplicate=False, reverse=False)
    town.until(lambda: set(firm.statuses()) == {"delivered"})
    town.until(firm.is_done)
    assert firm.check().mails == len(faults)


def test_what_may_have_been_taken_is_never_sent_again(town: Town) -> None:
    faults = [*UNSURE, "drop-before"] * ROUNDS
    firm = _firm(town, len(faults))
    _arm(town, *faults, accept=False)
    firm.go_live()
    town.until(lambda: set(firm.statuses()) == {"unknown"})
    for _ in range(3):
        town.pass_time(timedelta(minutes=20))
        _let_a_mail_pass(town)
    assert firm.mails() == []
    assert all("did not say" in chaser["reason"] for chaser in firm.chasers())
    assert firm.check().states == {"unknown": len(faults)}


def _let_a_mail_pass(town: Town) -> None:
    """Whatever was due before has had its turn when a later one is through."""
    firm = town.firm(f"Firm {len(town.firms)}", 1, live=True)
    town.until(firm.is_done)


@ON_ONE_PAIR
def test_a_provider_that_keeps_silent_is_not_asked_twice(town: Town) -> None:
    firm = _firm(town, 1)
    _arm(town, "hang", accept=True, seconds=40)
    firm.go_live()
    town.until(lambda: firm.statuses() in (["unknown"], ["delivered"]))
    town.until(firm.is_done)
    assert firm.check().states == {"delivered": 1}


@ON_ONE_PAIR
def test_what_was_surely_not_taken_leaves_when_the_provider_takes_mails_again(town: Town) -> None:
    firm = _firm(town, 2)
    _arm(town, *NOT_NOW)
    asked = _times_asked(town)
    firm.go_live()
    for _ in NOT_NOW:
        asked += 1
        town.until(partial(_has_asked, town, firm, asked))
        town.pass_time(timedelta(minutes=11))
    town.until(firm.is_done)
    assert firm.check().states == {"delivered": 2}


def _has_asked(town: Town, firm: Firm, times: int) -> bool:
    """Whether the provider was asked so often, and what it said is stored."""
    return _times_asked(town) >= times and "sending" not in firm.statuses()


def _times_asked(town: Town) -> int:
    """How often the provider was asked to take a mail."""
    return len([one for one in town.lever("GET", "/sandbox/requests") if one["path"] == "/v3/mail/send"])


def _says(firm: Firm, words: str) -> bool:
    """Whether a chaser that waits says so."""
    return any(words in str(chaser["reason"]) for chaser in firm.chasers())


@ON_ONE_PAIR
def test_what_the_provider_will_never_take_has_failed_with_its_words(town: Town) -> None:
    firm = _firm(town, len(NEVER) + 1)
    _arm(town, *NEVER)
    firm.go_live()
    town.until(firm.is_done)
    assert firm.check().states == {"failed": len(NEVER), "delivered": 1}
    failed = Counter(chaser["reason"] for chaser in firm.chasers() if chaser["status"] == "failed")
    assert any("Sender Identity" in words for words in failed)


@ON_ONE_PAIR
def test_without_the_providers_name_or_a_safe_line_nothing_counts_as_handed_over(town: Town) -> None:
    firm = _firm(town, 2)
    for address in ("http://mail.invalid", f"https://localhost:{town.stage.sandbox_port}"):
        with worker_with(town, SENDGRID_API_URL=address):
            firm.go_live()
            town.until(lambda: _says(firm, "could not be reached"))
            assert set(firm.statuses()) == {"planned"}
        town.pass_time(timedelta(minutes=2))
    town.until(firm.is_done)
    assert firm.check().states == {"delivered": 2}
