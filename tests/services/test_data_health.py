"""Which customers with money due cannot be reached, or perhaps are not who they seem."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from credit_control.people import Role
from integration.ledger import LedgerPerson
from kit import clock
from services import data_health, holds, mail_events, people
from services.data_health import Line, Problem, Survey
from services.people import Entry
from store.models import InboxEvent
from store.queries import mail_inbox
from tests.support.chasing import Chasing

TODAY = date(2026, 11, 16)


def look(org: Chasing) -> tuple[Survey, dict[str, Line]]:
    with org.app.database.read(org.organisation_id) as session:
        seen = data_health.survey(session, org.organisation_id, clock.now(), TODAY)
        lines = data_health.lines(session, org.organisation_id, seen, seen.ids())
    return seen, {one.contact.name: one for one in lines}


def owes(org: Chasing, name: str, email: str | None, **fields: object) -> str:
    customer = org.customer(name, email, **fields)
    org.invoice(customer, f"INV {name}", 3, "100.00")
    return customer


def problems(line: Line) -> list[Problem]:
    return [one.problem for one in line.findings]


def test_each_problem_is_found_counted_and_told_with_what_to_do(org: Chasing) -> None:
    owes(org, "Sound", "accounts@sound.example")
    owes(org, "Missing", None)
    owes(org, "Broken", "no address")
    owes(org, "Personal", "Pat@Gmail.com")
    owes(org, "Twin One", "Office@twins.example")
    owes(org, "Twin Two", " office@twins.example ")
    org.customer("Owes nothing", None)
    changed = owes(org, "Changed", "old@changed.example")
    org.mirror()
    org.ledger.change_contact(changed, email="new@changed.example")
    org.mirror()
    seen, lines = look(org)
    assert {name: problems(line) for name, line in lines.items()} == {
        "Missing": [Problem.MISSING],
        "Broken": [Problem.MISSING],
        "Personal": [Problem.PERSONAL],
        "Twin One": [Problem.DUPLICATE],
        "Twin Two": [Problem.DUPLICATE],
        "Changed": [Problem.CHANGED],
    }
    assert seen.due[Problem.DUPLICATE] == {"GBP": Decimal("200.00")}
    assert (
        lines["Twin One"].findings[0].text.startswith("office@twins.example is also the address of Twin Two.")
    )
    assert [one.address for one in lines["Changed"].asked] == ["new@changed.example"]


def test_somebody_entered_here_or_a_person_of_the_ledger_is_enough(org: Chasing) -> None:
    entered = owes(org, "Entered", None)
    owes(org, "Person", None, persons=(LedgerPerson("Pat", "Pay", "pat@pay.example", True),))
    org.mirror()
    with org.app.database.write(org.organisation_id) as session:
        entry = Entry("Paula", "paula@pay.example", roles=(Role.PAYABLES,))
        people.add(session, org.organisation_id, org.id_of(entered), entry, "Anna")
    assert look(org)[1] == {}


def test_after_a_bounce_the_next_best_person_is_proposed(org: Chasing) -> None:
    customer = owes(org, "Bounced", "gone@bounced.example")
    org.mirror()
    org.switch("live")
    org.send()
    bounce(org, "gone@bounced.example")
    (line,) = look(org)[1].values()
    assert problems(line) == [Problem.BOUNCING]
    assert line.proposed is None and "Nobody else is known" in line.findings[0].text
    with org.app.database.write(org.organisation_id) as session:
        for name, role in (("Olga", Role.OWNER), ("Abe", Role.APPROVER)):
            entry = Entry(name, f"{name}@bounced.example", roles=(role,))
            people.add(session, org.organisation_id, org.id_of(customer), entry, "Anna")
    (line,) = look(org)[1].values()
    assert line.proposed is not None and line.proposed.name == "Abe"
    assert "Abe could be written to instead, at abe@bounced.example" in line.findings[0].text


def test_a_customer_who_is_on_hold_since_mail_came_back_is_found_as_well(org: Chasing) -> None:
    customer = owes(org, "Held", "gone@held.example")
    org.mirror()
    holds.place(
        org.app,
        org.organisation_id,
        by="Anna",
        reason="It came back.",
        kind="bounce",
        contact_id=org.id_of(customer),
    )
    (line,) = look(org)[1].values()
    assert problems(line) == [Problem.BOUNCING]
    assert line.findings[0].text == (
        "It came back. Nobody else is known there; ask for another address, then release the hold."
    )


def bounce(org: Chasing, address: str) -> None:
    """The provider reports that the only chaser came back."""
    now = clock.now()
    news = {
        "event": "bounce", "timestamp": int(now.timestamp()), "email": address, "type": "bounce",
        "status": "5.1.1", "reason": "no such user", "dunnock_id": org.only_chaser().id,
        "organisation_id": org.organisation_id,
    }  # fmt: skip
    with org.app.database.write_across() as session:
        session.add(
            InboxEvent(
                source=mail_inbox.EVENTS, key="one bounce", payload=msgspec.json.encode(news),
                received_at=now, next_try_at=now,
            )
        )  # fmt: skip
    mail_events.handle(org.app)
