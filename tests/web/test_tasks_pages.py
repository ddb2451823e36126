"""The lists of calls, letters and reviews, and the forms in which people say what came of them."""

from __future__ import annotations

from services.app import App
from store.models import Communication
from tests.support.cast import Cast
from tests.support.visitor import Member


def communications(dunnock: App, stage: Cast, channel: str) -> list[Communication]:
    with dunnock.database.read(stage.organisation_id) as session:
        found = session.query(Communication).filter_by(channel=channel, contact_id=stage.contact_id)
        return list(found.order_by(Communication.created_at))


def test_the_calls_that_are_due_are_listed_with_what_to_say(owner: Member, stage: Cast) -> None:
    page = owner.get(f"{stage.home}/tasks")
    assert page.status_code == 200
    assert "Quill Stationers" in page.text and "What to say" in page.text
    assert "No number in Xero" in page.text
    for kind in ("letter", "review"):
        assert owner.get(f"{stage.home}/tasks?kind={kind}").status_code == 200
    assert owner.get(f"{stage.home}/tasks?kind=dance").status_code == 404


def test_a_call_is_written_down_from_the_customers_page(dunnock: App, owner: Member, stage: Cast) -> None:
    form = owner.get(f"{stage.home}/contacts/{stage.contact_id}/calls")
    assert form.status_code == 200
    answer = owner.press(
        f"{stage.home}/contacts/{stage.contact_id}/calls",
        outcome="asked",
        person="Robin",
        text="Looks into it.",
        invoice=stage.invoice_id,
    )
    assert answer.status_code == 302
    (entry,) = communications(dunnock, stage, "call")
    assert (entry.subject, entry.to, entry.body_text) == (
        "Wants to look into it",
        ["Robin"],
        "Looks into it.",
    )


def test_what_was_typed_is_shown_again_when_something_is_missing(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    page = owner.press(
        f"{stage.home}/contacts/{stage.contact_id}/calls", outcome="promise", text="Next week, she said."
    )
    assert page.status_code == 422
    assert "Give the day" in page.text and "Next week, she said." in page.text
    assert communications(dunnock, stage, "call") == []


def test_a_review_needs_a_word_and_then_is_done(dunnock: App, owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/contacts/{stage.contact_id}/reviews"
    before = len(communications(dunnock, stage, "note"))
    owner.press(path, text=" ", invoice=stage.invoice_id)
    assert len(communications(dunnock, stage, "note")) == before
    owner.press(path, text="We wait for the director.", invoice=stage.invoice_id)
    assert communications(dunnock, stage, "note")[-1].body_text == "We wait for the director."
