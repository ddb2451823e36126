"""An address that wants no mail gets none, whoever in the ledger has it now."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import select

from credit_control.people import Role
from integration.ledger import LedgerPerson
from kit import clock
from kit.ids import new_id
from services import mail_events, people, stop_records, stopped_addresses
from services.data_rights import erasure
from services.people import Entry
from store.models import Communication, Contact, InboxEvent, Invoice, StoppedAddress
from store.queries import erasures, mail_inbox
from tests.support.chasing import Chasing

ANN = "ann@bellwether.example"


def report(org: Chasing, event: str, **news: Any) -> None:
    """The mail provider reports of our newest mail."""
    now = clock.now()
    told = {
        "event": event, "timestamp": int(now.timestamp()), "email": ANN,
        "dunnock_id": org.chasers("sent", "bounced", "delivered", "failed")[-1].id,
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


def rows(org: Chasing, model: Any) -> list[Any]:
    with org.app.database.read(org.organisation_id) as session:
        return list(session.scalars(select(model)))


def stops(org: Chasing, contact: str) -> list[StoppedAddress]:
    return [one for one in rows(org, StoppedAddress) if one.contact_id == org.id_of(contact)]


def said_no(org: Chasing, event: str = "unsubscribe", **news: Any) -> str:
    """Ann was written to, and what the provider reports of it came on 16 November; her customer's ledger id."""
    contact = org.customer()
    org.invoice(contact, "INV-1", 3)
    org.mirror()
    org.switch("live")
    org.send()
    report(org, event, **news)
    return contact


def again(org: Chasing, **fields: Any) -> str:
    """A week later the ledger has her under a new contact, who owes something; its ledger id."""
    org.shift(days=7)
    found = org.customer("Bellwether Books (new)", ANN, **fields)
    org.invoice(found, "INV-2", 3)
    org.mirror()
    return found


def lift(org: Chasing, contact: str) -> None:
    with org.app.database.write(org.organisation_id) as session:
        stopped_addresses.lift(
            session, org.organisation_id, org.id_of(contact), ANN,
            reason="Ann wants mail here.", by="Sam", now=clock.now(),
        )  # fmt: skip


def test_a_new_contact_with_the_address_of_somebody_who_said_no_gets_no_mail_and_it_says_why(
    org: Chasing,
) -> None:
    said_no(org)
    new = again(org, persons=(LedgerPerson("Bea", "Hill", "bea@bellwether.example", False),))
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1
    (held,) = org.chasers("held")
    assert (
        "No mail goes to ann@bellwether.example, because whoever reads there asked for no more mails "
        "(since 16 November 2026)." in str(held.reason)
    )
    (row,) = stops(org, new)
    assert (row.why, row.words) == (
        "unsubscribe",
        "This address asked for no mail on 16 November 2026, as that of another customer.",
    )


def test_it_is_on_the_timeline_and_once_in_the_ledger_without_the_address(org: Chasing) -> None:
    said_no(org)
    new = again(org)
    org.mirror()
    notes = [
        one
        for one in rows(org, Communication)
        if one.kind == stop_records.STOPPED and one.contact_id == org.id_of(new)
    ]
    assert [one.body_text for one in notes] == [
        "This address asked for no mail on 16 November 2026, as that of another customer."
    ]
    org.write_notes()
    told = [one.text for one in org.ledger_notes() if one.text and "another customer" in one.text]
    assert len(told) == 1 and "@" not in told[0]


def test_an_address_that_takes_no_mail_is_not_tried_as_that_of_somebody_else(org: Chasing) -> None:
    said_no(org, "bounce", type="bounce", status="5.1.1", reason="no such user")
    new = again(org)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1
    assert (
        stops(org, new)[0].words
        == "This address took no mail on 16 November 2026, as that of another customer."
    )


def test_a_person_lifts_it_with_a_reason_and_it_stays_lifted(org: Chasing) -> None:
    said_no(org)
    new = again(org)
    lift(org, new)
    org.ledger.change_contact(new, first_name="Anne")
    org.mirror()
    org.plan()
    org.send()
    assert [mail.to for mail in org.mailer.taken] == [(ANN,), (ANN,)]
    assert [one.lifted_by for one in stops(org, new)] == ["Sam"]


def test_what_was_lifted_is_not_carried_on(org: Chasing) -> None:
    old = said_no(org)
    lift(org, old)
    assert stops(org, again(org)) == []


def test_another_address_at_a_known_contact_and_a_person_who_is_entered_here(org: Chasing) -> None:
    said_no(org)
    known = org.customer("Cafés", "office@cafes.example")
    other = org.customer("Press", "office@press.example")
    org.mirror()
    org.ledger.change_contact(known, email=ANN)
    org.mirror()
    assert [one.why for one in stops(org, known)] == ["unsubscribe"]
    with org.app.database.write(org.organisation_id) as session:
        entry = Entry("Ann", ANN, roles=(Role.PAYABLES,))
        people.add(session, org.organisation_id, org.id_of(other), entry, "Sam")
    assert [one.why for one in stops(org, other)] == ["unsubscribe"]


def test_what_was_in_the_books_before_is_found_by_the_last_look(org: Chasing) -> None:
    """A contact that an earlier version took over with the address, without its stop."""
    said_no(org)
    new = again(org)
    with org.app.database.write(org.organisation_id) as session:
        session.delete(session.merge(stops(org, new)[0]))
    org.plan()
    assert org.chasers("planned")
    org.send()
    assert len(org.mailer.taken) == 1
    assert len(stops(org, new)) == 1


def _erased(org: Chasing) -> str:
    """The customer of somebody who wanted no mail, erased."""
    contact = said_no(org)
    with org.app.database.write(org.organisation_id) as session:
        invoice = session.scalars(select(Invoice)).one()
        invoice.status, invoice.amount_due = "PAID", Decimal(0)
        org.ledger.invoice_book.clear()
    erasure.ask(
        org.app, org.organisation_id, org.id_of(contact),
        because="asked", typed="Bellwether Books", kept_elsewhere=True, by="Olga",
    )  # fmt: skip
    while erasure.go_on(org.app, org.organisation_id, 5.0):
        pass
    return contact


def test_somebody_who_wanted_no_mail_and_was_erased_gets_none_as_a_new_customer(org: Chasing) -> None:
    _erased(org)
    new = again(org)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1
    (row,) = stops(org, new)
    assert row.why == "erased"
    assert (
        row.words == "No mail went to this address any more when its reader was erased, on 16 November 2026."
    )
    lift(org, new)
    org.mirror()
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 2


def test_whoever_is_taken_up_again_still_gets_no_mail_and_is_heard(org: Chasing) -> None:
    contact = _erased(org)
    org.shift(days=7)
    org.invoice(contact, "INV-9", 3)
    org.mirror()
    erasure.take_up_again(org.app, org.organisation_id, org.id_of(contact))
    with org.app.database.read(org.organisation_id) as session:
        assert not erasures.is_known_address(session, org.organisation_id, ANN)
    org.mirror()
    assert rows(org, Contact)[0].status == "ACTIVE"
    assert [one.why for one in stops(org, contact)] == ["erased"]
