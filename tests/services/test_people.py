"""To whom chasers go: roles, copies, one each, and addresses that somebody must say yes to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from credit_control.facts import Action
from credit_control.people import Role
from integration.ledger import LedgerPerson
from kit.errors import UserError
from services import people, schedules
from services.mirror.addresses import _by_place
from services.outlook import outlook, why
from services.people import Entry
from services.written_steps import written_of
from store.models import ContactPerson, Schedule
from store.queries import people as queries
from store.queries import schedules as schedule_queries
from tests.support.chasing import Chasing

PAYABLES = (Role.PAYABLES,)


def enter(org: Chasing, ledger_id: str, *entry: Any, **fields: Any) -> ContactPerson:
    with org.app.database.write(org.organisation_id) as session:
        return people.add(
            session, org.organisation_id, org.id_of(ledger_id), Entry(*entry, **fields), "Anna Hale"
        )


def say_yes(org: Chasing, ledger_id: str, address: str) -> bool:
    with org.app.database.write(org.organisation_id) as session:
        return people.confirm_address(
            session, org.organisation_id, org.id_of(ledger_id), address, "Anna Hale"
        )


def every_step(org: Chasing, **fields: Any) -> None:
    """Every mail of the default schedule is meant for other people from now on."""
    with org.app.database.write(org.organisation_id) as session:
        for schedule in session.scalars(select(Schedule)).all():
            found = schedule_queries.newest(session, org.organisation_id, schedule.id)
            assert found
            written = [
                replace(one, **fields) if one.action is Action.EMAIL else one
                for one in written_of(found[1].steps, found[1].written)
            ]
            schedules.change(session, org.organisation_id, schedule.id, schedule.name, written)


def owing(org: Chasing, **fields: Any) -> str:
    customer = org.customer(**fields)
    org.invoice(customer, "INV-1", 3)
    org.mirror()
    return customer


def test_who_pays_the_bills_gets_the_chaser_and_is_greeted(org: Chasing) -> None:
    customer = owing(org, first_name="Olga")
    enter(org, customer, "Paula Pay", "Paula@Bellwether.example", roles=PAYABLES)
    org.switch("live")
    assert org.only_chaser().to == ["paula@bellwether.example"]
    org.send()
    (mail,) = org.mailer.taken
    assert mail.to == ("paula@bellwether.example",)
    assert "Paula" in mail.text and "Olga" not in mail.text
    row = org.only_chaser()
    assert (row.status, row.to_role) == ("sent", "payables")
    assert all("to payables on" in note.text for note in org.ledger_notes())
    assert not any("@" in note.text.split("by Anna")[0] for note in org.ledger_notes())


def test_a_copy_goes_to_who_has_its_role(org: Chasing) -> None:
    customer = owing(org)
    enter(org, customer, "Paula", "paula@bellwether.example", roles=PAYABLES)
    enter(org, customer, "Abe", "abe@bellwether.example", roles=(Role.APPROVER,))
    every_step(org, copies=(Role.APPROVER, Role.ESCALATION), one_each=True)
    org.switch("live")
    org.send()
    (mail,) = org.mailer.taken
    assert (mail.to, mail.cc, mail.one_each) == (
        ("paula@bellwether.example",),
        ("abe@bellwether.example",),
        True,
    )
    assert org.only_chaser().cc == ["abe@bellwether.example"]
    assert any("to payables, copy to approver, on" in note.text for note in org.ledger_notes())


def test_an_early_reminder_is_held_where_the_ledger_knows_only_the_owner(org: Chasing) -> None:
    customer = owing(org)
    enter(org, customer, "Olga", "ann@bellwether.example", roles=(Role.OWNER,))
    org.switch("live")
    row = org.only_chaser()
    assert (row.status, row.brake) == ("held", "address")
    assert "owner or for escalation alone" in (row.reason or "")
    enter(org, customer, "Paula", "paula@bellwether.example", roles=PAYABLES)
    org.plan()
    assert (org.only_chaser().status, org.only_chaser().to) == ("planned", ["paula@bellwether.example"])


def test_somebody_entered_is_enough_where_the_ledger_has_no_address(org: Chasing) -> None:
    customer = owing(org, email=None)
    org.switch("live")
    assert org.chasers() == []
    enter(org, customer, "Paula", "paula@bellwether.example", roles=PAYABLES)
    org.plan()
    org.send()
    assert [mail.to for mail in org.mailer.taken] == [("paula@bellwether.example",)]


def test_who_is_removed_gets_nothing_more(org: Chasing) -> None:
    customer = owing(org)
    person = enter(org, customer, "Paula", "paula@bellwether.example", roles=PAYABLES)
    org.switch("live")
    with org.app.database.write(org.organisation_id) as session:
        assert people.remove(session, org.organisation_id, person.id, "Anna Hale")
    org.send()
    assert [mail.to for mail in org.mailer.taken] == [("ann@bellwether.example",)]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (Entry("Paula"), "an e-mail address or a mobile number"),
        (Entry("Paula", "paula at home"), "none that mail can go to"),
        (Entry("", "else@bellwether.example"), "Give this person's name"),
        (Entry("Paula", mobile="12"), "no mobile number"),
        (Entry("Twice", "twice@bellwether.example"), "entered already"),
    ],
)
def test_what_cannot_be_entered_is_refused_in_words(org: Chasing, entry: Entry, words: str) -> None:
    customer = owing(org)
    enter(org, customer, "Twice", "Twice@bellwether.example")
    with org.app.database.write(org.organisation_id) as session, pytest.raises(UserError, match=words):
        people.add(session, org.organisation_id, org.id_of(customer), entry, "Anna Hale")


def test_a_mobile_is_understood_by_the_customers_country(org: Chasing) -> None:
    customer = owing(org, country="DE", phones=("030 1234567", "0151 23456789"))
    assert org.contact(customer).mobile == "+4915123456789"
    assert org.contact(customer).phone == "030 1234567"
    assert enter(org, customer, "Paula", mobile="0151 23456780").mobile == "+4915123456780"


# -- addresses that changed ----------------------------------------------------------------------------


def test_a_chaser_to_an_address_that_changed_waits_for_a_yes(org: Chasing) -> None:
    customer = owing(org)
    org.switch("live")
    org.ledger.change_contact(customer, email="Mallory@elsewhere.example")
    org.mirror()
    org.plan()
    row = org.only_chaser()
    words = (
        "The address of Bellwether Books changed from ann@bellwether.example to mallory@elsewhere.example on "
        "16 November 2026; somebody must say that it is right."
    )
    assert (row.status, row.brake, row.reason) == ("held", "address", words)
    (invoice,) = org.ledger.invoice_book
    explained = why(org.app, org.organisation_id, org.id_of(invoice))
    assert explained and words in [one.text for one in explained.reasons]
    assert outlook(org.app, org.organisation_id).days[0].leaving[0].status == "held"
    org.plan(approve=True)  # to go live says nothing of addresses
    org.send()
    assert org.mailer.taken == []
    assert say_yes(org, customer, "mallory@Elsewhere.example")
    assert not say_yes(org, customer, "mallory@elsewhere.example")
    org.plan()
    org.send()
    assert [mail.to for mail in org.mailer.taken] == [("Mallory@elsewhere.example",)]
    with org.app.database.read(org.organisation_id) as session:
        (kept,) = queries.changed_addresses(session, org.organisation_id, org.id_of(customer))
        assert (kept.confirmed_by, kept.confirmed_at is not None) == ("Anna Hale", True)


def test_an_address_that_changed_since_planning_is_seen_by_the_last_look(org: Chasing) -> None:
    customer = owing(org)
    org.switch("live")
    org.ledger.change_contact(customer, email="mallory@elsewhere.example")
    org.send()
    assert org.mailer.taken == []
    assert org.only_chaser().status == "held"
    org.plan()
    assert (org.only_chaser().status, org.only_chaser().brake) == ("held", "address")


def test_where_the_old_address_comes_back_nothing_waits(org: Chasing) -> None:
    customer = owing(org)
    org.switch("live")
    for email in ("mallory@elsewhere.example", "other@elsewhere.example", "mallory@elsewhere.example"):
        org.ledger.change_contact(customer, email=email)
        org.mirror()
        org.plan()
        assert f"from ann@bellwether.example to {email}" in (org.only_chaser().reason or "")
    org.ledger.change_contact(customer, email="ann@bellwether.example")
    org.mirror()
    org.plan()
    org.send()
    assert [mail.to for mail in org.mailer.taken] == [("ann@bellwether.example",)]


def test_an_address_that_was_given_up_is_new_when_it_comes_back(org: Chasing) -> None:
    """Somebody has left the customer, and the mailbox may be anybody's by now."""
    customer = owing(org)
    org.ledger.change_contact(customer, email="new@bellwether.example")
    org.mirror()
    assert say_yes(org, customer, "new@bellwether.example")
    org.switch("live")
    org.ledger.change_contact(customer, email="ann@bellwether.example")
    org.mirror()
    org.plan()
    assert "from new@bellwether.example to ann@bellwether.example" in (org.only_chaser().reason or "")


def test_a_first_address_and_a_first_import_wait_for_nobody(org: Chasing) -> None:
    customer = owing(org, email=None)
    org.switch("live")
    org.ledger.change_contact(customer, email="ann@bellwether.example")
    org.mirror()
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1


def test_a_new_person_of_the_ledger_waits_for_a_yes_too(org: Chasing) -> None:
    customer = owing(org)
    org.switch("live")
    org.ledger.change_contact(
        customer, persons=(LedgerPerson("New", "Bee", "bee@elsewhere.example", include_in_emails=True),)
    )
    org.mirror()
    org.plan()
    assert org.only_chaser().reason == (
        "The address bee@elsewhere.example is new at Bellwether Books since 16 November 2026; "
        "somebody must say that it is right."
    )


def test_a_role_moves_with_the_address_and_is_no_yes_to_it(org: Chasing) -> None:
    customer = owing(org)
    enter(org, customer, "", "ann@bellwether.example", roles=PAYABLES)
    org.switch("live")
    org.ledger.change_contact(customer, email="new@bellwether.example")
    org.mirror()
    org.plan()
    assert org.only_chaser().brake == "address"
    assert say_yes(org, customer, "new@bellwether.example")
    org.plan()
    assert (org.only_chaser().status, org.only_chaser().to) == ("planned", ["new@bellwether.example"])
    org.ledger.change_contact(customer, email="newer@bellwether.example")
    org.mirror()
    enter(org, customer, "", "newer@bellwether.example", roles=PAYABLES)
    org.plan()
    assert (org.only_chaser().status, org.only_chaser().brake) == ("held", "address")


def test_an_address_that_was_entered_here_first_is_no_news_when_it_comes_from_the_ledger(
    org: Chasing,
) -> None:
    customer = owing(org)
    enter(org, customer, "Paula", "paula@bellwether.example")
    org.ledger.change_contact(customer, email="Paula@bellwether.example")
    org.mirror()
    org.switch("live")
    assert org.only_chaser().status == "planned"


@given(
    st.none() | st.sampled_from(["a@x.example", "B@x.example"]),
    st.lists(
        st.fixed_dictionaries(
            {
                "first_name": st.none() | st.sampled_from(["Ann", ""]),
                "last_name": st.none(),
                "email": st.none() | st.sampled_from(["a@x.example", "c@x.example", "d@x.example", "no"]),
            }
        ),
        max_size=5,
    ),
)
def test_no_address_is_lost_from_sight(email: str | None, persons: list[dict[str, Any]]) -> None:
    seen = set(_by_place(email, persons).values())
    assert seen == people.ledger_addresses(email, persons)
