"""Which quotes are read of the ledger, and when: none from before the switch, and with few calls."""

from __future__ import annotations

from datetime import date, timedelta

from integration.ledger import MissingScope, Unreachable
from kit import clock
from services import switches
from services.occasions import switches as occasion_switches
from store.models import Contact
from tests.services.order_stage import CONFIRMATION, TUESDAY, accepted, leave, offered, poll, wanted
from tests.services.other_mails import others, want
from tests.support.chasing import Chasing


def problem_told(org: Chasing) -> str | None:
    """What stands beside the switch of order confirmations."""
    with org.app.database.read(org.organisation_id) as session:
        found = occasion_switches.switches(session, org.organisation_id)
        (problem,) = [one.problem for one in found if one.kind is CONFIRMATION]
        return problem


def test_no_quote_is_asked_for_and_none_confirmed_unless_it_is_switched_on(org: Chasing) -> None:
    customer = org.customer()
    org.mirror()
    org.switch("live")
    quote = offered(org, customer)
    org.ledger.change_quote(quote, "ACCEPTED")
    org.shift(hours=3)
    assert poll(org) == []
    assert others(org, CONFIRMATION) == []


def test_what_was_accepted_before_the_switch_is_never_confirmed_even_if_it_changes_later(
    org: Chasing,
) -> None:
    customer = org.customer()
    org.mirror()
    org.switch("live")
    old = offered(org, customer, "QU-OLD")
    org.ledger.change_quote(old, "ACCEPTED")
    want(org, CONFIRMATION)
    poll(org)
    org.ledger.now = clock.now()
    org.ledger.change_quote(old, "ACCEPTED", title="Written into afterwards")
    org.shift(hours=1)
    poll(org)
    assert others(org, CONFIRMATION) == []


def test_switching_off_and_on_again_confirms_nothing_from_in_between(org: Chasing) -> None:
    customer = wanted(org)
    quote = offered(org, customer)
    want(org, CONFIRMATION, on=False)
    org.ledger.change_quote(quote, "ACCEPTED")
    org.shift(hours=5)
    assert poll(org) == []
    want(org, CONFIRMATION)
    poll(org)
    org.shift(hours=1)
    poll(org)
    assert others(org, CONFIRMATION) == []
    accepted(org, customer, "QU-2")
    assert len(others(org, CONFIRMATION, "planned")) == 1


def test_switching_off_cancels_what_waits_and_on_again_does_not_bring_it_back(org: Chasing) -> None:
    customer = wanted(org)
    accepted(org, customer)
    want(org, CONFIRMATION, on=False)
    want(org, CONFIRMATION)
    poll(org)
    leave(org)
    assert org.mailer.taken == []
    (row,) = others(org, CONFIRMATION)
    assert (row.status, row.reason) == ("cancelled", "Order confirmations were switched off by Anna Hale.")


def test_one_call_an_hour_while_it_is_switched_on(org: Chasing) -> None:
    wanted(org)
    for _ in range(3):
        org.shift(hours=1)
        assert poll(org) == ["quotes_page"]
        org.shift(minutes=20)
        assert poll(org) == []
        org.shift(minutes=-20)


def test_what_was_accepted_and_invoiced_within_the_hour_is_not_confirmed(org: Chasing) -> None:
    customer = wanted(org)
    quote = offered(org, customer)
    org.ledger.change_quote(quote, "ACCEPTED")
    org.ledger.change_quote(quote, "INVOICED")
    org.shift(hours=1)
    poll(org)
    assert others(org, CONFIRMATION) == []


def test_a_declined_quote_cancels_its_mail_at_the_next_reading(org: Chasing) -> None:
    quote = accepted(org, wanted(org))
    org.ledger.now = clock.now()
    org.ledger.change_quote(quote, "DECLINED")
    org.shift(hours=1)
    poll(org)
    assert [row.status for row in others(org, CONFIRMATION)] == ["cancelled"]


def test_a_ledger_that_lets_nobody_see_quotes_keeps_nothing_else_from_being_read(org: Chasing) -> None:
    wanted(org)
    org.shift(hours=1)
    org.ledger.failures.append(MissingScope("This authorisation does not cover quotes."))
    assert poll(org) == ["quotes_page"]
    assert problem_told(org) == "This authorisation does not cover quotes."
    org.shift(hours=1)
    assert poll(org) == []
    org.shift(hours=1)
    assert poll(org) == ["quotes_page"]
    assert problem_told(org) is None


def test_a_customer_whom_only_a_quote_tells_of_is_asked_for(org: Chasing) -> None:
    wanted(org)
    accepted(org, org.customer("New Ltd", "ann@new.example"))
    assert [row.name for row in org._all(Contact) if row.name == "New Ltd"] == ["New Ltd"]


def test_a_new_kind_of_mail_is_wanted_by_nobody_who_has_not_said_so(org: Chasing) -> None:
    switches.change_chasing(org.app, org.organisation_id, "live", "Anna Hale")
    assert others(org, CONFIRMATION) == []


def test_what_was_accepted_long_before_the_ledger_could_be_read_again_is_not_confirmed_late(
    org: Chasing,
) -> None:
    customer = wanted(org)
    quote = offered(org, customer)
    org.ledger.change_quote(quote, "ACCEPTED")
    org.shift(days=10)
    poll(org)
    (row,) = others(org, CONFIRMATION)
    assert row.status == "cancelled" and "later than 5 working days" in (row.reason or "")


def test_the_first_reading_is_made_again_when_the_ledger_is_away(org: Chasing) -> None:
    customer = org.customer()
    org.mirror()
    org.switch("live")
    old = offered(org, customer, "QU-OLD")
    org.ledger.change_quote(old, "ACCEPTED")
    want(org, CONFIRMATION)
    org.ledger.failures.append(Unreachable("The ledger is away."))
    assert poll(org) == ["quotes_page"]
    org.shift(hours=2)
    assert poll(org) == ["quotes_page"]
    assert others(org, CONFIRMATION) == []
    accepted(org, customer, "QU-2", issued_on=date(2026, 11, 16))
    leave(org, TUESDAY + timedelta(hours=1))
    assert [mail.files[0].name for mail in org.mailer.taken] == ["QU-2.pdf"]
