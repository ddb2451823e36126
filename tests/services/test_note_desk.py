"""What waits for the same document goes along in one call, and each note still stands there exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.ledger import AnswerLost, LedgerError, NoteTarget, RateLimited, Refused, Unreachable
from kit import clock
from services import holds, note_desk, note_rules, note_text, records
from store.queries import customers as customer_queries
from tests.services.test_notes import Forgetful, write_all
from tests.support.chasing import Chasing


def customer_with_invoice(org: Chasing, name: str = "Bellwether Books") -> tuple[str, str]:
    """The ledger ids of a customer and an invoice of it."""
    customer = org.customer(name)
    invoice = org.invoice(customer, f"INV-{name}", 7)
    org.mirror()
    return customer, invoice


def note_down(org: Chasing, customer: str, *texts: str, with_text: bool = True, kind: str = "note") -> None:
    """Notes of a colleague on a customer and its invoices."""
    with org.app.database.write(org.organisation_id) as session:
        about = customer_queries.open_invoices(session, org.organisation_id, org.id_of(customer))
        for text in texts:
            records.record(
                session, org.organisation_id, org.id_of(customer), about,
                channel="note", kind=kind, text=text, by="Ben", now=clock.now(), with_text=with_text,
            )  # fmt: skip


def markers(org: Chasing) -> Counter[str]:
    """How often each note of ours stands in the ledger."""
    found = (note_text.marker_of(text) for texts in org.ledger.notes.values() for text in texts)
    return Counter(marker for marker in found if marker)


def each_once(org: Chasing, count: int) -> None:
    rows = org.ledger_notes()
    assert {row.status for row in rows} == {"written"}
    assert markers(org) == Counter({row.marker: 1 for row in rows})
    assert len(rows) == count


def test_notes_that_wait_for_one_document_are_written_in_one_call(org: Chasing) -> None:
    customer, invoice = customer_with_invoice(org)
    note_down(org, customer, "First", "Second", "Third")
    org.write_notes()
    each_once(org, 6)
    assert org.ledger.calls.count("write_note") == 2  # six without joining
    for document in ((NoteTarget.CONTACT, customer), (NoteTarget.INVOICE, invoice)):
        said = [text.partition(": ")[2] for text in org.ledger.notes[document]]
        assert ["First" in said[0], "Second" in said[1], "Third" in said[2]] == [True] * 3


def test_what_waited_for_the_limit_costs_one_call_a_document(org: Chasing) -> None:
    customers = [customer_with_invoice(org, f"Customer {number}")[0] for number in range(10)]
    for round_ in range(3):  # three things happen to each while the minute is used up
        for customer in customers:
            note_down(org, customer, f"Round {round_}")
        org.ledger.failures.append(RateLimited("minute", 50))
        org.write_notes()
        org.shift(seconds=10)
    org.shift(minutes=1)
    org.ledger.failures.clear()
    org.ledger.calls.clear()
    write_all(org)
    each_once(org, 60)
    assert org.ledger.calls.count("write_note") == 20  # sixty without joining


def test_a_note_that_waits_says_why_and_until_when(org: Chasing) -> None:
    customer, _ = customer_with_invoice(org)
    note_down(org, customer, "First")
    org.ledger.failures.append(RateLimited("minute", 120))
    org.write_notes()
    assert {note.problem for note in org.ledger_notes()} == {
        "It waits until 11:02: Xero’s limit of 60 calls a minute is used up."
    }


def test_a_rule_that_was_set_after_a_refusal_holds_for_the_next_try(org: Chasing) -> None:
    customer, _ = customer_with_invoice(org)
    note_down(org, customer, "SECRET one")
    org.ledger.failures += [Refused("No."), Refused("No.")]
    org.write_notes()
    org.ledger.failures.clear()
    with org.app.database.write(org.organisation_id) as session:
        note_rules.keep_out(session, org.organisation_id, ["note"])
        for note in org.ledger_notes():
            note_desk.try_again(session, org.organisation_id, note.id, clock.now())
    write_all(org)
    each_once(org, 2)
    assert not any("SECRET" in text for texts in org.ledger.notes.values() for text in texts)


def test_one_of_several_that_is_refused_does_not_keep_the_others_back(org: Chasing) -> None:
    customer, _ = customer_with_invoice(org)
    note_down(org, customer, "First", "The bad one", "Third")
    put = org.ledger.write_notes

    def write_notes(
        target: NoteTarget, document_id: str, texts: Sequence[str], *, idempotency_key: str
    ) -> None:
        if any("The bad one" in text for text in texts):  # a marker can spell "bad"
            raise Refused("The details are not allowed.")
        put(target, document_id, texts, idempotency_key=idempotency_key)

    org.ledger.write_notes = write_notes  # type: ignore[method-assign]  # this ledger does not like one
    write_all(org)
    assert Counter(note.status for note in org.ledger_notes()) == {"written": 4, "refused": 2}
    assert set(markers(org).values()) == {1}


class Hostile:
    """A ledger that loses answers on either way, dies in the middle, refuses calls and forgets keys."""

    def __init__(self, org: Chasing, mishaps: list[str]) -> None:
        self.put, self.mishaps = org.ledger.write_notes, mishaps
        org.ledger.note_keys = Forgetful()
        org.ledger.write_notes = self.write_notes  # type: ignore[method-assign]  # as the class says

    def write_notes(
        self, target: NoteTarget, document_id: str, texts: Sequence[str], *, idempotency_key: str
    ) -> None:
        mishap = self.mishaps.pop() if self.mishaps else ""
        errors: dict[str, LedgerError] = {
            "lost on the way": AnswerLost("lost"),
            "away": Unreachable("away"),
            "full": RateLimited("minute", 20),
        }
        if mishap in errors:
            raise errors[mishap]
        if mishap == "half":  # some ledgers keep what came before the connection broke
            texts = texts[: len(texts) // 2]
        if texts:
            self.put(target, document_id, texts, idempotency_key=idempotency_key)
        if mishap:
            raise Killed if mishap == "killed" else AnswerLost("lost")


class Killed(BaseException):
    """The process dies here."""


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    st.lists(
        st.sampled_from(["lost on the way", "lost on the way back", "half", "away", "full", "killed", ""]),
        max_size=12,
    )
)
def test_whatever_the_ledger_does_each_note_stands_there_once(org: Chasing, mishaps: list[str]) -> None:
    before = len(org.ledger_notes())
    customer = org.customer(f"Customer {before}")
    org.invoice(customer, f"INV-{before}", 7)
    org.mirror()
    hostile = Hostile(org, list(mishaps))
    for text in ("First", "Second", "Third"):
        note_down(org, customer, text)
        try:
            org.write_notes()
        except Killed:
            org.shift(minutes=3)
    for _ in range(30):
        try:
            write_all(org)
        except Killed:
            org.shift(minutes=3)
    org.ledger.write_notes = hostile.put  # type: ignore[method-assign]  # for the next example
    each_once(org, before + 6)


# -- what is told --------------------------------------------------------------------------------------------


def test_a_hold_and_its_release_by_a_person_are_noted_once_each(org: Chasing) -> None:
    customer, invoice = customer_with_invoice(org)
    hold = holds.place(
        org.app, org.organisation_id, invoice_id=org.id_of(invoice), by="Ben Ash", reason="Rang, will pay",
        until=date(2026, 11, 20),
    )  # fmt: skip
    org.write_notes()
    holds.release(org.app, org.organisation_id, hold.id, "Ruth Low")
    org.write_notes()
    each_once(org, 4)
    held, released = org.ledger.notes[NoteTarget.INVOICE, invoice]
    assert held.startswith(
        "Dunnock: hold on Bellwether Books on 16 Nov 2026 11:00 GMT by Ben Ash; GBP 100.00 open on"
        " INV-Bellwether Books, due 9 Nov 2026; until 20 November 2026: Rang, will pay [dk-"
    )
    assert released.startswith(
        "Dunnock: hold released on Bellwether Books on 16 Nov 2026 11:00 GMT by Ruth Low; GBP 100.00 open on"
        " INV-Bellwether Books, due 9 Nov 2026; on hold since 16 November 2026: Rang, will pay [dk-"
    )
    assert len(org.ledger.notes[NoteTarget.CONTACT, customer]) == 2


@pytest.mark.parametrize(
    ("kept_out", "of_contact", "told"),
    [
        ([], None, True),
        (["all"], None, False),
        (["note"], None, False),
        (["call"], None, True),
        (["all"], "written", True),
        ([], "kept_out", False),
    ],
)
def test_a_rule_keeps_the_words_out_and_writes_the_fact(
    org: Chasing, kept_out: list[str], of_contact: str | None, *, told: bool
) -> None:
    customer, _ = customer_with_invoice(org)
    note_down(org, customer, "He is in hospital")
    with org.app.database.write(org.organisation_id) as session:  # it holds for what waits already
        note_rules.keep_out(session, org.organisation_id, kept_out)
        note_rules.choose_for(session, org.organisation_id, org.id_of(customer), of_contact)
    org.write_notes()
    (text,) = org.ledger.notes[NoteTarget.CONTACT, customer]
    assert text.startswith("Dunnock: note on Bellwether Books on 16 Nov 2026 11:00 GMT by Ben")
    assert ("hospital" in text) is told
    assert "\nhttps://dunnock.example/" in text


def test_the_words_of_a_sensitive_note_stay_here_whatever_the_rule(org: Chasing) -> None:
    customer, _ = customer_with_invoice(org)
    note_down(org, customer, "He is in hospital", with_text=False)
    org.write_notes()
    assert not any("hospital" in text for texts in org.ledger.notes.values() for text in texts)
    each_once(org, 2)


@given(
    st.lists(
        st.text(st.characters(codec="ascii", categories=["L", "Zs"]), min_size=1, max_size=60), min_size=80
    )
)
def test_a_long_thread_is_cut_at_the_end_of_a_sentence(sentences: list[str]) -> None:
    words = ". ".join("a" + " ".join(sentence.split()) for sentence in sentences) + "."
    line = note_text.whole(words, "dk-01234567").removesuffix(" [dk-01234567]")
    assert line.endswith((".", " …"))
    if line.endswith(" …"):
        assert line.removesuffix(" …").endswith(".")
        assert len(line) > note_text.LONGEST // 3
