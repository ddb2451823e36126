"""What a customer sees and can say on its account page, by the link in a mail and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from kit import clock
from store.models import (
    Attachment,
    ChannelWish,
    Communication,
    Contact,
    ContactPerson,
    Dispute,
    Hold,
    LedgerNote,
    PageAnswer,
    PaidClaim,
    PaymentPlan,
    PlanInstalment,
    PromiseToPay,
    Reply,
)
from tests.support.debtor import FROM_HERE, Debtor, debtor, link_in, said


@pytest.fixture
def ann(database_url: str, tmp_path: Path, redis_url: str) -> Iterator[Debtor]:
    with debtor(database_url, tmp_path, redis_url) as found:
        yield found


def rows(ann: Debtor, model: type) -> list:  # type: ignore[type-arg]
    with ann.org.app.database.read(ann.org.organisation_id) as session:
        return list(session.scalars(select(model).where(model.organisation_id == ann.org.organisation_id)))  # type: ignore[attr-defined]


def answers(ann: Debtor) -> list[Communication]:
    return [one for one in rows(ann, Communication) if one.direction == "in"]


def test_the_mail_carries_a_link_to_what_is_open(ann: Debtor) -> None:
    page = ann.words()
    assert "Your account with Fake Ltd" in page and "For Bellwether Books" in page
    assert "INV-1" in page and "£100.00" in page and "3 days overdue" in page
    assert "As our books stood on 16 November 2026" in page


def test_each_mail_has_a_link_of_its_own_and_the_same_mail_always_the_same(ann: Debtor) -> None:
    assert ann.link().communication_id == ann.org.only_chaser().id
    (mail,) = ann.org.mailer.taken
    assert link_in(mail.text) == link_in(mail.html) == ann.path


def test_what_is_kept_of_mails_opens_no_page(ann: Debtor) -> None:
    """Whoever may read a message, here or in the database, cannot answer in the customer's name by it."""
    ann.follow(
        ann.tell(
            "message",
            text=f"Is this yours? https://pay.example.com{ann.path} and https://scan.example/?u=x%2Fa%2F{ann.path[3:]}&y=1",
        )
    )
    kept = ann.org.only_chaser()
    for text in (kept.body_text, kept.body_html):
        assert "/a/…" in (text or "") and ann.path not in (text or "")
    everything = [
        str(getattr(row, column.key))
        for model in (Communication, Reply, Hold, LedgerNote)
        for row in rows(ann, model)
        for column in row.__table__.c
    ]
    assert any("x%2Fa%2F…&y=1" in one for one in everything)
    assert not any(ann.path[3:] in one for one in everything)


def test_what_is_not_set_off_and_each_currency_are_shown_for_themselves(ann: Debtor) -> None:
    (customer,) = ann.org.ledger.contact_book
    ann.org.invoice(customer, "INV-2", -10, "50.00", currency="EUR")
    ann.org.ledger.add_credit(customer, "CN-1", "30.00")
    ann.org.mirror()
    page = ann.words()
    assert "£70.00" in page and "€50.00" in page and "£150.00" not in page
    assert "not due yet" in page


def test_what_is_in_dispute_is_shown_beside_what_is_open_and_not_asked_for(ann: Debtor) -> None:
    invoice = ann.org.id_of(next(iter(ann.org.ledger.invoice_book)))
    ann.follow(ann.tell("wrong", which_one=invoice, category="price", amount="20", reason="We agreed on 80."))
    page = ann.words()
    assert "Open £100.00 in dispute £20.00 Balance £80.00" in page
    assert "£100.00 in dispute: £20.00" in page
    for other in ("/pay", "/tell/paid"):
        assert "£100.00 (in dispute: £20.00)" in ann.words(other)
    promised = ann.tell("will_pay", which=invoice, on="2026-11-27", amount="90")
    assert "more than we ask for on these invoices (£80.00)" in said(promised)
    assert ann.tell("will_pay", which=invoice, on="2026-11-27", amount="80").status_code == 303


def test_whoever_paid_in_advance_can_say_so(ann: Debtor) -> None:
    invoice = ann.org.id_of(next(iter(ann.org.ledger.invoice_book)))
    assert ann.tell("paid", which=invoice, paid_on="2026-09-01").status_code == 303


def test_where_nothing_is_open_nothing_is_promised(ann: Debtor) -> None:
    token = ann.token("/tell/will_pay")
    ann.org.ledger.pay(next(iter(ann.org.ledger.invoice_book)))
    ann.org.mirror()
    for page in ("", "/tell"):
        words = ann.words(page)
        assert "I have paid" in words and "I am the wrong person" in words
        assert "I will pay on" not in words and "Something is wrong" not in words
    assert "I would like to pay in instalments" not in ann.words("/tell")
    answer = ann.tell("will_pay", token=token, on="2026-11-27")
    assert answer.status_code == 422 and "Choose at least one invoice" in said(answer)


def test_without_online_payment_nothing_is_otherwise(ann: Debtor) -> None:
    assert "Use the bank details that stand on the invoice" in ann.words("/pay")


def test_the_statement_and_the_invoice_are_pdfs(ann: Debtor) -> None:
    (invoice,) = list(ann.org.ledger.invoice_book)
    for path in ("/statement.pdf", f"/invoices/{ann.org.id_of(invoice)}.pdf"):
        answer = ann.get(path)
        assert answer.status_code == 200 and answer.content_type == "application/pdf", path
    assert ann.get(f"/invoices/{'0' * 32}.pdf").status_code == 404


def test_a_document_that_the_ledger_does_not_give_now_is_said_in_words(ann: Debtor) -> None:
    (customer,) = ann.org.ledger.contact_book
    invoice = ann.org.invoice(customer, "INV-2", 1)
    ann.org.mirror()
    answer = ann.get(f"/invoices/{ann.org.id_of(invoice)}.pdf")
    assert answer.status_code == 503 and "cannot be had just now" in said(answer)


def test_i_have_paid_holds_the_invoice_and_is_remembered(ann: Debtor) -> None:
    invoice = ann.org.id_of(next(iter(ann.org.ledger.invoice_book)))
    done = ann.tell(
        "paid",
        which=invoice,
        paid_on="2026-11-13",
        amount="£100.00",
        reference="TRF 77",
        note="By bank.",
        name="Ann Bell",
    )
    assert "do not remind you of it meanwhile" in said(ann.follow(done))
    (reply,) = answers(ann)
    assert reply.channel == "page" and reply.in_reply_to == ann.org.only_chaser().id
    assert reply.from_name == "Ann Bell" and "TRF 77" in (reply.body_text or "")
    assert (reply.body_text or "").endswith("By bank.")
    (claim,) = rows(ann, PaidClaim)
    assert (claim.amount, claim.currency, claim.reference) == (Decimal(100), "GBP", "TRF 77")
    assert {one.kind for one in rows(ann, Hold)} == {"reply", "paid_claim"}
    assert "On 16 November 2026 you told us that this was paid: INV-1." in ann.words()


def test_a_day_inside_what_is_allowed_is_a_promise_and_a_later_one_waits_for_a_person(ann: Debtor) -> None:
    invoice = ann.org.id_of(next(iter(ann.org.ledger.invoice_book)))
    late = ann.follow(ann.tell("will_pay", which=invoice, on="2027-03-01"))
    assert "a person looks at it" in said(late)
    assert {one.kind for one in rows(ann, Hold)} == {"reply"}
    soon = ann.follow(ann.tell("will_pay", which=invoice, on="2026-11-27"))
    assert "you pay on 27 November 2026" in said(soon)
    (promise,) = rows(ann, PromiseToPay)
    assert promise.promised_on.isoformat() == "2026-11-27"


def test_somebody_else_is_named_and_nothing_is_changed_by_that(ann: Debtor) -> None:
    before = (rows(ann, Contact)[0].email, len(rows(ann, ContactPerson)))
    ann.follow(ann.tell("not_me", person="Bob Mill", address="bob@evil.example"))
    (reply,) = rows(ann, Reply)
    assert reply.meaning == "wrong_person" and reply.details["address"] == "bob@evil.example"
    assert (rows(ann, Contact)[0].email, len(rows(ann, ContactPerson))) == before


def test_something_wrong_copy_and_message_reach_a_person(ann: Debtor) -> None:
    invoice = ann.org.id_of(next(iter(ann.org.ledger.invoice_book)))
    ann.follow(ann.tell("wrong", which_one=invoice, category="price", amount="20", reason="We agreed on 80."))
    ann.follow(ann.tell("copy", which=invoice, order_number="PO 7"))
    ann.follow(ann.tell("message", text="Please call me."))
    assert {one.meaning for one in rows(ann, Reply)} == {"dispute", "needs_copy", "question"}
    assert {one.what for one in rows(ann, PageAnswer)} == {"wrong", "copy", "message"}
    (dispute,) = rows(ann, Dispute)
    assert (dispute.amount, dispute.category, dispute.reason) == (Decimal(20), "price", "We agreed on 80.")


def test_a_message_is_understood_as_a_mail_is_and_nothing_is_done_by_itself(ann: Debtor) -> None:
    ann.follow(ann.tell("message", text="Hallo, ik betaal vrijdag 27 november."))
    (reply,) = rows(ann, Reply)
    assert (reply.meaning, reply.details["on"]) == ("will_pay", "2026-11-27")
    assert reply.sentence == "Hallo, ik betaal vrijdag 27 november."
    assert not rows(ann, PromiseToPay) and reply.state == "waiting"


def test_colleagues_read_sentences_and_not_a_form(ann: Debtor) -> None:
    invoice = ann.org.id_of(next(iter(ann.org.ledger.invoice_book)))
    ann.follow(ann.tell("will_pay", which=invoice, on="2026-11-27", amount="90", note="After month end."))
    ann.follow(ann.tell("paid", which=invoice, paid_on="2026-11-13", reference="TRF 77"))
    ann.follow(ann.tell("message", text="Please call me."))
    assert {one.body_text for one in answers(ann)} == {
        "I will pay INV-1 on 27 November 2026.\nHow much: £90.00.\n\nAfter month end.",
        "I paid INV-1 on 13 November 2026.\nReference of the payment: TRF 77.",
        "Please call me.",
    }


def test_instalments_are_a_proposal_that_a_person_accepts(ann: Debtor) -> None:
    invoice = ann.org.id_of(next(iter(ann.org.ledger.invoice_book)))
    ask = {"which": invoice, "first_on": "2026-11-30", "every": "monthly"}
    assert "a number from 2 to 6" in said(ann.tell("plan", instalments="7", **ask))
    ann.follow(ann.tell("plan", instalments="3", **ask))
    (plan,) = rows(ann, PaymentPlan)
    assert plan.state == "proposed"
    parts = sorted((one.on.isoformat(), one.amount) for one in rows(ann, PlanInstalment))
    assert parts == [
        ("2026-11-30", Decimal("33.33")),
        ("2026-12-30", Decimal("33.33")),
        ("2027-01-30", Decimal("33.34")),
    ]
    assert "you asked to pay in instalments: INV-1." in ann.words()


def test_instalments_beyond_what_is_offered_are_a_reply_all_the_same(ann: Debtor) -> None:
    invoice = ann.org.id_of(next(iter(ann.org.ledger.invoice_book)))
    ann.follow(ann.tell("plan", which=invoice, first_on="2027-08-30", every="monthly", instalments="6"))
    assert not rows(ann, PaymentPlan) and len(answers(ann)) == 1


def test_the_same_form_sent_twice_is_one_answer(ann: Debtor) -> None:
    token = ann.token("/tell/message")
    for _ in range(3):
        assert ann.tell("message", token=token, text="Hello").status_code == 303
    assert len(answers(ann)) == 1


def test_a_language_is_changed_at_once_and_holds_nothing(ann: Debtor) -> None:
    ann.follow(ann.tell("preferences", language="de"))
    assert rows(ann, Contact)[0].language == "de"
    assert not rows(ann, Hold) and not answers(ann)
    assert "Ihr Konto bei Fake Ltd" in ann.words()
    assert "Votre compte chez Fake Ltd" in ann.words("?lang=fr")


def test_how_to_be_reached_is_looked_at_by_a_person(ann: Debtor) -> None:
    ann.follow(ann.tell("preferences", language="en", pays_on="every Friday"))
    assert rows(ann, Contact)[0].pays_on is None
    assert "every Friday" in (answers(ann)[0].body_text or "")


def test_what_it_wants_no_more_holds_at_once_and_what_it_prefers_waits_for_a_person(ann: Debtor) -> None:
    ann.follow(
        ann.tell("preferences", language="en", refuses=["sms", "call"], prefers="letter", name="Ann Bell")
    )
    wishes = {one.channel: one for one in rows(ann, ChannelWish)}
    assert {name: one.wish for name, one in wishes.items()} == {
        "sms": "unwanted",
        "call": "unwanted",
        "letter": "suggested",
    }
    assert wishes["call"].said_by == "Ann Bell" and wishes["call"].how == "By its account page"
    told = answers(ann)[0].body_text or ""
    assert "Text messages and Telephone calls" in told and "Letters" in told


@pytest.mark.parametrize(
    ("what", "fields", "problem"),
    [
        ("paid", {"paid_on": "2026-11-17"}, "That day has not come yet"),
        ("paid", {"paid_on": "yesterday"}, "Give a day."),
        ("paid", {"paid_on": "2026-11-13", "amount": "a lot"}, "Give the amount in figures"),
        ("paid", {"paid_on": "2026-11-13", "amount": "-5"}, "Give the amount in figures"),
        ("paid", {"paid_on": "2026-11-13", "amount": "1.005"}, "Give the amount in figures"),
        ("paid", {"paid_on": "1990-01-01"}, "long before these invoices were written"),
        (
            "will_pay",
            {"on": "2026-11-27", "amount": "100.01"},
            "more than we ask for on these invoices (£100.00)",
        ),
        ("will_pay", {"on": "2026-11-15"}, "That day is over already"),
        ("will_pay", {"on": "2036-11-15"}, "more than a year away"),
        ("wrong", {"amount": "500", "reason": "x"}, "more than is open (£100.00)"),
        ("wrong", {}, "Say in a few words what happened."),
        ("not_me", {}, "Say who should hear from us instead."),
        ("copy", {}, "Say what you need."),
        ("message", {}, "Write a few words."),
        ("message", {"text": "x" * 5000}, "4000 characters are read at most"),
        ("preferences", {}, "Say what you need."),
    ],
)
def test_a_slip_is_said_in_words_and_nothing_typed_is_lost(
    ann: Debtor, what: str, fields: dict[str, str], problem: str
) -> None:
    invoice = ann.org.id_of(next(iter(ann.org.ledger.invoice_book)))
    answer = ann.tell(what, which=invoice, which_one=invoice, name="Ann “Bell”", **fields)
    assert answer.status_code == 422 and problem in said(answer)
    assert 'value="Ann “Bell”"' in answer.text
    for typed in fields.values():
        assert typed in answer.text
    assert not answers(ann)


def test_documents_come_along_and_programs_do_not(ann: Debtor) -> None:
    pdf = FileStorage(BytesIO(b"%PDF-1.4\n%%EOF\n"), "../../proof.pdf")
    ann.follow(ann.tell("message", text="See the file.", file=pdf))
    (kept,) = rows(ann, Attachment)
    assert kept.name == "proof.pdf" and kept.content.startswith(b"%PDF")
    for content, name in (
        (b"MZ\x90\x00" + b"\0" * 60, "x.exe"),
        (b"<html><script>", "x.pdf"),
        (b"x" * (5 * 2**20 + 1), "x.txt"),
    ):
        answer = ann.tell("message", text="See the file.", file=FileStorage(BytesIO(content), name))
        assert answer.status_code == 422 and "cannot be taken" in said(answer)
    assert len(rows(ann, Attachment)) == 1


def test_is_this_genuine_never_asks_to_believe_this_page(ann: Debtor) -> None:
    page = ann.words("/genuine")
    assert "on a number that you already have" in page and "never change by mail" in page
    assert "Anna Hale wrote to you, from anna@fake.example" in page


def test_looking_changes_nothing(ann: Debtor) -> None:
    def everything() -> list[tuple[object, ...]]:
        return [
            (one.__tablename__, tuple((column.key, getattr(one, column.key)) for column in one.__table__.c))
            for model in (Communication, Hold, PageAnswer, Reply)
            for one in rows(ann, model)
        ] + [("contacts", (one.id, one.next_look_at, one.language, one.name)) for one in rows(ann, Contact)]

    before = everything()
    for page in (
        "",
        "/pay",
        "/genuine",
        "/tell",
        "/tell/paid",
        "/tell/message",
        "/statement.pdf",
        "/thanks/x",
    ):
        assert ann.get(page).status_code in (200, 302)
    assert everything() == before


def test_answers_are_limited_for_each_link(ann: Debtor) -> None:
    codes = [ann.tell("message", text=f"Hello {number}").status_code for number in range(23)]
    assert codes[:20] == [303] * 20 and codes[-1] == 429


def test_a_form_of_another_page_is_refused(ann: Debtor) -> None:
    token = ann.token("/tell/message")
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "none"},
    ):
        answer = ann.web.test_client().post(
            f"{ann.path}/tell/message", data={"form": token, "text": "Hello"}, headers=headers
        )
        assert answer.status_code == 403
    bad = ann.web.test_client().post(
        f"{ann.path}/tell/message", data={"form": "x", "text": "Hello"}, headers=FROM_HERE
    )
    assert bad.status_code == 422 and "too old or was changed" in said(bad)
    assert not answers(ann)


def test_a_link_ends_and_a_fresh_one_can_be_asked_for(ann: Debtor) -> None:
    ann.org.shift(days=91)
    answer = ann.get()
    assert answer.status_code == 410 and "It has ended on 14 February 2027" in said(answer)
    assert "INV-1" not in answer.text and "anna@fake.example" in answer.text
    assert clock.now() - ann.link().expires_at < timedelta(days=2)
