"""Notes in the ledger: each exactly once, in plain words, whatever the ledger does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.ledger import AnswerLost, LedgerError, NoteTarget, RateLimited, Refused, Unreachable
from kit import clock
from services import note_text, notes
from store.models import Communication, CommunicationInvoice
from tests.support.chasing import Chasing


class Killed(BaseException):
    """The process dies here."""


def after_sending(org: Chasing, invoices: int = 1, **customer: str) -> None:
    contact = org.customer(**customer)
    for number in range(1, invoices + 1):
        org.invoice(contact, f"INV-{number}", 7, "1234.50")
    org.mirror()
    org.switch("live")
    org.send()


def write_all(org: Chasing, rounds: int = 30) -> None:
    """Write, and wait, until nothing is pending."""
    for _ in range(rounds):
        org.write_notes()
        if not [note for note in org.ledger_notes() if note.status == "pending"]:
            return
        org.shift(minutes=16)


def counts(org: Chasing) -> Counter[NoteTarget]:
    """How many notes stand in the ledger on contacts and invoices."""
    return Counter(
        {
            target: sum(len(v) for (t, _), v in org.ledger.notes.items() if t is target)
            for target in (NoteTarget.CONTACT, NoteTarget.INVOICE)
        }
    )


def test_a_chaser_leaves_a_note_on_the_contact_and_on_each_invoice(org: Chasing) -> None:
    after_sending(org, 2, first_name="Ann", last_name="Bell")
    assert notes.due(org.app) == [org.organisation_id]
    org.write_notes()
    assert counts(org) == {NoteTarget.CONTACT: 1, NoteTarget.INVOICE: 2}
    (contact_id,) = org.ledger.contact_book
    (text,) = org.ledger.notes[NoteTarget.CONTACT, contact_id]
    note = next(note for note in org.ledger_notes() if note.target == "contact")
    assert text == note.text
    assert text == (
        "Dunnock: e-mail “Second reminder” to Ann Bell on 16 Nov 2026 11:00 GMT by Anna Hale; "
        f"GBP 2,469.00 open on 2 invoices; delivered to the mail provider. [{note.marker}]\n"
        f"https://dunnock.example/organisations/{org.organisation_id}/contacts/{org.id_of(contact_id)}"
    )
    texts = {texts[0] for (target, _), texts in org.ledger.notes.items() if target is NoteTarget.INVOICE}
    assert {"GBP 1,234.50 open on INV-1, due " in text for text in texts} == {True, False}
    assert "bellwether.example" not in "".join(texts)
    assert {note.status for note in org.ledger_notes()} == {"written"}
    assert notes.due(org.app) == []


def test_writing_again_adds_nothing(org: Chasing) -> None:
    after_sending(org)
    for _ in range(3):
        with org.app.database.write(org.organisation_id) as session:
            notes.queue_for_chaser(session, org.organisation_id, org.only_chaser().id, clock.now())
        org.write_notes()
        org.shift(minutes=10)
    assert counts(org) == {NoteTarget.CONTACT: 1, NoteTarget.INVOICE: 1}


@pytest.mark.parametrize("written", [True, False])
def test_a_lost_answer_is_read_up_before_the_note_is_written_again(org: Chasing, written: bool) -> None:
    after_sending(org)
    org.ledger.note_keys = Forgetful()
    lose_answers(org, 1, written)
    write_all(org)
    assert counts(org) == {NoteTarget.CONTACT: 1, NoteTarget.INVOICE: 1}
    assert "history" in org.ledger.calls


class Forgetful(set[str]):
    """A ledger that does not keep idempotency keys at all."""

    def __contains__(self, key: object) -> bool:
        return False


def lose_answers(org: Chasing, times: int, written: bool) -> None:
    """The next answers to a note are lost, on the way back or on the way there."""
    left = [True] * times
    put = org.ledger.write_notes

    def write_notes(
        target: NoteTarget, document_id: str, texts: Sequence[str], *, idempotency_key: str
    ) -> None:
        if written or not left:
            put(target, document_id, texts, idempotency_key=idempotency_key)
        if left:
            left.pop()
            raise AnswerLost("The answer never came.")

    org.ledger.write_notes = write_notes  # type: ignore[method-assign]  # this ledger loses answers


def test_a_death_after_the_note_was_written_does_not_write_it_twice(org: Chasing) -> None:
    after_sending(org)
    org.ledger.note_keys = Forgetful()
    put = org.ledger.write_notes

    def write_and_die(
        target: NoteTarget, document_id: str, texts: Sequence[str], *, idempotency_key: str
    ) -> None:
        put(target, document_id, texts, idempotency_key=idempotency_key)
        org.ledger.write_notes = put  # type: ignore[method-assign]  # it dies once
        raise Killed

    org.ledger.write_notes = write_and_die  # type: ignore[method-assign]  # this one kills us
    with pytest.raises(Killed):
        org.write_notes()
    write_all(org)
    assert counts(org) == {NoteTarget.CONTACT: 1, NoteTarget.INVOICE: 1}


@pytest.mark.parametrize("error", [RateLimited("minute", 20), Unreachable("away")])
def test_a_ledger_that_is_full_or_away_gets_its_notes_later(org: Chasing, error: LedgerError) -> None:
    after_sending(org)
    org.ledger.failures.extend([error] * 3)
    org.write_notes()
    assert counts(org) == {NoteTarget.CONTACT: 0, NoteTarget.INVOICE: 0}
    assert notes.due(org.app) == []
    write_all(org)
    assert counts(org) == {NoteTarget.CONTACT: 1, NoteTarget.INVOICE: 1}
    assert "history" not in org.ledger.calls  # it was surely not written, so there is nothing to look for


def test_a_note_that_the_ledger_refuses_is_kept_with_its_words_and_the_others_go_on(org: Chasing) -> None:
    after_sending(org)
    org.ledger.failures.append(Refused("The document cannot take notes."))
    org.write_notes()
    assert sorted(note.status for note in org.ledger_notes()) == ["refused", "written"]
    assert [note.problem for note in org.ledger_notes() if note.status == "refused"] == [
        "The document cannot take notes."
    ]


def test_several_writers_write_each_note_once(org: Chasing) -> None:
    after_sending(org, 12)
    org.ledger.note_keys = Forgetful()
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: org.write_notes(), range(10)))
    write_all(org)
    assert counts(org) == {NoteTarget.CONTACT: 1, NoteTarget.INVOICE: 12}


def test_an_answer_and_a_call_are_noted_too(org: Chasing) -> None:
    invoice = org.one_overdue()
    for kind, channel, words in (
        (
            "reply",
            "email",
            "Paid on Friday\n\nOn Mon, 16 Nov 2026, Robin wrote:\n> When can we expect your payment?",
        ),
        ("call", "call", "Promised for Friday"),
    ):
        record(org, kind, channel, words, invoice)
    with org.app.database.write(org.organisation_id) as session:
        notes.queue_for_reply(session, org.organisation_id, "reply", clock.now())
        notes.queue_for_record(session, org.organisation_id, "call", clock.now())
    org.write_notes()
    texts = sorted(
        texts
        for (target, _), found in org.ledger.notes.items()
        if target is NoteTarget.INVOICE
        for texts in found
    )
    assert texts[0].startswith(
        "Dunnock: answer by e-mail from Ben on 16 Nov 2026 11:00 GMT: “Paid on Friday” Chasing is on hold. [dk-"
    )
    assert texts[1].startswith(
        "Dunnock: call with Bellwether Books on 16 Nov 2026 11:00 GMT by Ben: Promised for Friday [dk-"
    )


def record(org: Chasing, kind: str, channel: str, words: str, invoice: str) -> None:
    (contact,) = org.ledger.contact_book
    with org.app.database.write(org.organisation_id) as session:
        session.add(
            Communication(
                organisation_id=org.organisation_id,
                id=kind,
                direction="in" if kind == "reply" else "out",
                channel=channel,
                kind=kind,
                status="received",
                contact_id=org.id_of(contact),
                from_name="Ben",
                body_text=words,
                sent_at=clock.now(),
                created_at=clock.now(),
            )
        )
        session.flush()
        session.add(
            CommunicationInvoice(
                organisation_id=org.organisation_id,
                communication_id=kind,
                invoice_id=org.id_of(invoice),
                position=None,
                currency="GBP",
                amount_due=org.ledger.invoice_book[invoice].amount_due,
            )
        )


@given(st.text(max_size=4_000))
def test_a_note_is_one_plain_line_that_fits_with_its_link(words: str) -> None:
    text = note_text.with_link(note_text.whole(words, "dk-01234567"), "https://dunnock.example/" + "x" * 120)
    line, _, link = text.partition("\n")
    assert len(text) <= note_text.LONGEST
    assert line.startswith("Dunnock:")
    assert line.endswith("[dk-01234567]")
    assert link.startswith("https://dunnock.example/")
    assert len(line.splitlines()) == 1
