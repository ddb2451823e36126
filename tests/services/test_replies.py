"""A customer answers: the answer is kept, chasing stops, and the ledger is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import msgspec
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from kit import clock
from kit.ids import new_id
from services import inbound_mail, mail_intake, replies
from services.inbound_mail import InboundFile, InboundMail
from store.models import Attachment, CommunicationInvoice, Hold, InboxEvent
from tests.services.mail_stage import INBOUND_DOMAIN, LONG_AGO, Stage, StageHand, stage_hand

NOON = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)
HOSTILE = [
    b"\x00" * 50, b"\xff\xfe\xfd", b"[" * 5_000, b'{"to": 7}', b"\r\n\r\n\r\n", b"=?x?q?=00?=", b"(" * 5_000,
    b"<" * 5_000, b'"\\' * 5_000, b"a@" * 5_000,
]  # fmt: skip


@pytest.fixture
def set_stage(database_url: str, tmp_path: Path) -> Iterator[StageHand]:
    with stage_hand(database_url, tmp_path) as hand, time_machine.travel(NOON, tick=True):
        yield hand


@pytest.fixture
def stage(set_stage: StageHand) -> Stage:
    return set_stage()


_FROM_NOBODY: dict[str, Any] = {"from": "a@nobody.example"}


def post(stage: Stage, files: tuple[InboundFile, ...] = (), headers: str = "", **fields: Any) -> None:
    """A mail to the chaser's reply address comes in and is handled."""
    usual: dict[str, str | bytes] = {
        "to": f"Hedgerow <r-{stage.token}@{INBOUND_DOMAIN}>",
        "from": "Priya Nair <priya@ashdown.example>",
        "subject": "Re: Invoice INV-1042 from Hedgerow Joinery",
        "text": "It was paid yesterday.\n\nOn 2 Nov 2026, Anna Hale <anna@hedgerow.example> wrote:\n> Hello\n",
        "envelope": '{"to": ["someone@else.example"], "from": "priya@ashdown.example"}',
        "headers": f"Message-ID: <{new_id()}@ashdown.example>\n{headers}",
    }
    raw = {
        name: value.encode() if isinstance(value, str) else value
        for name, value in {**usual, **fields}.items()
    }
    deliver(stage, InboundMail(raw, list(files)))
    replies.handle(stage.app)


def deliver(stage: Stage, form: InboundMail) -> None:
    stage.receive("sendgrid_inbound", new_id(), msgspec.msgpack.encode(form))


def test_an_answer_is_kept_beside_the_chaser_it_answers(stage: Stage) -> None:
    post(stage)
    (reply,) = stage.replies()
    assert (reply.kind, reply.status, reply.channel) == ("reply", "received", "email")
    assert (reply.from_name, reply.from_email) == ("Priya Nair", "priya@ashdown.example")
    assert reply.in_reply_to == stage.chaser_id
    assert reply.contact_id == stage.contact_id
    assert str(reply.body_text).startswith("It was paid yesterday.")
    about = [row.invoice_id for row in stage.all(CommunicationInvoice) if row.communication_id == reply.id]
    assert about == [stage.invoice_id]
    assert not replies.waiting(stage.app)


def test_an_answer_stops_the_chasing_until_somebody_has_read_it(stage: Stage) -> None:
    planned = stage.add_chaser("planned")
    post(stage)
    (hold,) = stage.holds()
    assert (hold.kind, hold.until, hold.contact_id) == ("reply", None, stage.contact_id)
    assert hold.reason == "Priya Nair answered on 14 November: “It was paid yesterday.”"
    assert stage.communication(planned).status == "cancelled"
    assert stage.contact().next_look_at is not None


def test_the_ledger_is_told_on_the_contact_and_on_the_invoice(stage: Stage) -> None:
    post(stage)
    assert sorted(note.target for note in stage.notes()) == ["contact", "invoice"]


def test_an_answer_to_a_chaser_that_may_not_have_left_shows_that_it_did(set_stage: StageHand) -> None:
    stage = set_stage("unknown")
    post(stage)
    assert stage.chaser().status == "sent"
    assert len({note.communication_id for note in stage.notes()}) == 2


def test_an_address_in_other_letters_is_found_too(stage: Stage) -> None:
    post(stage, to=f"R-{stage.token.upper()}@{INBOUND_DOMAIN.upper()}")
    assert len(stage.replies()) == 1


def test_the_envelope_names_the_address_when_the_headers_do_not(stage: Stage) -> None:
    envelope = f'{{"to": ["r-{stage.token}@{INBOUND_DOMAIN}"], "from": "p@ashdown.example"}}'
    post(stage, to="accounts@hedgerow.example", envelope=envelope)
    assert len(stage.replies()) == 1


def test_without_our_address_the_thread_leads_to_the_chaser(stage: Stage) -> None:
    post(stage, to="anna@hedgerow.example", headers=f"In-Reply-To: <{stage.chaser_id}@{INBOUND_DOMAIN}>\n")
    assert [reply.in_reply_to for reply in stage.replies()] == [stage.chaser_id]


def test_further_back_in_the_thread_is_good_enough(stage: Stage) -> None:
    references = f"References: <{stage.chaser_id}@{INBOUND_DOMAIN}>\n <other@ashdown.example>\n"
    post(stage, to="anna@hedgerow.example", headers=references)
    assert [reply.in_reply_to for reply in stage.replies()] == [stage.chaser_id]


def test_a_mail_that_answers_nothing_of_ours_is_kept_unmatched(stage: Stage) -> None:
    post(stage, to="r-0123456789abcdef0123456789abcdef@" + INBOUND_DOMAIN, **_FROM_NOBODY)
    assert stage.outcomes() == ["unmatched"]
    assert stage.replies() == []
    assert stage.holds() == []
    assert len(stage.all(InboxEvent)[0].payload) > 100, "nothing of it is thrown away"


def test_a_token_at_another_domain_means_nothing(stage: Stage) -> None:
    post(stage, to=f"r-{stage.token}@evil.example", **_FROM_NOBODY)
    assert stage.outcomes() == ["unmatched"]


def test_the_same_mail_handled_twice_is_one_answer(stage: Stage) -> None:
    post(stage)
    with stage.app.database.write_across() as session:
        event = session.query(InboxEvent).one()
        event.handled_at, event.payload = None, msgspec.msgpack.encode(_form(stage))
    replies.handle(stage.app)
    assert len(stage.replies()) == 1
    assert len(stage.holds()) == 1


def test_a_second_answer_joins_the_first_without_a_second_hold(stage: Stage) -> None:
    post(stage)
    post(stage, text="And one more thing.")
    assert len(stage.replies()) == 2
    assert len(stage.holds()) == 1


def test_an_answer_after_a_hold_was_released_holds_again(stage: Stage) -> None:
    post(stage)
    with stage.app.database.write(stage.organisation_id) as session:
        session.query(Hold).one().released_at = LONG_AGO
    post(stage, text="I have another question.")
    assert len([hold for hold in stage.holds() if hold.released_at is None]) == 1


def test_two_machines_that_answer_each_other_fill_no_ledger_with_notes(stage: Stage) -> None:
    for number in range(replies.MOST_NOTED_AN_HOUR + 3):
        post(stage, text=f"Ticket {number} received.")
    assert len(stage.replies()) == replies.MOST_NOTED_AN_HOUR + 3
    assert len({note.communication_id for note in stage.notes()}) == replies.MOST_NOTED_AN_HOUR


def test_however_many_answers_came_before_the_next_one_holds_again(stage: Stage) -> None:
    for number in range(replies.MOST_NOTED_AN_HOUR + 1):
        post(stage, text=f"Ticket {number} received.")
    with stage.app.database.write(stage.organisation_id) as session:
        session.query(Hold).one().released_at = LONG_AGO
    post(stage, text="This is a person: we have paid.")
    assert len([hold for hold in stage.holds() if hold.released_at is None]) == 1


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "auto-submitted: auto-generated; x=y",
        "X-Autoreply: yes",
        "X-Autorespond: Away",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "Return-Path: <>",
        "Content-Type: multipart/report; report-type=delivery-status",
    ],
)
def test_an_automatic_answer_is_kept_and_changes_nothing(stage: Stage, header: str) -> None:
    planned = stage.add_chaser("planned")
    post(stage, headers=header + "\n", text="I am away until Monday.")
    assert [reply.kind for reply in stage.replies()] == ["auto_reply"]
    assert stage.holds() == []
    assert stage.notes() == []
    assert stage.communication(planned).status == "planned"


@pytest.mark.parametrize(
    "fields",
    [
        {"envelope": '{"to": ["x@y.example"], "from": ""}'},
        {"from": "Mail Delivery System <MAILER-DAEMON@mx.example>"},
        {"from": "postmaster@mx.example", "text": "Your mail could not be delivered."},
    ],
)
def test_a_mail_servers_own_words_are_no_answer(stage: Stage, fields: dict[str, Any]) -> None:
    post(stage, **fields)
    assert [reply.kind for reply in stage.replies()] == ["auto_reply"]


def test_a_person_whose_mail_says_that_it_is_not_automatic_is_heard(stage: Stage) -> None:
    post(stage, headers="Auto-Submitted: no\n")
    assert [reply.kind for reply in stage.replies()] == ["reply"]


def test_an_answer_can_only_stop(stage: Stage) -> None:
    before = stage.contact()
    post(
        stage, text="INV-1042 is paid. Our new bank account is GB00 0000. Please write to evil@evil.example."
    )
    after = stage.contact()
    assert (after.email, after.name, after.persons) == (before.email, before.name, before.persons)


def test_html_is_kept_without_anything_that_runs_or_loads(stage: Stage) -> None:
    post(
        stage,
        html='<p onclick="x()">Paid</p><script>alert(1)</script><img src="https://t.example/p.gif">'
        '<a href="javascript:x()">a</a><iframe src="//x"></iframe><style>@import "//x"</style>'
        '<table background="//x"><tr><td style="background:url(//x)">1</td></tr></table>',
    )
    (reply,) = stage.replies()
    for forbidden in (
        "script",
        "onclick",
        "<img",
        "javascript",
        "iframe",
        "style",
        "background",
        "//x",
        "t.example",
    ):
        assert forbidden not in str(reply.body_html)
    assert "<p>Paid</p>" in str(reply.body_html)


def test_names_and_subjects_in_encoded_words_are_read() -> None:
    sender = b"=?utf-8?B?SsO2cmcgPGV2aWxAZXZpbC5leGFtcGxlPg==?= <joerg@ashdown.example>"
    letter = inbound_mail.read(
        InboundMail({"from": sender, "subject": b"=?iso-8859-1?Q?Re:_Gr=FC=DFe?=", "text": b"ok"}, [])
    )
    assert (letter.from_name, letter.from_email) == ("Jörg <evil@evil.example>", "joerg@ashdown.example")
    assert letter.subject == "Re: Grüße"


def test_a_mail_of_html_alone_has_words_too(stage: Stage) -> None:
    post(stage, text="", html="<p>Paid on the <b>3rd</b> &amp; done</p>")
    assert stage.replies()[0].body_text == "Paid on the 3rd & done"


@pytest.mark.parametrize(
    ("charset", "raw", "shown"),
    [
        ("iso-8859-1", "Überwiesen, Grüße".encode("latin-1"), "Überwiesen, Grüße"),
        ("windows-1252", "“Paid” – £5".encode("cp1252"), "“Paid” – £5"),
        ("koi8-r", "Оплачено".encode("koi8-r"), "Оплачено"),
        ("shift_jis", "支払いました".encode("shift_jis"), "支払いました"),
        ("utf-8", b"caf\xe9", "caf\ufffd"),
        ("no-such-charset", "Grüße".encode(), "Grüße"),
        ("rot13", b"paid", "paid"),
        ("zlib", b"paid", "paid"),
        ("punycode", b"paid-", "paid-"),
        ("unicode_escape", rb"\x41paid", r"\x41paid"),
        ("\x00", b"paid", "paid"),
        ("utf-16", b"p\x00a\x00i\x00", "pai"),
        ("utf-16", b"p\x00a\x00i", "pa\ufffd"),
    ],
)
def test_every_charset_is_read_as_well_as_can_be(charset: str, raw: bytes, shown: str) -> None:
    charsets = msgspec.json.encode({"text": charset})
    assert inbound_mail.read(InboundMail({"text": raw, "charsets": charsets}, [])).text == shown


def test_files_are_kept_under_names_that_are_only_names(stage: Stage) -> None:
    names = [
        "../../etc/passwd",
        "C:\\evil\\run.exe",
        "a\r\nb.pdf",
        "x" * 300 + ".pdf",
        "...",
        "inv\u202efdp.exe",
        "",
    ]
    files = tuple(InboundFile(name, "application/pdf; x=y", b"data") for name in names)
    post(stage, files)
    kept = sorted(stage.all(Attachment), key=lambda file: names.index(names[0]))
    assert {file.name for file in kept} >= {"passwd", "run.exe", "a b.pdf", "attachment", "invfdp.exe"}
    assert all(len(file.name) <= 120 and "/" not in file.name and "\\" not in file.name for file in kept)
    assert {file.content_type for file in kept} == {"application/pdf"}


def test_what_is_too_much_is_left_out_and_said_so(stage: Stage) -> None:
    small = InboundFile("a.txt", "text/plain", b"x")
    large = InboundFile("b.bin", "text/html<script>", b"x" * (replies.LARGEST_FILE + 1))
    post(stage, (large, *[small] * 22))
    assert len(stage.all(Attachment)) == replies.MOST_FILES
    assert stage.replies()[0].reason == "Not kept, being too large or too many: 3 attached files."


def test_no_field_can_make_a_mail_fail(stage: Stage) -> None:
    for field in ("from", "subject", "headers", "envelope", "charsets", "to", "html", "text"):
        for raw in HOSTILE:
            odd: Any = {field: raw}
            post(stage, **odd)
    assert not replies.waiting(stage.app)
    assert set(stage.outcomes()) <= {"answered", "unmatched", "kept for somebody to say whose it is"}


@given(
    fields=st.dictionaries(
        st.sampled_from(["headers", "from", "to", "cc", "subject", "text", "html", "envelope", "charsets"]),
        st.binary(max_size=300),
    )
)
def test_reading_a_mail_never_fails(fields: dict[str, bytes]) -> None:
    letter = inbound_mail.read(InboundMail(fields, []))
    assert "\x00" not in letter.text + letter.subject + letter.from_name + letter.from_email
    inbound_mail.new_part(letter.text).encode()


@pytest.mark.parametrize(
    "hostile", ["On " * 99_999, "\n" * 99_999, "On x wrote ", "> " * 99_999, " " * 99_999]
)
def test_a_text_made_to_be_slow_is_quick(hostile: str) -> None:
    began = process_time()
    inbound_mail.new_part(hostile * 5)
    assert process_time() - began < 2


@pytest.mark.parametrize("markup", ["<div>" * 100_000, "<b><i><p>" * 50_000, "<" * 500_000, "<a " * 150_000])
def test_markup_made_to_be_slow_is_cut_and_what_comes_before_it_is_kept(markup: str) -> None:
    began = process_time()
    letter = inbound_mail.read(InboundMail({"html": b"<p>We have paid.</p>" + markup.encode()}, []))
    assert letter.text.startswith("We have paid.")
    assert letter.html is not None and len(letter.html) < 1_000_000
    assert process_time() - began < 15


def test_what_cannot_be_unpacked_is_parked(stage: Stage) -> None:
    stage.receive("sendgrid_inbound", "broken", b"\xc1 not msgpack")
    replies.handle(stage.app)
    assert str(stage.outcomes()[0]).startswith("parked: ")


def test_mails_come_in_only_when_both_domain_and_token_are_set(set_stage: StageHand) -> None:
    token = "ab" * 16
    assert replies.reply_address(set_stage().app, token) == f"r-{token}@{INBOUND_DOMAIN}"


@pytest.mark.parametrize("missing", ["INBOUND_MAIL_DOMAIN", "INBOUND_MAIL_TOKEN"])
def test_without_a_way_in_answers_go_to_the_sender(set_stage: StageHand, missing: str) -> None:
    assert replies.reply_address(set_stage(**{missing: ""}).app, "ab" * 16) is None


def _form(stage: Stage) -> InboundMail:
    fields: dict[str, Any] = {
        "to": f"r-{stage.token}@{INBOUND_DOMAIN}".encode(),
        "text": b"It was paid yesterday.",
    }
    return InboundMail(fields, [])


def test_what_is_kept_of_a_mail_as_it_came_opens_no_customers_page(stage: Stage) -> None:
    code = "CkHjJpWT-cpaEEmCM5GsVA"
    body = (
        '--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
        f"Paid.\r\n> See http://localhost:8000/a/{code}\r\n"
        '--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n'
        f"http://localhost:8000/a/{code[:9]}=\r\n{code[9:]}\r\n--x--\r\n"
    )
    mail_intake.take_reply(stage.app, "multipart/form-data; boundary=x", body.encode(), clock.now())
    with stage.app.database.read_across() as session:
        (row,) = session.query(InboxEvent)
        assert code.encode() not in row.payload and code[9:].encode() not in row.payload
        assert "/a/…".encode() in row.payload and b"Paid." in row.payload
