"""Nobody who has answered is forgotten: the owner is reminded each day until somebody has looked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from kit import clock
from kit.ids import new_id
from services import replies, reply_reminders
from store.models import InternalNotice, Membership, Person, Reply
from tests.services.mail_stage import Stage, stage_hand

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
"""A Monday."""


@pytest.fixture
def traveller() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def stage(database_url: str, tmp_path: Path, traveller: Any) -> Iterator[Stage]:
    with stage_hand(database_url, tmp_path) as hand:
        stage = hand()
        with stage.app.database.write_across() as session:
            anna = Person(
                id=new_id(), subject=new_id(), name="Anna Hale", email="anna@h.example", created_at=NOON
            )  # fmt: skip
            session.add(anna)
            session.flush()
            session.add(Membership(organisation_id=stage.organisation_id, person_id=anna.id, role="owner"))
        with stage.app.database.write(stage.organisation_id) as session:
            replies.take(
                session, stage.organisation_id, stage.contact_id, channel="page", text="We look into it.",
                now=clock.now(), key="1",
            )  # fmt: skip
        yield stage


def remind(stage: Stage) -> list[InternalNotice]:
    for organisation_id in reply_reminders.due(stage.app):
        reply_reminders.remind(stage.app, organisation_id)
    return stage.all(InternalNotice)


def test_until_its_day_is_over_nobody_is_reminded_and_then_once_a_day(stage: Stage, traveller: Any) -> None:
    traveller.shift(timedelta(days=3))
    assert remind(stage) == []
    traveller.shift(timedelta(days=1))
    (notice,) = remind(stage)
    assert notice.to == "anna@h.example" and notice.status == "pending"
    assert notice.subject == "1 reply waits for you at Hedgerow Joinery"
    assert "Ashdown Interiors, to be looked at by 19 November 2026: “We look into it.”" in notice.body
    assert len(remind(stage)) == 1
    traveller.shift(timedelta(days=1))
    assert len(remind(stage)) == 2


def test_what_was_looked_at_is_left_alone(stage: Stage, traveller: Any) -> None:
    with stage.app.database.write(stage.organisation_id) as session:
        session.query(Reply).one().state = "settled"
    traveller.shift(timedelta(days=9))
    assert remind(stage) == []
