"""Sending: looked up again, handed over at most once, and every end is told in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integration.email.mailer import Mail, MailAccountProblem, MailPostponed, MailRefused, MailUnsure
from integration.ledger import NotFound, RateLimited, Unreachable
from services import abandoned, holds, send, switches
from store.models import Communication, MailEvent, TemplateVersion
from tests.support.chasing import Chasing, chasing


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as found:
        yield found


def going_live(org: Chasing, overdue: int = 3) -> str:
    """One chaser is due; the ledger id of its invoice."""
    invoice = org.one_overdue(overdue)
    org.switch("live")
    return invoice


def test_a_due_chaser_is_looked_up_handed_over_and_noted(org: Chasing) -> None:
    going_live(org, 7)
    assert send.due(org.app) == [org.organisation_id]
    assert org.send() is False
    (mail,) = org.mailer.taken
    row = org.only_chaser()
    assert (row.status, row.provider_id, row.subject, row.body_text) == (
        "sent",
        "provider-1",
        mail.subject,
        mail.text,
    )
    assert mail.id == row.id
    assert mail.to == ("ann@bellwether.example",)
    assert (mail.from_name, mail.from_email) == ("Anna Hale", "anna@fake.example")
    assert "INV-1" in mail.text and "£100.00" in mail.text
    assert [(file.name, file.content_type) for file in mail.files] == [("INV-1.pdf", "application/pdf")]
    assert row.checked_at is not None and row.sent_at is not None
    assert timedelta() <= row.sent_at - row.checked_at <= timedelta(seconds=60)
    assert org.steps() == [(1, "skipped"), (2, "skipped"), (3, "taken")]
    assert [note.target for note in org.ledger_notes()].count("contact") == 1
    assert len(org.ledger_notes()) == 2
    assert send.due(org.app) == []


def test_the_ledger_is_asked_once_for_a_whole_batch(org: Chasing) -> None:
    for number in range(10):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.switch("live")
    org.send()
    assert len(org.mailer.taken) == 10
    assert [name for name in org.ledger.calls if name != "invoice_pdf"] == [
        "invoices",
        "contacts",
        "open_credits",
    ]


def test_a_contact_that_was_written_to_gets_nothing_more_for_some_days(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 3)
    org.invoice(customer, "INV-2", 0)
    org.mirror()
    org.switch("live")
    org.send()
    for _ in range(4):
        org.plan()
        org.send()
        assert len(org.mailer.taken) == 1
        org.shift(days=1)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 2


def test_the_second_chaser_continues_the_thread_and_names_the_first(org: Chasing) -> None:
    going_live(org, 7)
    org.send()
    org.shift(days=7)
    org.plan()
    org.send()
    first, second = org.mailer.taken
    assert second.in_reply_to == first.message_id
    assert second.references == (first.message_id,)
    assert "16 November 2026" in second.text


def settled(org: Chasing, row: Communication) -> str:
    assert row.status in ("cancelled", "held"), row.status
    assert row.reason
    assert org.mailer.taken == []
    return row.reason


CHANGES: dict[str, tuple[Callable[[Chasing, str], object], str]] = {
    "paid": (lambda org, invoice: org.ledger.pay(invoice), "PAID"),
    "voided": (lambda org, invoice: org.ledger.void(invoice), "VOIDED"),
    "credited in full": (
        lambda org, invoice: org.ledger.allocate(
            org.ledger.add_credit(contact_of(org), "CN-1", "100"), invoice, "100"
        ),
        "PAID",
    ),
    "covered by an unallocated credit": (
        lambda org, _invoice: org.ledger.add_credit(contact_of(org), "CN-1", "150"),
        "Unallocated credit of GBP 150.00",
    ),
    "paid but for pennies": (lambda org, invoice: org.ledger.pay(invoice, "95"), "less than the minimum"),
    "expected soon": (
        lambda org, invoice: org.ledger.change_invoice(invoice, expected_on=datetime(2026, 11, 20).date()),
        "Payment is expected on 20 November 2026",
    ),
    "given more time": (
        lambda org, invoice: org.ledger.change_invoice(invoice, due_on=datetime(2026, 12, 20).date()),
        "The next step is",
    ),
    "customer archived": (
        lambda org, _invoice: org.ledger.change_contact(contact_of(org), status="ARCHIVED"),
        "ARCHIVED",
    ),
    "address removed": (
        lambda org, _invoice: org.ledger.change_contact(contact_of(org), email=None),
        "no usable e-mail address",
    ),
    "moved to another customer": (
        lambda org, invoice: org.ledger.change_invoice(invoice, contact_id=org.customer("Somebody else")),
        "no longer in the contact's book",
    ),
    "gone": (lambda org, invoice: org.ledger.invoice_book.pop(invoice), "did not show INV-1"),
    "customer gone": (
        lambda org, _invoice: org.ledger.contact_book.pop(contact_of(org)),
        "did not show the contact",
    ),
}


def contact_of(org: Chasing) -> str:
    return next(iter(org.ledger.contact_book))


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_in_the_ledger_since_planning_keeps_the_chaser_back(org: Chasing, change: str) -> None:
    invoice = going_live(org)
    org.ledger.calls.clear()
    make, words = CHANGES[change]
    done: list[str] = []

    def at_the_last_look(call: str) -> None:
        if call == "invoices" and not done:
            done.append(call)
            make(org, invoice)

    org.ledger.before_call = at_the_last_look
    org.send()
    assert words in settled(org, org.only_chaser())


def test_what_falls_away_takes_its_chaser_along_and_the_rest_is_planned_anew(org: Chasing) -> None:
    customer = org.customer()
    paid, _open = org.invoice(customer, "INV-1", 3), org.invoice(customer, "INV-2", 3)
    org.mirror()
    org.switch("live")
    org.ledger.pay(paid)
    org.send()
    assert "PAID" in settled(org, org.only_chaser())
    org.plan()
    org.send()
    (mail,) = org.mailer.taken
    assert [file.name for file in mail.files] == ["INV-2.pdf"]
    assert "INV-1" not in mail.text


def test_a_changed_amount_and_address_are_those_of_the_last_look(org: Chasing) -> None:
    invoice = going_live(org)
    org.ledger.pay(invoice, "40")
    org.ledger.change_contact(contact_of(org), email="new@bellwether.example")
    org.send()
    (mail,) = org.mailer.taken
    assert mail.to == ("new@bellwether.example",)
    assert "£60.00" in mail.text


def test_no_answer_of_the_ledger_no_mail(org: Chasing) -> None:
    going_live(org)
    org.ledger.failures.extend([Unreachable("The ledger does not answer.")])
    org.send()
    row = org.only_chaser()
    assert (row.status, org.mailer.taken) == ("planned", [])
    assert row.planned_for == org.organisation().retry_sending_at
    assert "The ledger does not answer." in (row.reason or "")
    assert_planning_lets_it_stand(org)
    assert send.due(org.app) == []
    org.shift(minutes=1, seconds=1)
    assert send.due(org.app) == [org.organisation_id]
    org.send()
    assert org.only_chaser().status == "sent"
    assert org.organisation().sending_problem is None


def test_a_full_ledger_is_asked_again_when_it_says(org: Chasing) -> None:
    going_live(org)
    org.ledger.failures.append(RateLimited("minute", 17))
    org.send()
    retry_at = org.organisation().retry_sending_at
    assert retry_at is not None
    assert (
        timedelta(seconds=15) < retry_at - datetime(2026, 11, 16, 11, 0, tzinfo=UTC) < timedelta(seconds=30)
    )


def test_a_chaser_that_could_not_be_checked_in_its_window_waits_for_the_next(org: Chasing) -> None:
    going_live(org)
    org.ledger.failures.extend([Unreachable("away")] * 3)
    org.send()
    org.move_to(datetime(2026, 11, 16, 16, 30, tzinfo=UTC))
    org.send()
    row = org.only_chaser()
    assert (row.status, org.mailer.taken) == ("cancelled", [])
    assert "window closed" in (row.reason or "")
    org.plan()
    row = org.only_chaser()
    assert row.status == "planned"
    assert row.planned_for is not None and row.planned_for.date() == datetime(2026, 11, 17).date()
    assert row.reason == (
        "The sending window closed before it could leave, so it waits for the next one. "
        "The ledger could not be asked, so nothing leaves: away"
    )


def test_a_ledger_silent_until_closing_moves_the_chaser_to_the_next_window_and_says_so(org: Chasing) -> None:
    going_live(org)
    org.move_to(datetime(2026, 11, 16, 15, 59, 30, tzinfo=UTC))
    org.ledger.failures.append(Unreachable("away"))
    org.send()
    row = org.only_chaser()
    assert row.planned_for is not None and row.planned_for.date() == datetime(2026, 11, 17).date()
    assert (row.status, row.not_after) == ("planned", datetime(2026, 11, 17, 16, 0, tzinfo=UTC))
    assert row.reason == (
        "It waits for the next sending window. The ledger could not be asked, so nothing leaves: away"
    )
    assert_planning_lets_it_stand(org)
    org.move_to(datetime(2026, 11, 16, 20, 0, tzinfo=UTC))
    assert_planning_lets_it_stand(org)


def assert_planning_lets_it_stand(org: Chasing) -> None:
    def rows() -> list[tuple[object, ...]]:
        return [
            (row.id, row.status, row.planned_for, row.not_after, row.reason) for row in org.chasers("planned")
        ]

    before = rows()
    assert before
    org.plan(everything=True)
    assert rows() == before


def test_a_reminder_for_before_the_due_date_does_not_wait_beyond_its_day(org: Chasing) -> None:
    going_live(org, -3)
    org.move_to(datetime(2026, 11, 16, 15, 59, 30, tzinfo=UTC))
    org.ledger.failures.append(Unreachable("away"))
    org.send()
    assert org.only_chaser().status == "planned"
    org.move_to(datetime(2026, 11, 17, 16, 1, tzinfo=UTC))
    org.plan()
    org.send()
    assert "leaves before the due date or not at all" in settled(org, org.only_chaser())


def test_a_missing_pdf_holds_the_chaser(org: Chasing) -> None:
    going_live(org)
    org.ledger.failures.append(NotFound("There is no such document."))
    org.send()
    assert "The ledger has no PDF of invoice INV-1" in settled(org, org.only_chaser())
    org.plan()
    assert org.only_chaser().status == "held"
    org.plan(approve=True)
    org.send()
    assert len(org.mailer.taken) == 1


def test_pdfs_too_large_for_a_mail_become_links(org: Chasing, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 3)
    org.invoice(customer, "INV-2", 3)
    org.mirror()
    org.switch("live")
    sizes = {"INV-1": 4_000_000, "INV-2": 2_000_000}
    ledger = org.ledger
    monkeypatch.setattr(
        ledger,
        "invoice_pdf",
        lambda invoice_id: b"%PDF" + bytes(sizes[ledger.invoice_book[invoice_id].number]),
    )
    org.send()
    (mail,) = org.mailer.taken
    assert [file.name for file in mail.files] == ["INV-2.pdf"]
    assert "https://in.example.com/INV-1" in mail.text
    assert "https://in.example.com/INV-2" not in mail.text


def test_a_hold_placed_while_the_ledger_is_asked_stops_the_chaser(org: Chasing) -> None:
    going_live(org)

    def somebody_holds(call: str) -> None:
        if call == "open_credits":
            contact_id = org.id_of(contact_of(org))
            holds.place(
                org.app, org.organisation_id, contact_id=contact_id, by="Ben", reason="Rang, will pay"
            )

    org.ledger.before_call = somebody_holds
    org.send()
    assert "a colleague has put this on hold" in settled(org, org.only_chaser())


def test_the_switch_stops_what_is_under_way(org: Chasing) -> None:
    going_live(org)
    org.ledger.before_call = lambda call: org.switch("off") if call == "open_credits" else None
    org.send()
    assert "switched off by Anna Hale" in settled(org, org.only_chaser())


@pytest.mark.parametrize(
    ("chasing_is", "send_mode", "words"),
    [("dry_run", "live", "Dry run"), ("live", "log", "SEND_MODE is log")],
)
def test_without_leave_to_send_all_is_done_but_the_sending(
    database_url: str, tmp_path: Path, chasing_is: str, send_mode: str, words: str
) -> None:
    with chasing(database_url, tmp_path, send_mode=send_mode) as org:
        org.one_overdue()
        org.switch(chasing_is)
        org.send()
        row = org.only_chaser()
        assert words in settled(org, row)
        assert row.body_text and row.subject and row.checked_at
        assert org.steps() == [(2, "planned")]
        assert org.ledger_notes() == []
        assert org.contact(contact_of(org)).last_message_at is None
        org.plan(everything=True)
        assert org.only_chaser().status == "held"


def test_what_a_dry_run_held_leaves_once_chasing_is_live(org: Chasing) -> None:
    org.one_overdue()
    org.switch("dry_run")
    org.send()
    held = org.only_chaser()
    org.shift(minutes=1)
    org.switch("live")
    assert (org.only_chaser().id, org.only_chaser().status) == (held.id, "planned")
    org.send()
    assert org.mailer.times_taken == {held.id: 1}


def test_the_daily_cap_counts_a_rolling_day(org: Chasing) -> None:
    for number in range(5):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.change(daily_cap=2)
    org.switch("live")
    org.send()
    assert len(org.mailer.taken) == 2
    assert {row.status for row in org.chasers()} == {"sent", "planned"}
    assert "daily cap of 2" in (org.organisation().sending_problem or "")
    assert send.due(org.app) == []
    org.shift(days=1, minutes=1)
    org.plan()
    assert send.due(org.app) == [org.organisation_id]
    org.send()
    assert len(org.mailer.taken) == 4


def capped(org: Chasing) -> None:
    """Four chasers were due, the cap let one leave, and three wait."""
    for number in range(4):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.change(daily_cap=1)
    org.switch("live")
    org.send()
    assert len(org.chasers("planned")) == 3


def test_what_the_cap_keeps_back_is_planned_for_the_moment_it_may_leave(org: Chasing) -> None:
    capped(org)
    free_at = org.organisation().retry_sending_at
    assert free_at is not None and free_at.date() == datetime(2026, 11, 17).date()
    for row in org.chasers("planned"):
        assert (row.planned_for, row.not_after) == (free_at, datetime(2026, 11, 17, 16, 0, tzinfo=UTC))
        assert row.reason == (
            "It waits for the next sending window. The daily cap of 1 chasers in 24 hours is reached. "
            "It ends by itself; an owner or manager can set another cap in the settings."
        )
    assert_planning_lets_it_stand(org)
    org.move_to(datetime(2026, 11, 16, 20, 0, tzinfo=UTC))
    assert_planning_lets_it_stand(org)


def test_a_cap_that_is_free_outside_the_window_lets_the_rest_leave_at_the_next_opening(
    database_url: str, tmp_path: Path
) -> None:
    with chasing(database_url, tmp_path, now=datetime(2026, 11, 13, 11, 0, tzinfo=UTC)) as org:
        capped(org)
        opening = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
        for row in org.chasers("planned"):
            assert row.planned_for is not None
            assert timedelta() <= row.planned_for - opening < timedelta(minutes=10)
        assert_planning_lets_it_stand(org)


def test_what_is_planned_while_sending_pauses_waits_with_the_others(org: Chasing) -> None:
    capped(org)
    org.invoice(org.customer("A late one"), "INV-9", 3)
    org.mirror()
    org.plan()
    rows = org.chasers("planned")
    assert len(rows) == 4
    assert {row.planned_for for row in rows} == {org.organisation().retry_sending_at}
    assert all("daily cap of 1" in (row.reason or "") for row in rows)


def test_a_higher_cap_lets_what_waited_leave_at_once(org: Chasing) -> None:
    capped(org)
    switches.set_daily_cap(org.app, org.organisation_id, 10)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 4


def test_a_text_that_cannot_be_written_holds_the_chaser(org: Chasing) -> None:
    going_live(org)
    with org.app.database.write(org.organisation_id) as session:
        for text in session.query(TemplateVersion):
            text.body = "Dear {{ no_such_field }}"
    org.send()
    assert "no_such_field" in settled(org, org.only_chaser())


def test_without_a_mail_key_nothing_is_touched_and_the_settings_name_what_is_missing(org: Chasing) -> None:
    going_live(org)
    send.send(org.app, org.organisation_id)
    assert org.only_chaser().status == "planned"
    assert "SENDGRID_API_KEY must be set" in (org.organisation().sending_problem or "")
    assert send.due(org.app) == []


# -- the mail provider ---------------------------------------------------------------------------------


def test_a_refused_mail_has_failed_and_its_step_is_behind(org: Chasing) -> None:
    going_live(org)
    org.mailer.failures.append(MailRefused("The address is not valid."))
    org.send()
    row = org.only_chaser()
    assert (row.status, row.reason) == ("failed", "The mail provider refused it: The address is not valid.")
    assert (2, "taken") in org.steps()
    org.plan()
    org.send()
    assert (len(org.chasers()), org.mailer.taken) == (1, [])


def test_an_account_problem_stops_all_and_ends_by_itself(org: Chasing) -> None:
    for number in range(3):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.switch("live")
    org.mailer.failures.append(MailAccountProblem("The key is wrong."))
    org.send()
    assert {row.status for row in org.chasers()} == {"planned"}
    assert "The key is wrong." in (org.organisation().sending_problem or "")
    for row in org.chasers():
        assert row.planned_for == org.organisation().retry_sending_at
        assert row.reason == "The mail provider takes nothing from us: The key is wrong."
    assert_planning_lets_it_stand(org)
    assert {state for _, state in org.steps()} == {"planned"}
    assert send.due(org.app) == []
    org.shift(minutes=11)
    org.send()
    assert len(org.mailer.taken) == 3
    assert org.organisation().sending_problem is None


def test_a_provider_that_is_busy_is_asked_again_when_it_says(org: Chasing) -> None:
    going_live(org)
    org.mailer.failures.append(MailPostponed("Too many at once.", 30))
    org.send()
    row = org.only_chaser()
    assert (row.status, row.planned_for) == ("planned", org.organisation().retry_sending_at)
    assert_planning_lets_it_stand(org)
    assert send.due(org.app) == []
    org.shift(seconds=31)
    org.send()
    assert org.mailer.times_taken == {org.only_chaser().id: 1}


@pytest.mark.parametrize("taken", [True, False])
def test_a_lost_answer_is_unknown_and_never_sent_again_by_itself(org: Chasing, taken: bool) -> None:
    going_live(org)
    (org.mailer.lost_answers if taken else org.mailer.failures).append(MailUnsure("No answer."))
    org.send()
    row = org.only_chaser()
    assert row.status == "unknown"
    assert "did not say whether it took this mail" in (row.reason or "")
    for _ in range(3):
        org.shift(hours=1)
        org.plan(everything=True, approve=True)
        org.send()
        abandoned.settle(org.app)
    assert len(org.mailer.taken) == int(taken)
    assert org.only_chaser().status == "unknown"
    assert org.ledger_notes() == []


def test_a_restored_backup_does_not_send_what_the_provider_has_reported(org: Chasing) -> None:
    going_live(org)
    row = org.only_chaser()
    with org.app.database.write_across() as session:
        moment = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
        session.add(
            MailEvent(
                key="event-1",
                communication_id=row.id,
                event="delivered",
                occurred_at=moment,
                received_at=moment,
            )
        )
    org.send()
    row = org.only_chaser()
    assert (row.status, org.mailer.taken) == ("sent", [])
    assert "reported on this mail before" in (row.reason or "")


# -- crashes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["invoice_pdf", "invoices", "contacts", "open_credits"])
def test_a_death_before_the_hand_over_loses_nothing(org: Chasing, call: str) -> None:
    going_live(org)
    deaths = [call]

    def die(name: str) -> None:
        if name in deaths:
            deaths.remove(name)
            raise Killed

    org.ledger.before_call = die
    with pytest.raises(Killed):
        org.send()
    assert org.only_chaser().status == "sending"
    org.shift(seconds=91)
    assert abandoned.settle(org.app) == [org.organisation_id]
    assert org.only_chaser().status == "planned"
    org.send()
    assert org.mailer.times_taken == {org.only_chaser().id: 1}


@pytest.mark.parametrize("taken", [True, False])
def test_a_death_during_the_hand_over_is_unknown_and_never_sends_twice(org: Chasing, taken: bool) -> None:
    going_live(org)
    (org.mailer.lost_answers if taken else org.mailer.failures).append(Killed())
    with pytest.raises(Killed):
        org.send()
    assert org.only_chaser().status == "sending"
    for _ in range(3):
        org.shift(minutes=4)
        abandoned.settle(org.app)
        org.plan(everything=True, approve=True)
        org.send()
    row = org.only_chaser()
    assert (row.status, len(org.mailer.taken)) == ("unknown", int(taken))
    assert "nobody can know whether it left" in (row.reason or "")


def test_what_is_being_sent_is_not_planned_a_second_time_with_more_invoices(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 3)
    org.mirror()
    org.switch("live")

    def another_falls_due(_mail: Mail) -> None:
        org.invoice(customer, "INV-2", 3)
        org.mirror()
        org.plan(everything=True)

    org.mailer.before_taking = another_falls_due
    org.send()
    assert [org.numbers(row) for row in org.chasers()] == [{"INV-1"}]


def test_many_senders_at_once_send_each_chaser_once(org: Chasing) -> None:
    for number in range(30):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.change(daily_cap=25)
    org.switch("live")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: org.send(), range(12)))
    assert set(org.mailer.times_taken.values()) == {1}
    assert len(org.mailer.taken) == 25


def test_a_sender_that_fetches_many_pdfs_slowly_keeps_its_claim(org: Chasing) -> None:
    customer = org.customer()
    for number in range(4):
        org.invoice(customer, f"INV-{number}", 3)
    org.mirror()
    org.switch("live")
    taken_over: list[str] = []

    def dawdle(_call: str) -> None:
        taken_over.extend(abandoned.settle(org.app))
        if _call == "invoice_pdf":
            org.shift(seconds=45)

    org.ledger.before_call = dawdle
    org.send()
    assert (taken_over, len(org.mailer.taken)) == ([], 1)


def test_a_mail_provider_that_takes_its_time_does_not_cost_the_others_their_claim(org: Chasing) -> None:
    for number in range(4):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 3)
    org.mirror()
    org.switch("live")
    taken_over: list[str] = []

    def dawdle(_mail: Mail) -> None:
        taken_over.extend(abandoned.settle(org.app))
        org.shift(seconds=40)

    org.mailer.before_taking = dawdle
    org.send()
    assert (taken_over, set(org.mailer.times_taken.values())) == ([], {1})
    assert {row.status for row in org.chasers()} == {"sent"}


def test_a_sender_that_slept_cannot_send_what_has_been_taken_from_it(org: Chasing) -> None:
    going_live(org)

    def sleep(call: str) -> None:
        if call == "open_credits":
            org.ledger.before_call = lambda _call: None
            org.shift(minutes=4)
            abandoned.settle(org.app)
            org.send()

    org.ledger.before_call = sleep
    org.send()
    assert org.mailer.times_taken == {org.only_chaser().id: 1}
    assert org.only_chaser().status == "sent"
