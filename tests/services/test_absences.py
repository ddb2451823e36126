"""A mailbox answers that somebody is away: they rest, nobody else does, and nothing counts as an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import time_machine

from kit.ids import new_id
from services import absences, replies
from services.inbound_mail import InboundMail
from services.people_list import everybody
from store.models import ContactPerson, MailEvent, PersonAway, Reply, StoppedAddress, TeamTask
from tests.services.mail_stage import INBOUND_DOMAIN, Stage, StageHand, stage_hand
from tests.services.understanding.test_delivery_reports import DELAYED, POSTFIX

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
AWAY = (
    "Thank you for your email. I am out of the office until Friday 4 December.\n\n"
    "For urgent matters please contact Mark Hill, mark@ashdown.example."
)


@pytest.fixture
def set_stage(database_url: str, tmp_path: Path) -> Iterator[StageHand]:
    with stage_hand(database_url, tmp_path) as hand, time_machine.travel(NOON, tick=True):
        yield hand


@pytest.fixture
def stage(set_stage: StageHand) -> Stage:
    return set_stage()


def answer(stage: Stage, text: str = AWAY, **fields: str) -> None:
    """The mailbox that the chaser went to answers by itself."""
    usual = {
        "to": f"Hedgerow <r-{stage.token}@{INBOUND_DOMAIN}>",
        "from": "Jane Doe <accounts@ashdown.example>",
        "subject": "Automatic reply: Invoice INV-1042 from Hedgerow Joinery",
        "text": text,
        "envelope": '{"to": ["x@y.example"], "from": "accounts@ashdown.example"}',
        "headers": f"Message-ID: <{new_id()}@ashdown.example>\nAuto-Submitted: auto-replied\n",
    }
    form = InboundMail({name: value.encode() for name, value in {**usual, **fields}.items()}, [])
    stage.receive("sendgrid_inbound", new_id(), msgspec.msgpack.encode(form))
    replies.handle(stage.app)


def away(stage: Stage) -> PersonAway:
    (row,) = stage.all(PersonAway)
    return row  # type: ignore[no-any-return]


def act(stage: Stage, what: Any) -> None:
    with stage.app.database.write(stage.organisation_id) as session:
        what(session, stage.organisation_id, stage.contact_id, "accounts@ashdown.example", by="Sam", now=NOON)


def test_whoever_is_away_rests_and_nothing_else_follows(stage: Stage) -> None:
    answer(stage)
    row = away(stage)
    assert (row.address, row.until) == ("accounts@ashdown.example", date(2026, 12, 4))
    assert row.sentence == "I am out of the office until Friday 4 December."
    assert [one.kind for one in stage.replies()] == ["auto_reply"]
    assert stage.holds() == []
    assert stage.notes() == []
    assert stage.all(Reply) == []
    assert stage.contact().next_look_at is not None


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("until 4 March 2027", date(2027, 1, 17)),
        ("at the moment", date(2026, 11, 23)),
    ],
)
def test_nobody_rests_for_long_by_a_robots_word(stage: Stage, words: str, until: date) -> None:
    answer(stage, f"I am out of the office {words}.")
    assert away(stage).until == until


def test_of_whoever_has_left_for_good_somebody_is_told_and_the_other_is_suggested(stage: Stage) -> None:
    for _ in range(2):
        answer(stage, "Jane Doe no longer works here. Please contact Mark Hill, mark@ashdown.example.")
    assert (away(stage).until, away(stage).stand_in_email) == (date(2027, 1, 17), "mark@ashdown.example")
    (task,) = stage.all(TeamTask)
    assert "accounts@ashdown.example" in task.what and "no longer works here" in task.what
    assert "Find out whom to write to" in task.what
    act(stage, absences.accept)
    assert stage.all(TeamTask)[0].finished_at is not None


def test_an_answer_that_somebody_forgot_to_switch_off_lets_nobody_rest(stage: Stage) -> None:
    answer(stage, "I was on annual leave until 2 November 2026 and out of the office.")
    assert stage.all(PersonAway) == []


def test_a_later_answer_counts_instead(stage: Stage) -> None:
    answer(stage)
    answer(stage, "I am out of the office until 27 November.")
    assert away(stage).until == date(2026, 11, 27)


def test_the_stand_in_becomes_a_person_only_when_somebody_says_so(stage: Stage) -> None:
    answer(stage)
    assert (away(stage).stand_in_name, away(stage).stand_in_email) == ("Mark Hill", "mark@ashdown.example")
    assert stage.all(ContactPerson) == []
    act(stage, absences.accept)
    mark, other = sorted(stage.all(ContactPerson), key=lambda one: str(one.name), reverse=True)
    assert (mark.name, mark.email, mark.roles) == ("Mark Hill", "mark@ashdown.example", ["payables"])
    assert (other.email, other.roles) == ("accounts@ashdown.example", ["payables"]), (
        "both are written to from now on"
    )
    assert away(stage).settled_by == "Sam"


def test_a_stand_in_who_was_left_alone_is_not_suggested_again(stage: Stage) -> None:
    answer(stage)
    act(stage, absences.dismiss)
    answer(stage)
    assert away(stage).settled_by == "Sam"
    assert stage.all(ContactPerson) == []


def test_who_is_back_early_is_written_to_again(stage: Stage) -> None:
    answer(stage)
    act(stage, absences.back)
    assert away(stage).ended_by == "Sam"
    act(stage, absences.dismiss)
    with stage.app.database.read(stage.organisation_id) as session:
        assert everybody(session, stage.contact()).away == ()


def test_a_person_who_mentions_a_holiday_has_answered(stage: Stage) -> None:
    answer(
        stage,
        "I'm on holiday, will pay on Monday.",
        subject="Re: Invoice",
        headers="Message-ID: <1@a.example>\n",
    )
    assert [one.kind for one in stage.replies()] == ["reply"]
    assert len(stage.holds()) == 1


def report(stage: Stage, text: str, address: str = "accounts@ashdown.example") -> None:
    written = text.replace("priya@ashdown.example", address)
    message_id = f"<{stage.chaser_id}@{INBOUND_DOMAIN}>"
    written = written.replace("<0123456789abcdef0123456789abcdef@mail.hedgerow.example>", message_id)
    answer(
        stage,
        "This is the mail system.",
        **{"from": "MAILER-DAEMON@mx1.host.example", "to": "bounces@hedgerow.example"},
        subject="Undelivered Mail Returned to Sender",
        headers=written.partition("\n\n")[0],
        email=written,
    )


def test_a_delivery_report_is_the_providers_news_and_no_answer(stage: Stage) -> None:
    report(stage, POSTFIX)
    assert stage.chaser().status == "bounced"
    assert "does not exist" in str(stage.chaser().reason)
    assert [one.why for one in stage.all(StoppedAddress)] == ["bounce"]
    assert stage.replies() == []
    assert len(stage.all(MailEvent)) == 1


def test_a_mail_that_is_still_tried_changes_nothing(stage: Stage) -> None:
    report(stage, DELAYED)
    assert stage.chaser().status == "sent"
    assert stage.all(StoppedAddress) == []


def test_a_report_of_an_address_that_was_not_written_to_changes_nothing(stage: Stage) -> None:
    report(stage, POSTFIX, "somebody@else.example")
    assert stage.chaser().status == "sent"
    assert stage.all(StoppedAddress) == []
