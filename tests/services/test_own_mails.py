"""What a colleague writes to a customer by hand stands on the timeline, counts as a message, and goes round in no loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import time_machine

from kit import clock
from kit.ids import new_id
from services import forwards, note_text, own_mails, replies
from services.inbound_mail import InboundMail
from store.models import Communication, CommunicationInvoice, InboxEvent, Reply
from tests.services.mail_stage import INBOUND_DOMAIN, Stage, stage_hand
from tests.services.mailbox_stage import ACCOUNTS, PRIYA, MailboxStage, mailbox_stage
from tests.support.chasing import chasing
from tests.support.fake_mailer import FakeMailer
from tests.support.smtp_server import USER, authority_file

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
ANNA = "anna@hedgerow.example"
PROVEN = {"dkim": "{@hedgerow.example : pass}", "SPF": "softfail"}


@pytest.fixture
def traveller() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as found:
        yield found


@pytest.fixture
def stage(
    database_url: str, tmp_path: Path, traveller: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    monkeypatch.setenv("SSL_CERT_FILE", authority_file(tmp_path))
    with stage_hand(database_url, tmp_path) as hand:
        yield hand(TOKEN_KEYS="k" * 40, SEND_MODE="live")


@pytest.fixture
def box(stage: Stage) -> Iterator[MailboxStage]:
    with mailbox_stage(stage) as found:
        found.switch_on()
        yield found


def own(stage: Stage, direction: str = "out") -> list[Communication]:
    found = stage.all(Communication)
    return [one for one in found if one.kind == own_mails.KIND and one.direction == direction]


def about(stage: Stage, mail: Communication) -> list[str]:
    return [row.invoice_id for row in stage.all(CommunicationInvoice) if row.communication_id == mail.id]


def test_a_mail_among_what_was_sent_stands_on_the_timeline_and_counts_as_a_message(
    stage: Stage, box: MailboxStage
) -> None:
    box.is_sent(at=NOON + timedelta(0), body="Hello Priya, here is the copy that you asked for.\n")
    box.read()
    (mail,) = own(stage)
    assert (mail.channel, mail.status, mail.from_name, mail.to) == ("email", "sent", "Anna Hale", [ACCOUNTS])
    assert mail.body_text == "Hello Priya, here is the copy that you asked for."
    assert mail.in_reply_to == stage.chaser_id and about(stage, mail) == [stage.invoice_id]
    assert stage.contact().last_message_at == NOON, "so nobody is chased just after it"
    assert stage.contact().next_look_at == NOON
    assert stage.holds() == [], "it is no answer of the customer"
    assert box.server.is_untouched()


def test_the_ledger_is_told_once_in_the_colleagues_words(stage: Stage, box: MailboxStage) -> None:
    box.is_sent(body="Here is the copy.\n\nOn 2 Nov 2026, Priya Nair <p@ashdown.example> wrote:\n> Send it\n")
    box.read()
    box.read()
    assert sorted(note.target for note in stage.notes()) == ["contact", "invoice"]
    text = stage.notes()[0].text
    assert text.startswith("Dunnock: mail by hand “Re: Invoice INV-1042” to Ashdown Interiors on 16 Nov 2026")
    assert "by Anna Hale: “Here is the copy.”" in text and "Send it" not in text
    assert not note_text.tells_of_chaser(text)
    fact = stage.notes()[0].fact or ""
    assert fact.startswith("Dunnock: mail by hand to Ashdown Interiors on 16 Nov 2026"), (
        "its subject is words, too"
    )


def test_a_question_is_answered_by_it_and_a_claim_still_waits_for_a_person(
    stage: Stage, box: MailboxStage, traveller: Any
) -> None:
    box.arrives(body="Which delivery was this for?")
    box.read()
    traveller.shift(timedelta(minutes=5))
    box.is_sent(body="The one of 3 October.")
    box.read()
    (question,) = stage.all(Reply)
    assert (question.state, question.settled_as, question.settled_by) == ("settled", "answered", "Anna Hale")
    assert all(hold.released_at for hold in stage.holds()), "it was read, and answered"
    box.arrives(body="We have paid this invoice on Monday.")
    box.read()
    traveller.shift(timedelta(minutes=5))
    box.is_sent(body="Thank you, I shall look.")
    box.read()
    (claim,) = [one for one in stage.all(Reply) if one.state == "waiting"]
    assert claim.meaning == "paid"


def test_an_answer_to_the_customers_own_mail_is_in_the_thread_as_well(
    stage: Stage, box: MailboxStage
) -> None:
    box.arrives(message_id="<theirs@ashdown.example>")
    box.read()
    box.is_sent(in_reply_to="<theirs@ashdown.example>", to=PRIYA)
    box.read()
    (mail,) = own(stage)
    assert mail.in_reply_to == stage.replies()[0].id and about(stage, mail) == [stage.invoice_id]


def test_a_mail_to_a_customer_that_names_an_open_invoice_needs_no_thread(
    stage: Stage, box: MailboxStage
) -> None:
    box.is_sent(in_reply_to="", subject="A word about inv-1042")
    box.read()
    (mail,) = own(stage)
    assert mail.in_reply_to is None and about(stage, mail) == [stage.invoice_id]


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "boss@hedgerow.example"},
        {"in_reply_to": "", "subject": "Lunch?"},
        {"in_reply_to": "", "to": "mum@home.example", "subject": "INV-1042"},
        {"x_reference_id": "a" * 32},
    ],
    ids=["passed on inside", "no word of an invoice", "to a stranger", "our own chaser"],
)
def test_nothing_else_that_was_sent_leaves_a_trace(
    stage: Stage, box: MailboxStage, fields: dict[str, Any]
) -> None:
    box.is_sent(**fields)
    box.read()
    assert own(stage) == [] and stage.outcomes() == []


def test_the_copy_of_a_chaser_among_what_was_sent_is_no_mail_by_hand(stage: Stage, box: MailboxStage) -> None:
    box.is_sent(message_id=box.chaser_mail_id, in_reply_to="")
    box.read()
    assert own(stage) == []


def test_the_customers_answer_to_it_is_an_answer(stage: Stage, box: MailboxStage) -> None:
    sent = box.is_sent()
    box.read()
    box.arrives(in_reply_to=sent["Message-ID"])
    box.read()
    (reply,) = stage.replies()
    assert (reply.kind, reply.in_reply_to) == ("reply", own(stage)[0].id)
    assert [hold.kind for hold in stage.holds()] == ["reply"]


# -- by the mail provider -------------------------------------------------------------------------------


def comes_in(stage: Stage, **fields: str) -> None:
    """A mail comes to the chaser's reply address by the mail provider."""
    usual = {
        "to": f"Priya Nair <priya@ashdown.example>, r-{stage.token}@{INBOUND_DOMAIN}",
        "from": f"Anna Hale <{ANNA}>",
        "subject": "Re: Invoice INV-1042",
        "text": "Thank you, Priya; I shall wait until Friday.",
        "envelope": f'{{"to": ["r-{stage.token}@{INBOUND_DOMAIN}"], "from": "{ANNA}"}}',
        "headers": f"Message-ID: <{new_id()}@hedgerow.example>\n",
    }
    form = InboundMail({name: text.encode() for name, text in {**usual, **fields}.items()}, [])
    stage.receive("sendgrid_inbound", new_id(), msgspec.msgpack.encode(form), at=NOON)
    replies.handle(stage.app)


def customer_answers(stage: Stage, **fields: str) -> None:
    comes_in(stage, **{"from": PRIYA, "to": f"r-{stage.token}@{INBOUND_DOMAIN}", "text": "Soon."} | fields)


def pass_on(stage: Stage, mailer: FakeMailer) -> None:
    while forwards.forward_with(stage.app, stage.organisation_id, mailer):
        pass


def test_what_is_passed_on_is_answered_to_the_customer_and_to_the_timeline(stage: Stage) -> None:
    mailer = FakeMailer()
    customer_answers(stage)
    pass_on(stage, mailer)
    (mail,) = mailer.taken
    assert mail.answers_to == ("priya@ashdown.example", f"r-{stage.token}@{INBOUND_DOMAIN}")
    assert "it goes to priya@ashdown.example, and to the timeline." in mail.text


@pytest.mark.parametrize(
    "proof",
    [PROVEN, {"dkim": "none", "SPF": "pass"}, {"dkim": "{@mail.hedgerow.example : pass}"}],
    ids=["signed", "by its server", "signed below the domain"],
)
def test_the_colleagues_answer_is_the_colleagues(stage: Stage, proof: dict[str, str]) -> None:
    customer_answers(stage)
    comes_in(stage, **proof)
    (mail,) = own(stage)
    assert (mail.from_email, mail.to) == (ANNA, ["priya@ashdown.example"])
    assert [one.from_email for one in stage.replies()] == ["priya@ashdown.example"]
    assert stage.contact().last_message_at == NOON


def test_it_holds_nobody_and_is_passed_on_to_nobody(stage: Stage) -> None:
    comes_in(stage, **PROVEN)
    assert stage.holds() == [] and forwards.due(stage.app) == []
    assert len(own(stage)) == 1 and len(stage.notes()) == 2


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"dkim": "{@hedgerow.example : fail}", "SPF": "fail"},
        {"dkim": "{@evil.example : pass}"},
        {"SPF": "pass", "envelope": '{"to": [], "from": "x@evil.example"}'},
    ],
    ids=["nothing known", "refuted", "another's signature", "another's server"],
)
def test_who_only_claims_to_be_the_colleague_is_shown_and_changes_nothing(
    stage: Stage, proof: dict[str, str]
) -> None:
    planned = stage.add_chaser("planned")
    comes_in(stage, **proof)
    (mail,) = own(stage, "in")
    assert str(mail.reason).startswith("Sender not proven: it names anna@hedgerow.example")
    assert stage.holds() == [] and stage.notes() == [] and own(stage) == []
    assert stage.communication(planned).status == "planned"
    assert stage.contact().last_message_at is None and forwards.due(stage.app) == []


def test_a_customer_with_the_senders_address_is_still_a_customer(stage: Stage) -> None:
    stage.change(to=[ANNA])
    comes_in(stage, **PROVEN)
    assert [one.kind for one in stage.replies()] == ["reply"] and len(stage.holds()) == 1


def test_an_answer_under_the_id_of_our_own_mail_is_heard(stage: Stage) -> None:
    customer_answers(stage, headers=f"Message-ID: <{stage.chaser_id}@{INBOUND_DOMAIN}>\n")
    assert len(stage.replies()) == 1 and len(stage.holds()) == 1


def test_the_colleagues_out_of_office_is_no_answer(stage: Stage) -> None:
    comes_in(stage, **PROVEN, headers="Message-ID: <ooo@hedgerow.example>\nAuto-Submitted: auto-replied\n")
    assert own(stage) == [] and stage.holds() == [] and forwards.due(stage.app) == []


def test_the_customers_reply_to_all_is_on_the_timeline_once(stage: Stage, box: MailboxStage) -> None:
    headers = f"Message-ID: <all@ashdown.example>\nIn-Reply-To: {box.chaser_mail_id}\n"
    customer_answers(stage, headers=headers, cc=f"Anna Hale <{ANNA}>")
    box.arrives(message_id="<all@ashdown.example>", cc=f"r-{stage.token}@{INBOUND_DOMAIN}")
    box.read()
    assert len(stage.replies()) == 1
    assert forwards.due(stage.app) == [], "the colleague has it already"


def test_the_colleagues_answer_among_what_was_sent_and_by_the_provider_is_one(
    stage: Stage, box: MailboxStage
) -> None:
    comes_in(stage, **PROVEN, headers="Message-ID: <own@hedgerow.example>\n")
    box.is_sent(message_id="<own@hedgerow.example>", cc=f"r-{stage.token}@{INBOUND_DOMAIN}")
    box.read()
    assert len(own(stage)) == 1 and USER == ANNA


def test_nobody_is_chased_two_days_after_a_colleague_wrote_by_hand(database_url: str, tmp_path: Path) -> None:
    with chasing(database_url, tmp_path, sender_email=ANNA) as org:
        org.app.settings = replace(org.app.settings, inbound_mail_domain=INBOUND_DOMAIN)
        org.one_due()
        org.plan()
        org.send()
        sent = org.only_chaser()
        org.shift(days=8)
        org.mirror()
        fields = {
            "from": f"Anna Hale <{ANNA}>", "to": f"r-{sent.reply_token}@{INBOUND_DOMAIN}", "text": "Hello again.",
            "headers": "Message-ID: <by-hand@hedgerow.example>\n", **PROVEN,
        }  # fmt: skip
        form = InboundMail({name: text.encode() for name, text in fields.items()}, [])
        with org.app.database.write_across() as session:
            now = clock.now()
            session.add(
                InboxEvent(
                    source="sendgrid_inbound", key=new_id(), payload=msgspec.msgpack.encode(form),
                    received_at=now, next_try_at=now,
                )
            )  # fmt: skip
        replies.handle(org.app)
        org.shift(days=2)
        org.plan(everything=True)
        assert [
            one.planned_for
            for one in org.chasers("planned")
            if (one.planned_for or now) < now + timedelta(days=4)
        ] == []
        org.send()
        assert len(org.mailer.taken) == 1
