"""Callers note what was said; what goes out to customers is for those who approve mails."""

from __future__ import annotations

import pytest

from kit.ids import derived_id
from services import api_tokens
from services.app import App
from store.models import Communication, Membership
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor
from web import create_app

REPLY = derived_id("reply")


@pytest.fixture
def caller(dunnock: App, stage: Cast, visitor: Visitor) -> Member:
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Membership, (stage.organisation_id, stage.colleague_id)).role = "caller"
    return visitor.signed_in_as(stage.colleague_id)


def mails(dunnock: App, stage: Cast) -> int:
    with dunnock.database.read(stage.organisation_id) as session:
        return session.query(Communication).filter_by(direction="out").count()


def test_a_caller_reads_a_reply_and_cannot_answer_it(dunnock: App, stage: Cast, caller: Member) -> None:
    before = mails(dunnock, stage)
    page = caller.get(f"{stage.home}/inbox/{REPLY}")
    assert page.status_code == 200 and f"{REPLY}/answer" not in page.text
    answer = caller.press(f"{stage.home}/inbox/{REPLY}/answer", text="Thank you, Friday is fine.")
    assert answer.status_code == 403
    assert mails(dunnock, stage) == before


def test_neither_does_a_program_with_the_rights_of_a_caller(dunnock: App, stage: Cast) -> None:
    token = api_tokens.create(dunnock, stage.organisation_id, "caller")
    client, before = create_app(dunnock).test_client(), mails(dunnock, stage)
    for path, body in (
        (f"/replies/{REPLY}/answer", {"text": "Thank you."}),
        (f"/plans/{REPLY}/agreement", {}),
    ):
        answer = client.post(f"/api/v1{path}", json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 403, path
    assert mails(dunnock, stage) == before


def test_a_caller_is_not_offered_to_mail_an_agreement(stage: Cast, caller: Member) -> None:
    assert caller.press(f"{stage.home}/plans/{REPLY}/send").status_code == 403
