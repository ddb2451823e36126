"""Other programs are told of special terms: agreed, changed, taken back, and over after their last day, each once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from jobs import clock as rounds
from services import doors
from services.credit import terms_events
from store.models import FeedEvent
from tests.services.test_special_terms import agree, take_back, today
from tests.support.chasing import Chasing


def told(org: Chasing) -> list[tuple[str, str]]:
    with org.app.database.read(org.organisation_id) as session:
        found = select(FeedEvent).where(FeedEvent.kind.startswith("special_terms"))
        rows = session.scalars(found.order_by(FeedEvent.created_at, FeedEvent.rank)).all()
        return [(one.kind.removeprefix("special_terms_"), one.title or "") for one in rows]


def a_day_passes(org: Chasing, days: int) -> None:
    org.shift(days=days)
    for organisation_id in terms_events.due(org.app):
        terms_events.work(org.app, organisation_id)


@pytest.fixture
def contact(org: Chasing) -> str:
    found = org.customer()
    org.invoice(found, "INV-1", -20, "1000")
    org.mirror()
    return found


def test_agreed_changed_and_taken_back_are_told_with_what_was_before(org: Chasing, contact: str) -> None:
    agree(org, contact, amount=Decimal(50), currency="GBP")
    agree(org, contact, amount=Decimal(50), currency="GBP")
    take_back(org, agree(org, contact, due_days=60))
    kinds, (first, second, third) = [kind for kind, _ in told(org)], [title for _, title in told(org)]
    assert kinds == ["agreed", "changed", "ended"]
    assert first.startswith("Special terms agreed: GBP 50.00 off if paid by")
    assert (
        second.startswith("Special terms changed: due 60 days after") and "until now GBP 50.00 off" in second
    )
    assert third.startswith("Special terms taken back: due 60 days after")


def test_the_event_names_the_invoice_says_why_and_leads_to_what_was_written_down(
    org: Chasing, contact: str
) -> None:
    row = agree(org, contact, "INV-1", percent=Decimal(2), why="Long-standing customer")
    with org.app.database.read(org.organisation_id) as session:
        (event,) = session.scalars(select(FeedEvent).where(FeedEvent.kind == "special_terms_agreed")).all()
        assert (event.text, event.invoice_ids) == ("Long-standing customer", [row.invoice_id])
        assert event.communication_id and event.contact_id == row.contact_id


def test_after_their_last_day_they_are_told_to_be_over_once(org: Chasing, contact: str) -> None:
    agree(org, contact, until=today(org) + timedelta(days=3), percent=Decimal(2))
    a_day_passes(org, 3)
    assert [kind for kind, _ in told(org)] == ["agreed"]
    for days in (1, 0, 5):
        a_day_passes(org, days)
    assert [kind for kind, _ in told(org)] == ["agreed", "expired"]
    assert terms_events.due(org.app) == []


def test_terms_that_were_changed_or_taken_back_are_not_told_to_be_over(org: Chasing, contact: str) -> None:
    soon = today(org) + timedelta(days=2)
    agree(org, contact, until=soon, percent=Decimal(2))
    agree(org, contact, until=soon + timedelta(days=10), percent=Decimal(3))
    take_back(org, agree(org, contact, "INV-1", until=soon, percent=Decimal(4)))
    a_day_passes(org, 4)
    assert [kind for kind, _ in told(org)] == ["agreed", "changed", "agreed", "ended"]
    a_day_passes(org, 20)
    assert [kind for kind, _ in told(org)][4:] == ["expired"]


def test_terms_after_those_that_are_over_are_agreed_anew(org: Chasing, contact: str) -> None:
    agree(org, contact, until=today(org), percent=Decimal(2))
    a_day_passes(org, 2)
    agree(org, contact, percent=Decimal(2))
    assert [kind for kind, _ in told(org)] == ["agreed", "expired", "agreed"]


def test_the_clock_looks_for_terms_that_are_over(org: Chasing, contact: str) -> None:
    agree(org, contact, until=today(org), percent=Decimal(2))
    org.shift(days=2)
    (notices,) = (one for one in rounds.ROUNDS if one.door == doors.NOTICES)
    assert org.organisation_id in notices.find(org.app)
