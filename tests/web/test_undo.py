"""What was done on a customer’s pages by mistake is taken back by the button that its message has."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kit import clock
from kit.ids import derived_id
from services.app import App
from store.models import Contact, Dispute, Hold, TeamTask
from store.queries import tags
from tests.support.cast import Cast
from tests.support.visitor import Member
from tests.web.undoing import undo_of

TASK = derived_id("team task of the cast")


@pytest.fixture
def page(stage: Cast) -> str:
    return f"{stage.home}/contacts/{stage.contact_id}"


def holds_of(dunnock: App, stage: Cast) -> list[Hold]:
    """Those in force, the oldest first."""
    with dunnock.database.read(stage.organisation_id) as session:
        found = session.query(Hold).filter_by(contact_id=stage.contact_id, released_at=None)
        return list(found.order_by(Hold.created_at))


def test_a_hold_and_its_release_are_taken_back(owner: Member, stage: Cast, dunnock: App, page: str) -> None:
    before = {one.id for one in holds_of(dunnock, stage)}
    until = clock.today("Europe/London") + timedelta(days=9)
    owner.press(f"{page}/holds", reason="They move house", until=until.isoformat(), look_on="")
    (placed,) = [one for one in holds_of(dunnock, stage) if one.id not in before]

    address, fields, name = undo_of(owner, page)
    assert name == "Undo the hold"
    owner.press(address, **fields)
    assert {one.id for one in holds_of(dunnock, stage)} == before

    address, fields, name = undo_of(owner, page)
    assert name == "Undo the release"
    owner.press(address, **fields)
    (again,) = [one for one in holds_of(dunnock, stage) if one.id not in before]
    assert (again.reason, again.until) == (placed.reason, until)


def test_a_schedule_that_was_chosen_gives_way_to_the_one_before(
    owner: Member, stage: Cast, dunnock: App, page: str
) -> None:
    home = stage.organisation_id
    firm = derived_id("schedule", home, "Firm")
    owner.press(f"{page}/schedule", schedule=firm)
    address, fields, name = undo_of(owner, page)
    assert name == "Undo the choice"
    owner.press(address, **fields)
    with dunnock.database.read(home) as session:
        assert session.get_one(Contact, (home, stage.contact_id)).schedule_id is None


def test_tags_are_as_before(owner: Member, stage: Cast, dunnock: App, page: str) -> None:
    owner.press(f"{page}/tags", tags="key account, export")
    owner.press(f"{page}/tags", tags="")
    address, fields, name = undo_of(owner, page)
    assert name == "Undo the change of tags"
    owner.press(address, **fields)
    with dunnock.database.read(stage.organisation_id) as session:
        assert tags.of(session, stage.organisation_id, stage.contact_id) == ["export", "key account"]


def test_a_dispute_that_was_opened_by_mistake_rests_nothing(owner: Member, stage: Cast, dunnock: App) -> None:
    owner.press(
        f"{stage.home}/invoices/{stage.invoice_id}/disputes", reason="The wrong one.", category="goods"
    )
    with dunnock.database.read(stage.organisation_id) as session:
        opened = session.query(Dispute).filter_by(invoice_id=stage.invoice_id).one()
    address, fields, name = undo_of(owner, f"{stage.home}/disputes/{opened.id}")
    assert name == "Undo the dispute"
    owner.press(address, **fields)
    with dunnock.database.read(stage.organisation_id) as session:
        after = session.get_one(Dispute, (stage.organisation_id, opened.id))
        assert (after.rests, after.outcome, after.outcome_text) == (
            False,
            "withdrawn",
            "It was opened by mistake.",
        )


def test_a_task_that_was_handed_over_comes_back(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.read(stage.organisation_id) as session:
        before = session.get_one(TeamTask, (stage.organisation_id, TASK)).owner_id
    other = next(one for one in (stage.owner_id, stage.colleague_id) if one != before)
    owner.press(f"{stage.home}/to-do/{TASK}/hand-over", owner=other)
    address, fields, name = undo_of(owner, f"{stage.home}/to-do?whose=all")
    assert name == "Undo handing it over"
    owner.press(address, **fields)
    with dunnock.database.read(stage.organisation_id) as session:
        assert session.get_one(TeamTask, (stage.organisation_id, TASK)).owner_id == before
