"""What it takes to say which schedule contacts are on, and nothing else: for a look at very many of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from credit_control import facts as rules
from store.facts import contacts, holds, open_invoices
from store.queries.batches import slices


def books(
    session: Session, organisation_id: str, course: rules.Course, contact_ids: Sequence[str]
) -> Iterator[rules.ContactBook]:
    """Books to be placed and to be looked at for holds on the whole contact, in the order of their ids.

    They have no credits, steps, promises or plans, of which placing asks nothing, and invoices only where there are rules.
    """
    for ids in slices(sorted(set(contact_ids))):
        invoices = open_invoices(session, organisation_id, ids, ()) if course.rules else {}
        held = holds(session, organisation_id, ids)
        for contact, _message, _courtesy in contacts(session, organisation_id, course, ids):
            yield rules.ContactBook(
                contact,
                course.schedule,
                tuple(invoices.get(contact.id, ())),
                holds=tuple(held.get(contact.id, ())),
                course=course,
            )
