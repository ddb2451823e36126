"""Books that no one would keep, but a ledger may bring: drawn from a number, so that the same number brings the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from integration.ledger import LedgerAllocation, LedgerContact, LedgerInvoice, LedgerPayment

_AT = datetime(2020, 1, 1, tzinfo=UTC)
_TERMS = (0, 7, 14, 30, 30, 30, 31, 60, 90)
_ODD_TERMS = (-100, -3, 1, 200)


@dataclass
class Books:
    """What a ledger says."""

    contacts: list[LedgerContact]
    invoices: list[LedgerInvoice]
    payments: list[LedgerPayment]


def random_books(draw: Random, today: date, sizes: Sequence[int] = (0, 1, 3, 12, 30)) -> Books:
    """In up to four currencies: paid in parts, in advance, in the future, without a day, twice over; credited, void, deleted.

    ``sizes``: of one of these numbers of invoices.
    """
    contacts = [_contact(number) for number in range(draw.randint(1, 4))]
    currencies = draw.sample(("GBP", "EUR", "USD", "JPY"), draw.randint(1, 4))
    start = today - timedelta(draw.choice((30, 200, 400, 800)))
    found = Books(contacts, [], [])
    for number in range(draw.choice(sizes)):
        issued = _near(draw, start, today + timedelta(draw.choice((0, 0, 20))))
        odd = draw.random() < 0.05
        invoice = LedgerInvoice(
            id=f"invoice-{number}", contact_id=draw.choice(contacts).id, contact_name="-", number=f"INV-{number}",
            reference=None, issued_on=issued, due_on=issued + timedelta(draw.choice(_ODD_TERMS if odd else _TERMS)),
            currency=draw.choice(currencies), total=(total := _total(draw)), amount_due=total, amount_paid=Decimal(0),
            amount_credited=Decimal(0), status="AUTHORISED", expected_on=None, fully_paid_on=None, updated_at=_AT,
        )  # fmt: skip
        found.invoices.append(_settled(draw, found.payments, invoice, today))
    return found


def changed(draw: Random, books: Books, today: date) -> Books:
    """The same books some news later."""
    found = replace(books, invoices=list(books.invoices), payments=list(books.payments))
    for _ in range(draw.randint(1, 6) if found.invoices else 0):
        place = draw.randrange(len(found.invoices))
        one = found.invoices[place]
        match draw.choice(("pay", "void", "unpay", "move", "late", "forget")):
            case "pay":
                one = _settled(draw, found.payments, one, today)
            case "void":
                one = replace(one, status="VOIDED")
            case "move":
                one = replace(one, contact_id=draw.choice(books.contacts).id)
            case "late":
                one = replace(one, due_on=one.due_on + timedelta(draw.randint(-30, 60)))
            case "forget":
                one = replace(one, allocations=())
            case "unpay" if found.payments:
                which = draw.randrange(len(found.payments))
                gone = found.payments[which]
                found.payments[which] = replace(
                    gone, status="DELETED", updated_at=gone.updated_at + timedelta(1)
                )
        found.invoices[place] = replace(one, updated_at=one.updated_at + timedelta(1))
    return found


def before_voids(books: Books) -> Books:
    """The same books before anything was voided: an invoice that is void from the first is never mirrored."""
    entered = [replace(one, status="AUTHORISED") if one.status == "VOIDED" else one for one in books.invoices]
    return replace(books, invoices=entered)


def _settled(draw: Random, payments: list[LedgerPayment], one: LedgerInvoice, today: date) -> LedgerInvoice:
    """The invoice after what became of it; its payments join the others."""
    fate, off = draw.random(), Decimal(0)
    if fate < 0.25:
        return one
    days: list[date] = []
    for part in _parts(
        draw, one.amount_due if fate < 0.8 else (one.amount_due / 2).quantize(Decimal("0.01"))
    ):
        day, way = _pay_day(draw, one, today), draw.random()
        off += part
        if way < 0.7:
            days.append(day)
            payments.append(_payment(one, len(payments), day, part))
        elif way < 0.85:
            days.append(day)
            note = LedgerAllocation("credit_note", f"credit-{len(one.allocations)}", part, day)
            one = replace(one, allocations=(*one.allocations, note))
    if draw.random() < 0.05:  # told of, and not yet taken off
        payments.append(_payment(one, len(payments), _pay_day(draw, one, today), Decimal("12.34")))
    one = replace(one, amount_due=one.amount_due - off, amount_paid=one.amount_paid + off)
    if not one.amount_due:
        full = max(days, default=_near(draw, one.issued_on, max(one.issued_on, today)))
        early = full - timedelta(draw.randint(1, 9))
        one = replace(one, status="PAID", fully_paid_on=draw.choice((full, full, full, full, early, None)))
    return replace(one, status="VOIDED") if draw.random() < 0.03 else one


def _pay_day(draw: Random, one: LedgerInvoice, today: date) -> date:
    fate = draw.random()
    if fate < 0.05:
        return one.issued_on - timedelta(draw.randint(1, 40))
    if fate < 0.1:
        return today + timedelta(draw.randint(0, 40))
    return _near(draw, one.issued_on, max(one.issued_on, min(today, one.due_on + timedelta(60))))


def _near(draw: Random, first: date, last: date) -> date:
    """A day between, or the end or the beginning of its month, or a leap day."""
    day = first + timedelta(draw.randint(0, (last - first).days))
    ends = (day.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
    leap = date(day.year, 2, 29) if day.year % 4 == 0 else day
    return draw.choice((day, day, day, day, day, day, ends, day.replace(day=1), leap))


def _total(draw: Random) -> Decimal:
    return draw.choice(
        (Decimal(0), Decimal("33.33"), *(Decimal(draw.randint(1, 200_000_00)) / 100 for _ in range(6)),
         Decimal(draw.randint(1, 999_999)) / 10_000)
    )  # fmt: skip


def _parts(draw: Random, whole: Decimal) -> Sequence[Decimal]:
    """The same in one to four parts, none of them nought."""
    units = int(whole * 10_000)
    cuts = sorted(draw.randint(0, units) for _ in range(draw.choice((0, 0, 1, 3))))
    parts = zip([0, *cuts], [*cuts, units], strict=True)
    return [Decimal(end - begin) / 10_000 for begin, end in parts if end > begin]


def _payment(one: LedgerInvoice, number: int, day: date, amount: Decimal) -> LedgerPayment:
    return LedgerPayment(
        f"payment-{number}", "ACCRECPAYMENT", one.id, one.contact_id, day, one.currency, amount, "AUTHORISED",
        is_reconciled=True, updated_at=_AT,
    )  # fmt: skip


def _contact(number: int) -> LedgerContact:
    return LedgerContact(
        id=f"contact-{number}", name=f"Customer {number}", first_name=None, last_name=None, email=None, persons=(),
        status="ACTIVE", merged_into=None, updated_at=_AT,
    )  # fmt: skip
