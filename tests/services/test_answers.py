"""A colleague answers a customer: as themselves, in the thread, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import time_machine

from integration.email import headers
from integration.email.mailer import MailAccountProblem, MailPostponed, MailRefused, MailUnsure
from integration.ledger import Unreachable
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services import answer_drafts, answers, answers_out, mail_events, replies, restriction, stopping
from services.answer_settling import Ending
from services.answers import Written
from services.inbound_mail import InboundFile, InboundMail
from store.models import (
    Answer,
    Communication,
    Dispute,
    Invoice,
    LedgerNote,
    Organisation,
    PaidClaim,
    PromiseToPay,
    Reply,
)
from tests.services.mail_stage import INBOUND_DOMAIN, Stage, stage_hand
from tests.support.fake_ledger import FakeLedger
from tests.support.fake_mailer import FakeMailer
from tests.support.mirrored import default_sender

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
ANNA = "anna@hedgerow.example"


@pytest.fixture
def traveller() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def stage(database_url: str, tmp_path: Path, traveller: Any) -> Iterator[Stage]:
    with stage_hand(database_url, tmp_path) as hand:
        stage = hand()
        with stage.app.database.write(stage.organisation_id) as session:
            row = default_sender(stage.organisation_id, "Anna Hale", ANNA)
            row.signature = "Anna Hale\nHedgerow Joinery"
            session.add(row)
        yield stage


@pytest.fixture
def mailer() -> FakeMailer:
    return FakeMailer()


def come_in(stage: Stage, headers: str = "", **fields: str) -> Communication:
    """A reply of the customer."""
    usual = {
        "to": f"r-{stage.token}@{INBOUND_DOMAIN}",
        "from": "Priya Nair <priya@ashdown.example>",
        "subject": "Re: Invoice INV-1042",
        "text": "Could you send me a copy?\n\nOn 2 Nov 2026, Anna Hale wrote:\n> Hello\n",
        "headers": f"Message-ID: <{new_id()}@ashdown.example>\n{headers}",
    }
    form = InboundMail({name: value.encode() for name, value in {**usual, **fields}.items()}, [])
    stage.receive("sendgrid_inbound", new_id(), msgspec.msgpack.encode(form))
    replies.handle(stage.app)
    return max(stage.replies(), key=lambda one: one.created_at)


def answer(stage: Stage, message: Communication, text: str = "Here it is.", **values: Any) -> str:
    with stage.app.database.write(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        found = session.get_one(Communication, (stage.organisation_id, message.id))
        return answers.write(
            stage.app, session, organisation, found, Written(text, **values), by="Anna Hale", person_id=None,
            now=clock.now(),
        ).id  # fmt: skip


def send(stage: Stage, mailer: FakeMailer | None) -> None:
    for _ in range(5):
        if not answers_out.send_with(stage.app, stage.organisation_id, mailer):
            return


def row(stage: Stage) -> Answer:
    return stage.all(Answer)[-1]  # type: ignore[no-any-return]


def test_it_goes_to_who_wrote_in_the_thread_as_the_colleague(stage: Stage, mailer: FakeMailer) -> None:
    message = come_in(stage)
    answer_id = answer(stage, message, files=(InboundFile("a/b.txt", "text/plain", b"x"),))
    assert answers_out.due(stage.app) == [stage.organisation_id]
    send(stage, mailer)
    (mail,) = mailer.taken
    assert (mail.from_name, mail.from_email, mail.to) == ("Anna Hale", ANNA, ("priya@ashdown.example",))
    assert mail.subject == "Re: Invoice INV-1042" and mail.in_reply_to == message.message_id
    assert mail.references == (stage.chaser().message_id, message.message_id)
    assert mail.text.startswith(
        "Here it is.\n\nOn 16 November 2026, Priya Nair wrote:\n> Could you send me a copy?"
    )
    assert [file.name for file in mail.files] == ["b.txt"]
    headers.check(mail)
    sent = stage.communication(answer_id)
    assert (sent.kind, sent.direction, sent.status, sent.in_reply_to) == ("answer", "out", "sent", message.id)
    assert stage.contact().last_message_at == clock.now(), "it counts for the gap"


def test_the_reply_is_answered_once_it_has_left_and_the_ledger_is_told_once(
    stage: Stage, mailer: FakeMailer
) -> None:
    message = come_in(stage)
    answer_id = answer(stage, message)
    assert stage.all(Reply)[0].state == "waiting"
    send(stage, mailer)
    (reply,) = stage.all(Reply)
    assert (reply.state, reply.settled_as, reply.settled_by) == ("settled", "answered", "Anna Hale")
    assert [hold for hold in stage.holds() if hold.released_at is None] == []
    notes = [note for note in stage.all(LedgerNote) if note.communication_id == answer_id]
    assert sorted(note.target for note in notes) == ["contact", "invoice"]
    assert notes[0].text.startswith("Dunnock: e-mail “Answer” to")


PROMISE = "We will pay this on 30 November."


def held(stage: Stage) -> list[str]:
    return sorted(hold.kind for hold in stage.holds() if hold.released_at is None)


def test_what_the_answer_to_a_promise_says_holds_before_it_leaves(stage: Stage, mailer: FakeMailer) -> None:
    """ "We have noted the day and will not remind you before it." """
    answer(stage, come_in(stage, text=PROMISE), begun_with="will_pay")
    (promise,) = stage.all(PromiseToPay)
    assert promise.promised_on == date(2026, 11, 30) and stage.all(Reply)[0].settled_as == "will_pay"
    send(stage, mailer)
    assert len(mailer.taken) == 1 and stage.all(PromiseToPay)[0].state == "open"


@pytest.mark.parametrize(
    ("text", "kind"),
    [("We have paid this.", "paid_claim"), ("The invoice is wrong, we got half.", "dispute")],
)
def test_so_it_does_for_a_payment_and_a_dispute(
    stage: Stage, mailer: FakeMailer, text: str, kind: str
) -> None:
    message = come_in(stage, text=text)
    answer(stage, message, begun_with=stage.all(Reply)[0].meaning)
    send(stage, mailer)
    assert held(stage) in ([kind], []) and (stage.all(Dispute) or stage.all(PaidClaim))


def test_where_nothing_can_be_noted_the_customer_stays_on_hold(stage: Stage, mailer: FakeMailer) -> None:
    answer(stage, come_in(stage, text="We will pay soon."), begun_with="will_pay")
    send(stage, mailer)
    assert len(mailer.taken) == 1
    assert stage.all(Reply)[0].state == "waiting" and held(stage) == ["reply"]


def test_a_text_that_promises_rest_does_not_let_chasing_go_on(stage: Stage) -> None:
    message = come_in(stage, text=PROMISE)
    with pytest.raises(UserError, match="tells the customer what will be done"):
        answer(stage, message, begun_with="will_pay", ending=Ending.ANSWERED)
    assert stage.all(Answer) == [] and held(stage) == ["reply"]


def test_in_own_words_chasing_can_go_on_and_the_promise_be_taken_afterwards(
    stage: Stage, mailer: FakeMailer
) -> None:
    message = come_in(stage, text=PROMISE)
    answer(stage, message, "That is too late.", ending=Ending.ANSWERED)
    send(stage, mailer)
    assert held(stage) == [] and stage.all(PromiseToPay) == []
    answer(stage, message, "All right then.", begun_with="will_pay")
    assert len(stage.all(PromiseToPay)) == 1 and stage.all(Reply)[0].settled_as == "will_pay"


def test_what_comes_back_to_an_answer_is_found_by_its_own_address(
    stage: Stage, mailer: FakeMailer, traveller: Any
) -> None:
    answer_id = answer(stage, come_in(stage))
    send(stage, mailer)
    (mail,) = mailer.taken
    traveller.shift(60)
    again = come_in(stage, to=str(mail.reply_to))
    assert again.in_reply_to == answer_id


def test_what_may_have_left_is_not_sent_again(stage: Stage, mailer: FakeMailer, traveller: Any) -> None:
    answer_id = answer(stage, come_in(stage))
    mailer.lost_answers.append(MailUnsure("lost"))
    send(stage, mailer)
    send(stage, mailer)
    assert len(mailer.taken) == 1 and row(stage).status == "unknown"
    assert stage.communication(answer_id).status == "unknown" and stage.all(Reply)[0].state == "waiting"


def test_a_death_during_the_hand_over_sends_nothing_twice(
    stage: Stage, mailer: FakeMailer, traveller: Any
) -> None:
    answer(stage, come_in(stage))
    mailer.lost_answers.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        send(stage, mailer)
    traveller.shift(timedelta(minutes=11))
    assert answers_out.due(stage.app) == [stage.organisation_id]
    send(stage, mailer)
    assert len(mailer.taken) == 1 and row(stage).status == "unknown"


@pytest.mark.parametrize("late", [False, True])
def test_a_report_says_that_it_left_when_nobody_else_could_and_settles_what_it_answers(
    stage: Stage, mailer: FakeMailer, traveller: Any, late: bool
) -> None:
    answer_id = answer(stage, come_in(stage))
    mailer.lost_answers.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        send(stage, mailer)
    traveller.shift(timedelta(minutes=11))
    if late:
        send(stage, mailer)
        assert row(stage).status == "unknown"
    stage.receive("sendgrid_events", "delivered", stage.event("delivered", dunnock_id=answer_id))
    mail_events.handle(stage.app)
    send(stage, mailer)
    assert len(mailer.taken) == 1 and (row(stage).status, row(stage).problem) == ("sent", None)
    found = stage.communication(answer_id)
    assert (found.status, found.reason) == ("delivered", None)
    assert (stage.all(Reply)[0].state, stage.all(Reply)[0].settled_as) == ("settled", "answered")


@pytest.mark.parametrize("fault", [MailPostponed("later", 30.0), MailAccountProblem("key")])
def test_what_surely_did_not_leave_is_tried_again(
    stage: Stage, mailer: FakeMailer, traveller: Any, fault: Exception
) -> None:
    answer(stage, come_in(stage))
    mailer.failures.append(fault)
    send(stage, mailer)
    assert mailer.taken == []
    traveller.shift(timedelta(hours=1, seconds=1))
    send(stage, mailer)
    assert len(mailer.taken) == 1


def test_a_refused_one_says_so_and_the_reply_waits_on(stage: Stage, mailer: FakeMailer) -> None:
    answer_id = answer(stage, come_in(stage))
    mailer.failures.append(MailRefused("too large"))
    send(stage, mailer)
    failed = stage.communication(answer_id)
    assert failed.status == "failed" and "too large" in str(failed.reason)
    assert stage.all(Reply)[0].state == "waiting"


def test_while_all_mail_is_stopped_it_waits(stage: Stage, mailer: FakeMailer) -> None:
    answer(stage, come_in(stage))
    stopping.stop(stage.app, stage.organisation_id, "The books are being moved.", "Anna Hale")
    send(stage, mailer)
    assert mailer.taken == [] and "The books are being moved" in str(row(stage).problem)


def test_what_waits_does_not_leave_to_a_customer_who_is_restricted_meanwhile(
    stage: Stage, mailer: FakeMailer
) -> None:
    message = come_in(stage)
    answer_id = answer(stage, message)
    restriction.restrict(stage.app, stage.organisation_id, message.contact_id, on=True, by="Olga Owner")
    send(stage, mailer)
    assert mailer.taken == []
    failed = stage.communication(answer_id)
    assert failed.status == "failed" and "This customer is restricted" in str(failed.reason)
    assert stage.all(Reply)[0].state == "waiting"
    restriction.restrict(stage.app, stage.organisation_id, message.contact_id, on=False, by="Olga Owner")
    send(stage, mailer)
    assert mailer.taken == []


def test_a_further_reply_does_not_take_back_an_answer_that_waits(stage: Stage, mailer: FakeMailer) -> None:
    answer(stage, come_in(stage))
    come_in(stage, text="Never mind.")
    send(stage, mailer)
    assert len(mailer.taken) == 1


def test_in_log_mode_nothing_is_handed_over(stage: Stage) -> None:
    answer_id = answer(stage, come_in(stage))
    send(stage, None)
    assert row(stage).status == "recorded" and stage.communication(answer_id).status == "cancelled"


def test_machines_are_not_answered(stage: Stage) -> None:
    away = come_in(stage, headers="Auto-Submitted: auto-replied\n")
    with pytest.raises(UserError, match="A machine wrote this"):
        answer(stage, away)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"text": " \n"}, "is empty"),
        ({"text": "x" * 20_001}, "too long"),
        ({"files": (InboundFile("a", "b/c", b"x" * (answers.LARGEST + 1)),)}, "larger than 10 MB"),
        ({"invoice_ids": ("0" * 32,)}, "invoices of this customer"),
    ],
)
def test_what_cannot_be_sent_is_said_before_anything_is_kept(
    stage: Stage, values: dict[str, Any], words: str
) -> None:
    message = come_in(stage)
    with pytest.raises(UserError, match=words):
        answer(stage, message, **values)
    assert stage.all(Answer) == []


def test_whatever_the_customer_wrote_the_answer_can_be_sent(stage: Stage, mailer: FakeMailer) -> None:
    message = come_in(
        stage, subject="=?utf-8?b?SGVsbG8=?=\r\nBcc: x@y.example", **{"from": "P\x00 <p@q.example>"}
    )
    answer(stage, message)
    send(stage, mailer)
    (mail,) = mailer.taken
    headers.check(mail)
    assert mail.to == ("p@q.example",)


@pytest.mark.parametrize(
    "meaning", ["paid", "will_pay", "dispute", "wrong_person", "needs_copy", "question", "other"]
)
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_draft_is_offered_for_each_meaning_in_the_customers_language(
    stage: Stage, meaning: str, language: str
) -> None:
    message = come_in(stage)
    with stage.app.database.write(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        found = session.get_one(Communication, (stage.organisation_id, message.id))
        stage_contact = session.get_one(type(stage.contact()), (stage.organisation_id, stage.contact_id))
        stage_contact.language = language
        session.flush()
        sender = answers.writer(session, organisation, stage.contact_id, None)
        assert sender
        text = answer_drafts.draft(session, organisation, found, meaning, sender, clock.now())
    greeting = {"en": "Hello", "de": "Guten Tag", "fr": "Bonjour"}[language]
    assert text.startswith(greeting) and text.endswith("Anna Hale\nHedgerow Joinery")
    assert ("INV-1042" in text) == (meaning in ("paid", "will_pay", "needs_copy"))
    assert "{" not in text


def drafted(stage: Stage, message: Communication, meaning: str) -> str:
    with stage.app.database.read(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        sender = answers.writer(session, organisation, stage.contact_id, None)
        assert sender
        found = session.get_one(Communication, (stage.organisation_id, message.id))
        return answer_drafts.draft(session, organisation, found, meaning, sender, clock.now())


@pytest.mark.parametrize(
    ("writer", "greeting"),
    [
        ("Priya Nair <priya@ashdown.example>", "Hello Priya,"),
        ("Conor Breslin <c.breslin@elsewhere.example>", "Hello Conor,"),
        ("Ashdown Interiors <office@ashdown.example>", "Hello,"),
        ("Priya Accounts <priya@ashdown.example>", "Hello,"),
        ("accounts@ashdown.example", "Hello Aoife,"),
    ],
)
def test_a_draft_greets_whoever_wrote(stage: Stage, writer: str, greeting: str) -> None:
    with stage.app.database.write(stage.organisation_id) as session:
        session.get_one(type(stage.contact()), (stage.organisation_id, stage.contact_id)).first_name = "Aoife"
    assert drafted(stage, come_in(stage, **{"from": writer}), "other").startswith(greeting + "\n")


def test_a_draft_does_not_ask_for_what_was_said(stage: Stage, traveller: Any) -> None:
    asked = drafted(stage, come_in(stage, text="We have paid this."), "paid")
    assert "the day and the reference" in asked
    traveller.shift(60)
    told = drafted(stage, come_in(stage, text="We paid this on 13 November, reference 5512."), "paid")
    assert "the day and the reference" not in told and "meantime.\n\nKind regards" in told


def test_what_was_said_on_the_customers_page_is_answered_in_the_thread_of_the_mail(
    stage: Stage, mailer: FakeMailer
) -> None:
    with stage.app.database.write(stage.organisation_id) as session:
        message = replies.take(
            session,
            stage.organisation_id,
            stage.contact_id,
            channel="page",
            text="Please call me.",
            from_name="Ann Bell",
            in_reply_to=stage.chaser_id,
            now=clock.now(),
            key="k",
        )
    assert drafted(stage, message, "question").startswith("Hello Ann,")
    answer(stage, message)
    send(stage, mailer)
    (mail,) = mailer.taken
    assert mail.to == ("accounts@ashdown.example",) and mail.subject == f"Re: {stage.chaser().subject}"
    assert mail.in_reply_to == stage.chaser().message_id
    assert mail.references == (stage.chaser().message_id,)
    assert "Ann Bell wrote:\n> Please call me." in mail.text
    assert stage.all(Reply)[0].settled_as == "answered"


def test_the_invoices_pdfs_go_with_it_once_the_ledger_has_given_them(
    stage: Stage, mailer: FakeMailer, traveller: Any
) -> None:
    ledger = FakeLedger()
    ledger_id = ledger.add_invoice(ledger.add_contact("Ashdown Interiors"), number="INV-1042")
    with stage.app.database.write(stage.organisation_id) as session:
        session.get_one(Invoice, (stage.organisation_id, stage.invoice_id)).ledger_id = ledger_id
    answer(stage, come_in(stage), invoice_ids=(stage.invoice_id,))
    ledger.without_pdf[ledger_id] = Unreachable("The ledger is away.")
    answers_out.send_with(stage.app, stage.organisation_id, mailer, ledger)
    assert mailer.taken == [] and "gave no PDF of invoice INV-1042" in str(row(stage).problem)
    ledger.without_pdf.clear()
    traveller.shift(timedelta(minutes=10))
    answers_out.send_with(stage.app, stage.organisation_id, mailer, ledger)
    (mail,) = mailer.taken
    assert [file.name for file in mail.files] == ["INV-1042.pdf"]
