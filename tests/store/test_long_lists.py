"""Long lists of ids: found whichever way they are asked for; PostgreSQL, which would plan them once for all, plans them anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from kit.ids import new_id
from store.among import among
from store.models import Contact
from tests.support.chasing import Chasing, chasing

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as found:
        yield found


@pytest.fixture
def session(org: Chasing) -> Iterator[Session]:
    with org.app.database.read(org.organisation_id) as found:
        yield found


def kept_plans(session: Session) -> int:
    """How many of the statements about contacts run by a plan for any values."""
    statement = "SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 0 AND statement LIKE '%FROM contacts%'"
    return int(session.scalar(text(statement)) or 0)


@on_postgresql
@pytest.mark.parametrize("is_one_of", [Contact.id.in_, partial(among, Contact.id)], ids=["in", "among"])
@pytest.mark.parametrize(("ids", "plans"), [(3, 1), (500, 0)])
def test_only_short_lists_run_by_a_plan_for_any_values(
    session: Session, is_one_of: Callable[[list[str]], ColumnElement[bool]], ids: int, plans: int
) -> None:
    for _ in range(20):
        session.execute(select(Contact.id).where(is_one_of([new_id() for _ in range(ids)]))).all()
    assert kept_plans(session) == plans


@pytest.mark.parametrize("others", [0, 3, 700])
def test_an_id_is_found_among_many_and_others_are_not(org: Chasing, others: int) -> None:
    wanted = [org.customer(f"Customer {number}") for number in range(3)]
    org.mirror()
    ids = [org.id_of(one) for one in wanted[:2]]
    named = select(Contact.id).where(among(Contact.id, "contacts"))
    with org.app.database.read(org.organisation_id) as session:
        asked = [*ids, *(new_id() for _ in range(others))]
        assert set(session.scalars(select(Contact.id).where(among(Contact.id, asked)))) == set(ids)
        assert set(session.scalars(named, {"contacts": asked})) == set(ids)
        assert set(session.scalars(select(Contact.id).where(~among(Contact.id, asked)))) == {
            org.id_of(wanted[2])
        }


def test_nobody_is_among_none(org: Chasing) -> None:
    org.customer()
    org.mirror()
    with org.app.database.read(org.organisation_id) as session:
        assert session.scalars(select(Contact.id).where(among(Contact.id, []))).all() == []


@on_postgresql
@pytest.mark.parametrize("ids", [["a,b"], ["a", "b,c"], [",", "", ""]])
def test_what_is_no_id_of_ours_is_refused_rather_than_read_as_two(session: Session, ids: list[str]) -> None:
    with pytest.raises(StatementError, match="comma"):
        session.execute(select(Contact.id).where(among(Contact.id, ids)))
