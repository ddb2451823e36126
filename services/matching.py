"""Whose mail it is that came in: by our secret address, by the thread, by who wrote it and what it names.

The address and the thread prove it. A writer's address can be forged, so what is matched by it alone says whether
anything shows that the mail comes from there; it holds the customer, as any reply does, and can do nothing else.
Where two organisations, or two customers, could be meant, nobody guesses: a mail is shown to one organisation only
if it alone can be meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import getaddresses

from sqlalchemy.orm import Session

from kit.free_mail import is_free
from kit.wording import _
from services import mail_reports
from services.inbound_mail import InboundMail, Letter
from services.threads import folded
from store.people import usable_address
from store.queries import mail
from store.queries import matching as queries
from store.queries.matching import Candidate

_WORD = re.compile(r"[\w][\w./-]{1,40}[\w]")
_MOST_WORDS = 300
_MOST_ADDRESSES = 50
_MOST_SUGGESTIONS = 5
_PASSED = re.compile(r"@([\w.-]+)\s*:\s*pass", re.IGNORECASE)
_SENDER = re.compile(r'"from"\s*:\s*"[^"@]*@([\w.-]+)"')


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Whom a mail could be from, and what speaks for it."""

    contact_id: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Match:
    """Whose mail it is. Without an organisation it is nobody's; without a contact a person of it says whose."""

    organisation_id: str | None = None
    contact_id: str | None = None
    answered_id: str | None = None
    by: str = "address"
    proven: bool = True
    invoice_ids: tuple[str, ...] = ()
    """Invoices that it names."""
    suggestions: tuple[Suggestion, ...] = field(default=(), compare=False)


def match(session: Session, domain: str, form: InboundMail, letter: Letter) -> Match:
    """Whose mail it is, as far as this session sees: all organisations, or one."""
    return (
        _by_address(session, domain, letter)
        or _by_thread(session, letter)
        or _by_report(session, form, letter)
        or _by_writer(session, form, letter)
    )


def _by_address(session: Session, domain: str, letter: Letter) -> Match | None:
    address = rf"\br-([\w-]{{16,64}})@{re.escape(domain or 'invalid')}"
    tokens = re.findall(address, letter.recipients, re.IGNORECASE)
    both = list(dict.fromkeys([*tokens, *(token.lower() for token in tokens)]))[:50]
    found = mail.by_reply_token(session, both) if both else None
    return _answering(session, found, "address") if found else None


def _by_thread(session: Session, letter: Letter) -> Match | None:
    found = mail.by_message_id(session, letter.answers) if letter.answers else None
    return _answering(session, found, "thread") if found else None


def _by_report(session: Session, form: InboundMail, letter: Letter) -> Match | None:
    """By the mail that a delivery report brings back."""
    report = mail_reports.report_in(form, letter)
    found = mail.by_message_id(session, report.message_ids) if report and report.message_ids else None
    return _answering(session, found, "thread") if found else None


def _answering(session: Session, found: tuple[str, str], by: str) -> Match:
    return Match(found[0], queries.contact_of(session, *found), found[1], by)


def _by_writer(session: Session, form: InboundMail, letter: Letter) -> Match:
    """By the writer's address, among those organisations that were written to, if any was."""
    writer = (usable_address(letter.from_email) or "").lower()
    if not writer or letter.automatic:
        return Match()
    written_to = queries.organisations_at(session, _addresses(letter.addressees))
    found = _of(queries.contacts_at(session, writer), written_to)
    organisations = {one.organisation_id for one in found}
    if len(organisations) > 1 or (len(written_to) > 1 and len(organisations) != 1):
        return Match()
    if organisations:
        return _of_one(session, organisations.pop(), found, form, letter, writer)
    return _stray(session, written_to, form, letter, writer)


def _of(found: set[Candidate], written_to: set[str]) -> list[Candidate]:
    return sorted(one for one in found if not written_to or one.organisation_id in written_to)


def _of_one(
    session: Session,
    organisation_id: str,
    found: Sequence[Candidate],
    form: InboundMail,
    letter: Letter,
    writer: str,
) -> Match:
    """The customer who has the address; of several the one whose invoices the mail names, and no other's."""
    if queries.writes_for(session, [organisation_id], writer):
        return Match()  # our own words, which somebody sent to ourselves
    ids = {one.contact_id for one in found}
    named = queries.with_numbers(session, organisation_id, _words(letter), ids)
    invoices = tuple(dict.fromkeys(invoice_id for _, _, invoice_id, _ in named))
    proven = _is_proven(form, writer)
    if len(ids) == 1:
        by = "number" if named else "sender"
        return Match(organisation_id, ids.pop(), by=by, proven=proven, invoice_ids=invoices)
    whose = {contact_id for contact_id, _, _, _ in named}
    if len(whose) == 1:
        return Match(organisation_id, whose.pop(), by="number", proven=proven, invoice_ids=invoices)
    why = _("%(address)s is an address of this customer, and of others.", address=writer)
    suggestions = [Suggestion(one.contact_id, one.name, why) for one in found]
    return Match(
        organisation_id, by="sender", proven=proven, suggestions=tuple(suggestions[:_MOST_SUGGESTIONS])
    )


def _stray(session: Session, written_to: set[str], form: InboundMail, letter: Letter, writer: str) -> Match:
    """Nobody has the address. It is shown to an organisation that was written to, or at whose customer's domain it is."""
    domain = writer.rpartition("@")[2]
    near = set() if is_free(writer) else queries.contacts_at_domain(session, domain)
    at_domain = _of(near, written_to)
    organisations = written_to or {one.organisation_id for one in at_domain}
    if len(organisations) != 1:
        return Match()
    (organisation_id,) = organisations
    if queries.writes_for(session, [organisation_id], writer):
        return Match()
    suggestions = {
        contact_id: Suggestion(contact_id, name, _("The mail names invoice %(number)s.", number=number))
        for contact_id, name, _other, number in queries.with_numbers(session, organisation_id, _words(letter))
    }
    for one in at_domain:
        why = _("This customer’s address is at %(domain)s as well.", domain=domain)
        suggestions.setdefault(one.contact_id, Suggestion(one.contact_id, one.name, why))
    likely = tuple(suggestions.values())[:_MOST_SUGGESTIONS]
    return Match(organisation_id, by="sender", proven=_is_proven(form, writer), suggestions=likely)


def _addresses(line: str) -> set[str]:
    try:
        found = getaddresses([line[:4_000]])
    except RecursionError:
        return set()
    return (
        {address.lower() for _, address in found if usable_address(address)}
        if found[:_MOST_ADDRESSES]
        else set()
    )


def _words(letter: Letter) -> set[str]:
    """What could be the number of an invoice, in the subject and in what is written anew."""
    said = f"{letter.subject}\n{folded(letter.text).new}"
    words = [word for word in _WORD.findall(said) if any(sign.isdigit() for sign in word)][:_MOST_WORDS]
    return {*words, *(word.upper() for word in words)}


def _is_proven(form: InboundMail, writer: str) -> bool:
    """Whether the provider found that the domain signed the mail, or lets the server that it came from send (DKIM, SPF)."""
    domain = writer.rpartition("@")[2]
    dkim = form.fields.get("dkim", b"").decode("utf-8", "replace")
    if any(_is_of(signed.lower(), domain) for signed in _PASSED.findall(dkim)):
        return True
    spf = form.fields.get("SPF", b"").decode("utf-8", "replace").strip().lower()
    envelope = form.fields.get("envelope", b"").decode("utf-8", "replace")
    sent_by = _SENDER.search(envelope)
    return spf == "pass" and sent_by is not None and _is_of(sent_by[1].lower(), domain)


def _is_of(found: str, domain: str) -> bool:
    """Whether they are the same domain, or one below the other, as DMARC’s relaxed alignment has it."""
    return found == domain or found.endswith(f".{domain}") or ("." in found and domain.endswith(f".{found}"))
