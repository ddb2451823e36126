"""What becomes of a chaser when the mail provider reports on it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.ids import new_id
from services import mail_events
from services.lost_mail import recipient
from services.mail_evidence import better
from store.models import InboxEvent, MailEvent, StoppedAddress
from tests.services.mail_stage import LONG_AGO, Stage, StageHand, stage_hand

REPORTED = datetime.fromtimestamp(int(LONG_AGO.timestamp()) + 60, UTC)


def tell(stage: Stage, *events: dict[str, object]) -> None:
    """Let these events come in, one after the other, and be handled."""
    for event in events:
        stage.receive("sendgrid_events", str(event["sg_event_id"]), event)
    mail_events.handle(stage.app)


def stops(stage: Stage) -> list[StoppedAddress]:
    """The addresses that no mail goes to, or did not go to once."""
    return stage.all(StoppedAddress)


@pytest.fixture
def set_stage(database_url: str, tmp_path: Path) -> Iterator[StageHand]:
    with stage_hand(database_url, tmp_path) as hand:
        yield hand


@pytest.fixture
def stage(set_stage: StageHand) -> Stage:
    return set_stage()


def test_a_delivered_mail_is_shown_as_delivered(stage: Stage) -> None:
    tell(stage, stage.event("processed"), stage.event("delivered"))
    assert stage.chaser().status == "delivered"
    assert stage.chaser().provider_id == "req-77"
    assert not mail_events.waiting(stage.app)


def test_events_wait_until_they_are_handled(stage: Stage) -> None:
    stage.receive("sendgrid_events", "one", stage.event("delivered"))
    assert mail_events.waiting(stage.app)


def test_a_late_processed_does_not_undo_delivered(stage: Stage) -> None:
    tell(stage, stage.event("delivered"), stage.event("processed"), stage.event("deferred"))
    assert stage.chaser().status == "delivered"


def test_a_mail_that_came_back_stops_the_address_and_says_why(stage: Stage) -> None:
    reason = "550 5.1.1 The account does not exist."
    tell(stage, stage.event("bounce", type="bounce", status="5.1.1", reason=reason))
    assert stage.chaser().status == "bounced"
    (stopped,) = stops(stage)
    assert (stopped.address, stopped.why) == ("accounts@ashdown.example", "bounce")
    assert stopped.words == f"The address accounts@ashdown.example does not exist: {reason}"
    assert stage.chaser().reason == stopped.words
    assert stage.holds() == []
    assert stage.contact().next_look_at is not None


def test_a_report_that_comes_again_does_not_stop_what_a_person_lifted(stage: Stage) -> None:
    bounce = {"type": "bounce", "status": "5.1.1", "reason": "unknown user"}
    tell(stage, stage.event("bounce", **bounce))
    with stage.app.database.write(stage.organisation_id) as session:
        session.merge(stops(stage)[0]).lifted_at = LONG_AGO
    tell(stage, stage.event("bounce", **bounce))
    assert [one.lifted_at for one in stops(stage)] == [LONG_AGO]


def test_a_mail_turned_away_for_now_stops_nothing(stage: Stage) -> None:
    tell(stage, stage.event("bounce", type="blocked", status="4.7.1", reason="too many mails"))
    assert stage.chaser().status == "bounced"
    assert (
        stage.chaser().reason
        == "The mail server of accounts@ashdown.example turned the mail away: too many mails"
    )
    assert stops(stage) == []


def test_a_dropped_mail_has_failed_and_stops_the_address(stage: Stage) -> None:
    tell(stage, stage.event("dropped", reason="Bounced Address"))
    assert stage.chaser().status == "failed"
    assert "did not try to reach accounts@ashdown.example: Bounced Address" in str(stage.chaser().reason)
    assert [one.why for one in stops(stage)] == ["provider"]


def test_nobody_who_marked_a_mail_as_spam_is_written_to_again(stage: Stage) -> None:
    tell(stage, stage.event("delivered"), stage.event("spamreport"))
    assert stage.chaser().status == "delivered"
    assert [(one.why, one.words) for one in stops(stage)] == [
        ("complaint", "accounts@ashdown.example marked our mail as spam.")
    ]


@pytest.mark.parametrize("status", ["unknown", "sending", "planned", "held", "cancelled"])
def test_a_report_settles_what_was_not_known_and_gives_it_its_notes(
    set_stage: StageHand, status: str
) -> None:
    stage = set_stage(status)
    tell(stage, stage.event("delivered"))
    assert stage.chaser().status == "delivered"
    assert stage.chaser().sent_at == REPORTED
    assert stage.chaser().reason is None
    assert stage.contact().last_message_at == REPORTED
    assert sorted(note.target for note in stage.notes()) == ["contact", "invoice"]
    assert stage.step_state() == "taken"


def test_a_later_mail_counts_for_more_than_a_late_report(set_stage: StageHand) -> None:
    stage = set_stage("unknown")
    with stage.app.database.write(stage.organisation_id) as session:
        session.merge(stage.contact()).last_message_at = REPORTED + timedelta(days=3)
    tell(stage, stage.event("delivered"))
    assert stage.contact().last_message_at == REPORTED + timedelta(days=3)


def test_a_mail_sent_before_gets_no_second_notes(stage: Stage) -> None:
    tell(stage, stage.event("delivered"))
    assert stage.notes() == []
    assert stage.chaser().sent_at == LONG_AGO


def test_a_report_of_an_unknown_mail_is_kept(stage: Stage) -> None:
    unknown = new_id()
    tell(stage, stage.event("delivered", dunnock_id=unknown))
    assert [event.communication_id for event in stage.all(MailEvent)] == [unknown]
    assert stage.outcomes() == ["kept; no mail of this id is known"]


def test_a_report_of_an_unknown_mail_is_found_by_its_address_which_is_not_kept(stage: Stage) -> None:
    tell(stage, stage.event("delivered", dunnock_id=new_id(), email="Accounts@Ashdown.example"))
    [kept] = stage.all(MailEvent)
    assert kept.recipient == recipient(stage.organisation_id, "accounts@ashdown.example")
    assert kept.recipient != recipient(new_id(), "accounts@ashdown.example")
    assert kept.reason is None


def test_another_organisations_mail_is_not_touched(set_stage: StageHand) -> None:
    stage = set_stage()
    tell(stage, stage.event("bounce", organisation_id=new_id(), type="bounce"))
    assert stage.chaser().status == "sent"
    assert stops(stage) == []


@pytest.mark.parametrize(
    "strange",
    [
        b"[]",
        b"7",
        b'{"event": 7, "timestamp": "x"}',
        b'{"event": "delivered"}',
        b'{"event": "delivered", "timestamp": 1e400}',
        b'{"a":' * 5_000,
        b"\xff\xfe",
    ],
)
def test_what_cannot_be_understood_is_parked_and_holds_up_nothing(stage: Stage, strange: bytes) -> None:
    stage.receive("sendgrid_events", "strange", strange)
    tell(stage, stage.event("delivered"))
    assert str(stage.outcomes()[0]).startswith("parked: ")
    assert stage.chaser().status == "delivered"


@pytest.mark.parametrize(
    "odd",
    [
        {"dunnock_id": "' OR 1=1 --"},
        {"event": "x" * 500},
        {"timestamp": 10**14},
        {"timestamp": -(10**14)},
        {"email": "a\x00b\r\nBcc: c@d.example", "event": "dropped"},
        {"reason": "\x00" * 10, "event": "bounce", "type": "bounce"},
        {"sg_message_id": "\x00\x00"},
    ],
)
def test_odd_events_do_no_harm(stage: Stage, odd: dict[str, object]) -> None:
    tell(stage, stage.event("delivered") | odd)
    assert not mail_events.waiting(stage.app)
    assert stage.chaser().sent_at == LONG_AGO


def test_an_event_that_brings_the_work_down_again_and_again_is_parked(stage: Stage) -> None:
    stage.receive("sendgrid_events", "poison", stage.event("delivered"))
    with stage.app.database.write_across() as session:
        session.query(InboxEvent).one().attempts = 5
    mail_events.handle(stage.app)
    assert "tried 5 times" in str(stage.outcomes()[0])


STATUSES = ("planned", "held", "cancelled", "sending", "unknown", "sent", "failed", "delivered", "bounced")
REPORTS = ("sent", "failed", "delivered", "bounced")


@given(
    start=st.sampled_from(STATUSES), reports=st.lists(st.sampled_from(REPORTS), max_size=6), seed=st.randoms()
)
def test_the_order_and_number_of_reports_does_not_matter(
    start: str, reports: list[str], seed: object
) -> None:
    def end(order: list[str]) -> str:
        status = start
        for report in order:
            status = better(status, report)
        return status

    shuffled = reports * 2
    seed.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert end(shuffled) == end(reports)


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["processed", "deferred", "delivered", "bounce"]))
)
def test_in_every_order_the_last_word_is_the_same(set_stage: StageHand, order: tuple[str, ...]) -> None:
    stage = set_stage("unknown")
    tell(stage, *(stage.event(name, type="bounce") for name in order))
    assert stage.chaser().status == "bounced"
    assert len([one for one in stage.notes() if one.communication_id == stage.chaser_id]) == 2
    assert len(stops(stage)) == 1


def test_two_workers_at_once_handle_every_event_once(stage: Stage) -> None:
    for number in range(30):
        name = ("processed", "delivered", "bounce")[number % 3]
        stage.receive("sendgrid_events", str(number), stage.event(name, type="bounce"))
    workers = [threading.Thread(target=mail_events.handle, args=(stage.app,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not mail_events.waiting(stage.app)
    assert stage.chaser().status == "bounced"
    assert len(stage.all(MailEvent)) == 30
    assert len(stops(stage)) == 1
