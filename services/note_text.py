"""The words of a note in the ledger: one plain line with what happened, then a marker, then a link.

Every note begins with ``Dunnock: ``, so that ours can be told from other people's. Amounts are given
currency by currency, moments in the organisation's time zone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from credit_control.occasions import OccasionKind
from credit_control.words import Count, Money
from services import inbound_mail
from services.outlook_shapes import totals
from store.queries.notes import NotedInvoice, NoteSubject

PREFIX = "Dunnock: "
LONGEST = 2_500
"""Characters that the ledger takes."""

_ROOM = 300
"""Kept for the marker and the link."""
_MOST_QUOTED = 300
_SENTENCE_END = re.compile(r"[.!?。！？](?=\s)")
_MARKER = re.compile(r"\[(dk-[0-9a-f]{8})\]")
_CHASERS = {"email": "e-mail “", "sms": "text message “", "letter": "letter “"}
"""How the note of a chaser begins, by its channel."""
_LEFT = {
    "email": "delivered to the mail provider",
    "sms": "handed to the text message provider",
    "letter": "posted",
}


_ACTS = {
    "hold": "hold on",
    "release": "hold released on",
    "promise": "promise of",
    "plan": "payment plan with",
    "dispute": "dispute with",
    "paid_claim": "note on",
    "fee": "note on",
    "limit": "credit limit of",
    "ledger_terms": "payment terms changed for",
    "terms": "special terms with",
    "terms_back": "special terms taken back from",
    "limit_exceeded": "credit limit exceeded by",
    "no_mail": "no more mail to",
    "mail_again": "mail again to",
    "merged": "another contact merged into",
}
"""How the note of an act begins, by the kind of its record."""
_FACTS = frozenset({"promise", "plan", "paid_claim", "no_mail", "merged"})
"""Their text is made of amounts, dates and facts, and of nothing that somebody said or wrote."""


def chaser(subject: NoteSubject, invoice: NotedInvoice | None) -> str:
    """A chaser that left: for one of its invoices, or (None) for the contact."""
    mail = subject.communication
    return (
        f"{_CHASERS[mail.channel]}{mail.step_name}” to {_addressed(subject)} on {_moment(subject, mail.sent_at)}"
        f" by {mail.from_name or subject.organisation.name}; {_due(subject, invoice)};"
        f" {_LEFT[mail.channel]}."
    )


def reply(subject: NoteSubject, *, holds: bool = True, with_text: bool = True) -> str:
    """An answer that came in; chasing waits for a person, or it asked for no more texts and nothing else."""
    mail = subject.communication
    quoted = _quoted(inbound_mail.new_part(mail.body_text or "")) if with_text else ""
    said = f": “{quoted}”" if quoted else "."
    sender = mail.from_name or mail.from_email or subject.contact.name
    by = {"sms": "by text message", "page": "on its own page"}.get(mail.channel, "by e-mail")
    follows = "Chasing is on hold." if holds else "No more text messages go there."
    return f"answer {by} from {sender} on {_moment(subject, mail.sent_at)}{said} {follows}"


def own_mail(subject: NoteSubject, *, with_text: bool = True) -> str:
    """A mail that a colleague wrote by hand; it begins otherwise than a chaser's, from which it must be told."""
    mail = subject.communication
    by = mail.from_name or mail.from_email or subject.organisation.name
    quoted = _quoted(inbound_mail.new_part(mail.body_text or "")) if with_text else ""
    said = f": “{quoted}”" if quoted else "."
    about = f" “{_quoted(mail.subject)}”" if mail.subject and with_text else ""
    return f"mail by hand{about} to {subject.contact.name} on {_moment(subject, mail.sent_at)} by {by}{said}"


def record(
    subject: NoteSubject,
    invoice: NotedInvoice | None = None,
    *,
    with_text: bool = True,
    fact: str | None = None,
) -> str:
    """What a colleague wrote down or did: for one of its invoices, or (None) for the contact.

    Of an act (a hold, a promise, a late fee) it says what was due then, as the note of a chaser does. ``fact`` is what
    came of it where its text is kept out (None: its outcome). Nobody is named who was not spoken to.
    """
    entry = subject.communication
    act = _ACTS.get(entry.kind)
    call = "call to" if entry.reached is False else "call with"
    what = act or {"call": call, "note": "note on"}.get(entry.channel, f"{entry.channel} to")
    came = entry.subject if with_text or fact is None else fact
    outcome = f"; {came}" if came else ""
    due = f"; {_due(subject, invoice)}" if act and subject.invoices else ""
    told = with_text or entry.kind in _FACTS
    text = f": {entry.body_text}" if entry.body_text and told else "."
    by = entry.from_name or subject.organisation.name
    whom = entry.to[0] if entry.to else subject.contact.name
    return f"{what} {whom} on {_moment(subject, entry.sent_at)} by {by}{due}{outcome}{text}"


def whole(words: str, marker: str) -> str:
    """The note up to its marker; the link comes when it is written."""
    plain = " ".join("".join(_visible(character) for character in PREFIX + words).split())
    most = LONGEST - _ROOM
    return f"{_shortened(plain, most)} [{marker}]"


def marker_of(text: str) -> str | None:
    """The marker of a note of ours; None: it is somebody else's."""
    found = _MARKER.search(text) if text.startswith(PREFIX) else None
    return found[1] if found else None


def tells_of_chaser(text: str) -> bool:
    """Whether a note of ours says that a chaser left."""
    return text.startswith(tuple(f"{PREFIX}{beginning}" for beginning in _CHASERS.values()))


def told(text: str) -> str:
    """What a note of ours tells, without marker and link, in a line of reasonable length."""
    return _quoted(_MARKER.split(text.removeprefix(PREFIX))[0])


def with_link(text: str, link: str) -> str:
    """The note with the address under which all of the story stands, where there is room for it."""
    if text.endswith(link) or len(text) + 1 + len(link) > LONGEST:
        return text
    return f"{text}\n{link}"


def _due(subject: NoteSubject, invoice: NotedInvoice | None) -> str:
    if subject.communication.kind == OccasionKind.THANKS:
        return f"thanks for the payment of {invoice.number if invoice else _listed(_numbers(subject))}"
    if quote := subject.quote:
        return f"quote {quote.number} over {Money(quote.total, quote.currency)} confirmed"
    if not subject.invoices:
        return "no invoice open"
    about = [invoice] if invoice else subject.invoices
    where = (
        f"{invoice.number}, due {_day(invoice.due_on)}"
        if invoice
        else str(Count(len(subject.invoices), "invoice"))
    )
    sums = _sums((one.currency, one.amount_due) for one in about)
    rests = _sums((one.currency, one.rests) for one in about if one.rests)
    return f"{sums} asked for on {where}; {rests} in dispute" if rests else f"{sums} open on {where}"


def _sums(amounts: Iterable[tuple[str, Decimal]]) -> str:
    """Currency by currency; "" of nothing."""
    found = [str(Money(amount, currency)) for currency, amount in totals(amounts).items()]
    return _listed(found) if found else ""


def _numbers(subject: NoteSubject) -> list[str]:
    return [one.number for one in subject.invoices]


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _addressed(subject: NoteSubject) -> str:
    """The roles of those who got it, where it went by roles: “payables, copy to approver”."""
    mail = subject.communication
    main = mail.to_role or _whom(subject)
    return f"{main}, copy to {_listed(mail.copy_roles)}," if mail.copy_roles else main


def _whom(subject: NoteSubject) -> str:
    """A person where the ledger names one; never the address itself, which others may read here."""
    contact = subject.contact
    name = " ".join(part for part in (contact.first_name, contact.last_name) if part)
    return name or contact.name


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _moment(subject: NoteSubject, instant: datetime | None) -> str:
    at = instant or subject.communication.created_at
    local = at.astimezone(ZoneInfo(subject.organisation.timezone))
    return f"{local.day} {local:%b %Y %H:%M %Z}"


def _quoted(text: str) -> str:
    return _shortened(" ".join(text.split()), _MOST_QUOTED)


def _shortened(line: str, most: int) -> str:
    """As much as there is room for, up to the end of a sentence if one ends in the second half of it, else of a word."""
    if len(line) <= most:
        return line
    room = line[: most - 2]
    sentence = max((found.end() for found in _SENTENCE_END.finditer(room)), default=0)
    word = room.rfind(" ")
    end = sentence if sentence > most // 2 else word if word > most // 2 else len(room)
    return f"{room[:end].rstrip()} …"


def _visible(character: str) -> str:
    """Control and formatting characters would break the line, or turn it round."""
    return " " if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") else character
