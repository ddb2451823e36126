"""A colleague who reads German gets every mail of Dunnock in German, and one who reads English as ever."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from kit.wording import worded_in
from services import (
    forwards,
    invitations,
    notice_text,
    notices,
    planned_start,
    reply_reminders,
    reset_mail,
    sender_checks,
    way_news,
)
from services.colleagues_language import Words, read_by
from services.invitation_kinds import KINDS
from services.plans_and_usage.standing import Standing, standing
from store.models import Communication, Invitation, Organisation, Reply, Sender, TrialPeriod
from store.queries.notices import Colleague
from tests.services.digest_stage import colleague
from tests.support.chasing import MONDAY, Chasing, chasing

HOME: Final = "https://dunnock.example"
DAY: Final = date(2026, 11, 17)
AT: Final = datetime(2026, 11, 16, 10, 2, tzinfo=UTC)
ANNA: Final = Colleague("p1", "Anna Hale", "anna@hedgerow.example", "en")
UTE: Final = replace(ANNA, language="de")
HEDGEROW: Final = Organisation(
    id="o1", name="Hedgerow", timezone="Europe/London", country="GB", chasing="live"
)
IN_TRIAL_RUN: Final = Organisation(
    id="o1", name="Hedgerow", timezone="Europe/London", country="GB", chasing="dry_run"
)
SENDER: Final = Sender(id="s1", email="post@hedgerow.example")
TYPED: Final = (
    "Ring Mrs Hale",
    "We look into it",
    "Hedgerow",
    "Alder Ltd",
    "Ben Okafor",
    "dunnock.example",
    "x.exe",
)
"""What people have typed, and names: in the same words in each language."""


def leaving(*, waits: bool) -> Any:
    return SimpleNamespace(
        contact_name="Alder Ltd", step_name="First reminder", amounts={"GBP": Decimal(100)}, waits=waits
    )


def day(mails: int, beside: int = 0) -> Any:
    return SimpleNamespace(
        on=DAY,
        mails=mails,
        beside_count=beside,
        beside=[SimpleNamespace(needs_go=False)] * beside,
        amounts={"GBP": Decimal("1234.50"), "EUR": Decimal(20)} if mails else {},
        leaving=[leaving(waits=bool(place % 2)) for place in range(min(mails, 12))],
    )


def ended() -> Standing:
    return standing(
        TrialPeriod(last_day=date(2026, 11, 2), disconnect_on=date(2026, 12, 2)), None, AT, AT.date()
    )


def reply() -> tuple[Reply, Communication, str]:
    return Reply(due_on=DAY), Communication(body_text="We look into it."), "Alder Ltd"


def said(words: Callable[[], Words]) -> Callable[[Organisation, Colleague], Words]:
    """For words that are said in the language of the moment."""

    def in_language(_organisation: Organisation, reader: Colleague) -> Words:
        with worded_in(reader.language or ""):
            return words()

    return in_language


def invited(kind: str, role: str | None) -> Callable[[Organisation, Colleague], Words]:
    row = Invitation(kind=kind, invited_by="Ben Okafor", role=role, email="x@y.example")
    return lambda _, reader: invitations._words(row, "Hedgerow", f"{HOME}/i", reader.language or "")


def forwarded(*, fits: bool, along: bool) -> Words:
    return "", "\n".join(forwards._head("Alder Ltd", "a@b.example", HOME, "x.exe", fits=fits, along=along))


PLANNED: Final = notice_text.PlannedStep(
    "c1", "Alder Ltd", "Formal notice", DAY, {"GBP": Decimal(100)}, waits=True
)
REFUSED: Final = "other.example did not answer as it should (TimeoutError)."
ASKED: Final = notice_text.AskedTask("Ring Mrs Hale", DAY, "Ben Okafor", None, None)
TEXT: Final = notice_text
MAILS: Final[dict[str, Callable[[Organisation, Colleague], Words]]] = {
    "mailbox": lambda o, r: TEXT.mailbox(
        o, r, SENDER, "imap.b.example takes no user name or password with letters beyond a to z.", HOME
    ),
    **{
        f"plan {about}": lambda o, r, about=about: TEXT.plan(  # type: ignore[misc]  # mypy knows no defaults of lambdas
            o, r, about, ended(), date(2026, 12, 2), HOME
        )
        for about in ("ending", "unpaid", "over", "last_word")
    },
    "events": lambda o, r: TEXT.events_paused(o, r, "https://other.example", REFUSED, HOME),
    "deletion": lambda o, r: TEXT.deletion(o, r, AT, HOME),
    "call": lambda o, r: TEXT.call(o, r, "c1", "Alder Ltd", "Ben Okafor", HOME),
    "task": lambda o, r: TEXT.task(o, r, ASKED, HOME),
    "task about a customer": lambda o, r: TEXT.task(
        o, r, replace(ASKED, contact_id="c1", contact_name="Alder Ltd"), HOME
    ),
    "evening of many": lambda o, r: TEXT.evening(o, r, day(12, 1), 2, HOME, ["Ring Mrs Hale"] * 12),
    "evening of one": lambda o, r: TEXT.evening(o, r, day(1), 1, HOME),
    "evening of a statement": lambda o, r: TEXT.evening(o, r, day(0, 1), 0, HOME),
    "evening of tasks": lambda o, r: TEXT.evening(o, r, None, 0, HOME, ["Ring Mrs Hale"]),
    "evening of a dry run": lambda _, r: TEXT.evening(IN_TRIAL_RUN, r, day(2), 0, HOME),
    "evening of statements in a dry run": lambda _, r: TEXT.evening(IN_TRIAL_RUN, r, day(0, 2), 0, HOME),
    "step that waits": lambda o, r: TEXT.step(o, r, PLANNED, HOME),
    "step": lambda o, r: TEXT.step(o, r, replace(PLANNED, waits=False), HOME),
    "one reply": lambda o, r: reply_reminders._words(o, r, [reply()], HOME),
    "replies": lambda o, r: reply_reminders._words(o, r, [reply()] * 12, HOME),
    "live": lambda o, r: planned_start._words(o, r, "Chasing is live since today, as Ben Okafor wished."),
    "not live": lambda o, r: planned_start._words(
        o,
        r,
        "Chasing did not go live. Dunnock was not at work on Monday 16 November 2026, and what you had seen was"
        " for that day.",
    ),
    "new password": said(lambda: reset_mail._words(HOME)),
    "way in": said(
        lambda: way_news._words("Ben Okafor", "A passkey was removed.", AT, "Firefox on Windows", HOME)
    ),
    "test of a mailbox": said(lambda: sender_checks._words("Ben Okafor", "Hedgerow")),
    "answer": said(lambda: forwarded(fits=True, along=True)),
    "answer without files": said(lambda: forwarded(fits=False, along=False)),
    **{f"invitation {kind}": invited(kind, next(iter(sorted(KINDS[kind].roles)), None)) for kind in KINDS},
}


def sentences(words: Words) -> set[str]:
    parts = re.split(r"(?<=[.!?:;,])\s+|\n+", "\n".join(words))
    return set(_without_typed(parts))


def _without_typed(parts: list[str]) -> Iterator[str]:
    for part in parts:
        if re.search(r"[a-z]{3}", part) and not any(name in part for name in TYPED) and "@" not in part:
            yield part.strip(" -“”„")


@pytest.mark.parametrize("kind", MAILS)
def test_nothing_of_a_mail_is_in_english_for_whoever_reads_german(kind: str) -> None:
    english, german = MAILS[kind](HEDGEROW, ANNA), MAILS[kind](HEDGEROW, UTE)
    assert sentences(english), "nothing to compare"
    assert not sentences(english) & sentences(german)
    assert "GBP" not in "".join(german) and "First reminder" not in "".join(german)
    for text in german:
        assert not re.search(r"\b(the|and|is|are|by|did|November 20\d\d at)\b", _spared(text)), text


def _spared(text: str) -> str:
    for name in TYPED:
        text = text.replace(name, "")
    return re.sub(r"https?://\S+|\S+@\S+", "", text)


def test_amounts_and_days_are_written_as_germans_write_them() -> None:
    subject, text = notice_text.evening(HEDGEROW, UTE, day(1), 0, HOME)
    assert subject == "Morgen: 1 Mail für Hedgerow"
    assert "am Dienstag, 17. November 2026 hinaus" in text
    assert "20,00\xa0€ und 1.234,50\xa0£" in text
    assert "Erste Mahnung, 100,00\xa0£" in text


def test_amounts_and_days_are_written_as_pages_write_them_in_english() -> None:
    _subject, text = notice_text.evening(HEDGEROW, ANNA, day(1), 0, HOME)
    assert (
        "1 mail leaves on Tuesday 17 November 2026, asking for €20.00 and £1,234.50.\n\n"
        "- Alder Ltd: First reminder, £100.00\n\n"
    ) in text
    assert (
        "That was on 16 November 2026 at 10:02 UTC, with Firefox on Windows."
        in MAILS["way in"](HEDGEROW, ANNA)[1]
    )


@pytest.mark.parametrize(
    ("own", "of_organisation", "country", "read"),
    [
        ("de", None, "GB", "de"),
        ("en", "de", "DE", "en"),
        (None, None, "DE", "de"),
        (None, None, "GB", "en"),
        (None, "fr", "FR", "en"),
    ],
)
def test_without_a_choice_it_is_as_the_organisation_writes_else_english(
    own: str | None, of_organisation: str | None, country: str, read: str
) -> None:
    assert read_by(own, Organisation(language=of_organisation, country=country)) == read


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path, now=MONDAY.replace(hour=16, minute=30)) as found:
        yield found


def test_two_colleagues_get_the_same_evening_each_in_their_language(org: Chasing) -> None:
    for name, language in (("Anna Hale", "en"), ("Ute Brandt", "de")):
        person_id = colleague(org, name, language=language)
        notices.change_evenings(org.app, org.organisation_id, person_id, wanted=True)
    org.one_due()
    org.move_to(MONDAY.replace(hour=17, minute=5))
    notices._write_evening(org.app, org.organisation_id)
    notices.send_with(org.app, org.organisation_id, org.mailer)
    by_name = {mail.to[0].partition("@")[0]: mail for mail in org.mailer.taken}
    assert "1 mail leaves on Tuesday 17 November 2026" in by_name["anna"].text
    assert "1 Mail geht am Dienstag, 17. November 2026 hinaus" in by_name["ute"].text
    assert by_name["ute"].subject.startswith("Morgen: 1 Mail für")
