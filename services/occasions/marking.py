"""Marking invoices as sent in the ledger, once their mail has left.

What is to be marked is stored with the mail's end. After a lost answer the invoice is read before anything is
written again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from integration.ledger import Ledger
from kit.wording import N_
from services.invoice_entries import Entries
from store.queries import sent_marks as queries
from store.queries.sent_marks import Mark


class _Marks(Entries[Mark]):
    what = N_("an invoice waits to be marked as sent")

    def organisations(self, session: Session, now: datetime) -> Iterable[str]:
        return queries.organisations_with_marks(session, now)

    def claim(self, session: Session, organisation_id: str, now: datetime, until: datetime) -> Mark | None:
        return queries.claim_next(session, organisation_id, now, until)

    def enter(self, ledger: Ledger, one: Mark) -> None:
        if not (one.unsure and _is_marked(ledger, one)):
            ledger.mark_as_sent(one.ledger_id, idempotency_key=f"dunnock-sent-{one.invoice_id}")

    def settle(self, session: Session, organisation_id: str, one: Mark, **values: object) -> None:
        queries.settle(session, organisation_id, one.invoice_id, **values)

    def postpone_all(self, session: Session, organisation_id: str, at: datetime) -> None:
        queries.postpone_all(session, organisation_id, at)

    def after_failure(self, one: Mark, *, lost: bool) -> dict[str, object]:
        """Whoever surely did not mark it needs not look before trying again."""
        return {} if lost or one.unsure else {"first_tried_at": None}


def _is_marked(ledger: Ledger, mark: Mark) -> bool:
    return any(invoice.sent for invoice in ledger.invoices([mark.ledger_id]))


_MARKS = _Marks()
due, write, write_with = _MARKS.due, _MARKS.write, _MARKS.write_with
