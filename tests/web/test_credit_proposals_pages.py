"""Proposals on their page and on the customer's, and the categories' schedules."""

from __future__ import annotations

from decimal import Decimal

from kit import clock
from services.app import App
from services.figures import keeping
from store.models import Contact, CreditProposal, Organisation
from store.queries import credit, figures_kept, schedules
from tests.support.cast import Cast
from tests.support.paid_book import add_invoice
from tests.support.visitor import Member, Visitor


def lowered(owner: Member, stage: Cast, dunnock: App) -> str:
    """A proposal to lower the limit of the customer; its id."""
    today = clock.now().date()
    for _number in range(3):
        add_invoice(dunnock, stage.organisation_id, stage.contact_id, today, today)
    owner.press(
        f"{stage.home}/contacts/{stage.contact_id}/credit",
        currency="GBP",
        amount="90,000.00",
        why="As agreed",
    )
    with dunnock.database.write(stage.organisation_id) as session:
        figures_kept.mark_stale(session, stage.organisation_id, [stage.contact_id])
    keeping.renew(dunnock, stage.organisation_id)
    with dunnock.database.read(stage.organisation_id) as session:
        (row,) = session.query(CreditProposal).filter_by(contact_id=stage.contact_id, state="waits")
        return str(row.id)


def limit(stage: Cast, dunnock: App) -> Decimal | None:
    with dunnock.database.read(stage.organisation_id) as session:
        found = credit.limits(session, stage.organisation_id, [stage.contact_id])
        return found[stage.contact_id, "GBP"].amount


def test_a_lower_limit_is_taken_over_with_one_click(owner: Member, stage: Cast, dunnock: App) -> None:
    proposal_id = lowered(owner, stage, dunnock)
    page = owner.words(f"{stage.home}/credit/proposals")
    assert "Lower the limit from £90,000.00 to" in page and "As suggested" in page
    assert "Proposed: Lower the limit from" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    answer = owner.press(f"{stage.home}/credit/proposals/{proposal_id}", do="accept", back="contact")
    assert answer.status_code == 302 and stage.contact_id in answer.headers["Location"]
    assert (limit(stage, dunnock) or 0) < 72_000
    assert "Yes, by Anna Hale" in owner.words(f"{stage.home}/credit/proposals")
    owner.press(f"{stage.home}/credit/proposals/{proposal_id}", do="accept")
    assert "not proposed any more" in owner.words(f"{stage.home}/credit/proposals")


def test_a_no_changes_nothing(owner: Member, stage: Cast, dunnock: App) -> None:
    proposal_id = lowered(owner, stage, dunnock)
    owner.press(f"{stage.home}/credit/proposals/{proposal_id}", do="decline")
    assert limit(stage, dunnock) == 90_000
    assert "No, by Anna Hale" in owner.words(f"{stage.home}/credit/proposals")


def test_a_reader_sees_proposals_and_decides_nothing(
    owner: Member, visitor: Visitor, stage: Cast, dunnock: App
) -> None:
    proposal_id = lowered(owner, stage, dunnock)
    reader = visitor.signed_in_as(stage.colleague_id)
    page = reader.words(f"{stage.home}/credit/proposals")
    assert "Lower the limit" in page and "Yes, do it" not in page
    assert reader.press(f"{stage.home}/credit/proposals/{proposal_id}", do="accept").status_code == 403


def test_a_category_gets_a_schedule_on_its_page(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.read(stage.organisation_id) as session:
        schedule_id, name = schedules.names(session, stage.organisation_id)[0]
    path = f"{stage.home}/credit/risk/categories"
    form = {
        "key-0": "low", "name-0": "Low", "at_least-0": "60", "name-1": "High", "at_least-1": "0",
        "schedule-1": schedule_id, "by_itself": "yes",
    }  # fmt: skip
    assert owner.press(path, **form, do="save").status_code == 302
    with dunnock.database.read(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        assert organisation.risk_moves_schedules
        assert [one["schedule_id"] for one in organisation.risk_categories] == [None, schedule_id]
        assert session.get_one(Contact, (stage.organisation_id, stage.contact_id)).schedule_id is None
    assert name in owner.words(path)
    assert "Schedules follow the category by themselves" in owner.words(f"{stage.home}/credit/proposals")
    wrong = owner.press(path, **form | {"schedule-1": "0" * 32}, do="save")
    assert wrong.status_code == 422 and "no such schedule" in wrong.get_data(as_text=True)
