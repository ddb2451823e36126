"""Text messages: who gets one and when, at most once, what became of them, and what comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from credit_control.facts import Action
from credit_control.written import WrittenStep
from integration.sms.texter import (
    NumberStopped,
    TextAccountProblem,
    TextPostponed,
    TextRefused,
    TextUnsure,
)
from kit import clock
from kit.errors import UserError
from services import outlook, own_letter, schedules, text_intake, text_news
from services.books import desk_of
from services.one_mail import find
from store.models import Communication, Hold, Invoice
from store.queries import texts
from tests.support.chasing import MONDAY, Chasing

MOBILE = "+447400123456"


def schedule(org: Chasing, *steps: WrittenStep) -> None:
    """Everybody is chased by these steps."""
    with org.app.database.write(org.organisation_id) as session:
        made = schedules.create(session, org.organisation_id, "By text", steps)
        schedules.make_default(session, org.organisation_id, made)


def by_text(days: int = 3, **more: Any) -> WrittenStep:
    return WrittenStep("Text message", days, Action.SMS, "text_reminder", **more)


def owing(org: Chasing, overdue: int = 4, phones: tuple[str, ...] = (MOBILE,), **fields: Any) -> str:
    contact = org.customer(phones=phones, **fields)
    org.invoice(contact, "INV-1", overdue)
    org.mirror()
    return org.id_of(contact)


def go(org: Chasing) -> None:
    org.switch("live")
    org.plan()
    org.send()


def why(org: Chasing) -> str:
    with org.app.database.read(org.organisation_id) as session:
        invoice = session.query(Invoice).one()
    found = outlook.why(org.app, org.organisation_id, invoice.id)
    assert found is not None
    return " ".join(reason.text for reason in found.reasons)


def test_a_text_leaves_to_the_mobile_number_and_is_noted_like_a_mail(org: Chasing) -> None:
    schedule(org, by_text())
    owing(org)
    go(org)
    (text,) = org.texter.taken
    assert (text.to, org.mailer.taken) == (MOBILE, [])
    assert "INV-1" in text.text and "£100.00" in text.text and "STOP" in text.text
    row = org.only_chaser()
    assert (row.channel, row.status, row.segments, row.provider_id) == ("sms", "sent", 2, "SM1")
    assert (1, "taken") in org.steps()
    notes = [note.text for note in org.ledger_notes()]
    assert all(note.startswith("Dunnock: text message “Text message” to") for note in notes)
    assert "GBP 100.00 open on" in notes[0]


def test_a_text_counts_for_the_gap_to_the_next_mail(org: Chasing) -> None:
    schedule(org, by_text(3), WrittenStep("Mail", 5, Action.EMAIL, "first_reminder"))
    owing(org)
    go(org)
    org.shift(days=2)
    org.plan(everything=True)
    planned_for = org.chasers("planned")[0].planned_for
    assert planned_for is not None and planned_for >= datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phones", "words"),
    [
        ((), "nobody there who is meant (payables) has a mobile number"),
        (("+44 20 7946 0018",), "nobody there who is meant (payables) has a mobile number"),
    ],
)
def test_without_a_mobile_number_the_step_is_left_out_and_the_next_one_comes(
    org: Chasing, phones: tuple[str, ...], words: str
) -> None:
    schedule(org, by_text(3), WrittenStep("Mail", 10, Action.EMAIL, "first_reminder"))
    owing(org, 4, phones)
    go(org)
    assert org.texter.taken == [] and org.chasers() == []
    assert f"“Text message” is left out: {words}" in why(org)
    assert "“Mail” on" in why(org)


def test_a_customer_without_an_address_gets_the_text_all_the_same(org: Chasing) -> None:
    schedule(org, by_text())
    owing(org, email=None)
    go(org)
    assert len(org.texter.taken) == 1


def test_whatever_the_window_no_text_leaves_in_the_customers_night(org: Chasing) -> None:
    schedule(org, by_text())
    org.change(opens=datetime(2026, 1, 1, 0, 30).time(), closes=datetime(2026, 1, 1, 23, 30).time())
    owing(org)
    org.move_to(datetime(2026, 11, 17, 21, 0, tzinfo=UTC))
    go(org)
    assert org.texter.taken == []
    planned = org.only_chaser()
    assert planned.planned_for is not None and planned.not_after is not None
    assert datetime(2026, 11, 18, 8, 0, tzinfo=UTC) <= planned.planned_for
    assert planned.not_after == datetime(2026, 11, 18, 20, 0, tzinfo=UTC)
    assert "between 08:00 and 20:00" in " ".join(one["text"] for one in planned.reasons)


def test_a_lost_answer_is_unknown_and_its_report_settles_it(org: Chasing) -> None:
    schedule(org, by_text())
    owing(org)
    org.texter.lost_answers.append(TextUnsure("no answer"))
    go(org)
    row = org.only_chaser()
    assert row.status == "unknown" and "text" in (row.reason or "")
    org.send()
    assert len(org.texter.taken) == 1
    report(org, row, "delivered")
    assert org.only_chaser().status == "delivered"
    assert len(org.ledger_notes()) == 2


def report(org: Chasing, row: Communication, status: str, code: str = "") -> None:
    form = [("MessageSid", "SM1"), ("MessageStatus", status), ("To", MOBILE), ("ErrorCode", code)]
    named = {"organisation": org.organisation_id, "text": row.id}
    text_intake.take_report(org.app, named, form, clock.now())
    text_news.handle_reports(org.app)


def test_reports_come_in_any_order_and_twice(org: Chasing) -> None:
    schedule(org, by_text())
    owing(org)
    go(org)
    for status in ("delivered", "sent", "delivered", "queued"):
        report(org, org.only_chaser(), status)
    assert org.only_chaser().status == "delivered"
    assert len(org.ledger_notes()) == 2


def test_a_number_that_nobody_uses_gets_no_more_and_the_schedule_goes_on(org: Chasing) -> None:
    schedule(
        org,
        by_text(3),
        WrittenStep("Again", 10, Action.SMS, "text_reminder"),
        WrittenStep("Mail", 20, Action.EMAIL, "first_reminder"),
    )
    owing(org)
    go(org)
    report(org, org.only_chaser(), "undelivered", "30005")
    row = org.only_chaser()
    assert (row.status, row.reason) == ("bounced", f"{MOBILE} is not in use.")
    org.shift(days=9)
    org.plan(everything=True)
    assert len(org.chasers()) == 1
    assert f"“Again” is left out: {MOBILE} is not in use." in why(org)


@pytest.mark.parametrize(
    ("error", "status"),
    [(TextRefused("too long"), "failed"), (TextAccountProblem("the key is wrong"), "held")],
)
def test_what_is_refused_says_why(org: Chasing, error: Exception, status: str) -> None:
    schedule(org, by_text())
    owing(org)
    org.texter.failures.append(error)
    go(org)
    row = org.only_chaser()
    assert row.status == status and str(error) in (row.reason or "")
    assert org.ledger_notes() == []


def test_a_provider_that_is_away_keeps_no_mail_waiting(org: Chasing) -> None:
    schedule(org, by_text(3), WrittenStep("Mail", 5, Action.EMAIL, "first_reminder"))
    owing(org)
    other = org.customer("Corvid & Crane", "ledger@corvid.example")
    org.invoice(other, "INV-2", 6)
    org.mirror()
    org.texter.failures.append(TextPostponed("not reached", 60.0))
    org.switch("live")
    org.plan()
    for _ in range(3):
        org.send()
    assert len(org.mailer.taken) == 1 and org.texter.taken == []
    org.shift(minutes=2)
    org.send()
    assert len(org.texter.taken) == 1


def test_one_who_had_said_stop_to_the_provider_gets_no_more(org: Chasing) -> None:
    schedule(org, by_text(3), WrittenStep("Again", 9, Action.SMS, "text_reminder"))
    owing(org)
    org.texter.failures.append(NumberStopped(f"{MOBILE} has asked for no more texts."))
    go(org)
    assert org.only_chaser().status == "failed"
    org.shift(days=9)
    org.plan(everything=True)
    assert len(org.chasers()) == 1 and "has asked for no more texts" in why(org)


def answer(org: Chasing, said: str, number: str = MOBILE, **more: str) -> None:
    form = {"MessageSid": f"SM{said}", "From": number, "To": "+447700900000", "Body": said, **more}
    text_intake.take_reply(org.app, list(form.items()), clock.now())
    text_news.handle_replies(org.app)


@pytest.mark.parametrize(
    "word", ["STOP", "Stop.", " stop ", "“Stop”", "S T O P", "STOP ALL", "Opt out", "ARRÊT", "stop 🙏"]
)
def test_stop_ends_the_texts_and_nothing_else(org: Chasing, word: str) -> None:
    schedule(
        org,
        by_text(3),
        WrittenStep("Again", 8, Action.SMS, "text_reminder"),
        WrittenStep("Mail", 9, Action.EMAIL, "first_reminder"),
    )
    owing(org)
    go(org)
    answer(org, word)
    org.shift(days=8)
    org.mirror()
    org.plan(everything=True)
    org.send()
    assert len(org.texter.taken) == 1 and len(org.mailer.taken) == 1
    with org.app.database.read(org.organisation_id) as session:
        assert session.query(Hold).count() == 0
        assert texts.stops_among(session, org.organisation_id, [MOBILE]) == {
            MOBILE: f"{MOBILE} has asked for no more texts."
        }
        (reply,) = session.query(Communication).filter_by(direction="in").all()
        assert (reply.channel, reply.body_text) == ("sms", word.strip())
    notes = [note.text for note in org.ledger_notes() if "answer by text message" in note.text]
    assert len(notes) == 2  # contact and invoice
    assert all("No more text messages go there." in text and "hold" not in text for text in notes)
    answer(org, "START")
    with org.app.database.read(org.organisation_id) as session:
        assert texts.stops_among(session, org.organisation_id, [MOBILE]) == {}


@pytest.mark.parametrize("word", ["Please cancel the order", "When will you stop?", "End of the month"])
def test_a_word_of_many_is_no_stop(org: Chasing, word: str) -> None:
    schedule(org, by_text())
    owing(org)
    go(org)
    answer(org, word)
    with org.app.database.read(org.organisation_id) as session:
        assert texts.stops_among(session, org.organisation_id, [MOBILE]) == {}
        assert session.query(Hold).count() == 1


def test_stop_with_something_else_ends_the_texts_and_is_read_by_a_person(org: Chasing) -> None:
    schedule(org, by_text())
    owing(org)
    go(org)
    answer(org, "Stop texting me please")
    with org.app.database.read(org.organisation_id) as session:
        assert list(texts.stops_among(session, org.organisation_id, [MOBILE])) == [MOBILE]
        assert session.query(Hold).count() == 1


def test_any_other_text_is_an_answer_that_holds_the_customer(org: Chasing) -> None:
    schedule(org, by_text())
    owing(org)
    go(org)
    answer(org, "It was paid yesterday.")
    answer(org, "It was paid yesterday.")
    with org.app.database.read(org.organisation_id) as session:
        (hold,) = session.query(Hold).all()
        (reply,) = session.query(Communication).filter_by(direction="in").all()
    assert "It was paid yesterday." in hold.reason
    assert (reply.channel, reply.body_text, reply.from_name) == ("sms", "It was paid yesterday.", MOBILE)
    assert any("answer by text message" in note.text for note in org.ledger_notes())


def test_a_text_from_nobody_we_wrote_to_changes_nothing(org: Chasing) -> None:
    schedule(org, by_text())
    owing(org)
    go(org)
    answer(org, "Who is this?", "+447400999999")
    with org.app.database.read(org.organisation_id) as session:
        assert session.query(Hold).count() == 0


def test_a_text_that_is_too_long_is_held_with_its_length(org: Chasing) -> None:
    schedule(org, by_text())
    owing(org)
    org.change(name="Hedgerow Joinery " * 30)
    go(org)
    row = org.only_chaser()
    assert row.status == "held" and "segments, and at most 3 are allowed" in (row.reason or "")
    assert org.texter.taken == []


def test_a_text_that_a_person_has_changed_leaves_as_it_was_written(org: Chasing) -> None:
    planned(org)
    write(org, "Hi Terry, please ring me about {{ invoice_numbers }}.")
    org.plan(everything=True)
    org.move_to(MONDAY.replace(hour=12))
    org.send()
    (text,) = org.texter.taken
    assert text.text == "Hi Terry, please ring me about INV-1."
    assert org.only_chaser().body_text == text.text


def test_a_changed_text_has_to_fit_and_is_put_aside_when_the_amount_changes(org: Chasing) -> None:
    invoice = planned(org)
    with pytest.raises(UserError, match="segments"):
        write(org, "please " * 120)
    write(org, "Please ring me about {{ total_due }}.")
    org.ledger.pay(invoice, "40.00")
    org.mirror()
    org.plan(everything=True)
    org.move_to(MONDAY.replace(hour=12))
    org.send()
    assert org.texter.taken == []
    assert "was put aside" in (org.only_chaser().reason or "")


def planned(org: Chasing) -> str:
    """One text message is planned, half an hour before it may leave; the invoice's ledger id."""
    org.move_to(MONDAY.replace(hour=9))
    schedule(org, by_text())
    contact = org.customer(phones=(MOBILE,))
    invoice = org.invoice(contact, "INV-1", 4)
    org.mirror()
    org.switch("live")
    org.plan()
    return invoice


def write(org: Chasing, text: str) -> None:
    with org.app.database.write(org.organisation_id) as session:
        desk = desk_of(session, org.organisation_id)
        found = find(session, desk, org.only_chaser().id, clock.now())
        assert own_letter.draft(session, desk, found, clock.now()).mail is not None
        own_letter.write(session, desk, found, "", text, "Anna Hale", clock.now(), most_segments=3)
