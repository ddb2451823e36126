"""What the weekly digest says is what the week was: its numbers are worked out again from the book that was played."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from kit import clock
from kit.ids import new_id
from services import team_tasks
from services.digest.week import week
from services.figures.targets import set_targets
from services.payer import money_ahead
from services.team_tasks import TaskKind
from store.models import (
    CashForecast,
    CreditAlert,
    PromiseToPay,
)
from tests.services.digest_stage import (
    SEVEN,
    SUNDAY,
    on_sunday,
    people,
    section,
    the_mail,
    wants,
    work,
)
from tests.support.chasing import MONDAY, Chasing
from tests.support.paid_book import add_contact, add_invoice


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with on_sunday(database_url, tmp_path) as org:
        yield org


def test_money_is_that_of_monday_to_sunday_beside_the_week_before_and_mondays_forecast(org: Chasing) -> None:
    key = org.organisation_id
    org.move_to(SEVEN - timedelta(days=7))
    heron, wren = add_contact(org.app, key, "Heron Glass"), add_contact(org.app, key, "Wren & Daughters")
    for contact, due_on, paid_on, amount in (
        (heron, date(2026, 10, 1), date(2026, 11, 8), "50.00"),  # the Sunday before
        (heron, date(2026, 11, 1), date(2026, 11, 9), "300.00"),
        (wren, date(2026, 11, 2), date(2026, 11, 15), "1000.00"),
        (wren, date(2026, 11, 2), date(2026, 11, 16), "7.00"),  # of today, and so of the next digest
    ):
        add_invoice(org.app, key, contact, due_on, paid_on, amount)
    with org.app.database.write(key) as session:
        forecast = {"expected": Decimal(900), "low": Decimal(200), "high": Decimal(1500)}
        monday = date(2026, 11, 9)
        session.add(
            CashForecast(organisation_id=key, made_on=monday, currency="GBP", week=monday, **forecast)
        )
    text = the_mail(org)
    assert section(text, "Money received") == [
        "- Received: £1,300.00 (£50.00 in the week before)",
        "- Expected on 9 Nov 2026: £900.00 (between £200.00 and £1,500.00; £1,300.00 came on the invoices of that day)",
        f"https://dunnock.example/organisations/{key}/today/cash?from=2026-11-09&to=2026-11-15",
    ]
    assert section(text, "Who paid most")[:2] == ["- Wren & Daughters: £1,000.00", "- Heron Glass: £300.00"]
    assert org.mailer.taken[0].subject.replace("\xa0", " ") == "Fake Ltd last week: £1,300.00 received"
    assert "Wren &amp; Daughters" in org.mailer.taken[0].html


def test_what_is_overdue_is_held_beside_a_week_ago_by_age_and_by_currency(org: Chasing) -> None:
    key, heron = org.organisation_id, add_contact(org.app, org.organisation_id, "Heron Glass")
    add_invoice(org.app, key, heron, date(2026, 11, 9), None, "100.00")  # not yet overdue a week ago
    add_invoice(org.app, key, heron, date(2026, 10, 1), None, "300.00")
    add_invoice(org.app, key, heron, date(2026, 6, 1), None, "600.00")
    add_invoice(
        org.app, key, heron, date(2026, 10, 1), date(2026, 11, 12), "250.00"
    )  # overdue then, paid now
    add_invoice(org.app, key, heron, date(2026, 11, 16), None, "77.00")  # due today
    add_invoice(org.app, key, heron, date(2026, 10, 30), None, "40.00", "EUR")
    text = the_mail(org)
    assert section(text, "Overdue in GBP")[:4] == [
        "- Overdue: £1,000.00 (£150.00 less than a week ago)",
        "- 1–30 days late: £100.00",
        "- 31–60 days late: £300.00",
        "- 91+ days late: £600.00",
    ]
    assert text.index("Overdue in GBP") < text.index("Overdue in EUR")  # that of the books first
    assert section(text, "Overdue in EUR")[0] == "- Overdue: €40.00 (as much as a week ago)"
    assert section(text, "Newly overdue")[0] == "- Heron Glass: £100.00"
    html = org.mailer.taken[0].html
    assert 'width="10%"' in html and 'width="30%"' in html and 'width="60%"' in html


def test_at_most_five_customers_are_named_of_each_currency_the_largest_first(org: Chasing) -> None:
    for number in range(7):
        contact = add_contact(org.app, org.organisation_id, f"Customer {number}")
        add_invoice(org.app, org.organisation_id, contact, date(2026, 11, 11), None, f"{100 + number}.00")
    assert section(the_mail(org), "Newly overdue")[:-1] == [
        f"- Customer {number}: £{100 + number}.00" for number in (6, 5, 4, 3, 2)
    ]


def test_promises_replies_and_limits_of_the_week_are_counted(org: Chasing) -> None:
    key = org.organisation_id
    heron, wren = add_contact(org.app, key, "Heron Glass"), add_contact(org.app, key, "Wren Ltd")
    within, before = SUNDAY - timedelta(days=2), SUNDAY - timedelta(days=9)
    with org.app.database.write(key) as session:
        for contact, state, at in (
            (heron, "kept", within), (wren, "broken", within), (wren, "kept", before), (wren, "withdrawn", within),
        ):  # fmt: skip
            session.add(
                PromiseToPay(
                    organisation_id=key, id=new_id(), contact_id=contact, currency="GBP", amount=Decimal(80),
                    whole=False, made_on=before.date(), promised_on=within.date(), grace_until=within.date(),
                    state=state, paid=Decimal(0), recorded_by="Ben", created_at=before, judged_at=at,
                )
            )  # fmt: skip
        for at in (within, before):
            session.add(
                CreditAlert(
                    organisation_id=key, id=new_id(), contact_id=heron, currency="GBP", limit_amount=Decimal(500),
                    exposure=Decimal(620), raised_at=at, ended_at=at,
                )
            )  # fmt: skip
    text = the_mail(org)
    assert section(text, "Promises")[:3] == ["- Kept: 1", "- Not kept: 1", "- Wren Ltd: £80.00"]
    assert section(text, "Credit limits exceeded")[:1] == ["- Heron Glass: £620.00 (the limit is £500.00)"]
    assert not section(text, "Waiting")


def test_reminders_that_left_and_those_that_did_not_are_counted_with_the_reason(org: Chasing) -> None:
    org.move_to(MONDAY - timedelta(days=7))
    first = org.invoice(org.customer("First", "first@books.example"), "INV-1", 3)
    second = org.invoice(org.customer("Second", "second@books.example"), "INV-2", 3)
    org.mirror()
    org.switch("live")
    org.ledger.pay(second)
    org.send()
    assert first and len(org.mailer.taken) == 1
    org.mailer.taken.clear()
    text = the_mail(org)
    assert section(text, "Reminders")[:2] == [
        "- Sent: 1",
        "- Planned, and not sent as planned: 1 (1: it was paid)",
    ]


def test_what_is_expected_is_what_the_page_of_money_ahead_says(org: Chasing) -> None:
    key, heron = org.organisation_id, add_contact(org.app, org.organisation_id, "Heron Glass")
    for number in range(6):
        settled = date(2026, 11, 1) - timedelta(days=20 * number)
        add_invoice(org.app, key, heron, settled - timedelta(days=3), settled)
    add_invoice(org.app, key, heron, date(2026, 11, 16), None, "400.00")
    text = the_mail(org)
    with org.app.database.read(key) as session:
        (ahead,) = money_ahead.outlook(session, key, date(2026, 11, 16)).currencies
        found = week(session, org.organisation(), clock.now())
    now = ahead.weeks[0]
    assert now.expected > 0
    assert section(text, "This week")[0] == (
        f"- Expected until Sunday: £{now.expected:,.2f}"
        f" (between £{now.low:,.2f} and £{now.high:,.2f} in four of five cases)"
    )
    assert [(one.expected, one.low, one.high) for one in found.coming] == [(now.expected, now.low, now.high)]


def test_a_week_without_anything_says_so_and_no_more(org: Chasing) -> None:
    text = the_mail(org)
    assert section(text, "Money received")[0] == "- Nothing came in, and nothing in the week before."
    assert org.mailer.taken[0].subject == "Fake Ltd last week: nothing received"
    assert text.count("\n- ") == 1
    assert "Xero was last read on 15 Nov 2026, 07:00 GMT." in text


def test_it_loads_nothing_and_its_links_are_our_own(org: Chasing) -> None:
    add_contact(org.app, org.organisation_id, '<img src="https://evil.example/x">')
    contact = add_contact(org.app, org.organisation_id, '"><a href="https://evil.example">Pay</a>')
    add_invoice(org.app, org.organisation_id, contact, date(2026, 11, 11), None, "100.00")
    the_mail(org)
    html = org.mailer.taken[0].html
    assert "<img" not in html and "<script" not in html
    assert all(part.startswith("https://dunnock.example/") for part in html.split('href="')[1:])


def test_targets_are_held_against_the_figures_of_the_page_of_figures(org: Chasing) -> None:
    key, heron = org.organisation_id, add_contact(org.app, org.organisation_id, "Heron Glass")
    add_invoice(org.app, key, heron, date(2026, 10, 1), date(2026, 10, 11))
    add_invoice(org.app, key, heron, date(2026, 10, 1), date(2026, 10, 4))
    wanted = {"days_late": Decimal(5), "dso": Decimal(60), "promise_kept": Decimal(80)}
    with org.app.database.write(key) as session:
        set_targets(session, key, "GBP", wanted, by="Anna Hale", now=clock.now())
    assert section(the_mail(org), "Targets")[:-1] == [
        "- Days sales outstanding (DSO), GBP: 0 days (met; the target is 60 days)",
        "- Average days late, GBP: 6.5 days (missed; the target is 5 days)",
    ]  # of promises nothing is known, so nothing is said


def test_the_tasks_in_it_are_those_of_its_reader(org: Chasing) -> None:
    ben = next(one for one in people(org) if one.name == "Ben Okafor")
    wants(org, ben.id)
    with org.app.database.write(org.organisation_id) as session:
        for day in (16, 17):
            team_tasks.ask(
                session, org.organisation_id, kind=TaskKind.OWN, what="Ring Mrs Hale", due_on=date(2026, 11, day),
                by="Anna Hale", now=clock.now(), owner_id=ben.id,
            )  # fmt: skip
    org.move_to(SEVEN)
    work(org)
    mails = {mail.to[0]: mail.text for mail in org.mailer.taken if "last week" in mail.subject}
    assert section(mails["ben@hedgerow.example"], "Waiting")[0] == "- Your tasks due by today: 1"
    assert not section(mails["anna@hedgerow.example"], "Waiting")
