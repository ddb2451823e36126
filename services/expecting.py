"""Entering promised days into the ledger as the payment dates that it expects.

What is to be entered is stored with the promise. The ledger may have a reason to refuse (a part is paid already, the
period is locked): then the note on the invoice alone tells of the promise. A date that is there already is not
entered again, and after a first try (of this date or of an earlier one) the invoice is read before anything is written
once more. Each try has a key of its own, because a day that is promised there and back again is no repetition.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from integration.ledger import Ledger
from kit.wording import N_
from services.invoice_entries import Entries
from store.queries import expected_dates as queries
from store.queries.expected_dates import Expected


class _Dates(Entries[Expected]):
    what = N_("a promised day waits to be entered")

    def organisations(self, session: Session, now: datetime) -> Iterable[str]:
        return queries.organisations_with_dates(session, now)

    def claim(
        self, session: Session, organisation_id: str, now: datetime, until: datetime
    ) -> Expected | None:
        return queries.claim_next(session, organisation_id, now, until)

    def enter(self, ledger: Ledger, one: Expected) -> None:
        if not _is_there(ledger, one):
            key = f"dunnock-expected-{one.invoice_id}-{one.on.isoformat()}-{one.attempts}"
            ledger.expect_payment(one.ledger_id, one.on, idempotency_key=key)

    def settle(self, session: Session, organisation_id: str, one: Expected, **values: object) -> None:
        queries.settle(session, organisation_id, one, **values)

    def postpone_all(self, session: Session, organisation_id: str, at: datetime) -> None:
        queries.postpone_all(session, organisation_id, at)


def _is_there(ledger: Ledger, expected: Expected) -> bool:
    if not expected.attempts:
        return expected.invoice_date == expected.on
    return any(invoice.expected_on == expected.on for invoice in ledger.invoices([expected.ledger_id]))


_DATES = _Dates()
due, write, write_with = _DATES.due, _DATES.write, _DATES.write_with
