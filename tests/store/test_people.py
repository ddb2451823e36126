"""Who there is at a customer: the ledger's persons and those entered here become one list."""

from __future__ import annotations

from typing import Any

from credit_control.people import Role
from store.people import Entered, merged

PERSONS: list[dict[str, Any]] = [
    {"first_name": "Ann", "last_name": "Ash", "email": "Ann@Books.example", "include_in_emails": True},
    {"first_name": "Bob", "last_name": None, "email": "bob@books.example", "include_in_emails": False},
    {"first_name": "No", "last_name": "Mail", "email": None, "include_in_emails": True},
]


def test_the_ledgers_people_each_once() -> None:
    found = merged("Olga Oak", "ann@books.example", PERSONS, "+447400123456")
    assert [(one.name, one.email, one.mobile, one.included) for one in found] == [
        ("Olga Oak", "ann@books.example", "+447400123456", True),
        ("Bob", "bob@books.example", None, False),
    ]


def test_a_role_is_given_to_one_of_the_ledgers_persons_by_the_address() -> None:
    entered = [Entered("", "ann@books.example", "+447400123457", ["payables"], of_ledger=True)]
    ann = merged("", "office@books.example", PERSONS, None, entered)[1]
    assert (ann.name, ann.email, ann.mobile) == ("Ann Ash", "Ann@Books.example", "+447400123457")
    assert ann.roles == {Role.PAYABLES}
    assert ann.included


def test_what_was_entered_of_an_address_that_the_ledger_has_no_more_means_nothing() -> None:
    entered = [Entered("", "gone@books.example", None, ["payables"], of_ledger=True)]
    assert [one.email for one in merged("", "new@books.example", [], None, entered)] == ["new@books.example"]


def test_further_people_are_added_by_hand() -> None:
    entered = [
        Entered("Carl", "carl@books.example", None, ["approver"], of_ledger=False),
        Entered("Dora", None, "+447400123458", ["escalation"], of_ledger=False),
    ]
    assert [(one.name, one.included) for one in merged("", "office@books.example", [], None, entered)] == [
        ("", True),
        ("Carl", False),
        ("Dora", False),
    ]
