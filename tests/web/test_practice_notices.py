"""People of a practice are colleagues at their clients: calls are handed to them, notes mention them, evenings tell them."""

from __future__ import annotations

import pytest

from kit import clock
from kit.errors import UserError
from services import call_owners, notices
from services.app import App
from services.digest import wishes
from store.models import Contact, InternalNotice, Membership, Organisation, PracticeClient, PracticeMember
from store.queries import digests
from store.queries import notices as queries
from tests.support import practice_cast
from tests.support.cast import Cast
from tests.support.practice_cast import PracticeCast
from tests.support.visitor import Member, Visitor


@pytest.fixture
def firm(dunnock: App, stage: Cast) -> PracticeCast:
    return practice_cast.fill(dunnock.database, stage)


def told(app: App, organisation_id: str, person_id: str) -> list[InternalNotice]:
    with app.database.read(organisation_id) as session:
        return session.query(InternalNotice).filter_by(person_id=person_id).all()


def readers(app: App, organisation_id: str) -> set[str]:
    with app.database.read(organisation_id) as session:
        return {one.person_id for one in queries.evening_readers(session, organisation_id)}


def looks_after(app: App, stage: Cast, person_id: str) -> None:
    """This person looks after a customer; chasing is in its dry run, and no member wants to be told."""
    with app.database.write(stage.organisation_id) as session:
        session.get_one(Contact, (stage.organisation_id, stage.contact_id)).owner_id = person_id
        session.get_one(Organisation, stage.organisation_id).chasing = "dry_run"
        for row in session.query(Membership).filter_by(organisation_id=stage.organisation_id):
            row.evening_notice = False


def wanting(app: App) -> list[str]:
    with app.database.read_across() as session:
        return [organisation_id for organisation_id, _ in queries.wanting_evenings(session)]


def test_calls_are_handed_to_somebody_of_the_practice_who_is_told(
    dunnock: App, stage: Cast, firm: PracticeCast, owner: Member
) -> None:
    assert "Stan Staff" in owner.words(f"{stage.home}/calls")
    with dunnock.database.write(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        call_owners.hand_over(
            session, organisation, stage.contact_id, firm.staff_id,
            by="Anna Hale", by_id=stage.owner_id, home="http://localhost", now=clock.now(),
        )  # fmt: skip
    assert len(told(dunnock, stage.organisation_id, firm.staff_id)) == 1


def test_a_note_that_mentions_them_tells_them(
    dunnock: App, stage: Cast, firm: PracticeCast, owner: Member
) -> None:
    owner.press(
        f"{stage.home}/contacts/{stage.contact_id}/notes", kind="note", text="Please ring them, @Stan"
    )
    assert len(told(dunnock, stage.organisation_id, firm.staff_id)) == 1


def test_who_looks_after_a_customer_is_told_in_the_evening_and_can_switch_it_off(
    dunnock: App, visitor: Visitor, stage: Cast, firm: PracticeCast
) -> None:
    looks_after(dunnock, stage, firm.staff_id)
    assert readers(dunnock, stage.organisation_id) == {firm.staff_id}
    assert stage.organisation_id in wanting(dunnock)
    stan = visitor.signed_in_as(firm.staff_id)
    assert stan.press(f"{stage.home}/settings/notices").status_code == 302
    assert readers(dunnock, stage.organisation_id) == set()
    assert stage.organisation_id not in wanting(dunnock)


def test_who_looks_after_nobody_or_has_left_is_not_told(
    dunnock: App, stage: Cast, firm: PracticeCast
) -> None:
    looks_after(dunnock, stage, firm.former_id)
    assert readers(dunnock, stage.organisation_id) == set()
    looks_after(dunnock, stage, firm.staff_id)
    with dunnock.database.write_across() as session:
        session.get_one(PracticeMember, (firm.practice_id, firm.staff_id)).ended_at = clock.now()
    assert readers(dunnock, stage.organisation_id) == set()
    assert wanting(dunnock).count(stage.organisation_id) == 0


def test_going_live_as_the_practice_signs_nobody_up(dunnock: App, stage: Cast, firm: PracticeCast) -> None:
    looks_after(dunnock, stage, stage.owner_id)
    assert notices.tell_somebody(dunnock, stage.organisation_id, firm.admin_id) is False
    assert notices.tell_somebody(dunnock, stage.organisation_id, stage.owner_id) is True


def test_they_get_the_weekly_digest_of_the_clients_that_they_work_for_until_that_ends(
    dunnock: App, stage: Cast, firm: PracticeCast
) -> None:
    here, elsewhere = stage.organisation_id, firm.second_id  # a client that others see to
    wishes.change(dunnock, here, firm.staff_id, wanted=True)
    assert digest_readers(dunnock, here) == {firm.staff_id}
    with pytest.raises(UserError, match="no longer a member"):
        wishes.change(dunnock, elsewhere, firm.staff_id, wanted=True)
    with dunnock.database.write_across() as session:
        for row in session.query(PracticeClient).filter_by(organisation_id=here):
            row.ended_at = clock.now()
    assert digest_readers(dunnock, here) == set()


def digest_readers(app: App, organisation_id: str) -> set[str]:
    with app.database.read(organisation_id) as session:
        return {one.person_id for one in digests.readers(session, organisation_id)}
