"""Where two people are wanted for credit, a limit is raised by the yes of a second one, and lowered by one alone."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from kit.errors import UserError
from store.queries import credit as queries
from tests.services.test_credit_limits import customer, decide
from tests.services.test_two_people import needs_two, shown, two, yes
from tests.support.chasing import Chasing

__all__ = ["two"]


@pytest.fixture(autouse=True)
def wanted(org: Chasing, two: Callable[[], None]) -> None:  # the people are those of the other tests
    two()
    org.change(second_eyes=["credit"])


def limit(org: Chasing, contact: str) -> Decimal | None:
    id_ = org.id_of(contact)
    with org.app.database.read(org.organisation_id) as session:
        row = queries.limits(session, org.organisation_id, [id_]).get((id_, "GBP"))
        return row.amount if row else None


def test_a_raised_limit_waits_for_a_second_person_who_sees_both_amounts(org: Chasing) -> None:
    contact = customer(org, "500.00")
    decide(org, contact, "1000.00")
    with needs_two(org) as waits:
        decide(org, contact, "5000.00", why="They grow")
    assert limit(org, contact) == 1000
    lines = shown(org, waits[0])
    assert lines[1:] == ["-GBP 1,000.00", "+GBP 5,000.00", "+Because: They grow"]
    assert yes(org, waits[0]) == "The limit stands."
    assert limit(org, contact) == 5000
    with org.app.database.read(org.organisation_id) as session:
        newest, *_ = queries.history(session, org.organisation_id, org.id_of(contact))
        assert newest.decided_by == "Ada, with Ben's yes" and newest.why == "They grow"


def test_no_limit_instead_of_one_waits_as_well(org: Chasing) -> None:
    contact = customer(org, "500.00")
    decide(org, contact, "1000.00")
    with needs_two(org) as waits:
        decide(org, contact, None)
    assert shown(org, waits[0])[2] == "+no limit"
    yes(org, waits[0])
    assert limit(org, contact) is None


@pytest.mark.parametrize("amounts", [("1000.00",), ("1000.00", "900.00"), (None, "1000.00")])
def test_a_first_limit_and_a_lower_one_are_decided_alone(
    org: Chasing, amounts: tuple[str | None, ...]
) -> None:
    contact = customer(org, "500.00")
    for one in amounts:
        decide(org, contact, one)
    assert limit(org, contact) == Decimal(amounts[-1] or 0)


def test_a_limit_that_became_another_meanwhile_is_left_alone(org: Chasing) -> None:
    contact = customer(org, "500.00")
    decide(org, contact, "1000.00")
    with needs_two(org) as waits:
        decide(org, contact, "5000.00")
    decide(org, contact, "700.00")
    with pytest.raises(UserError, match="changed meanwhile"):
        yes(org, waits[0])
    assert limit(org, contact) == 700
