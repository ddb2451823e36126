"""The page of the organisation's data: what can be taken along, and when it is deleted."""

from __future__ import annotations

import io
import zipfile

from services.app import App
from services.data_rights import deletion, exports
from store.models import DataExport, Membership, Organisation
from store.queries import connection, data_exports
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor


def rows(dunnock: App, stage: Cast) -> list[DataExport]:
    with dunnock.database.read(stage.organisation_id) as session:
        return list(data_exports.listed(session, stage.organisation_id))


def test_an_owner_asks_for_everything_sees_how_far_it_is_and_fetches_it(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/data"
    assert owner.press(f"{page}/exports").status_code == 302
    assert "Being written: 0 of about" in owner.words(page)
    again = owner.press(f"{page}/exports")
    assert again.status_code == 422
    assert "is being written already" in again.text
    exports.go_on(dunnock, stage.organisation_id, 60)
    (row,) = rows(dunnock, stage)
    assert f'href="{page}/exports/{row.id}"' in owner.get(page).text
    answer = owner.get(f"{page}/exports/{row.id}")
    assert answer.status_code == 200
    assert "README.txt" in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()


def test_a_manager_sees_that_there_is_one_and_cannot_fetch_it(
    owner: Member, visitor: Visitor, stage: Cast, dunnock: App
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Membership, (stage.organisation_id, stage.colleague_id)).role = "manager"
    manager, page = visitor.signed_in_as(stage.colleague_id), f"{stage.home}/data"
    assert manager.press(f"{page}/exports").status_code == 403
    owner.press(f"{page}/exports")
    exports.go_on(dunnock, stage.organisation_id, 60)
    (row,) = rows(dunnock, stage)
    assert "Owners can do both" in manager.words(page)
    assert row.id not in manager.get(page).text
    assert manager.get(f"{page}/exports/{row.id}").status_code == 403
    assert manager.press(f"{page}/deletion", name="Hedgerow Joinery").status_code == 403


def test_the_day_of_the_deletion_is_shown_and_its_days_are_changed(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/data"
    assert "deleted after 90 days" in owner.words(page)
    answer = owner.press(f"{page}/days", days="12")
    assert answer.status_code == 422
    assert "between 30 and 365 days" in answer.text
    assert 'value="12"' in answer.text
    assert owner.press(f"{page}/days", days="60").status_code == 302
    assert "deleted after 60 days" in owner.words(page)
    disconnected(dunnock, stage)
    assert "Everything that Dunnock holds of Hedgerow Joinery is deleted on" in owner.words(page)


def test_everything_is_deleted_at_once_only_by_the_name_that_is_typed(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/data"
    assert "can be done once the organisation is disconnected" in owner.words(page)
    disconnected(dunnock, stage)
    answer = owner.press(f"{page}/deletion", name="Hedgerow")
    assert answer.status_code == 422
    assert "Type the name as it stands here, Hedgerow Joinery" in answer.text
    assert 'value="Hedgerow"' in answer.text
    assert owner.press(f"{page}/deletion", name="Hedgerow Joinery").status_code == 302
    assert owner.get(page).status_code in (302, 404)


def disconnected(dunnock: App, stage: Cast) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        organisation.connection = connection.DISCONNECTED
        session.flush()
        deletion.note_disconnected(session, stage.organisation_id, organisation.created_at)
