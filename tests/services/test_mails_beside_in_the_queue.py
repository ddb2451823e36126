"""Mails that no step sends stand in the queue with the reminders, and people have the last word on them too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from credit_control.occasions import OccasionKind
from kit import clock
from kit.errors import UserError
from services import notice_text, preferences, queue_actions
from services.outlook import outlook
from services.outlook_shapes import Beside
from services.queue_actions import Action, Result, Wish
from store.queries.notices import Colleague
from tests.services.other_mails import others, paid, want
from tests.services.test_thanks import TUESDAY, chased
from tests.support.chasing import Chasing

STATEMENT, THANKS = OccasionKind.STATEMENT, OccasionKind.THANKS
ANNA = Colleague("p1", "Anna Hale", "anna@hedgerow.example", "en")
FIRST = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
"""The morning of the day of statements, before mails leave."""
NOON = FIRST.replace(hour=12)


def statement_due(org: Chasing) -> str:
    """A statement that is to leave today; its customer."""
    customer = org.customer()
    org.invoice(customer, "INV-1", -60, "100.00")
    org.mirror()
    org.switch("live")
    want(org, STATEMENT)
    org.move_to(FIRST)
    org.plan()
    return customer


def queued(org: Chasing) -> list[Beside]:
    return [one for day in outlook(org.app, org.organisation_id).days for one in day.beside]


def act(org: Chasing, key: str, action: Action, **more: str) -> Result:
    (result,) = queue_actions.act(
        org.app,
        org.organisation_id,
        [key],
        Wish(action, "Anna Hale", **more),  # type: ignore[arg-type]
    )
    return result


def later(org: Chasing) -> None:
    """The rules look at everybody, and what is due leaves."""
    org.plan()
    if clock.now() < NOON:
        org.move_to(NOON)
    org.shift(minutes=1)
    org.send()


def test_they_stand_on_the_day_on_which_they_leave(org: Chasing) -> None:
    statement_due(org)
    (day,) = outlook(org.app, org.organisation_id).days
    assert (day.on, day.mails, day.beside_count) == (FIRST.date(), 0, 1)
    (one,) = day.beside
    assert (one.mail.name, one.mail.contact_name) == ("Statement", "Bellwether Books")
    assert {code: str(sum_) for code, sum_ in one.amounts.items()} == {"GBP": "100.00"}
    (day,) = outlook(org.app, org.organisation_id, FIRST.date()).days
    assert len(day.beside) == 1


def test_where_every_message_needs_a_yes_they_wait_for_it_too(org: Chasing) -> None:
    preferences.change_approval(org.app, org.organisation_id, "every_message")
    statement_due(org)
    (one,) = queued(org)
    assert one.needs_go and one.mail.reason == "It waits for a person’s yes, as every message does here."
    later(org)
    assert org.mailer.taken == []
    assert act(org, one.key, Action.APPROVE).done
    later(org)
    assert len(org.mailer.taken) == 1
    (row,) = others(org, STATEMENT, "sent")
    assert "Anna Hale said yes to it." in [reason["text"] for reason in row.reasons]


def test_what_is_planned_waits_as_soon_as_approval_is_wanted(org: Chasing) -> None:
    statement_due(org)
    for wish, status in (("every_message", "held"), ("formal_steps", "planned"), ("every_message", "held")):
        preferences.change_approval(org.app, org.organisation_id, wish)
        org.plan()
        assert [row.status for row in others(org, STATEMENT)] == [status]


def test_approval_wanted_at_the_last_moment_still_keeps_it_back(org: Chasing) -> None:
    statement_due(org)
    org.change(approval="every_message")  # the rules have not looked since
    org.move_to(NOON)
    org.send()
    assert org.mailer.taken == []
    org.plan(everything=True)
    assert [row.status for row in others(org, STATEMENT)] == ["held"]


def test_a_yes_is_to_what_was_seen_and_to_nothing_else(org: Chasing) -> None:
    preferences.change_approval(org.app, org.organisation_id, "every_message")
    customer = statement_due(org)
    (seen,) = queued(org)
    assert act(org, seen.key, Action.APPROVE).done
    org.invoice(customer, "INV-2", -50, "80.00")
    org.mirror()
    later(org)
    assert org.mailer.taken == []
    assert not act(org, seen.key, Action.APPROVE).done
    (now,) = queued(org)
    assert now.needs_go and act(org, now.key, Action.APPROVE).done


def test_nobody_said_yes_so_it_comes_again_and_says_so(org: Chasing) -> None:
    preferences.change_approval(org.app, org.organisation_id, "every_message")
    statement_due(org)
    org.move_to(datetime(2026, 12, 2, 8, 0, tzinfo=UTC))
    org.plan()
    (one,) = queued(org)
    assert one.needs_go and "Nobody had said yes" in (one.mail.reason or "")


def test_one_is_left_out_for_good_with_the_reason(org: Chasing) -> None:
    statement_due(org)
    (one,) = queued(org)
    with pytest.raises(UserError, match="Say why"):
        act(org, one.key, Action.SKIP)
    assert act(org, one.key, Action.SKIP, reason="They have rung").done
    later(org)
    org.plan(everything=True)
    org.send()
    assert org.mailer.taken == [] and queued(org) == []
    (row,) = others(org, STATEMENT)
    assert (row.status, row.reason) == ("cancelled", "Left out by Anna Hale: They have rung")


def test_at_once_is_refused_with_a_true_sentence_and_a_hold_stops_it(org: Chasing) -> None:
    statement_due(org)
    (one,) = queued(org)
    refused = act(org, one.key, Action.SEND_NOW)
    assert not refused.done and "Only reminders can be sent at once" in refused.said
    assert act(org, one.key, Action.HOLD, reason="Talks").done
    later(org)
    assert org.mailer.taken == []


def test_thanks_need_a_yes_as_well(org: Chasing) -> None:
    invoices = chased(org, "INV-1")
    preferences.change_approval(org.app, org.organisation_id, "every_message")
    want(org, THANKS)
    paid(org, *invoices)
    org.move_to(TUESDAY)
    org.plan()
    org.send()
    assert org.mailer.taken == []
    (one,) = queued(org)
    assert act(org, one.key, Action.APPROVE).done
    org.plan()
    org.shift(minutes=5)
    org.send()
    assert len(org.mailer.taken) == 1
    assert clock.now() > TUESDAY


def test_the_notice_of_the_evening_counts_them(org: Chasing) -> None:
    invoices = chased(org, "INV-1")
    want(org, THANKS)
    paid(org, *invoices)
    (day,) = outlook(org.app, org.organisation_id, TUESDAY.date()).days
    subject, text = notice_text.evening(org.organisation(), ANNA, day, 0, "https://dunnock.example")
    assert subject == "Tomorrow: 1 mail for Fake Ltd"
    assert "1 mail leaves on Tuesday 17 November 2026." in text and "It is no reminder." in text
