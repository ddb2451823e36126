"""What the tests of sending say of a chaser that did not leave."""

from __future__ import annotations

from store.models import Communication
from tests.support.chasing import Chasing


def settled(org: Chasing, row: Communication) -> str:
    """Why a chaser ended without anything leaving."""
    assert row.status in ("cancelled", "held"), row.status
    assert row.reason
    assert org.mailer.taken == []
    return row.reason


def assert_planning_lets_it_stand(org: Chasing) -> None:
    """Another look at everything changes no chaser that waits."""

    def rows() -> list[tuple[object, ...]]:
        return [
            (row.id, row.status, row.planned_for, row.not_after, row.reason) for row in org.chasers("planned")
        ]

    before = rows()
    assert before
    org.plan(everything=True)
    assert rows() == before
