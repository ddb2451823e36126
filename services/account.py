"""What a customer sees of its account: read from the mirror, of this one customer of this one organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.calendar import local_day
from integration.email.mailer import File
from integration.ledger import Lane, Ledger, LedgerError
from services.app import App
from services.correspondence import reader_of
from services.invoice_files import file_name
from services.languages import locale_of
from services.ledger_access import ledger_errors_noted, open_ledger
from services.occasions.statement import credit_lines, statement_pdf
from store.asked import as_facts
from store.facts import policy_of
from store.models import AccountPages, Contact, Credit, Invoice, Organisation, PageAnswer
from store.queries import account_pages, customers, invoice_files, letters

_ACTIVE = "ACTIVE"
_TOLD_SINCE = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Total:
    """What is owed, what of it is in dispute or off as agreed, what is not set off yet, and what that leaves, in one currency."""

    currency: str
    owed: Decimal
    disputed: Decimal
    off: Decimal
    """What special terms take off today."""
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        """What the customer is asked for, as a statement adds it up."""
        return self.owed - self.disputed - self.off - self.credit


@dataclass(frozen=True, slots=True)
class Account:
    """One customer's account as of the moment at which the ledger was last read."""

    organisation: Organisation
    contact: Contact
    pages: AccountPages
    invoices: Sequence[Invoice]
    known: Mapping[str, facts.Invoice]
    """The same by id, with what is asked for of each."""
    credits: Sequence[Credit]
    told: Sequence[PageAnswer]
    """What the customer said here, newest first."""
    today: date
    language: str
    """ISO 639."""

    @property
    def totals(self) -> list[Total]:
        """Each currency for itself."""
        currencies = sorted({one.currency for one in self.invoices} | {one.currency for one in self.credits})
        return [self._total(code) for code in currencies]

    def _total(self, code: str) -> Total:
        own = [one for one in self.invoices if one.currency == code]
        owed = sum((one.amount_due for one in own), Decimal())
        disputed = sum((self.known[one.id].in_dispute for one in own), Decimal())
        left = sum((one.remaining for one in self.credits if one.currency == code), Decimal())
        return Total(code, owed, disputed, owed - disputed - self.asked_for(own), left)

    def asked_for(self, invoices: Sequence[Invoice]) -> Decimal:
        """What the customer is asked for of these invoices of one currency today."""
        return sum((self.known[one.id].asked_for for one in invoices), Decimal())

    def invoice(self, invoice_id: str) -> Invoice | None:
        """One of its open invoices."""
        return next((one for one in self.invoices if one.id == invoice_id), None)


def account_of(session: Session, organisation_id: str, contact_id: str, now: datetime) -> Account | None:
    """The account; None where there is none to show: the customer was merged or erased, the ledger disconnected."""
    organisation = session.get(Organisation, organisation_id)
    contact = customers.contact(session, organisation_id, contact_id)
    if organisation is None or contact is None or organisation.connection == "disconnected":
        return None
    if contact.status != _ACTIVE or contact.merged_into:
        return None
    invoices = customers.open_invoices(session, organisation_id, contact_id)
    return Account(
        organisation,
        contact,
        account_pages.pages_of(session, organisation_id),
        invoices,
        {one.id: one for one in as_facts(session, organisation_id, invoices)},
        letters.credits_of(session, organisation_id, contact_id),
        account_pages.answers(session, organisation_id, contact_id, now - _TOLD_SINCE),
        local_day(policy_of(organisation).window, now),
        reader_of(organisation, letters.addressee(session, organisation_id, contact_id)).language,
    )


def locale_for(account: Account, language: str) -> str:
    """How amounts and days are written for this customer in a language."""
    return locale_of(language, account.contact.country, account.organisation.country)


def statement(session: Session, account: Account, locale: str) -> File:
    """The statement of the account as PDF."""
    home = account.organisation.id
    return statement_pdf(
        account.organisation.name,
        account.contact.name,
        list(account.known.values()),
        credit_lines(session, home, account.contact.id),
        account.today,
        locale,
    )


def invoice_pdf(app: App, account: Account, invoice_id: str) -> File | None:
    """The ledger's PDF of one of its open invoices, fetched once; None: the ledger gives none just now.

    The call is of the lane that leaves most room for others.
    """
    if account.invoice(invoice_id) is None:
        return None
    organisation_id = account.organisation.id
    with app.database.read(organisation_id) as session:
        if kept := kept_pdf(session, organisation_id, invoice_id):
            return kept
    try:
        with ledger_errors_noted(app, organisation_id):
            return fetch_pdf(app, open_ledger(app, organisation_id, Lane.SWEEP), organisation_id, invoice_id)
    except LedgerError:
        return None


def kept_pdf(session: Session, organisation_id: str, invoice_id: str) -> File | None:
    """The PDF of the invoice as it stands, if it is there already."""
    for state in invoice_files.states(session, organisation_id, [invoice_id]):
        if state.size:
            content = invoice_files.contents(session, organisation_id, [invoice_id])[invoice_id]
            return File(file_name(state.number), "application/pdf", content)
    return None


def fetch_pdf(app: App, ledger: Ledger, organisation_id: str, invoice_id: str) -> File | None:
    """Ask the ledger for the PDF and keep it. Raises ``LedgerError``."""
    with app.database.read(organisation_id) as session:
        (state,) = invoice_files.states(session, organisation_id, [invoice_id])
    content = ledger.invoice_pdf(state.ledger_id)
    if not content:
        return None
    with app.database.write(organisation_id) as session:
        invoice_files.store(session, organisation_id, [(state, content)])
    return File(file_name(state.number), "application/pdf", content)
