"""The list of disputes, the page of one, and the forms that open, hand on and settle it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from kit import clock
from services.app import App
from store.models import Communication, Dispute
from tests.support.cast import Cast
from tests.support.visitor import Member


def of_invoice(dunnock: App, stage: Cast) -> Dispute | None:
    with dunnock.database.read(stage.organisation_id) as session:
        return session.query(Dispute).filter_by(invoice_id=stage.invoice_id).one_or_none()


def opened(dunnock: App, owner: Member, stage: Cast, **typed: str) -> Dispute:
    path = f"{stage.home}/invoices/{stage.invoice_id}/disputes"
    answer = owner.press(path, **{"reason": "Two doors came without hinges.", "category": "goods"} | typed)
    assert answer.status_code == 302, answer.text
    found = of_invoice(dunnock, stage)
    assert found is not None
    return found


def test_the_list_says_what_is_open_and_what_is_late(dunnock: App, owner: Member, stage: Cast) -> None:
    page = owner.get(f"{stage.home}/disputes")
    assert "The vase came broken." in page.text and "29 days left" in page.text
    with dunnock.database.write(stage.organisation_id) as session:
        dispute = session.get_one(Dispute, (stage.organisation_id, stage.dispute_id))
        dispute.answer_by = clock.now().date() - timedelta(days=2)
    page = owner.get(f"{stage.home}/disputes")
    assert "1 dispute should have been answered by now." in page.text and "2 days late" in page.text


def test_a_dispute_is_opened_on_the_page_of_the_invoice(dunnock: App, owner: Member, stage: Cast) -> None:
    assert "The customer disputes it" in owner.get(f"{stage.home}/invoices/{stage.invoice_id}").text
    found = opened(dunnock, owner, stage, amount="1,000.00")
    assert (found.amount, found.category, found.owner_id) == (Decimal("1000.00"), "goods", stage.owner_id)
    page = owner.get(f"{stage.home}/invoices/{stage.invoice_id}").text
    assert "Asked for" in page and "£842.00" in page and "Two doors came without hinges." in page
    assert "is in dispute" in owner.get(f"{stage.home}/contacts/{stage.contact_id}").text


def test_what_was_typed_is_shown_again(dunnock: App, owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/invoices/{stage.invoice_id}/disputes"
    for wrong, says in (
        ("9,000", "no more can be in dispute"),
        ("EUR 5", "it is in GBP"),
        ("lots", "Write the amount"),
    ):
        page = owner.press(path, amount=wrong, reason="Wrong price agreed", category="price")
        assert page.status_code == 422 and says in page.text
        assert wrong in page.text and "Wrong price agreed" in page.text
    assert of_invoice(dunnock, stage) is None


def test_it_is_handed_on_noted_and_settled(dunnock: App, owner: Member, stage: Cast) -> None:
    found = opened(dunnock, owner, stage, amount="100.00")
    path = f"{stage.home}/disputes/{found.id}"
    day = (clock.now().date() + timedelta(days=5)).isoformat()
    assert owner.press(f"{path}/owner", owner=stage.colleague_id, answer_by=day).status_code == 302
    assert owner.press(f"{path}/notes", note="The driver remembers the hinges.").status_code == 302
    page = owner.get(path).text
    assert "Ben Okafor" in page and "The driver remembers the hinges." in page
    page_again = owner.press(f"{path}/settle", outcome="part_upheld", amount="100.00", text="Half of it.")
    assert page_again.status_code == 422 and "Half of it." in page_again.text
    assert (
        owner.press(f"{path}/settle", outcome="part_upheld", amount="40", text="Half of it.").status_code
        == 302
    )
    assert "£40.00 rests until the credit note" in owner.get(path).text
    assert "Half of it." in owner.get(f"{stage.home}/disputes").text
    assert owner.press(f"{path}/withdraw", why="They took free goods instead.").status_code == 302
    assert "They took free goods instead." in owner.get(path).text
    with dunnock.database.read(stage.organisation_id) as session:
        said = session.query(Communication).filter_by(kind="dispute", contact_id=stage.contact_id).all()
    assert len(said) == 3


def test_a_day_that_has_passed_may_stay_when_somebody_else_takes_over(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    late = clock.now().date() - timedelta(days=2)
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Dispute, (stage.organisation_id, stage.dispute_id)).answer_by = late
    path = f"{stage.home}/disputes/{stage.dispute_id}/owner"
    assert owner.press(path, owner=stage.colleague_id, answer_by=late.isoformat()).status_code == 302


def test_a_german_reader_writes_and_reads_amounts_as_in_german(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    owner.press("/account/language", language="de")
    found = opened(dunnock, owner, stage, amount="1.200,00")
    assert found.amount == Decimal("1200.00")
    page = owner.words(f"{stage.home}/disputes/{found.id}")
    assert "1.200,00" in page and "Streitfall klären" in page and "Zu beantworten bis" in page
