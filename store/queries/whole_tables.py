"""All rows of one organisation, table by table, whatever the tables are: to be taken along, and to be deleted.

Which tables there are is read from the models, so that one that is added is deleted too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, RowMapping, Table, and_, delete, func, or_, select, true, tuple_
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from store.audit import UNNOTED
from store.models import Base, Communication, MailEvent, Membership

OWNER = "organisation_id"
MAIL_EVENTS = "mail_events"


def table(name: str) -> Table:
    """A table by its name."""
    return Base.metadata.tables[name]


def owned() -> list[Table]:
    """The tables whose rows name their organisation; what refers to others comes after them."""
    return [one for one in Base.metadata.sorted_tables if OWNER in one.columns]


def keys(of: Table) -> list[Column[Any]]:
    """What tells a row of an organisation from its others."""
    return [column for column in of.primary_key if column.name != OWNER]


def count(session: Session, of: Table, organisation_id: str) -> int:
    """How many rows of the organisation are in this table."""
    found = session.scalar(select(func.count()).select_from(of).where(_whose(of, organisation_id)))
    return found or 0


def rows_after(
    session: Session,
    of: Table,
    columns: Sequence[Column[Any]],
    organisation_id: str,
    after: Sequence[Any] | None,
    most: int,
) -> Sequence[RowMapping]:
    """The next rows of a table in the order of their keys, which are answered with these columns.

    ``after``: the keys of the last row before, None from the first on. A table with one row an organisation has no
    keys, and comes at once.
    """
    order = keys(of)
    beyond: ColumnElement[bool] = true()
    if after:
        beyond = tuple_(*order) > tuple_(*after)
    wanted = {column.name: column for column in (*order, *columns)}
    statement = (
        select(*wanted.values()).where(_whose(of, organisation_id), beyond).order_by(*order).limit(most)
    )
    return session.execute(statement).mappings().all()


def delete_some(session: Session, of: Table, organisation_id: str, most: int) -> int:
    """Delete at most so many rows of an organisation; how many there were."""
    order = keys(of)
    whose = _whose(of, organisation_id)
    some: ColumnElement[bool] = whose
    if order:
        chosen = select(*order).where(whose).limit(most)
        some = and_(whose, (order[0] if len(order) == 1 else tuple_(*order)).in_(chosen))
    result: CursorResult[Any] = session.connection().execute(
        delete(of).where(some).execution_options(**{UNNOTED: True})
    )
    return result.rowcount


def mentions(session: Session, of: Table, word: str) -> bool:
    """Whether any column of any row there is exactly this word."""
    like = [column == word for column in of.columns if column.type.python_type is str]
    return bool(like) and session.scalar(select(func.count()).select_from(of).where(or_(*like))) != 0


def _whose(of: Table, organisation_id: str) -> ColumnElement[bool]:
    if of.name == "organisations":
        return of.c.id == organisation_id
    if of.name == MAIL_EVENTS:
        ours = select(Communication.id).where(Communication.organisation_id == organisation_id)
        return MailEvent.communication_id.in_(ours)
    if of.name == "people":
        ours = select(Membership.person_id).where(Membership.organisation_id == organisation_id)
        return of.c.id.in_(ours)
    owner: ColumnElement[str] = of.c[OWNER]
    return owner == organisation_id
