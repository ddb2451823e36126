"""Deciding how much a customer may owe: who, when, from, to and why, all of it kept."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.words import Money, decimals
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import records
from services.credit import alerts
from store.models import CreditLimit
from store.queries import credit as queries
from store.queries import customers, sending

LONGEST_REASON = 1_000
NO_LIMIT = "no limit"
_MOST = Decimal(10) ** 12


def decide(
    session: Session,
    organisation_id: str,
    contact_id: str,
    *,
    currency: str,
    amount: Decimal | None,
    why: str,
    by: str,
    now: datetime,
) -> CreditLimit:
    """Set the limit of a customer in a currency; an ``amount`` of None says that there is none.

    It is noted in the ledger, and whoever owes more than the new limit is told of at once. The same limit again changes
    nothing. ``UserError`` says what is missing. The caller rings for the notes.
    """
    contact = customers.contact(session, organisation_id, contact_id)
    if contact is None:
        raise UserError(_("There is no such customer in this organisation."))
    reason = " ".join(why.split())[:LONGEST_REASON]
    if not reason:
        raise UserError(_("Say why the limit is as it is, so that a colleague understands it later."))
    if amount is not None:
        _check(amount, currency)
    sending.lock_organisation(session, organisation_id)
    before = queries.limits(session, organisation_id, [contact_id]).get((contact_id, currency))
    if before and before.amount == amount:
        return before
    if before:
        before.stands = False
        session.flush()
    row = CreditLimit(
        organisation_id=organisation_id,
        id=new_id(),
        contact_id=contact_id,
        currency=currency,
        amount=amount,
        before=before.amount if before else None,
        why=reason,
        decided_by=by,
        decided_at=now,
        stands=True,
    )
    session.add(row)
    session.flush()
    records.record(
        session,
        organisation_id,
        contact_id,
        [],
        channel="note",
        kind="limit",
        text=reason,
        by=by,
        now=now,
        outcome=N_(f"{words_of(row.amount, currency)}, until now {words_of(row.before, currency)}"),
    )
    alerts.look(session, organisation_id, [contact_id], now)
    return row


def words_of(amount: Decimal | None, currency: str) -> str:
    """``GBP 10,000.00``, or that there is none."""
    return NO_LIMIT if amount is None else str(Money(amount, currency))


def _check(amount: Decimal, currency: str) -> None:
    if amount < 0:
        raise UserError(_("A credit limit is nought or more; without a limit, say that there is none."))
    if amount >= _MOST or amount != amount.quantize(Decimal(1).scaleb(-decimals(currency))):
        raise UserError(_("This is no amount of %(currency)s.", currency=currency))
