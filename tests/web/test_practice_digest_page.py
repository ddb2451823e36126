"""The page of the weekly mail about all clients: one's own switch, what it would say, and the link that ends it."""

from __future__ import annotations

import pytest

from services.app import App
from services.digest import practice_wishes, wishes
from store.queries import practice_digests
from tests.support import practice_cast
from tests.support.cast import Cast
from tests.support.practice_cast import PracticeCast
from tests.support.visitor import Member, Visitor


@pytest.fixture
def firm(dunnock: App, stage: Cast) -> PracticeCast:
    return practice_cast.fill(dunnock.database, stage)


@pytest.fixture
def staff(visitor: Visitor, firm: PracticeCast) -> Member:
    return visitor.signed_in_as(firm.staff_id)


def zone(app: App, firm: PracticeCast) -> str | None:
    with app.database.read_across() as session:
        found = practice_digests.reader(session, firm.practice_id, firm.staff_id)
        return found.zone if found else None


def test_it_is_switched_on_and_off_and_found_from_the_account(
    staff: Member, firm: PracticeCast, dunnock: App
) -> None:
    path = f"{firm.home}/digest"
    assert f'href="{path}"' in staff.get("/account").text and f'href="{path}"' in staff.get(firm.home).text
    assert "One mail instead of one for each client" in staff.words(path)
    staff.press(path, wanted="yes", zone="Europe/Berlin")
    page = staff.words(path)
    assert "from now on, once a week" in page and "by the clocks of Europe/Berlin" in page
    assert zone(dunnock, firm) == "Europe/Berlin"
    staff.press(path, wanted="no")
    assert "no weekly mail about your clients any more" in staff.words(path)
    assert zone(dunnock, firm) is None


def test_it_shows_what_it_would_say_of_the_clients_that_one_sees(
    staff: Member, visitor: Visitor, firm: PracticeCast
) -> None:
    page = staff.words(f"{firm.home}/digest")
    assert "Hedgerow Joinery" in page and "Second Client Ltd" not in page
    both = visitor.signed_in_as(firm.admin_id).words(f"{firm.home}/digest")
    assert "Hedgerow Joinery" in both and "Second Client Ltd" in both and "Ended Client Ltd" not in both


def test_a_time_zone_that_there_is_none_of_is_said(staff: Member, firm: PracticeCast, dunnock: App) -> None:
    answer = staff.press(f"{firm.home}/digest", wanted="yes", zone="Mars/Olympus")
    assert answer.status_code == 422 and "Choose the time zone" in answer.text
    assert zone(dunnock, firm) is None


def test_the_digests_of_single_clients_are_offered_to_end(
    staff: Member, stage: Cast, firm: PracticeCast, dunnock: App
) -> None:
    path = f"{firm.home}/digest"
    assert "End the weekly digest of" not in staff.words(path)
    wishes.change(dunnock, stage.organisation_id, firm.staff_id, wanted=True)
    assert "End the weekly digest of 1 single client" in staff.words(path)
    staff.press(path, wanted="yes", zone="Europe/London", end_singles="yes")
    assert "End the weekly digest of" not in staff.words(path)


def test_strangers_and_who_has_left_find_nothing(visitor: Visitor, firm: PracticeCast) -> None:
    for person in (firm.former_id, firm.other_admin_id):
        somebody = visitor.signed_in_as(person)
        assert somebody.get(f"{firm.home}/digest").status_code == 404
        assert somebody.press(f"{firm.home}/digest", wanted="yes", zone="Europe/London").status_code == 404


def test_the_link_in_the_mail_ends_it_without_signing_in(
    visitor: Visitor, firm: PracticeCast, dunnock: App
) -> None:
    practice_wishes.change(dunnock, firm.practice_id, firm.staff_id, zone="Europe/London")
    token = practice_wishes.link(dunnock, firm.practice_id, firm.staff_id).rsplit("/", 1)[1]
    client = visitor.app.test_client()
    assert "and nothing else" in client.get(f"/no-digest/clients/{token}").text
    assert zone(dunnock, firm) == "Europe/London"
    answer = client.post(f"/no-digest/clients/{token}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and zone(dunnock, firm) is None
    assert client.post(f"/no-digest/clients/{token}").status_code == 200
    assert client.get("/no-digest/clients/nothing").status_code == 410
