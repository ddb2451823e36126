"""A customer says that it has paid: the invoices rest, the payment shows or somebody decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine

from kit import clock
from kit.errors import UserError
from services import paid_claims
from store.models import Hold, Invoice, Organisation, PaidClaim, TeamTask
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
        yield hand()


def claim(stage: Stage, **values: Any) -> PaidClaim:
    given: dict[str, Any] = {"paid_on": date(2026, 11, 13), "amount": Decimal("1234.50"), "currency": "GBP"}
    given |= {"reference": "FP-77", "by": "Anna Hale", "now": clock.now(), "invoice_ids": [stage.invoice_id]}
    given |= values
    with stage.app.database.write(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        return paid_claims.claim(session, organisation, stage.contact_id, **given)


def standing_holds(stage: Stage) -> list[Hold]:
    return [hold for hold in stage.holds() if hold.released_at is None]


def look(stage: Stage) -> None:
    if stage.organisation_id in paid_claims.due(stage.app):
        paid_claims.look(stage.app, stage.organisation_id)


def close(stage: Stage) -> None:
    with stage.app.database.write(stage.organisation_id) as session:
        invoice = session.get_one(Invoice, (stage.organisation_id, stage.invoice_id))
        invoice.status, invoice.amount_due = "PAID", Decimal(0)


def test_what_is_said_to_be_paid_rests_and_what_was_planned_about_it_is_cancelled(stage: Stage) -> None:
    claim(stage)
    (hold,) = stage.holds()
    assert (hold.kind, hold.invoice_id) == ("paid_claim", stage.invoice_id)
    assert hold.reason == (
        "Paid GBP 1,234.50 on 13 November 2026, reference FP-77. The payment has until 23 November 2026 to show"
    )
    assert sorted(note.target for note in stage.notes()) == ["contact", "invoice"]


def test_when_the_payment_shows_the_claim_is_settled_by_itself(stage: Stage) -> None:
    claim(stage)
    look(stage)
    assert len(standing_holds(stage)) == 1
    close(stage)
    look(stage)
    (row,) = stage.all(PaidClaim)
    assert (row.state, row.settled_by) == ("shown", "the ledger")
    assert standing_holds(stage) == [] and paid_claims.due(stage.app) == []


def test_when_it_does_not_show_in_time_it_stays_on_hold_until_a_person_decides(
    stage: Stage, traveller: Any
) -> None:
    row = claim(stage)
    traveller.shift(timedelta(days=7))
    look(stage)
    assert stage.all(PaidClaim)[0].state == "resting", "the last day belongs to it"
    traveller.shift(timedelta(days=1))
    look(stage)
    assert stage.all(PaidClaim)[0].state == "missing"
    (hold,) = standing_holds(stage)
    assert "has not shown by 23 November 2026" in hold.reason
    (task,) = stage.all(TeamTask)
    assert (task.kind, task.due_on, task.finished_at) == ("paid_claim", date(2026, 11, 24), None)
    with stage.app.database.write(stage.organisation_id) as session:
        paid_claims.refute(session, stage.organisation_id, row.id, by="Anna Hale", now=clock.now())
    assert standing_holds(stage) == [] and stage.all(TeamTask)[0].finished_at is not None
    with (
        pytest.raises(UserError, match="settled already"),
        stage.app.database.write(stage.organisation_id) as session,
    ):
        paid_claims.withdraw(session, stage.organisation_id, row.id, by="Anna Hale", now=clock.now())


def test_it_can_be_given_more_time(stage: Stage, traveller: Any) -> None:
    row = claim(stage)
    traveller.shift(timedelta(days=8))
    look(stage)
    with stage.app.database.write(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        paid_claims.wait_longer(session, organisation, row.id, by="Anna Hale", now=clock.now())
    (row,) = stage.all(PaidClaim)
    assert (row.state, row.rest_until) == ("resting", date(2026, 12, 1))


def test_said_twice_it_rests_once(stage: Stage) -> None:
    assert claim(stage).id == claim(stage, reference="again").id
    assert len(stage.holds()) == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"amount": Decimal(5), "currency": "XXX"}, "None of these invoices is in XXX; they are in GBP"),
        ({"amount": Decimal("0.001"), "currency": "GBP"}, "more decimals than GBP has"),
        ({"paid_on": date(2026, 11, 17)}, "still to come"),
        ({"amount": Decimal(0)}, "more than nothing"),
        ({"currency": None}, "together with its currency"),
        ({"invoice_ids": ["0" * 32]}, "none of these invoices as open"),
    ],
)
def test_what_cannot_be_is_said(stage: Stage, values: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        claim(stage, **values)
    assert stage.holds() == []
