"""Addresses that no mail goes to: who is still written to, and whom to write to instead."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from credit_control.no_mail import NoMail
from credit_control.people import Person, Reach, Role, addressees, next_best
from credit_control.stops import contact_stops
from tests.credit_control.books import ACTIVE

OFFICE = Person("", "office@books.example", included=True)
ANN = Person("Ann", "ann@books.example", "+447400123456", frozenset({Role.PAYABLES}), True, NoMail.BOUNCE)
BOB = Person("Bob", "bob@books.example", roles=frozenset({Role.APPROVER}))
OLGA = Person("Olga", "olga@books.example", roles=frozenset({Role.OWNER}), included=True)


def test_the_others_who_are_meant_are_still_written_to() -> None:
    paul = Person("Paul", "paul@books.example", roles=frozenset({Role.PAYABLES}))
    found = addressees([ANN, paul, BOB])
    assert (found.to, found.stopped, found.instead) == ((paul,), (ANN,), None)
    assert found.reason == "To Paul (payables). Not to Ann, because mail came back from there."


def test_what_is_meant_for_nobody_else_waits_and_names_the_next_best() -> None:
    found = addressees([ANN, OLGA, BOB, OFFICE])
    assert (found.to, found.instead) == ((), BOB)
    assert found.reason == (
        "No mail goes to ann@books.example, because mail came back from there. Nobody else is meant; Bob could be "
        "written to instead, with the role payables, if somebody says so on the customer’s page."
    )
    assert addressees([ANN, OLGA, OFFICE]).instead == OFFICE


def test_no_director_is_proposed_for_an_early_reminder() -> None:
    found = addressees([ANN, OLGA])
    assert found.instead is None
    assert "Nobody else there can be written to" in found.reason
    assert next_best([ANN, OLGA], Role.ESCALATION) == OLGA


def test_a_copy_that_cannot_be_sent_keeps_nothing_back() -> None:
    copied = replace(BOB, no_mail=NoMail.COMPLAINT)
    found = addressees([OFFICE, copied], copies=[Role.APPROVER])
    assert (found.to, found.copies, found.copy_roles) == ((OFFICE,), (), ())
    assert found.reason.endswith("No copy to Bob, because our mail was marked as spam there.")


def test_a_text_message_goes_to_whom_no_mail_goes() -> None:
    assert addressees([ANN], reach=Reach.MOBILE).to == (ANN,)


def test_a_customer_at_whom_no_mail_goes_anywhere_is_held_for_mail_alone() -> None:
    (stop,) = contact_stops(replace(ACTIVE, people=(ANN,)))
    assert stop.by_mail_only
    assert stop.reason.text.startswith(
        "No mail goes to ann@books.example, because mail came back from there."
    )
    assert contact_stops(replace(ACTIVE, people=(ANN, BOB))) == ()


_ROLES = st.frozensets(st.sampled_from(list(Role)))
_PEOPLE = st.lists(
    st.builds(
        Person,
        st.sampled_from(["Ann", "Bob"]),
        st.sampled_from([None, "a@x.example", "b@x.example", "c@x.example", "d@x.example"]),
        st.just("+447400123456"),
        _ROLES,
        st.booleans(),
        st.sampled_from([None, None, *NoMail]),
    ),
    max_size=6,
    unique_by=lambda one: one.email or object(),
)


@given(_PEOPLE, st.sampled_from(list(Role)), _ROLES)
def test_nothing_goes_to_a_stopped_address_and_nobody_new_is_written_to(
    people: list[Person], to: Role, copies: frozenset[Role]
) -> None:
    found = addressees(people, to, copies)
    free = addressees([replace(one, no_mail=None) for one in people], to, copies)
    assert not any(one.no_mail for one in (*found.to, *found.copies))
    assert {one.email for one in found.to} <= {one.email for one in free.to}
    assert {one.email for one in found.copies} <= {one.email for one in free.copies}
    assert {one.email for one in (*found.to, *found.stopped)} == {one.email for one in free.to}
    assert found.reason


@given(_PEOPLE, st.sampled_from(list(Role)))
def test_who_is_proposed_can_be_written_to_is_not_meant_already_and_is_no_director_by_accident(
    people: list[Person], to: Role
) -> None:
    found = addressees(people, to)
    if (one := found.instead) is None:
        return
    assert found.stopped and not found.to
    assert one in people and one.email and one.no_mail is None
    assert to not in one.roles
    if to in (Role.PAYABLES, Role.APPROVER):
        assert not one.roles or one.roles - {Role.OWNER, Role.ESCALATION}
    accepted = [replace(each, roles=each.roles | {to}) if each == one else each for each in people]
    assert [each.email for each in addressees(accepted, to).to] == [one.email]
