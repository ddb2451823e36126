"""The risk of customers as it was kept: who is in which category, what they owe, and who came to another one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.orm import Session

from store.models import Contact, Invoice, RiskChange, RiskMark
from store.queries.batches import slices
from store.queries.pages import OPEN_INVOICE
from store.queries.upsert import upsert


@dataclass(frozen=True, slots=True)
class Sum:
    """What the customers of a category owe in one currency."""

    currency: str
    due: Decimal
    overdue: Decimal


def marks(
    session: Session, organisation_id: str, contact_ids: Collection[str] | None = None
) -> dict[str, RiskMark]:
    """The risk as it was last kept, by contact; None: of everybody."""
    wanted = select(RiskMark).where(RiskMark.organisation_id == organisation_id)
    if contact_ids is None:
        return {one.contact_id: one for one in session.scalars(wanted)}
    found: dict[str, RiskMark] = {}
    for some in slices(sorted(contact_ids)):
        rows = session.scalars(
            wanted.where(RiskMark.contact_id.in_(some)).execution_options(populate_existing=True)
        )
        found |= {one.contact_id: one for one in rows}
    return found


def keep(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep these in place of those before."""
    if not rows:
        return
    statement = upsert(session, RiskMark)
    columns = ("judged_on", "category", "points", "inputs")
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["organisation_id", "contact_id"],
            set_={name: statement.excluded[name] for name in columns},
        ),
        list(rows),
    )


def regrade(session: Session, organisation_id: str, categories: Mapping[str, str]) -> None:
    """Put contacts into other categories: contact to key."""
    if not categories:
        return
    session.connection().execute(
        update(RiskMark)
        .where(RiskMark.organisation_id == organisation_id, RiskMark.contact_id == bindparam("whose"))
        .values(category=bindparam("key")),
        [{"whose": contact_id, "key": key} for contact_id, key in categories.items()],
    )
    session.expire_all()


def points(session: Session, organisation_id: str) -> list[tuple[str, str, Decimal | None]]:
    """(contact, category, points) of everybody."""
    rows = session.execute(
        select(RiskMark.contact_id, RiskMark.category, RiskMark.points).where(
            RiskMark.organisation_id == organisation_id
        )
    )
    return [(contact_id, category, value) for contact_id, category, value in rows]


def counts(session: Session, organisation_id: str) -> dict[str, int]:
    """How many customers are in which category."""
    rows = session.execute(
        select(RiskMark.category, func.count())
        .where(RiskMark.organisation_id == organisation_id)
        .group_by(RiskMark.category)
    )
    return {key: many for key, many in rows}  # noqa: C416  # rows are no pairs to the type checker


def sums(session: Session, organisation_id: str, today: date) -> dict[str, list[Sum]]:
    """What the customers of each category owe, a currency at a time."""
    late = case((Invoice.due_on < today, Invoice.amount_due), else_=0)
    rows = session.execute(
        select(RiskMark.category, Invoice.currency, func.sum(Invoice.amount_due), func.sum(late))
        .join(
            Invoice,
            (Invoice.organisation_id == RiskMark.organisation_id)
            & (Invoice.contact_id == RiskMark.contact_id),
        )
        .where(RiskMark.organisation_id == organisation_id, OPEN_INVOICE)
        .group_by(RiskMark.category, Invoice.currency)
        .order_by(Invoice.currency)
    )
    found: dict[str, list[Sum]] = {}
    for category, currency, due, overdue in rows:
        found.setdefault(category, []).append(Sum(currency, due, overdue))
    return found


def listed(
    session: Session, organisation_id: str, category: str | None, *, skip: int, most: int
) -> list[tuple[RiskMark, str]]:
    """Customers with their names, the riskiest first and the unrated last; of one category or of all."""
    wanted = (
        select(RiskMark, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == RiskMark.organisation_id) & (Contact.id == RiskMark.contact_id),
        )
        .where(RiskMark.organisation_id == organisation_id)
    )
    if category is not None:
        wanted = wanted.where(RiskMark.category == category)
    order = (RiskMark.points.is_(None), RiskMark.points, Contact.name, Contact.id)
    rows = session.execute(wanted.order_by(*order).offset(skip).limit(most))
    return [(mark, name) for mark, name in rows]


def changes(
    session: Session,
    organisation_id: str,
    *,
    contact_id: str | None = None,
    since: date = date.min,
    but_from: str | None = None,
    most: int = 100,
) -> list[RiskChange]:
    """Changes of category since a day, the newest first; of one customer or of all, but for those ``but_from`` a name."""
    wanted = select(RiskChange).where(
        RiskChange.organisation_id == organisation_id, RiskChange.changed_on >= since
    )
    if contact_id is not None:
        wanted = wanted.where(RiskChange.contact_id == contact_id)
    if but_from is not None:
        wanted = wanted.where(RiskChange.before != but_from)
    return list(session.scalars(wanted.order_by(RiskChange.changed_on.desc(), RiskChange.id).limit(most)))
