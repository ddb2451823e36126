"""Ledger documents as rows of the mirror.

The ledger's data is not trusted: what would not fit a column raises ``Unfit``, and the document is left out
rather than the whole page lost. Texts are cut to what the ledger itself allows with room to spare.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from integration.ledger import LedgerContact, LedgerCredit, LedgerInvoice, LedgerPayment, LedgerQuote
from kit.phones import mobile
from store.found_by import contact_words, invoice_words
from store.ids import document_id
from store.queries.mirror import Row

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of change of a contact of which the ledger has told nothing yet."""

_FOUR_PLACES = Decimal("0.0001")
_MOST = Decimal(10) ** 14
_LONGEST_CODE = 32
_LONGEST_ID = 64
_LONGEST_LINE = 500
_MOST_DAYS = 100_000
_LONGEST_TERMS = 4_000
_MOST_LINES = 200
"""Of a quote; the rest of a longer one stands in its PDF."""


class Unfit(ValueError):
    """The document has a value that no ledger should have."""


def contact_row(organisation_id: str, contact: LedgerContact, *, home: str | None = None) -> Row:
    """``home`` is the country (ISO 3166) of the organisation, in which numbers are taken that name none."""
    country = contact.country or home
    terms = None if contact.terms is None else (contact.terms.kind, contact.terms.days)
    row = _finished(
        _head(organisation_id, contact.id),
        contact.updated_at,
        told_beside=terms,
        name=_line(contact.name),
        first_name=_line_or_none(contact.first_name),
        last_name=_line_or_none(contact.last_name),
        email=_line_or_none(contact.email),
        persons=[
            {
                "first_name": _line_or_none(person.first_name),
                "last_name": _line_or_none(person.last_name),
                "email": _line_or_none(person.email),
                "include_in_emails": person.include_in_emails,
            }
            for person in contact.persons
        ],
        groups=[_line(name) for name in contact.groups],
        status=_code(contact.status),
        merged_into=_id_or_none(contact.merged_into),
        country=contact.country,
        address=[_line(line) for line in contact.address],
        mobile=next((found for one in contact.phones if (found := mobile(one, country))), None),
        phone=_line_or_none(next(iter(contact.phones), None)),
    )
    return row | {
        "found_by": contact_words(row),
        "terms_kind": _code(terms[0]) if terms else None,
        "terms_days": _days(terms[1]) if terms else None,
    }


def _days(days: int) -> int:
    if abs(days) > _MOST_DAYS:
        raise Unfit("the days of its terms are beyond all measure")
    return days


def stub_row(organisation_id: str, ledger_id: str, name: str) -> Row:
    """A contact that only a document of it has told us of."""
    head = _head(organisation_id, ledger_id)
    return {
        **head,
        "name": _line(name),
        "persons": [],
        "groups": [],
        "address": [],
        "status": "STUB",
        "updated_at": EPOCH,
        "fingerprint": "",
    }


def invoice_row(organisation_id: str, invoice: LedgerInvoice) -> Row:
    applied = _applied(invoice)
    row = _finished(
        _head(organisation_id, invoice.id),
        invoice.updated_at,
        told_beside=applied,
        contact_id=_contact_id(organisation_id, invoice.contact_id),
        number=_line(invoice.number),
        reference=_line_or_none(invoice.reference),
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        currency=_code(invoice.currency),
        total=_amount(invoice.total),
        amount_due=_amount(invoice.amount_due),
        amount_paid=_amount(invoice.amount_paid),
        amount_credited=_amount(invoice.amount_credited),
        status=_code(invoice.status),
        expected_on=invoice.expected_on,
        fully_paid_on=invoice.fully_paid_on,
        sent=invoice.sent,
    )
    return row | {"found_by": invoice_words(row)}


def allocation_rows(row: Row, invoice: LedgerInvoice) -> list[Row]:
    """The credits that were allocated to an invoice that is written as ``row``."""
    return [
        {
            "organisation_id": row["organisation_id"],
            "invoice_id": row["id"],
            "position": place,
            "contact_id": row["contact_id"],
            "credit_ledger_id": credit_id,
            "kind": kind,
            "applied_on": on,
            "currency": row["currency"],
            "amount": amount,
        }
        for place, (kind, credit_id, on, amount) in enumerate(_applied(invoice))
    ]


def _applied(invoice: LedgerInvoice) -> list[tuple[str, str, date, Decimal]]:
    return [(_code(one.kind), _id(one.credit_id), one.on, _amount(one.amount)) for one in invoice.allocations]


def payment_row(organisation_id: str, payment: LedgerPayment) -> Row:
    return _finished(
        _head(organisation_id, payment.id),
        payment.updated_at,
        kind=_line(payment.kind),
        invoice_id=document_id(organisation_id, payment.invoice_id) if payment.invoice_id else None,
        contact_id=_contact_id(organisation_id, payment.contact_id) if payment.contact_id else None,
        paid_on=payment.paid_on,
        currency=_code(payment.currency),
        amount=_amount(payment.amount),
        status=_code(payment.status),
        is_reconciled=payment.is_reconciled,
    )


def credit_row(organisation_id: str, credit: LedgerCredit) -> Row:
    return _finished(
        _head(organisation_id, credit.id),
        credit.updated_at,
        kind=_code(credit.kind),
        contact_id=_contact_id(organisation_id, credit.contact_id),
        number=_line_or_none(credit.number),
        issued_on=credit.issued_on,
        currency=_code(credit.currency),
        total=_amount(credit.total),
        remaining=_amount(credit.remaining),
        status=_code(credit.status),
    )


def quote_row(organisation_id: str, quote: LedgerQuote) -> Row:
    return _finished(
        _head(organisation_id, quote.id),
        quote.updated_at,
        contact_id=_contact_id(organisation_id, quote.contact_id),
        number=_line(quote.number),
        reference=_line_or_none(quote.reference),
        title=_line_or_none(quote.title),
        terms=quote.terms.replace("\x00", "")[:_LONGEST_TERMS] if quote.terms else None,
        issued_on=quote.issued_on,
        currency=_code(quote.currency),
        total_tax=_amount(quote.total_tax),
        total=_amount(quote.total),
        tax_included=quote.tax_included,
        lines=[
            {
                "description": _line(line.description),
                "quantity": None if line.quantity is None else f"{_amount(line.quantity):f}",
                "amount": None if line.amount is None else f"{_amount(line.amount):f}",
            }
            for line in quote.lines[:_MOST_LINES]
        ],
        status=_code(quote.status),
    )


@lru_cache(maxsize=4096)
def _contact_id(organisation_id: str, ledger_id: str) -> str:
    """Remembered, because many documents of a page are of one contact."""
    return document_id(organisation_id, ledger_id)


def _head(organisation_id: str, ledger_id: str) -> Row:
    return {
        "organisation_id": organisation_id,
        "id": document_id(organisation_id, ledger_id),
        "ledger_id": _id(ledger_id),
    }


def _finished(head: Row, updated_at: datetime, *, told_beside: Any = None, **fields: Any) -> Row:
    """The row with its fingerprint: a digest of all fields, because the time of change may stand still.

    ``told_beside``: what the document tells that is kept in other rows; nothing of it leaves the digest as it is.
    """
    fields["updated_at"] = updated_at
    told = repr(fields) + (repr(told_beside) if told_beside else "")
    digest = hashlib.blake2b(told.encode("utf-8", "backslashreplace"), digest_size=16)
    return {**head, **fields, "fingerprint": digest.hexdigest()}


def _amount(value: Decimal) -> Decimal:
    """The amount with four decimal places, so that equal amounts have equal fingerprints."""
    try:
        exact = value.quantize(_FOUR_PLACES)
    except InvalidOperation:
        raise Unfit(f"an amount of {value} is beyond all measure") from None
    if exact != value or abs(exact) >= _MOST:
        raise Unfit(f"an amount of {value} is too large, or has more than four decimal places")
    return exact


def _code(text: str) -> str:
    if len(text) > _LONGEST_CODE or "\x00" in text:
        raise Unfit("a code is too long")
    return text


def _id(text: str) -> str:
    if not 0 < len(text) <= _LONGEST_ID or "\x00" in text:
        raise Unfit("an identifier is missing or too long")
    return text


def _id_or_none(text: str | None) -> str | None:
    return _id(text) if text else None


def _line(text: str) -> str:
    """A text that both databases take: no NUL, and short enough for an index."""
    return text.replace("\x00", "")[:_LONGEST_LINE]


def _line_or_none(text: str | None) -> str | None:
    return None if text is None else _line(text)


def wordless_invoice(row: Row) -> Row:
    """The same invoice without what may name anybody."""
    bare = row | {"reference": None}
    return bare | {"found_by": invoice_words(bare)}


def wordless_quote(row: Row) -> Row:
    """The same quote without what may name anybody."""
    return row | {"reference": None, "title": None, "terms": None, "lines": []}
