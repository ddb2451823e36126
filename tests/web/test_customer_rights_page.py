"""The pages on which a customer is found, exported, restricted and erased."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

from sqlalchemy import select

from services.app import App
from services.data_rights import erasure, exports, persons
from store.models import Contact, Invoice, Membership
from store.queries import data_exports, erasures
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor


def page_of(stage: Cast) -> str:
    return f"{stage.home}/data/customers/{stage.contact_id}"


def settle_up(dunnock: App, stage: Cast) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        for one in session.scalars(select(Invoice).where(Invoice.contact_id == stage.contact_id)):
            one.status, one.amount_due = "PAID", Decimal(0)


def test_a_customer_is_found_by_name_and_by_the_address_of_its_people(owner: Member, stage: Cast) -> None:
    for words in ("bellwether", "abe@bellwether.example", "robin@example.org"):
        assert "Bellwether Books" in owner.words(f"{stage.home}/data/customers?q={words}")
    assert "Nobody is found" in owner.words(f"{stage.home}/data/customers?q=nobody+there")


def test_everything_of_it_is_asked_for_and_fetched(owner: Member, stage: Cast, dunnock: App) -> None:
    assert owner.press(f"{page_of(stage)}/exports").status_code == 302
    assert "Being written." in owner.words(page_of(stage))
    while exports.go_on(dunnock, stage.organisation_id, 60):
        pass
    with dunnock.database.read(stage.organisation_id) as session:
        (row,) = data_exports.listed(session, stage.organisation_id, stage.contact_id)
    answer = owner.get(f"{page_of(stage)}/exports/{row.id}")
    assert "overview.html" in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert owner.get(f"{stage.home}/data/exports/{row.id}").status_code == 404


def test_whoever_owes_something_is_restricted_and_let_go_again(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    assert "2 open invoices are owed by it" in owner.words(page_of(stage))
    refused = owner.press(f"{page_of(stage)}/erasure", because="asked", name="Bellwether Books")
    assert refused.status_code == 422
    owner.press(f"{page_of(stage)}/restriction", on="yes")
    assert "This customer is restricted since" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    owner.press(f"{page_of(stage)}/restriction", on="no")
    assert "This customer is restricted" not in owner.words(f"{stage.home}/contacts/{stage.contact_id}")


def test_it_is_erased_once_its_name_is_typed(owner: Member, stage: Cast, dunnock: App) -> None:
    settle_up(dunnock, stage)
    wrong = owner.press(f"{page_of(stage)}/erasure", because="asked", name="Bellweather")
    assert wrong.status_code == 422
    assert 'value="Bellweather"' in wrong.text
    assert (
        owner.press(f"{page_of(stage)}/erasure", because="asked", name="Bellwether Books").status_code == 302
    )
    while erasure.go_on(dunnock, stage.organisation_id, 60):
        pass
    with dunnock.database.read(stage.organisation_id) as session:
        assert session.get_one(Contact, (stage.organisation_id, stage.contact_id)).name == erasures.NAME
    assert "They asked for it" in owner.words(page_of(stage))
    assert "was erased here" in owner.words(f"{stage.home}/data/customers?q=Bellwether+Books")
    assert "This customer was erased" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")


def test_a_manager_looks_and_changes_nothing(visitor: Visitor, stage: Cast, dunnock: App) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Membership, (stage.organisation_id, stage.colleague_id)).role = "manager"
    manager = visitor.signed_in_as(stage.colleague_id)
    assert "Only owners can change anything here" in manager.words(page_of(stage))
    for path in ("exports", "restriction", "legal-hold", "erasure"):
        assert manager.press(f"{page_of(stage)}/{path}").status_code == 403


def test_one_person_of_a_customer_is_exported_and_erased(owner: Member, stage: Cast, dunnock: App) -> None:
    with dunnock.database.read(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        (mark,) = [mark for mark, one in persons.listed(session, contact) if one.email == "robin@example.org"]
    page = f"{page_of(stage)}/people/{mark}"
    assert page in owner.get(page_of(stage)).text
    assert "What is held of this person, who is at Bellwether Books" in owner.words(page)
    assert owner.press(f"{page}/exports").status_code == 302
    while exports.go_on(dunnock, stage.organisation_id, 60):
        pass
    assert "alone" in owner.words(page_of(stage))
    refused = owner.press(f"{page}/erasure", because="asked", name="Nobody")
    assert refused.status_code == 422


def test_a_person_of_whom_nothing_is_held_has_no_page(owner: Member, stage: Cast) -> None:
    assert owner.get(f"{page_of(stage)}/people/{'0' * 64}").status_code == 404


def test_how_long_things_are_kept_is_changed_above_the_floor(owner: Member, stage: Cast) -> None:
    page = f"{stage.home}/data"
    days = {
        "messages": "800", "replies": "400", "calls": "400", "files": "200", "pages": "366", "decisions": "366",
        "feed": "30", "reports": "90", "strays": "180", "credit_reports": "366",
    }  # fmt: skip
    assert owner.press(f"{page}/kept", **days).status_code == 302
    assert 'value="800"' in owner.get(page).text
    refused = owner.press(f"{page}/kept", **days | {"files": "3"})
    assert refused.status_code == 422
    assert "Files: choose between 180 and" in refused.text
    assert 'value="3"' in refused.text
