"""What the pages show of a ledger: balances by currency, states in words, dates and money as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flask import Blueprint

from sandbox.records import ZERO, Contact, Credit, CreditKind, Invoice
from sandbox.world import Organisation


@dataclass(slots=True)
class Balance:
    """What is open in one currency: `due` of which `overdue`, and `credit` not yet set against anything."""

    currency: str
    due: Decimal = ZERO
    overdue: Decimal = ZERO
    credit: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact of the list with its balances."""

    contact: Contact
    balances: list[Balance]


@dataclass(frozen=True, slots=True)
class State:
    """A document's state in words; `tone` is the style of its tag: good, warn, bad or none."""

    text: str
    tone: str


def contact_rows(org: Organisation, today: date) -> list[ContactRow]:
    """Every contact by name with what it owes and what credit it has."""
    by_contact: dict[str, dict[str, Balance]] = defaultdict(dict)
    for invoice in org.invoices:
        _count_invoice(by_contact[invoice.contact_id], invoice, today)
    for kind in CreditKind:
        for credit in org.credits(kind):
            _count_credit(by_contact[credit.contact_id], credit)
    contacts = sorted(org.contacts, key=lambda contact: contact.name.casefold())
    return [ContactRow(contact, _sorted(by_contact[contact.id])) for contact in contacts]


def contact_balances(org: Organisation, contact: Contact, today: date) -> list[Balance]:
    """What one contact owes and has left, by currency."""
    balances: dict[str, Balance] = {}
    for invoice in org.invoices.of_contact(contact.id):
        _count_invoice(balances, invoice, today)
    for credit in contact_credits(org, contact):
        _count_credit(balances, credit)
    return _sorted(balances)


def contact_credits(org: Organisation, contact: Contact) -> list[Credit]:
    """The contact's credit notes, overpayments and prepayments, newest first."""
    found = [credit for kind in CreditKind for credit in org.credits(kind).of_contact(contact.id)]
    return sorted(found, key=lambda credit: credit.date, reverse=True)


def totals(rows: Iterable[ContactRow]) -> list[Balance]:
    """All contacts' balances added up, each currency for itself; only those in which something is due."""
    sums: dict[str, Balance] = {}
    for balance in (balance for row in rows for balance in row.balances):
        total = sums.setdefault(balance.currency, Balance(balance.currency))
        total.due += balance.due
        total.overdue += balance.overdue
    return [total for total in _sorted(sums) if total.due]


def invoices_to_show(invoices: list[Invoice], limit: int) -> list[Invoice]:
    """Open invoices by due date, then the settled ones from the newest, `limit` in all (open ones always)."""
    unsettled = sorted((i for i in invoices if i.amount_due), key=lambda i: (i.due_date, i.number))
    settled = sorted(
        (i for i in invoices if not i.amount_due), key=lambda i: (i.date, i.number), reverse=True
    )
    return unsettled + settled[: max(limit - len(unsettled), 0)]


def _count_invoice(balances: dict[str, Balance], invoice: Invoice, today: date) -> None:
    if invoice.status != "AUTHORISED" or invoice.type != "ACCREC":
        return
    balance = balances.setdefault(invoice.currency, Balance(invoice.currency))
    balance.due += invoice.amount_due
    if invoice.due_date < today:
        balance.overdue += invoice.amount_due


def _count_credit(balances: dict[str, Balance], credit: Credit) -> None:
    if credit.remaining:
        balances.setdefault(credit.currency, Balance(credit.currency)).credit += credit.remaining


def _sorted(balances: dict[str, Balance]) -> list[Balance]:
    return sorted(balances.values(), key=lambda balance: balance.currency)


def state_of(invoice: Invoice, today: date) -> State:
    """Whether an invoice is paid, overdue, not yet due or something else, in words."""
    if invoice.status != "AUTHORISED":
        return State(invoice.status.capitalize(), "good" if invoice.status == "PAID" else "")
    days = (today - invoice.due_date).days
    if days > 0:
        return State(f"{days} {'day' if days == 1 else 'days'} overdue", "bad")
    if days == 0:
        return State("due today", "warn")
    return State(f"due in {-days} {'day' if days == -1 else 'days'}", "")


def money(amount: Decimal) -> str:
    """An amount with two decimals and thousands apart, without its currency."""
    return f"{amount:,.2f}"


def day(moment: date) -> str:
    """A day as 3 Sep 2012."""
    return f"{moment.day} {moment:%b %Y}"


def instant(moment: datetime) -> str:
    """A moment in UTC as 3 Sep 2012, 09:05 UTC."""
    return f"{day(moment)}, {hour(moment)}"


def hour(moment: datetime) -> str:
    """The time of a moment as 09:05 UTC."""
    return f"{moment:%H:%M} UTC"


def weekday(moment: date) -> str:
    """The name of the day."""
    return f"{moment:%A}"


def add_filters(blueprint: Blueprint) -> None:
    """Let the templates use these words."""
    for shown in (money, day, instant, hour, weekday):
        blueprint.add_app_template_filter(shown)
    blueprint.add_app_template_filter(state_of, "state")
