"""Deciding how much a customer may owe: who, when, from, to and why, all of it kept."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.words import Money, decimals
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import records, second_eyes
from services.credit import alerts, proposal_events
from services.second_eyes import Kind, Wanted
from store.models import Contact, CreditLimit
from store.queries import credit as queries
from store.queries import credit_proposals, customers, figures_kept, sending

LONGEST_REASON = 1_000
NO_LIMIT = "no limit"
RAISE = "credit_limit"
"""The act of raising a limit, where two people are wanted for it."""
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
    nothing; to raise it takes two people where they are wanted. ``UserError`` says what is missing. The caller rings
    for the notes.
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
    if before and before.amount is not None and (amount is None or amount > before.amount):
        _second_yes(session, contact, currency, before.amount, amount, reason)
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
    _lower_ones_are_over(session, row, now)
    figures_kept.mark_stale(session, organisation_id, [contact_id])  # a limit is among what risk is made of
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


def _second_yes(
    session: Session, contact: Contact, currency: str, before: Decimal, amount: Decimal | None, why: str
) -> None:
    """Stop here where the organisation wants two people for a limit that is raised."""
    title = f"Raise the credit limit of {contact.name} from {words_of(before, currency)} to {words_of(amount, currency)}"
    details = {
        "contact_id": contact.id,
        "currency": currency,
        "before": f"{before:f}",
        "amount": None if amount is None else f"{amount:f}",
        "why": why,
    }
    second_eyes.check(session, contact.organisation_id, Kind.CREDIT, Wanted(RAISE, title, details))


def _lower_ones_are_over(session: Session, decided: CreditLimit, now: datetime) -> None:
    """What was proposed in place of the limit until now is proposed no more."""
    key = (decided.contact_id, decided.currency)
    waiting = credit_proposals.waiting(
        session, decided.organisation_id, [decided.contact_id], credit_proposals.LIMIT
    ).get(key)
    if waiting:
        waiting.state, waiting.decided_by, waiting.decided_at = credit_proposals.OVER, decided.decided_by, now
        session.flush()
        proposal_events.tell(session, waiting, now)


def words_of(amount: Decimal | None, currency: str) -> str:
    """``GBP 10,000.00``, or that there is none."""
    return NO_LIMIT if amount is None else str(Money(amount, currency))


def _check(amount: Decimal, currency: str) -> None:
    if amount < 0:
        raise UserError(_("A credit limit is nought or more; without a limit, say that there is none."))
    if amount >= _MOST or amount != amount.quantize(Decimal(1).scaleb(-decimals(currency))):
        raise UserError(_("This is no amount of %(currency)s.", currency=currency))
