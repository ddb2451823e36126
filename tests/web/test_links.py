"""No link of any page leads to an error, whoever it is shown to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from kit import clock
from kit.ids import derived_id
from services.app import App
from services.roles import Role
from store.models import Communication, Membership
from tests.support import practice_cast
from tests.support.cast import Cast
from tests.support.links import Answered, Dead, follow
from tests.support.paid_book import pays
from tests.support.visitor import Member, Visitor

_ELSEWHERE = ("/connect/", "/static/")
"""The ledger, and files that no page changes."""


@pytest.mark.parametrize("role", [Role.OWNER, Role.CHASER, Role.CALLER, Role.READ_ONLY])
def test_no_link_of_an_organisation_leads_to_an_error(
    dunnock: App, stage: Cast, visitor: Visitor, role: Role
) -> None:
    pays(dunnock, stage.organisation_id, stage.contact_id, late=5, times=6)
    _one_that_did_not_leave(dunnock, stage)
    with dunnock.database.write(stage.organisation_id) as session:
        session.execute(
            update(Membership).where(Membership.person_id == stage.owner_id).values(role=role.value)
        )
    asked, dead = _followed(visitor.signed_in_as(stage.owner_id), f"{stage.home}/today")
    assert not dead
    assert asked > 400


@pytest.mark.parametrize("role", [Role.PRACTICE_ADMIN, Role.PRACTICE_STAFF])
def test_no_link_of_a_practice_leads_to_an_error(
    dunnock: App, stage: Cast, visitor: Visitor, role: Role
) -> None:
    practice = practice_cast.fill(dunnock.database, stage)
    who = practice.admin_id if role is Role.PRACTICE_ADMIN else practice.staff_id
    asked, dead = _followed(visitor.signed_in_as(who), f"/practice/{practice.practice_id}")
    assert not dead
    assert asked > 400


def _followed(member: Member, start: str) -> tuple[int, list[Dead]]:
    return follow(_visits(member), start, never=_ELSEWHERE)


def _visits(member: Member) -> Callable[[str], Answered]:
    def visit(path: str) -> Answered:
        answer = member.client.get(path, buffered=True, follow_redirects=True)
        return Answered(answer.status_code, answer.text if answer.mimetype == "text/html" else "")

    return visit


def _one_that_did_not_leave(dunnock: App, stage: Cast) -> None:
    """A reminder that was stopped by the last look at the ledger."""
    then = clock.now() - timedelta(days=2)
    with dunnock.database.write(stage.organisation_id) as session:
        session.add(
            Communication(
                organisation_id=stage.organisation_id, id=derived_id("did not leave"), direction="out",
                channel="email", kind="chaser", status="cancelled", contact_id=stage.contact_id,
                step_name="First reminder", reason="The ledger has this invoice as PAID; only AUTHORISED ones are chased.",
                planned_for=then, checked_at=then, created_at=then,
            )
        )  # fmt: skip
