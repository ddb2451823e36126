"""The proof that a finished mail belongs together, in the last transaction before it leaves.

Whatever wrote it, and whatever it was written from: addresses, invoices, files, links and words are held against
the rows once more, each by a question of its own. A mail that fails goes to nobody.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from integration.email.mailer import Mail
from kit.crypto import digest
from kit.wording import N_
from services.account_links import LINK
from store.queries import belonging
from store.queries.belonging import Addressed, Named, Offered

_URL = re.compile(r"https?://[^\s<>\"'“”]+", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_FIELD = "{"
"""Where in a text that somebody wrote a merge field or a condition begins."""
_EDGES = ".,;:!?()[]{}<>\"'“”„‚‘’«»…*_–—"
_AFTER_LINKS = ".,;:!?)]>'’”»…*"
_AMOUNT = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})*[.,]\d{2}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHORTEST_NUMBER = 4
"""Fewer digits than these alone are days, counts and rates as well."""
_WORDS_OF_A_NUMBER = 3
"""A number such as ``INV 2026 104`` is that many words of the mail."""


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What the organisation itself says in its mails: the text as it was written, and who signs it."""

    text: str
    signature: str
    sender_email: str
    files: tuple[bytes, ...] = ()
    """What was printed for this very mail: a statement of account."""
    quote_id: str = ""
    """The quote that it confirms; what stands in that belongs to this customer as well."""


def mismatch(
    session: Session,
    organisation_id: str,
    contact_id: str,
    invoice_ids: Collection[str],
    mail: Mail,
    own: OwnWords,
) -> str | None:
    """What in a mail to this contact about these invoices does not belong there, as a sentence; None: all does."""
    if mail.organisation_id != organisation_id:
        return N_("it is of another organisation")
    contact = belonging.addressed(session, organisation_id, contact_id)
    if contact is None:
        return N_("its customer is none of this organisation")
    for address in (*mail.to, *mail.cc):
        if address.strip().lower() not in contact.addresses:
            return N_(f"the address {address} is none of this customer’s")
    invoices = belonging.named(session, organisation_id, invoice_ids)
    strange = [one.number for one in invoices if one.contact_id != contact_id]
    quote = belonging.offered(session, organisation_id, own.quote_id) if own.quote_id else None
    if own.quote_id and (quote is None or quote.contact_id != contact_id):
        return N_("its quote is none of this customer’s")
    about_something = invoices or own.files or quote
    if strange or {one.id for one in invoices} != set(invoice_ids) or not about_something:
        return N_(f"invoice {strange[0] if strange else ''} is none of this customer’s").replace("  ", " ")
    return (
        _files(session, organisation_id, invoice_ids, mail, own, quote)
        or _links(mail, contact, invoices, own, quote, _own_pages(session, organisation_id, contact_id, mail))
        or _words(session, organisation_id, contact_id, mail, contact, own, quote)
    )


def _files(
    session: Session,
    organisation_id: str,
    invoice_ids: Collection[str],
    mail: Mail,
    own: OwnWords,
    quote: Offered | None,
) -> str | None:
    """Each file is, byte for byte, what is stored for one of these invoices, or the quote, or was printed for this mail."""
    stored = belonging.pdfs(session, organisation_id, invoice_ids) if mail.files else []
    stored += [quote.pdf] if quote and quote.pdf else []
    for file in mail.files:
        if file.content not in stored and file.content not in own.files:
            return N_(f"the file {file.name} is not the one that is stored for any of its invoices")
    return None


def _own_pages(session: Session, organisation_id: str, contact_id: str, mail: Mail) -> dict[str, bool]:
    """The links to account pages in a mail, and whether each is this customer's for this very mail."""
    links = {link: found[1] for link in _all_links(mail) if (found := LINK.search(link))}
    return {
        link: belonging.opens_page_of(session, organisation_id, digest(code)) == (contact_id, mail.id)
        for link, code in links.items()
    }


def _links(
    mail: Mail,
    contact: Addressed,
    invoices: Collection[Named],
    own: OwnWords,
    quote: Offered | None,
    pages: Mapping[str, bool],
) -> str | None:
    """Each link is one of these invoices', opens this customer's own page, or stands in the words that somebody here wrote."""
    right = {_end_of_link(one.online_url) for one in invoices if one.online_url}
    written = [own.text, own.signature, *contact.names, *(one.reference or "" for one in invoices)]
    written += quote.words if quote else ()
    beginnings = [url for words in written for url in _urls(words)]
    for link in _all_links(mail):
        if link in pages:
            if not pages[link]:
                return N_(f"the link {link} does not open this customer’s own page")
        elif link not in right and not any(_is_written(link, begun) for begun in beginnings):
            return N_(f"the link {link} is none of its invoices’")
    return None


def _all_links(mail: Mail) -> set[str]:
    return {*_urls(mail.text), *_urls(html.unescape(_TAG.sub(" ", mail.html))), *_hrefs(mail.html)}


def _urls(text: str) -> list[str]:
    return [_end_of_link(found) for found in _URL.findall(text)]


def _hrefs(markup: str) -> list[str]:
    found = (html.unescape(link) for link in _HREF.findall(markup))
    return [_end_of_link(link) for link in found if not link.lower().startswith("mailto:")]


def _end_of_link(url: str) -> str:
    """Without what only ends the sentence in which a link stands."""
    return url.rstrip(_AFTER_LINKS)


def _is_written(link: str, written: str) -> bool:
    """Whether a link is the one that stands in the text, or what became of it once its fields were filled in."""
    fixed, field, _ = written.partition(_FIELD)
    if not field:
        return link == fixed
    return fixed.count("/") > 2 and link.startswith(fixed)


def _words(
    session: Session,
    organisation_id: str,
    contact_id: str,
    mail: Mail,
    contact: Addressed,
    own: OwnWords,
    quote: Offered | None,
) -> str | None:
    """No number of another customer's invoice and no other customer's address stands in it."""
    said = f"{mail.subject}\n{mail.text}\n{html.unescape(_TAG.sub(' ', mail.html))}"
    known = set(_tokens("\n".join((own.signature, *contact.names, *(quote.words if quote else ())))))
    tokens = [word for word in _tokens(said) if word not in known]
    wanted = {words for words in _joined(tokens) if _may_be_number(words)}
    for number in belonging.numbers_of_others(session, organisation_id, contact_id, wanted):
        return N_(f"{number} is the number of another customer’s invoice")
    ours = contact.addresses | {own.sender_email.lower(), (mail.reply_to or "").lower()}
    addresses = {word.lower() for word in tokens if "@" in word} - ours
    for address in belonging.addresses_of_others(session, organisation_id, contact_id, addresses):
        return N_(f"{address} is the address of another customer")
    return None


def _tokens(text: str) -> list[str]:
    return [word for part in text.split() if (word := part.strip(_EDGES))]


def _joined(tokens: list[str]) -> Iterator[str]:
    """Each word, and the few that follow one another."""
    for count in range(1, _WORDS_OF_A_NUMBER + 1):
        for start in range(len(tokens) - count + 1):
            yield " ".join(tokens[start : start + count])


def _may_be_number(words: str) -> bool:
    """Whether it could be an invoice's number, and not just as well an amount, a year or a count."""
    if not any(sign.isdigit() for sign in words) or "@" in words:
        return False
    if words.isdigit():
        return len(words) >= _SHORTEST_NUMBER and not _YEAR.fullmatch(words)
    return not _AMOUNT.fullmatch(words) and sum(sign.isalnum() for sign in words) >= _SHORTEST_NUMBER
