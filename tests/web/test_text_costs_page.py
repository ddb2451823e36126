"""What text messages cost, where people look for it: beside the message and month by month."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from kit import clock
from kit.ids import derived_id
from services.app import App
from store.models import Communication
from tests.support.cast import Cast
from tests.support.visitor import Member


@pytest.fixture
def texts(dunnock: App, stage: Cast) -> list[str]:
    """Three text messages to the customer: one with its cost, one that is asked about, one that nobody asks about more."""
    now = clock.now()
    more: list[dict[str, Any]] = [
        {"cost_millionths": 8_300, "cost_currency": "USD"}, {"ask_cost_at": now}, {},
    ]  # fmt: skip
    rows = [
        Communication(
            organisation_id=stage.organisation_id, id=derived_id("text", str(place)), direction="out", channel="sms",
            kind="chaser", status="delivered", contact_id=stage.contact_id, sent_at=now, created_at=now, segments=2,
            to=["+447400123456"], body_text="Please pay.", step_name="Text message", **fields,
        )
        for place, fields in enumerate(more)
    ]  # fmt: skip
    with dunnock.database.write(stage.organisation_id) as session:
        session.add_all(rows)
    return [row.id for row in rows]


def test_beside_each_text_message_stands_what_it_cost_or_that_nobody_said(
    owner: Member, stage: Cast, texts: list[str]
) -> None:
    said = owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    assert "2 segments, cost USD 0.0083." in said
    assert "2 segments. Twilio has not said yet what it cost." in said
    assert "2 segments. Twilio has not said what it cost." in said


def test_the_texts_page_sums_each_month_and_guesses_nothing(
    owner: Member, stage: Cast, texts: list[str]
) -> None:
    said = owner.words(f"{stage.home}/templates")
    month = datetime.now(clock.now().tzinfo).strftime("%B %Y")
    assert f"{month} 3 6 USD 0.0083 and 2 text messages of which Twilio has not said it" in said


def test_without_text_messages_there_is_no_word_of_their_cost(owner: Member, stage: Cast) -> None:
    assert "What text messages cost" not in owner.words(f"{stage.home}/templates")
