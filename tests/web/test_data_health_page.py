"""The page of addresses that need somebody's look, and the same over the API."""

from __future__ import annotations

import pytest

from services.app import App
from store.models import Contact
from tests.support.cast import Cast
from tests.support.visitor import Member


def test_what_is_wrong_is_counted_listed_and_put_right(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/data-health"
    with dunnock.database.write(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        contact.email = "changed@elsewhere.example"
    said = owner.words(page)
    assert "Quill Stationers" in said and "Nobody here has an address" in said
    assert "changed@elsewhere.example came instead of accounts@bellwether.example" in said
    assert "Quill Stationers" not in owner.words(f"{page}?problem=changed")
    answer = owner.press(
        f"{stage.home}/contacts/{stage.contact_id}/right-address",
        address="changed@elsewhere.example",
        **{"from": "data-health"},
    )
    assert answer.location.endswith("/data-health")
    assert "Anna Hale has said that it is right" in owner.words(page)


@pytest.mark.parametrize("query", ["problem=everything", "page=0", "page=x"])
def test_a_list_that_does_not_exist_is_refused(owner: Member, stage: Cast, query: str) -> None:
    assert owner.get(f"{stage.home}/data-health?{query}").status_code == 400
