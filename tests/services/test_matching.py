"""Whose mail it is that came in: by the writer and what it names, or a person says so; never another organisation's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import time_machine

from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services import replies, tray
from services.inbound_mail import InboundMail
from store.ids import document_id
from store.models import (
    Communication,
    CommunicationInvoice,
    Contact,
    ContactPerson,
    InboxEvent,
    Invoice,
    Reply,
    StrayMail,
)
from tests.services.mail_stage import INBOUND_DOMAIN, LONG_AGO, Stage, stage_hand
from tests.support.mirrored import add_organisation, default_sender

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
PAYABLES = "accounts@ashdown.example"
PROVEN = {"dkim": "{@ashdown.example : pass}"}


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    with stage_hand(database_url, tmp_path) as hand, time_machine.travel(NOON, tick=True):
        stage = hand()
        with stage.app.database.write(stage.organisation_id) as session:
            session.add(default_sender(stage.organisation_id, "Anna Hale", "anna@hedgerow.example"))
        yield stage


def come_in(stage: Stage, key: str = "", **fields: str) -> str:
    """A mail that answers nothing; what became of it."""
    usual = {
        "to": "anna@hedgerow.example",
        "from": f"Priya Nair <{PAYABLES}>",
        "subject": "A question",
        "text": "Which order was this?",
        "envelope": f'{{"to": ["x@{INBOUND_DOMAIN}"], "from": "{PAYABLES}"}}',
        "headers": f"Message-ID: <{new_id()}@ashdown.example>\n",
    }
    form = InboundMail({name: value.encode() for name, value in {**usual, **fields}.items()}, [])
    stage.receive("sendgrid_inbound", key or new_id(), msgspec.msgpack.encode(form))
    replies.handle(stage.app)
    return stage.outcomes()[-1] or ""


def customer(stage: Stage, organisation_id: str = "", **fields: Any) -> str:
    """A further customer, here or in another organisation."""
    values: dict[str, Any] = {"email": PAYABLES, "persons": [], "name": "Another", "status": "ACTIVE"}
    whose, key = organisation_id or stage.organisation_id, new_id()
    with stage.app.database.write(whose) as session:
        row = Contact(
            organisation_id=whose, id=document_id(whose, key), ledger_id=key, first_name=None, last_name=None,
            merged_into=None, updated_at=LONG_AGO, fingerprint="f", **values | fields,
        )  # fmt: skip
        session.add(row)
        return row.id


def invoice(stage: Stage, contact_id: str, number: str) -> None:
    with stage.app.database.write(stage.organisation_id) as session:
        session.add(
            Invoice(
                organisation_id=stage.organisation_id,
                id=new_id(),
                ledger_id=new_id(),
                contact_id=contact_id,
                number=number,
                reference=None,
                issued_on=date(2026, 9, 1),
                due_on=date(2026, 10, 1),
                currency="GBP",
                total=Decimal(10),
                amount_due=Decimal(10),
                amount_paid=Decimal(0),
                amount_credited=Decimal(0),
                status="AUTHORISED",
                expected_on=None,
                fully_paid_on=None,
                updated_at=LONG_AGO,
                fingerprint="f",
                online_url=None,
            )
        )


def the_reply(stage: Stage) -> Reply:
    (row,) = stage.all(Reply)
    return row  # type: ignore[no-any-return]


def stray(stage: Stage) -> StrayMail:
    (row,) = stage.all(StrayMail)
    return row  # type: ignore[no-any-return]


def test_who_has_the_address_is_who_wrote_and_is_held(stage: Stage) -> None:
    assert come_in(stage, **PROVEN) == "answered"
    row = the_reply(stage)
    assert (row.contact_id, row.matched_by, row.proven) == (stage.contact_id, "sender", True)
    assert [hold.kind for hold in stage.holds()] == ["reply"]


@pytest.mark.parametrize("answers", [True, False], ids=["to an earlier mail", "to none"])
def test_who_was_merged_in_the_ledger_is_the_customer_it_was_merged_into(stage: Stage, answers: bool) -> None:
    into = customer(stage, email="new@brook.example", name="Brook Ltd")
    with stage.app.database.write(stage.organisation_id) as session:
        old = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        old.status, old.merged_into = (
            "ARCHIVED",
            session.get_one(Contact, (stage.organisation_id, into)).ledger_id,
        )
        sent = session.get_one(Communication, (stage.organisation_id, stage.chaser_id)).message_id
    headers = f"Message-ID: <a@ashdown.example>\n{f'In-Reply-To: {sent}' if answers else ''}\n"
    come_in(stage, headers=headers, **PROVEN)
    assert the_reply(stage).contact_id == into
    assert [(hold.contact_id, hold.kind) for hold in stage.holds()] == [(into, "reply")]


def test_an_invoice_that_it_names_strengthens_it_and_is_what_it_is_about(stage: Stage) -> None:
    come_in(stage, subject="Your INV-1042?", SPF="pass")
    row = the_reply(stage)
    assert (row.matched_by, row.proven) == ("number", True)
    about = [
        one.invoice_id
        for one in stage.all(CommunicationInvoice)
        if one.communication_id == row.communication_id
    ]
    assert about == [stage.invoice_id]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"dkim": "{@evil.example : pass}"},
        {"dkim": "{@ashdown.example : fail}"},
        {"SPF": "softfail"},
        {"SPF": "pass", "envelope": '{"to": [], "from": "x@evil.example"}'},
        {"dkim": "{@example : pass}"},
    ],
)
def test_without_proof_it_holds_and_says_so(stage: Stage, fields: dict[str, str]) -> None:
    come_in(stage, **fields)
    assert not the_reply(stage).proven and len(stage.holds()) == 1


@pytest.mark.parametrize("where", ["persons", "entered"])
def test_the_ledgers_persons_and_people_entered_here_are_known_too(stage: Stage, where: str) -> None:
    with stage.app.database.write(stage.organisation_id) as session:
        if where == "persons":
            contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
            contact.persons = [{"email": "Priya_N@Ashdown.example", "first_name": "Priya", "last_name": None}]
        else:
            session.add(
                ContactPerson(
                    organisation_id=stage.organisation_id,
                    id=new_id(),
                    contact_id=stage.contact_id,
                    name="Priya",
                    email="priya_n@ashdown.example",
                    mobile=None,
                    roles=[],
                    entered_by="Anna",
                    entered_at=NOON,
                )
            )
    assert come_in(stage, **{"from": "priya_n@ashdown.example"}) == "answered"


def test_of_two_customers_the_one_whose_invoice_is_named(stage: Stage) -> None:
    other = customer(stage)
    invoice(stage, other, "INV-77")
    come_in(stage, text="It is about inv-77.\n\nOn 2 Nov 2026, Anna Hale wrote:\n> INV-1042\n")
    assert (the_reply(stage).contact_id, the_reply(stage).matched_by) == (other, "number")


def test_of_two_customers_nobody_guesses(stage: Stage) -> None:
    other = customer(stage)
    assert "whose it is" in come_in(stage)
    assert {one["contact_id"] for one in stray(stage).suggestions} == {stage.contact_id, other}
    assert stage.holds() == [] and stage.all(Reply) == []


def test_two_organisations_with_the_same_debtor_see_only_what_was_written_to_them(stage: Stage) -> None:
    theirs = add_organisation(stage.app, "other-tenant")
    customer(stage, theirs)
    assert come_in(stage) == "answered", "it was written to a sender of ours"
    assert the_reply(stage).organisation_id == stage.organisation_id
    assert come_in(stage, to=f"somebody@{INBOUND_DOMAIN}") == "unmatched", (
        "it could be either's, so it is nobody's"
    )
    assert stage.all(StrayMail) == []


def test_a_mail_to_senders_of_two_organisations_is_nobodys(stage: Stage) -> None:
    theirs = add_organisation(stage.app, "other-tenant")
    with stage.app.database.write(theirs) as session:
        session.add(default_sender(theirs, "Bea", "bea@other.example"))
    customer(stage, theirs)
    assert come_in(stage, to="anna@hedgerow.example, bea@other.example") == "unmatched"


def test_a_stranger_of_the_customers_domain_is_suggested(stage: Stage) -> None:
    come_in(stage, to=f"x@{INBOUND_DOMAIN}", **{"from": "new@ashdown.example"})
    (suggestion,) = stray(stage).suggestions
    assert suggestion["contact_id"] == stage.contact_id and "ashdown.example" in suggestion["why"]


def test_whose_invoice_a_stranger_names_is_suggested_first(stage: Stage) -> None:
    come_in(stage, subject="INV-1042", **{"from": "bookkeeper@gmail.com"})
    (suggestion,) = stray(stage).suggestions
    assert suggestion == {
        "contact_id": stage.contact_id, "name": "Ashdown Interiors", "why": "The mail names invoice INV-1042.",
    }  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"to": f"x@{INBOUND_DOMAIN}", "from": "somebody@nowhere.example"},
        {"to": f"x@{INBOUND_DOMAIN}", "from": "somebody@gmail.com"},
        {"headers": "Auto-Submitted: auto-replied\n"},
        {"from": "not an address"},
        {"from": "Anna <anna@hedgerow.example>"},
        {"from": '%" <_%@ashdown.example>'},
    ],
)
def test_what_could_be_anybodys_stays_with_the_operator(stage: Stage, fields: dict[str, str]) -> None:
    assert come_in(stage, **fields) in ("unmatched", "kept for somebody to say whose it is")
    assert stage.all(Reply) == [] and stage.holds() == []
    if stage.outcomes() == ["unmatched"]:
        with stage.app.database.read_across() as session:
            assert len(session.query(InboxEvent).one().payload) > 100, "nothing of it is thrown away"


def test_the_same_stray_twice_is_one_and_assigned_it_is_a_reply_like_any_other(stage: Stage) -> None:
    for key in ("once", "again"):
        form = {"to": f"x@{INBOUND_DOMAIN}", "from": "new@ashdown.example", "headers": "Message-ID: <1@a>\n"}
        come_in(stage, key=key, **form)
    assert len(stage.all(StrayMail)) == 2, "keys are the provider's word on what is the same mail"
    first, second = stage.all(StrayMail)
    with stage.app.database.write(stage.organisation_id) as session:
        tray.assign(
            session, stage.organisation_id, first.id, stage.contact_id, domain=INBOUND_DOMAIN, by="Anna",
            now=clock.now(),
        )  # fmt: skip
        tray.dismiss(session, stage.organisation_id, second.id, by="Anna", now=clock.now())
    row = the_reply(stage)
    assert (row.contact_id, row.matched_by, row.proven) == (stage.contact_id, "person", False)
    assert len(stage.holds()) == 1 and [note.target for note in stage.notes()] == ["contact"]
    assert all(one.payload == b"" for one in stage.all(StrayMail))
    with (
        pytest.raises(UserError, match="dealt with"),
        stage.app.database.write(stage.organisation_id) as session,
    ):
        tray.dismiss(session, stage.organisation_id, first.id, by="Anna", now=clock.now())
