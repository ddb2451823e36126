"""To whom of a customer's people a message goes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from credit_control.people import Person, Reach, Role, addressees

OFFICE = Person("", "office@books.example", included=True)
ANN = Person("Ann", "ann@books.example", roles=frozenset({Role.PAYABLES}), included=True)
BOB = Person("Bob", "bob@books.example", "+447400123456", frozenset({Role.APPROVER}))
OLGA = Person("Olga", "olga@books.example", roles=frozenset({Role.OWNER}), included=True)
EVE = Person("Eve", None, "+447400123457", frozenset({Role.ESCALATION}))


def test_without_roles_it_goes_to_whom_the_ledger_writes() -> None:
    found = addressees([OFFICE, Person("Colleague", "colleague@books.example")])
    assert found.to == (OFFICE,)
    assert found.reason == (
        "To office@books.example, as in the ledger, because nobody who can be reached has the role payables."
    )
    assert found.to_role is None


def test_a_role_decides_and_copies_go_to_other_roles() -> None:
    found = addressees([OFFICE, ANN, BOB, OLGA], copies=[Role.APPROVER, Role.ESCALATION])
    assert (found.to, found.copies) == ((ANN,), (BOB,))
    assert found.reason == (
        "To Ann (payables). Copy to Bob. No copy to escalation, because nobody has that role."
    )
    assert (found.to_role, found.copy_roles) == (Role.PAYABLES, (Role.APPROVER,))


def test_no_early_message_goes_to_a_director() -> None:
    assert addressees([OFFICE, OLGA]).to == (OFFICE,)
    alone = addressees([OLGA])
    assert alone.to == ()
    assert "there as owner or for escalation alone" in alone.reason
    assert addressees([OLGA], to=Role.OWNER).to == (OLGA,)


def test_an_owner_who_pays_the_bills_gets_them() -> None:
    both = Person("Pat", "pat@books.example", roles=frozenset({Role.OWNER, Role.PAYABLES}), included=True)
    assert addressees([both]).to == (both,)


def test_a_text_message_goes_to_who_has_a_mobile() -> None:
    assert addressees([ANN, BOB], to=Role.APPROVER, reach=Reach.MOBILE).to == (BOB,)
    assert addressees([ANN, BOB], reach=Reach.MOBILE).to == ()
    assert addressees([ANN, EVE], to=Role.ESCALATION, reach=Reach.EMAIL).to == (ANN,)


_PEOPLE = st.lists(
    st.builds(
        Person,
        st.sampled_from(["", "Ann", "Bob"]),
        st.sampled_from([None, "a@x.example", "b@x.example", "c@x.example"]),
        st.sampled_from([None, "+447400123456"]),
        st.frozensets(st.sampled_from(list(Role))),
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda one: one.email or object(),
)


@given(_PEOPLE, st.sampled_from(list(Role)), st.frozensets(st.sampled_from(list(Role))))
def test_nobody_gets_it_twice_and_no_director_without_being_meant(
    people: list[Person], to: Role, copies: frozenset[Role]
) -> None:
    found = addressees(people, to, copies)
    everybody = [one.email for one in (*found.to, *found.copies)]
    assert None not in everybody
    assert len(set(everybody)) == len(everybody)
    for one in found.to:
        assert (
            to in one.roles
            or (one.included and not one.roles <= {Role.OWNER, Role.ESCALATION})
            or (one.included and not one.roles)
        )
    assert all(one.roles & copies for one in found.copies)
    assert found.reason
