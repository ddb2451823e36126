"""What figures of a period are made of, read when somebody asks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, or_, select, tuple_, union
from sqlalchemy.orm import Session, aliased

from credit_control.figures.books import COUNTS, Booked
from store.models import (
    Communication,
    CommunicationInvoice,
    Invoice,
    MonthlyFigure,
    PaidClaim,
    PromiseToPay,
    Reply,
)
from store.queries.books_together import books_together
from store.queries.figures_kept import booked_invoices

_LEFT = ("sent", "delivered", "bounced")
_WRITTEN = ("email", "sms", "letter")


@dataclass(frozen=True, slots=True)
class SoldOn:
    """What was invoiced in a currency on one day, and when the last of it is due."""

    currency: str
    on: date
    total: Decimal
    last_due: date


@dataclass(frozen=True, slots=True)
class Sent:
    """A reminder that left, as far as it is about one currency."""

    id: str
    currency: str
    at: datetime
    went_wrong: bool
    """It came back, or was answered with “already paid”."""
    paid_on: Sequence[date]
    """When its invoices were paid in full, of those that are."""


def sold(session: Session, organisation_id: str, until: date, currency: str | None = None) -> list[SoldOn]:
    """What was invoiced up to a day, by currency (or in this one) and day: small even of a large ledger."""
    statement = (
        select(Invoice.currency, Invoice.issued_on, func.sum(Invoice.total), func.max(Invoice.due_on))
        .where(
            Invoice.organisation_id == organisation_id,
            Invoice.status.in_(sorted(COUNTS)),
            Invoice.issued_on <= until,
            *_in(Invoice.currency, currency),
        )
        .group_by(Invoice.currency, Invoice.issued_on)
        .order_by(Invoice.currency, Invoice.issued_on)
    )
    return [SoldOn(*row) for row in session.execute(statement)]


def concerning(
    session: Session, organisation_id: str, first: date, currency: str, issued_from: date, issued_to: date
) -> dict[str, list[Booked]]:
    """The invoices of a currency that were issued, open or paid on ``first`` or later, of those issued on these days."""
    issued = and_(Invoice.issued_on >= issued_from, Invoice.issued_on <= issued_to)
    return _by_currency(session, organisation_id, and_(_concerns(first, currency), issued))


def concerning_together(
    session: Session, organisation_id: str, first: date, currency: str | None = None
) -> dict[str, list[Booked]]:
    """The invoices (of this currency) that were issued, open or paid on ``first`` or later, by currency, for sums: those
    that are alike as one.
    """
    return books_together(session, organisation_id, [_concerns(first, currency)])


def _concerns(first: date, currency: str | None) -> Any:
    return and_(
        or_(
            Invoice.issued_on >= first,
            Invoice.fully_paid_on.is_(None),
            Invoice.fully_paid_on >= first,
            Invoice.amount_due != 0,
        ),
        *_in(Invoice.currency, currency),
    )


def issued_within(
    session: Session, organisation_id: str, currency: str, first: date, last: date
) -> list[Booked]:
    """The invoices of a currency that were issued on these days."""
    found = _by_currency(
        session,
        organisation_id,
        and_(Invoice.currency == currency, Invoice.issued_on >= first, Invoice.issued_on <= last),
    )
    return found.get(currency, [])


def issued_together(
    session: Session, organisation_id: str, first: date, last: date | None = None, currency: str | None = None
) -> dict[str, list[Booked]]:
    """The invoices (of this currency) that were issued on these days, by currency, for sums: those that are alike as one."""
    conditions = [Invoice.issued_on >= first, *_in(Invoice.currency, currency)]
    if last is not None:
        conditions.append(Invoice.issued_on <= last)
    return books_together(session, organisation_id, conditions)


def open_from_before(session: Session, organisation_id: str, first: date) -> dict[str, Decimal]:
    """What is open of the invoices that were issued before a day, by currency."""
    rows = session.execute(
        select(Invoice.currency, func.sum(Invoice.amount_due))
        .where(
            Invoice.organisation_id == organisation_id,
            Invoice.status.in_(sorted(COUNTS)),
            Invoice.amount_due != 0,
            Invoice.issued_on < first,
        )
        .group_by(Invoice.currency)
    )
    return {currency: amount for currency, amount in rows}  # noqa: C416  # rows are not pairs to mypy


def _by_currency(session: Session, organisation_id: str, condition: Any) -> dict[str, list[Booked]]:
    found: dict[str, list[Booked]] = defaultdict(list)
    for _, currency, one in booked_invoices(session, organisation_id, [condition]):
        found[currency].append(one)
    return found


def _in(column: Any, currency: str | None) -> list[Any]:
    return [] if currency is None else [column == currency]


def promises_due(
    session: Session, organisation_id: str, first: date, last: date
) -> dict[str, tuple[int, int]]:
    """By currency, of the promises whose days of grace ended on these days: how many were kept, and how many there are."""
    kept = func.sum(case((PromiseToPay.state == "kept", 1), else_=0))
    rows = session.execute(
        select(PromiseToPay.currency, kept, func.count())
        .where(*_judged(organisation_id, first, last))
        .group_by(PromiseToPay.currency)
    )
    return {currency: (int(good), judged) for currency, good, judged in rows}


def promises_judged(
    session: Session, organisation_id: str, currency: str, first: date, last: date
) -> list[tuple[str, date, bool]]:
    """Those that ``promises_due`` counts in a currency: the id, the day on which the grace ended, whether it was kept."""
    rows = session.execute(
        select(PromiseToPay.id, PromiseToPay.grace_until, PromiseToPay.state == "kept").where(
            *_judged(organisation_id, first, last), PromiseToPay.currency == currency
        )
    )
    return [(key, day, bool(kept)) for key, day, kept in rows]


def _judged(organisation_id: str, first: date, last: date) -> list[Any]:
    return [
        PromiseToPay.organisation_id == organisation_id,
        PromiseToPay.state.in_(("kept", "part_kept", "broken")),
        PromiseToPay.grace_until >= first,
        PromiseToPay.grace_until <= last,
    ]


def sends(
    session: Session, organisation_id: str, since: datetime, before: datetime, currency: str | None = None
) -> list[Sent]:
    """The reminders that left in this time, each once for every currency of its invoices (or for this one)."""
    return sends_of_many(session, {(since, before): [organisation_id]}, currency).get(organisation_id, [])


def sends_of_many(
    session: Session,
    spans: Mapping[tuple[datetime, datetime], Collection[str]],
    currency: str | None = None,
) -> dict[str, list[Sent]]:
    """The same by organisation; ``spans``: whose reminders of which time."""
    message, about = Communication, CommunicationInvoice
    rows = session.execute(
        select(
            message.organisation_id, message.id, about.currency, LEFT_AT, went_wrong(), Invoice.fully_paid_on
        )
        .join(
            about,
            and_(about.organisation_id == message.organisation_id, about.communication_id == message.id),
        )
        .join(Invoice, and_(Invoice.organisation_id == about.organisation_id, Invoice.id == about.invoice_id))
        .where(
            _IS_REMINDER,
            or_(
                *(
                    and_(message.organisation_id.in_(ids), since <= LEFT_AT, before > LEFT_AT)
                    for (since, before), ids in spans.items()
                )
            ),
            *_in(about.currency, currency),
        )
    )
    found: dict[tuple[str, str, str], tuple[datetime, bool, list[date]]] = {}
    for whose, key, code, at, wrong, paid_on in rows:
        days = found.setdefault((whose, key, code), (at, bool(wrong), []))[2]
        if paid_on is not None:
            days.append(paid_on)
    by_organisation: dict[str, list[Sent]] = defaultdict(list)
    for (whose, key, code), (at, bad, days) in found.items():
        by_organisation[whose].append(Sent(key, code, at, bad, days))
    return by_organisation


LEFT_AT = func.coalesce(Communication.handed_over_at, Communication.sent_at)
_IS_REMINDER = and_(
    Communication.direction == "out",
    Communication.kind == "chaser",
    Communication.channel.in_(_WRITTEN),
    Communication.status.in_(_LEFT),
)


def left_between(organisation_id: str, since: datetime, before: datetime) -> Any:
    """The reminders of an organisation that left in this time.

    Said of each column by itself, because a database knows how many rows lie between two values of a column, and not of both
    together: taken for few, a year's reminders would be looked up one by one.
    """
    handed_over, sent = Communication.handed_over_at, Communication.sent_at
    return and_(
        Communication.organisation_id == organisation_id,
        _IS_REMINDER,
        or_(
            and_(since <= handed_over, before > handed_over),
            and_(handed_over.is_(None), since <= sent, before > sent),
        ),
    )


def went_wrong() -> Any:
    """Whether a reminder came back, or was answered with “already paid”."""
    return or_(Communication.status == "bounced", _answered_as_paid())


def _answered_as_paid() -> Any:
    """An answer to it was accepted as “paid”, or was the beginning of a claim that it is.

    The few answers are found first: to look for them reminder by reminder takes longer than all the rest of a year's count.
    """
    answer = aliased(Communication)
    answered = select(answer.organisation_id, answer.in_reply_to).where(
        answer.direction == "in", answer.in_reply_to.is_not(None)
    )
    accepted = answered.join(
        Reply,
        and_(Reply.organisation_id == answer.organisation_id, Reply.communication_id == answer.id),
    ).where(Reply.settled_as == "paid")
    claimed = answered.join(
        PaidClaim,
        and_(PaidClaim.organisation_id == answer.organisation_id, PaidClaim.communication_id == answer.id),
    ).where(PaidClaim.state != "withdrawn")
    return tuple_(Communication.organisation_id, Communication.id).in_(union(accepted, claimed))


SUMMED = (
    "sales", "invoices", "settled", "reach_1", "reach_31", "reach_61", "reach_91", "paid_invoices", "paid_amount",
    "paid_on_time", "days_late", "days_to_pay", "amount_days_late", "unpaid_at_90",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthOf:
    """The movements of one month in one currency, of all customers together."""

    currency: str
    month: date
    sums: dict[str, Any]
    last_due: date | None


def months(session: Session, organisation_id: str) -> list[MonthOf]:
    """All months by currency, in their order."""
    table = MonthlyFigure
    rows = session.execute(
        select(
            table.currency,
            table.month,
            func.max(table.last_due),
            *(func.sum(getattr(table, name)) for name in SUMMED),
        )
        .where(table.organisation_id == organisation_id)
        .group_by(table.currency, table.month)
        .order_by(table.currency, table.month)
    )
    return [
        MonthOf(currency, month, dict(zip(SUMMED, sums, strict=True)), last_due)
        for currency, month, last_due, *sums in rows
    ]
