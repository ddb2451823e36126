"""A colleague's own mailbox: answers in it are found, everything else in it stays the colleague's alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest
import time_machine

from kit.errors import UserError
from kit.ids import new_id
from services import mailbox_reading, replies
from services.inbound_mail import InboundMail
from store.models import (
    Attachment,
    InboxEvent,
    InternalNotice,
    MailboxReading,
    Membership,
    Person,
    StoppedAddress,
)
from tests.services.mail_stage import INBOUND_DOMAIN, Stage, stage_hand
from tests.services.mailbox_stage import ACCOUNTS, PRIYA, MailboxStage, mailbox_stage
from tests.support.smtp_server import USER, authority_file

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


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
        yield hand(TOKEN_KEYS="k" * 40)


@pytest.fixture
def box(stage: Stage) -> Iterator[MailboxStage]:
    with mailbox_stage(stage) as found:
        found.switch_on()
        yield found


def test_an_answer_in_the_mailbox_stands_on_the_timeline_and_stops_the_chasing(
    stage: Stage, box: MailboxStage
) -> None:
    box.arrives(body="It was paid yesterday.\n")
    box.read()
    (reply,) = stage.replies()
    assert (reply.kind, reply.in_reply_to, reply.contact_id) == ("reply", stage.chaser_id, stage.contact_id)
    assert (reply.from_name, reply.from_email) == ("Priya Nair", "priya@ashdown.example")
    assert reply.body_text == "It was paid yesterday." and reply.subject == "Re: Invoice INV-1042"
    assert [hold.kind for hold in stage.holds()] == ["reply"]
    assert box.server.is_untouched(), "the colleague finds it unread, where it was"
    assert (box.reading().found, box.reading().problem, box.reading().read_at) == (1, None, NOON)


def test_its_files_come_along(stage: Stage, box: MailboxStage) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = PRIYA, USER, "Zahlung für Größe"
    mail["Message-ID"], mail["References"] = "<m1@ashdown.example>", box.chaser_mail_id
    mail.set_content("Anbei der Beleg für die Überweisung.", charset="iso-8859-1")
    mail.add_alternative("<p>Anbei</p>", subtype="html")
    mail.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename="Überweisung.pdf")
    box.server.add(mail, at=NOON)
    box.read()
    (reply,) = stage.replies()
    assert reply.body_text == "Anbei der Beleg für die Überweisung." and reply.subject == "Zahlung für Größe"
    assert [(file.name, file.content) for file in stage.all(Attachment)] == [("Überweisung.pdf", b"%PDF-1")]


def test_a_customer_who_names_an_open_invoice_needs_no_thread(stage: Stage, box: MailboxStage) -> None:
    box.arrives(
        in_reply_to="", from_=ACCOUNTS, subject="Your invoice", body="About inv-1042: we have paid it."
    )
    box.read()
    (reply,) = stage.replies()
    assert (reply.contact_id, reply.in_reply_to) == (stage.contact_id, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"in_reply_to": "", "from_": "Mum <mum@home.example>", "subject": "Sunday lunch, INV-1042?"},
        {"in_reply_to": "<another@ledger.example>", "from_": "bank@bank.example"},
        {"in_reply_to": "", "subject": "Lunch?", "from_": ACCOUNTS},
        {"in_reply_to": "", "subject": "INV-10422", "from_": ACCOUNTS},
        {"from_": USER, "subject": "Note to self"},
    ],
    ids=[
        "a stranger naming a number",
        "another thread",
        "a customer's private word",
        "another number",
        "herself",
    ],
)
def test_nothing_else_in_the_mailbox_leaves_a_trace(
    stage: Stage, box: MailboxStage, fields: dict[str, Any]
) -> None:
    box.arrives(**fields, body="Nothing of yours.")
    box.read()
    assert stage.replies() == [] and stage.outcomes() == [] and box.reading().found == 0


def test_what_came_before_reading_was_switched_on_is_not_looked_at(stage: Stage, box: MailboxStage) -> None:
    box.arrives(at=NOON - timedelta(seconds=1))
    box.read()
    assert stage.outcomes() == []


def test_the_same_mail_by_the_provider_and_in_the_mailbox_is_one(stage: Stage, box: MailboxStage) -> None:
    mail = box.arrives(message_id="<same@ashdown.example>")
    box.read()
    form = InboundMail(
        {
            "to": f"r-{stage.token}@{INBOUND_DOMAIN}".encode(),
            "from": PRIYA.encode(),
            "text": mail.get_content().encode(),
            "headers": b"Message-ID: <same@ashdown.example>\n",
        },
        [],
    )
    stage.receive("sendgrid_inbound", new_id(), msgspec.msgpack.encode(form))
    replies.handle(stage.app)
    assert len(stage.replies()) == 1 and stage.outcomes() == ["answered", "known already"]


def test_a_mail_lies_in_two_mailboxes_and_is_one(stage: Stage, box: MailboxStage) -> None:
    box.arrives(message_id="<same@ashdown.example>")
    box.arrives(message_id="<same@ashdown.example>")
    box.read()
    assert len(stage.replies()) == 1


def test_numbers_that_begin_anew_lose_nothing_and_bring_nothing_twice(
    stage: Stage, box: MailboxStage, traveller: Any
) -> None:
    box.arrives()
    box.read()
    traveller.shift(timedelta(minutes=5))
    box.server.renumber(start=100)
    box.arrives(body="And one more thing.")
    box.read()
    assert len(stage.replies()) == 2
    assert sum(line.startswith("UID SEARCH SINCE") for line in box.server.asked) == 3, (
        "twice at first, once anew"
    )


def test_a_mailbox_that_is_full_of_other_mails_is_read_in_rounds(stage: Stage, box: MailboxStage) -> None:
    box.read()
    for _ in range(230):
        box.arrives(in_reply_to="", subject="News")
    box.arrives()
    box.read()
    assert len(stage.replies()) == 1


def test_a_connection_that_breaks_in_the_middle_loses_nothing(
    stage: Stage, box: MailboxStage, traveller: Any
) -> None:
    box.arrives()
    box.server.drop_at = "FETCH"
    mailbox_reading.read(stage.app, stage.organisation_id)
    assert "broke off" in str(box.reading().problem) and not box.reading().refused
    assert box.reading().next_at == NOON + timedelta(minutes=1)
    mailbox_reading.read(stage.app, stage.organisation_id)
    traveller.shift(timedelta(minutes=2))
    mailbox_reading.read(stage.app, stage.organisation_id)
    assert box.reading().next_at == NOON + timedelta(minutes=4), "longer each time"
    box.server.drop_at = ""
    box.read()
    assert len(stage.replies()) == 1 and box.reading().problem is None and box.reading().failures == 0


def test_a_server_too_slow_for_a_large_mail_brings_its_beginning_in_the_end(
    stage: Stage, box: MailboxStage, traveller: Any
) -> None:
    box.arrives(body="Paid.\n" + "x" * 900_000)
    with stage.app.database.write(stage.organisation_id) as session:
        session.get_one(MailboxReading, (stage.organisation_id, box.sender_id)).failures = 3
    box.read()
    (reply,) = stage.replies()
    assert str(reply.body_text).startswith("Paid.") and "too large" in str(reply.reason)
    assert box.reading().failures == 0


def test_a_refused_password_is_said_once_and_tried_seldom(stage: Stage, box: MailboxStage) -> None:
    person_id = new_id()
    with stage.app.database.write_across() as session:
        session.add(Person(id=person_id, subject="anna", email=USER, name="Anna Hale", created_at=NOON))
        session.flush()
        session.add(Membership(organisation_id=stage.organisation_id, person_id=person_id, role="owner"))
    box.server.answers["AUTHENTICATE"] = "NO [AUTHENTICATIONFAILED] Invalid credentials"
    box.read()
    box.read()
    assert box.reading().refused and "Invalid credentials" in str(box.reading().problem)
    assert box.reading().next_at >= NOON + timedelta(hours=1)
    (notice,) = stage.all(InternalNotice)
    assert (notice.to, notice.status) == (USER, "pending") and "not seen any more" in notice.body
    box.server.answers.clear()
    box.read()
    assert not box.reading().refused


def test_it_is_read_each_minute_while_mails_are_out_and_else_now_and_then(
    stage: Stage, box: MailboxStage
) -> None:
    box.read()
    assert box.reading().next_at == NOON + timedelta(minutes=5)
    stage.change(handed_over_at=NOON - timedelta(days=1))
    box.read()
    assert box.reading().next_at < NOON + timedelta(minutes=1)


def test_switched_off_nobody_looks_and_nothing_is_remembered(stage: Stage, box: MailboxStage) -> None:
    box.switch_off()
    box.arrives()
    assert mailbox_reading.due(stage.app) == []
    box.read()
    assert box.server.asked == [] and stage.all(MailboxReading) == []


def test_a_huge_mail_is_kept_without_its_files(stage: Stage, box: MailboxStage) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = PRIYA, USER, "Re: Invoice INV-1042"
    mail["Message-ID"], mail["References"] = "<m1@ashdown.example>", box.chaser_mail_id
    mail.set_content("See the scan.")
    mail.add_attachment(b"x" * 24_000_000, maintype="image", subtype="tiff", filename="scan.tiff")
    box.server.add(mail, at=NOON)
    box.read()
    (reply,) = stage.replies()
    assert reply.body_text == "See the scan." and stage.all(Attachment) == []
    assert reply.reason == "The mail is too large: its end and its attached files are not kept."


def report(chaser_mail_id: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    return f"""From: MAILER-DAEMON@mail.example
To: {USER}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{new_id()}@mail.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; {ACCOUNTS}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

From: {USER}
To: {ACCOUNTS}
Message-ID: {chaser_mail_id}
Subject: Invoice INV-1042 from Hedgerow Joinery

--b--
""".encode()


def test_a_report_that_it_did_not_arrive_is_the_same_news_as_the_providers(
    stage: Stage, box: MailboxStage
) -> None:
    box.server.add(report(box.chaser_mail_id), at=NOON)
    box.read()
    assert stage.chaser().status == "bounced"
    (stopped,) = stage.all(StoppedAddress)
    assert stopped.why == "bounce" and f"The address {ACCOUNTS} does not exist" in stopped.words
    assert stage.replies() == []


def test_a_report_of_a_delay_holds_nobody_and_one_of_another_mail_is_nothing_to_us(
    stage: Stage, box: MailboxStage
) -> None:
    box.server.add(report(box.chaser_mail_id, "delayed", "4.4.1"), at=NOON)
    box.server.add(report("<holiday@photos.example>"), at=NOON)
    box.read()
    assert stage.holds() == [] and stage.chaser().status == "sent"
    assert len(stage.all(InboxEvent)) == 1


def test_a_person_who_writes_as_postmaster_is_heard(stage: Stage, box: MailboxStage) -> None:
    box.arrives(from_="Priya <postmaster@ashdown.example>", body="It was paid.")
    box.read()
    assert len(stage.replies()) == 1


def test_only_the_colleague_can_have_their_own_mailbox_read(stage: Stage) -> None:
    person_id = new_id()
    with stage.app.database.write_across() as session:
        session.add(Person(id=person_id, subject="anna", email=USER, name="Anna Hale", created_at=NOON))
        session.flush()
        session.add(Membership(organisation_id=stage.organisation_id, person_id=person_id, role="chaser"))
    with mailbox_stage(stage, person_id=person_id) as box:
        with pytest.raises(UserError, match="only they"):
            box.switch_on(person_id=new_id())
        box.switch_on(person_id=person_id)
        assert mailbox_reading.due(stage.app) == [stage.organisation_id]
        with stage.app.database.write_across() as session:
            session.delete(session.get_one(Membership, (stage.organisation_id, person_id)))
        assert mailbox_reading.due(stage.app) == [], "who has left is read no more"
