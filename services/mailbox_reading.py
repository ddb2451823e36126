"""Looking for answers in the mailboxes of senders, as the clock says: often while mails are out, else now and then.

A mail that belongs to a chase is stored as it would be if the mail provider had posted it, and understood afterwards.
How far each folder has been read is kept only once that is stored, so a crash looks twice and misses nothing.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from integration.email.mailbox_reader import INBOX, Folder, Heading, MailboxReader, OpenMailbox
from integration.email.mailer import MailAccountProblem, MailError
from kit import clock
from kit.errors import UserError
from kit.wording import N_
from services import doors, mime_mail, notices
from services.app import App
from services.inbound_mail import without_codes
from services.mail_access import reader_of
from services.mail_events import MailNews
from services.mailbox_sieve import Candidate, Sieve, names
from services.mime_mail import Found
from services.understanding.delivery_reports import DeliveryReport, read_report
from store.away import AWAY
from store.models import MailboxReading, Organisation, Sender
from store.queries import mailbox_readings as queries
from store.queries import senders
from store.queries.mail_inbox import EVENTS, REPLIES
from store.receiving import NewEvent, receive

log = logging.getLogger(__name__)

LARGEST_MAIL = 30 * 1024 * 1024
"""Of a larger one the beginning is read, and its files are left out."""
_BEGINNING = 512 * 1024
_TOO_SLOW = 3
"""After so many failures in a row only beginnings are read: a server may be too slow for a large mail, again and again."""
_AT_ONCE, _MOST_A_ROUND = 50, 200
_OFTEN, _SELDOM = timedelta(seconds=45), timedelta(minutes=5)
_EXPECTED_FOR = timedelta(days=14)
_CLAIM = timedelta(minutes=3)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
_LOCKED_OUT = timedelta(hours=3)
"""Providers lock mailboxes whose password is tried too often."""
_OVERLAP = timedelta(days=2)
"""When the numbers of a folder begin anew: from when on its mails are looked at by their days. What is known is kept once."""


def due(app: App) -> list[str]:
    """Organisations with a mailbox to look into now."""
    with app.database.read_across() as session:
        return queries.due(session, clock.now())


def read(app: App, organisation_id: str) -> bool:
    """Look into the next mailbox of an organisation. True if another one may be due."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        reading = queries.claim(session, organisation_id, now, now + _CLAIM)
        sender = senders.sender(session, organisation_id, reading.sender_id) if reading else None
    if reading is None or sender is None:
        return False
    begun = clock.stopwatch()
    try:
        more = read_with(app, reading, sender, reader_of(app, sender, reading.host, reading.port))
    except (MailAccountProblem, UserError) as problem:
        _refused(app, reading, str(problem))
    except MailError as problem:
        _put_off(app, reading, str(problem))
    except AWAY:
        raise
    except (
        Exception
    ) as fault:  # what one mailbox holds must not keep the others from being read, nor be silent
        log.exception("mailbox of sender %s cannot be read", reading.sender_id)
        _put_off(
            app, reading, N_(f"Something in it cannot be read ({type(fault).__name__}); the log says more.")
        )
    else:
        _done(app, reading, more=more, took=timedelta(seconds=clock.stopwatch() - begun))
    return True


def read_with(app: App, reading: MailboxReading, sender: Sender, reader: MailboxReader) -> bool:
    """Look into a mailbox by this reader. True if there is more in it. Raises ``MailError``."""
    with reader.open() as box:
        folders = [(INBOX, "inbox"), (box.sent_folder(), "sent")]
        more = [_Round(app, reading, sender, box, kind).read(name) for name, kind in folders if name]
    return any(more)


class _Round:
    """One folder, as far as it is read at once."""

    def __init__(
        self, app: App, reading: MailboxReading, sender: Sender, box: OpenMailbox, kind: str
    ) -> None:
        self._app, self._reading, self._box, self._kind = app, reading, box, kind
        self._organisation_id, self._sender = reading.organisation_id, sender

    def read(self, name: str) -> bool:
        folder = self._box.enter(name)
        uids = self._uids(folder)
        now_uids = uids[:_MOST_A_ROUND]
        for start in range(0, len(now_uids), _AT_ONCE):
            some = now_uids[start : start + _AT_ONCE]
            self._look_at(folder, self._box.headings(some))
            self._keep_place(folder, some[-1] + 1)
        if len(uids) <= _MOST_A_ROUND:
            self._keep_place(folder, max(folder.next_uid, (uids or [0])[-1] + 1))
        return len(uids) > _MOST_A_ROUND

    def _uids(self, folder: Folder) -> list[int]:
        """What has come since; by the day, where it was never read or its numbers begin anew."""
        validity, next_uid = self._reading.places.get(folder.name, (None, 0))
        if validity == folder.validity:
            return self._box.from_uid(next_uid) if folder.next_uid != next_uid else []
        return self._box.since(
            (self._from() - timedelta(days=1)).date()
        )  # the server's day may have begun earlier

    def _from(self) -> datetime:
        since, read_at = self._reading.since, self._reading.read_at
        return max(since, read_at - _OVERLAP) if read_at else since

    def _look_at(self, folder: Folder, headings: list[Heading]) -> None:
        """Keep those that are ours, one after the other: the next reading goes on behind the last that is stored."""
        recent = [one for one in headings if one.arrived_at >= self._reading.since]
        with self._app.database.read(self._organisation_id) as session:
            sieve = self._sieve(session)
            found = sieve.sent(session, recent) if self._kind == "sent" else sieve.received(session, recent)
        for one in found:
            if rows := self._rows(one):
                self._count(min(receive(self._app.database, rows), len(rows)))
                self._app.doorbell.ring(doors.REPLIES if rows[0]["source"] == REPLIES else doors.MAIL_EVENTS)
            self._keep_place(folder, one.heading.uid + 1)

    def _sieve(self, session: Session) -> Sieve:
        own = queries.own_addresses(session, self._organisation_id)
        return Sieve(self._organisation_id, own, self._app.settings.inbound_mail_domain)

    def _rows(self, candidate: Candidate) -> list[NewEvent]:
        heading = candidate.heading
        largest = LARGEST_MAIL if self._reading.failures < _TOO_SLOW else _BEGINNING
        whole = heading.size <= largest
        raw = self._box.content(heading.uid, largest if whole else _BEGINNING)
        if not raw:
            return []
        reported = candidate.lines.is_report and self._kind == "inbox"
        if reported and (news := self._reported(raw, heading)):
            return news
        if candidate.only_as_report:
            return []
        found = Found(self._organisation_id, self._sender.id, self._kind)
        form = mime_mail.form_of(raw, found, whole=whole)
        if candidate.numbers is not None and not names(mime_mail.words_of(form), candidate.numbers):
            return []
        key = self._key(candidate.lines.message_id.encode() or raw)
        return [_row(REPLIES, key, msgspec.msgpack.encode(without_codes(form)))]

    def _reported(self, raw: bytes, heading: Heading) -> list[NewEvent]:
        """What a mail server reports of a mail of ours, as the mail provider would have told it."""
        told = read_report(mime_mail.parsed(raw))
        if told is None:
            return []
        with self._app.database.read(self._organisation_id) as session:
            known = queries.in_threads(session, self._organisation_id, told.message_ids)
        mail = next((one for one in known.values() if one.direction == "out"), None)
        if mail is None:
            return []
        event, kind = _as_the_provider_says(told)
        news = MailNews(
            event=event, type=kind, status=told.status, reason=told.words, dunnock_id=mail.id,
            organisation_id=self._organisation_id, timestamp=int(heading.arrived_at.timestamp()),
        )  # fmt: skip
        return [
            _row(EVENTS, self._key(f"{mail.id} {to} {event} {told.status}".encode()), _encoded(news, to))
            for to in told.addresses
        ]

    def _key(self, of: bytes) -> str:
        """The same for the same mail, in whosever mailbox of the organisation it lies."""
        digest = hashlib.sha256(self._organisation_id.encode() + b"\0" + of)
        return f"mailbox-{digest.hexdigest()}"

    def _keep_place(self, folder: Folder, next_uid: int) -> None:
        if self._reading.places.get(folder.name) == [folder.validity, next_uid]:
            return
        self._reading.places = {**self._reading.places, folder.name: [folder.validity, next_uid]}
        with self._app.database.write(self._organisation_id) as session:
            row = queries.one(session, self._organisation_id, self._sender.id)
            if row is not None:
                row.places = self._reading.places

    def _count(self, new: int) -> None:
        with self._app.database.write(self._organisation_id) as session:
            row = queries.one(session, self._organisation_id, self._sender.id)
            if row is not None:
                row.found += new


def _as_the_provider_says(told: DeliveryReport) -> tuple[str, str]:
    """The event and its type in the mail provider's words, so that the same follows from both."""
    if told.complaint:
        return "spamreport", ""
    if not told.final:
        return "deferred", ""
    return "bounce", "bounce" if told.is_about_the_address else "blocked"


def _encoded(news: MailNews, address: str) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(news, email=address))


def _row(source: str, key: str, payload: bytes) -> NewEvent:
    now = clock.now()
    return {
        "source": source, "key": key, "tenant": None, "payload": payload, "received_at": now,
        "next_try_at": now, "handled_at": None, "outcome": None,
    }  # fmt: skip


def _done(app: App, reading: MailboxReading, *, more: bool, took: timedelta) -> None:
    """When it is read next: a slow one seldomer, so that it takes no more than a sixth of a worker's time."""
    now = clock.now()
    with app.database.write(reading.organisation_id) as session:
        row = queries.one(session, reading.organisation_id, reading.sender_id)
        if row is None:
            return
        expected = queries.is_mail_expected(session, reading.organisation_id, now - _EXPECTED_FOR)
        row.failures, row.problem, row.refused = 0, None, False
        row.read_at = row.read_at if more else now
        row.next_at = now if more else now + max(_OFTEN if expected else _SELDOM, 5 * took)


def _put_off(app: App, reading: MailboxReading, problem: str) -> None:
    with app.database.write(reading.organisation_id) as session:
        row = queries.one(session, reading.organisation_id, reading.sender_id)
        if row is not None:
            pause = min(_FIRST_PAUSE * 2 ** min(row.failures, 10), _LONGEST_PAUSE)
            row.failures, row.problem = row.failures + 1, problem
            row.next_at = clock.now() + pause


def _refused(app: App, reading: MailboxReading, problem: str) -> None:
    """It lets us in no more: said once to whoever can mend it, and tried seldom from now on."""
    now = clock.now()
    with app.database.write(reading.organisation_id) as session:
        row = queries.one(session, reading.organisation_id, reading.sender_id)
        sender = senders.sender(session, reading.organisation_id, reading.sender_id)
        if row is None or sender is None:
            return
        if not row.refused:
            organisation = session.get_one(Organisation, reading.organisation_id)
            notices.mailbox_refused(session, organisation, app.settings.public_url, sender, problem, now)
        row.refused, row.problem, row.failures = True, problem, row.failures + 1
        row.next_at = now + _LOCKED_OUT
