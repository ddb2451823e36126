"""Writing to a contact: in which language, of what, and whether it goes on with a conversation or begins one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_control.brakes import Doubt
from kit.wording import _
from services.languages import home_language, languages, locale_of, reader_language
from services.mail_facts import InvoiceLine, MailFacts
from services.names import first_name
from store.models import Organisation
from store.queries.letters import Addressee, EarlierMail, Sender, Text

_ANSWER = "Re: "
_MOST_REFERENCES = 10


@dataclass(frozen=True, slots=True)
class Reader:
    """The language wanted for a contact, and that of the organisation (ISO 639), to fall back on."""

    language: str
    home: str
    countries: tuple[str | None, ...]
    """The contact's and the organisation's, whose ways of writing amounts and days come first."""

    def locale(self, language: str) -> str:
        """How amounts and days are written in a letter in this language."""
        return locale_of(language, *self.countries)


def reader_of(organisation: Organisation, contact: Addressee) -> Reader:
    """How this contact is written to."""
    home = home_language(organisation.language, organisation.country)
    wanted = reader_language(contact.language, contact.country, home)
    return Reader(wanted, home, (contact.country, organisation.country))


def missing_language(reader: Reader, used: str) -> str | None:
    """A sentence, when the contact gets a letter in another language than its own."""
    if used == reader.language:
        return None
    names = languages()
    return _(
        "This customer is written to in %(wanted)s wherever there is such a text; this is the %(used)s one.",
        wanted=_(names[reader.language].name),
        used=_(names[used].name),
    )


@dataclass(frozen=True, slots=True)
class Books:
    """How far the ledger can be trusted on this contact: money that is not allocated, and a doubt about all of it."""

    on_account: tuple[tuple[str, Decimal], ...] = ()
    """By currency."""
    doubt: Doubt | None = None


def sums(amounts: Iterable[tuple[str, Decimal]]) -> tuple[tuple[str, Decimal], ...]:
    """Amounts added up by currency."""
    found: dict[str, Decimal] = {}
    for currency, one in amounts:
        found[currency] = found.get(currency, Decimal()) + one
    return tuple(sorted(found.items()))


def facts_of(
    organisation: Organisation,
    sender: Sender,
    contact: Addressee,
    invoices: tuple[InvoiceLine, ...],
    today: date,
    earlier: Iterable[date],
    locale: str,
    books: Books,
) -> MailFacts:
    """What a letter to this contact may mention. ``today`` and ``earlier`` are days of the organisation."""
    return MailFacts(
        contact_name=contact.name,
        first_name=first_name(contact.first_name),
        organisation_name=organisation.name,
        sender_name=sender.name,
        signature=sender.signature,
        invoices=tuple(line for line in invoices if line.amount_due or not line.disputed),
        disputed=tuple(line for line in invoices if line.disputed),
        today=today,
        earlier_dates=tuple(dict.fromkeys(earlier)),
        on_account=books.on_account,
        books_in_doubt=books.doubt is not None,
        books_until=books.doubt.last_sign if books.doubt else None,
        locale=locale,
    )


@dataclass(frozen=True, slots=True)
class Thread:
    """The subject of a mail and the header lines that tie it to earlier ones (their Message-IDs, oldest first)."""

    subject: str
    references: tuple[str, ...]

    @property
    def in_reply_to(self) -> str | None:
        return self.references[-1] if self.references else None


def thread_of(text: Text, subject: str, earlier: Sequence[EarlierMail], invoices: int) -> Thread:
    """A later step answers our own earlier mail, as a colleague would who looks it up and writes below it.

    It keeps that mail's subject, as mail programs want it for one conversation, where that mail was about all of
    these ``invoices``; where another has come along the old subject would no longer say what the mail is about.
    A text that starts a conversation stands on its own.
    """
    if text.starts_conversation or not earlier:
        return Thread(subject, ())
    references = tuple(mail.message_id for mail in earlier)[-_MOST_REFERENCES:]
    whole = [mail for mail in earlier if mail.shared == invoices and mail.subject]
    if not whole:
        return Thread(subject, references)
    return Thread(_ANSWER + whole[-1].subject.removeprefix(_ANSWER), references)
