"""A colleague answers a text message by text: at most once, in its hours, and never to a number that said STOP."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from integration.sms.texter import NumberStopped, TextPostponed, TextUnsure
from kit import clock
from kit.errors import UserError
from services import answers, answers_out, text_answers
from services.answers import Written
from services.app import App
from services.inbound_mail import InboundFile
from services.interest import Kind
from services.late_payment_terms import Agreed, set_terms
from services.preferences import choose_binding_reports
from store.models import Answer, Communication, Contact, Organisation, Reply
from store.queries import texts
from tests.services.test_texts import MOBILE, answer, by_text, go, owing, schedule
from tests.support.chasing import Chasing


@pytest.fixture
def asked(org: Chasing) -> Chasing:
    """A customer has answered a text message with a question."""
    schedule(org, by_text())
    owing(org)
    go(org)
    answer(org, "Which invoice is this?")
    return org


def came(org: Chasing) -> Communication:
    with org.app.database.read(org.organisation_id) as session:
        return session.query(Communication).filter_by(direction="in").one()


def write(
    org: Chasing, text: str = "It is INV-1, of October.", app: App | None = None, **more: object
) -> str:
    with org.app.database.write(org.organisation_id) as session:
        return answers.write(
            app or org.app,
            session,
            session.get_one(Organisation, org.organisation_id),
            session.get_one(Communication, (org.organisation_id, came(org).id)),
            Written(text, **more),  # type: ignore[arg-type]  # what a test adds
            by="Anna Hale",
            person_id=None,
            now=clock.now(),
        ).id


def leave(org: Chasing) -> Answer:
    for _ in range(3):
        if not answers_out.send_with(org.app, org.organisation_id, org.mailer, None, org.texter):
            break
    with org.app.database.read(org.organisation_id) as session:
        return session.query(Answer).one()


def test_it_goes_to_the_number_once_and_settles_the_reply_and_is_noted(asked: Chasing) -> None:
    answer_id = write(asked)
    assert leave(asked).status == "sent" and leave(asked).status == "sent"
    text = asked.texter.taken[-1]
    assert (text.to, text.text, len(asked.texter.taken)) == (MOBILE, "It is INV-1, of October.", 2)
    assert text.reports_to is not None and answer_id in text.reports_to
    with asked.app.database.read(asked.organisation_id) as session:
        row = session.get_one(Communication, (asked.organisation_id, answer_id))
        assert (row.channel, row.status, row.segments, row.text_to) == ("sms", "sent", 1, MOBILE)
        assert row.ask_cost_at is not None
        assert session.query(Reply).one().settled_as == "answered"
    told = [note.text for note in asked.ledger_notes() if "text message “Answer” to" in note.text]
    assert len(told) == 2, "one on the contact, one on the invoice"


def test_what_comes_back_is_an_answer_in_the_same_thread(asked: Chasing) -> None:
    answer_id = write(asked)
    leave(asked)
    answer(asked, "Thanks, will pay it.")
    with asked.app.database.read(asked.organisation_id) as session:
        newest = session.query(Communication).filter_by(direction="in", in_reply_to=answer_id).one()
        assert newest.body_text == "Thanks, will pay it."


def test_a_number_that_said_stop_gets_none_whenever_it_said_it(asked: Chasing) -> None:
    write(asked)
    with asked.app.database.write(asked.organisation_id) as session:
        texts.stop(
            session, asked.organisation_id, MOBILE, f"{MOBILE} has asked for no more texts.", clock.now()
        )
    row = leave(asked)
    assert row.status == "refused" and "no more texts" in (row.problem or "")
    assert len(asked.texter.taken) == 1
    with pytest.raises(UserError, match=r"no more texts\. Ring"):
        write(asked)


def test_it_waits_for_the_hours_in_which_texts_leave(asked: Chasing) -> None:
    asked.shift(hours=12)
    write(asked)
    row = leave(asked)
    assert row.status == "pending" and "between 08:00 and 20:00" in (row.problem or "")
    assert len(asked.texter.taken) == 1
    asked.shift(hours=12)
    assert leave(asked).status == "sent"
    assert len(asked.texter.taken) == 2


def test_the_rule_that_keeps_it_waiting_is_the_one_that_is_named(asked: Chasing) -> None:
    key = came(asked).contact_id
    choose_binding_reports(asked.app, asked.organisation_id, ["CO"])
    with asked.app.database.write(asked.organisation_id) as session:
        contact = session.get_one(Contact, (asked.organisation_id, key))
        contact.country, contact.timezone = "CO", "America/Bogota"
        set_terms(
            session, asked.organisation_id, key, Agreed(None), kind=Kind.INDIVIDUAL, longer_term_fair=False,
            by="Ben", now=clock.now(),
        )  # fmt: skip
        organisation = session.get_one(Organisation, asked.organisation_id)
        zone = ZoneInfo("America/Bogota")
        waits = {
            moment: text_answers.wait(session, organisation, key, moment.replace(tzinfo=zone))
            for moment in (
                datetime(2027, 1, 20, 12),
                datetime(2027, 1, 20, 7, 30),
                datetime(2027, 1, 20, 19, 30),
                datetime(2027, 1, 23, 21),
            )
        }
    noon, early, evening, saturday_night = waits.values()
    assert noon is None
    assert early and early.rule.id == "texts-by-day"
    assert early.until == datetime(2027, 1, 20, 8, tzinfo=zone)
    assert evening and evening.rule.id == "co-hours"
    assert saturday_night and saturday_night.rule.id == "co-hours"
    assert saturday_night.until == datetime(2027, 1, 25, 8, tzinfo=zone)


@pytest.mark.parametrize(
    ("failure", "status", "taken"),
    [
        (TextPostponed("too many", 60), "pending", 1),
        (NumberStopped(f"{MOBILE} has asked for no more texts."), "refused", 1),
    ],
)
def test_what_surely_did_not_leave_is_tried_again_or_given_up(
    asked: Chasing, failure: Exception, status: str, taken: int
) -> None:
    write(asked)
    asked.texter.failures = deque([failure])
    assert leave(asked).status == status
    assert len(asked.texter.taken) == taken


def test_what_may_have_left_is_never_sent_again(asked: Chasing) -> None:
    write(asked)
    asked.texter.lost_answers = deque([TextUnsure("lost")])
    assert leave(asked).status == "unknown" and leave(asked).status == "unknown"
    assert len(asked.texter.taken) == 2


@pytest.mark.parametrize(("queue", "taken"), [("failures", 0), ("lost_answers", 1)])
def test_a_death_before_or_after_the_provider_took_it_sends_at_most_once_and_is_settled(
    asked: Chasing, queue: str, taken: int
) -> None:
    write(asked)
    before = len(asked.texter.taken)
    setattr(asked.texter, queue, deque([KeyboardInterrupt()]))
    with pytest.raises(KeyboardInterrupt):
        leave(asked)
    asked.shift(minutes=11)
    assert answers_out.due(asked.app) == [asked.organisation_id]
    assert leave(asked).status == "unknown" and leave(asked).status == "unknown"
    assert len(asked.texter.taken) == before + taken


def test_a_text_is_short_has_words_and_no_files(asked: Chasing) -> None:
    with pytest.raises(UserError, match="would travel in"):
        write(asked, "a" * 600)
    with pytest.raises(UserError, match="is empty"):
        write(asked, "  ")
    with pytest.raises(UserError, match="Files cannot go"):
        write(asked, files=(InboundFile("a.txt", "text/plain", b"x"),))
