"""How right reminders were is kept, and told anew once anything becomes of a mail: it leaves, comes back, or is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine

from kit import clock
from services import kept_results, mail_events, paid_claims, presets, replies, settling_replies, unknown_mails
from services.app import App
from services.figures import reminders
from services.figures.reminders import Reminders
from services.reply_acts import Terms
from services.understanding import Meaning
from store.models import CommunicationInvoice, Organisation, PaidClaim
from tests.services.mail_stage import LONG_AGO, Stage, stage_hand
from tests.support.chasing import Chasing
from tests.support.kept_results import all_told, all_worked_out

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    with stage_hand(database_url, tmp_path) as hand, time_machine.travel(NOON, tick=True):
        found = hand()
        with found.app.database.write(found.organisation_id) as session:
            presets.install(session, found.organisation_id, clock.now())
        yield found


def told(app: App, key: str) -> dict[str, Reminders]:
    """Those of the year, from what is kept; and all that is kept is what would be worked out now."""
    found = all_told(app, key)
    assert found == all_worked_out(app, key)
    with app.database.read(key) as session:
        organisation = session.get_one(Organisation, key)
        kept = reminders.OF_A_YEAR.kept(session, organisation, clock.today(organisation.timezone))
    assert kept is not None
    return kept


def within(stage: Stage, act: Callable[..., Any], **how: Any) -> Any:
    with stage.app.database.write(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        return act(session, organisation, by="Anna Hale", now=clock.now(), **how)


def test_it_is_told_anew_whatever_becomes_of_a_mail(stage: Stage) -> None:
    app, key = stage.app, stage.organisation_id
    assert told(app, key) == {"GBP": Reminders(1, 0, 0)}
    assert reply_settled_as_paid(stage) == {"GBP": Reminders(1, 1, 0)}
    assert told(app, key) == {"GBP": Reminders(1, 0, 0)}, "taken back"
    stage.receive("sendgrid_events", "1", stage.event("delivered"))
    mail_events.handle(app)
    assert told(app, key) == {"GBP": Reminders(1, 0, 0)}
    stage.receive(
        "sendgrid_events", "2", stage.event("bounce", type="bounce", status="5.1.1", reason="No such box")
    )
    mail_events.handle(app)
    assert told(app, key) == {"GBP": Reminders(1, 1, 0)}


def reply_settled_as_paid(stage: Stage) -> dict[str, Reminders]:
    """An answer to the reminder that says it is paid; settled so, told, and taken back."""
    with stage.app.database.write(stage.organisation_id) as session:
        reply = replies.take(
            session, stage.organisation_id, stage.contact_id, now=clock.now(), key="1", channel="page",
            text="It is paid.", from_name="Priya Nair", invoice_ids=[stage.invoice_id], in_reply_to=stage.chaser_id,
        ).id  # fmt: skip
    told(stage.app, stage.organisation_id)
    within(stage, settling_replies.settle, reply_id=reply, as_="paid", terms=Terms(reference="FP-77"))
    found = told(stage.app, stage.organisation_id)
    within(stage, settling_replies.undo, reply_id=reply)
    return found


def test_it_is_told_anew_once_a_claim_is_withdrawn(stage: Stage) -> None:
    with stage.app.database.write(stage.organisation_id) as session:
        replies.take(
            session, stage.organisation_id, stage.contact_id, now=clock.now(), key="1", channel="page",
            text="It is paid.", from_name="Priya Nair", invoice_ids=[stage.invoice_id], in_reply_to=stage.chaser_id,
            meaning=Meaning.PAID, details={"on": "2026-11-13"},
        )  # fmt: skip
    assert told(stage.app, stage.organisation_id) == {"GBP": Reminders(1, 1, 0)}
    (claim,) = stage.all(PaidClaim)
    with stage.app.database.write(stage.organisation_id) as session:
        paid_claims.withdraw(session, stage.organisation_id, claim.id, by="Anna Hale", now=clock.now())
    assert told(stage.app, stage.organisation_id) == {"GBP": Reminders(1, 0, 0)}


def test_it_is_told_anew_once_a_person_says_that_a_mail_left(stage: Stage) -> None:
    unknown = stage.add_chaser("unknown", handed_over_at=LONG_AGO, sent_at=None)
    with stage.app.database.write(stage.organisation_id) as session:
        session.add(
            CommunicationInvoice(
                organisation_id=stage.organisation_id, communication_id=unknown, invoice_id=stage.invoice_id,
                position=1, currency="GBP", amount_due=Decimal("1234.50"),
            )
        )  # fmt: skip
    assert told(stage.app, stage.organisation_id) == {"GBP": Reminders(1, 0, 0)}
    with stage.app.database.write(stage.organisation_id) as session:
        unknown_mails.settle(session, stage.organisation_id, unknown, left=True, by="Anna Hale")
    assert told(stage.app, stage.organisation_id) == {"GBP": Reminders(2, 0, 0)}


def test_it_is_told_anew_once_mails_leave_and_the_ledger_says_when_they_were_paid(org: Chasing) -> None:
    contact = org.customer()
    invoice = org.invoice(contact, "INV-1", 20, "250.00")
    org.mirror()
    org.switch("live")
    assert told(org.app, org.organisation_id) == {}
    org.plan()
    org.send()
    assert told(org.app, org.organisation_id) == {"GBP": Reminders(1, 0, 0)}
    org.ledger.pay(invoice)
    org.ledger.change_invoice(invoice, fully_paid_on=clock.now().date() - timedelta(days=3))
    org.shift(seconds=5)
    org.mirror()
    assert told(org.app, org.organisation_id) == {"GBP": Reminders(1, 0, 1)}
    org.shift(days=30)
    told(org.app, org.organisation_id)
    with org.app.database.write(org.organisation_id) as session:
        session.get_one(Organisation, org.organisation_id).timezone = "Pacific/Auckland"
    kept_results.renew(org.app, org.organisation_id, reminders.OF_A_YEAR)
    told(org.app, org.organisation_id)
