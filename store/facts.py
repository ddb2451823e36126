"""Rows to facts: what the mirror and our own record say of contacts, in the words of the rules.

The bulk loader reads many contacts in five statements and makes no objects but the facts themselves,
because planning reads a whole ledger this way. Amounts and days arrive as the database keeps them and
are turned into facts here.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, literal_column, select, type_coerce
from sqlalchemy.orm import Session

from credit_control import facts
from store import models
from store.queries.batches import slices
from store.types import money

MOST_RECIPIENTS = 6
"""The ledger's own mails go to the contact and at most five further persons."""

_LONGEST_DELAY = 10
_ADDRESS = re.compile(r'[^@\s<>()\[\],;:"\\\x00-\x1f\x7f]{1,64}@[^@\s<>()\[\],;:"\\\x00-\x1f\x7f]{1,189}')
_OPEN = "invoices.status = 'AUTHORISED' AND invoices.amount_due > 0"
"""Written out, so that both databases can use the partial index of open invoices."""
_IS_OPEN: ColumnElement[bool] = literal_column(f"({_OPEN})")
_IS_CLOSED: ColumnElement[bool] = literal_column(f"NOT ({_OPEN})")


@dataclass(frozen=True, slots=True)
class Course:
    """The schedule in force, and what steps of older versions count for in it."""

    schedule: facts.Schedule
    positions: Mapping[tuple[str, int], int]
    """(version id, position) of any step ever taken, to the position that is behind with it."""


def policy_of(organisation: models.Organisation) -> facts.Policy:
    """The organisation's wishes, with the start of its mails spread over the first minutes of the window."""
    opens, closes = organisation.opens, organisation.closes
    minutes = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
    spread = max(1, min(_LONGEST_DELAY, minutes // 6))
    return facts.Policy(
        facts.SendingWindow(
            zone=organisation.timezone,
            days=frozenset(organisation.sending_days),
            opens=opens,
            closes=closes,
            opening_delay_minutes=zlib.crc32(organisation.id.encode()) % spread,
        )
    )


def course_of(session: Session, organisation_id: str) -> Course | None:
    """The newest version of the default schedule; None before the organisation has one."""
    version, schedule = models.ScheduleVersion, models.Schedule
    rows = session.execute(
        select(version.id, version.number, version.steps, schedule.name, schedule.is_default)
        .join(
            schedule,
            (schedule.organisation_id == version.organisation_id) & (schedule.id == version.schedule_id),
        )
        .where(version.organisation_id == organisation_id)
        .order_by(schedule.is_default, version.number)
    ).all()
    if not rows or not rows[-1].is_default:
        return None
    newest = rows[-1]
    current = facts.Schedule(newest.id, newest.name, newest.number, steps_of(newest.steps))
    positions = {
        (row.id, step.position): step.position
        if row.id == current.version_id
        else _carried(step, current.steps)
        for row in rows
        for step in steps_of(row.steps)
    }
    return Course(current, positions)


def steps_of(stored: Iterable[Mapping[str, Any]]) -> tuple[facts.Step, ...]:
    """The steps of a stored version of a schedule."""
    return tuple(
        facts.Step(
            one["position"], one["name"], one["offset_days"], facts.Action(one["action"]), one.get("template")
        )
        for one in stored
    )


def _carried(old: facts.Step, current: Sequence[facts.Step]) -> int:
    """What a step of another version counts for: all of its lane that would come no later. 0: nothing."""
    by_mail = old.action is facts.Action.EMAIL
    behind = [
        step.position
        for step in current
        if (step.action is facts.Action.EMAIL) == by_mail and step.offset_days <= old.offset_days
    ]
    return max(behind, default=0)


def books(
    session: Session,
    organisation_id: str,
    course: Course,
    contact_ids: Sequence[str],
    also: Collection[str] = (),
) -> list[facts.ContactBook]:
    """A book for each contact, in the order of their ids: its open invoices, credits, holds and steps behind.

    ``also`` names invoices that are to be in their contact's book even when they are closed.
    """
    found: list[facts.ContactBook] = []
    for ids in slices(sorted(set(contact_ids))):
        found += _books(session, organisation_id, course, ids, also)
    return found


def _books(
    session: Session, organisation_id: str, course: Course, ids: Sequence[str], also: Collection[str]
) -> list[facts.ContactBook]:
    contacts = _contacts(session, organisation_id, ids)
    invoices = _invoices(session, organisation_id, ids, also)
    taken = _taken(session, organisation_id, course, ids)
    unallocated = _credits(session, organisation_id, ids)
    holds = _holds(session, organisation_id, ids)
    return [
        facts.ContactBook(
            contact,
            course.schedule,
            tuple(invoices.get(contact.id, ())),
            tuple(unallocated.get(contact.id, ())),
            tuple(holds.get(contact.id, ())),
            tuple(step for one in invoices.get(contact.id, ()) for step in taken.get(one.id, ())),
            last_message_at,
        )
        for contact, last_message_at in contacts
    ]


def _contacts(
    session: Session, organisation_id: str, ids: Sequence[str]
) -> list[tuple[facts.Contact, datetime | None]]:
    contact = models.Contact
    rows = session.execute(
        select(
            contact.id, contact.name, contact.status, contact.email, contact.persons, contact.last_message_at
        )
        .where(contact.organisation_id == organisation_id, contact.id.in_(ids))
        .order_by(contact.id)
    )
    return [
        (
            facts.Contact(contact_id, name, status, next(iter(recipients(email, persons)), None)),
            last_message_at,
        )
        for contact_id, name, status, email, persons, last_message_at in rows
    ]


def recipients(email: str | None, persons: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """To whom a mail goes: the contact's address, then the persons whom the ledger includes in e-mails.

    What is no usable address counts as none. Addresses are distinct without regard to case.
    """
    included = [person.get("email") for person in persons if person.get("include_in_emails")]
    found: dict[str, str] = {}
    for address in (email, *included):
        stripped = (address or "").strip()
        if _ADDRESS.fullmatch(stripped):
            found.setdefault(stripped.lower(), stripped)
    return tuple(found.values())[:MOST_RECIPIENTS]


_INVOICE = models.Invoice
_INVOICE_COLUMNS = (
    _INVOICE.contact_id,
    _INVOICE.id,
    _INVOICE.number,
    _INVOICE.issued_on,
    _INVOICE.due_on,
    _INVOICE.currency,
    type_coerce(_INVOICE.total, BigInteger),
    type_coerce(_INVOICE.amount_due, BigInteger),
    _INVOICE.status,
    _INVOICE.expected_on,
)


def _invoices(
    session: Session, organisation_id: str, ids: Sequence[str], also: Collection[str]
) -> dict[str, list[facts.Invoice]]:
    of_contacts = select(*_INVOICE_COLUMNS).where(
        _INVOICE.organisation_id == organisation_id, _INVOICE.contact_id.in_(ids)
    )
    found: dict[str, list[facts.Invoice]] = defaultdict(list)
    _collect(session, of_contacts.where(_IS_OPEN), found)
    for some in slices(sorted(also)):
        _collect(session, of_contacts.where(_IS_CLOSED, _INVOICE.id.in_(some)), found)
    return found


def _collect(
    session: Session, statement: Select[*tuple[Any, ...]], found: dict[str, list[facts.Invoice]]
) -> None:
    rows = session.connection().execute(statement.order_by(_INVOICE.contact_id, _INVOICE.id)).all()
    for contact_id, invoice_id, number, issued_on, due_on, currency, total, due, status, expected_on in rows:
        found[contact_id].append(
            facts.Invoice(
                invoice_id, number, issued_on, due_on, currency, money(total), money(due), status, expected_on
            )
        )


def _taken(
    session: Session, organisation_id: str, course: Course, ids: Sequence[str]
) -> dict[str, list[facts.StepTaken]]:
    """The steps behind the open invoices, by invoice; those that are only planned are not.

    A subquery and no join, lest SQLite begins at the steps and reads all of the organisation.
    """
    step = models.StepTaken
    are_open = select(_INVOICE.id).where(
        _INVOICE.organisation_id == organisation_id, _INVOICE.contact_id.in_(ids), _IS_OPEN
    )
    rows = session.connection().execute(
        select(step.invoice_id, step.schedule_version_id, step.position).where(
            step.organisation_id == organisation_id,
            step.invoice_id.in_(are_open),
            step.state.in_(("taken", "skipped")),
        )
    )
    found: dict[str, list[facts.StepTaken]] = defaultdict(list)
    for invoice_id, version_id, position in rows.all():
        behind = course.positions.get((version_id, position), 0)
        if behind:
            found[invoice_id].append(facts.StepTaken(invoice_id, behind))
    return found


def _credits(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, list[facts.Credit]]:
    credit = models.Credit
    remaining = type_coerce(credit.remaining, BigInteger)
    rows = session.connection().execute(
        select(credit.contact_id, credit.kind, credit.currency, remaining).where(
            credit.organisation_id == organisation_id,
            credit.contact_id.in_(ids),
            credit.status == "AUTHORISED",
            remaining > 0,
        )
    )
    found: dict[str, list[facts.Credit]] = defaultdict(list)
    for contact_id, kind, currency, left in rows:
        found[contact_id].append(facts.Credit(kind, currency, money(left)))
    return found


def _holds(session: Session, organisation_id: str, ids: Sequence[str]) -> dict[str, list[facts.Hold]]:
    hold = models.Hold
    rows = session.connection().execute(
        select(hold.contact_id, hold.kind, hold.reason, hold.invoice_id, hold.until)
        .where(
            hold.organisation_id == organisation_id,
            hold.contact_id.in_(ids),
            literal_column("holds.released_at IS NULL"),
        )
        .order_by(hold.created_at, hold.id)
    )
    found: dict[str, list[facts.Hold]] = defaultdict(list)
    for contact_id, kind, reason, invoice_id, until in rows:
        found[contact_id].append(facts.Hold(facts.HoldKind(kind), reason, invoice_id, until))
    return found
