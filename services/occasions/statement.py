"""The statement of account: what is open and what is unallocated, as the ledger has it, on paper as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.ageing import BUCKETS, ageing
from credit_control.decisions import Message
from credit_control.facts import ContactBook, Invoice
from credit_control.stops import is_open
from integration.email.mailer import File
from kit.pdf import Letter, Table, letter_pdf
from services.languages import amount, day, short_day, words_of
from services.mail_facts import CreditLine, MailFacts
from services.merge_fields import one_line
from store.queries import letters


def credit_lines(session: Session, organisation_id: str, contact_id: str) -> tuple[CreditLine, ...]:
    """The unallocated credits that a statement of this contact lists."""
    return tuple(
        CreditLine(one.kind, one.number, one.issued_on, one.currency, one.remaining)
        for one in letters.credits_of(session, organisation_id, contact_id)
    )


def statement_of(facts: MailFacts, book: ContactBook, message: Message) -> File:
    """The statement that goes with a mail: about the same invoices and credits, and in its language."""
    about = {invoice_id for invoice_id, _ in message.taken}
    invoices = [invoice for invoice in book.invoices if invoice.id in about]
    names = (facts.organisation_name, facts.contact_name)
    return statement_pdf(*names, invoices, facts.credits or (), facts.today, facts.locale)


def statement_pdf(
    organisation_name: str,
    contact_name: str,
    invoices: Sequence[Invoice],
    unallocated: Sequence[CreditLine],
    on: date,
    locale: str,
) -> File:
    """The statement as of the day ``on``, as a file.

    It goes with a mail that names the customer in full, so letters that its type lacks keep nobody from getting it.
    """
    words = words_of(locale).statement
    open_ones = sorted((one for one in invoices if is_open(one)), key=lambda one: (one.due_on, one.number))
    letter = Letter(
        sender=(one_line(organisation_name),),
        to=(one_line(contact_name),),
        date=day(on, locale),
        subject=words["title"].format(day=day(on, locale)),
        body=tuple(_body(open_ones, unallocated, on, locale)),
    )
    return File(f"{words['file']}-{on:%Y-%m-%d}.pdf", "application/pdf", letter_pdf(letter, gaps=True))


def _body(
    invoices: Sequence[Invoice], unallocated: Sequence[CreditLine], on: date, locale: str
) -> list[str | Table]:
    """Currency by currency: open invoices, how old they are, what is in dispute, credits, and the balance without that.

    Nothing is added over two currencies.
    """
    words = words_of(locale).statement
    body: list[str | Table] = []
    ages = ageing(invoices, on)
    for currency in sorted({one.currency for one in invoices} | {one.currency for one in unallocated}):
        own = [one for one in invoices if one.currency == currency]
        held = [one for one in unallocated if one.currency == currency]
        owed = sum((one.amount_due for one in own), Decimal())
        left = sum((one.remaining for one in held), Decimal())
        disputed = sum((one.in_dispute for one in own), Decimal())
        off = owed - disputed - sum((one.asked_for for one in own), Decimal())
        if own:
            body.append(_invoices(own, owed, currency, locale))
            body.append(_ages(ages[currency].amounts, currency, locale))
        if disputed:
            body.append(f"{words['disputed']} {amount(disputed, currency, locale)}")
        if off:
            body.append(f"{words['off']} {amount(off, currency, locale)}")
        if held:
            body.append(_credits(held, left, currency, locale))
        body.append(f"{words['balance']} {amount(owed - disputed - off - left, currency, locale)}")
    return body


def _invoices(invoices: Sequence[Invoice], owed: Decimal, currency: str, locale: str) -> Table:
    words = words_of(locale).statement
    rows = tuple(
        (
            _numbered(one, locale),
            short_day(one.issued_on, locale),
            short_day(one.due_on, locale),
            _cell(one.total, currency, locale),
            _cell(one.total - one.amount_due, currency, locale),
            _cell(one.amount_due, currency, locale),
        )
        for one in invoices
    )
    heading = tuple(words[name] for name in ("number", "date", "due", "total", "paid", "open"))
    return Table(
        heading, rows, frozenset({3, 4, 5}), (words["sum"], "", "", "", "", _cell(owed, currency, locale))
    )


def _numbered(invoice: Invoice, locale: str) -> str:
    """The number of an invoice, with what of it is in dispute, and what was agreed about it."""
    said = []
    if invoice.disputed:
        said.append(("of_that", {"amount": _cell(invoice.in_dispute, invoice.currency, locale)}))
    if agreed := _said_of_terms(invoice, locale):
        said.append(agreed)
    words = words_of(locale).statement
    told = "; ".join(words[name].format(**filled) for name, filled in said)
    return f"{one_line(invoice.number)} ({told})" if told else one_line(invoice.number)


def _said_of_terms(invoice: Invoice, locale: str) -> tuple[str, dict[str, str]] | None:
    """Which words of a statement say what was agreed about an invoice, and what fills them; None: nothing holds."""
    asked = invoice.special
    if asked is None:
        return None
    if asked.until and asked.afterwards is not None:
        filled = {
            "less": _cell(asked.amount, invoice.currency, locale),
            "day": short_day(asked.until, locale),
            "all": _cell(asked.afterwards, invoice.currency, locale),
        }
        return "offered", filled
    if asked.to_credit:
        return "kept", {"amount": _cell(asked.to_credit, invoice.currency, locale)}
    return None


def _credits(unallocated: Sequence[CreditLine], left: Decimal, currency: str, locale: str) -> Table:
    words = words_of(locale).statement
    rows = tuple(
        (
            f"{words[one.kind]} {one_line(one.number or '')}".rstrip(),
            short_day(one.issued_on, locale),
            _cell(one.remaining, currency, locale),
        )
        for one in sorted(unallocated, key=lambda one: (one.issued_on, one.number or ""))
    )
    heading = (words["unallocated"], words["date"], words["left"])
    return Table(heading, rows, frozenset({2}), (words["sum"], "", _cell(left, currency, locale)))


def _ages(amounts: Sequence[Decimal], currency: str, locale: str) -> str:
    """One line: how much of it is not due yet, and how much for how long."""
    words = words_of(locale).statement
    named = [words["current"], *(words["overdue"].format(days=band) for band in BUCKETS[1:])]
    parts = [
        f"{name} {amount(value, currency, locale)}"
        for name, value in zip(named, amounts, strict=True)
        if value
    ]
    return f"{words['ageing']} {' · '.join(parts)}"


def _cell(value: Decimal, currency: str, locale: str) -> str:
    """An amount that stays on one line."""
    return amount(value, currency, locale).replace(" ", "\xa0")
