"""Single invoices as facts, with what is asked for of them: for what is written outside of planning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.credit.special_terms import Standing
from store.agreed import under_terms, with_dispute
from store.models import Invoice
from store.queries import disputes
from store.queries.occasion_reasons import fact_of


def as_facts(session: Session, organisation_id: str, invoices: Collection[Invoice]) -> list[facts.Invoice]:
    """The same invoices in the same order, each knowing what is asked for of it today."""
    resting = disputes.resting(session, organisation_id, {one.contact_id for one in invoices})
    by_contact: dict[str, list[facts.Invoice]] = defaultdict(list)
    for one in invoices:
        by_contact[one.contact_id].append(with_dispute(fact_of(one), resting.get(one.id)))
    known = under_terms(session, organisation_id, by_contact)
    by_id = {one.id: one for found in known.values() for one in found}
    return [by_id[one.id] for one in invoices]


def asked_for(session: Session, organisation_id: str, invoices: Collection[Invoice]) -> dict[str, Decimal]:
    """What is asked for of these invoices today, by id."""
    return {one.id: one.asked_for for one in as_facts(session, organisation_id, invoices)}


def in_instalments(
    session: Session, organisation_id: str, invoices: Collection[Invoice]
) -> dict[str, Decimal]:
    """What a payment plan over these invoices comes to, by id: a discount for who pays by a day is none for instalments."""
    found = as_facts(session, organisation_id, invoices)
    return {one.id: one.in_full if one.asked_for > 0 else Decimal(0) for one in found}


def spared(session: Session, organisation_id: str, invoices: Collection[Invoice], today: date) -> set[str]:
    """The ids of those about which no claim is made: an agreed discount is open or earned, or the agreed day is to come."""
    found = as_facts(session, organisation_id, invoices)
    return {one.id for one in found if _is_spared(one, today)}


def _is_spared(invoice: facts.Invoice, today: date) -> bool:
    if invoice.due_in_ledger is not None and invoice.due_on >= today:
        return True
    return invoice.special is not None and invoice.special.standing in (Standing.OFFERED, Standing.HONOURED)
