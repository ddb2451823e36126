"""Sending: looked up again, handed over at most once, and every end is told in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from integration.ledger import LedgerError, NotFound, Unreachable, Unreadable
from services import holds, send
from store.models import Contact, TemplateVersion
from tests.services.sending_stage import settled
from tests.support.chasing import Chasing, chasing


def test_a_due_chaser_is_looked_up_handed_over_and_noted(org: Chasing) -> None:
    org.one_due(7)
    assert send.due(org.app) == [org.organisation_id]
    org.send()
    (mail,) = org.mailer.taken
    row = org.only_chaser()
    assert (row.status, row.provider_id, row.subject, row.body_text) == (
        "sent",
        "provider-1",
        mail.subject,
        mail.text,
    )
    assert mail.id == row.id
    assert mail.to == ("ann@bellwether.example",)
    assert (mail.from_name, mail.from_email) == ("Anna Hale", "anna@fake.example")
    assert "INV-1" in mail.text and "£100.00" in mail.text
    assert [(file.name, file.content_type) for file in mail.files] == [("INV-1.pdf", "application/pdf")]
    assert row.checked_at is not None and row.sent_at is not None
    assert timedelta() <= row.sent_at - row.checked_at <= timedelta(seconds=60)
    assert org.steps() == [(1, "skipped"), (2, "skipped"), (3, "taken")]
    assert [note.target for note in org.ledger_notes()].count("contact") == 1
    assert len(org.ledger_notes()) == 2
    assert send.due(org.app) == []


def test_the_ledger_is_asked_once_for_a_whole_batch(org: Chasing) -> None:
    for number in range(10):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.switch("live")
    org.send()
    assert len(org.mailer.taken) == 10
    assert [name for name in org.ledger.calls if name != "invoice_pdf"] == [
        "invoices",
        "contacts",
        "open_credits",
    ]


def test_a_contact_that_was_written_to_gets_nothing_more_for_some_days(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 3)
    org.invoice(customer, "INV-2", 0)
    org.mirror()
    org.switch("live")
    org.send()
    for _ in range(4):
        org.plan()
        org.send()
        assert len(org.mailer.taken) == 1
        org.shift(days=1)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 2


def test_the_second_chaser_continues_the_thread_and_names_the_first(org: Chasing) -> None:
    org.one_due(7)
    org.send()
    org.shift(days=7)
    org.plan()
    org.send()
    first, second = org.mailer.taken
    assert second.in_reply_to == first.message_id
    assert second.references == (first.message_id,)
    assert "16 November 2026" in second.text
    assert second.subject == f"Re: {first.subject}" == "Re: Invoice INV-1 from Fake Ltd"


def test_a_third_chaser_still_answers_under_the_first_subject(org: Chasing) -> None:
    org.one_due(2)
    for days in (7, 7, 0):
        org.send()
        org.shift(days=days)
        org.plan()
    first, second, third = org.mailer.taken
    assert third.subject == second.subject == f"Re: {first.subject}"
    assert third.references == (first.message_id, second.message_id)


def test_where_another_invoice_has_come_along_the_subject_names_it(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 2)
    org.invoice(customer, "INV-2", -5)
    org.mirror()
    org.switch("live")
    org.send()
    org.shift(days=7)
    org.plan()
    org.send()
    first, second = org.mailer.taken
    assert first.subject == "Invoice INV-1 from Fake Ltd"
    assert second.subject == "Invoices INV-1 and INV-2 from Fake Ltd"
    assert second.in_reply_to == first.message_id


def test_the_formal_notice_begins_a_conversation_of_its_own(org: Chasing) -> None:
    org.one_due(14)
    org.send()
    org.shift(days=16)
    org.plan()
    org.send()
    _, notice = org.mailer.taken
    assert notice.subject == "Overdue: invoice INV-1 from Fake Ltd"
    assert notice.in_reply_to is None and notice.references == ()
    assert "I wrote to you on 16 November 2026." in notice.text


@pytest.mark.parametrize(
    ("own", "country", "customers", "greeting"),
    [
        (None, "GB", None, "Hello"),
        (None, "GB", "de", "Guten Tag"),
        (None, "DE", None, "Guten Tag"),
        (None, "CH", None, "Hello"),
        ("fr", "CH", None, "Bonjour"),
        ("fr", "CH", "en", "Hello"),
    ],
)
def test_a_customer_is_written_to_in_its_language_or_the_organisations(
    org: Chasing, own: str | None, country: str, customers: str | None, greeting: str
) -> None:
    invoice = org.one_due()
    org.change(language=own, country=country)
    with org.app.database.write(org.organisation_id) as session:
        session.query(Contact).one().language = customers
    org.mirror()
    org.send()
    (mail,) = org.mailer.taken
    assert mail.text.startswith(greeting), invoice


def test_a_customer_is_written_to_in_the_language_of_its_country(org: Chasing) -> None:
    org.invoice(org.customer(country="DE"), "INV-1", 3)
    org.mirror()
    org.switch("live")
    org.send()
    (mail,) = org.mailer.taken
    assert mail.text.startswith("Guten Tag")


def test_amounts_and_days_are_written_as_at_home(org: Chasing) -> None:
    org.one_due()
    org.change(country="US")
    org.send()
    (mail,) = org.mailer.taken
    assert "November 13, 2026" in mail.text


def test_without_a_text_in_its_language_a_customer_gets_the_organisations(org: Chasing) -> None:
    org.one_due()
    org.change(language="fr")
    with org.app.database.write(org.organisation_id) as session:
        session.query(Contact).one().language = "de"
        session.query(TemplateVersion).filter_by(language="de").delete()
    org.send()
    (mail,) = org.mailer.taken
    assert mail.text.startswith("Bonjour")


CHANGES: dict[str, tuple[Callable[[Chasing, str], object], str]] = {
    "paid": (lambda org, invoice: org.ledger.pay(invoice), "PAID"),
    "voided": (lambda org, invoice: org.ledger.void(invoice), "VOIDED"),
    "credited in full": (
        lambda org, invoice: org.ledger.allocate(
            org.ledger.add_credit(contact_of(org), "CN-1", "100"), invoice, "100"
        ),
        "PAID",
    ),
    "covered by an unallocated credit": (
        lambda org, _invoice: org.ledger.add_credit(contact_of(org), "CN-1", "150"),
        "Unallocated credit of GBP 150.00",
    ),
    "paid but for pennies": (lambda org, invoice: org.ledger.pay(invoice, "95"), "less than the minimum"),
    "expected soon": (
        lambda org, invoice: org.ledger.change_invoice(invoice, expected_on=datetime(2026, 11, 20).date()),
        "Payment is expected on 20 November 2026",
    ),
    "given more time": (
        lambda org, invoice: org.ledger.change_invoice(invoice, due_on=datetime(2026, 12, 20).date()),
        "The next step is",
    ),
    "customer archived": (
        lambda org, _invoice: org.ledger.change_contact(contact_of(org), status="ARCHIVED"),
        "ARCHIVED",
    ),
    "address removed": (
        lambda org, _invoice: org.ledger.change_contact(contact_of(org), email=None),
        "no usable e-mail address",
    ),
    "moved to another customer": (
        lambda org, invoice: org.ledger.change_invoice(invoice, contact_id=org.customer("Somebody else")),
        "no longer in the contact's book",
    ),
    "gone": (lambda org, invoice: org.ledger.invoice_book.pop(invoice), "did not show INV-1"),
    "customer gone": (
        lambda org, _invoice: org.ledger.contact_book.pop(contact_of(org)),
        "did not show the contact",
    ),
}


def contact_of(org: Chasing) -> str:
    return next(iter(org.ledger.contact_book))


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_in_the_ledger_since_planning_keeps_the_chaser_back(org: Chasing, change: str) -> None:
    invoice = org.one_due()
    org.ledger.calls.clear()
    make, words = CHANGES[change]
    done: list[str] = []

    def at_the_last_look(call: str) -> None:
        if call == "invoices" and not done:
            done.append(call)
            make(org, invoice)

    org.ledger.before_call = at_the_last_look
    org.send()
    assert words in settled(org, org.only_chaser())


def test_what_falls_away_takes_its_chaser_along_and_the_rest_is_planned_anew(org: Chasing) -> None:
    customer = org.customer()
    paid, _open = org.invoice(customer, "INV-1", 3), org.invoice(customer, "INV-2", 3)
    org.mirror()
    org.switch("live")
    org.ledger.pay(paid)
    org.send()
    assert "PAID" in settled(org, org.only_chaser())
    org.plan()
    org.send()
    (mail,) = org.mailer.taken
    assert [file.name for file in mail.files] == ["INV-2.pdf"]
    assert "INV-1" not in mail.text


def test_a_changed_amount_and_first_name_are_those_of_the_last_look(org: Chasing) -> None:
    invoice = org.one_due()
    org.ledger.pay(invoice, "40")
    org.ledger.change_contact(contact_of(org), first_name="Beatrix")
    org.send()
    (mail,) = org.mailer.taken
    assert "Beatrix" in mail.text
    assert "£60.00" in mail.text


def test_files_come_in_the_order_in_which_the_letter_lists_their_invoices(org: Chasing) -> None:
    customer = org.customer()
    numbers = ["B-9", "A-3", "C-1", "A-2", "A-1", "B-8"]
    for place, number in enumerate(numbers):
        org.invoice(customer, number, 4 + place % 3, currency="EUR" if place % 2 else "GBP")
    org.mirror()
    org.switch("live")
    org.send()
    (mail,) = org.mailer.taken
    files = [file.name.removesuffix(".pdf") for file in mail.files]
    assert sorted(files) == sorted(numbers)
    table = [
        line.split()[0] for line in mail.text.splitlines() if line.split()[:1] and line.split()[0] in numbers
    ]
    assert files == table


def test_a_missing_pdf_holds_the_chaser(org: Chasing) -> None:
    org.one_due()
    org.ledger.failures.append(NotFound("There is no such document."))
    org.send()
    assert "The ledger has no PDF of invoice INV-1" in settled(org, org.only_chaser())
    org.plan()
    assert org.only_chaser().status == "held"
    org.plan(approve=True)
    org.send()
    assert len(org.mailer.taken) == 1


@pytest.mark.parametrize("error", [Unreachable("It answered 500."), Unreadable("It is no PDF.")])
def test_one_invoice_without_a_pdf_holds_up_nobody_else(org: Chasing, error: LedgerError) -> None:
    broken = [org.invoice(org.customer(name), f"BAD-{name}", 3) for name in ("Ada", "Ben", "Cleo", "Dora")]
    for name in ("Eve", "Finn", "Gus"):
        org.invoice(org.customer(name, f"{name.lower()}@example.com"), f"INV-{name}", 3)
    org.mirror()
    org.switch("live")
    org.plan()
    org.ledger.without_pdf = dict.fromkeys(broken, error)
    for _ in range(4):  # every third in a row looks like a ledger that is out of order
        org.send()
        org.shift(minutes=1)
    assert {mail.files[0].name for mail in org.mailer.taken} == {"INV-Eve.pdf", "INV-Finn.pdf", "INV-Gus.pdf"}
    waiting = [row for row in org.chasers() if row.status == "planned"]
    assert len(waiting) == 4
    assert all("BAD-" in (row.reason or "") and "others go on" in (row.reason or "") for row in waiting)
    org.ledger.without_pdf = {}
    org.shift(minutes=10)
    org.send()
    assert len(org.mailer.taken) == 7


def test_pdfs_too_large_for_a_mail_become_links(org: Chasing, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 3)
    org.invoice(customer, "INV-2", 3)
    org.mirror()
    org.switch("live")
    sizes = {"INV-1": 4_000_000, "INV-2": 2_000_000}
    ledger = org.ledger
    monkeypatch.setattr(
        ledger,
        "invoice_pdf",
        lambda invoice_id: b"%PDF" + bytes(sizes[ledger.invoice_book[invoice_id].number]),
    )
    org.send()
    (mail,) = org.mailer.taken
    assert [file.name for file in mail.files] == ["INV-2.pdf"]
    assert "https://in.example.com/INV-1" in mail.text
    assert "https://in.example.com/INV-2" not in mail.text


def test_a_hold_placed_while_the_ledger_is_asked_stops_the_chaser(org: Chasing) -> None:
    org.one_due()

    def somebody_holds(call: str) -> None:
        if call == "open_credits":
            contact_id = org.id_of(contact_of(org))
            holds.place(
                org.app, org.organisation_id, contact_id=contact_id, by="Ben", reason="Rang, will pay"
            )

    org.ledger.before_call = somebody_holds
    org.send()
    assert "a colleague has put this on hold" in settled(org, org.only_chaser())


def test_the_switch_stops_what_is_under_way(org: Chasing) -> None:
    org.one_due()
    org.ledger.before_call = lambda call: org.switch("off") if call == "open_credits" else None
    org.send()
    assert "switched off by Anna Hale" in settled(org, org.only_chaser())


@pytest.mark.parametrize(
    ("chasing_is", "send_mode", "words"),
    [("dry_run", "live", "Dry run"), ("live", "log", "SEND_MODE is log")],
)
def test_without_leave_to_send_all_is_done_but_the_sending(
    database_url: str, tmp_path: Path, chasing_is: str, send_mode: str, words: str
) -> None:
    with chasing(database_url, tmp_path, send_mode=send_mode) as org:
        org.one_overdue()
        org.switch(chasing_is)
        org.send()
        row = org.only_chaser()
        assert words in settled(org, row)
        assert row.body_text and row.subject and row.checked_at
        assert org.steps() == [(2, "planned")]
        assert org.ledger_notes() == []
        assert org.contact(contact_of(org)).last_message_at is None
        org.plan(everything=True)
        assert org.only_chaser().status == "held"


def test_what_a_dry_run_held_leaves_once_chasing_is_live(org: Chasing) -> None:
    org.one_overdue()
    org.switch("dry_run")
    org.send()
    held = org.only_chaser()
    org.shift(minutes=1)
    org.switch("live")
    assert (org.only_chaser().id, org.only_chaser().status) == (held.id, "planned")
    org.send()
    assert org.mailer.times_taken == {held.id: 1}


def test_a_text_that_cannot_be_written_holds_the_chaser(org: Chasing) -> None:
    org.one_due()
    with org.app.database.write(org.organisation_id) as session:
        for text in session.query(TemplateVersion):
            text.body = "Dear {{ no_such_field }}"
    org.send()
    assert "no_such_field" in settled(org, org.only_chaser())


def test_without_a_mail_key_nothing_is_touched_and_the_settings_name_what_is_missing(org: Chasing) -> None:
    org.one_due()
    send.send(org.app, org.organisation_id)
    assert org.only_chaser().status == "planned"
    assert "SENDGRID_API_KEY must be set" in (org.organisation().sending_problem or "")
    assert send.due(org.app) == []
