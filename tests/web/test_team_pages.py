"""The team: who may do what with whom, and that nothing is left without an owner."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

from kit.errors import UserError
from services import api_tokens, roles, team
from services.app import App
from services.roles import Right, Role, may
from store.models import Contact, Dispute, Hold, Membership, Organisation, Reply, TeamTask
from store.queries import team as queries
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor, words
from tests.web.door_stage import joined


@pytest.fixture
def home(stage: Cast) -> str:
    return f"/organisations/{stage.organisation_id}"


def role_of(app: App, stage: Cast, person_id: str) -> str | None:
    with app.database.read(stage.organisation_id) as session:
        row = session.get(Membership, (stage.organisation_id, person_id))
        return row.role if row else None


def test_the_page_says_who_is_here_as_what_and_how_they_sign_in(
    dunnock: App, stage: Cast, home: str, owner: Member
) -> None:
    joined(dunnock, stage, role="caller")
    said = owner.words(f"{home}/team")
    assert re.search(r"Anna Hale \(you\) anna@hedgerow.example Owner the only one Xero just now", said)
    assert "Bea Kwok bea@hedgerow.example" in said
    assert "Password and code Not yet" in said


def test_who_may_not_change_the_team_sees_no_buttons_for_it(
    dunnock: App, stage: Cast, home: str, visitor: Visitor
) -> None:
    caller = visitor.signed_in_as(joined(dunnock, stage, role="caller").person_id)
    page = caller.get(f"{home}/team").text
    assert "Anna Hale" in page
    assert "/invitations" not in page
    assert "Remove" not in page
    assert caller.get(f"{home}/api-tokens").status_code == 403


CLOSED = re.compile(
    r'href="/organisations/[0-9a-f]{32}/(settings|senders|outbox|other-mails|event-endpoints|team|api-tokens|late-payment)(?:[?#][^"]*)?"'
)
"""Links to pages of settings."""


def test_read_only_sees_the_record_and_no_settings_and_no_link_to_them(
    stage: Cast, home: str, visitor: Visitor
) -> None:
    reader = visitor.signed_in_as(stage.colleague_id)
    record = (
        "queue",
        "contacts",
        f"contacts/{stage.contact_id}",
        f"invoices/{stage.invoice_id}",
        "templates",
    )
    for page in (*record, "late-fees", "to-do", "schedules"):
        answer = reader.get(f"{home}/{page}")
        assert answer.status_code == 200, page
        assert CLOSED.findall(answer.text) == [], page
    for page in ("settings", "team", "api-tokens", "senders", "event-endpoints"):
        assert reader.get(f"{home}/{page}").status_code == 403, page


def test_a_role_is_changed_from_the_next_click_on(
    dunnock: App, stage: Cast, home: str, owner: Member, visitor: Visitor
) -> None:
    reader = visitor.signed_in_as(stage.colleague_id)
    assert reader.get(f"{home}/settings").status_code == 403
    owner.press(f"{home}/team/{stage.colleague_id}/role", role="manager")
    assert reader.get(f"{home}/settings").status_code == 200


@pytest.mark.parametrize("role", ["practice_admin", "king", ""])
def test_only_roles_of_members_are_given(
    dunnock: App, stage: Cast, home: str, owner: Member, role: str
) -> None:
    assert owner.press(f"{home}/team/{stage.colleague_id}/role", role=role).status_code == 422
    assert role_of(dunnock, stage, stage.colleague_id) == "read_only"


def test_the_last_owner_stays_an_owner_and_stays(dunnock: App, stage: Cast, home: str, owner: Member) -> None:
    said = words(owner.press(f"{home}/team/{stage.owner_id}/role", role="manager"))
    assert "This is the only owner" in said
    said = words(owner.press(f"{home}/team/{stage.owner_id}/remove", hand_to=stage.colleague_id))
    assert "This is the only owner" in said
    assert role_of(dunnock, stage, stage.owner_id) == "owner"


def test_a_manager_makes_and_unmakes_no_owner(dunnock: App, stage: Cast, home: str, visitor: Visitor) -> None:
    manager = visitor.signed_in_as(joined(dunnock, stage, role="manager").person_id)
    for path, fields in (
        (f"{stage.colleague_id}/role", {"role": "owner"}),
        (f"{stage.owner_id}/role", {"role": "caller"}),
        (f"{stage.owner_id}/remove", {"hand_to": stage.colleague_id}),
    ):
        assert "Only an owner" in words(manager.press(f"{home}/team/{path}", **fields))
    assert role_of(dunnock, stage, stage.owner_id) == "owner"
    assert role_of(dunnock, stage, stage.colleague_id) == "read_only"


def test_of_two_owners_who_remove_each_other_at_once_one_stays(dunnock: App, stage: Cast) -> None:
    other = joined(dunnock, stage, role="owner").person_id
    both = threading.Barrier(2)
    said: list[str] = []

    def remove(person_id: str, to: str) -> None:
        both.wait()
        try:
            team.remove(dunnock, stage.organisation_id, person_id, to, by_role="owner")
            said.append("removed")
        except UserError as problem:
            said.append(str(problem))

    pairs = ((other, stage.owner_id), (stage.owner_id, other))
    threads = [threading.Thread(target=remove, args=pair) for pair in pairs]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert said.count("removed") == 1
    with dunnock.database.read(stage.organisation_id) as session:
        assert queries.count_owners(session, stage.organisation_id) == 1


def test_whoever_leaves_hands_everything_to_somebody_named(
    dunnock: App, stage: Cast, home: str, owner: Member
) -> None:
    bea = joined(dunnock, stage, role="owner").person_id
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Contact, (stage.organisation_id, stage.contact_id)).owner_id = stage.owner_id
        session.get_one(Organisation, stage.organisation_id)
        for row in session.query(Reply).where(Reply.settled_at.is_(None)):
            row.owner_id = stage.owner_id
    said = owner.words(f"{home}/team/{stage.owner_id}/remove")
    for kind in ("1 customer", "1 open task", "1 hold", "1 reply", "1 open dispute"):
        assert kind in said

    answer = owner.press(f"{home}/team/{stage.owner_id}/remove")
    assert "Say who takes over" in words(answer)
    for stranger in (stage.stranger_id, "0" * 32, stage.owner_id):
        assert owner.press(f"{home}/team/{stage.owner_id}/remove", hand_to=stranger).status_code == 422
    assert role_of(dunnock, stage, stage.owner_id) == "owner"

    owner.press(f"{home}/team/{stage.owner_id}/remove", hand_to=bea)
    assert owner.get(f"{home}/queue").status_code == 404
    with dunnock.database.read(stage.organisation_id) as session:
        assert not queries.owned(session, stage.organisation_id, stage.owner_id).anything
        models: tuple[Any, ...] = (Contact, TeamTask, Hold, Reply, Dispute)
        for model in models:
            assert session.query(model).where(model.owner_id == bea).count() == 1, model


def test_who_looks_after_nothing_just_goes(dunnock: App, stage: Cast, home: str, owner: Member) -> None:
    owner.press(f"{home}/team/{stage.colleague_id}/remove")
    assert role_of(dunnock, stage, stage.colleague_id) is None
    assert "Ben Okafor" not in owner.words(f"{home}/team")


# -- API tokens -----------------------------------------------------------------------------------------


def test_a_token_is_shown_once_used_and_revoked(dunnock: App, stage: Cast, home: str, owner: Member) -> None:
    page = owner.press(f"{home}/api-tokens", name="CRM of sales", role="read_only").text
    found = re.search(r'id="secret">(dk_[^<]+)<', page)
    assert found
    assert found[1] not in owner.get(f"{home}/api-tokens").text
    assert "CRM of sales" in owner.words(f"{home}/api-tokens")
    token = api_tokens.look_up(dunnock, found[1])
    assert token is not None
    assert token.role == "read_only"
    assert re.search(r"Read-only just now", owner.words(f"{home}/api-tokens"))
    owner.press(f"{home}/api-tokens/{token.id}/revoke")
    assert api_tokens.look_up(dunnock, found[1]) is None
    assert "No token yet" in owner.words(f"{home}/api-tokens")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": " ", "role": "caller"}, "Say what the token is for"),
        ({"name": "CRM", "role": "king"}, "Choose what the token may do"),
    ],
)
def test_a_token_has_a_name_and_a_role(home: str, owner: Member, fields: dict[str, str], why: str) -> None:
    assert why in words(owner.press(f"{home}/api-tokens", **fields))


def test_a_manager_makes_no_token_that_may_more_than_he(
    dunnock: App, stage: Cast, home: str, visitor: Visitor
) -> None:
    manager = visitor.signed_in_as(joined(dunnock, stage, role="manager").person_id)
    assert "Only an owner" in words(manager.press(f"{home}/api-tokens", name="CRM", role="owner"))


# -- roles ----------------------------------------------------------------------------------------------


def test_every_role_and_right_has_words() -> None:
    assert set(roles.WORDS) == set(Role)
    assert set(roles.RIGHT_WORDS) == set(Right)


def test_the_table_of_the_documentation_is_as_the_code_has_it() -> None:
    from kit.settings import ROOT

    text = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    head = [cell.strip() for cell in lines[0].strip("|").split("|")][1:]
    assert head == [roles.WORDS[role].name for role in Role]
    told = {}
    for line in lines[1:]:
        words_, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        told[words_] = [cell == "yes" for cell in cells]
    assert told == {roles.RIGHT_WORDS[right]: [may(role, right) for role in Role] for right in Right}
