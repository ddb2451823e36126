"""Payments and credits as other programs are told of them: an invoice of which less is due than was known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.words import Money
from kit.wording import N_
from services import feed
from store.queries import mirror
from store.queries.mirror import Amounts, Row

_SETTLED = {"PAID": feed.EventKind.INVOICE_PAID, "AUTHORISED": feed.EventKind.INVOICE_PART_PAID}


def amounts_known(session: Session, organisation_id: str, ids: Collection[str]) -> dict[str, Amounts]:
    """What was paid and credited on these so far; nothing while the ledger is read for the first time."""
    if not ids or not mirror.is_imported(session, organisation_id):
        return {}
    return mirror.amounts(session, organisation_id, ids)


def tell(
    session: Session, organisation_id: str, news: Sequence[Row], before: dict[str, Amounts], now: datetime
) -> None:
    """Tell of each of these rows on which more is paid or credited than before."""
    for row in news:
        old, kind = before.get(row["id"]), _SETTLED.get(row["status"])
        if old is None or kind is None or row["amount_due"] >= old.due:
            continue
        paid, credited = row["amount_paid"] - old.paid, row["amount_credited"] - old.credited
        if paid > 0 or credited > 0:
            feed.tell(
                session,
                organisation_id,
                kind,
                row["contact_id"],
                title=_words(row, paid, credited),
                invoice_ids=[row["id"]],
                now=now,
            )


def _words(row: Row, paid: Decimal, credited: Decimal) -> str:
    """``GBP 100.00 paid on INV-1; GBP 50.00 is still due``"""
    came, gone = Money(paid, row["currency"]), Money(credited, row["currency"])
    what = N_(f"{came} paid and {gone} credited on {row['number']}")
    if paid <= 0:
        what = N_(f"{gone} credited on {row['number']}")
    elif credited <= 0:
        what = N_(f"{came} paid on {row['number']}")
    due = Money(row["amount_due"], row["currency"])
    left = N_(f"{due} is still due") if row["amount_due"] else N_("nothing is due any more")
    return f"{what}; {left}"
