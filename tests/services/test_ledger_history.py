"""What people note in the ledger itself is read back onto the timeline, within the budget, and changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integration.ledger import HistoryEntry, LedgerError, NoteTarget, RateLimited, Unreachable
from kit import clock
from services import ledger_history as history
from store.models import Communication
from store.queries import timeline
from tests.support.chasing import Chasing


def note_in_ledger(org: Chasing, target: NoteTarget, ledger_id: str, text: str, **fields: object) -> None:
    """Somebody writes a note in the ledger, an hour ago."""
    values = {"at": clock.now() - timedelta(hours=1), "by": "Priya Nair", "is_note": True}
    entry = HistoryEntry(text, **values | fields)  # type: ignore[arg-type]  # its own fields
    org.ledger.entries.setdefault((target, ledger_id), []).append(entry)


def look(org: Chasing, target: NoteTarget, ledger_id: str) -> None:
    """Somebody opens the page, and the bell is answered."""
    history.want(org.app, org.organisation(), target, org.id_of(ledger_id))
    if org.organisation_id in history.due(org.app):
        history.read_with(org.app, org.organisation_id, org.ledger)


def read_notes(org: Chasing) -> list[Communication]:
    return [one for one in org._all(Communication) if one.kind == "history"]


def a_customer(org: Chasing) -> tuple[str, str]:
    customer = org.customer()
    invoice = org.invoice(customer, "INV-1", 3)
    org.mirror()
    return customer, invoice


def test_a_note_that_somebody_wrote_in_the_ledger_is_on_the_timeline_with_when_it_was_read(
    org: Chasing,
) -> None:
    customer, invoice = a_customer(org)
    note_in_ledger(org, NoteTarget.CONTACT, customer, "Their boss is on leave until Friday.")
    note_in_ledger(org, NoteTarget.CONTACT, customer, "Created", is_note=False)
    note_in_ledger(org, NoteTarget.INVOICE, invoice, "Sent again by post")
    look(org, NoteTarget.CONTACT, customer)
    look(org, NoteTarget.INVOICE, invoice)
    on_contact, on_invoice = sorted(read_notes(org), key=lambda one: one.body_text or "", reverse=True)
    assert on_contact.body_text == "Their boss is on leave until Friday."
    assert (on_contact.from_name, on_contact.reason) == (
        "Priya Nair", "Read from Xero on 16 Nov 2026 at 11:00 GMT.",
    )  # fmt: skip
    assert on_contact.sent_at == org.ledger.entries[NoteTarget.CONTACT, customer][0].at
    with org.app.database.read(org.organisation_id) as session:
        entries = timeline.invoice_timeline(session, org.organisation_id, org.id_of(invoice))
    assert [one.message.id for one in entries] == [on_invoice.id]


def test_it_is_read_once_in_a_quarter_of_an_hour_and_each_note_is_shown_once(org: Chasing) -> None:
    customer, _ = a_customer(org)
    note_in_ledger(org, NoteTarget.CONTACT, customer, "First")
    for _ in range(3):
        look(org, NoteTarget.CONTACT, customer)
        org.shift(minutes=4)
    assert org.ledger.calls.count("history") == 1
    org.shift(minutes=10)
    note_in_ledger(org, NoteTarget.CONTACT, customer, "Second")
    look(org, NoteTarget.CONTACT, customer)
    assert org.ledger.calls.count("history") == 2
    assert sorted(one.body_text or "" for one in read_notes(org)) == ["First", "Second"]


def test_our_own_notes_are_not_read_back_and_none_is_written_back(org: Chasing) -> None:
    org.one_due()
    org.send()
    org.write_notes()
    (customer,) = org.ledger.contact_book
    note_in_ledger(org, NoteTarget.CONTACT, customer, "Hers")
    look(org, NoteTarget.CONTACT, customer)
    assert [one.body_text for one in read_notes(org)] == ["Hers"]
    before = {key: list(texts) for key, texts in org.ledger.notes.items()}
    org.write_notes()
    assert org.ledger.notes == before
    assert {note.status for note in org.ledger_notes()} == {"written"}


def test_words_in_it_do_not_stop_chasing(org: Chasing) -> None:
    org.one_due()
    (customer,) = org.ledger.contact_book
    note_in_ledger(org, NoteTarget.CONTACT, customer, "STOP. It is disputed, they have paid, do not chase!")
    look(org, NoteTarget.CONTACT, customer)
    org.plan(everything=True)
    assert org.only_chaser().status == "planned"
    org.send()
    assert len(org.mailer.taken) == 1


@pytest.mark.parametrize("error", [RateLimited("minute", 30), Unreachable("away")])
def test_a_ledger_that_is_full_or_away_is_read_later(org: Chasing, error: LedgerError) -> None:
    customer, _ = a_customer(org)
    note_in_ledger(org, NoteTarget.CONTACT, customer, "First")
    org.ledger.failures.append(error)
    look(org, NoteTarget.CONTACT, customer)
    assert read_notes(org) == []
    assert history.due(org.app) == []
    org.shift(minutes=6)
    assert history.due(org.app) == [org.organisation_id]
    history.read_with(org.app, org.organisation_id, org.ledger)
    assert [one.body_text for one in read_notes(org)] == ["First"]


def test_nobody_looking_one_chased_customer_is_read_each_quarter_of_an_hour(org: Chasing) -> None:
    for number in range(3):
        org.invoice(org.customer(f"Customer {number}", f"c{number}@x.example"), f"INV-{number}", 3)
    quiet = org.customer("Never chased", "quiet@x.example")
    org.invoice(quiet, "INV-9", -30)
    for customer in org.ledger.contact_book:
        note_in_ledger(org, NoteTarget.CONTACT, customer, f"About {customer}")
    org.mirror()
    org.switch("live")
    org.send()
    org.ledger.calls.clear()
    for _ in range(24):  # two hours, looked at every five minutes
        for organisation_id in history.due(org.app):
            history.read_with(org.app, organisation_id, org.ledger)
        org.shift(minutes=5)
    assert org.ledger.calls.count("history") == 3  # each once, as none is due again before tomorrow
    assert {one.body_text for one in read_notes(org)} == {
        f"About {one.id}" for one in org.ledger.contact_book.values() if one.id != quiet
    }
    for _ in range(24 * 12):
        for organisation_id in history.due(org.app):
            history.read_with(org.app, organisation_id, org.ledger)
        org.shift(minutes=5)
    assert org.ledger.calls.count("history") == 6


def test_a_customer_that_the_ledger_does_not_know_any_more_keeps_nobody_waiting(org: Chasing) -> None:
    customer, _ = a_customer(org)
    history.want(org.app, org.organisation(), NoteTarget.CONTACT, "0" * 32)
    org.shift(seconds=1)
    note_in_ledger(org, NoteTarget.CONTACT, customer, "First")
    look(org, NoteTarget.CONTACT, customer)
    history.read_with(org.app, org.organisation_id, org.ledger)
    assert [one.body_text for one in read_notes(org)] == ["First"]
    assert history.due(org.app) == []
