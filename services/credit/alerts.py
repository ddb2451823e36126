"""Telling of customers who owe more than they may: in the change that takes the invoice over which broke the limit.

A breach is one row as long as it goes on, so it is told once: on the timeline, in the ledger's notes, to other programs, and
as a task of whoever looks after the customer. It ends by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.credit.limits import Use
from credit_control.words import Money
from kit.ids import new_id
from kit.wording import N_
from services import records, team_tasks
from services.credit import watches
from services.team_tasks import TaskKind
from store.facts import policy_of
from store.models import CreditAlert, Invoice, Organisation
from store.queries import credit as queries

BY_ITSELF = "Dunnock"


def look(
    session: Session,
    organisation_id: str,
    contact_ids: Collection[str],
    now: datetime,
    news: Collection[str] = (),
) -> None:
    """Raise and end alerts of these customers as they stand now; ``news`` are the invoices that have just changed.

    Within the caller's change. Customers without a limit cost one statement in all.
    """
    limits = queries.limits(session, organisation_id, contact_ids)
    if not limits:
        return
    concerned = {contact_id for contact_id, _ in limits}
    owed = queries.owed(session, organisation_id, concerned)
    standing = queries.standing_alerts(session, organisation_id, concerned)
    for key, limit in sorted(limits.items()):
        use = queries.use_of(owed.get(key), limit.currency, limit)
        alert = standing.get(key)
        if use.exceeded and alert is None:
            _raise(session, organisation_id, limit.contact_id, use, now, news)
        elif alert and not use.exceeded:
            _end(session, alert, now)
            if not queries.standing_alerts(session, organisation_id, [limit.contact_id]):
                watches.withdraw(session, organisation_id, limit.contact_id, rule=watches.LIMIT, now=now)


def _raise(
    session: Session,
    organisation_id: str,
    contact_id: str,
    use: Use,
    now: datetime,
    news: Collection[str],
) -> None:
    limit = use.limit or Decimal(0)
    invoice = queries.newest(session, organisation_id, contact_id, use.currency, news) if news else None
    alert = CreditAlert(
        organisation_id=organisation_id,
        id=new_id(),
        contact_id=contact_id,
        currency=use.currency,
        limit_amount=limit,
        exposure=use.exposure,
        invoice_id=invoice.id if invoice else None,
        raised_at=now,
    )
    session.add(alert)
    session.flush()
    over = Money(use.exposure - limit, use.currency)
    records.record(
        session,
        organisation_id,
        contact_id,
        [invoice] if invoice else [],
        channel="note",
        kind="limit_exceeded",
        text=_sentence(use, limit, invoice),
        by=BY_ITSELF,
        now=now,
        outcome=N_(f"{over} over the limit of {Money(limit, use.currency)}"),
    )
    watches.propose(
        session,
        organisation_id,
        contact_id,
        rule=watches.LIMIT,
        reason=f"Owes {over} more than its limit of {Money(limit, use.currency)}",
        now=now,
    )
    window = policy_of(session.get_one(Organisation, organisation_id)).window
    team_tasks.ask(
        session,
        organisation_id,
        kind=TaskKind.CREDIT,
        what=N_(
            f"Owes {over} more than its limit of {Money(limit, use.currency)}: decide whether it gets more credit."
        ),
        due_on=local_day(window, now),
        by=BY_ITSELF,
        now=now,
        contact_id=contact_id,
        invoice_id=invoice.id if invoice else None,
        key=_key(alert),
    )


def _sentence(use: Use, limit: Decimal, invoice: Invoice | None) -> str:
    owed, most = Money(use.exposure, use.currency), Money(limit, use.currency)
    if invoice:
        return N_(f"{owed} is owed with invoice {invoice.number}, and {most} may be.")
    return N_(f"{owed} is owed, and {most} may be.")


def _end(session: Session, alert: CreditAlert, now: datetime) -> None:
    alert.ended_at = now
    session.flush()
    team_tasks.finish_about(session, alert.organisation_id, key=_key(alert), by=BY_ITSELF, now=now)


def _key(alert: CreditAlert) -> str:
    return f"credit alert {alert.id}"
