"""A person's change to how an organisation chases: one transaction, and then the rules look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from services import doors
from services.app import App


@contextmanager
def change_of_chasing(app: App, organisation_id: str) -> Iterator[Session]:
    """A change that is committed as a whole, after which the planners are rung for."""
    with app.database.write(organisation_id) as session:
        yield session
    app.soft_doorbell.ring(doors.PLAN, organisation_id)
