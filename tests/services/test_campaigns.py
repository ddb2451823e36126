"""Campaigns: one mail, once, to exactly the list that somebody has seen."""

from __future__ import annotations

from decimal import Decimal

import pytest

from credit_control.occasions import OccasionKind
from kit import clock
from kit.errors import UserError
from services import holds
from services.books import desk_of
from services.occasions import campaigns
from services.occasions.campaigns import Listing, Told, Wanted
from store.queries.campaigns import Progress
from tests.services.other_mails import others
from tests.support.chasing import Chasing

CAMPAIGN = OccasionKind.CAMPAIGN
OLD = Wanted(({"field": "days_overdue", "at_least": 60},), never_chased=True)


def listed(org: Chasing, wanted: Wanted = OLD) -> Listing:
    with org.app.database.read(org.organisation_id) as session:
        return campaigns.list_for(session, desk_of(session, org.organisation_id), wanted, clock.now())


def begin(org: Chasing, wanted: Wanted = OLD) -> str:
    """Start a campaign for the list as it stands, and plan."""
    campaign_id = campaigns.start(
        org.app, org.organisation_id, "Old debts", wanted, listed(org, wanted).mark, "Anna Hale"
    )
    org.plan()
    return campaign_id


def told(org: Chasing, campaign_id: str) -> Told:
    with org.app.database.read(org.organisation_id) as session:
        found = campaigns.told(session, org.organisation_id, campaign_id)
    assert found
    return found


def old_debts(org: Chasing, *names: str) -> None:
    """Customers who have owed for long, whom their schedule leaves to a person, and one who has owed for days."""
    for name in names:
        customer = org.customer(name, f"{name.lower()}@example.com")
        org.invoice(customer, f"INV-{name}", 90)
        org.invoice(customer, f"EUR-{name}", 70, "50.00", currency="EUR")
    org.invoice(org.customer("Recent", "recent@example.com"), "INV-R", 4)
    org.mirror()


def nobody_chases(org: Chasing) -> None:
    """The schedule has no step left for old debts, so that the campaign alone writes."""
    org.change(minimum_balances={"GBP": "1000", "EUR": "1000"})


def test_the_list_has_who_meets_the_conditions_with_what_is_overdue_by_currency(org: Chasing) -> None:
    old_debts(org, "Ada", "Ben")
    found = listed(org)
    assert [one.name for one in found.customers] == ["Ada", "Ben"]
    assert found.amounts == {"EUR": Decimal("100.00"), "GBP": Decimal("200.00")}
    both = ({"field": "days_overdue", "at_least": 60}, {"field": "name", "contains": "be"})
    assert [one.name for one in listed(org, Wanted(both)).customers] == ["Ben"]


def test_each_customer_gets_one_mail_once(org: Chasing) -> None:
    nobody_chases(org)
    old_debts(org, "Ada", "Ben")
    org.switch("live")
    campaign_id = begin(org)
    for _ in range(12):
        org.plan()
        org.send()
        org.shift(days=1)
    assert sorted(mail.to for mail in org.mailer.taken) == [("ada@example.com",), ("ben@example.com",)]
    assert all("still on my list" in mail.text and len(mail.files) == 2 for mail in org.mailer.taken)
    assert told(org, campaign_id).progress == Progress(sent=2, waiting=0, left_out=0)


def test_a_list_that_has_changed_since_it_was_seen_starts_nothing(org: Chasing) -> None:
    old_debts(org, "Ada")
    seen = listed(org).mark
    old_debts(org, "Ben")
    with pytest.raises(UserError, match="The list has changed"):
        campaigns.start(org.app, org.organisation_id, "Old debts", OLD, seen, "Anna Hale")
    org.plan()
    assert others(org, CAMPAIGN) == []


def test_who_comes_to_owe_later_is_not_on_the_list(org: Chasing) -> None:
    nobody_chases(org)
    old_debts(org, "Ada")
    org.switch("live")
    begin(org)
    old_debts(org, "Ben")
    org.plan()
    assert len(others(org, CAMPAIGN)) == 1


def test_a_reminder_that_is_due_goes_first_and_the_campaign_waits_for_the_gap(org: Chasing) -> None:
    org.invoice(org.customer(), "INV-1", 3)
    org.mirror()
    org.switch("live")
    begin(org, Wanted())
    org.send()
    (mail,) = org.mailer.taken
    assert mail.id == org.only_chaser().id
    (row,) = others(org, CAMPAIGN)
    assert row.status == "planned" and row.planned_for is not None
    assert (row.planned_for.date() - clock.now().date()).days == 4


def test_who_has_paid_meanwhile_is_left_out(org: Chasing) -> None:
    nobody_chases(org)
    invoice = org.invoice(org.customer(), "INV-1", 90)
    org.mirror()
    org.switch("live")
    campaign_id = begin(org)
    org.ledger.pay(invoice)
    org.send()
    assert org.mailer.taken == []
    org.plan()
    (member,) = told(org, campaign_id).members
    assert member.reason == "Nothing of this customer is overdue any more."
    assert told(org, campaign_id).progress.left_out == 1


def test_it_can_be_stopped_and_goes_on_where_it_stopped(org: Chasing) -> None:
    nobody_chases(org)
    old_debts(org, "Ada", "Ben")
    org.change(daily_cap=1)
    org.switch("live")
    campaign_id = begin(org)
    org.send()
    assert len(org.mailer.taken) == 1
    campaigns.stop(org.app, org.organisation_id, campaign_id, "Anna Hale")
    org.shift(days=1, minutes=5)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1
    assert told(org, campaign_id).progress == Progress(sent=1, waiting=1, left_out=0)
    campaigns.resume(org.app, org.organisation_id, campaign_id)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 2


def test_who_is_held_or_excluded_is_left_out_with_the_reason(org: Chasing) -> None:
    nobody_chases(org)
    customer = org.customer()
    org.invoice(customer, "INV-1", 90)
    org.mirror()
    org.switch("live")
    campaign_id = begin(org)
    holds.place(org.app, org.organisation_id, contact_id=org.contact(customer).id, reason="Talks", by="Anna")
    org.plan()
    (member,) = told(org, campaign_id).members
    assert member.status == "cancelled" and member.reason is not None and "Talks" in member.reason


def test_a_second_press_of_the_button_is_no_second_mail(org: Chasing) -> None:
    nobody_chases(org)
    old_debts(org, "Ada")
    org.switch("live")
    first = begin(org)
    assert begin(org) == first
    for _ in range(3):
        org.send()
        org.shift(days=5)
        org.plan()
    assert len(org.mailer.taken) == 1


def test_what_was_stopped_is_not_started_again_unseen(org: Chasing) -> None:
    nobody_chases(org)
    old_debts(org, "Ada")
    org.switch("live")
    campaigns.stop(org.app, org.organisation_id, begin(org), "Anna Hale")
    with pytest.raises(UserError, match="started today and stopped"):
        begin(org)


def test_the_list_names_who_would_not_be_written_to_and_counts_them_not(org: Chasing) -> None:
    old_debts(org, "Ada", "Ben", "Cleo")
    org.invoice(org.customer("Dora", None), "INV-D", 90)
    org.mirror()
    ben_id = listed(org).customers[1].contact_id
    holds.place(org.app, org.organisation_id, contact_id=ben_id, reason="Asked to wait.", by="Anna")
    found = listed(org)
    assert [one.name for one in found.customers] == ["Ada", "Cleo"]
    ben, dora = found.left_out
    assert ben.name == "Ben" and "Asked to wait" in (ben.left_out or "")
    assert dora.name == "Dora" and "no usable e-mail address" in (dora.left_out or "")
    assert found.amounts["GBP"] == Decimal("200.00")
