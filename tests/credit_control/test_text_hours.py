"""Text messages leave in the customer's day, whatever the window says; and what customers cannot have is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from credit_control.decide import decide
from credit_control.decisions import Verdict
from credit_control.facts import Action, DaysOff, Office, Policy, Schedule, SendingWindow, Step
from credit_control.people import Person, Role
from credit_control.text_to import number_for
from tests.credit_control.books import ACTIVE, at, book, invoice

TEXT = Step(1, "Text", 3, Action.SMS, "text_reminder")
MAIL = Step(2, "Mail", 10, Action.EMAIL, "first_reminder")
MOBILE, OWNERS = "+447400123456", "+447400999999"
REACHED = replace(ACTIVE, people=(Person("", ACTIVE.email, MOBILE, included=True),))
BOTH = Schedule("v", "By text", 1, (TEXT, MAIL))
ZONES = ("Europe/London", "America/Los_Angeles", "Asia/Tokyo", "Pacific/Auckland", "Asia/Kolkata")
HOURS = st.times().map(lambda one: one.replace(second=0, microsecond=0))


@given(
    opens=HOURS,
    closes=HOURS,
    home=st.sampled_from(ZONES),
    there=st.none() | st.sampled_from(ZONES),
    hour=st.integers(0, 24 * 14),
)
def test_no_text_leaves_in_the_customers_night(
    opens: time, closes: time, home: str, there: str | None, hour: int
) -> None:
    if opens >= closes:
        return
    window = SendingWindow(home, opens=opens, closes=closes)
    office = Office("there", there, DaysOff()) if there else None
    contact = replace(REACHED, office=office)
    now = at("2026-11-16T00:00", home) + timedelta(hours=hour)
    due = now.astimezone(ZoneInfo(home)).date() - timedelta(days=3)
    found = decide(replace(book(invoice(due)), contact=contact, schedule=BOTH), Policy(window), now)
    if found.message and found.message.step.action is Action.SMS:
        zone = ZoneInfo(there or home)
        begins, ends = found.message.not_before.astimezone(zone), found.message.not_after.astimezone(zone)
        assert begins >= now
        assert time(8) <= begins.time() and begins < ends
        assert ends.date() == begins.date() and ends.time() <= time(20)


def test_each_step_goes_to_the_number_of_whom_it_is_for() -> None:
    people = (
        Person("Priya", None, MOBILE, included=True),
        Person("Otto", None, OWNERS, frozenset({Role.OWNER})),
    )
    contact = replace(ACTIVE, people=people)
    assert number_for(contact, TEXT) == MOBILE
    assert number_for(contact, replace(TEXT, to=Role.OWNER)) == OWNERS


def test_a_number_that_gets_none_is_named() -> None:
    contact = replace(REACHED, stopped=((MOBILE, f"{MOBILE} has asked for no more texts."),))
    owed = replace(book(invoice("2026-11-12")), contact=contact, schedule=BOTH)
    (one,) = decide(owed, Policy(SendingWindow("Europe/London")), at("2026-11-16T10:00")).invoices
    assert any(f"“Text” is left out: {MOBILE} has asked" in reason.text for reason in one.reasons)


def test_who_cannot_have_one_gets_the_next_step_and_the_reason() -> None:
    contact = ACTIVE
    owed = replace(book(invoice("2026-11-12")), contact=contact, schedule=BOTH)
    (one,) = decide(owed, Policy(SendingWindow("Europe/London")), at("2026-11-16T10:00")).invoices
    assert one.verdict is Verdict.WAIT and one.next_step is not None and one.next_step.name == "Mail"
    assert any(
        "“Text” is left out: nobody there who is meant (payables)" in reason.text for reason in one.reasons
    )


def test_a_customer_without_an_address_can_be_texted() -> None:
    contact = replace(ACTIVE, email=None, people=(Person("", None, MOBILE, included=True),))
    owed = replace(book(invoice("2026-11-12")), contact=contact, schedule=BOTH)
    found = decide(owed, Policy(SendingWindow("Europe/London")), at("2026-11-16T10:00"))
    assert found.message is not None and found.message.step is TEXT
