"""What the tests of mails beside chasers do and look at."""

from __future__ import annotations

from credit_control.occasions import OccasionKind
from kit import clock
from services.mirror.write import store_payments
from services.occasions import switches
from store.models import Communication
from tests.support.chasing import Chasing


def want(org: Chasing, kind: OccasionKind, *, on: bool = True) -> None:
    """A person switches such mails on (or off), and the rules look at everybody."""
    switches.switch(org.app, org.organisation_id, kind, on=on, by="Anna Hale")
    org.plan()


def others(org: Chasing, kind: OccasionKind, *statuses: str) -> list[Communication]:
    """The mails of this kind, whatever became of them, or with one of these statuses."""
    rows = org._all(Communication)
    return [row for row in rows if row.kind == kind and (not statuses or row.status in statuses)]


def paid(org: Chasing, *invoices: str) -> list[str]:
    """The customer pays these invoices in full today, and the mirror learns of it; the payments' ledger ids."""
    org.ledger.now = clock.now()
    payments = [org.ledger.pay(invoice) for invoice in invoices]
    org.mirror()
    with org.app.database.write(org.organisation_id) as session:
        store_payments(session, org.organisation_id, list(org.ledger.payment_book.values()), clock.now())
    org.plan()
    return payments
