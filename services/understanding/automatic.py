"""Mails that no person wrote: out of office, receipts, other robots, delivery reports.

What the headers say counts first. Without a word of theirs a text is a robot's only where it speaks as robots do and
says nothing of the invoices: who mentions a holiday in an answer has answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from email.message import Message
from email.utils import parseaddr

from services.understanding import dates, details
from services.understanding.delivery_reports import tells_of_delivery
from services.understanding.meanings import Meaning
from services.understanding.phrases import one_of, plain
from services.understanding.rulebook import Rulebook, common_words, languages, rulebook
from services.understanding.sentences import Clause, clauses, without_markup
from services.understanding.understand import understand

_FROM_MACHINES = re.compile(r"(mailer-?daemon|mail-?delivery|microsoftexchange\w*)\b")
_FROM_MACHINES_OR_PEOPLE = re.compile(r"(postmaster|bounces?)\b")
_TICKET = re.compile(
    r"\[?\b(ticket|case|request|anfrage|incident|zaak|demande)\s?[#:\[]\s?[\w-]{3,}|\[#[\w-]{3,}\]",
    re.IGNORECASE,
)
_MOST = 12
"""So many clauses of a robot's mail are looked at."""


@dataclass(frozen=True, slots=True)
class Automatic:
    """A mail that a machine wrote. Never counted as a reply, never answered."""

    kind: str
    """out_of_office, receipt, robot, delivery_report"""
    sentence: str = ""
    """The words that show it, verbatim; empty where the headers alone do."""
    returns_on: date | None = None
    """The day that it names as the last away or the first back, whichever it says; None: none, or an ambiguous one."""
    stand_in: tuple[str, str] | None = None
    """Name and address of whom to turn to meanwhile; the name may be empty."""
    has_left: bool = False
    """Whoever it was is not there any more, and does not come back."""


def automatic(
    headers: Message, envelope_from: str | None, subject: str, text: str, *, today: date
) -> Automatic | None:
    """What kind of machine wrote this mail; None: a person did, as far as can be told.

    ``envelope_from`` is the sender as the mail server named it: empty for mails that nobody is to answer, None where
    it is not known. ``text`` is the mail's whole text.
    """
    sender = parseaddr(str(headers.get("From", "")))[1].lower()
    by_headers = _by_headers(headers, envelope_from)
    if _reports_delivery(headers, sender) or (
        _FROM_MACHINES_OR_PEOPLE.match(sender) and (by_headers or tells_of_delivery(f"{subject}\n{text}"))
    ):
        return Automatic("delivery_report", " ".join(subject.split())[:200])
    if headers.get_content_type() == "multipart/report":
        return Automatic("receipt", " ".join(subject.split())[:200])
    book = _book(f"{subject}\n{text}")
    said = clauses(text, book)[:_MOST]
    by_subject = _begins(book, "subjects", subject) or _begins(rulebook("en"), "subjects", subject)
    away = _first(book, "says", said)
    if by_headers or by_subject:
        if left := _first(book, "has_left", said):
            return Automatic(
                "out_of_office", left.sentence, None, _stand_in(book, said, sender), has_left=True
            )
        if away or by_subject:
            return _out_of_office(book, subject, said, away, sender, today)
        receipt = _first(book, "receipts", said) or _first(rulebook("en"), "receipts", said)
        if receipt or _TICKET.search(subject):
            return Automatic("receipt", receipt.sentence if receipt else " ".join(subject.split())[:200])
        return Automatic("robot")
    if away and _speaks_as_a_robot(book, text, said, today):
        return _out_of_office(book, subject, said, away, sender, today)
    return None


def _reports_delivery(headers: Message, sender: str) -> bool:
    if headers.get_content_type() == "multipart/report":
        kind = str(headers.get_param("report-type") or "").lower()
        return kind in {"", "delivery-status", "feedback-report"}
    return bool(_FROM_MACHINES.match(sender.partition("@")[0])) or "X-Failed-Recipients" in headers


def _by_headers(headers: Message, envelope_from: str | None) -> bool:
    submitted = str(headers.get("Auto-Submitted", "no")).split(";")[0].split("(")[0].strip().lower()
    precedence = str(headers.get("Precedence", "")).strip().lower()
    named = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-FC-MachineGenerated")
    return (
        submitted not in {"", "no"}
        or precedence in {"bulk", "junk", "list", "auto_reply"}
        or any(name in headers for name in named)
        or envelope_from == ""
        or str(headers.get("Return-Path", "")).strip() == "<>"
    )


def _book(text: str) -> Rulebook:
    """The language that the words speak, of all those whose out-of-office mails are known; English if none."""
    words = re.findall(r"[^\W\d_]+", plain(without_markup(text)[:3_000]))
    return rulebook(max(languages(), key=lambda one: sum(word in common_words(one) for word in words)))


def _begins(book: Rulebook, name: str, subject: str) -> bool:
    """Whether the subject begins so: one that has it further on quotes another's."""
    pattern = one_of(book.away[name])
    start = re.sub(r"^(\s*\[[^\]]{1,30}\]\s*)", "", plain(subject)).lstrip(" *!:")
    return bool(pattern and pattern.match(start))


def _first(book: Rulebook, name: str, said: list[Clause]) -> Clause | None:
    pattern = one_of(book.away.get(name, ()))
    return next((one for one in said if pattern and pattern.search(plain(one.text))), None)


def _speaks_as_a_robot(book: Rulebook, text: str, said: list[Clause], today: date) -> bool:
    if _first(book, "robot", said) is None:
        return False
    meaning = understand(text, today=today, language=book.language).meaning
    return meaning in {Meaning.OTHER, Meaning.WRONG_PERSON}


def _out_of_office(
    book: Rulebook, subject: str, said: list[Clause], away: Clause | None, sender: str, today: date
) -> Automatic:
    sentence = away.sentence if away else " ".join(subject.split())[:200]
    return Automatic(
        "out_of_office", sentence, _returns_on(book, subject, said, today), _stand_in(book, said, sender)
    )


def _returns_on(book: Rulebook, subject: str, said: list[Clause], today: date) -> date | None:
    """The latest day that is named where the absence is: of ``from … until … I am away`` the second.

    Of two readings of ``01/12/2026`` the one that is not over.
    """
    pattern = one_of(book.away["says"])
    about = [one.text for one in said if pattern and pattern.search(plain(one.text))] or [
        one.text for one in said[:4]
    ]
    texts = (*about, subject)
    region = _region(" ".join(texts))
    if found := _latest(texts, book, today, region):
        return found
    ahead = {one for region in ("GB", "US") if (one := _latest(texts, book, today, region)) and one >= today}
    return ahead.pop() if len(ahead) == 1 else None


def _latest(texts: Sequence[str], book: Rulebook, today: date, region: str | None) -> date | None:
    named = [day for text in texts for day in _days(text, book, today, region)]
    return max((one.on for one in named if one.on), default=None)


def _days(text: str, book: Rulebook, today: date, region: str | None) -> list[dates.Named]:
    return [*dates.named(text, book, today, region=region), *dates.parts_of_months(text, book, today)]


def _region(text: str) -> str | None:
    """Where days are written as in this text: it shows where one of its numbers is no month."""
    for first, second in re.findall(r"(?<!\d)(\d{1,2})/(\d{1,2})(?!\d)", text):
        if int(first) > 12 or int(second) > 12:
            return "GB" if int(first) > 12 else "US"
    return None


def _stand_in(book: Rulebook, said: list[Clause], sender: str) -> tuple[str, str] | None:
    """Whom the mail names with an address of its own, near words that send one there."""
    pattern = one_of(book.away["stand_in"])
    for one in said:
        address = details.address_in(one.sentence)
        if address and address != sender and pattern and pattern.search(plain(one.sentence)):
            name = details.person_in(one.sentence, plain(one.sentence), book) or ""
            return name, address
    return None
