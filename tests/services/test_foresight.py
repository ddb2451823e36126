"""What a page of the coming weeks is made from: looked at once, and again as soon as anything has changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sqlalchemy import event

from services import foresight, holds, preferences
from services.outlook import next_mails, outlook
from tests.support.chasing import Chasing


def foreseen(org: Chasing) -> list[tuple[date, str, str]]:
    """Day, customer and sum of every mail that is spelled out."""
    found = outlook(org.app, org.organisation_id)
    return [
        (day.on, mail.contact_name, str(sum(mail.amounts.values())))
        for day in found.days
        for mail in day.leaving
    ]


def test_a_payment_takes_the_mail_off_the_list_at_once(org: Chasing) -> None:
    invoice = org.invoice(org.customer(), "INV-1", 7, "100.00")
    org.invoice(org.customer("Rook Lane Dental"), "INV-2", 7, "70.00")
    org.mirror()
    assert (date(2026, 11, 16), "Bellwether Books", "100.00") in foreseen(org)
    org.ledger.pay(invoice)
    org.mirror()
    assert {name for _, name, _ in foreseen(org)} == {"Rook Lane Dental"}


def test_a_part_payment_changes_the_sum_of_the_day(org: Chasing) -> None:
    invoice = org.one_overdue(7)
    outlook(org.app, org.organisation_id)
    org.ledger.pay(invoice, "40.00")
    org.mirror()
    first = outlook(org.app, org.organisation_id).days[0]
    assert (first.mails, {code: str(amount) for code, amount in first.amounts.items()}) == (
        1,
        {"GBP": "60.00"},
    )


def test_a_hold_and_its_release_show_at_once(org: Chasing) -> None:
    contact = org.customer()
    org.invoice(contact, "INV-1", 7)
    org.mirror()
    assert foreseen(org)
    hold = holds.place(
        org.app, org.organisation_id, contact_id=org.id_of(contact), by="Ben", reason="Rang, will pay"
    )
    assert foreseen(org) == []
    holds.release(org.app, org.organisation_id, hold.id, by="Ben")
    assert foreseen(org)


def test_other_sending_days_move_everything(org: Chasing) -> None:
    org.one_overdue(7)
    assert foreseen(org)[0][0] == date(2026, 11, 16)
    preferences.change_window(org.app, org.organisation_id, days=[3], opens=time(9), closes=time(12))
    assert {on.weekday() for on, _, _ in foreseen(org)} == {3}


def test_what_left_is_off_the_list_and_the_next_reminder_takes_its_place(org: Chasing) -> None:
    org.one_overdue(7)
    before = [on for on, _, _ in foreseen(org)]
    org.switch("live")
    org.send()
    assert [on for on, _, _ in foreseen(org)] == before[1:]


def test_days_go_by_and_the_list_is_always_that_of_the_next_fourteen(org: Chasing) -> None:
    org.invoice(org.customer(), "INV-1", -18)
    org.mirror()
    assert foreseen(org) == []
    org.shift(days=6)
    (first, *_) = foreseen(org)
    assert date(2026, 11, 30) < first[0] <= date(2026, 12, 6)


def test_a_clock_that_was_put_back_is_no_reason_to_show_the_future(org: Chasing) -> None:
    org.move_to(datetime(2026, 12, 14, 11, 0, tzinfo=UTC))
    org.one_overdue(7)
    assert foreseen(org)
    org.move_to(datetime(2026, 11, 16, 11, 0, tzinfo=UTC))
    assert foreseen(org) == []


def test_many_changes_are_counted_as_still_to_come_until_a_worker_has_looked(org: Chasing) -> None:
    for number in range(700):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 7)
    org.mirror()
    found = outlook(org.app, org.organisation_id)
    assert (found.days[0].mails, found.still_to_see) == (500, 200)
    assert foresight.foresee(org.app, org.organisation_id) == 0
    found = outlook(org.app, org.organisation_id)
    assert (found.days[0].mails, found.still_to_see) == (700, 0)


def test_one_day_is_spelled_out_a_page_at_a_time_and_nobody_is_left_out(org: Chasing) -> None:
    for number in range(230):
        org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", 7)
    org.mirror()
    pages = [
        outlook(org.app, org.organisation_id, date(2026, 11, 16), after=after).days[0].leaving
        for after in (0, 100, 200)
    ]
    assert [len(page) for page in pages] == [100, 100, 30]
    assert len({mail.contact_id for page in pages for mail in page}) == 230


def test_the_mark_of_the_next_mails_changes_with_what_they_ask_for(org: Chasing) -> None:
    invoice = org.one_overdue(7)
    seen = outlook(org.app, org.organisation_id).mark
    assert next_mails(org.app, org.organisation_id) == seen
    org.ledger.pay(invoice, "1.00")
    org.mirror()
    assert next_mails(org.app, org.organisation_id) != seen


def test_a_page_asks_the_database_no_more_often_for_a_larger_ledger(org: Chasing) -> None:
    counts = []
    for total in (40, 400):
        for number in range(total):
            org.invoice(org.customer(f"Customer {number}"), f"INV-{number}", number % 40 - 10)
        org.mirror()
        foresight.foresee(org.app, org.organisation_id)
        counts.append(_statements(org))
    assert counts[0] == counts[1]


def _statements(org: Chasing) -> int:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(org.app.database.engine, "before_cursor_execute", note)
    outlook(org.app, org.organisation_id)
    event.remove(org.app.database.engine, "before_cursor_execute", note)
    return len(asked)
