"""What decisions are made from: the organisation's wishes, its schedule, and the books of its contacts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from credit_control.facts import ContactBook, Course, Policy
from kit.errors import UserError
from kit.wording import _
from store import facts
from store.courses import course_of
from store.database import sends_texts
from store.models import Organisation
from store.queries import planning, templates
from store.queries.batches import slices

CHUNK = 1_000
"""Contacts that are read, decided and written in one go: a tenth of a second, so that nobody waits long."""

_ASKED_ABOUT_FORMAL = "formal_steps"


@dataclass(frozen=True, slots=True)
class Desk:
    """One organisation, ready to decide."""

    organisation: Organisation
    policy: Policy
    course: Course
    formal_texts: frozenset[str] = frozenset()
    """The texts that wait for a yes, where the organisation wants to be asked about formal letters."""


def desk_of(session: Session, organisation_id: str) -> Desk:
    """The desk of an organisation; ``UserError`` when there is none, or it has no schedule."""
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise UserError(_("There is no such organisation; connect it first."))
    course = course_of(session, organisation_id)
    if course is None:
        raise UserError(
            _(
                "%(organisation_name)s has no schedule to chase by; connect it again to get the default one.",
                organisation_name=organisation.name,
            )
        )
    formal = frozenset[str]()
    if organisation.approval == _ASKED_ABOUT_FORMAL:
        formal = templates.that_start_conversations(session, organisation_id)
    return Desk(organisation, facts.policy_of(organisation, texts=sends_texts(session)), course, formal)


def open_books(session: Session, desk: Desk) -> Iterator[ContactBook]:
    """The books of all contacts with open invoices."""
    return some_books(session, desk, planning.contacts_with_open_invoices(session, desk.organisation.id))


def some_books(session: Session, desk: Desk, contact_ids: Sequence[str]) -> Iterator[ContactBook]:
    """The books of these contacts, a chunk at a time."""
    for ids in slices(contact_ids, CHUNK):
        yield from facts.books(session, desk.organisation.id, desk.course, ids)


def one_book(
    session: Session, desk: Desk, contact_id: str, also: frozenset[str] = frozenset()
) -> ContactBook | None:
    """The book of one contact, with the invoices ``also`` even when they are closed."""
    found = facts.books(session, desk.organisation.id, desk.course, [contact_id], also)
    return found[0] if found else None
