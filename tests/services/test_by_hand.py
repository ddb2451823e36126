"""What people do with single mails of the queue: send now, skip once, hold, approve."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kit import clock
from services import preferences, queue_actions, stopping
from services.interest import Kind
from services.late_payment_terms import Agreed, set_terms
from services.outlook import outlook
from services.outlook_shapes import Leaving
from services.preferences import choose_binding_reports
from services.queue_actions import Action, Result, Wish
from store.models import Contact, StepTaken
from tests.support.chasing import MONDAY, SATURDAY, Chasing, chasing

EVENING = SATURDAY.replace(hour=21, minute=10)


@pytest.fixture
def weekend(database_url: str, tmp_path: Path):  # type: ignore[no-untyped-def]
    """A live organisation on a Saturday evening, with one chaser planned for Monday."""
    with chasing(database_url, tmp_path, now=EVENING) as org:
        org.one_due()
        org.change(synced_at=clock.now())
        yield org


@pytest.fixture
def org(database_url: str, tmp_path: Path):  # type: ignore[no-untyped-def]
    with chasing(database_url, tmp_path) as org:
        org.change(synced_at=clock.now())
        yield org


def queued(org: Chasing) -> list[Leaving]:
    """All mails of the queue, as they are shown."""
    return [mail for day in outlook(org.app, org.organisation_id).days for mail in day.leaving]


def act(org: Chasing, mail: Leaving | str, action: Action, **more: object) -> Result:
    key = mail if isinstance(mail, str) else mail.key
    wish = Wish(action, "Anna Hale", **more)  # type: ignore[arg-type]
    (result,) = queue_actions.act(org.app, org.organisation_id, [key], wish)
    return result


def test_outside_the_window_it_leaves_at_once_after_a_second_yes(weekend: Chasing) -> None:
    mail, *_ = queued(weekend)
    first = act(weekend, mail, Action.SEND_NOW)
    assert first.asks_again
    assert "Saturday 14 November 2026, 21:10" in first.said
    weekend.send()
    assert weekend.mailer.taken == []

    assert act(weekend, mail, Action.SEND_NOW, outside_hours=True).done
    weekend.plan(everything=True)
    weekend.send()
    assert len(weekend.mailer.taken) == 1
    chaser = weekend.only_chaser()
    assert chaser.checked_at
    assert "Anna Hale has it leave at once" in chaser.reasons[-1]["text"]


def test_nobody_hurries_a_mail_past_a_limit_of_the_customers_country(weekend: Chasing) -> None:
    mail, *_ = queued(weekend)
    choose_binding_reports(weekend.app, weekend.organisation_id, ["CL"])
    with weekend.app.database.write(weekend.organisation_id) as session:
        session.get_one(Contact, (weekend.organisation_id, mail.contact_id)).country = "CL"
        set_terms(
            session, weekend.organisation_id, mail.contact_id, Agreed(None), kind=Kind.INDIVIDUAL,
            longer_term_fair=False, by="Ben", now=clock.now(),
        )  # fmt: skip
    weekend.move_to(EVENING.replace(day=EVENING.day + 1, hour=12))
    weekend.change(synced_at=clock.now())
    result = act(weekend, mail, Action.SEND_NOW, outside_hours=True)
    assert not result.done
    assert "In Chile consumers may be contacted about a debt from Monday to Saturday" in result.said
    assert "Possible again from Monday" in result.said


def test_inside_the_window_nobody_is_asked_twice(org: Chasing) -> None:
    org.move_to(MONDAY.replace(hour=9, minute=31))
    org.one_due()
    org.change(synced_at=clock.now())
    assert act(org, queued(org)[0], Action.SEND_NOW).done
    org.send()
    assert len(org.mailer.taken) == 1


def test_what_was_paid_meanwhile_does_not_leave_however_urgent(weekend: Chasing) -> None:
    mail, *_ = queued(weekend)
    act(weekend, mail, Action.SEND_NOW, outside_hours=True)
    weekend.ledger.pay(next(iter(weekend.ledger.invoice_book)))
    weekend.send()
    assert weekend.mailer.taken == []
    assert weekend.only_chaser().status == "cancelled"


def test_a_brake_keeps_it_back_and_says_so(weekend: Chasing) -> None:
    mail, *_ = queued(weekend)
    stopping.stop(weekend.app, weekend.organisation_id, "audit", "Ben Okafor")
    refused = act(weekend, mail, Action.SEND_NOW, outside_hours=True)
    assert not refused.done
    assert "Ben Okafor stopped all mail: audit" in refused.said


def test_the_gap_to_the_last_message_keeps_it_back(org: Chasing) -> None:
    first = org.one_due(overdue=8)
    org.move_to(MONDAY.replace(hour=11, minute=30))
    org.send()
    contact = org.ledger.invoice_book[first].contact_id
    org.invoice(contact, "INV-2", 2)
    org.mirror()
    org.plan(everything=True)
    mail = next(one for one in queued(org) if one.status == "planned")
    refused = act(org, mail, Action.SEND_NOW, outside_hours=True)
    assert not refused.done
    assert "4 days must pass" in refused.said
    org.send()
    assert len(org.mailer.taken) == 1


def test_what_is_only_foreseen_cannot_be_sent(org: Chasing) -> None:
    org.one_overdue(overdue=0)
    org.switch("live")
    refused = act(org, queued(org)[0], Action.SEND_NOW)
    assert not refused.done
    assert "its step is not due yet" in refused.said


def test_what_could_not_leave_in_half_an_hour_waits_for_the_next_window(weekend: Chasing) -> None:
    mail, *_ = queued(weekend)
    act(weekend, mail, Action.SEND_NOW, outside_hours=True)
    weekend.shift(minutes=31)
    weekend.send()
    weekend.plan()
    chaser = weekend.only_chaser()
    assert (chaser.status, chaser.at_once_by) == ("planned", None)
    assert chaser.planned_for
    assert chaser.planned_for > MONDAY.replace(hour=9)
    assert weekend.mailer.taken == []


def test_a_mail_that_is_skipped_never_leaves_and_the_schedule_goes_on(org: Chasing) -> None:
    org.one_due()
    mail, *_ = queued(org)
    assert act(org, mail, Action.SKIP, reason="They have rung").done
    org.plan(everything=True)
    org.send()
    assert org.mailer.taken == []
    chaser = org.only_chaser()
    assert (chaser.status, chaser.reason) == ("cancelled", "Left out by Anna Hale: They have rung")
    assert {state for _, state in org.steps()} == {"skipped"}
    assert next(one.step_name for one in queued(org)) == "Second reminder"


def test_a_mail_that_is_only_foreseen_can_be_skipped_and_leaves_the_one_before_it_alone(org: Chasing) -> None:
    org.one_due()
    first, second, *_ = queued(org)
    assert second.status == "forecast"
    assert act(org, second, Action.SKIP, reason="Too soon").done
    names = [one.step_name for one in queued(org)]
    assert names[0] == first.step_name
    assert second.step_name not in names
    note = next(row for row in org._all(type(org.chasers()[0])) if row.kind == "note")
    assert "Second reminder" in (note.body_text or "")
    assert note.from_name == "Anna Hale"


def test_skipping_needs_a_reason(org: Chasing) -> None:
    org.one_due()
    with pytest.raises(Exception, match="Say why"):
        act(org, queued(org)[0], Action.SKIP, reason="  ")


def test_a_hold_from_the_queue_stops_the_customer_until_its_day(org: Chasing) -> None:
    org.one_due()
    until = clock.now().date() + timedelta(days=8)
    held = act(org, queued(org)[0], Action.HOLD, reason="On holiday", until=until)
    assert held.done and f"up to {until.day} {until:%B %Y}, that day included" in held.said
    org.plan(everything=True)
    assert all(one.on > until for one in queued(org))


def test_a_yes_is_for_what_was_on_the_page(org: Chasing) -> None:
    invoice = org.one_due()
    before = queued(org)[0]
    org.ledger.pay(invoice, "40.00")
    org.mirror()
    refused = act(org, before, Action.SKIP, reason="They have rung")
    assert not refused.done
    assert "has changed since you looked" in refused.said


def test_the_same_twice_changes_nothing_more(org: Chasing) -> None:
    org.one_due()
    mail, *_ = queued(org)
    assert act(org, mail, Action.SKIP, reason="They have rung").done
    assert not act(org, mail, Action.SKIP, reason="They have rung").done


# -- approval -------------------------------------------------------------------------------------------


def test_where_every_message_needs_a_yes_none_leaves_without(org: Chasing) -> None:
    org.one_overdue()
    preferences.change_approval(org.app, org.organisation_id, "every_message")
    org.switch("dry_run")
    org.change(chasing="live")
    (waiting,) = org.chasers("held")
    org.send()
    assert org.mailer.taken == []

    assert act(org, queued(org)[0], Action.APPROVE).done
    org.plan()
    org.shift(hours=1)
    org.send()
    assert len(org.mailer.taken) == 1
    assert "Anna Hale said yes" in org.only_chaser().reasons[-1]["text"]
    assert waiting.reason == "It waits for a person’s yes, as every message does here."


def test_what_nobody_said_yes_to_comes_again_in_the_next_window_and_says_so(org: Chasing) -> None:
    org.one_overdue()
    preferences.change_approval(org.app, org.organisation_id, "every_message")
    org.switch("dry_run")
    for _ in range(2):
        org.shift(days=1)
        org.plan(everything=True)
        (waiting,) = org.chasers("held")
        assert waiting.planned_for
        assert waiting.planned_for.date() >= clock.now().date()
        assert (waiting.reason or "").count("Nobody had said yes") == 1


def test_a_planned_mail_waits_as_soon_as_approval_is_wanted_and_goes_on_when_it_is_not(org: Chasing) -> None:
    org.move_to(MONDAY.replace(hour=8))
    org.one_overdue()
    org.switch("dry_run")
    for approval, status in (("every_message", "held"), ("formal_steps", "planned"), ("off", "planned")):
        preferences.change_approval(org.app, org.organisation_id, approval)
        org.plan()
        assert org.only_chaser().status == status, approval


def test_formal_letters_alone_wait_where_that_is_wanted(org: Chasing) -> None:
    preferences.change_approval(org.app, org.organisation_id, "formal_steps")
    org.invoice(org.customer(), "INV-1", 3)
    org.invoice(org.customer("Corvid & Crane", "cora@corvid.example"), "INV-2", 31)
    org.mirror()
    org.switch("dry_run")
    assert {row.step_name: row.status for row in org.chasers()} == {
        "First reminder": "planned",
        "Formal notice": "held",
    }


def test_what_was_skipped_stays_skipped_after_another_look(org: Chasing) -> None:
    org.one_due(overdue=8)
    mail, *_ = queued(org)
    act(org, mail, Action.SKIP, reason="They have rung")
    org.plan(everything=True)
    with org.app.database.read(org.organisation_id) as session:
        assert session.query(StepTaken).filter(StepTaken.state == "planned").count() == 0
    assert not org.chasers("planned", "held")
