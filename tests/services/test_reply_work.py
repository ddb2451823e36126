"""A reply is somebody's work: it waits, is settled with what it asks for, and all of that can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from kit import clock
from kit.errors import UserError
from services import looking_again, replies, settling_replies
from services.inbound_mail import InboundFile
from services.reply_acts import Terms
from services.understanding import Meaning
from store.models import (
    Attachment,
    ContactPerson,
    Dispute,
    Hold,
    Organisation,
    PaidClaim,
    PromiseToPay,
    Reply,
    TeamTask,
)
from tests.services.mail_stage import Stage, stage_hand

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
"""A Monday."""


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    with stage_hand(database_url, tmp_path) as hand, time_machine.travel(NOON, tick=True):
        yield hand()


def take(stage: Stage, key: str = "1", **values: Any) -> str:
    given: dict[str, Any] = {"channel": "page", "text": "It is paid.", "from_name": "Priya Nair"}
    given |= {"invoice_ids": [stage.invoice_id]} | values
    with stage.app.database.write(stage.organisation_id) as session:
        return replies.take(
            session, stage.organisation_id, stage.contact_id, now=clock.now(), key=key, **given
        ).id


def settle(stage: Stage, reply_id: str, as_: str, *, keep_hold: bool = False, **terms: Any) -> None:
    with stage.app.database.write(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        settling_replies.settle(
            session, organisation, reply_id, as_, by="Anna Hale", now=clock.now(), terms=Terms(**terms),
            keep_hold=keep_hold,
        )  # fmt: skip


def undo(stage: Stage, reply_id: str) -> None:
    with stage.app.database.write(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        settling_replies.undo(session, organisation, reply_id, by="Anna Hale", now=clock.now())


def reply(stage: Stage) -> Reply:
    (row,) = stage.all(Reply)
    return row  # type: ignore[no-any-return]


def standing(stage: Stage, kind: str = "reply") -> list[Hold]:
    return [hold for hold in stage.holds() if hold.released_at is None and hold.kind == kind]


def test_what_is_said_on_the_page_is_kept_held_for_and_noted_like_a_mail(stage: Stage) -> None:
    planned = stage.add_chaser("planned")
    reply_id = take(stage, files=[InboundFile("proof.pdf", "application/pdf", b"%PDF-1.4")])
    (message,) = stage.replies()
    assert (message.id, message.channel, message.kind) == (reply_id, "page", "reply")
    assert [hold.reason for hold in standing(stage)] == ["Priya Nair answered on 16 November: “It is paid.”"]
    assert stage.communication(planned).status == "cancelled"
    assert sorted(note.target for note in stage.notes()) == ["contact", "invoice"]
    assert "on its own page from Priya Nair" in stage.notes()[0].text
    assert [file.name for file in stage.all(Attachment)] == ["proof.pdf"]
    assert (reply(stage).state, reply(stage).due_on) == ("waiting", date(2026, 11, 19))


def test_taken_twice_it_is_one_reply(stage: Stage) -> None:
    assert take(stage) == take(stage)
    assert len(stage.all(Reply)) == 1 and len(stage.holds()) == 1 and len(stage.notes()) == 2


def test_what_the_customer_chose_is_done_at_once_and_still_looked_at(stage: Stage) -> None:
    take(stage, meaning=Meaning.PAID, details={"on": "2026-11-13", "reference": "FP-77"})
    (claim,) = stage.all(PaidClaim)
    assert (claim.state, claim.reference, claim.paid_on) == ("resting", "FP-77", date(2026, 11, 13))
    assert len(standing(stage, "paid_claim")) == 1 and len(standing(stage)) == 1
    assert reply(stage).state == "waiting" and len(stage.notes()) == 2, "one act, one note"


@pytest.mark.parametrize(
    ("as_", "terms", "words"),
    [
        ("will_pay", {"on": date(2026, 11, 30)}, "Promised by Priya Nair: GBP 1,234.50 by 30 November 2026"),
        ("dispute", {"reason": "The price is wrong."}, "is in dispute (something else): The price is wrong."),
        ("paid", {"reference": "FP-77"}, "The customer says that it has paid, reference FP-77."),
    ],
)
def test_what_a_person_makes_of_a_reply_is_noted_once_more_and_so_is_its_end(
    stage: Stage, as_: str, terms: dict[str, Any], words: str
) -> None:
    """The note of the answer has left by then, and says nothing of what somebody decided about it."""
    reply_id = take(stage)
    settle(stage, reply_id, as_, **terms)
    acts = [note for note in stage.notes() if note.communication_id != reply_id]
    assert sorted(note.target for note in acts) == ["contact", "invoice"]
    assert all(words in note.text for note in acts)
    undo(stage, reply_id)
    ends = [
        note for note in stage.notes() if note.communication_id not in {reply_id, acts[0].communication_id}
    ]
    assert sorted(note.target for note in ends) == ["contact", "invoice"]
    assert "withdrawn" in ends[0].text and "chasing goes on" not in ends[0].text


def test_what_it_may_not_do_by_itself_waits(stage: Stage) -> None:
    details = {"person": "Ben", "address": "ben@ashdown.example"}
    take(stage, meaning=Meaning.WRONG_PERSON, details=details)
    assert stage.all(ContactPerson) == [] and reply(stage).state == "waiting"


def test_what_cannot_be_done_at_once_waits_with_the_reason(stage: Stage) -> None:
    take(stage, meaning=Meaning.PAID, details={"on": "2027-01-01"})
    assert stage.all(PaidClaim) == [] and "still to come" in reply(stage).details["problem"]
    assert len(standing(stage)) == 1


def test_accepted_as_paid_the_invoices_rest_and_the_customer_is_free_again(stage: Stage) -> None:
    reply_id = take(stage)
    settle(stage, reply_id, "paid", on=date(2026, 11, 13))
    assert standing(stage) == [] and len(standing(stage, "paid_claim")) == 1
    assert (reply(stage).settled_as, reply(stage).settled_by) == ("paid", "Anna Hale")
    with pytest.raises(UserError, match="settled already"):
        settle(stage, reply_id, "seen")
    undo(stage, reply_id)
    assert len(standing(stage)) == 1 and standing(stage, "paid_claim") == []
    assert reply(stage).state == "waiting" and stage.all(PaidClaim)[0].state == "withdrawn"


def test_of_several_replies_the_last_one_settled_ends_the_hold(stage: Stage) -> None:
    first, second = take(stage, "1"), take(stage, "2", text="One more thing.")
    settle(stage, first, "seen")
    assert len(standing(stage)) == 1
    settle(stage, second, "seen")
    assert standing(stage) == []


def test_a_hold_can_be_kept(stage: Stage) -> None:
    settle(stage, take(stage), "seen", keep_hold=True)
    assert len(standing(stage)) == 1


def test_another_meaning_takes_back_what_the_customer_had_done(stage: Stage) -> None:
    reply_id = take(stage, meaning=Meaning.PAID)
    settle(stage, reply_id, "will_pay", on=date(2026, 11, 24))
    assert stage.all(PaidClaim)[0].state == "withdrawn"
    assert reply(stage).settled_as == "will_pay"


def test_the_person_who_was_named_is_asked_from_then_on(stage: Stage) -> None:
    reply_id = take(stage, from_email="priya@ashdown.example", text="Please write to Ben.")
    settle(stage, reply_id, "wrong_person", person="Ben Okoro", address="ben@ashdown.example")
    (person,) = stage.all(ContactPerson)
    assert (person.email, person.roles, person.removed_at) == ("ben@ashdown.example", ["payables"], None)
    undo(stage, reply_id)
    assert stage.all(ContactPerson)[0].removed_at is not None


def test_a_settled_claim_of_a_payment_cannot_be_undone(stage: Stage) -> None:
    reply_id = take(stage)
    settle(stage, reply_id, "paid")
    with stage.app.database.write(stage.organisation_id) as session:
        session.query(PaidClaim).one().state = "shown"
    with pytest.raises(UserError, match="settled already"):
        undo(stage, reply_id)
    assert reply(stage).state == "settled"


def test_accepted_as_a_dispute_the_invoice_rests_and_undone_it_does_not(stage: Stage) -> None:
    reply_id = take(stage, text="Two of the doors came without hinges.")
    settle(stage, reply_id, "dispute", category="goods")
    (dispute,) = stage.all(Dispute)
    assert (dispute.invoice_id, dispute.rests, dispute.category) == (stage.invoice_id, True, "goods")
    assert dispute.reason == "Two of the doors came without hinges."
    undo(stage, reply_id)
    assert not stage.all(Dispute)[0].rests and reply(stage).state == "waiting"


def test_accepted_as_a_promise_the_invoices_rest_and_undone_it_is_withdrawn(stage: Stage) -> None:
    reply_id = take(stage, text="On the 24th.")
    settle(stage, reply_id, "will_pay", on=date(2026, 11, 24))
    assert [promise.state for promise in stage.all(PromiseToPay)] == ["open"]
    undo(stage, reply_id)
    assert [promise.state for promise in stage.all(PromiseToPay)] == ["withdrawn"]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("We paid this invoice on 12 November by bank transfer.", "paid"),
        ("We will pay on 24 November.", "will_pay"),
        ("Could you please send me a copy of the invoice?", "needs_copy"),
    ],
)
def test_what_a_mail_seems_to_mean_is_suggested_with_its_sentence(
    stage: Stage, text: str, meaning: str
) -> None:
    take(stage, text=f"Hello,\n\n{text}\n\nPriya\n\nOn 2 Nov 2026, Anna Hale wrote:\n> When will you pay?\n")
    assert (reply(stage).meaning, reply(stage).sentence) == (meaning, text)


def test_what_waits_in_the_inbox_is_no_task_as_well(stage: Stage) -> None:
    """A reply reminds its owner, a payment that does not show has a task of its own; a hold that was kept has neither."""
    reply_id = take(stage, meaning=Meaning.PAID)
    with time_machine.travel(NOON + timedelta(days=9)):
        assert looking_again.due(stage.app) == []
        settle(stage, reply_id, "seen", keep_hold=True)
        assert looking_again.due(stage.app) == [stage.organisation_id]
        looking_again.work(stage.app, stage.organisation_id)
    assert [task.hold_id for task in stage.all(TeamTask)] == [standing(stage)[0].id]
