"""Single invoices as facts, with what of them is in dispute: for what is written outside of planning."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy.orm import Session

from credit_control import facts
from store.models import Invoice
from store.queries import disputes
from store.queries.occasion_reasons import fact_of


def as_facts(session: Session, organisation_id: str, invoices: Collection[Invoice]) -> list[facts.Invoice]:
    """The same invoices in the same order, each knowing what is asked for of it."""
    resting = disputes.resting(session, organisation_id, {one.contact_id for one in invoices})
    return [
        replace(
            fact_of(one),
            disputed=resting[one.id].amount,
            disputed_because=resting[one.id].because,
            credit_is_due=resting[one.id].credit_is_due,
        )
        if one.id in resting
        else fact_of(one)
        for one in invoices
    ]
