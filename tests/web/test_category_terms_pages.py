"""Terms of categories on their page, proposals of them with a date for the discount, several at once, and the way back."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from kit import clock
from services.app import App
from services.figures import keeping
from store.models import AgreedTerms, Contact, CreditProposal, Membership, Organisation
from store.queries import figures_kept
from tests.support.cast import Cast
from tests.support.paid_book import add_invoice
from tests.support.visitor import Member, Visitor

FORM = {
    "key-0": "low", "name-0": "Low", "at_least-0": "60", "key-1": "medium", "name-1": "Medium", "at_least-1": "0",
}  # fmt: skip
WITH = {
    f"{name}-{number}": value
    for number in (0, 1)
    for name, value in (
        ("terms_kind", "DAYSAFTERBILLDATE"), ("terms_days", "14"), ("percent", "2.5"), ("within_days", "7"),
    )
}  # fmt: skip


def paid_in_time(stage: Cast, dunnock: App, contact_id: str) -> None:
    """The customer is rated, so it is in a category."""
    day = clock.now().date() - timedelta(days=40)
    for _number in range(3):
        add_invoice(dunnock, stage.organisation_id, contact_id, day, day + timedelta(days=20))
    with dunnock.database.write(stage.organisation_id) as session:
        figures_kept.mark_stale(session, stage.organisation_id, [contact_id])
    keeping.renew(dunnock, stage.organisation_id)


def own_terms(stage: Cast, dunnock: App, days: int = 30) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        contact.terms_kind, contact.terms_days = "DAYSAFTERBILLDATE", days


def waiting(stage: Cast, dunnock: App) -> list[CreditProposal]:
    with dunnock.database.read(stage.organisation_id) as session:
        return list(session.query(CreditProposal).filter_by(state="waits", kind="terms"))


def proposed(owner: Member, stage: Cast, dunnock: App) -> str:
    """A proposal of terms and a discount for the customer; its id."""
    paid_in_time(stage, dunnock, stage.contact_id)
    own_terms(stage, dunnock)
    assert owner.press(f"{stage.home}/credit/risk/categories", **FORM, **WITH, do="save").status_code == 302
    owner.press(f"{stage.home}/credit/proposals/ask")
    (row,) = [one for one in waiting(stage, dunnock) if one.contact_id == stage.contact_id]
    return row.id


def test_the_table_takes_terms_and_says_beforehand_who_differs_and_what_it_costs(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    paid_in_time(stage, dunnock, stage.contact_id)
    own_terms(stage, dunnock)
    path = f"{stage.home}/credit/risk/categories"
    page = owner.press(path, **FORM, **WITH, do="preview").get_data(as_text=True)
    words = re.sub(r"\s+", " ", page)
    assert (
        "other terms now" in words
        and "The discount costs up to £" in words
        and "Annual rate = percent" in words
    )
    assert 'value="2.5"' in page and 'value="14"' in page
    assert owner.press(path, **FORM, **WITH, do="save").status_code == 302
    with dunnock.database.read(stage.organisation_id) as session:
        stored = session.get_one(Organisation, stage.organisation_id).risk_categories
    assert stored[0]["terms"] == {
        "kind": "DAYSAFTERBILLDATE", "days": 14, "percent": "2.5", "within_days": 7,
    }  # fmt: skip
    assert waiting(stage, dunnock) == [], "saving proposes nothing"


def test_what_cannot_be_is_said_and_what_was_typed_stays(owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/credit/risk/categories"
    for changes, words in (
        ({"terms_kind-0": ""}, "how the days of the payment terms are counted"),
        ({"terms_days-0": "x"}, "whole number"),
        ({"terms_kind-0": "OFFOLLOWINGMONTH", "terms_days-0": "32"}, "from 1 to 31"),
        ({"percent-0": "100"}, "less than 100 percent"),
        ({"percent-0": "a lot"}, "a percentage"),
        ({"within_days-0": ""}, "within how many days"),
        ({"percent-0": "2.555"}, "two decimals"),
    ):
        answer = owner.press(path, **FORM | WITH | changes, do="save")
        assert answer.status_code == 422 and words in answer.get_data(as_text=True), changes
        assert 'value="7"' in answer.get_data(as_text=True)


def test_a_yes_has_the_terms_written_and_agrees_on_the_discount(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    proposal_id = proposed(owner, stage, dunnock)
    assert "30 days after the invoice date" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    page = owner.words(f"{stage.home}/credit/proposals")
    assert "Payment terms from “30 days after the invoice date” to “14 days after the invoice date”" in page
    assert "and discount from “no discount” to “2.5 % off if paid within 7 days”" in page
    until = clock.now().date() + timedelta(days=60)
    path = f"{stage.home}/credit/proposals/{proposal_id}"
    owner.press(path, do="accept", until="soon")
    assert "up to which day the discount holds" in owner.words(f"{stage.home}/credit/proposals")
    owner.press(path, do="accept", until=until.isoformat())
    with dunnock.database.read(stage.organisation_id) as session:
        row = session.get_one(CreditProposal, (stage.organisation_id, proposal_id))
        assert row.write_pending and row.decided_by == "Anna Hale"
        agreed = session.scalars(select(AgreedTerms).where(AgreedTerms.contact_id == stage.contact_id))
        (new,) = [one for one in agreed if one.agreed_by == "Anna Hale"]
        assert (new.until, new.percent, new.within_days) == (until, Decimal("2.5"), 7)
    page = owner.words(f"{stage.home}/credit/proposals")
    assert "Waiting to be written to Xero" in page and "1 waiting to be written" in page


def test_several_are_accepted_at_once_and_what_cannot_be_goes_on_waiting(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    proposal_id = proposed(owner, stage, dunnock)
    path = f"{stage.home}/credit/proposals/chosen"
    owner.press(path)
    assert "Tick the proposals" in owner.words(f"{stage.home}/credit/proposals")
    own_terms(stage, dunnock, 45)
    owner.press(path, id=proposal_id, until=(clock.now().date() + timedelta(days=9)).isoformat())
    assert "changed meanwhile" in owner.words(f"{stage.home}/credit/proposals")
    own_terms(stage, dunnock)
    owner.press(path, id=proposal_id, until=(clock.now().date() + timedelta(days=9)).isoformat())
    assert "1 proposal is accepted" in owner.words(f"{stage.home}/credit/proposals")
    assert [one.contact_id for one in waiting(stage, dunnock) if one.contact_id == stage.contact_id] == []


def test_the_former_terms_are_written_again_with_one_click(owner: Member, stage: Cast, dunnock: App) -> None:
    proposal_id = proposed(owner, stage, dunnock)
    owner.press(f"{stage.home}/credit/proposals/{proposal_id}", do="accept")
    with dunnock.database.write(stage.organisation_id) as session:
        row = session.get_one(CreditProposal, (stage.organisation_id, proposal_id))
        row.write_pending, row.written_at = False, clock.now()
    own_terms(stage, dunnock, 14)
    assert "Write the former terms again" in owner.words(f"{stage.home}/credit/proposals")
    owner.press(f"{stage.home}/credit/proposals/{proposal_id}/former")
    with dunnock.database.read(stage.organisation_id) as session:
        (back,) = session.query(CreditProposal).filter_by(write_pending=True)
        assert back.terms == {"kind": "DAYSAFTERBILLDATE", "days": 30} and back.state == "accepted"


def test_a_reader_asks_accepts_and_undoes_nothing(
    owner: Member, visitor: Visitor, stage: Cast, dunnock: App
) -> None:
    proposal_id = proposed(owner, stage, dunnock)
    reader = visitor.signed_in_as(stage.colleague_id)
    assert "Yes to the chosen" not in reader.words(f"{stage.home}/credit/proposals")
    for path in ("ask", "chosen", f"{proposal_id}/former", proposal_id):
        assert reader.press(f"{stage.home}/credit/proposals/{path}", id=proposal_id).status_code == 403


def test_where_two_people_are_wanted_chosen_discounts_wait_for_another_yes(
    owner: Member, visitor: Visitor, stage: Cast, dunnock: App
) -> None:
    proposal_id = proposed(owner, stage, dunnock)
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Organisation, stage.organisation_id).second_eyes = ["credit"]
        session.get_one(Membership, (stage.organisation_id, stage.colleague_id)).role = "manager"
    until = clock.now().date() + timedelta(days=9)
    owner.press(f"{stage.home}/credit/proposals/chosen", id=proposal_id, until=until.isoformat())
    assert "1 proposal waits for a second person’s yes" in owner.words(f"{stage.home}/credit/proposals")
    assert proposal_id in [one.id for one in waiting(stage, dunnock)]
    second = visitor.signed_in_as(stage.colleague_id)
    page = second.get(f"{stage.home}/second-eyes").text
    assert "2.5 % off if paid within 7 days" in page.replace("\xa0", " ")
    (change_id,) = re.findall(r"/second-eyes/(\w+)/agree", page)
    second.press(f"{stage.home}/second-eyes/{change_id}/agree")
    assert "The proposal is accepted." in second.words(f"{stage.home}/second-eyes")
    assert proposal_id not in [one.id for one in waiting(stage, dunnock)]
