"""Mail comes back from one address of a customer: that address rests, the others do not, and a person is asked."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from credit_control.people import Role
from integration.ledger import LedgerPerson
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services import data_health, mail_events, people, stopped_addresses
from services.data_health import Problem
from services.people import Entry
from services.people_list import Everybody, everybody
from store.models import Communication, InboxEvent, StoppedAddress, TeamTask
from store.queries import mail_inbox
from tests.support.chasing import Chasing

ANN = "ann@bellwether.example"
BEA = LedgerPerson("Bea", "Hill", "bea@bellwether.example", False)


def report(org: Chasing, event: str, address: str = ANN, mail: str | None = None, **news: Any) -> None:
    """The mail provider reports of our newest mail, or of another one."""
    now = clock.now()
    told = {
        "event": event, "timestamp": int(now.timestamp()), "email": address,
        "dunnock_id": mail or org.chasers("sent", "bounced", "delivered", "failed")[-1].id,
        "organisation_id": org.organisation_id, **news,
    }  # fmt: skip
    with org.app.database.write_across() as session:
        session.add(
            InboxEvent(
                source=mail_inbox.EVENTS, key=new_id(), payload=msgspec.json.encode(told),
                received_at=now, next_try_at=now,
            )
        )  # fmt: skip
    mail_events.handle(org.app)


def bounce(org: Chasing, address: str = ANN) -> None:
    report(org, "bounce", address, type="bounce", status="5.1.1", reason="no such user")


def turn_away(org: Chasing, mail: str) -> None:
    report(org, "bounce", mail=mail, type="blocked", status="4.7.1", reason="try again later")


def rows(org: Chasing, model: Any) -> list[Any]:
    with org.app.database.read(org.organisation_id) as session:
        return list(session.scalars(select(model)))


def customer(org: Chasing, *persons: LedgerPerson) -> str:
    """A customer with two invoices, of which one has been asked for; its ledger id."""
    found = org.customer(persons=persons)
    org.invoice(found, "INV-1", 3)
    org.mirror()
    org.switch("live")
    org.send()
    return found


def later(org: Chasing, contact: str) -> None:
    """The next reminder would be due."""
    org.shift(days=7)
    org.invoice(contact, "INV-2", 3)
    org.mirror()
    org.plan()


def at(org: Chasing, contact: str) -> Everybody:
    with org.app.database.read(org.organisation_id) as session:
        return everybody(session, org.contact(contact))


def act(org: Chasing, contact: str, what: Any, address: str = ANN, **how: Any) -> None:
    with org.app.database.write(org.organisation_id) as session:
        what(session, org.organisation_id, org.id_of(contact), address, by="Sam", now=clock.now(), **how)


def test_the_message_waits_until_the_proposal_is_accepted_and_goes_there(org: Chasing) -> None:
    contact = customer(org, BEA)
    bounce(org)
    later(org, contact)
    (held,) = org.chasers("held")
    assert (
        "No mail goes to ann@bellwether.example, because mail came back from there (since 16 November 2026)."
        in str(held.reason)
    )
    assert "Bea Hill could be written to instead" in str(held.reason)
    org.send()
    assert len(org.mailer.taken) == 1
    act(org, contact, stopped_addresses.accept)
    org.plan()
    org.send()
    assert [mail.to for mail in org.mailer.taken][1:] == [("bea@bellwether.example",)]


def test_whoever_looks_after_the_customer_is_asked_once_and_the_ledger_is_told_once_without_the_address(
    org: Chasing,
) -> None:
    contact = customer(org, BEA)
    bounce(org)
    bounce(org)
    (task,) = rows(org, TeamTask)
    assert (task.kind, task.contact_id) == ("bounce", org.id_of(contact))
    assert "does not exist" in task.what and "Bea Hill could be written to instead" in task.what
    org.write_notes()
    told = [one.text for one in org.ledger_notes() if one.text and "no more mail" in one.text]
    assert len(told) == 1
    assert "no more mail to payables" in told[0] and "mail came back from there" in told[0]
    assert "@" not in told[0]
    act(org, contact, stopped_addresses.accept)
    assert rows(org, TeamTask)[0].finished_by == "Sam"


def test_others_who_are_meant_are_written_to_all_the_same(org: Chasing) -> None:
    contact = customer(org, LedgerPerson("Cal", "Reed", "cal@bellwether.example", True))
    bounce(org)
    later(org, contact)
    org.send()
    assert org.mailer.taken[-1].to == ("cal@bellwether.example",)
    assert at(org, contact).no_mail[0].instead is None


def test_where_nobody_else_is_known_the_customer_is_held_and_says_what_to_do(org: Chasing) -> None:
    contact = customer(org)
    bounce(org)
    later(org, contact)
    assert org.chasers("planned", "held") == []
    with (
        org.app.database.write(org.organisation_id) as session,
        pytest.raises(UserError, match="Nobody is proposed"),
    ):
        stopped_addresses.accept(
            session, org.organisation_id, org.id_of(contact), ANN, by="Sam", now=clock.now()
        )


def test_it_takes_a_reason_to_let_mail_go_there_again(org: Chasing) -> None:
    contact = customer(org)
    report(org, "spamreport")
    with org.app.database.write(org.organisation_id) as session, pytest.raises(UserError, match="Say why"):
        stopped_addresses.lift(
            session, org.organisation_id, org.id_of(contact), ANN, reason=" \n", by="Sam", now=clock.now()
        )
    act(org, contact, stopped_addresses.lift, reason="Ann said on the telephone that it was a slip.")
    later(org, contact)
    org.send()
    assert org.mailer.taken[-1].to == (ANN,)
    (row,) = rows(org, StoppedAddress)
    assert (row.why, row.lifted_by) == ("complaint", "Sam")
    org.write_notes()
    (told,) = [one.text for one in org.ledger_notes() if one.text and "mail again to" in one.text]
    assert "it was a slip" in told and "@" not in told


def test_a_changed_address_in_the_ledger_needs_no_lifting(org: Chasing) -> None:
    contact = customer(org)
    bounce(org)
    org.ledger.change_contact(contact, email="office@bellwether.example")
    org.mirror()
    assert at(org, contact).no_mail == ()
    with org.app.database.write(org.organisation_id) as session:
        people.confirm_address(
            session, org.organisation_id, org.id_of(contact), "office@bellwether.example", "Sam"
        )
    later(org, contact)
    org.send()
    assert org.mailer.taken[-1].to == ("office@bellwether.example",)


def test_three_mails_in_a_row_that_are_turned_away_stop_the_address_and_a_delivery_begins_anew(
    org: Chasing,
) -> None:
    contact = customer(org)
    mails = [_mail_to(org, contact) for _ in range(6)]
    for mail in mails[:2]:
        turn_away(org, mail)
    turn_away(org, mails[1])
    assert rows(org, StoppedAddress) == []
    org.shift(hours=1)
    report(org, "delivered", mail=mails[2])
    org.shift(hours=1)
    for mail in mails[3:5]:
        turn_away(org, mail)
    assert rows(org, StoppedAddress) == []
    org.shift(days=15)
    turn_away(org, mails[5])
    assert rows(org, StoppedAddress) == []
    for mail in mails[3:5]:
        turn_away(org, mail)
    (row,) = rows(org, StoppedAddress)
    assert row.why == "soft"


def test_after_it_was_lifted_it_takes_three_more(org: Chasing) -> None:
    contact = customer(org)
    mails = [_mail_to(org, contact) for _ in range(4)]
    for mail in mails[:3]:
        turn_away(org, mail)
    org.shift(minutes=1)
    act(org, contact, stopped_addresses.lift, reason="Their server was full.")
    org.shift(minutes=1)
    turn_away(org, mails[3])
    assert [one.lifted_by for one in rows(org, StoppedAddress)] == ["Sam"]


def test_a_wish_is_not_forgotten_behind_a_bounce(org: Chasing) -> None:
    customer(org)
    bounce(org)
    report(org, "unsubscribe")
    assert [one.why for one in rows(org, StoppedAddress)] == ["unsubscribe"]


def test_no_other_customer_with_this_address_is_written_to_either(org: Chasing) -> None:
    contact = customer(org)
    other = org.customer("Bellwether Cafés", ANN)
    third = org.customer(
        "Bellwether Press",
        "press@bellwether.example",
        persons=(LedgerPerson("A", "N", "Ann@bellwether.example", True),),
    )
    org.mirror()
    report(org, "spamreport")
    assert {row.contact_id for row in rows(org, StoppedAddress)} == {
        org.id_of(one) for one in (contact, other, third)
    }
    assert len(rows(org, TeamTask)) == 1


def test_the_data_health_page_tells_it_with_what_to_do(org: Chasing) -> None:
    contact = customer(org, BEA)
    bounce(org)
    with org.app.database.read(org.organisation_id) as session:
        seen = data_health.survey(session, org.organisation_id, clock.now(), clock.now().date())
        (line,) = data_health.lines(session, org.organisation_id, seen, seen.ids(Problem.BOUNCING))
    assert line.proposed is not None and line.proposed.email == BEA.email
    assert line.findings[0].text == (
        "No mail goes to ann@bellwether.example, because mail came back from there. "
        "Bea Hill could be written to instead, at bea@bellwether.example."
    )
    with org.app.database.write(org.organisation_id) as session:
        entry = Entry("", ANN, roles=(Role.PAYABLES,))
        people.add(session, org.organisation_id, org.id_of(contact), entry, "Sam")
    assert at(org, contact).no_mail[0].role is Role.PAYABLES


def _mail_to(org: Chasing, contact: str) -> str:
    """A further mail that has left."""
    first = org.chasers("sent", "bounced", "delivered")[0]
    with org.app.database.write(org.organisation_id) as session:
        row = Communication(
            organisation_id=org.organisation_id, id=new_id(), direction="out", channel="email", kind="thanks",
            contact_id=org.id_of(contact), status="sent", to=[ANN], subject="Thanks", message_id=f"<{new_id()}@x.example>",
            created_at=clock.now(), sent_at=first.sent_at, handed_over_at=first.sent_at,
        )  # fmt: skip
        session.add(row)
        return row.id
