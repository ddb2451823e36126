"""Invoices that were paid as agreed in special terms: somebody is asked for the credit note that the ledger lacks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.credit.special_terms import Standing
from credit_control.facts import Invoice
from credit_control.words import Money
from kit.wording import N_
from services import team_tasks
from services.team_tasks import TaskKind
from store.agreed import agreed
from store.asked import as_facts
from store.facts import policy_of
from store.models import Organisation
from store.queries import customers
from store.queries import special_terms as queries

_BY = "Dunnock"
_WITHIN = timedelta(days=3)
_ENTER = N_(
    "Enter a credit note of {0} for {1} in the ledger: it was paid in time as agreed in special terms, and the rest is not"
    " asked for."
)


def look(session: Session, organisation_id: str, contact_ids: Collection[str], now: datetime) -> set[str]:
    """Ask once for each credit note that is missing, after news of invoices or payments of these customers.

    Gives those of them with special terms back: the day of a payment decides what is asked for. As long as the day of a
    payment is not known, nobody is asked for a credit note.
    """
    concerned = queries.with_any(session, organisation_id, contact_ids)
    for contact_id in sorted(concerned):
        rows = customers.open_invoices(session, organisation_id, contact_id)
        kept = [one for one in as_facts(session, organisation_id, rows) if _is_kept(one)]
        known = agreed(session, organisation_id, [contact_id], [one.id for one in kept]) if kept else {}
        for one in kept:
            if known[one.id].is_dated:
                _ask(session, organisation_id, contact_id, one, now)
    return concerned


def _is_kept(invoice: Invoice) -> bool:
    return invoice.special is not None and invoice.special.standing is Standing.HONOURED


def _ask(session: Session, organisation_id: str, contact_id: str, invoice: Invoice, now: datetime) -> None:
    organisation = session.get_one(Organisation, organisation_id)
    left = Money(invoice.in_full, invoice.currency)
    team_tasks.ask(
        session,
        organisation_id,
        kind=TaskKind.OWN,
        what=_ENTER.format(left, invoice.number),
        due_on=local_day(policy_of(organisation).window, now) + _WITHIN,
        by=_BY,
        now=now,
        contact_id=contact_id,
        invoice_id=invoice.id,
        key=f"credit note {invoice.id} {invoice.in_full}",
    )
