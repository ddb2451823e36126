"""What a practice asks for at a client that wants two people, and whoever may not ask any more when it is done."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kit import clock
from kit.acting import Acting, acting_as
from kit.ids import derived_id
from services import practice_runs, practice_switching, second_acts, second_eyes
from services.app import App
from store.models import AskedChange, Membership, Organisation, Person, PracticeMember, PracticeSet
from tests.support.cast import Cast
from tests.support.practice_cast import PracticeCast
from tests.support.visitor import Member, Visitor
from tests.web.test_practice_enabling import (
    OURS,
    a_set,
    admin,
    begin,
    change_text,
    chasing,
    default_schedule,
    firm,
    text_of,
    work_off,
)

__all__ = ["admin", "firm"]  # fixtures


@pytest.fixture
def two(dunnock: App, stage: Cast, firm: PracticeCast) -> None:
    """The client wants two people for its texts and for many at once."""
    with dunnock.database.write(firm.client_id) as session:
        session.get_one(Membership, (firm.client_id, stage.colleague_id)).role = "manager"
        session.get_one(Organisation, firm.client_id).second_eyes = ["templates", "bulk"]


def waits(app: App, organisation_id: str) -> list[AskedChange]:
    with app.database.read(organisation_id) as session:
        return second_eyes.waiting(session, organisation_id)


def say_yes(app: App, stage: Cast, change: AskedChange) -> str:
    with acting_as(Acting("Ben Ash", stage.colleague_id, "page")):
        return second_acts.agree(app, change.organisation_id, change.id)


def test_a_set_waits_for_a_second_yes_at_the_client(
    dunnock: App, stage: Cast, admin: Member, firm: PracticeCast, two: None
) -> None:
    before = default_schedule(dunnock, firm.client_id)
    run = begin(admin, firm, "dry_run", a_set(admin, firm))
    work_off(dunnock, firm.client_id, firm.second_id)
    assert default_schedule(dunnock, firm.client_id) == before
    assert (chasing(dunnock, firm.client_id), chasing(dunnock, firm.second_id)) == ("off", "dry_run")
    page = admin.words(run)
    assert "Waits for a second yes It waits for the yes of a second person" in page
    assert "1 of 2 clients done, 1 waiting for a second yes" in page
    (change,) = waits(dunnock, firm.client_id)
    shown = admin.words(f"/organisations/{firm.client_id}/second-eyes")
    assert "Follow the practice's set “House style” and plan in a dry run" in shown
    assert "The steps of the schedule “House style”" in shown
    assert "Customers without a schedule of their own are on “House style”" in shown
    assert "You have asked for this yourself" in shown

    assert say_yes(dunnock, stage, change) == "It is done, as the practice asked."
    assert default_schedule(dunnock, firm.client_id)[0] == "House style"
    assert chasing(dunnock, firm.client_id) == "dry_run"
    assert "2 of 2 clients done." in admin.words(run)


def test_a_no_stands_on_the_practices_page(
    dunnock: App, stage: Cast, admin: Member, firm: PracticeCast, two: None
) -> None:
    run = begin(admin, firm, "dry_run", a_set(admin, firm), client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    (change,) = waits(dunnock, firm.client_id)
    with (
        acting_as(Acting("Ben Ash", stage.colleague_id, "page")),
        dunnock.database.write(firm.client_id) as session,
    ):
        second_eyes.refuse(session, firm.client_id, change.id, "Not before Christmas")
    assert "Not done No second person said yes: Not before Christmas" in admin.words(run)
    assert chasing(dunnock, firm.client_id) == "off"


def test_to_put_it_back_takes_two_as_well(
    dunnock: App, stage: Cast, admin: Member, firm: PracticeCast, two: None
) -> None:
    before = default_schedule(dunnock, firm.client_id)
    run = begin(admin, firm, "dry_run", a_set(admin, firm), client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    say_yes(dunnock, stage, waits(dunnock, firm.client_id)[0])
    admin.press(f"{run}/undo")
    work_off(dunnock, firm.client_id)
    assert default_schedule(dunnock, firm.client_id)[0] == "House style"
    say_yes(dunnock, stage, waits(dunnock, firm.client_id)[0])
    assert default_schedule(dunnock, firm.client_id)[0] == before[0]
    assert chasing(dunnock, firm.client_id) == "off"
    assert "Put back" in admin.words(run)


def test_a_yes_that_a_crash_cut_off_is_done_once(
    dunnock: App, stage: Cast, admin: Member, firm: PracticeCast, two: None
) -> None:
    begin(admin, firm, "dry_run", a_set(admin, firm), client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    (change,) = waits(dunnock, firm.client_id)
    ours = Acting("Ben Ash", stage.colleague_id, "page")
    with acting_as(ours), dunnock.database.write(firm.client_id) as session:
        claimed = second_eyes.claim(session, firm.client_id, change.id)
        claimed.next_try_at = clock.now()
    for _ in range(2):
        while second_acts.go_on(dunnock, firm.client_id):
            pass
        with dunnock.database.write(firm.client_id) as session:  # nobody came to saying that it is done
            session.get_one(AskedChange, (firm.client_id, change.id)).next_try_at = clock.now()
    assert default_schedule(dunnock, firm.client_id) == ("House style", 1)
    assert chasing(dunnock, firm.client_id) == "dry_run"


def test_giving_a_set_back_waits_too(
    dunnock: App, stage: Cast, admin: Member, firm: PracticeCast, two: None
) -> None:
    change_text(dunnock, firm.second_id, "second_reminder", OURS)
    set_id = a_set(admin, firm, source=f"client:{firm.second_id}")
    before = text_of(dunnock, firm.client_id, "second_reminder")
    admin.press(f"{firm.home}/sets/{set_id}/clients/{firm.client_id}/give-back")
    assert text_of(dunnock, firm.client_id, "second_reminder") == before
    (change,) = waits(dunnock, firm.client_id)
    say_yes(dunnock, stage, change)
    assert text_of(dunnock, firm.client_id, "second_reminder") == OURS


def test_a_text_that_cannot_be_sent_reaches_no_client(
    dunnock: App, admin: Member, firm: PracticeCast
) -> None:
    change_text(dunnock, firm.second_id, "second_reminder", OURS)
    set_id = a_set(admin, firm, source=f"client:{firm.second_id}")
    with dunnock.database.write_across() as session:
        row = session.get_one(PracticeSet, set_id)
        broken = {"body": "Hello {{ password }}"}
        row.texts = [one | (broken if one["key"] == "second_reminder" else {}) for one in row.texts]
    before = text_of(dunnock, firm.client_id, "second_reminder")
    run = begin(admin, firm, "dry_run", set_id, client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    assert text_of(dunnock, firm.client_id, "second_reminder") == before
    assert chasing(dunnock, firm.client_id) == "off"
    assert "Not done" in admin.words(run)


@pytest.mark.parametrize("how", ["left", "staff"])
def test_who_may_not_any_more_has_nothing_done(
    dunnock: App, admin: Member, firm: PracticeCast, how: str
) -> None:
    begin(admin, firm, "dry_run", client=[firm.client_id])
    with dunnock.database.write_across() as session:
        member = session.get_one(PracticeMember, (firm.practice_id, firm.admin_id))
        member.role, member.ended_at = (
            ("practice_staff", None) if how == "staff" else (member.role, clock.now())
        )
    work_off(dunnock, firm.client_id)
    assert chasing(dunnock, firm.client_id) == "off"
    with dunnock.database.write_across() as session:
        member = session.get_one(PracticeMember, (firm.practice_id, firm.admin_id))
        member.role, member.ended_at = "practice_admin", None
    assert not practice_runs.due(dunnock)
    assert "may not do that for the practice any more" in admin.words(_newest_run(admin, firm))


def test_nor_is_anything_put_back_for_them(dunnock: App, admin: Member, firm: PracticeCast) -> None:
    run = begin(admin, firm, "dry_run", client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    admin.press(f"{run}/undo")
    with dunnock.database.write_across() as session:
        session.get_one(PracticeMember, (firm.practice_id, firm.admin_id)).role = "practice_staff"
    assert practice_switching.work(dunnock, firm.client_id)
    assert chasing(dunnock, firm.client_id) == "dry_run"


def _newest_run(admin: Member, firm: PracticeCast) -> str:
    page = admin.get(f"{firm.home}/enable").text
    return page.split(f'href="{firm.home}/runs/')[1].split('"')[0].join((f"{firm.home}/runs/", ""))


@pytest.fixture
def colleague(visitor: Visitor, dunnock: App, firm: PracticeCast, two: None) -> Member:
    """A second person of the practice, who may change chasing at the client as the admin may."""
    someone = derived_id("person", "second of the practice")
    with dunnock.database.write_across() as session:
        session.add(
            Person(
                id=someone,
                subject="second",
                email="second@firm.example",
                name="Dora Second",
                created_at=clock.now(),
            )
        )
        session.flush()
        session.add(
            PracticeMember(
                practice_id=firm.practice_id,
                person_id=someone,
                role="practice_admin",
                all_clients=True,
                joined_at=clock.now(),
            )
        )
    return visitor.signed_in_as(someone)


def yes(member: Member, client_id: str, change: AskedChange) -> str:
    member.press(f"/organisations/{client_id}/second-eyes/{change.id}/agree")
    return member.words(f"/organisations/{client_id}/second-eyes")


def test_two_people_of_a_practice_do_not_agree_with_each_other_where_the_client_has_somebody(
    dunnock: App, stage: Cast, admin: Member, colleague: Member, firm: PracticeCast
) -> None:
    begin(admin, firm, "dry_run", a_set(admin, firm), client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    (change,) = waits(dunnock, firm.client_id)
    page = colleague.words(f"/organisations/{firm.client_id}/second-eyes")
    assert "both work here for a practice, so somebody of" in page
    assert "both work here for a practice" in yes(colleague, firm.client_id, change)
    assert [one.id for one in waits(dunnock, firm.client_id)] == [change.id]
    assert say_yes(dunnock, stage, change) == "It is done, as the practice asked."


def test_the_clients_owner_may_allow_it_and_nobody_of_the_practice(
    dunnock: App, stage: Cast, admin: Member, colleague: Member, firm: PracticeCast, visitor: Visitor
) -> None:
    eyes = f"/organisations/{firm.client_id}/second-eyes"
    admin.press(f"{eyes}/practice", on="yes")
    assert "Only an owner of the organisation itself decides this" in admin.words(eyes)
    with dunnock.database.write(firm.client_id) as session:
        session.get_one(Membership, (firm.client_id, stage.colleague_id)).role = "owner"
    theirs = visitor.signed_in_as(stage.colleague_id)
    theirs.press(f"{eyes}/practice", on="yes")
    assert "may agree with each other" in theirs.words(eyes)
    begin(admin, firm, "dry_run", a_set(admin, firm), client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    (change,) = waits(dunnock, firm.client_id)
    yes(colleague, firm.client_id, change)
    assert waits(dunnock, firm.client_id) == []
    assert chasing(dunnock, firm.client_id) == "dry_run"


def test_where_the_client_has_nobody_of_its_own_the_practice_agrees_and_the_page_says_so(
    dunnock: App, admin: Member, colleague: Member, firm: PracticeCast
) -> None:
    with dunnock.database.write(firm.client_id) as session:
        for one in session.scalars(select(Membership).where(Membership.organisation_id == firm.client_id)):
            session.delete(one)
    assert "so two people of the practice may agree" in admin.words(
        f"/organisations/{firm.client_id}/second-eyes"
    )
    begin(admin, firm, "dry_run", a_set(admin, firm), client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    (change,) = waits(dunnock, firm.client_id)
    yes(colleague, firm.client_id, change)
    assert chasing(dunnock, firm.client_id) == "dry_run"
