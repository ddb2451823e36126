"""Every act of the log has its sentence, and every value its word."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import Any

import pytest

from kit import clock
from kit.settings import ROOT
from kit.wording import gettext, worded_in
from services.audit_lines import line
from services.audit_values import VALUES
from services.audit_words import ACTS, COLUMNS, ENDS, SUBJECTS
from store.audited import AUDITED
from store.models import AuditEntry
from store.models.base import Base
from store.queries.audit import Names


def said(act: str, subject: str, before: Any = None, after: Any = None, **of: Any) -> str:
    """The sentence of an act of Anna's."""
    entry = AuditEntry(
        id="0" * 32,
        at=clock.now(),
        who="Anna",
        via="page",
        act=act,
        subject=subject,
        before=before,
        after=after,
        **of,
    )
    names = Names(
        contacts={"c" * 32: "Meadow Ltd"},
        invoices={"i" * 32: "INV-7"},
        schedules={"s" * 32: "Standard", "t" * 32: "Firm"},
        people={"p" * 32: "Ben"},
    )
    return line(entry, names).said


def test_there_is_a_word_for_every_subject_and_every_column() -> None:
    assert {of.subject for of in AUDITED.values()} <= SUBJECTS.keys()
    assert {name for of in AUDITED.values() for name in of.watched} <= COLUMNS.keys()


def test_every_act_is_a_sentence_with_who_and_what() -> None:
    sentences = [*ACTS.values(), *(one for pair in ENDS.values() for one in pair)]
    assert all("%(who)s" in one and "%(what)s" in one for one in sentences)


STEP = {"name": "Reminder", "offset_days": 7}
SENTENCES = [
    (
        said(
            "changed",
            "steps",
            {"steps": [STEP, STEP, {"name": "Firm", "offset_days": 14}]},
            {"steps": [STEP, STEP, {"name": "Firm", "offset_days": 12}]},
            subject_id="s" * 32,
        ),
        "Anna changed the schedule “Standard”: third step from day 14 to day 12",
    ),
    (
        said("changed", "organisation", {"minimum_gap_days": 4}, {"minimum_gap_days": 9}),
        "Anna changed the settings: days between messages from 4 to 9",
    ),
    (
        said(
            "changed",
            "hold",
            {"released_at": None},
            {"released_at": "2026-11-22T09:00:00+00:00"},
            contact_id="c" * 32,
        ),
        "Anna released a hold (Meadow Ltd)",
    ),
    (
        said(
            "changed", "customer", {"schedule_id": "s" * 32}, {"schedule_id": "t" * 32}, contact_id="c" * 32
        ),
        "Anna changed the customer (Meadow Ltd): schedule from Standard to Firm",
    ),
    (said("added", "rule", None, {"name": "Large ones"}), "Anna added the rule “Large ones”"),
    (said("removed", "sender", {"name": "Accounts"}), "Anna removed the sender “Accounts”"),
    (said("added", "customers_person", None, {"name": "set"}), "Anna added a person at a customer"),
    (said("signed_in", "person", subject_id="p" * 32), "Anna signed in"),
    (said("exported", "audit_log", None, {"format": "csv"}), "Anna exported the audit log"),
    (
        said("left_out", "mail", contact_id="c" * 32, invoice_id="i" * 32),
        "Anna left out a mail (Meadow Ltd, invoice INV-7)",
    ),
    (
        said("changed", "text", {"body": "short"}, {"body": "long " * 40}, subject_id="x"),
        "Anna changed the text: text",
    ),
    (
        said("changed", "sender", {"secret_cipher": "changed"}, {"secret_cipher": "changed"}, subject_id="x"),
        "Anna changed the sender: password or key",
    ),
]


@pytest.mark.parametrize(("told", "expected"), SENTENCES)
def test_an_entry_reads_as_a_sentence(told: str, expected: str) -> None:
    assert told == expected


def test_sentences_are_said_in_the_language_of_whoever_reads() -> None:
    with worded_in("de"):
        assert [
            said(
                "changed",
                "steps",
                {"steps": [{"name": "Call", "offset_days": 7}, {"name": "Ours", "offset_days": 14}]},
                {"steps": [{"name": "Call", "offset_days": 9}]},
                subject_id="t" * 32,
            ),
            said("changed", "organisation", {"minimum_gap_days": 4}, {"minimum_gap_days": None}),
            said("changed", "promise", {"promised_on": "2026-11-22"}, {"promised_on": "2026-12-01"}),
            said("changed", "hold", {"released_at": None}, {"released_at": "2026-11-22T09:00:00+00:00"}),
            said("left_out", "mail", contact_id="c" * 32, invoice_id="i" * 32),
            said("signed_in", "person", subject_id="p" * 32),
        ] == [
            (
                "Anna hat den Mahnablauf „Nachdrücklich“ geändert: Schritt 1 von Tag 7 auf Tag 9; Schritt 2 „Ours“ ist"
                " entfallen"
            ),
            "Anna hat die Einstellungen geändert: Tage zwischen Nachrichten von 4 auf nichts",
            "Anna hat eine Zahlungszusage geändert: zugesagt für von 22. November 2026 auf 1. Dezember 2026",
            "Anna hat einen Mahnstopp aufgehoben",
            "Anna hat eine Mail ausgelassen (Meadow Ltd, Rechnung INV-7)",
            "Anna hat sich angemeldet",
        ]


def test_what_was_chosen_is_said_in_words_and_in_german() -> None:
    """Every word by which a watched column keeps a choice, as its description lists them."""
    unknown = {word for words in chosen_words().values() for word in words} - VALUES.keys()
    assert not unknown
    with worded_in("de"):
        assert said("changed", "organisation", {"chasing": "off"}, {"chasing": "live"}).endswith(
            "Mahnen von aus auf scharf"
        )
        reasons = {gettext(COLUMNS[name]) for name in ("category", "reason")}
    assert len(reasons) == 2


def chosen_words() -> dict[str, list[str]]:
    """By column the words with which its description begins: ``off, dry_run, live``."""
    found = {}
    for path in (ROOT / "store" / "models").glob("*.py"):
        for table in (
            one for one in ast.parse(path.read_text("utf-8")).body if isinstance(one, ast.ClassDef)
        ):
            for column, told in pairwise(table.body):
                if isinstance(column, ast.AnnAssign) and isinstance(told, ast.Expr):
                    name = f"{table.name}.{ast.unparse(column.target)}"
                    words = _LISTED.match(ast.literal_eval(told.value))
                    if words and name in _WATCHED and "dict" not in ast.unparse(column.annotation):
                        found[name] = re.sub(r" \([^)]*\)", "", words[0]).split(", ")
    assert len(found) > _LEAST
    return found


_LEAST = 20
_LISTED = re.compile(r"[a-z_]+(?: \([^)]*\))?(?:, [a-z_]+(?: \([^)]*\))?)+(?=$|;|\n)")
_WATCHED = {
    f"{mapper.class_.__name__}.{column}"
    for mapper in Base.registry.mappers
    if (of := AUDITED.get(str(mapper.class_.__table__.name)))
    for column in of.watched
    if not of.hides(column)
}
