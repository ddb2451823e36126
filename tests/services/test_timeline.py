"""The story of a customer: all that happened in one order, found again by its words, and taken along as evidence."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import event as listening

from kit import clock
from kit.errors import UserError
from kit.folding import Words, folded
from kit.ids import derived_id, new_id
from services import evidence, records, timeline
from services.app import App
from services.evidence import Format, Order
from services.timeline import Wish
from services.timeline_events import Event
from store.models import (
    AccountStop,
    Base,
    Communication,
    CommunicationInvoice,
    Hold,
    Invoice,
    MailEvent,
    Organisation,
    Payment,
    StepTaken,
)
from store.queries.history_sources import Group, Scope
from tests.support import cast
from tests.support.cast import Cast
from tests.support.mirrored import make_app


@pytest.fixture
def app(database_url: str, tmp_path: Path, redis_url: str) -> Iterator[App]:
    found = make_app(database_url, tmp_path, redis_url)
    yield found
    found.database.close()


@pytest.fixture
def stage(app: App) -> Cast:
    return cast.kept(app.database)


def _scope(app: App, stage: Cast, *, invoice: bool = False) -> Scope:
    with app.database.read(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        row = session.get_one(Invoice, (stage.organisation_id, stage.invoice_id)) if invoice else None
        return timeline.scope_of(organisation, stage.contact_id, row)


def _story(app: App, stage: Cast, wish: Wish | None = None, *, invoice: bool = False) -> list[Event]:
    scope = _scope(app, stage, invoice=invoice)
    with app.database.read(stage.organisation_id) as session:
        return list(timeline.page(session, scope, wish or Wish(), 200).events)


def _titles(events: list[Event]) -> list[str]:
    return [one.title for one in events]


def _put(app: App, stage: Cast, *rows: Base) -> None:
    with app.database.write(stage.organisation_id) as session:
        for row in rows:
            session.add(row)
            session.flush()


def _message(stage: Cast, at: datetime, **other: Any) -> Communication:
    values: dict[str, Any] = {
        "organisation_id": stage.organisation_id, "id": new_id(), "direction": "out", "channel": "email",
        "kind": "chaser", "status": "sent", "contact_id": stage.contact_id, "sent_at": at, "created_at": at,
    }  # fmt: skip
    return Communication(**values | other)


def _payment(stage: Cast, on: date, amount: str = "50.00", **other: Any) -> Payment:
    values: dict[str, Any] = {
        "organisation_id": stage.organisation_id, "id": new_id(), "ledger_id": new_id(), "kind": "ACCRECPAYMENT",
        "invoice_id": stage.invoice_id, "contact_id": None, "paid_on": on, "currency": "GBP",
        "amount": Decimal(amount), "status": "AUTHORISED", "is_reconciled": True, "updated_at": clock.now(),
        "fingerprint": "-",
    }  # fmt: skip
    return Payment(**values | other)


# What is in it


def test_everything_about_a_customer_stands_in_one_order(app: App, stage: Cast) -> None:
    now = clock.now()
    _put(app, stage, _payment(stage, now.date() - timedelta(days=5)))
    titles = _titles(_story(app, stage))
    assert titles[:4] == [
        "Re: Invoice INV-1001 from Hedgerow Joinery",
        "On hold after an answer",
        "Payment of GBP 50.00 on INV-1001",
        "Invoice INV-1001 from Hedgerow Joinery",
    ]
    assert titles[4:] == [
        "Invoice INV-1002 was due",
        "Invoice INV-1002 issued: GBP 360.50",
        "Invoice INV-1001 was due",
        "Invoice INV-1001 issued: GBP 1,892.00",
    ]


def test_an_invoices_story_has_what_touched_it_and_the_answers_to_it(app: App, stage: Cast) -> None:
    now = clock.now()
    _put(app, stage, _payment(stage, now.date()), _message(stage, now, subject="About another matter"))
    titles = _titles(_story(app, stage, invoice=True))
    assert (
        "Payment of GBP 50.00 on INV-1001" in titles
        and "Re: Invoice INV-1001 from Hedgerow Joinery" in titles
    )
    assert "On hold after an answer" in titles, "what holds the customer holds the invoice"
    assert not [one for one in titles if "INV-1002" in one or "another matter" in one]


@pytest.mark.parametrize(
    ("status", "reports", "answered", "state"),
    [
        ("planned", (), False, "queued"),
        ("held", (), False, "held"),
        ("sent", (), False, "sent"),
        ("delivered", ("processed", "delivered"), False, "delivered"),
        ("delivered", ("delivered", "open"), False, "opened"),
        ("delivered", ("delivered", "open"), True, "answered"),
        ("bounced", ("bounce",), False, "bounced"),
        ("failed", ("dropped",), False, "failed"),
        ("unknown", (), False, "unknown"),
        ("cancelled", (), False, "cancelled"),
    ],
)
def test_each_message_says_how_far_it_has_come(
    app: App, stage: Cast, status: str, reports: tuple[str, ...], answered: bool, state: str
) -> None:
    now = clock.now()
    sent = _message(stage, now, status=status, subject="The one")
    _put(app, stage, sent)
    with app.database.write_across() as session:
        for name in reports:
            session.add(
                MailEvent(
                    key=f"{name} {sent.id}",
                    communication_id=sent.id,
                    event=name,
                    occurred_at=now,
                    received_at=now,
                )
            )
    if answered:
        answer = _message(stage, now, direction="in", kind="reply", status="received", in_reply_to=sent.id)
        _put(app, stage, answer)
    (found,) = [one for one in _story(app, stage) if one.title == "The one"]
    assert found.state == state


def test_an_automatic_answer_does_not_count_as_answered(app: App, stage: Cast) -> None:
    now = clock.now()
    sent = _message(stage, now, status="delivered", subject="The one")
    robot = _message(stage, now, direction="in", kind="auto_reply", status="received", in_reply_to=sent.id)
    _put(app, stage, sent, robot)
    (found,) = [one for one in _story(app, stage) if one.title == "The one"]
    assert found.state == "delivered"


def test_an_answer_that_we_have_answered_says_so(app: App, stage: Cast) -> None:
    own = _message(stage, clock.now(), kind="reply", in_reply_to=derived_id("reply"), subject="Thank you")
    _put(app, stage, own)
    states = {one.title: one.state for one in _story(app, stage)}
    assert (
        states["Re: Invoice INV-1001 from Hedgerow Joinery"] == "answered" and states["Thank you"] == "sent"
    )


def test_a_mail_that_somebody_left_out_is_skipped_and_a_step_before_any_mail_too(
    app: App, stage: Cast
) -> None:
    now = clock.now()
    with app.database.read(stage.organisation_id) as session:
        version = session.query(StepTaken).first()
        assert version is not None
    gone = _message(stage, now, status="cancelled", sent_at=None, subject="Left out by hand")
    skip = {"organisation_id": stage.organisation_id, "state": "skipped", "on": now.date(),
            "schedule_version_id": version.schedule_version_id}  # fmt: skip
    _put(
        app,
        stage,
        gone,
        StepTaken(invoice_id=stage.invoice_id, position=5, communication_id=gone.id, **skip),
        StepTaken(invoice_id=stage.invoice_id, position=6, communication_id=None, **skip),
    )
    skipped = [one for one in _story(app, stage) if one.state == "skipped"]
    assert _titles(skipped)[0] == "Left out by hand"
    assert _titles(skipped)[1].endswith("left out for INV-1001")
    assert [one.group for one in skipped] == [Group.MESSAGES, Group.DECISIONS]


def test_a_hold_that_somebody_wrote_down_stands_there_once(app: App, stage: Cast) -> None:
    now = clock.now()
    hold = Hold(organisation_id=stage.organisation_id, id=new_id(), contact_id=stage.contact_id, kind="person",
                reason="They move house.", created_by="Anna Hale", created_at=now)  # fmt: skip
    with app.database.write(stage.organisation_id) as session:
        session.add(hold)
        records.record(session, stage.organisation_id, stage.contact_id, [], channel="note", kind="hold",
                       text="They move house.", by="Anna Hale", now=now, outcome="until 24 November 2026")  # fmt: skip
    found = [one for one in _story(app, stage) if one.text == "They move house."]
    assert _titles(found) == ["Put on hold: until 24 November 2026"]
    assert (found[0].by, found[0].group) == ("Anna Hale", Group.DECISIONS)


def test_holds_say_who_released_them_and_what_they_were(app: App, stage: Cast) -> None:
    now = clock.now()
    _put(app, stage, Hold(organisation_id=stage.organisation_id, id=new_id(), contact_id=stage.contact_id,
                          invoice_id=stage.invoice_id, kind="dispute", reason="Half was missing.", created_by="Anna Hale",
                          created_at=now - timedelta(days=2), released_at=now, released_by="Ben Okafor"))  # fmt: skip
    released, placed = (one for one in _story(app, stage) if one.title.endswith(", invoice INV-1001"))
    assert (released.title, released.by, released.text) == (
        "Hold released, invoice INV-1001", "Ben Okafor", "It was: Half was missing.",
    )  # fmt: skip
    assert (placed.title, placed.by) == ("In dispute, invoice INV-1001", "Anna Hale")


def test_warnings_of_a_stop_and_what_was_voided_are_told(app: App, stage: Cast) -> None:
    now = clock.now()
    stop = AccountStop(organisation_id=stage.organisation_id, id=new_id(), contact_id=stage.contact_id, status="spared",
                       communication_id=derived_id("reminder"), stop_on=date(2026, 12, 1), reason="Not paid",
                       created_by="Dunnock", created_at=now - timedelta(days=3), lifted_at=now, lifted_by="Anna Hale",
                       next_try_at=now)  # fmt: skip
    _put(app, stage, stop)
    with app.database.write(stage.organisation_id) as session:
        session.get_one(Invoice, (stage.organisation_id, stage.invoice_id)).status = "VOIDED"
    titles = _titles(_story(app, stage))
    assert "Account to be stopped on 1 December 2026" in titles and "Account not stopped after all" in titles
    assert "Invoice INV-1001 voided in the ledger" in titles
    assert "Invoice INV-1001 was due" not in titles


def test_a_payment_that_was_taken_back_says_so(app: App, stage: Cast) -> None:
    _put(app, stage, _payment(stage, clock.now().date(), status="DELETED"))
    assert "Payment of GBP 50.00 on INV-1001, taken back in the ledger" in _titles(_story(app, stage))


# Finding something in it


def test_kinds_and_periods_narrow_it(app: App, stage: Cast) -> None:
    now = clock.now()
    _put(
        app,
        stage,
        _payment(stage, now.date()),
        _message(stage, now, channel="call", kind="call", body_text="Rang them."),
        _message(stage, now, channel="note", kind="promise", body_text="On Friday."),
        _message(stage, now, channel="note", kind="fee", body_text="Waived."),
    )
    for group in Group:
        found = _story(app, stage, Wish(groups=frozenset({group})))
        assert found and {one.group for one in found} == {group}
    every = _story(app, stage)
    assert sum(len(_story(app, stage, Wish(groups=frozenset({group})))) for group in Group) == len(every)
    day = (now - timedelta(days=9)).date()
    assert _titles(_story(app, stage, Wish(first=day, last=day))) == [
        "Invoice INV-1001 from Hedgerow Joinery"
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("friday sorry", True),
        ("SORRY friday", True),
        ("inv-1001 1842.00", True),
        ("1,842.00", True),
        ("cafe moller strasse", True),
        ("remittance", True),
        ("robin answered", True),
        ("zebra", False),
        ("friday zebra", False),
    ],
)
def test_words_are_found_in_any_order_without_capitals_and_accents(
    app: App, stage: Cast, words: str, found: bool
) -> None:
    _put(app, stage, _message(stage, clock.now(), body_text="Das CAFÉ von Herrn Møller in der Hauptstraße"))
    assert bool(_story(app, stage, Wish(words=words))) is found


def test_persons_are_found_on_both_sides(app: App, stage: Cast) -> None:
    assert {one.kind for one in _story(app, stage, Wish(person="robin"))} == {"reply"}
    assert {one.kind for one in _story(app, stage, Wish(person="accounts@bellwether"))} == {"chaser"}
    assert not _story(app, stage, Wish(person="nobody"))


@given(st.text(max_size=200))
def test_a_text_is_found_by_each_of_its_words(text: str) -> None:
    assert Words(text).are_in(text)
    assert folded(text) == folded(folded(text)) or not text.isascii()


# Page by page


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("size", [1, 7, 40])
def test_pages_have_no_holes_and_no_repeats(
    crowded: tuple[App, Cast, int], size: int, oldest_first: bool
) -> None:
    app, stage, total = crowded
    scope = _scope(app, stage)
    found: list[Event] = []
    following: str | None = None
    with app.database.read(stage.organisation_id) as session:
        while True:
            part = timeline.page(session, scope, Wish(after=following, oldest_first=oldest_first), size)
            found += part.events
            following = part.following
            if following is None:
                break
    assert len(found) == len({one.ref for one in found}) == total
    times = [one.at for one in found]
    assert times == sorted(times, reverse=not oldest_first)


@pytest.fixture
def crowded(app: App, stage: Cast) -> tuple[App, Cast, int]:
    """Many events that happened at the same moment, and on the same day, in several tables."""
    now = datetime(2026, 11, 2, tzinfo=UTC)
    rows: list[Base] = []
    for number in range(30):
        at = now - timedelta(days=number // 10)
        rows += [_payment(stage, at.date()), _message(stage, at)]
        rows.append(Hold(organisation_id=stage.organisation_id, id=new_id(), contact_id=stage.contact_id, kind="person",
                         reason="Wait", created_by="Anna", created_at=at, released_at=at, released_by="Ben"))  # fmt: skip
    _put(app, stage, *rows)
    return app, stage, len(_story(app, stage))


def test_a_longer_story_asks_the_database_no_more_often(app: App, stage: Cast) -> None:
    counts = []
    for total in (60, 400):
        now = clock.now()
        sent = [_message(stage, now - timedelta(hours=number)) for number in range(total)]
        about = [
            CommunicationInvoice(organisation_id=stage.organisation_id, communication_id=one.id, position=1,
                                 invoice_id=stage.invoice_id, currency="GBP", amount_due=Decimal(1))
            for one in sent
        ]  # fmt: skip
        _put(app, stage, *sent, *about, *(_payment(stage, now.date()) for _ in range(total)))
        counts.append(
            [_asked(app, stage, wish) for wish in (Wish(), Wish(words="zebra"), Wish(person="nobody"))]
        )
    assert counts[0] == counts[1]
    assert max(counts[0]) < 25


def _asked(app: App, stage: Cast, wish: Wish) -> int:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    scope = _scope(app, stage)
    listening.listen(app.database.engine, "before_cursor_execute", note)
    with app.database.read(stage.organisation_id) as session:
        timeline.page(session, scope, wish, 50)
    listening.remove(app.database.engine, "before_cursor_execute", note)
    return len(asked)


# To be taken along


def _order(app: App, stage: Cast, wish: Wish | None = None) -> Order:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    return Order(_scope(app, stage), wish or Wish(oldest_first=True), "Bellwether Books", "Anna Hale", at)


def _pages(app: App, order: Order) -> list[str]:
    pdf = b"".join(evidence.stream(app, order, Format.PDF))
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_the_printed_story_has_the_full_texts_the_headers_and_who_made_it(app: App, stage: Cast) -> None:
    long = "\n".join(f"Line {number} of what was written & <said>" for number in range(300))
    _put(app, stage, _message(stage, clock.now(), subject="A long one", body_text=long, to=["robin@example.org"],
                              from_name="Anna Hale", from_email="anna@hedgerow.example", message_id="<one@here>"))  # fmt: skip
    pages = _pages(app, _order(app, stage))
    whole = "\n".join(pages)
    assert pages[0].startswith("Timeline of Bellwether Books")
    assert "Everything on record, for all time." in whole
    for words in (
        "Made by Anna Hale on 22 November 2026",
        "We pay on Friday, sorry for the delay.",
        "From: Anna Hale <anna@hedgerow.example>",
        "To: robin@example.org",
        "Message-ID: <one@here>",
        "Line 299 of what was written & <said>",
        "answered",
    ):
        assert words.lower() in whole.lower(), words
    assert whole.index("INV-1001 issued") < whole.index("A long one"), "in the order in which it happened"
    assert all(f"Page {number}" in page for number, page in enumerate(pages, 1)) and len(pages) > 5


def test_a_call_and_a_note_are_printed_without_the_headers_of_a_mail(app: App, stage: Cast) -> None:
    now = clock.now()
    _put(app, stage, _message(stage, now, channel="call", kind="call", subject="Promised to pay", body_text="By Friday.",
                              to=["Robin Marsh"], from_name="Anna Hale"))  # fmt: skip
    whole = "\n".join(_pages(app, _order(app, stage)))
    part = whole[whole.index("By Anna Hale, with Robin Marsh") :].partition("By Friday.")[0]
    assert not {"From:", "To:", "Subject:", "Date:"} & set(part.split())


def test_where_the_print_lacks_signs_it_says_so_and_only_there(app: App, stage: Cast) -> None:
    now = clock.now()
    _put(
        app,
        stage,
        _message(stage, now, subject="Zażółć gęślą jaźń, £5 – “ja”", body_text="Alles gut.\n\nJa."),
    )
    says = "lacks some signs"
    before = "\n".join(_pages(app, _order(app, stage))).count(says)
    _put(app, stage, _message(stage, now, subject="Answer", body_text="我们不欠这笔钱。 لن ندفع"))
    assert "\n".join(_pages(app, _order(app, stage))).count(says) == before + 1
    order = replace(_order(app, stage), about="株式会社テスト")
    assert says in _pages(app, order)[0].partition("1. ")[0]


def test_what_was_left_out_of_the_print_is_said_on_it(app: App, stage: Cast) -> None:
    wish = Wish(groups=frozenset({Group.MONEY}), first=date(2020, 1, 1), oldest_first=True)
    (page,) = _pages(app, _order(app, stage, wish))
    assert "Period: from 1 January 2020 on" in page and "Only: money" in page
    assert "Friday" not in page


def test_one_pdf_takes_no_more_than_can_be_printed(app: App, stage: Cast) -> None:
    with pytest.raises(UserError, match=r"more than 3 events.*choose a shorter period"):
        evidence.stream(app, _order(app, stage), Format.PDF, most_printed=3)


def test_the_exports_have_a_line_for_each_event(app: App, stage: Cast) -> None:
    now = clock.now()
    _put(app, stage, *(_message(stage, now, subject="=1+1", body_text="Many") for _ in range(450)))
    order = _order(app, stage)
    lines = [json.loads(one) for one in b"".join(evidence.stream(app, order, Format.LINES)).splitlines()]
    rows = list(
        csv.DictReader(StringIO(b"".join(evidence.stream(app, order, Format.CSV)).decode("utf-8-sig")))
    )
    assert len(lines) == len(rows) == 450 + 7
    assert [one["id"] for one in lines] == [one["id"] for one in rows]
    assert {one["title"] for one in rows if one["text"] == "Many"} == {"'=1+1"}, "no spreadsheet works it out"
    (reply,) = [one for one in lines if one["kind"] == "reply"]
    assert "Friday" in reply["text"] and reply["by"] == "Robin Marsh"
