"""Runs over many customers or invoices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from store.models import BulkItem, BulkRun, Contact, Invoice

WAITING, DONE, REFUSED = "waiting", "done", "refused"


def add(session: Session, ids: Sequence[tuple[str, dict[str, Any] | None]], **values: Any) -> BulkRun:
    """A run with what it is about, each with what is known of it from an earlier run."""
    run = BulkRun(total=len(ids), **values)
    session.add(run)
    session.flush()
    rows = [
        {
            "organisation_id": run.organisation_id,
            "run_id": run.id,
            "place": place,
            "about": about,
            "state": WAITING,
            "before": before,
        }
        for place, (about, before) in enumerate(ids)
    ]
    if rows:
        session.connection().execute(insert(BulkItem), rows)
    return run


def run(session: Session, organisation_id: str, run_id: str, *, lock: bool = False) -> BulkRun | None:
    """One run; locked, so that two workers never do the same part of it."""
    statement = select(BulkRun).where(BulkRun.organisation_id == organisation_id, BulkRun.id == run_id)
    return session.scalars(statement.with_for_update() if lock else statement).one_or_none()


def waiting(session: Session, organisation_id: str, run_id: str, most: int) -> Sequence[BulkItem]:
    """The next ones of a run, in order."""
    return session.scalars(_items(organisation_id, run_id, WAITING).limit(most)).all()


def done(session: Session, organisation_id: str, run_id: str) -> Sequence[BulkItem]:
    """Those that were done, in order."""
    return session.scalars(_items(organisation_id, run_id, DONE)).all()


def _items(organisation_id: str, run_id: str, state: str) -> Any:
    return (
        select(BulkItem)
        .where(
            BulkItem.organisation_id == organisation_id, BulkItem.run_id == run_id, BulkItem.state == state
        )
        .order_by(BulkItem.place)
    )


def counts(session: Session, organisation_id: str, run_id: str) -> dict[str, int]:
    """How many of a run wait, are done, were refused."""
    rows = session.execute(
        select(BulkItem.state, func.count())
        .where(BulkItem.organisation_id == organisation_id, BulkItem.run_id == run_id)
        .group_by(BulkItem.state)
    )
    return dict(rows.all())


def names(session: Session, organisation_id: str, page: str, ids: Sequence[str]) -> list[str]:
    """What these customers are called, or these invoices' numbers, in order."""
    table: Any = Contact if page == "customers" else Invoice
    name = Contact.name if page == "customers" else Invoice.number
    of_them = (table.organisation_id == organisation_id, table.id.in_(ids))
    return [found or "" for found in session.scalars(select(name).where(*of_them).order_by(name))]


def refused(
    session: Session, organisation_id: str, run_id: str, page: str, most: int
) -> list[tuple[str, str, str]]:
    """Those that were not done: id, name or number, and why."""
    table: Any = Contact if page == "customers" else Invoice
    name = Contact.name if page == "customers" else Invoice.number
    rows = session.execute(
        select(BulkItem.about, func.coalesce(name, ""), func.coalesce(BulkItem.said, ""))
        .outerjoin(table, (table.organisation_id == BulkItem.organisation_id) & (table.id == BulkItem.about))
        .where(
            BulkItem.organisation_id == organisation_id,
            BulkItem.run_id == run_id,
            BulkItem.state == REFUSED,
        )
        .order_by(BulkItem.place)
        .limit(most)
    )
    return [(about, who, said) for about, who, said in rows]


def under_way(session: Session, organisation_id: str) -> list[str]:
    """The runs of an organisation that are not finished, the oldest first."""
    statement = select(BulkRun.id).where(
        BulkRun.organisation_id == organisation_id, BulkRun.finished_at.is_(None)
    )
    return list(session.scalars(statement.order_by(BulkRun.asked_at, BulkRun.id)))


def organisations_under_way(session: Session) -> list[str]:
    """The organisations with such runs."""
    return list(
        session.scalars(select(BulkRun.organisation_id).where(BulkRun.finished_at.is_(None)).distinct())
    )


def undone_by(session: Session, organisation_id: str, run_id: str) -> str | None:
    """The run that takes this one back."""
    statement = select(BulkRun.id).where(BulkRun.organisation_id == organisation_id, BulkRun.undoes == run_id)
    return session.scalars(statement.limit(1)).one_or_none()


def known(session: Session, organisation_id: str, page: str, ids: Sequence[str]) -> list[str]:
    """Those of these ids that the organisation has, in this order."""
    table: Any = Contact if page == "customers" else Invoice
    found = set(
        session.scalars(select(table.id).where(table.organisation_id == organisation_id, table.id.in_(ids)))
    )
    return [one for one in dict.fromkeys(ids) if one in found]
