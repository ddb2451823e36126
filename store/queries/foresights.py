"""What is foreseen: which contacts have to be looked at again, and what pages read of the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, false, func, insert, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.among import among
from store.models import Communication, Contact, ForeseenMail, Foresight
from store.queries import book_turns
from store.queries.batches import slices

_FORGET = delete(Foresight).where(
    Foresight.organisation_id == bindparam("organisation"),
    among(Foresight.contact_id, "contacts"),
)
"""Built once, because every change of a contact needs it."""


_ASKS: dict[str, ColumnElement[bool]] = {
    "call": Foresight.asks_call.expression,
    "letter": Foresight.asks_letter.expression,
    "review": Foresight.asks_review.expression,
}


@dataclass(frozen=True, slots=True)
class MailSeen:
    """A mail that is foreseen, by currency what it asks for."""

    on: date
    planned_for: datetime
    amounts: dict[str, Decimal]
    mark: str
    begins_with: str | None = None
    """The key of its text, where it is the first mail that the customer gets."""
    step: str = ""
    """The name of the step that gives it its text."""


@dataclass(frozen=True, slots=True)
class ContactSeen:
    """A contact as the rules see it, to be stored."""

    contact_id: str
    until: datetime
    rank: int | None
    mails: Sequence[MailSeen]
    schedule_id: str | None = None
    rule_id: str | None = None
    name: str = ""
    asks: Mapping[str, date] = field(default_factory=dict)
    """What a person is asked for (call, letter, review), and since when."""


@dataclass(frozen=True, slots=True)
class NextSeen:
    """What comes next to a contact."""

    step: str | None
    """The step of the next mail; None: none is foreseen."""
    at: datetime | None
    asks: tuple[str, ...]
    """What a person is asked for now: call, letter, review."""


@dataclass(frozen=True, slots=True)
class DaySeen:
    """All that is foreseen for one day."""

    on: date
    mails: int
    amounts: dict[str, Decimal]


def forget(session: Session, organisation_id: str, contact_ids: Collection[str]) -> None:
    """What was foreseen of these contacts no longer holds. Belongs to whatever changes them."""
    for ids in slices(sorted(contact_ids)):
        session.connection().execute(_FORGET, {"organisation": organisation_id, "contacts": list(ids)})


def forget_planned(session: Session, organisation_id: str) -> None:
    """The same for all contacts with a planned chaser, because these leave on another day."""
    planned = select(Communication.contact_id).where(
        Communication.organisation_id == organisation_id, Communication.status == "planned"
    )
    session.connection().execute(
        delete(Foresight).where(
            Foresight.organisation_id == organisation_id, Foresight.contact_id.in_(planned)
        )
    )


def unseen(session: Session, organisation_id: str, basis: str, now: datetime, limit: int) -> list[str]:
    """Contacts of which nothing is foreseen that holds now.

    All are found first and then cut off: for a few PostgreSQL would look each contact up by itself, and mostly there are none.
    """
    found = select(Contact.id).where(*_is_unseen(organisation_id, basis, now)).cte("unseen")
    found = found.prefix_with("MATERIALIZED", dialect="postgresql")
    return list(session.scalars(select(found.c.id).order_by(found.c.id).limit(limit)))


def count_unseen(session: Session, organisation_id: str, basis: str, now: datetime) -> int:
    """How many they are."""
    statement = select(func.count()).select_from(Contact)
    return session.scalar(statement.where(*_is_unseen(organisation_id, basis, now))) or 0


def seen(session: Session, organisation_id: str) -> int:
    """Of how many contacts something is foreseen, whether or not it still holds."""
    its = select(func.count()).select_from(Foresight).where(Foresight.organisation_id == organisation_id)
    return session.scalar(its) or 0


def to_see(session: Session, organisation_id: str) -> int:
    """Of how many contacts something is to be foreseen: of all there are."""
    its = select(func.count()).select_from(Contact).where(Contact.organisation_id == organisation_id)
    return session.scalar(its) or 0


def _is_unseen(organisation_id: str, basis: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """One from the future counts for nothing: the clock was put back.

    Whether one holds is asked as a CASE: of a basis that it does not know yet PostgreSQL takes it that there is one row, and
    looks through all rows again for each contact. Of a CASE it takes it that half of them are meant.
    """
    holds = case(
        (and_(Foresight.basis == basis, Foresight.until > now, Foresight.as_of <= now), true()), else_=false()
    )
    seen = select(Foresight.contact_id).where(
        Foresight.organisation_id == Contact.organisation_id, Foresight.contact_id == Contact.id, holds
    )
    return (Contact.organisation_id == organisation_id, ~seen.exists())


def store(
    session: Session, organisation_id: str, basis: str, found: Sequence[ContactSeen], now: datetime
) -> None:
    """Put down what is foreseen of these contacts, in place of what was."""
    book_turns.count(session, organisation_id)
    forget(session, organisation_id, [one.contact_id for one in found])
    rows = [
        {
            "organisation_id": organisation_id,
            "contact_id": one.contact_id,
            "basis": basis,
            "as_of": now,
            "until": one.until,
            "rank": one.rank,
            "schedule_id": one.schedule_id,
            "rule_id": one.rule_id,
            "name": one.name,
            "asked_since": min(one.asks.values(), default=None),
            **{f"asks_{kind}": kind in one.asks for kind in ("call", "letter", "review")},
        }
        for one in found
    ]
    mails = [
        {
            "organisation_id": organisation_id,
            "contact_id": one.contact_id,
            "on": mail.on,
            "currency": currency,
            "amount": amount,
            "planned_for": mail.planned_for,
            "mark": mail.mark,
            "begins_with": mail.begins_with,
            "step": mail.step,
        }
        for one in found
        for mail in one.mails
        for currency, amount in mail.amounts.items()
    ]
    if rows:
        session.connection().execute(insert(Foresight), rows)
    if mails:
        session.connection().execute(insert(ForeseenMail), mails)


def held(
    session: Session, organisation_id: str, basis: str, now: datetime, contact_ids: Sequence[str]
) -> dict[str, NextSeen]:
    """Of those of these contacts of which something is foreseen that holds now: the next mail, and what a person is asked for."""
    found: dict[str, NextSeen] = {}
    for ids in slices(contact_ids):
        rows = session.execute(
            select(
                Foresight.contact_id, Foresight.asks_call, Foresight.asks_letter, Foresight.asks_review,
                ForeseenMail.step, ForeseenMail.planned_for,
            )
            .outerjoin(
                ForeseenMail,
                (ForeseenMail.organisation_id == Foresight.organisation_id)
                & (ForeseenMail.contact_id == Foresight.contact_id),
            )
            .where(
                Foresight.organisation_id == organisation_id,
                Foresight.contact_id.in_(ids),
                Foresight.basis == basis,
                Foresight.until > now,
                Foresight.as_of <= now,
            )
            .order_by(Foresight.contact_id, ForeseenMail.planned_for)
        )  # fmt: skip
        for contact_id, call, letter, review, step, planned_for in rows:
            asks = tuple(
                kind for kind, asked in (("call", call), ("letter", letter), ("review", review)) if asked
            )
            found.setdefault(contact_id, NextSeen(step, planned_for, asks))
    return found


def days(session: Session, organisation_id: str, first: date, last: date) -> list[DaySeen]:
    """What is foreseen day by day, in order; days without mails are left out."""
    between = _between(organisation_id, first, last)
    by_currency: dict[date, dict[str, Decimal]] = {}
    sums = (
        select(ForeseenMail.on, ForeseenMail.currency, func.sum(ForeseenMail.amount))
        .where(*between)
        .group_by(ForeseenMail.on, ForeseenMail.currency)
        .order_by(ForeseenMail.on, ForeseenMail.currency)
    )
    for on, currency, amount in session.execute(sums):
        by_currency.setdefault(on, {})[currency] = amount
    counts = (
        select(ForeseenMail.on, func.count(ForeseenMail.contact_id.distinct()))
        .where(*between)
        .group_by(ForeseenMail.on)
        .order_by(ForeseenMail.on)
    )
    return [DaySeen(on, count, by_currency[on]) for on, count in session.execute(counts)]


def first_mails(
    session: Session, organisation_id: str, first: date, last: date, *, most: int, after: int = 0
) -> list[tuple[date, str]]:
    """Day and contact of so many mails of each day, behind the first ``after``, in the order in which they leave."""
    place = func.row_number().over(
        partition_by=ForeseenMail.on,
        order_by=(func.min(ForeseenMail.planned_for), Contact.name, Contact.id),
    )
    numbered = (
        select(ForeseenMail.on, Contact.id, place.label("place"))
        .join(
            Contact,
            (Contact.organisation_id == ForeseenMail.organisation_id)
            & (Contact.id == ForeseenMail.contact_id),
        )
        .where(*_between(organisation_id, first, last))
        .group_by(ForeseenMail.on, Contact.id, Contact.name)
        .subquery()
    )
    statement = (
        select(numbered.c.on, numbered.c.id)
        .where(numbered.c.place > after, numbered.c.place <= after + most)
        .order_by(numbered.c.on, numbered.c.place)
    )
    return [(on, contact_id) for on, contact_id in session.execute(statement)]


def begin_with(
    session: Session, organisation_id: str, first: date, last: date, texts: Collection[str]
) -> int:
    """How many customers get one of these texts (by key) as the first mail ever, on one of these days."""
    counted = select(func.count(ForeseenMail.contact_id.distinct())).where(
        *_between(organisation_id, first, last), ForeseenMail.begins_with.in_(texts)
    )
    return session.scalar(counted) or 0


def marks(session: Session, organisation_id: str, on: date) -> list[tuple[str, str]]:
    """Contact and mark of every mail of a day, in the order of their contacts."""
    statement = (
        select(ForeseenMail.contact_id, ForeseenMail.mark)
        .where(*_between(organisation_id, on, on))
        .distinct()
        .order_by(ForeseenMail.contact_id)
    )
    return [(contact_id, mark) for contact_id, mark in session.execute(statement)]


def resting(session: Session, organisation_id: str, most: int) -> tuple[list[str], int]:
    """The contacts with invoices at rest, the most telling first and then by name; and how many there are in all."""
    at_rest = (Foresight.organisation_id == organisation_id, Foresight.rank.is_not(None))
    statement = (
        select(Foresight.contact_id)
        .where(*at_rest)
        .order_by(Foresight.rank, Foresight.name, Foresight.contact_id)
        .limit(most)
    )
    count = session.scalar(select(func.count()).select_from(Foresight).where(*at_rest)) or 0
    return list(session.scalars(statement)), count


def asked_contacts(
    session: Session, organisation_id: str, kinds: Collection[str], *, most: int, from_id: str | None = None
) -> list[str]:
    """Contacts of which a person is asked for one of these (call, letter, review), in the order of their ids."""
    statement = select(Foresight.contact_id).where(
        Foresight.organisation_id == organisation_id, or_(*(_ASKS[kind] for kind in kinds))
    )
    if from_id:
        statement = statement.where(Foresight.contact_id >= from_id)
    return list(session.scalars(statement.order_by(Foresight.contact_id).limit(most)))


def asks_for(kind: str) -> ColumnElement[bool]:
    """That a person is asked for this (call, letter, review)."""
    return _ASKS[kind]


def longest_asked(
    session: Session, organisation_id: str, kind: str, *, most: int, after: int
) -> tuple[list[str], int]:
    """Contacts of which a person is asked for this, those who wait longest first; and how many they are in all."""
    mine = (Foresight.organisation_id == organisation_id, _ASKS[kind])
    statement = (
        select(Foresight.contact_id)
        .join(
            Contact,
            (Contact.organisation_id == Foresight.organisation_id) & (Contact.id == Foresight.contact_id),
        )
        .where(*mine)
        .order_by(Foresight.asked_since, Contact.name, Contact.id)
        .limit(most)
        .offset(after)
    )
    count = session.scalar(select(func.count()).select_from(Foresight).where(*mine)) or 0
    return list(session.scalars(statement)), count


def people_asked(session: Session, organisation_id: str, kind: str, most: int) -> list[Any]:
    """Contacts of which a person is asked for this: id, name, ``asked_since`` and who sees to them; who waits longest first."""
    statement = (
        select(Contact.id, Contact.name, Foresight.asked_since, Contact.owner_id)
        .join(
            Contact,
            (Contact.organisation_id == Foresight.organisation_id) & (Contact.id == Foresight.contact_id),
        )
        .where(Foresight.organisation_id == organisation_id, _ASKS[kind])
        .order_by(Foresight.asked_since, Contact.name, Contact.id)
        .limit(most)
    )
    return list(session.execute(statement))


def asked_counts(session: Session, organisation_id: str) -> dict[str, int]:
    """Of how many contacts a person is asked for each kind of thing."""
    columns = [func.count(case((column, 1))) for column in _ASKS.values()]
    counted = select(*columns).where(Foresight.organisation_id == organisation_id)
    return dict(zip(_ASKS, session.execute(counted).one(), strict=True))


def on_schedules(session: Session, organisation_id: str) -> dict[str, int]:
    """How many contacts are on each schedule."""
    return _counted(session, organisation_id, Foresight.schedule_id)


def by_rules(session: Session, organisation_id: str) -> dict[str, int]:
    """About how many contacts each rule has decided."""
    return _counted(session, organisation_id, Foresight.rule_id)


def _counted(
    session: Session, organisation_id: str, column: InstrumentedAttribute[str | None]
) -> dict[str, int]:
    counted = select(column, func.count()).where(Foresight.organisation_id == organisation_id)
    return {one: contacts for one, contacts in session.execute(counted.group_by(column)) if one}


def _between(organisation_id: str, first: date, last: date) -> tuple[ColumnElement[bool], ...]:
    return (
        ForeseenMail.organisation_id == organisation_id,
        ForeseenMail.on >= first,
        ForeseenMail.on <= last,
    )
