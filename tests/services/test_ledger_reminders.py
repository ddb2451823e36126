"""The ledger's own reminders: asked about once a day, and what is known stays where the ledger is silent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.ledger import Lane
from services.ledger_reminders import ask, ask_daily
from tests.services.connection_stage import Stage, stage

_PATH = "/api.xro/2.0/InvoiceReminders"


@pytest.fixture
def play(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Stage]:
    with stage(tmp_path, database_url, redis_url) as staged:
        yield staged


def test_reminders_that_were_switched_on_later_are_known_the_next_day_by_one_call(play: Stage) -> None:
    organisation_id = play.connected(reminders_enabled=True)
    play.change(organisation_id, own_reminders=False)
    before = len(play.requests(_PATH))
    ask_daily(play.app, organisation_id)
    assert (play.row(organisation_id).own_reminders, len(play.requests(_PATH))) == (False, before)
    play.later(advance_days=1)
    for _ in range(3):
        ask_daily(play.app, organisation_id)
    assert (play.row(organisation_id).own_reminders, len(play.requests(_PATH))) == (True, before + 1)


def test_while_the_ledger_is_silent_what_was_known_holds(play: Stage) -> None:
    organisation_id = play.connected(reminders_enabled=True)
    play.fault("500", _PATH, times=5)
    assert ask(play.app, organisation_id, Lane.NEWS) is True
    assert play.row(organisation_id).own_reminders is True
