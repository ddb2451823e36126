"""Which mails in somebody's own mailbox belong to a chase. All others are passed over: nothing of them is kept.

A mail belongs to one when it answers a mail of ours, or when it comes from (goes to) an address of a customer who owes
something and names the number of one of its open invoices. The first is told from a few lines of its header.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses

from sqlalchemy.orm import Session

from integration.email.mailbox_reader import Heading
from services.mime_mail import parsed
from store.queries import mailbox_readings as queries
from store.queries.mailbox_readings import InThread, OpenInvoice

_ID = re.compile(r"<[^<>\s]{1,500}>")
_OUR_ID = re.compile(r"[0-9a-f]{32}")
_SHORTEST_NUMBER = 4
"""Characters: a shorter one stands in any mail."""
_ROBOTS = frozenset({"mailer-daemon", "postmaster"})
_MOST_ADDRESSES = 50


@dataclass(frozen=True, slots=True)
class Lines:
    """What the header of a mail says of its place in a conversation."""

    message_id: str
    answers: tuple[str, ...]
    """Message-IDs, the nearest first."""
    from_email: str
    recipients: tuple[str, ...]
    """In small letters."""
    is_report: bool
    is_ours: bool
    """We made it: it lies among what was sent because it left by this mailbox."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mail that may be ours: for sure (``numbers`` is None), or if it names one of these numbers, or is a report of ours."""

    heading: Heading
    lines: Lines
    numbers: frozenset[str] | None = None
    only_as_report: bool = False
    """Nothing but what it may report of a mail of ours makes it ours."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """One organisation's, with the addresses of its own people and the domain of its reply addresses."""

    organisation_id: str
    own: frozenset[str]
    inbound_domain: str

    def received(self, session: Session, headings: Sequence[Heading]) -> list[Candidate]:
        """Those of what came in that may be answers, or reports of what did not arrive."""
        read = [(one, lines_of(one.lines)) for one in headings]
        others = [(heading, lines) for heading, lines in read if lines.from_email not in self.own]
        threads = self._threads(session, [lines for _, lines in others])
        debtors = queries.debtors_at(
            session, self.organisation_id, {lines.from_email for _, lines in others} - {""}
        )
        return [
            found
            for heading, lines in others
            if (found := self._candidate(session, heading, lines, threads, [lines.from_email], debtors))
        ]

    def sent(self, session: Session, headings: Sequence[Heading]) -> list[Candidate]:
        """Those of what a colleague sent that may be answers to customers."""
        read = [(one, lines) for one in headings if not (lines := lines_of(one.lines)).is_ours]
        known = queries.in_threads(
            session, self.organisation_id, {lines.message_id for _, lines in read} - {""}
        )
        read = [(one, lines) for one, lines in read if lines.message_id not in known]
        threads = self._threads(session, [lines for _, lines in read])
        debtors = queries.debtors_at(
            session, self.organisation_id, {to for _, lines in read for to in lines.recipients}
        )
        return [
            found
            for heading, lines in read
            if (
                found := self._candidate(
                    session, heading, lines, threads, lines.recipients, debtors, sent=True
                )
            )
        ]

    def _threads(self, session: Session, read: Sequence[Lines]) -> dict[str, InThread]:
        """The messages of ours that these answer, by Message-ID and by the reply token."""
        ids = {one for lines in read for one in lines.answers}
        tokens = {token for lines in read for token in tokens_in(lines.recipients, self.inbound_domain)}
        found = queries.in_threads(session, self.organisation_id, ids)
        return found | queries.by_tokens(session, self.organisation_id, tokens)

    def _candidate(
        self,
        session: Session,
        heading: Heading,
        lines: Lines,
        threads: dict[str, InThread],
        theirs: Iterable[str],
        debtors: dict[str, set[str]],
        *,
        sent: bool = False,
    ) -> Candidate | None:
        places = (*tokens_in(lines.recipients, self.inbound_domain), *lines.answers)
        answered = next((threads[one] for one in places if one in threads), None)
        if answered and (not sent or self._reaches(session, answered.contact_id, lines)):
            return Candidate(heading, lines)
        contacts = {contact for address in theirs for contact in debtors.get(address, ())}
        numbers = (
            numbers_of(queries.open_invoices(session, self.organisation_id, contacts)) if contacts else set()
        )
        if numbers:
            return Candidate(heading, lines, frozenset(numbers))
        return Candidate(heading, lines, only_as_report=True) if lines.is_report and not sent else None

    def _reaches(self, session: Session, contact_id: str, lines: Lines) -> bool:
        """What a colleague passes on to somebody else is none of ours, even if it quotes us."""
        return not queries.addresses_of(session, self.organisation_id, contact_id).isdisjoint(
            lines.recipients
        )


def numbers_of(invoices: Iterable[OpenInvoice]) -> set[str]:
    """Their numbers, in so far as these could be told from any other word."""
    return {one.number for one in invoices if len(one.number) >= _SHORTEST_NUMBER}


def names(text: str, numbers: Collection[str]) -> set[str]:
    """Which of the numbers stand in the text, as words of their own and in letters of any size."""
    said = text.casefold()
    return {one for one in numbers if re.search(rf"(?<!\w){re.escape(one.strip().casefold())}(?!\w)", said)}


def tokens_in(addresses: Iterable[str], domain: str) -> list[str]:
    """The reply tokens among these addresses, or in a text that holds some."""
    pattern = re.compile(rf"\br-([\w-]{{16,64}})@{re.escape(domain or 'invalid')}", re.IGNORECASE)
    return [token.lower() for address in addresses for token in pattern.findall(address)][:_MOST_ADDRESSES]


def lines_of(raw: bytes) -> Lines:
    """What the lines say. Never fails."""
    mail = parsed(raw)
    senders = _addresses(mail, "From")
    sender = senders[0] if senders else ""
    near, far = _ids(mail, "In-Reply-To"), _ids(mail, "References")
    is_robot = sender.partition("@")[0] in _ROBOTS
    return Lines(
        message_id=next(iter(_ids(mail, "Message-ID")), ""),
        answers=tuple(dict.fromkeys([*near, *reversed(far)]))[:_MOST_ADDRESSES],
        from_email=sender,
        recipients=_addresses(mail, "To", "Cc", "Delivered-To"),
        is_report=mail.get_content_type() == "multipart/report" or is_robot or "X-Failed-Recipients" in mail,
        is_ours=bool(_OUR_ID.fullmatch(str(mail.get("X-Reference-Id", "")).strip())),
    )


def _ids(mail: Message, name: str) -> list[str]:
    return _ID.findall(" ".join(str(one) for one in mail.get_all(name, [])))


def _addresses(mail: Message, *names: str) -> tuple[str, ...]:
    try:
        found = getaddresses([str(one)[:10_000] for name in names for one in mail.get_all(name, [])])
    except (RecursionError, ValueError, IndexError):  # lines made to break the standard library
        return ()
    addresses = (address.strip().lower() for _, address in found if "@" in address)
    return tuple(dict.fromkeys(addresses))[:_MOST_ADDRESSES]
