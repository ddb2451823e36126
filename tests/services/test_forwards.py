"""An answer reaches the mailbox of whoever wrote the mail that it answers: once, and in no loop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import time_machine

from integration.email import headers
from integration.email.mailer import MailAccountProblem, MailPostponed, MailRefused, MailUnsure
from kit.ids import new_id
from services import forwards, replies, stopping
from services.inbound_mail import InboundFile, InboundMail
from store.models import Forward
from tests.services.mail_stage import INBOUND_DOMAIN, Stage, stage_hand
from tests.support.fake_mailer import FakeMailer

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
ANNA = "anna@hedgerow.example"


@pytest.fixture
def traveller() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as found:
        yield found


@pytest.fixture
def stage(database_url: str, tmp_path: Path, traveller: Any) -> Iterator[Stage]:
    with stage_hand(database_url, tmp_path) as hand:
        yield hand(SEND_MODE="live", PUBLIC_URL="https://dunnock.example")


@pytest.fixture
def mailer() -> FakeMailer:
    return FakeMailer()


def answer(
    stage: Stage,
    files: tuple[InboundFile, ...] = (),
    extra: str = "",
    fields: dict[str, str] | None = None,
) -> None:
    """The customer answers the chaser; ``extra``: further lines of the header."""
    usual = {
        "to": f"Anna Hale <r-{stage.token}@{INBOUND_DOMAIN}>",
        "from": "Priya Nair <priya@ashdown.example>",
        "subject": "Re: Invoice INV-1042",
        "text": "It was paid <b>yesterday</b>.",
        "headers": f"Message-ID: <{new_id()}@ashdown.example>\n{extra}",
    }
    form = InboundMail(
        {name: text.encode() for name, text in {**usual, **(fields or {})}.items()}, list(files)
    )
    stage.receive("sendgrid_inbound", new_id(), msgspec.msgpack.encode(form), at=NOON)
    replies.handle(stage.app)


def pass_on(stage: Stage, mailer: FakeMailer) -> None:
    while forwards.forward_with(stage.app, stage.organisation_id, mailer):
        pass


def test_it_comes_from_and_to_ones_own_address_and_replying_to_it_writes_to_the_customer(
    stage: Stage, mailer: FakeMailer
) -> None:
    answer(stage, files=(InboundFile("proof.pdf", "application/pdf", b"%PDF"),))
    assert forwards.due(stage.app) == [stage.organisation_id]
    pass_on(stage, mailer)
    (mail,) = mailer.taken
    assert (mail.from_name, mail.from_email, mail.to) == ("Priya Nair (by Dunnock)", ANNA, (ANNA,))
    assert mail.reply_to == "priya@ashdown.example" and mail.subject == "Re: Invoice INV-1042"
    assert "It was paid <b>yesterday</b>." in mail.text and "<b>" not in mail.html
    assert f"https://dunnock.example/organisations/{stage.organisation_id}/contacts/" in mail.text
    assert [file.name for file in mail.files] == ["proof.pdf"]
    headers.check(mail)
    assert len(stage.replies()) == 1, "it stands on the timeline as well, once"


def test_a_file_that_can_do_harm_is_named_and_not_passed_on(stage: Stage, mailer: FakeMailer) -> None:
    """Mail servers would refuse it, and the colleague's own address would be known for it."""
    harm = [
        InboundFile(name, "application/octet-stream", content)
        for name, content in (
            ("invoice.pdf.exe", b"MZ"),
            ("sheet.html", b"<html><script>"),
            ("a.docm", b"PK"),
        )
    ]
    answer(stage, files=(*harm, InboundFile("proof.pdf", "application/pdf", b"%PDF-1.4")))
    pass_on(stage, mailer)
    (mail,) = mailer.taken
    assert [file.name for file in mail.files] == ["proof.pdf"]
    assert all(file.name in mail.text for file in harm) and "it can do harm" in mail.text


def test_it_is_passed_on_once_however_often_it_comes_in_and_is_tried(
    stage: Stage, mailer: FakeMailer
) -> None:
    answer(stage)
    pass_on(stage, mailer)
    pass_on(stage, mailer)
    assert len(mailer.taken) == 1 and forwards.due(stage.app) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": "Auto-Submitted: auto-replied"},
        {"headers": "Precedence: bulk"},
        {"from": f"Anna Hale <{ANNA}>"},
        {"cc": f"Anna Hale <{ANNA.upper()}>"},
    ],
    ids=["out of office", "a list", "her own", "copied to her"],
)
def test_what_machines_wrote_or_she_has_already_is_not_passed_on(
    stage: Stage, mailer: FakeMailer, fields: dict[str, str]
) -> None:
    answer(stage, fields=fields)
    pass_on(stage, mailer)
    assert mailer.taken == [] and len(stage.replies()) == 1


def test_what_is_passed_on_says_that_a_machine_wrote_it_so_nothing_answers_it(
    stage: Stage, mailer: FakeMailer
) -> None:
    answer(stage)
    pass_on(stage, mailer)
    (mail,) = mailer.taken
    sent = headers.of(mail)
    answer(stage, extra="\n".join(f"{name}: {value}" for name, value in sent.items() if name != "Message-ID"))
    pass_on(stage, mailer)
    assert sent["Auto-Submitted"] == "auto-generated" and len(mailer.taken) == 1


def test_whatever_the_customer_wrote_it_can_be_sent(stage: Stage, mailer: FakeMailer) -> None:
    coded = "=?utf-8?q?Priya=0ABcc:_x=40y.example?= <priya(at)ashdown>"
    answer(stage, fields={"from": coded, "subject": "=?utf-8?b?SGVsbG8=?=\r\nBcc: x@y.example"})
    pass_on(stage, mailer)
    (mail,) = mailer.taken
    headers.check(mail)
    assert mail.reply_to is None and mail.to == (ANNA,)


@pytest.mark.parametrize("fault", [MailPostponed("later", 30.0), MailAccountProblem("key")])
def test_what_surely_did_not_leave_is_tried_again(
    stage: Stage, mailer: FakeMailer, traveller: Any, fault: Exception
) -> None:
    answer(stage)
    mailer.failures.append(fault)
    pass_on(stage, mailer)
    assert mailer.taken == []
    traveller.shift(timedelta(hours=1, seconds=1))
    pass_on(stage, mailer)
    assert len(mailer.taken) == 1


def test_what_may_have_left_or_was_refused_is_not_tried_again(stage: Stage, mailer: FakeMailer) -> None:
    answer(stage)
    mailer.lost_answers.append(MailUnsure("lost"))
    pass_on(stage, mailer)
    answer(stage)
    mailer.failures.append(MailRefused("too large"))
    pass_on(stage, mailer)
    pass_on(stage, mailer)
    assert len(mailer.taken) == 1
    assert sorted(row.status for row in stage.all(Forward)) == ["refused", "unknown"]


def test_a_death_during_the_hand_over_sends_nothing_twice(
    stage: Stage, mailer: FakeMailer, traveller: Any
) -> None:
    answer(stage)
    mailer.lost_answers.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        pass_on(stage, mailer)
    traveller.shift(timedelta(minutes=11))
    assert forwards.due(stage.app) == [stage.organisation_id]
    pass_on(stage, mailer)
    assert len(mailer.taken) == 1 and [row.status for row in stage.all(Forward)] == ["unknown"]


def test_while_all_mail_is_stopped_it_waits(stage: Stage, mailer: FakeMailer, traveller: Any) -> None:
    answer(stage)
    stopping.stop(stage.app, stage.organisation_id, "The books are being moved.", "Anna Hale")
    pass_on(stage, mailer)
    assert mailer.taken == []
    (row,) = stage.all(Forward)
    assert row.status == "pending" and "The books are being moved" in str(row.problem)


def test_what_waited_for_days_is_left_to_the_timeline(
    stage: Stage, mailer: FakeMailer, traveller: Any
) -> None:
    answer(stage)
    traveller.shift(timedelta(days=3))
    pass_on(stage, mailer)
    assert mailer.taken == [] and [row.status for row in stage.all(Forward)] == ["refused"]
