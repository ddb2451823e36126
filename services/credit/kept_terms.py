"""Invoices that were paid as agreed in special terms: somebody is asked for the credit note that the ledger lacks.

One task for each invoice, which is finished by itself when the ledger has nothing left of the invoice: an allocated credit
note does that. One that is on the contact alone names no invoice, so it may be for another, and the task waits.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.credit.special_terms import Standing
from credit_control.facts import Invoice
from credit_control.stops import is_open
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
from store.queries import team_tasks as tasks
from store.queries.occasion_reasons import fact_of

_BY = "Dunnock"
_WITHIN = timedelta(days=3)
_ENTER = N_(
    "Enter a credit note of {0} in the ledger and allocate it to {1}: it was paid in time as agreed in special terms, and the"
    " rest is not asked for. This task is finished by itself when the ledger shows it allocated."
)


def look(session: Session, organisation_id: str, contact_ids: Collection[str], now: datetime) -> set[str]:
    """Ask for each credit note that is missing, and for none that is not, after news of invoices or payments of these customers.

    Gives those of them with special terms back: the day of a payment decides what is asked for. As long as the day of a
    payment is not known, nobody is asked for a credit note.
    """
    concerned = queries.with_any(session, organisation_id, contact_ids)
    for contact_id in sorted(concerned):
        rows = customers.open_invoices(session, organisation_id, contact_id)
        kept = [one for one in as_facts(session, organisation_id, rows) if _is_kept(one)]
        known = agreed(session, organisation_id, [contact_id], [one.id for one in kept]) if kept else {}
        missing = {one.id: one for one in kept if known[one.id].is_dated}
        undated = {one.id for one in kept} - missing.keys()
        for one in missing.values():
            _ask(session, organisation_id, contact_id, one, now)
        _finish(session, organisation_id, contact_id, missing.keys() | undated, now)
    return concerned


def _is_kept(invoice: Invoice) -> bool:
    return invoice.special is not None and invoice.special.standing is Standing.HONOURED


def _ask(session: Session, organisation_id: str, contact_id: str, invoice: Invoice, now: datetime) -> None:
    """Ask for it, or for another amount than before; a colleague who finished the task for this amount is not asked again."""
    organisation = session.get_one(Organisation, organisation_id)
    what = _ENTER.format(Money(invoice.in_full, invoice.currency), invoice.number)
    task = team_tasks.ask(
        session,
        organisation_id,
        kind=TaskKind.OWN,
        what=what,
        due_on=local_day(policy_of(organisation).window, now) + _WITHIN,
        by=_BY,
        now=now,
        contact_id=contact_id,
        invoice_id=invoice.id,
        key=_key(invoice.id),
    )
    is_other = task.what != what
    task.what = what
    if task.finished_at is not None and (is_other or task.finished_by == _BY):
        team_tasks.reopen(session, organisation_id, task.id, by=_BY, now=now)
    session.flush()


def _finish(
    session: Session, organisation_id: str, contact_id: str, missing: Collection[str], now: datetime
) -> None:
    """Finish what was asked about invoices of this customer for which no credit note is missing any more."""
    about = {
        one.invoice_id for one in tasks.of_contact(session, organisation_id, contact_id) if one.invoice_id
    }
    for invoice_id in sorted(about - set(missing)):
        invoice = customers.invoice(session, organisation_id, invoice_id)
        if invoice is None or invoice.contact_id == contact_id or not is_open(fact_of(invoice)):
            team_tasks.finish_about(session, organisation_id, key=_key(invoice_id), by=_BY, now=now)


def _key(invoice_id: str) -> str:
    return f"credit note {invoice_id}"
