"""Keys and invitations go with whoever made them: a removed colleague keeps no way back in."""

from __future__ import annotations

import pytest

from kit import clock
from kit.acting import Acting, acting_as
from kit.errors import UserError
from services import api_tokens, audit_lines, invitations, practices, second_eyes, team
from services.app import App
from services.invitations import InvitationGone
from services.practices import ADMIN, STAFF
from store.models import Membership, Organisation
from store.queries import audit
from tests.support import practice_cast
from tests.support.cast import Cast
from tests.support.practice_cast import PracticeCast

MANAGER = "manager"


@pytest.fixture
def firm(dunnock: App, stage: Cast) -> PracticeCast:
    return practice_cast.fill(dunnock.database, stage)


@pytest.fixture
def bea(dunnock: App, stage: Cast) -> Acting:
    """A manager beside the owner."""
    set_role(dunnock, stage.organisation_id, stage.stranger_id, MANAGER)
    return Acting("Bea Kwok", stage.stranger_id, "page")


def set_role(app: App, organisation_id: str, person_id: str, role: str) -> None:
    with app.database.write(organisation_id) as session:
        session.merge(Membership(organisation_id=organisation_id, person_id=person_id, role=role))


def token(app: App, organisation_id: str, who: Acting, role: str = "chaser") -> str:
    with acting_as(who):
        return api_tokens.create(app, organisation_id, role, "CRM", who.name)


def invitation(app: App, organisation_id: str, who: Acting, role: str = "chaser") -> str:
    with acting_as(who):
        made = invitations.invite(
            app,
            kind="member",
            email="x@elsewhere.example",
            role=role,
            by=who.name,
            organisation_id=organisation_id,
        )
    return made.link.rpartition("/")[2]


def works(app: App, secret: str) -> bool:
    return api_tokens.look_up(app, secret) is not None


def stands(app: App, link: str) -> bool:
    try:
        invitations.look_up(app, link)
    except InvitationGone as gone:
        assert "not in charge there any more" in str(gone)
        return False
    return True


def test_with_a_removed_colleague_go_the_keys_and_invitations_that_they_made(
    dunnock: App, stage: Cast, bea: Acting
) -> None:
    ours = stage.organisation_id
    anna = Acting("Anna Hale", stage.owner_id, "page")
    theirs, link = token(dunnock, ours, bea), invitation(dunnock, ours, bea)
    hers, kept = token(dunnock, ours, anna), invitation(dunnock, ours, anna)
    typed = api_tokens.create(dunnock, ours, "owner", "by a command")

    with acting_as(anna):
        team.remove(dunnock, ours, stage.stranger_id, stage.owner_id, by_role="owner")

    assert not works(dunnock, theirs) and not stands(dunnock, link)
    assert works(dunnock, hers) and stands(dunnock, kept) and works(dunnock, typed)


def test_the_log_says_why(dunnock: App, stage: Cast, bea: Acting) -> None:
    ours = stage.organisation_id
    token(dunnock, ours, bea)
    invitation(dunnock, ours, bea)
    with acting_as(Acting("Anna Hale", stage.owner_id, "page")):
        team.remove(dunnock, ours, stage.stranger_id, stage.owner_id, by_role="owner")
    with dunnock.database.read(ours) as session:
        entries = audit.page(session, ours, audit.Filter(), None, 50)
        said = [audit_lines.line(one, audit.names(session, ours, entries)).said for one in entries]
    why = "because Bea Kwok made it, and could not make it any more"
    assert any(one.startswith("Anna Hale revoked an API token") and why in one for one in said), said
    assert any(one.startswith("Anna Hale withdrew an invitation") and why in one for one in said), said


def test_what_a_key_of_theirs_invited_goes_too(dunnock: App, stage: Cast, bea: Acting) -> None:
    ours = stage.organisation_id
    key = api_tokens.look_up(dunnock, token(dunnock, ours, bea, MANAGER))
    assert key is not None
    link = invitation(dunnock, ours, Acting("the API", None, "api", token_id=key.id))
    team.remove(dunnock, ours, stage.stranger_id, stage.owner_id, by_role="owner")
    assert not stands(dunnock, link)


@pytest.mark.parametrize(("becomes", "made", "stays"), [
    ("chaser", "read_only", False),
    ("manager", "owner", False),
    ("manager", "manager", True),
    ("owner", "owner", True),
])  # fmt: skip
def test_a_key_is_worth_no_more_than_its_maker(
    dunnock: App, stage: Cast, bea: Acting, becomes: str, made: str, stays: bool
) -> None:
    ours = stage.organisation_id
    set_role(dunnock, ours, stage.stranger_id, "owner")
    key, link = token(dunnock, ours, bea, made), invitation(dunnock, ours, bea, made)
    team.change_role(dunnock, ours, stage.stranger_id, becomes, by_role="owner")
    assert works(dunnock, key) is stays
    assert stands(dunnock, link) is stays


def test_with_a_practice_goes_what_its_people_made_there(
    dunnock: App, firm: PracticeCast, stage: Cast
) -> None:
    adele = Acting("Adele Admin (Ledger & Co)", firm.admin_id, "page", practice_id=firm.practice_id)
    here, there = token(dunnock, firm.client_id, adele), token(dunnock, firm.second_id, adele)
    link = invitation(dunnock, firm.client_id, adele)
    own = token(dunnock, firm.client_id, Acting("Anna Hale", stage.owner_id, "page"))
    practices.end(dunnock, firm.practice_id, firm.client_id, "Anna Hale")
    assert not works(dunnock, here) and not stands(dunnock, link)
    assert works(dunnock, there) and works(dunnock, own)


@pytest.mark.parametrize("leaves", [True, False])
def test_with_somebody_of_a_practice_goes_what_they_made_for_it(
    dunnock: App, firm: PracticeCast, leaves: bool
) -> None:
    adele = Acting("Adele Admin (Ledger & Co)", firm.admin_id, "page", practice_id=firm.practice_id)
    keys = [token(dunnock, one, adele) for one in (firm.client_id, firm.second_id)]
    with dunnock.database.write_across() as session:
        practices.change_member(
            session, firm.practice_id, firm.staff_id, role=ADMIN, all_clients=True, organisation_ids=[]
        )
        if leaves:
            practices.remove_member(session, firm.practice_id, firm.admin_id, "Stan Staff", clock.now())
        else:
            practices.change_member(
                session, firm.practice_id, firm.admin_id, role=STAFF, all_clients=True, organisation_ids=[]
            )
    assert not any(works(dunnock, one) for one in keys)


def test_a_key_that_nobody_is_known_to_have_made_is_no_second_person(dunnock: App, stage: Cast) -> None:
    ours = stage.organisation_id
    wanted = second_eyes.Wanted("switch", "Less", {"kinds": []})
    typed = api_tokens.look_up(dunnock, api_tokens.create(dunnock, ours, "owner"))
    assert typed is not None
    by_token = Acting("the API", None, "api", token_id=typed.id)
    with acting_as(Acting("Anna", stage.owner_id, "page")), dunnock.database.write(ours) as session:
        organisation = session.get_one(Organisation, ours)
        session.merge(Membership(organisation_id=ours, person_id=stage.colleague_id, role=MANAGER))
        session.flush()
        asked = second_eyes.ask(session, organisation, kind="switch", what=wanted, by="Anna")
    with acting_as(by_token), dunnock.database.write(ours) as session:
        with pytest.raises(UserError, match="Nobody knows whose yes this is"):
            second_eyes.claim(session, ours, asked.id)
        with pytest.raises(UserError, match="nobody knows whose token"):
            second_eyes.ask(
                session, session.get_one(Organisation, ours), kind="switch", what=wanted, by="the API"
            )
