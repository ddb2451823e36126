"""Whole books for sums: invoices that are alike in their days are added up by the database and read as one.

Of a large ledger nearly all invoices are of two kinds: nothing was taken off them yet, or they were paid whole on one day.
These come as one row for each issue day, due day and day of payment, of which there are few however many invoices there are.
All others are read one by one. What is added up over them is the same as over all one by one (``books.together``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, and_, case, func, literal, or_, select, type_coerce, union_all
from sqlalchemy.orm import Session

from credit_control.figures.books import Booked, booked, together
from store.models import Allocation, Invoice, Payment
from store.queries.figures_kept import DELETED, counting, movements_of

_NOTHING = Decimal(0)


def books_together(
    session: Session, organisation_id: str, conditions: Sequence[Any]
) -> dict[str, list[Booked]]:
    """The invoices that count and fit, by currency; those that are alike as one."""
    rows = session.connection().execute(_grouped(organisation_id, conditions)).all()
    counts = counting(organisation_id, conditions)
    movements = movements_of(session, organisation_id, [row[0] for row in rows if row[0]], counts)
    found: dict[str, list[Booked]] = defaultdict(list)
    for key, currency, issued_on, due_on, paid_on, undated, total, left, invoices in rows:
        found[currency].append(
            booked(
                own_id=key,
                issued_on=issued_on,
                due_on=due_on,
                total=total,
                amount_due=left,
                fully_paid_on=paid_on,
                movements=movements.get(key, ()),
            )
            if key
            else together(
                issued_on=issued_on,
                due_on=due_on,
                total=total,
                left=left,
                paid_on=paid_on,
                invoices=invoices,
                undated=total if undated else _NOTHING,
            )
        )
    return found


def _grouped(organisation_id: str, conditions: Sequence[Any]) -> Any:
    """(id, currency, issued on, due on, paid on, whether undated, total, due, how many); an id: this one alone.

    What is grouped by is named inside, so that both databases see that it is the same.
    """
    dated = _dated(organisation_id).subquery()
    waits = and_(Invoice.total > 0, Invoice.amount_due == Invoice.total)
    paid = and_(
        Invoice.total > 0,
        Invoice.amount_due == 0,
        Invoice.fully_paid_on.is_not(None),
        or_(
            dated.c.invoice_id.is_(None),
            and_(dated.c.first >= Invoice.fully_paid_on, dated.c.least > 0),
        ),
    )
    less = or_(dated.c.invoice_id.is_(None), dated.c.amount < Invoice.total)
    its = (
        select(
            case((or_(waits, paid), literal("")), else_=Invoice.id).label("key"),
            Invoice.currency,
            Invoice.issued_on,
            Invoice.due_on,
            type_coerce(case((waits, None), else_=Invoice.fully_paid_on), Date).label("paid_on"),
            case((and_(paid, less), 1), else_=0).label("undated"),
            Invoice.total,
            Invoice.amount_due,
        )
        .outerjoin(dated, dated.c.invoice_id == Invoice.id)
        .where(*counting(organisation_id, conditions))
        .subquery()
    )
    days = (its.c.key, its.c.currency, its.c.issued_on, its.c.due_on, its.c.paid_on, its.c.undated)
    return select(*days, func.sum(its.c.total), func.sum(its.c.amount_due), func.count()).group_by(*days)


def _dated(organisation_id: str) -> Any:
    """By invoice, the first day of what the ledger has dated of it, the sum, and the least of the amounts."""
    payments = select(Payment.invoice_id, Payment.paid_on.label("on"), Payment.amount).where(
        Payment.organisation_id == organisation_id,
        Payment.invoice_id.is_not(None),
        Payment.status != DELETED,
    )
    allocated = select(Allocation.invoice_id, Allocation.applied_on, Allocation.amount).where(
        Allocation.organisation_id == organisation_id
    )
    each = union_all(payments, allocated).subquery()
    return select(
        each.c.invoice_id,
        func.min(each.c.on).label("first"),
        func.sum(each.c.amount).label("amount"),
        func.min(each.c.amount).label("least"),
    ).group_by(each.c.invoice_id)
