"""One's own account: ways to sign in, of which one always stays, and proving once more who one is."""

from __future__ import annotations

import re

import pytest

from kit.errors import UserError
from services import connection, ways_in
from services.app import App
from store.models import Organisation, Passkey, Person
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor, words
from tests.web.door_stage import PASSWORD, AtTheDoor, Somebody, code_of, joined
from web.proving import RECENT

ANOTHER = "another four words here"
LATER = RECENT.total_seconds() + 1


@pytest.fixture
def bea(dunnock: App, stage: Cast) -> Somebody:
    return joined(dunnock, stage, role="manager")


@pytest.fixture
def as_bea(visitor: Visitor, bea: Somebody) -> Member:
    return visitor.signed_in_as(bea.person_id)


def secret_of(page: str) -> str:
    found = re.search(r'id="secret">([^<]+)<', page)
    assert found
    return found[1].replace(" ", "")


def passkey(app: App, person_id: str, key: str = "a" * 32) -> None:
    with app.database.write_across() as session:
        now = session.get_one(Person, person_id).created_at
        session.add(
            Passkey(id=key, person_id=person_id, credential_id=key, public_key="-", sign_count=0, name="Laptop", created_at=now)
        )  # fmt: skip


def test_the_only_way_in_stays(dunnock: App, as_bea: Member, bea: Somebody) -> None:
    assert "This is your only way in" in as_bea.words("/account")
    answer = as_bea.press("/account/password/remove")
    assert "This is your only way to sign in. Add another one first" in words(answer)
    passkey(dunnock, bea.person_id)
    as_bea.press("/account/password/remove")
    assert "Not set" in as_bea.words("/account")
    answer = as_bea.press(f"/account/passkeys/{'a' * 32}/remove")
    assert "This is your only way to sign in" in words(answer)


def test_somebody_of_the_ledger_adds_a_password(dunnock: App, stage: Cast, owner: Member) -> None:
    secret = secret_of(owner.get("/account/password").text)
    answer = owner.press("/account/password", password=PASSWORD, code=code_of(secret))
    assert answer.text.count("<li><code>") == 10
    with dunnock.database.read_across() as session:
        email = session.get_one(Person, stage.owner_id).email
    assert ways_in.by_password(dunnock, email, PASSWORD, code_of(secret, 1))[0] == stage.owner_id


def test_a_new_phone_ends_the_codes_of_the_old_one(dunnock: App, as_bea: Member, bea: Somebody) -> None:
    secret = secret_of(as_bea.get("/account/password").text)
    as_bea.press("/account/password", password=ANOTHER, code=code_of(secret))
    for code in (code_of(bea.secret, 1), bea.recovery_codes[3]):
        with pytest.raises(UserError):
            ways_in.by_password(dunnock, bea.email, ANOTHER, code)
    assert ways_in.by_password(dunnock, bea.email, ANOTHER, code_of(secret, 1))[0] == bea.person_id


def test_a_changed_password_leaves_the_codes(dunnock: App, as_bea: Member, bea: Somebody) -> None:
    as_bea.press("/account/password/change", password=ANOTHER)
    with pytest.raises(UserError):
        ways_in.by_password(dunnock, bea.email, PASSWORD, code_of(bea.secret))
    assert ways_in.by_password(dunnock, bea.email, ANOTHER, code_of(bea.secret))[0] == bea.person_id


def test_new_recovery_codes_end_the_old_ones(dunnock: App, as_bea: Member, bea: Somebody) -> None:
    shown = re.findall(r"<li><code>([^<]+)<", as_bea.press("/account/recovery-codes").text)
    with pytest.raises(UserError):
        ways_in.by_password(dunnock, bea.email, PASSWORD, bea.recovery_codes[0])
    assert ways_in.by_password(dunnock, bea.email, PASSWORD, shown[0])[1] == "recovery_code"


def test_nobody_touches_the_passkeys_of_somebody_else(dunnock: App, stage: Cast, as_bea: Member) -> None:
    passkey(dunnock, stage.owner_id)
    for act in ("remove", "rename"):
        assert "gone already" in words(as_bea.press(f"/account/passkeys/{'a' * 32}/{act}", name="Mine"))
    with dunnock.database.read_across() as session:
        assert session.get_one(Passkey, "a" * 32).name == "Laptop"


def test_who_connected_the_ledger_does_not_unlink_it(dunnock: App, stage: Cast, owner: Member) -> None:
    passkey(dunnock, stage.owner_id)
    assert "Have a colleague connect it first" in words(owner.press("/account/xero/unlink"))


def test_a_user_of_the_ledger_is_one_person(dunnock: App, stage: Cast, bea: Somebody) -> None:
    with dunnock.database.read_across() as session:
        taken = session.get_one(Person, stage.owner_id).subject or ""
    with pytest.raises(UserError, match="has an account here already"):
        ways_in.link_xero(dunnock, bea.person_id, taken)
    ways_in.link_xero(dunnock, bea.person_id, "a user of her own")
    with pytest.raises(UserError, match="Another Xero user"):
        ways_in.link_xero(dunnock, bea.person_id, "yet another")


def test_a_name_is_changed_here_and_stays_as_it_was_said(
    dunnock: App, stage: Cast, as_bea: Member, owner: Member
) -> None:
    as_bea.press("/account/name", name=" Beatrix   Kwok ")
    assert "Beatrix Kwok" in as_bea.words("/account")
    assert "comes from Xero until you save another one" in owner.words("/account")
    assert person_by_xero(dunnock, stage.owner_id).name == "Xena of Xero"
    owner.press("/account/name", name="Anna of Hedgerow")
    assert person_by_xero(dunnock, stage.owner_id).name == "Anna of Hedgerow"
    assert person_by_xero(dunnock, stage.owner_id).email == "xena@xero.example"


def test_a_linked_xero_user_renames_nobody(dunnock: App, bea: Somebody) -> None:
    ways_in.link_xero(dunnock, bea.person_id, "a user of her own")
    found = person_by_xero(dunnock, bea.person_id)
    assert (found.name, found.email) == ("Bea Kwok", bea.email)


def person_by_xero(app: App, person_id: str) -> Person:
    """Somebody after they have signed in with Xero, where they are called something else."""
    with app.database.read_across() as session:
        subject = session.get_one(Person, person_id).subject
    claims = {"sub": subject, "xero_userid": subject, "email": "xena@xero.example", "name": "Xena of Xero"}
    return connection.take_in(app, claims)


@pytest.mark.parametrize("path", [
    "/account/password/change", "/account/password/remove", f"/account/passkeys/{'a' * 32}/remove", "/account/xero/unlink",
    "/account/sign-out-elsewhere",
])  # fmt: skip
def test_a_changed_way_in_ends_every_other_session(
    dunnock: App, visitor: Visitor, as_bea: Member, bea: Somebody, path: str
) -> None:
    passkey(dunnock, bea.person_id)
    ways_in.link_xero(dunnock, bea.person_id, "a user of her own")
    elsewhere = visitor.signed_in_as(bea.person_id)
    assert elsewhere.get("/account").status_code == 200

    as_bea.press(path, password=ANOTHER)

    assert "signed out everywhere else" in as_bea.words("/account")
    assert elsewhere.get("/account").status_code == 302
    assert as_bea.get("/account").status_code == 200


def test_a_copy_of_the_session_that_stays_does_not(visitor: Visitor, as_bea: Member, bea: Somebody) -> None:
    copied = as_bea.client.get_cookie("session") or as_bea.client.get_cookie("__Host-session")
    assert copied is not None
    thief = visitor.app.test_client()
    thief.set_cookie(copied.key, copied.value)
    assert thief.get("/account").status_code == 200
    as_bea.press("/account/password/change", password=ANOTHER)
    assert thief.get("/account").status_code == 302
    as_bea.press("/account/sign-out-elsewhere")
    assert as_bea.get("/account").status_code == 200


def test_a_new_phone_ends_other_sessions_and_a_first_password_does_not(
    visitor: Visitor, stage: Cast, owner: Member, as_bea: Member, bea: Somebody
) -> None:
    for member, person_id, stays in ((owner, stage.owner_id, True), (as_bea, bea.person_id, False)):
        elsewhere = visitor.signed_in_as(person_id)
        secret = secret_of(member.get("/account/password").text)
        member.press("/account/password", password=ANOTHER, code=code_of(secret))
        assert (elsewhere.get("/account").status_code == 200) is stays
        assert member.get("/account").status_code == 200


# -- proving it once more -------------------------------------------------------------------------------


def disconnected(app: App, stage: Cast) -> bool:
    with app.database.read(stage.organisation_id) as session:
        return session.get_one(Organisation, stage.organisation_id).connection == "disconnected"


def held_form(answer: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.split("<main")[1]))


def test_what_is_dangerous_waits_for_a_proof_and_nothing_typed_is_lost(
    dunnock: App, stage: Cast, as_bea: Member, bea: Somebody
) -> None:
    door, team = AtTheDoor(as_bea.client), f"/organisations/{stage.organisation_id}/team"
    door.age(LATER)
    answer = as_bea.press(f"{team}/invitations", email="cy@hedgerow.example", role="caller")
    assert answer.location == "/prove"
    assert "Before you invite somebody" in as_bea.words("/prove")
    assert "cy@hedgerow.example" not in as_bea.words(team)

    wrong = as_bea.press("/prove/password", password=PASSWORD, code="000000")
    assert wrong.status_code == 422
    answer = as_bea.press("/prove/password", password=PASSWORD, code=code_of(bea.secret))
    assert answer.location == "/prove/go-on"
    shown = as_bea.get("/prove/go-on").text
    assert f'action="{team}/invitations"' in shown
    as_bea.press(f"{team}/invitations", **{k: v for k, v in held_form(shown).items() if k != "csrf_token"})
    assert "cy@hedgerow.example" in as_bea.words(team)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/organisations/{home}/disconnect", {}),
        ("/organisations/{home}/team/{owner}/role", {"role": "caller"}),
        ("/organisations/{home}/team/{colleague}/remove", {"hand_to": "{owner}"}),
        ("/organisations/{home}/api-tokens", {"name": "CRM", "role": "manager"}),
        ("/account/password/change", {"password": ANOTHER}),
        ("/account/recovery-codes", {}),
        ("/account/passkeys/options", {}),
        ("/account/xero", {}),
    ],
)
def test_each_of_these_waits(
    dunnock: App, stage: Cast, as_bea: Member, path: str, fields: dict[str, str]
) -> None:
    names = {"home": stage.organisation_id, "owner": stage.owner_id, "colleague": stage.colleague_id}
    AtTheDoor(as_bea.client).age(LATER)
    answer = as_bea.press(path.format(**names), **{k: v.format(**names) for k, v in fields.items()})
    assert (answer.status_code, answer.location) == (303, "/prove")
    assert not disconnected(dunnock, stage)


def test_secrets_do_not_wait_in_the_session(as_bea: Member) -> None:
    AtTheDoor(as_bea.client).age(LATER)
    as_bea.press("/account/password/change", password=ANOTHER)
    with as_bea.client.session_transaction() as session:
        assert ANOTHER not in str(dict(session))


def test_a_proof_is_good_for_half_an_hour(dunnock: App, as_bea: Member, bea: Somebody) -> None:
    door = AtTheDoor(as_bea.client)
    door.age(LATER)
    as_bea.press("/prove/password", password=PASSWORD, code=code_of(bea.secret))
    assert as_bea.press("/account/recovery-codes").status_code == 200
    door.age(LATER)
    assert as_bea.press("/account/recovery-codes").status_code == 303


def test_somebody_elses_password_proves_nothing(
    dunnock: App, stage: Cast, as_bea: Member, bea: Somebody
) -> None:
    other = joined(dunnock, stage, email="cy@hedgerow.example")
    AtTheDoor(as_bea.client).age(LATER)
    answer = as_bea.press("/prove/password", email=other.email, password=PASSWORD, code=code_of(other.secret))
    assert answer.status_code == 422


def test_going_on_without_a_proof_leads_back(as_bea: Member) -> None:
    AtTheDoor(as_bea.client).age(LATER)
    assert as_bea.get("/prove/go-on").location == "/prove"
