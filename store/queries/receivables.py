"""What the lists of customers and invoices are narrowed by, and what of them adds up to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from credit_control.ageing import BUCKETS, Ageing
from credit_control.credit.risk import UNRATED
from store.models import AccountStop, AccountWatch, Contact, ContactTag, Hold, Invoice, PromiseToPay, RiskMark
from store.queries.disputes import rests_something
from store.queries.pages import OPEN_INVOICE

NOBODY = "nobody"
"""As the owner: customers whom nobody in particular looks after."""
_LAST_DAYS = (0, 30, 60, 90)


class Mark(StrEnum):
    """What can be said of a customer."""

    HELD = "held"
    DISPUTED = "disputed"
    PROMISED = "promised"
    NEVER_CHASED = "never_chased"
    ON_STOP = "on_stop"
    ON_WATCH = "on_watch"
    NO_EMAIL = "no_email"


@dataclass(frozen=True, slots=True)
class Filter:
    """By what a list is narrowed; what is empty narrows nothing."""

    owner: str = ""
    """A colleague's id, or ``NOBODY``."""
    schedule: str = ""
    """Chosen for the customer by hand; what rules say is stored nowhere."""
    tag: str = ""
    marks: frozenset[Mark] = frozenset()
    bucket: str = ""
    """One of ``credit_control.ageing.BUCKETS``."""
    currency: str = ""
    risk: str = ""
    """A category of risk by its key, as the customer was last judged; ``UNRATED`` also for who never was."""

    @property
    def of_customers(self) -> bool:
        """Whether it asks for anything that customers have and invoices do not."""
        return bool(self.owner or self.schedule or self.tag or self.marks or self.risk)


EVERYTHING = Filter()
"""Narrows nothing."""


@dataclass(frozen=True, slots=True)
class Total:
    """What is open in one currency, of everything that a list shows."""

    ageing: Ageing
    overdue: Decimal
    invoices: int


def due_within(bucket: str, today: date) -> tuple[date | None, date | None]:
    """The first and last due day of a bucket; None: without an end."""
    place = BUCKETS.index(bucket)
    first = None if place == len(BUCKETS) - 1 else today - timedelta(_LAST_DAYS[place])
    last = None if place == 0 else today - timedelta(_LAST_DAYS[place - 1] + 1)
    return first, last


def of_invoice(wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    """What an invoice must be, by its own columns."""
    found: list[ColumnElement[bool]] = []
    if wanted.currency:
        found.append(Invoice.currency == wanted.currency)
    if wanted.bucket:
        first, last = due_within(wanted.bucket, today)
        if first:
            found.append(Invoice.due_on >= first)
        if last:
            found.append(Invoice.due_on <= last)
    return found


def of_contact(organisation_id: str, wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    """What a customer must be, by everything but its invoices' own columns."""
    found: list[ColumnElement[bool]] = []
    if wanted.owner:
        nobody = wanted.owner == NOBODY
        found.append(Contact.owner_id.is_(None) if nobody else Contact.owner_id == wanted.owner)
    if wanted.schedule:
        found.append(Contact.schedule_id == wanted.schedule)
    if wanted.tag:
        found.append(
            Contact.id.in_(
                select(ContactTag.contact_id).where(
                    ContactTag.organisation_id == organisation_id, ContactTag.tag == wanted.tag
                )
            )
        )
    if wanted.risk:
        found.append(_is_in(organisation_id, wanted.risk))
    return found + [_has(organisation_id, mark, today) for mark in sorted(wanted.marks)]


def _is_in(organisation_id: str, category: str) -> ColumnElement[bool]:
    own = (RiskMark.organisation_id == organisation_id, RiskMark.contact_id == Contact.id)
    if category == UNRATED:
        return ~exists().where(*own, RiskMark.category != UNRATED)
    return exists().where(*own, RiskMark.category == category)


def _has(organisation_id: str, mark: Mark, today: date) -> ColumnElement[bool]:
    match mark:
        case Mark.NEVER_CHASED:
            return Contact.last_message_at.is_(None)
        case Mark.NO_EMAIL:
            return func.coalesce(Contact.email, "") == ""
        case Mark.HELD:
            return exists().where(
                Hold.organisation_id == organisation_id,
                Hold.contact_id == Contact.id,
                Hold.released_at.is_(None),
                or_(Hold.until.is_(None), Hold.until >= today),
            )
        case Mark.ON_STOP:
            return exists().where(
                AccountStop.organisation_id == organisation_id,
                AccountStop.contact_id == Contact.id,
                AccountStop.status == "stopped",
            )
        case Mark.ON_WATCH:
            return exists().where(
                AccountWatch.organisation_id == organisation_id,
                AccountWatch.contact_id == Contact.id,
                AccountWatch.status == "watched",
            )
        case Mark.PROMISED:
            return exists().where(
                PromiseToPay.organisation_id == organisation_id,
                PromiseToPay.contact_id == Contact.id,
                PromiseToPay.state == "open",
            )
        case Mark.DISPUTED:
            return Contact.id.in_(
                select(Invoice.contact_id).where(
                    Invoice.organisation_id == organisation_id, OPEN_INVOICE, rests_something()
                )
            )


def contacts(organisation_id: str, wanted: Filter, today: date) -> Select[str]:
    """The ids of the customers that fit."""
    return select(Contact.id).where(
        Contact.organisation_id == organisation_id, *of_contact(organisation_id, wanted, today)
    )


def totals(
    session: Session, organisation_id: str, conditions: Sequence[Any], today: date, home: str
) -> list[Total]:
    """What is open of the invoices that fit, a currency at a time (never added), the home currency first."""
    fitting = select(*sums_by_age(today)).where(Invoice.organisation_id == organisation_id, *conditions)
    return totals_of(session, fitting, home)


def totals_of(session: Session, fitting: Select[Any], home: str) -> list[Total]:
    """The same of a statement that selects ``sums_by_age`` of the invoices that fit."""
    rows = session.execute(fitting.where(OPEN_INVOICE).group_by(Invoice.currency)).all()
    found = [
        Total(Ageing(currency, tuple(amounts)), sum(amounts[1:], Decimal(0)), count)
        for currency, count, *amounts in rows
    ]
    return sorted(found, key=lambda one: (one.ageing.currency != home, one.ageing.currency))


def sums_by_age(today: date) -> list[Any]:
    """The columns from which totals are made: currency, number, and what is due in each bucket."""
    late = [Invoice.due_on < today, *(Invoice.due_on < today - timedelta(days) for days in _LAST_DAYS[1:])]
    sums = [
        func.sum(case((and_(*_between(low, high)), Invoice.amount_due), else_=0))
        for low, high in zip([None, *late], [*late, None], strict=True)
    ]
    return [Invoice.currency, func.count(), *sums]


def _between(low: Any, high: Any) -> list[ColumnElement[bool]]:
    """Late by the lower bound, and not by the upper one."""
    found = [] if low is None else [low]
    return found if high is None else [*found, ~high]


def tags(session: Session, organisation_id: str) -> list[str]:
    """All tags that somebody has, in order."""
    statement = select(ContactTag.tag).where(ContactTag.organisation_id == organisation_id)
    return list(session.scalars(statement.distinct().order_by(ContactTag.tag)))


def tags_of(session: Session, organisation_id: str, contact_ids: Sequence[str]) -> dict[str, list[str]]:
    """The tags of each of these customers."""
    found: dict[str, list[str]] = {}
    rows = session.execute(
        select(ContactTag.contact_id, ContactTag.tag)
        .where(ContactTag.organisation_id == organisation_id, ContactTag.contact_id.in_(contact_ids))
        .order_by(ContactTag.tag)
    )
    for contact_id, tag in rows:
        found.setdefault(contact_id, []).append(tag)
    return found
