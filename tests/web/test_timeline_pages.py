"""The story on the pages: narrowed, opened, printed; and one message exactly as it was sent."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

from werkzeug.test import TestResponse

from kit import clock
from kit.ids import derived_id
from services.app import App
from store.models import Communication, Invoice, InvoicePdf, MailEvent, StepTaken
from store.old_debt_mark import old_debt_mark
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor, words


def story(answer: TestResponse) -> str:
    """What the timeline of a page says, with its markup."""
    return answer.text.partition('<section id="timeline"')[2].partition("</section>")[0]


def test_each_kind_is_a_list_of_its_own_and_keeps_the_words(owner: Member, stage: Cast) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    money = story(owner.get(f"{page}?kind=money"))
    assert "Invoice INV-1001 was due" in money and "We pay on Friday" not in money
    assert "kind=replies" in owner.get(f"{page}?q=friday").text
    found = story(owner.get(f"{page}?q=FRIDAY"))
    assert "Re: Invoice INV-1001" in found and "was due" not in found
    assert "Nothing of this kind" in story(owner.get(f"{page}?q=zebra"))


def test_a_long_story_has_pages(owner: Member, stage: Cast, dunnock: App) -> None:
    now = clock.now()
    with dunnock.database.write(stage.organisation_id) as session:
        session.add_all(
            Communication(organisation_id=stage.organisation_id, id=f"{number:032x}", direction="out", channel="note",
                          kind="note", status="sent", contact_id=stage.contact_id, body_text=f"Note {number:03}",
                          sent_at=now - timedelta(minutes=number), created_at=now)
            for number in range(120)
        )  # fmt: skip
    address: str | None = f"{stage.home}/contacts/{stage.contact_id}?kind=talk"
    found: list[str] = []
    while address:
        text = owner.get(address).text
        found += re.findall(r">(Note \d+)<", text)
        following = re.search(r'rel="next" href="([^"#]+)', text)
        address = following[1].replace("&amp;", "&") if following else None
    assert found == [f"Note {number:03}" for number in range(120)]


def test_steps_that_one_decision_left_out_are_one_line_of_the_story(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    """Old debt that is left alone has all its steps left out; seven cards that say the same say nothing."""
    page = f"{stage.home}/invoices/{stage.invoice_id}?kind=decisions"
    with dunnock.database.write(stage.organisation_id) as session:
        version = session.query(StepTaken.schedule_version_id).first()
        assert version
        session.add_all(
            StepTaken(organisation_id=stage.organisation_id, invoice_id=stage.invoice_id, state="skipped",
                      schedule_version_id=version[0], position=position, on=clock.now().date(),
                      communication_id=old_debt_mark(stage.organisation_id))
            for position in (1, 2, 3)
        )  # fmt: skip
    told = " ".join(re.sub(r"<[^>]*>", " ", story(owner.get(page))).split())
    assert told.count("Left alone as old debt") == 1
    assert "3 steps left out" in told
    assert "First reminder left out for INV-1001" in told and "Second reminder left out for INV-1001" in told


def test_what_cannot_be_asked_is_said(owner: Member, stage: Cast) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    assert owner.get(f"{page}?after=nonsense").status_code == 400
    assert owner.get(f"{page}?kind=gossip").status_code == 400
    assert "A day looks like 2026-11-23" in owner.words(f"{page}?first=soon")


def test_a_message_is_shown_exactly_as_it_was_sent(owner: Member, stage: Cast, dunnock: App) -> None:
    now, content = clock.now(), b"%PDF-1.7 an invoice"
    with dunnock.database.write(stage.organisation_id) as session:
        sent = session.get_one(Communication, (stage.organisation_id, derived_id("reminder")))
        sent.from_name, sent.from_email = "Anna Hale", "anna@hedgerow.example"
        sent.message_id, sent.cc = "<one@hedgerow.example>", ["boss@bellwether.example"]
        sent.body_html = "<p>Hello <b>there</b><script>alert(1)</script></p>"
        sent.attached = [
            {"name": "INV-1001.pdf", "content_type": "application/pdf", "size": len(content),
             "sha256": hashlib.sha256(content).hexdigest()},
            {"name": "INV-1002.pdf", "content_type": "application/pdf", "size": 5, "sha256": "0" * 64},
        ]  # fmt: skip
        invoice = session.get_one(Invoice, (stage.organisation_id, stage.invoice_id))
        session.add(
            InvoicePdf(organisation_id=stage.organisation_id, invoice_id=stage.invoice_id,
                       invoice_updated_at=invoice.updated_at, content=content)
        )  # fmt: skip
    with dunnock.database.write_across() as session:
        session.add(
            MailEvent(key="k", communication_id=derived_id("reminder"), event="bounce", reason="Mailbox full",
                      occurred_at=now, received_at=now)
        )  # fmt: skip
    address = f"{stage.home}/messages/{derived_id('reminder')}"
    answer = owner.get(address)
    page = words(answer)
    for said in (
        "From Anna Hale <anna@hedgerow.example>",
        "Copies boss@bellwether.example",
        "Message-ID <one@hedgerow.example>",
        "Came back",
        "Mailbox full",
        "Answered by Robin Marsh",
        "INV-1002.pdf 5 Bytes; not kept here any more",
        "Dunnock: e-mail “Third reminder” [dk-00000000]",
    ):
        assert said in page, said
    assert "<b>there</b>" not in answer.text and re.search(r"<iframe[^>]* sandbox ", answer.text)
    assert owner.get(f"{address}/files/0").data == content
    assert owner.get(f"{address}/files/1").status_code == 404


def test_the_letter_is_in_a_frame_that_loads_and_runs_nothing(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        sent = session.get_one(Communication, (stage.organisation_id, derived_id("reminder")))
        sent.body_html = "<p>Hello</p><img src='https://tracker.example/x.gif'>"
    answer = owner.get(f"{stage.home}/messages/{derived_id('reminder')}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "allow" not in policy
    assert "https:" not in policy and "script-src" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_a_story_is_printed_and_exported(owner: Member, stage: Cast) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}/evidence"
    assert "Print or export the timeline" in owner.words(page)
    pdf = owner.get(f"{page}?format=pdf")
    assert pdf.data.startswith(b"%PDF") and "Bellwether" in pdf.headers["Content-Disposition"]
    assert b"We pay on Friday" in owner.get(f"{page}?format=csv").data
    assert (
        b"INV-1002" not in owner.get(f"{stage.home}/invoices/{stage.invoice_id}/evidence?format=jsonl").data
    )
    assert owner.get(f"{page}?format=docx").status_code == 400
    assert "A day looks like" in owner.words(f"{page}?format=pdf&first=soon")


def test_a_read_only_colleague_opens_a_shared_link_and_sees_the_record_but_no_settings(
    visitor: Visitor, stage: Cast
) -> None:
    colleague = visitor.signed_in_as(stage.colleague_id)
    page = colleague.get(f"{stage.home}/contacts/{stage.contact_id}")
    told = words(page)
    assert (
        "Owed £2,152.50" in told and "We pay on Friday, sorry for the delay." in told and "Timeline" in told
    )
    for action in ("/holds", "/release", "/schedule", "/stop"):
        assert f'action="{stage.home}/contacts/{stage.contact_id}{action}' not in page.text
    message = colleague.get(f"{stage.home}/messages/{derived_id('reminder')}")
    assert message.status_code == 200 and "<form" not in message.text.split("<main")[1].split("</main>")[0]
    assert colleague.get(f"{stage.home}/contacts/{stage.contact_id}/evidence?format=pdf").status_code == 200
    assert colleague.press(f"{stage.home}/settings/chasing", to="live").status_code in (403, 404)
