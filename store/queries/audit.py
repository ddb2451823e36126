"""The audit log: reading it, and the names of what its entries are about."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, delete, func, or_, select, tuple_
from sqlalchemy.orm import Session

from store import append_only
from store.models import (
    AuditEntry,
    Contact,
    Invoice,
    Membership,
    Organisation,
    Person,
    Schedule,
    Sender,
    Template,
)

Place = tuple[datetime, str]
"""Where an entry stands: its moment and its id."""
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are looked for; what is None does not matter."""

    who: str | None = None
    """A person's id."""
    via: str | None = None
    """page, api, command, clock, customer"""
    subject: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    text: str = ""
    about: tuple[str, str] | None = None
    """A subject and its id: all that happened to this one thing."""
    by_practice: bool = False
    """Only what somebody did as staff of a practice."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of what entries are about, by its id."""

    contacts: dict[str, str] = field(default_factory=dict)
    invoices: dict[str, str] = field(default_factory=dict)
    schedules: dict[str, str] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    senders: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)


def page(
    session: Session, organisation_id: str, wanted: Filter, after: Place | None, limit: int
) -> Sequence[AuditEntry]:
    """The entries behind a place, the newest first."""
    found = _chosen(session, organisation_id, wanted)
    if after:
        found = found.where(tuple_(AuditEntry.at, AuditEntry.id) < tuple_(*after))
    newest = found.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    return session.scalars(newest.limit(limit)).all()


def members(session: Session, organisation_id: str) -> list[tuple[str, str]]:
    """The ids and names of the organisation's members, to choose one by."""
    theirs = select(Person.id, Person.name).join(Membership, Membership.person_id == Person.id)
    found = session.execute(theirs.where(Membership.organisation_id == organisation_id).order_by(Person.name))
    return [(row.id, row.name) for row in found]


def organisations_of(session: Session, person_id: str) -> Sequence[str]:
    """The organisations of which somebody is a member."""
    mine = select(Membership.organisation_id).where(Membership.person_id == person_id)
    return session.scalars(mine.order_by(Membership.organisation_id)).all()


def names(session: Session, organisation_id: str, entries: Collection[AuditEntry]) -> Names:
    """The names of what these entries are about, by as many statements however many they are."""
    named = _ids(entries)

    def of(table: Any, words: Any, ids: Iterable[str]) -> dict[str, str]:
        rows = select(table.id, words).where(
            table.organisation_id == organisation_id, table.id.in_(sorted(ids))
        )
        return {row[0]: row[1] for row in session.execute(rows)}

    people = select(Person.id, Person.name).where(Person.id.in_(sorted(named)))
    return Names(
        of(Contact, Contact.name, {one.contact_id for one in entries if one.contact_id}),
        of(Invoice, Invoice.number, {one.invoice_id for one in entries if one.invoice_id}),
        of(Schedule, Schedule.name, named),
        of(Template, Template.name, named),
        of(Sender, Sender.name, named),
        {row.id: row.name for row in session.execute(people)},
    )


def kept_for(session: Session) -> Sequence[tuple[str, int]]:
    """The organisations, each with the days for which it keeps its log."""
    found = session.execute(select(Organisation.id, Organisation.audit_kept_days).order_by(Organisation.id))
    return [(row.id, row.audit_kept_days) for row in found]


def forget(session: Session, organisation_id: str | None, before: datetime) -> int:
    """Remove entries from before this moment, a few thousand of them; how many there were."""
    whose = (
        AuditEntry.organisation_id.is_(None)
        if organisation_id is None
        else AuditEntry.organisation_id == organisation_id
    )
    connection = session.connection()
    old = select(AuditEntry.id).where(whose, AuditEntry.at < before, append_only.old_enough(connection))
    ids = list(session.scalars(old.order_by(AuditEntry.at).limit(_AT_ONCE)))
    connection.execute(delete(AuditEntry).where(AuditEntry.id.in_(ids)))
    return len(ids)


def _ids(entries: Iterable[AuditEntry]) -> set[str]:
    """Whatever in these entries may be the id of something that has a name."""
    found: set[str] = set()
    for entry in entries:
        found.update(filter(None, (entry.subject_id, entry.person_id)))
        for values in (entry.before, entry.after):
            found.update(one for one in (values or {}).values() if isinstance(one, str) and len(one) == 32)
    return found


def _chosen(session: Session, organisation_id: str, wanted: Filter) -> Select[AuditEntry]:
    found = select(AuditEntry).where(AuditEntry.organisation_id == organisation_id)
    if wanted.who:
        found = found.where(AuditEntry.person_id == wanted.who)
    if wanted.by_practice:
        found = found.where(AuditEntry.practice_id.is_not(None))
    if wanted.via:
        found = found.where(AuditEntry.via == wanted.via)
    if wanted.subject:
        found = found.where(AuditEntry.subject == wanted.subject)
    if wanted.about:
        found = found.where(AuditEntry.subject == wanted.about[0], AuditEntry.subject_id == wanted.about[1])
    if wanted.since:
        found = found.where(AuditEntry.at >= wanted.since)
    if wanted.before:
        found = found.where(AuditEntry.at < wanted.before)
    return found.where(_says(session, organisation_id, wanted.text)) if wanted.text else found


def _says(session: Session, organisation_id: str, words: str) -> ColumnElement[bool]:
    """Entries that say this: by whom, about which customer, invoice, schedule or text, or from what to what."""
    # SQLite keeps JSON with its letters beyond ASCII escaped; PostgreSQL has them as they are.
    stored = words if session.get_bind().dialect.name == "postgresql" else json.dumps(words)[1:-1]

    def named(table: Any, column: Any) -> Select[Any]:
        return select(table.id).where(
            table.organisation_id == organisation_id, column.icontains(words, autoescape=True)
        )

    def holds(column: Any) -> ColumnElement[bool]:
        return func.coalesce(cast(column, String), "").icontains(stored, autoescape=True)

    return or_(
        AuditEntry.who.icontains(words, autoescape=True),
        holds(AuditEntry.before),
        holds(AuditEntry.after),
        AuditEntry.contact_id.in_(named(Contact, Contact.name)),
        AuditEntry.invoice_id.in_(named(Invoice, Invoice.number)),
        AuditEntry.subject_id.in_(named(Schedule, Schedule.name)),
        AuditEntry.subject_id.in_(named(Template, Template.name)),
    )
