"""The outlook: what would leave in the coming days, and why the rest would not, before anything is switched on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cli.reports import plan_as_text
from kit import clock
from kit.errors import UserError
from services import holds
from services.changes import change_of_chasing
from services.go import say_go
from services.outlook import outlook, run_report, why
from services.outlook_shapes import Outlook
from services.plan_json import plan
from tests.services.test_special_terms import agree
from tests.support.chasing import Chasing


def leaving(found: Outlook) -> list[tuple[date, str, str, str]]:
    return [
        (day.on, mail.contact_name, mail.step_name, mail.status) for day in found.days for mail in day.leaving
    ]


def test_it_shows_what_would_leave_while_chasing_is_off(org: Chasing) -> None:
    org.invoice(org.customer("Bellwether Books"), "INV-1", 7, "100.00")
    org.invoice(org.customer("Rook Lane Dental"), "INV-2", 0, "250.00", currency="EUR")
    org.mirror()
    found = outlook(org.app, org.organisation_id)
    assert sorted(leaving(found)) == [
        (date(2026, 11, 16), "Bellwether Books", "Second reminder", "forecast"),
        (date(2026, 11, 18), "Rook Lane Dental", "First reminder", "forecast"),
        (date(2026, 11, 23), "Bellwether Books", "Third reminder", "forecast"),
        (date(2026, 11, 23), "Rook Lane Dental", "Second reminder", "forecast"),
        (date(2026, 11, 30), "Rook Lane Dental", "Third reminder", "forecast"),
    ]
    for day in found.days:
        moments = [mail.planned_for for mail in day.leaving]
        assert moments == sorted(moments)  # each has its own place in the window
    assert [str(amount) for amount in found.days[0].amounts.values()] == ["100.00"]
    assert org.chasers() == []


def test_it_shows_what_rests_and_why_the_gravest_first(org: Chasing) -> None:
    held = org.customer("Zander")
    org.invoice(held, "INV-1", 7)
    org.invoice(org.customer("No address", None), "INV-2", 7)
    org.invoice(org.customer("Far off"), "INV-3", -60)
    org.mirror()
    holds.place(org.app, org.organisation_id, contact_id=org.id_of(held), by="Ben", reason="Rang, will pay")
    found = outlook(org.app, org.organisation_id)
    assert found.days == ()
    assert [one.contact_name for one in found.resting] == ["No address", "Zander", "Far off"]
    assert found.resting_contacts == 3
    assert [one.invoices[0].decision for one in found.resting] == ["hold", "hold", "wait"]
    assert "Rang, will pay" in found.resting[1].invoices[0].reasons[0].text


def test_planned_and_held_chasers_take_the_place_of_their_forecast(org: Chasing) -> None:
    org.one_overdue(7)
    org.switch("dry_run")
    assert leaving(outlook(org.app, org.organisation_id))[0][3] == "planned"
    org.send()
    first = outlook(org.app, org.organisation_id).days[0].leaving[0]
    assert (first.status, first.communication_id) == ("held", org.only_chaser().id)
    assert "Dry run" in (first.note or "")


def test_an_invoice_says_why_now_and_on_another_date(org: Chasing) -> None:
    invoice = org.id_of(org.one_overdue(7))
    now = why(org.app, org.organisation_id, invoice)
    assert now is not None
    assert now.decision == "send"
    assert [reason.rule for reason in now.reasons] == [
        "status",
        "schedule",
        "catch_up",
        "catch_up",
        "window",
        "to_whom",
        "sender",
        "chasing",
    ]
    assert now.reasons[-1].text == "Chasing is switched off, so nothing leaves."
    before = why(org.app, org.organisation_id, invoice, date(2026, 11, 7))
    assert before is not None
    assert before.decision == "wait"
    assert before.next_step is not None
    assert (before.next_step.name, before.next_step.on) == ("First reminder", date(2026, 11, 11))


def test_a_paid_invoice_says_that_it_is_paid(org: Chasing) -> None:
    invoice = org.one_overdue()
    org.ledger.pay(invoice)
    org.mirror()
    found = why(org.app, org.organisation_id, org.id_of(invoice))
    assert found is not None
    assert found.decision == "closed"
    assert "PAID" in found.reasons[0].text


def test_an_unknown_invoice_has_no_why(org: Chasing) -> None:
    assert why(org.app, org.organisation_id, "0" * 32) is None


def test_the_plan_of_a_date_names_every_contact_that_owes(org: Chasing) -> None:
    org.invoice(org.customer("Bellwether Books"), "INV-1", 7)
    org.invoice(org.customer("Rook Lane Dental"), "INV-2", -30)
    org.mirror()
    report = run_report(org.app, org.organisation_id, date(2026, 11, 18))
    first, second = report.contacts
    assert first.leaves is not None
    assert first.leaves.planned_for.date() == report.on == date(2026, 11, 18)
    assert second.leaves is None
    assert [one.decision for one in second.rests] == ["wait"]


def _changed_address(org: Chasing) -> None:
    """Of two customers to whom a reminder is due, the address of one changed in the ledger after planning."""
    changed = org.customer("Changed Ltd")
    org.invoice(changed, "INV-1", 7)
    org.invoice(org.customer("Rook Lane Dental"), "INV-2", 7)
    org.mirror()
    org.switch("live")
    org.ledger.change_contact(changed, email="mallory@elsewhere.example")
    org.mirror()


def test_a_mail_that_waits_for_a_word_about_its_address_is_not_said_to_leave(org: Chasing) -> None:
    _changed_address(org)
    report = run_report(org.app, org.organisation_id, date(2026, 11, 17))
    waiting, leaves = (one.leaves for one in report.contacts)
    assert waiting and leaves and leaves.waits is None
    assert "mallory@elsewhere.example" in (waiting.waits or "")
    text = plan_as_text(report)
    assert "1 of 2 contacts would get a message." in text
    assert "1 message more would wait for a person’s word." in text
    assert "  waits for a person’s word; from 2026-11-17" in text
    one, other = (contact["leaves"] for contact in plan(report)["contacts"])
    assert (one["waits_for_yes"], other["waits_for_yes"], other["note"]) == (True, False, None)
    assert one["note"] == waiting.waits


def test_what_is_foreseen_says_that_it_will_wait_for_a_word(org: Chasing) -> None:
    _changed_address(org)
    org.change(approval="every_message")
    shown = outlook(org.app, org.organisation_id)
    foreseen = [mail for day in shown.days for mail in day.leaving if mail.communication_id is None]
    assert {mail.contact_name for mail in foreseen} == {"Changed Ltd", "Rook Lane Dental"}
    for mail in foreseen:
        assert "as every message does here" in (mail.waits or "")
        assert ("mallory@elsewhere.example" in (mail.waits or "")) is (mail.contact_name == "Changed Ltd")
        assert mail.note


def test_what_a_person_has_said_yes_to_leaves_by_itself(org: Chasing) -> None:
    org.change(approval="every_message")
    org.one_overdue(7)
    org.switch("dry_run")
    (before,) = run_report(org.app, org.organisation_id, date(2026, 11, 17)).contacts
    with change_of_chasing(org.app, org.organisation_id) as session:
        assert say_go(session, org.organisation_id, org.only_chaser().id, "Anna Hale")
    (after,) = run_report(org.app, org.organisation_id, date(2026, 11, 17)).contacts
    assert before.leaves and before.leaves.waits == "It waits for a person’s yes, as every message does here."
    assert after.leaves and after.leaves.waits is None


def test_nothing_leaves_on_a_saturday_and_the_reason_names_the_day(org: Chasing) -> None:
    org.one_overdue(7)
    (contact,) = run_report(org.app, org.organisation_id, date(2026, 11, 21)).contacts
    assert contact.leaves is None
    assert "Moved from Saturday 21 November 2026 to Monday 23 November 2026" in " ".join(
        reason.text for reason in contact.rests[0].reasons
    )


def test_what_leaves_today_is_over_when_the_window_has_closed(org: Chasing) -> None:
    org.one_overdue(7)
    org.move_to(datetime(2026, 11, 16, 18, 0, tzinfo=UTC))
    (contact,) = run_report(org.app, org.organisation_id).contacts
    assert contact.leaves is None


def test_the_outlook_agrees_with_what_then_leaves(org: Chasing) -> None:
    for number, overdue in enumerate((-3, 0, 1, 6, 13, 29, 40)):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", overdue)
    org.mirror()
    foreseen = {(on, name, step) for on, name, step, _ in leaving(outlook(org.app, org.organisation_id))}
    names = {org.id_of(contact.id): contact.name for contact in org.ledger.contact_book.values()}
    org.switch("live")
    left = set()
    for _ in range(15):
        org.plan()
        org.send()
        org.shift(days=1)
    for row in org.chasers("sent"):
        assert row.sent_at is not None
        left.add((row.sent_at.date(), names[row.contact_id], row.step_name))
    assert left == foreseen


def test_an_organisation_that_does_not_exist_is_told_in_words(org: Chasing) -> None:
    with pytest.raises(UserError, match="no such organisation"):
        outlook(org.app, "0" * 32)


def test_a_plan_says_both_due_days_where_another_was_agreed(org: Chasing) -> None:
    org.invoice(customer := org.customer(), "INV-1", -20)
    org.invoice(org.customer("Rook Lane Dental"), "INV-2", 7)
    org.mirror()
    due_on = clock.now().date() + timedelta(days=20)
    agree(org, customer, "INV-1", until=due_on + timedelta(days=90), due_days=40)
    report = run_report(org.app, org.organisation_id, due_on)
    later = due_on + timedelta(days=10)
    assert f"INV-1  due {later} as agreed ({due_on} in the ledger)" in plan_as_text(report)
    found = [
        one
        for contact in plan(report)["contacts"]
        for one in (contact["leaves"] or {}).get("invoices", contact["rests"])
    ]
    assert {(one["number"], one["due_date"], one["due_as_agreed"]) for one in found} == {
        ("INV-1", due_on.isoformat(), later.isoformat()),
        ("INV-2", (due_on - timedelta(days=27)).isoformat(), None),
    }
