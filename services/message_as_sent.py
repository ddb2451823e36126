"""One message exactly as it left or came in: its headers, texts and files, and all that became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kit.wording import N_
from services.timeline_events import state_of
from store.models import Communication
from store.queries import invoice_files, timeline
from store.queries.timeline import Entry

REPORTED = {
    "processed": "Taken over by the mail provider",
    "deferred": "Put off by the mail server there; the provider tries again",
    "delivered": "Delivered to the mail server there",
    "bounce": "Came back",
    "dropped": "Not tried by the mail provider",
    "spamreport": "Marked as spam",
    "unsubscribe": "No more mails wanted",
    "group_unsubscribe": "No more mails wanted",
    "open": "Opened",
    "click": "A link in it was opened",
}
"""What the mail provider reports, in words."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that became of a message."""

    at: datetime
    what: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class FileSent:
    """A file that left with a mail. ``invoice_id``: whose stored PDF is that very file; None: it is not kept any more."""

    name: str
    size: int
    sha256: str
    invoice_id: str | None


@dataclass(frozen=True, slots=True)
class AsSent:
    """A message with everything about it."""

    entry: Entry
    state: str
    headers: Sequence[tuple[str, str]]
    history: Sequence[Happened]
    files: Sequence[FileSent]
    answers: Communication | None
    """The message that this one answers."""
    answered_by: Sequence[Communication]

    @property
    def message(self) -> Communication:
        return self.entry.message


def as_sent(session: Session, organisation_id: str, message_id: str) -> AsSent | None:
    """The message; None: there is no such one."""
    entry = timeline.messages(session, organisation_id, [message_id]).get(message_id)
    if entry is None:
        return None
    answers, answered_by = timeline.neighbours(session, entry.message)
    return AsSent(
        entry,
        state_of(entry),
        headers_of(entry.message, answers),
        history_of(entry),
        _files(session, entry),
        answers,
        answered_by,
    )


def headers_of(message: Communication, answers: Communication | None = None) -> list[tuple[str, str]]:
    """From whom, to whom, when; as the headers of a mail say it. The moment is in UTC."""
    at = message.sent_at or message.planned_for or message.created_at
    sender = " ".join(one for one in (message.from_name, _bracketed(message.from_email)) if one)
    to = ", ".join(message.to) or message.text_to or ""
    lines = [
        (N_("From"), sender),
        (N_("To"), to),
        (N_("Copies"), ", ".join(message.cc)),
        (N_("Subject"), message.subject or ""),
        (N_("Date"), f"{at:%a, %d %b %Y %H:%M:%S} +0000" if message.sent_at else ""),
        ("Message-ID", message.message_id or ""),
        ("In-Reply-To", (answers.message_id or "") if answers else ""),
        (N_("Provider's id"), message.provider_id or ""),
    ]
    return [(name, value) for name, value in lines if value]


def _bracketed(address: str | None) -> str:
    return f"<{address}>" if address else ""


def history_of(entry: Entry) -> list[Happened]:
    """All that became of a message, in the order in which it happened."""
    message = entry.message
    checked = (
        N_("It was checked once more")
        if message.status in ("cancelled", "held") and not message.handed_over_at
        else N_("The ledger was asked, and said that it should leave")
    )
    own = (
        (message.created_at, N_("Planned") if message.schedule_version_id else N_("Made")),
        (message.approved_at, N_("A person said yes to it")),
        (message.checked_at, checked),
        (message.handed_over_at, N_("Handed over to the provider")),
        (message.sent_at, N_("Came in") if message.direction == "in" else N_("Left")),
    )
    told = [Happened(at, what) for at, what in own if at]
    if message.channel in ("call", "note") or message.direction == "in":
        told = [
            Happened(
                message.sent_at or message.created_at,
                N_("Came in") if message.direction == "in" else N_("Written down"),
            )
        ]
    told += [
        Happened(one.occurred_at, REPORTED.get(one.event, one.event), one.reason or "")
        for one in entry.reports
    ]
    return sorted(told, key=lambda one: one.at)


def _files(session: Session, entry: Entry) -> list[FileSent]:
    kept: dict[str, str] = {}
    if entry.message.attached:
        ids = [one.invoice_id for one in entry.invoices]
        contents = invoice_files.contents(session, entry.message.organisation_id, ids)
        kept = {hashlib.sha256(content).hexdigest(): invoice_id for invoice_id, content in contents.items()}
    return [
        FileSent(one["name"], one["size"], one["sha256"], kept.get(one["sha256"]))
        for one in entry.message.attached
    ]


def file_content(session: Session, sent: AsSent, number: int) -> bytes | None:
    """The file as it left; None where it is not kept any more."""
    if not 0 <= number < len(sent.files) or not (invoice_id := sent.files[number].invoice_id):
        return None
    return invoice_files.contents(session, sent.message.organisation_id, [invoice_id]).get(invoice_id)
