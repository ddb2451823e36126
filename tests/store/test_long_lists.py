"""Long lists of ids in PostgreSQL, which would plan them once for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kit.ids import new_id
from store.models import Contact
from tests.support.chasing import chasing

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def session(database_url: str, tmp_path: Path) -> Iterator[Session]:
    with chasing(database_url, tmp_path) as org, org.app.database.read(org.organisation_id) as found:
        yield found


def kept_plans(session: Session) -> int:
    """How many of the statements about contacts run by a plan for any values."""
    statement = "SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 0 AND statement LIKE '%FROM contacts%'"
    return int(session.scalar(text(statement)) or 0)


@pytest.mark.parametrize(("ids", "plans"), [(3, 1), (500, 0)])
def test_only_short_lists_run_by_a_plan_for_any_values(session: Session, ids: int, plans: int) -> None:
    for _ in range(20):
        session.execute(select(Contact.id).where(Contact.id.in_([new_id() for _ in range(ids)]))).all()
    assert kept_plans(session) == plans
