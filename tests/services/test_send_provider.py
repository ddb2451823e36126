"""What the mail provider may answer: refused, busy, nothing at all; and what each means for a chaser."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integration.email.mailer import MailAccountProblem, MailPostponed, MailRefused, MailUnsure
from services import abandoned, send
from store.models import MailEvent
from tests.services.sending_stage import assert_planning_lets_it_stand
from tests.support.chasing import Chasing


def test_a_refused_mail_has_failed_and_its_step_is_behind(org: Chasing) -> None:
    org.one_due()
    org.mailer.failures.append(MailRefused("The address is not valid."))
    org.send()
    row = org.only_chaser()
    assert (row.status, row.reason) == ("failed", "The mail provider refused it: The address is not valid.")
    assert (2, "taken") in org.steps()
    org.plan()
    org.send()
    assert (len(org.chasers()), org.mailer.taken) == (1, [])


def test_an_account_problem_stops_all_and_ends_by_itself(org: Chasing) -> None:
    for number in range(3):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.switch("live")
    org.mailer.failures.append(MailAccountProblem("The key is wrong."))
    org.send()
    assert {row.status for row in org.chasers()} == {"planned"}
    assert "The key is wrong." in (org.organisation().sending_problem or "")
    for row in org.chasers():
        assert row.planned_for == org.organisation().retry_sending_at
        assert row.reason == "The mail provider takes nothing from us: The key is wrong."
    assert_planning_lets_it_stand(org)
    assert {state for _, state in org.steps()} == {"planned"}
    assert send.due(org.app) == []
    org.shift(minutes=11)
    org.send()
    assert len(org.mailer.taken) == 3
    assert org.organisation().sending_problem is None


def test_a_provider_that_is_busy_is_asked_again_when_it_says(org: Chasing) -> None:
    org.one_due()
    org.mailer.failures.append(MailPostponed("Too many at once.", 30))
    org.send()
    row = org.only_chaser()
    assert (row.status, row.planned_for) == ("planned", org.organisation().retry_sending_at)
    assert_planning_lets_it_stand(org)
    assert send.due(org.app) == []
    org.shift(seconds=31)
    org.send()
    assert org.mailer.times_taken == {org.only_chaser().id: 1}


@pytest.mark.parametrize("taken", [True, False])
def test_a_lost_answer_is_unknown_and_never_sent_again_by_itself(org: Chasing, taken: bool) -> None:
    org.one_due()
    (org.mailer.lost_answers if taken else org.mailer.failures).append(MailUnsure("No answer."))
    org.send()
    row = org.only_chaser()
    assert row.status == "unknown"
    assert "did not say whether it took this mail" in (row.reason or "")
    for _ in range(3):
        org.shift(hours=1)
        org.plan(everything=True, approve=True)
        org.send()
        abandoned.settle(org.app)
    assert len(org.mailer.taken) == int(taken)
    assert org.only_chaser().status == "unknown"
    assert org.ledger_notes() == []


def test_a_restored_backup_does_not_send_what_the_provider_has_reported(org: Chasing) -> None:
    org.one_due()
    row = org.only_chaser()
    with org.app.database.write_across() as session:
        moment = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
        session.add(
            MailEvent(
                key="event-1",
                communication_id=row.id,
                event="delivered",
                occurred_at=moment,
                received_at=moment,
            )
        )
    org.send()
    row = org.only_chaser()
    assert (row.status, org.mailer.taken) == ("sent", [])
    assert "reported on this mail before" in (row.reason or "")
