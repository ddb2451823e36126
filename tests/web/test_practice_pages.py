"""A practice works for clients who have said yes, and nobody else sees anything of either."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, select

from kit import clock
from services import bookkeeping, client_health
from services.app import App
from store.models import Hold, Membership, Organisation, Payment, PracticeClient
from store.queries import pages
from tests.support import practice_cast
from tests.support.cast import Cast
from tests.support.practice_cast import PracticeCast
from tests.support.visitor import Visitor, words

_LINK = re.compile(r'id="link">http[^<]*?(/invitations/[\w.-]+)<')


@pytest.fixture
def firm(dunnock: App, stage: Cast) -> PracticeCast:
    return practice_cast.fill(dunnock.database, stage)


def consents(app: App, organisation_id: str) -> list[PracticeClient]:
    with app.database.read(organisation_id) as session:
        return list(
            session.scalars(select(PracticeClient).where(PracticeClient.organisation_id == organisation_id))
        )


def link_in(page: str) -> str:
    found = _LINK.search(page)
    assert found, "no link on the page"
    return found[1]


def test_anybody_signed_in_makes_a_practice_and_is_its_admin(visitor: Visitor, stage: Cast) -> None:
    anna = visitor.signed_in_as(stage.owner_id)
    made = anna.press("/practices", name="  Ledger   & Co ")
    assert made.status_code == 302
    page = anna.words(made.location)
    assert "Ledger & Co" in page
    assert "No client yet" in page
    assert "Staff" in anna.words(f"{made.location}/staff")


def test_a_practice_needs_a_name(visitor: Visitor, stage: Cast) -> None:
    answer = visitor.signed_in_as(stage.owner_id).press("/practices", name=" ")
    assert answer.status_code == 422
    assert "give it one" in answer.text


def test_the_list_shows_how_each_client_stands_and_who_needs_help_first(
    visitor: Visitor, firm: PracticeCast
) -> None:
    page = visitor.signed_in_as(firm.admin_id).words(firm.home)
    assert page.index("Hedgerow Joinery") < page.index("Second Client Ltd")
    assert "Ended Client Ltd" not in page
    assert "Strange Imports" not in page
    assert "€2,950.00" in page  # each currency by itself
    assert "How the order comes about" in page


def test_clients_are_found_by_name_level_and_state(visitor: Visitor, firm: PracticeCast) -> None:
    admin = visitor.signed_in_as(firm.admin_id)
    assert admin.press(f"{firm.home}/clients/{firm.second_id}/level", level="Full service").status_code == 302
    found = admin.words(f"{firm.home}?level=Full+service")
    assert "Second Client Ltd" in found
    assert "Hedgerow" not in found
    assert "Hedgerow Joinery" in admin.words(f"{firm.home}?search=hedge")
    assert "No client fits" in admin.words(f"{firm.home}?show=live")


def test_staff_see_the_clients_that_they_were_given_and_no_others(
    visitor: Visitor, firm: PracticeCast
) -> None:
    staff = visitor.signed_in_as(firm.staff_id)
    page = staff.words(firm.home)
    assert "Hedgerow Joinery" in page
    assert "Second Client Ltd" not in page
    assert staff.get(f"/organisations/{firm.client_id}/queue").status_code == 200
    assert staff.get(f"/organisations/{firm.second_id}/queue").status_code == 404
    assert staff.get(f"{firm.home}/clients/{firm.second_id}").status_code == 404
    listed = staff.words("/organisations")
    assert "Hedgerow Joinery" in listed
    assert "Second Client Ltd" not in listed


def test_an_admin_gives_staff_other_clients(visitor: Visitor, firm: PracticeCast) -> None:
    admin, staff = visitor.signed_in_as(firm.admin_id), visitor.signed_in_as(firm.staff_id)
    path = f"{firm.home}/staff/{firm.staff_id}"
    admin.press(path, role="practice_staff", clients="some", client=[firm.second_id])
    assert staff.get(f"/organisations/{firm.second_id}/queue").status_code == 200
    assert staff.get(f"/organisations/{firm.client_id}/queue").status_code == 404
    admin.press(path, role="practice_staff", clients="all")
    assert staff.get(f"/organisations/{firm.client_id}/queue").status_code == 200


def test_whoever_is_removed_sees_nothing_from_then_on(visitor: Visitor, firm: PracticeCast) -> None:
    admin, staff = visitor.signed_in_as(firm.admin_id), visitor.signed_in_as(firm.staff_id)
    assert admin.press(f"{firm.home}/staff/{firm.staff_id}/remove").status_code == 302
    assert staff.get(firm.home).status_code == 404
    assert staff.get(f"/organisations/{firm.client_id}/queue").status_code == 404


def test_the_last_admin_stays(visitor: Visitor, firm: PracticeCast) -> None:
    admin = visitor.signed_in_as(firm.admin_id)
    for answer in (
        admin.press(f"{firm.home}/staff/{firm.admin_id}/remove"),
        admin.press(f"{firm.home}/staff/{firm.admin_id}", role="practice_staff", clients="all"),
    ):
        assert answer.status_code == 400
        assert "needs an admin" in answer.text


def test_what_a_practice_does_is_marked_with_its_name(
    visitor: Visitor, dunnock: App, firm: PracticeCast, stage: Cast
) -> None:
    staff = visitor.signed_in_as(firm.staff_id)
    home = f"/organisations/{firm.client_id}"
    staff.press(f"{home}/contacts/{stage.contact_id}/holds", reason="They asked us to wait.", until="")
    with dunnock.database.read(firm.client_id) as session:
        names = session.scalars(select(Hold.created_by).where(Hold.contact_id == stage.contact_id)).all()
    assert "Stan Staff (Ledger & Co)" in names


def test_a_colleague_joins_by_a_link_that_works_once(
    visitor: Visitor, firm: PracticeCast, stage: Cast
) -> None:
    admin = visitor.signed_in_as(firm.admin_id)
    invited = admin.press(f"{firm.home}/staff", email="ben@ledgerandco.example", role="practice_staff")
    link = link_in(invited.text)
    ben = visitor.signed_in_as(stage.colleague_id)
    assert "Adele Admin invites you to work for the clients of Ledger & Co, as practice staff." in ben.words(
        link
    )
    joined = ben.press(f"{link}/accept")
    assert joined.status_code == 302
    assert "No client was given to you yet" in ben.words(joined.location)
    assert visitor.signed_in_as(stage.stranger_id).press(f"{link}/accept").status_code == 410


def test_a_withdrawn_invitation_does_not_work(visitor: Visitor, firm: PracticeCast, stage: Cast) -> None:
    admin = visitor.signed_in_as(firm.admin_id)
    link = link_in(admin.press(f"{firm.home}/staff", email="b@x.example", role="practice_admin").text)
    found = re.search(r"/invitations/(\w+)/withdraw", admin.get(f"{firm.home}/staff").text)
    assert found
    again = link_in(admin.press(f"{firm.home}/invitations/{found[1]}/send").text)
    stranger = visitor.signed_in_as(stage.stranger_id)
    assert (stranger.get(link).status_code, stranger.get(again).status_code) == (410, 200)
    admin.press(f"{firm.home}/invitations/{found[1]}/withdraw")
    assert stranger.get(again).status_code == 410


def test_a_client_accepts_and_its_consent_is_on_record(
    visitor: Visitor, dunnock: App, firm: PracticeCast, stage: Cast
) -> None:
    admin, sybil = visitor.signed_in_as(firm.admin_id), visitor.signed_in_as(stage.stranger_id)
    link = link_in(admin.press(f"{firm.home}/invite-client", email="sybil@strange.example").text)
    assert admin.get(f"/organisations/{stage.other_organisation_id}/queue").status_code == 404
    asked = sybil.words(link)
    assert "Strange Imports" in asked
    assert "Ledger & Co may see everything of" in asked
    said_yes = sybil.press(f"{link}/accept", chosen=stage.other_organisation_id)
    assert said_yes.location == f"/organisations/{stage.other_organisation_id}/accountants"
    assert admin.get(f"/organisations/{stage.other_organisation_id}/queue").status_code == 200
    given = next(
        one for one in consents(dunnock, stage.other_organisation_id) if one.practice_id == firm.practice_id
    )
    assert (given.consent_by, given.consent_how) == ("Sybil Strange", "invitation")
    assert "Ledger & Co may see everything of Strange Imports" in given.consent_words


def test_only_somebody_in_charge_of_the_client_can_say_yes(
    visitor: Visitor, firm: PracticeCast, stage: Cast
) -> None:
    admin, ben = visitor.signed_in_as(firm.admin_id), visitor.signed_in_as(stage.colleague_id)
    link = link_in(admin.press(f"{firm.home}/invite-client", email="b@x.example").text)
    assert "Connect your organisation in Xero first" in ben.words(link)
    assert ben.press(f"{link}/accept", chosen=stage.organisation_id).status_code == 422
    assert ben.press(f"{link}/accept", chosen=stage.other_organisation_id).status_code == 422


def test_nobody_consents_to_their_own_practice(
    visitor: Visitor, dunnock: App, firm: PracticeCast, stage: Cast
) -> None:
    with dunnock.database.write_across() as session:
        session.add(
            Membership(organisation_id=stage.other_organisation_id, person_id=firm.admin_id, role="owner")
        )
    admin = visitor.signed_in_as(firm.admin_id)
    link = link_in(admin.press(f"{firm.home}/invite-client", email="me@x.example").text)
    refused = admin.press(f"{link}/accept", chosen=stage.other_organisation_id)
    assert refused.status_code == 422
    assert "nobody can consent to themself" in refused.text
    asked = admin.press(
        f"/organisations/{stage.other_organisation_id}/accountants", email="adele@ledgerandco.example"
    )
    assert admin.press(f"{link_in(asked.text)}/accept", chosen=firm.practice_id).status_code == 422


def test_a_client_that_an_admin_connected_is_added_with_the_consent_as_it_was_given(
    visitor: Visitor, dunnock: App, firm: PracticeCast, stage: Cast
) -> None:
    theirs = stage.other_organisation_id
    admin = visitor.signed_in_as(firm.admin_id)
    fields = {"client": theirs, "consent_by": "Sybil Strange", "consent_words": "By letter of 3 March."}
    assert admin.press(f"{firm.home}/clients", **fields).status_code == 422  # not connected by her
    with dunnock.database.write_across() as session:
        session.add(Membership(organisation_id=theirs, person_id=firm.admin_id, role="manager"))
    assert admin.press(f"{firm.home}/clients", **{**fields, "consent_words": " "}).status_code == 422
    assert admin.press(f"{firm.home}/clients", **fields).status_code == 302
    page = visitor.signed_in_as(stage.stranger_id).words(f"/organisations/{theirs}/accountants")
    assert "By letter of 3 March." in page
    assert "as Adele Admin wrote it down" in page


def test_a_client_asks_a_practice_which_takes_it_on(
    visitor: Visitor, dunnock: App, firm: PracticeCast, stage: Cast
) -> None:
    theirs = stage.other_organisation_id
    sybil, admin = visitor.signed_in_as(stage.stranger_id), visitor.signed_in_as(firm.admin_id)
    path = f"/organisations/{theirs}/accountants"
    assert sybil.press(path, email="Adele@LedgerAndCo.example").status_code == 200
    other = visitor.signed_in_as(firm.other_admin_id)
    assert "asks you to look after" not in other.words(f"/practice/{firm.other_practice_id}")
    found = re.search(r"(/practice/\w+/asks/\w+)/accept", admin.get(firm.home).text)
    assert found
    assert (
        other.press(f"{found[1].replace(firm.practice_id, firm.other_practice_id)}/accept").status_code == 400
    )
    assert admin.press(f"{found[1]}/accept").status_code == 302
    assert admin.get(f"/organisations/{theirs}/queue").status_code == 200
    given = next(one for one in consents(dunnock, theirs) if one.practice_id == firm.practice_id)
    assert (given.consent_by, given.consent_how, given.linked_by) == ("Sybil Strange", "asked", "Adele Admin")


def test_a_client_that_asked_is_taken_on_by_the_link_too(
    visitor: Visitor, dunnock: App, firm: PracticeCast, stage: Cast
) -> None:
    theirs = stage.other_organisation_id
    sybil, admin = visitor.signed_in_as(stage.stranger_id), visitor.signed_in_as(firm.admin_id)
    link = link_in(sybil.press(f"/organisations/{theirs}/accountants", email="books@ledger.example").text)
    staff = visitor.signed_in_as(firm.staff_id)
    assert "You are no admin of a practice" in staff.words(link)
    assert staff.press(f"{link}/accept", chosen=firm.practice_id).status_code == 422
    assert "The practice of books@ledger.example may see everything" in admin.words(link)
    assert admin.press(f"{link}/accept", chosen=firm.practice_id).status_code == 302
    assert admin.get(f"/organisations/{theirs}/queue").status_code == 200
    assert admin.get(link).status_code == 410


def test_somebody_who_asked_for_the_client_and_left_has_asked_for_nothing(
    visitor: Visitor, dunnock: App, firm: PracticeCast, stage: Cast
) -> None:
    with dunnock.database.write_across() as session:
        session.add(Membership(organisation_id=firm.client_id, person_id=stage.stranger_id, role="manager"))
    sybil, owner = visitor.signed_in_as(stage.stranger_id), visitor.signed_in_as(stage.owner_id)
    link = link_in(
        sybil.press(f"/organisations/{firm.client_id}/accountants", email="otto@tally.example").text
    )
    owner.press(f"/organisations/{firm.client_id}/team/{stage.stranger_id}/remove", hand_to=stage.owner_id)
    other = visitor.signed_in_as(firm.other_admin_id)
    assert other.press(f"{link}/accept", chosen=firm.other_practice_id).status_code == 410


def test_who_leaves_a_practice_has_invited_nobody(
    visitor: Visitor, dunnock: App, firm: PracticeCast, stage: Cast
) -> None:
    admin = visitor.signed_in_as(firm.admin_id)
    links = [
        link_in(admin.press(f"{firm.home}/staff", email="me@x.example", role="practice_admin").text),
        link_in(admin.press(f"{firm.home}/invite-client", email="c@x.example").text),
    ]
    admin.press(f"{firm.home}/staff/{firm.staff_id}", role="practice_admin", clients="all")
    admin.press(f"{firm.home}/staff/{firm.admin_id}/remove")
    assert [visitor.get(one).status_code for one in links] == [410, 410]


@pytest.mark.parametrize("by_the_client", [True, False])
def test_either_side_ends_it_at_once_and_the_record_stays(
    by_the_client: bool, visitor: Visitor, firm: PracticeCast, stage: Cast
) -> None:
    admin, staff = visitor.signed_in_as(firm.admin_id), visitor.signed_in_as(firm.staff_id)
    owner = visitor.signed_in_as(stage.owner_id)
    home = f"/organisations/{firm.client_id}"
    if by_the_client:
        ended = owner.press(f"{home}/accountants/{firm.practice_id}/end")
    else:
        ended = admin.press(f"{firm.home}/clients/{firm.client_id}/end")
    assert ended.status_code == 302
    for somebody in (admin, staff):
        assert somebody.get(f"{home}/queue").status_code == 404
        assert somebody.get(f"{firm.home}/clients/{firm.client_id}").status_code in (403, 404)
        assert "Hedgerow" not in somebody.words(firm.home)
    assert "Ended" in owner.words(f"{home}/accountants")


def test_the_end_holds_for_those_too_who_had_connected_the_client_themselves(
    visitor: Visitor, dunnock: App, firm: PracticeCast
) -> None:
    """Where nobody else is in charge nobody would look after what is sent, so nothing is."""
    with dunnock.database.write_across() as session:
        sam = session.scalars(select(Membership).where(Membership.organisation_id == firm.second_id)).one()
        session.delete(sam)
        session.add(Membership(organisation_id=firm.second_id, person_id=firm.admin_id, role="owner"))
        session.get_one(Organisation, firm.second_id).chasing = "dry_run"
    admin = visitor.signed_in_as(firm.admin_id)
    assert "chasing is switched off" in admin.words(f"{firm.home}/clients/{firm.second_id}")
    admin.press(f"{firm.home}/clients/{firm.second_id}/end")
    assert admin.get(f"/organisations/{firm.second_id}/queue").status_code == 404
    with dunnock.database.read(firm.second_id) as session:
        assert session.get_one(Organisation, firm.second_id).chasing == "off"


def test_who_may_not_remove_owners_does_not_by_ending_their_practice(
    visitor: Visitor, dunnock: App, firm: PracticeCast
) -> None:
    with dunnock.database.write_across() as session:
        sam = session.scalars(select(Membership).where(Membership.organisation_id == firm.second_id)).one()
        sam.role = "manager"
        session.add(Membership(organisation_id=firm.second_id, person_id=firm.admin_id, role="owner"))
        person_id = sam.person_id
    manager = visitor.signed_in_as(person_id)
    manager.press(f"/organisations/{firm.second_id}/accountants/{firm.practice_id}/end")
    with dunnock.database.read(firm.second_id) as session:
        roles = session.scalars(select(Membership.role).where(Membership.organisation_id == firm.second_id))
        assert sorted(roles) == ["manager", "owner"]


def test_consent_that_ended_can_be_given_again(visitor: Visitor, dunnock: App, firm: PracticeCast) -> None:
    admin = visitor.signed_in_as(firm.admin_id)
    link = link_in(admin.press(f"{firm.home}/invite-client", email="enid@x.example").text)
    with dunnock.database.read(firm.ended_id) as session:
        enid = session.scalars(
            select(Membership.person_id).where(Membership.organisation_id == firm.ended_id)
        ).one()
    assert visitor.signed_in_as(enid).press(f"{link}/accept", chosen=firm.ended_id).status_code == 302
    assert len(consents(dunnock, firm.ended_id)) == 2
    assert admin.get(f"/organisations/{firm.ended_id}/queue").status_code == 200


def test_strangers_and_those_who_left_are_told_that_the_practice_does_not_exist(
    visitor: Visitor, firm: PracticeCast, stage: Cast
) -> None:
    for outsider in (firm.other_admin_id, firm.former_id, stage.owner_id):
        member = visitor.signed_in_as(outsider)
        for rule in visitor.app.url_map.iter_rules():
            if "practice_id" not in rule.arguments or "organisation_id" in rule.arguments:
                continue
            values = dict.fromkeys(rule.arguments, firm.client_id)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                path = visitor.app.url_map.bind("localhost").build(
                    rule.endpoint, {**values, "practice_id": firm.practice_id}
                )
                answer = member.get(path) if method == "GET" else member.press(path)
                assert answer.status_code == 404, f"{method} {path}"
                assert "Ledger & Co" not in words(answer)


def test_staff_may_do_nothing_that_is_for_admins(visitor: Visitor, firm: PracticeCast) -> None:
    staff = visitor.signed_in_as(firm.staff_id)
    asked = 0
    for rule in visitor.app.url_map.iter_rules():
        if "practice_id" not in rule.arguments or "organisation_id" in rule.arguments:
            continue
        if not visitor.app.view_functions[rule.endpoint].__dict__["admin"]:
            continue
        values = dict.fromkeys(rule.arguments, firm.client_id)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            path = visitor.app.url_map.bind("localhost").build(
                rule.endpoint, {**values, "practice_id": firm.practice_id}
            )
            answer = staff.get(path) if method == "GET" else staff.press(path)
            assert answer.status_code == 403, f"{method} {path}"
            asked += 1
    assert asked > 8


def test_practice_roles_hold_on_the_clients_own_pages(visitor: Visitor, firm: PracticeCast) -> None:
    admin, staff = visitor.signed_in_as(firm.admin_id), visitor.signed_in_as(firm.staff_id)
    settings = f"/organisations/{firm.client_id}/accountants"
    assert staff.get(settings).status_code == 403
    assert admin.get(settings).status_code == 200
    for outsider in (firm.former_id, firm.other_admin_id):
        assert visitor.signed_in_as(outsider).get(settings).status_code == 404
    assert admin.get(f"/organisations/{firm.ended_id}/queue").status_code == 404


def test_ones_own_role_comes_before_that_of_the_practice(dunnock: App, firm: PracticeCast) -> None:
    with dunnock.database.write_across() as session:
        session.add(Membership(organisation_id=firm.client_id, person_id=firm.staff_id, role="manager"))
    with dunnock.database.read(firm.client_id) as session:
        found = pages.membership(session, firm.staff_id, firm.client_id)
        assert found and found[1] == "manager"


def test_the_list_asks_no_more_often_for_more_clients(
    visitor: Visitor, dunnock: App, firm: PracticeCast
) -> None:
    admin = visitor.signed_in_as(firm.admin_id)

    def asked() -> int:
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(dunnock.database.engine, "before_cursor_execute", note)
        try:
            assert admin.get(firm.home).status_code == 200
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


def test_a_long_list_goes_on_page_by_page(visitor: Visitor, dunnock: App, firm: PracticeCast) -> None:
    now = clock.now()
    with dunnock.database.write_across() as session:
        for number in range(60):
            theirs = practice_cast.organisation(f"Client {number:03}", now)
            session.add(theirs)
            session.flush()
            session.add(practice_cast.consent(firm.practice_id, theirs.id, "Somebody", now))
    admin = visitor.signed_in_as(firm.admin_id)
    first, second = admin.words(firm.home), admin.words(f"{firm.home}?page=2")
    names = [f"Client {number:03}" for number in range(60)]
    assert all((name in first) is not (name in second) for name in names)
    assert admin.get(f"{firm.home}?page=0").status_code == 400


def test_the_books_look_as_the_brakes_see_them(visitor: Visitor, dunnock: App, firm: PracticeCast) -> None:
    """By the day of the last payment; where that is too long ago, by the day on which one was last entered."""
    today = clock.today("Europe/London")

    def paid(organisation_id: str, days_ago: int, entered_days_ago: int) -> Payment:
        return Payment(
            organisation_id=organisation_id,
            id=f"{organisation_id[:30]}{days_ago:02}",
            ledger_id=f"{organisation_id[:30]}{days_ago:02}",
            kind="ACCRECPAYMENT",
            paid_on=today - timedelta(days=days_ago),
            currency="GBP",
            amount=Decimal(10),
            status="AUTHORISED",
            is_reconciled=True,
            updated_at=clock.now() - timedelta(days=entered_days_ago),
            fingerprint="-",
        )

    with dunnock.database.write_across() as session:
        for whose, days_ago, entered in ((firm.client_id, 20, 20), (firm.second_id, 20, 2)):
            session.get_one(Organisation, whose).books_limit_days = 7
            session.add(paid(whose, days_ago, entered))
    with dunnock.database.read_across() as session:
        found, _ = client_health.health_of(session, firm.practice_id, firm.admin_id, clock.now())
        seen = {one.organisation.id: one.doubt for one in found}
        for whose in (firm.client_id, firm.second_id):
            organisation = session.get_one(Organisation, whose)
            assert seen[whose] == bookkeeping.doubt(session, organisation, clock.now())
    assert seen[firm.client_id] is not None
    assert seen[firm.second_id] is None
    assert "Behind" in visitor.signed_in_as(firm.admin_id).words(firm.home)


def test_who_works_for_a_practice_begins_with_its_clients(visitor: Visitor, firm: PracticeCast) -> None:
    assert visitor.signed_in_as(firm.admin_id).get("/").location == firm.home
    alone = visitor.signed_in_as(firm.staff_id).get("/").location
    assert alone.startswith(f"/organisations/{firm.client_id}/")  # one client alone needs no list
