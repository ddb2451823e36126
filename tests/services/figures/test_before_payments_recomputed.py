"""What went before the payments of random books against an independent recomputation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from credit_control.payer.what_worked import Worked
from kit.ids import new_id
from services.app import App
from services.payer.customer import payer_of
from store.ids import document_id
from store.models import Communication
from tests.support.mirrored import add_organisation, store_books
from tests.support.random_books import random_books
from tests.support.recomputed_before_payments import Message, before_payments

_TODAYS = (date(2026, 11, 22), date(2024, 2, 29), date(2026, 3, 1))
_ZONES = ("Europe/London", "Pacific/Auckland", "America/Los_Angeles")
_LEFT = ("sent", "delivered")


@pytest.mark.parametrize("seed", range(3))
def test_what_went_before_payments_is_what_an_independent_recomputation_says(app: App, seed: int) -> None:
    draw, followed = Random(4_000 + seed), 0
    for _ in range(8):
        today, zone = draw.choice(_TODAYS), draw.choice(_ZONES)
        books = random_books(draw, today, (12, 40, 90))
        owner = add_organisation(app, tenant_id=new_id(), timezone=zone)
        store_books(app, owner, books)
        for contact in books.contacts:
            key = document_id(owner, contact.id)
            said = _messages(app, owner, key, draw, today)
            with app.database.read(owner) as session:
                told = payer_of(session, owner, key, today, zone).worked
            paid = [one.paid_on for one in books.payments if one.contact_id == contact.id]
            again = before_payments(said, paid, today, ZoneInfo(zone))
            assert (told.payments, told.followed) == (again.days, again.after)
            assert _plain(told.by_channel) == again.by_channel
            assert _plain(told.by_weekday) == again.by_weekday
            assert _plain(told.by_sender) == again.by_sender
            assert _plain(told.by_step) == again.by_step
            followed += again.after
    assert followed > 20


def _plain(told: Mapping[str, Worked] | Mapping[int, Worked]) -> dict[object, object]:
    return {key: astuple(one) for key, one in told.items()}


def _messages(app: App, owner: str, contact_id: str, draw: Random, today: date) -> list[Message]:
    """What was said to a customer over a year and a half, at all hours; and what never left, which counts for nothing."""
    said = []
    with app.database.write(owner) as session:
        for _ in range(draw.choice((0, 5, 60, 200))):
            hour = draw.choice((0, 1, 7, 8, 12, 12, 13, 23))
            day = today - timedelta(draw.choice((draw.randint(0, 40), draw.randint(0, 540), 364, 365, 366)))
            one = Message(
                datetime.combine(day, time(hour, draw.randint(0, 59), draw.randint(0, 59)), UTC),
                draw.choice(("email", "email", "email", "sms", "call", "letter", "note")),
                draw.choice(("", "Anna Hale", "Ben Okafor")),
                draw.choice(("", "First reminder", "Second reminder", "Call")),
            )
            status = draw.choice(
                (*_LEFT, *_LEFT, *_LEFT, "cancelled", "planned", "held", "bounced", "unknown")
            )
            session.add(
                Communication(
                    organisation_id=owner, id=new_id(), direction="out", channel=one.channel, kind="chaser",
                    status=status, contact_id=contact_id, from_name=one.sender or None, step_name=one.step or None,
                    sent_at=one.at, created_at=one.at - timedelta(draw.randint(0, 3)),
                )
            )  # fmt: skip
            if status in _LEFT and one.channel != "note":
                said.append(one)
    return said
