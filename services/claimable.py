"""Of whom something could be claimed: whose overdue, undisputed invoices a letter or a collections agency could be about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control.pre_action import Regime
from kit.errors import UserError
from services import claim_letters, collections_file
from services.outlook_shapes import totals
from store.models import Contact, Hold, Invoice
from store.queries import claim_letters as queries
from store.queries import customers
from store.queries import late_payment as late_payment_queries


@dataclass(frozen=True, slots=True)
class Claimable:
    """A customer with invoices that are overdue and not on hold by themselves."""

    contact: Contact
    invoices: Sequence[Invoice]
    owed: dict[str, Decimal]
    """By currency; interest is not in it."""
    rules: Regime | None
    """Those of a letter before action; None: ``problem`` says what is missing."""
    problem: str | None
    handed_over_at: datetime | None
    """Since when it has been with an agency; None: it is not."""


def claimable(session: Session, organisation_id: str, today: date, limit: int) -> list[Claimable]:
    """At most so many customers, those with the oldest debts first."""
    found = queries.claimable_by_contact(session, organisation_id, today, limit)
    ids = [contact.id for contact, _ in found]
    terms = late_payment_queries.terms(session, organisation_id, ids)
    holds = customers.holds_of(session, organisation_id, ids, today)
    told: list[Claimable] = []
    for contact, invoices in found:
        rules, problem = None, None
        try:
            rules = claim_letters.rules_by(contact, terms.get(contact.id))
        except UserError as error:
            problem = str(error)
        owed = totals((one.currency, one.amount_due) for one in invoices)
        told.append(Claimable(contact, invoices, owed, rules, problem, _since(holds.get(contact.id, ()))))
    return told


def _since(holds: Sequence[Hold]) -> datetime | None:
    return min((one.created_at for one in holds if collections_file.is_hand_over(one)), default=None)
