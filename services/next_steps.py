"""What comes next for invoices, for lists: one look at the books of all their contacts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from credit_control.decide import decide
from credit_control.decisions import NextStep
from store import facts
from store.courses import course_of
from store.database import sends_texts
from store.models import Organisation


def next_steps(
    session: Session, organisation_id: str, contact_ids: Collection[str], now: datetime
) -> dict[str, NextStep]:
    """The next step of each open invoice of these contacts that has one."""
    course = course_of(session, organisation_id)
    if course is None or not contact_ids:
        return {}
    organisation = session.get_one(Organisation, organisation_id)
    policy = facts.policy_of(organisation, texts=sends_texts(session))
    return {
        one.invoice_id: one.next_step
        for book in facts.books(session, organisation_id, course, list(contact_ids))
        for one in decide(book, policy, now).invoices
        if one.next_step
    }
