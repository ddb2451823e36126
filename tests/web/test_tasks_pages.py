"""The lists of letters and reviews, and the forms in which people say what came of them."""

from __future__ import annotations

from datetime import timedelta

from kit import clock
from services.app import App
from store.models import Communication, Contact, Invoice
from tests.support.cast import Cast
from tests.support.visitor import Member


def communications(dunnock: App, stage: Cast, channel: str) -> list[Communication]:
    with dunnock.database.read(stage.organisation_id) as session:
        found = session.query(Communication).filter_by(channel=channel, contact_id=stage.contact_id)
        return list(found.order_by(Communication.created_at))


def test_the_lists_open(owner: Member, stage: Cast) -> None:
    assert owner.get(f"{stage.home}/tasks").status_code == 200
    for kind in ("letter", "review"):
        assert owner.get(f"{stage.home}/tasks?kind={kind}").status_code == 200
    assert owner.get(f"{stage.home}/tasks?kind=dance").status_code == 404


def test_a_review_needs_a_word_and_then_is_done(dunnock: App, owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/contacts/{stage.contact_id}/reviews"
    before = len(communications(dunnock, stage, "note"))
    owner.press(path, text=" ", invoice=stage.invoice_id)
    assert len(communications(dunnock, stage, "note")) == before
    owner.press(path, text="We wait for the director.", invoice=stage.invoice_id)
    assert communications(dunnock, stage, "note")[-1].body_text == "We wait for the director."


def test_what_a_step_asks_a_person_for_stands_on_the_customers_page(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        customer = session.query(Contact).filter_by(name="Saltmarsh Brewing").one().id
        for invoice in session.query(Invoice).filter_by(contact_id=customer):
            invoice.due_on = clock.now().date() - timedelta(days=50)
    to_do = (
        owner.get(f"{stage.home}/contacts/{customer}")
        .text.partition('id="to-do"')[2]
        .partition("</section>")[0]
    )
    assert ">Review</a>" in to_do and f"tasks?kind=review#task-{customer}" in to_do.replace("&amp;", "&")
    assert "Nothing just now" not in to_do
