"""One person of a customer is given what is held of them, and erased; the customer's others are not touched."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from integration.ledger import LedgerContact, LedgerPerson
from kit import clock
from kit.errors import UserError
from kit.ids import derived_id, new_id
from services import people, restriction
from services.app import App
from services.data_rights import exports, person_erasure, persons
from services.mirror import write
from services.people import Entry
from store import audit
from store.append_only import EMPTIED
from store.database import Database
from store.models import (
    Attachment,
    Base,
    Communication,
    Contact,
    ContactPerson,
    DataExport,
    Erasure,
    Organisation,
    Reply,
    StoppedAddress,
    TeamTask,
)
from store.queries import erasures, one_person
from tests.support import cast
from tests.support.cast import Cast
from tests.support.mirrored import make_app

NAME = "Zephyrine Quagmuller"
ADDRESS = "zephyrine@quagmuller.example"
NUMBER = "+447700900123"


@pytest.fixture
def app(database_url: str, database: Database, tmp_path: Path) -> Iterator[App]:
    found = make_app(database_url, tmp_path)
    yield found
    found.database.close()


@pytest.fixture
def stage(app: App) -> Cast:
    """Beside the customer's other people one more, of whom much is held."""
    found = cast.kept(app.database)
    organisation_id, contact_id, now = found.organisation_id, found.contact_id, clock.now()
    common: dict[str, Any] = {"organisation_id": organisation_id, "contact_id": contact_id}
    with app.database.write(organisation_id) as session:
        contact = session.get_one(Contact, (organisation_id, contact_id))
        theirs = {
            "first_name": "Zephyrine", "last_name": "Quagmuller", "email": ADDRESS, "include_in_emails": True,
        }  # fmt: skip
        contact.persons = [*contact.persons, theirs]
        said: dict[str, dict[str, Any]] = {
            "z-in": {
                "direction": "in", "channel": "email", "from_name": NAME, "from_email": ADDRESS,
                "subject": "Re: Invoice", "body_text": "I have asked for it to be paid.", "message_id": "<1@quagmuller.example>",
            },
            "z-out": {
                "direction": "out", "channel": "email", "to": [ADDRESS, "robin@example.org"], "subject": "Invoice",
                "body_text": f"Dear {NAME},\nplease pay.",
            },
            "z-call": {
                "direction": "out", "channel": "call", "to": [NAME], "body_text": f"{NAME} ({NUMBER}) will ask Robin Finch.",
            },
        }  # fmt: skip
        for key, values in said.items():
            session.add(
                Communication(
                    **common, id=derived_id(key), kind=values["channel"], status="received" if key == "z-in" else "sent",
                    created_at=now, sent_at=now, **values,
                )
            )  # fmt: skip
        session.flush()
        session.add_all(
            [
                ContactPerson(
                    **common, id=new_id(), name=NAME, email=ADDRESS, mobile=NUMBER, roles=[], entered_by="Anna Hale",
                    entered_at=now, of_ledger=True,
                ),
                Attachment(
                    organisation_id=organisation_id, id=derived_id("z-file"), communication_id=derived_id("z-in"),
                    name="her.pdf", content_type="application/pdf", size=3, content=b"pdf",
                ),
                StoppedAddress(
                    **common, id=new_id(), address=ADDRESS, why="unsubscribe", words=f"{ADDRESS} asked for no more mails.",
                    since=now,
                ),
                TeamTask(
                    **common, id=new_id(), kind="todo", what=f"Ring {NAME}", owner_id=found.owner_id, due_on=now.date(),
                    asked_by="Anna Hale", asked_at=now,
                ),
            ]
        )  # fmt: skip
        audit.note_act(
            session,
            organisation_id,
            act="changed",
            about="promise",
            contact_id=contact_id,
            after={"reference": NAME},
        )
    return found


def of(app: App, stage: Cast, address: str = ADDRESS) -> str:
    """The mark of somebody at the customer."""
    with app.database.read(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        (who,) = [one for one in one_person.people_held(session, contact) if one.email == address]
        return persons.mark(stage.organisation_id, who)


def archive(app: App, stage: Cast) -> dict[str, bytes]:
    row = exports.ask(app, stage.organisation_id, "Anna Hale", stage.contact_id, of(app, stage))
    while exports.go_on(app, stage.organisation_id, 0.05):
        pass
    _, content = exports.stream(app, stage.organisation_id, row.id, stage.contact_id)
    found = zipfile.ZipFile(io.BytesIO(b"".join(content)))
    return {name: found.read(name) for name in found.namelist()}


def test_everybody_of_whom_something_is_held_is_offered_and_no_colleague(app: App, stage: Cast) -> None:
    with app.database.read(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        found = {one.known_by: one for one in one_person.people_held(session, contact)}
    assert found[ADDRESS].shown == NAME
    assert found[ADDRESS].mobile == NUMBER
    assert "robin@example.org" in found and "anna@hedgerow.example" not in found


def test_what_is_about_them_is_in_it_and_nothing_that_is_only_about_others(app: App, stage: Cast) -> None:
    files = archive(app, stage)
    messages = {one["id"] for one in json.loads(files["communications.json"])}
    assert messages == {derived_id("z-in"), derived_id("z-out"), derived_id("z-call")}
    assert [one["email"] for one in json.loads(files["contact_people.json"])] == [ADDRESS]
    assert [one["what"] for one in json.loads(files["team_tasks.json"])] == [f"Ring {NAME}"]
    assert len(json.loads(files["stopped_addresses.json"])) == 1
    (customer,) = json.loads(files["contacts.json"])
    assert [one["email"] for one in customer["persons"]] == [ADDRESS] and customer["email"] is None
    assert any(name.startswith(f"files/attachments/{derived_id('z-file')}") for name in files)
    assert not any(stage.attachment_id in name for name in files)
    everything = b"".join(files.values())
    assert b"We pay on Friday" not in everything and b"abe@bellwether.example" not in everything
    assert NAME.encode() in files["README.txt"] and b"first name alone" in files["README.txt"]


def test_of_somebody_unknown_there_is_none(app: App, stage: Cast) -> None:
    with pytest.raises(UserError, match="Nothing is held of this person"):
        exports.ask(app, stage.organisation_id, "Anna Hale", stage.contact_id, "0" * 64)


def erase(app: App, stage: Cast, **given: Any) -> None:
    wish: dict[str, Any] = {
        "because": "asked",
        "typed": NAME,
        "kept_elsewhere": False,
        "by": "Anna Hale",
    } | given
    person_erasure.ask(app, stage.organisation_id, stage.contact_id, of(app, stage), **wish)


def where_said(app: App, *words: str) -> set[str]:
    """The columns of the whole database in which any of the words is left."""
    found = set()
    with app.database.read_across() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                for name, value in row.items():
                    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    if any(word in text.lower() for word in words):
                        found.add(f"{table.name}.{name}")
    return found


def rows(app: App, model: Any) -> list[Any]:
    with app.database.read_across() as session:
        return list(session.scalars(select(model)))


def test_before_it_is_done_one_sees_what_it_does(app: App, stage: Cast) -> None:
    mark = of(app, stage)
    with app.database.read(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        organisation = session.get_one(Organisation, stage.organisation_id)
        found = person_erasure.preview(session, organisation, contact, mark, clock.now())
    assert found.who.shown == NAME and found.obstacles == () and not found.is_last
    assert dict(found.held)["messages, calls and notes"] == 3
    assert dict(found.held)["people"] == 1


def test_nothing_of_them_is_left_and_the_others_keep_what_is_theirs(app: App, stage: Cast) -> None:
    exports.ask(app, stage.organisation_id, "Anna Hale")
    exports.go_on(app, stage.organisation_id, 60)
    others = ("robin@example.org", "we pay on friday", "bellwether books")
    before = where_said(app, *others) - {"data_export_parts.content"}
    erase(app, stage)
    assert where_said(app, "zephyrine", "quagmuller", "7700900123") == set()
    assert where_said(app, *others) == before
    with app.database.read(stage.organisation_id) as session:
        wrote, got, call = (
            session.get_one(Communication, (stage.organisation_id, derived_id(one)))
            for one in ("z-in", "z-out", "z-call")
        )
        assert (wrote.body_text, wrote.from_email, wrote.sent_at is not None) == (None, None, True)
        assert got.body_text == f"Dear {EMPTIED},\nplease pay." and got.to == ["robin@example.org"]
        assert call.body_text == f"{EMPTIED} ({EMPTIED}) will ask Robin Finch."
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        assert contact.name == "Bellwether Books" and contact.status == "ACTIVE" and contact.email
    assert [one.id for one in rows(app, Attachment)] == [stage.attachment_id]
    assert rows(app, DataExport) == []


def test_a_line_remains_and_the_ledger_does_not_bring_them_back(app: App, stage: Cast) -> None:
    erase(app, stage)
    (row,) = rows(app, Erasure)
    assert (row.person_of, row.asked_by, row.because) == (stage.contact_id, "Anna Hale", "asked")
    now = clock.now() + timedelta(days=1)
    with app.database.write(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        people = (
            LedgerPerson("Zephyrine", "Quagmuller", ADDRESS.upper(), True),
            LedgerPerson("Cal", "Reed", "cal@bellwether.example", True),
        )
        told = LedgerContact(
            contact.ledger_id, contact.name, None, None, contact.email, people, "ACTIVE", None, now
        )
        write.store_contacts(session, stage.organisation_id, [told], now)
    assert where_said(app, "zephyrine", "quagmuller") == set()
    with app.database.read(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        assert [one["email"] for one in contact.persons] == ["cal@bellwether.example"]
        assert erasures.is_known_address(session, stage.organisation_id, ADDRESS)


def test_whoever_is_entered_again_is_known_again_and_still_gets_no_mail(app: App, stage: Cast) -> None:
    erase(app, stage)
    with app.database.write(stage.organisation_id) as session:
        entry = Entry("Zephyrine Quagmuller", ADDRESS, roles=())
        people.add(session, stage.organisation_id, stage.contact_id, entry, "Anna Hale")
        assert not erasures.is_known_address(session, stage.organisation_id, ADDRESS)
    (stopped,) = [one for one in rows(app, StoppedAddress) if one.address == ADDRESS]
    assert (stopped.contact_id, stopped.why) == (stage.contact_id, "erased")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"typed": "Zephyrine"}, "Type Zephyrine Quagmuller"),
        ({"because": "fun"}, "Say why this person"),
    ],
)
def test_nobody_is_erased_by_mistake(app: App, stage: Cast, wish: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        erase(app, stage, **wish)
    assert rows(app, Erasure) == []


def test_a_legal_hold_and_a_reply_that_waits_keep_them(app: App, stage: Cast) -> None:
    restriction.hold_by_law(app, stage.organisation_id, stage.contact_id, on=True, by="Anna Hale")
    with pytest.raises(UserError, match="under legal hold"):
        erase(app, stage)
    restriction.hold_by_law(app, stage.organisation_id, stage.contact_id, on=False, by="Anna Hale")
    with app.database.write(stage.organisation_id) as session:
        session.add(
            Reply(
                organisation_id=stage.organisation_id, communication_id=derived_id("z-in"), contact_id=stage.contact_id,
                state="waiting", matched_by="thread", meaning="question", sentence="?", rule="", details={},
                due_on=clock.now().date(), created_at=clock.now(),
            )
        )  # fmt: skip
    with pytest.raises(UserError, match="still waits for somebody"):
        erase(app, stage)


def test_where_letters_must_be_kept_somebody_says_that_they_are(app: App, stage: Cast) -> None:
    with app.database.write(stage.organisation_id) as session:
        session.get_one(Organisation, stage.organisation_id).country = "DE"
    with pytest.raises(UserError, match="In Germany business letters"):
        erase(app, stage)
    erase(app, stage, kept_elsewhere=True)
    assert len(rows(app, Erasure)) == 1


def test_a_customer_who_is_that_person_is_erased_as_a_whole(app: App, stage: Cast) -> None:
    with app.database.write(stage.organisation_id) as session:
        session.get_one(Contact, (stage.organisation_id, stage.contact_id)).name = NAME
    with pytest.raises(UserError, match="Erase the customer instead"):
        erase(app, stage)
