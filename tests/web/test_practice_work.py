"""One queue, one inbox and one worklist across clients, for those who may see them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, select

from kit import clock
from services.app import App
from store.models import Communication, Reply, TeamTask
from tests.support import practice_cast
from tests.support.cast import Cast
from tests.support.practice_cast import PracticeCast
from tests.support.visitor import Member, Visitor

PAGES = ("queue", "inbox", "worklist")


@pytest.fixture
def firm(dunnock: App, stage: Cast) -> PracticeCast:
    filled = practice_cast.fill(dunnock.database, stage)
    a_mail_that_waits(dunnock, filled.client_id)
    return filled


def a_mail_that_waits(app: App, organisation_id: str) -> Communication:
    """A reminder that waits for a person's yes."""
    with app.database.write(organisation_id) as session:
        mail = session.scalars(
            select(Communication).where(
                Communication.organisation_id == organisation_id, Communication.kind == "chaser"
            )
        ).first()
        assert mail
        mail.status, mail.brake, mail.reason, mail.approved_at = "held", "go", "It waits for a yes.", None
    return mail


@pytest.fixture
def staff(visitor: Visitor, firm: PracticeCast) -> Member:
    """Was given the first client alone."""
    return visitor.signed_in_as(firm.staff_id)


def test_each_row_names_its_client(staff: Member, firm: PracticeCast) -> None:
    for name in PAGES:
        assert re.search(
            rf"/organisations/{firm.client_id}/[^>]*>Hedgerow", staff.get(f"{firm.home}/{name}").text
        ) or ("at Hedgerow Joinery" in staff.words(f"{firm.home}/{name}"))


def test_work_of_clients_that_one_was_not_given_is_not_there(
    visitor: Visitor, dunnock: App, firm: PracticeCast
) -> None:
    with dunnock.database.write_across() as session:
        session.add(
            TeamTask(
                organisation_id=firm.second_id,
                id="f" * 32,
                kind="own",
                what="Ring the bank",
                due_on=clock.today("Europe/London"),
                asked_by="Sam Second",
                asked_at=clock.now(),
            )
        )
    admin, staff = visitor.signed_in_as(firm.admin_id), visitor.signed_in_as(firm.staff_id)
    assert "Ring the bank" in admin.words(f"{firm.home}/worklist")
    assert "Ring the bank" not in staff.words(f"{firm.home}/worklist")
    assert "Ring the bank" not in staff.words(f"{firm.home}/worklist?client={firm.second_id}")
    refused = staff.press(f"{firm.home}/worklist/{firm.second_id}/{'f' * 32}/finish")
    assert refused.status_code == 404


def test_a_list_is_narrowed_to_a_client_and_a_service_level(visitor: Visitor, firm: PracticeCast) -> None:
    admin = visitor.signed_in_as(firm.admin_id)
    admin.press(f"{firm.home}/clients/{firm.second_id}/level", level="Gold")
    for name in PAGES:
        link = f"/organisations/{firm.client_id}/"
        assert link in admin.get(f"{firm.home}/{name}").text
        assert link not in admin.get(f"{firm.home}/{name}?level=Gold").text
        assert link not in admin.get(f"{firm.home}/{name}?client={firm.second_id}").text


def test_a_task_is_done_in_place_and_says_by_whom(staff: Member, dunnock: App, firm: PracticeCast) -> None:
    page = staff.get(f"{firm.home}/worklist").text
    found = re.search(rf"/worklist/{firm.client_id}/(\w+)/finish", page)
    assert found
    done = staff.press(f"{firm.home}/worklist/{firm.client_id}/{found[1]}/finish", client=firm.client_id)
    assert done.location.endswith(f"/worklist?client={firm.client_id}")
    with dunnock.database.read(firm.client_id) as session:
        by = session.scalars(select(TeamTask.finished_by).where(TeamTask.id == found[1])).one()
    assert by == "Stan Staff (Ledger & Co)"


def test_a_reply_is_settled_in_place(staff: Member, dunnock: App, firm: PracticeCast) -> None:
    found = re.search(rf"/inbox/{firm.client_id}/(\w+)/seen", staff.get(f"{firm.home}/inbox").text)
    assert found
    staff.press(f"{firm.home}/inbox/{firm.client_id}/{found[1]}/seen")
    with dunnock.database.read(firm.client_id) as session:
        reply = session.get_one(Reply, (firm.client_id, found[1]))
        assert (reply.state, reply.settled_by) == ("settled", "Stan Staff (Ledger & Co)")


def test_a_message_that_waits_for_a_yes_gets_it_in_place(
    staff: Member, dunnock: App, firm: PracticeCast
) -> None:
    mail = a_mail_that_waits(dunnock, firm.client_id)
    assert "It waits for a yes." in staff.words(f"{firm.home}/queue?show=yes")
    staff.press(f"{firm.home}/queue/{firm.client_id}/{mail.id}/go")
    with dunnock.database.read(firm.client_id) as session:
        assert session.get_one(Communication, (firm.client_id, mail.id)).approved_at is not None


def test_strangers_act_nowhere(visitor: Visitor, firm: PracticeCast) -> None:
    for outsider in (firm.other_admin_id, firm.former_id):
        member = visitor.signed_in_as(outsider)
        for name in PAGES:
            assert member.get(f"{firm.home}/{name}").status_code == 404
        own = f"/practice/{firm.other_practice_id}"
        for path in (f"worklist/{firm.client_id}/x/finish", f"inbox/{firm.client_id}/x/seen"):
            assert member.press(f"{own}/{path}").status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_list_asks_no_more_often_for_more_clients(
    name: str, visitor: Visitor, dunnock: App, firm: PracticeCast
) -> None:
    admin = visitor.signed_in_as(firm.admin_id)

    def asked() -> int:
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(dunnock.database.engine, "before_cursor_execute", note)
        try:
            assert admin.get(f"{firm.home}/{name}").status_code == 200
        finally:
            event.remove(dunnock.database.engine, "before_cursor_execute", note)
        return len(statements)

    asked()  # that somebody was here is written down now and then
    few = asked()
    now = clock.now()
    with dunnock.database.write_across() as session:
        for number in range(60):
            theirs = practice_cast.organisation(f"Client {number:03}", now)
            session.add(theirs)
            session.flush()
            session.add(practice_cast.consent(firm.practice_id, theirs.id, "Somebody", now))
    assert asked() == few
