"""The weekly digest: when it leaves, to whom, and that what it says is what the week was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.email.mailer import MailPostponed
from integration.email.sendgrid import SendGridMailer
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services import notices
from services.digest import days, sending, wishes
from services.digest.week import week
from services.payer import money_ahead
from services.team import remove
from store.models import (
    CashForecast,
    CreditAlert,
    InternalNotice,
    Membership,
    Organisation,
    Person,
    PromiseToPay,
    WeeklyDigest,
)
from tests.support.chasing import MONDAY, Chasing, chasing
from tests.support.mirrored import add_organisation
from tests.support.paid_book import add_contact, add_invoice
from tests.support.sandbox import running_sandbox

SEVEN = MONDAY.replace(hour=7)
SUNDAY = SEVEN - timedelta(days=1)


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    """On a Sunday, with two colleagues: Anna wants the digest, Ben does not."""
    with chasing(database_url, tmp_path, now=SUNDAY) as org:
        org.change(imported_at=clock.now(), synced_at=clock.now())
        wants(org, colleague(org, "Anna Hale"))
        colleague(org, "Ben Okafor")
        yield org


def colleague(org: Chasing, name: str, role: str = "owner", language: str | None = None) -> str:
    person_id, email = new_id(), f"{name.split(maxsplit=1)[0].lower()}@hedgerow.example"
    with org.app.database.write_across() as session:
        session.add(
            Person(
                id=person_id, subject=name, email=email, name=name, language=language, created_at=clock.now()
            )
        )
        session.flush()
        session.add(Membership(organisation_id=org.organisation_id, person_id=person_id, role=role))
    return person_id


def wants(org: Chasing, person_id: str, *, wanted: bool = True) -> None:
    wishes.change(org.app, org.organisation_id, person_id, wanted=wanted)


def due(org: Chasing) -> bool:
    return sending.due(org.app) == [org.organisation_id]


def work(org: Chasing) -> None:
    """The morning's work, with the mail provider in memory."""
    sending.write(org.app, org.organisation_id, clock.now())
    notices.send_with(org.app, org.organisation_id, org.mailer)


def told(org: Chasing) -> list[InternalNotice]:
    return [one for one in org._all(InternalNotice) if one.kind == "weekly"]


def asked(org: Chasing) -> list[WeeklyDigest]:
    with org.app.database.read(org.organisation_id) as session:
        return list(session.query(WeeklyDigest))


def the_mail(org: Chasing) -> str:
    """Monday's mail to Anna, with plain spaces."""
    org.move_to(SEVEN)
    work(org)
    (mail,) = org.mailer.taken
    return mail.text.replace("\xa0", " ")


def section(text: str, title: str) -> list[str]:
    """The lines below a title."""
    found = [part for part in text.split("\n\n") if part.startswith(f"{title} (")]
    return found[0].splitlines()[1:] if found else []


# -- when ----------------------------------------------------------------------------------------------


def test_on_monday_at_seven_whoever_wants_it_gets_it_once(org: Chasing) -> None:
    assert not due(org)
    org.move_to(SEVEN - timedelta(minutes=1))
    assert not due(org)
    org.move_to(SEVEN)
    assert due(org)
    work(org)
    work(org)
    assert [mail.to for mail in org.mailer.taken] == [("anna@hedgerow.example",)]
    assert not due(org)
    org.move_to(SEVEN + timedelta(days=6, hours=16))
    assert not due(org)
    org.move_to(SEVEN + timedelta(days=7))
    assert due(org)
    work(org)
    assert len(org.mailer.taken) == 2


def test_two_schedulers_at_the_same_time_make_one_digest(org: Chasing) -> None:
    org.move_to(SEVEN)
    both = [
        Thread(target=sending.write, args=(org.app, org.organisation_id, clock.now())) for _one in range(2)
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    notices.send_with(org.app, org.organisation_id, org.mailer)
    assert len(told(org)) == 1
    assert len(org.mailer.taken) == 1


def test_one_that_was_put_off_leaves_later_and_one_whose_sender_died_is_not_sent_again(org: Chasing) -> None:
    org.move_to(SEVEN)
    org.mailer.failures.append(MailPostponed("too many at once", 60))
    work(org)
    assert [one.status for one in told(org)] == ["pending"]
    org.shift(minutes=11)
    assert notices._claim(org.app, org.organisation_id)
    org.shift(minutes=11)
    work(org)
    assert [one.status for one in told(org)] == ["unknown"]
    assert org.mailer.taken == []


def test_a_public_holiday_and_a_window_without_mondays_move_it_to_the_next_working_day(org: Chasing) -> None:
    easter_monday = datetime(2027, 3, 29, 6, 0, tzinfo=UTC)  # seven by the clocks of London, in summer time
    org.move_to(easter_monday)
    assert not due(org)
    org.move_to(easter_monday + timedelta(days=1) - timedelta(minutes=1))
    assert not due(org)
    org.move_to(easter_monday + timedelta(days=1))
    assert due(org)
    org.change(sending_days=[2, 3])
    assert not due(org)
    org.move_to(easter_monday + timedelta(days=2))
    assert due(org)


def test_in_a_week_that_is_off_as_a_whole_none_leaves(org: Chasing) -> None:
    org.change(
        closed_periods=[
            {"first": "2026-11-16", "last": "2026-11-22", "name": "Works holiday", "yearly": False}
        ]
    )
    org.move_to(SEVEN + timedelta(days=4))
    assert not due(org)
    org.move_to(SEVEN + timedelta(days=7))
    assert due(org)


def test_after_an_outage_it_leaves_later_in_the_same_week_and_says_so(org: Chasing) -> None:
    org.move_to(SEVEN + timedelta(days=2, hours=5))
    work(org)
    text = org.mailer.taken[0].text
    assert "9 Nov 2026 to 15 Nov 2026" in text
    assert "As of 18 Nov 2026, 12:00 GMT." in text


def test_whoever_switches_it_on_after_its_moment_gets_the_next_one(org: Chasing) -> None:
    org.move_to(SEVEN + timedelta(hours=1))
    work(org)
    carol = colleague(org, "Carol Reyes")
    wants(org, carol)
    assert not due(org)
    org.move_to(SEVEN + timedelta(days=7))
    work(org)
    assert sorted(mail.to[0] for mail in org.mailer.taken[1:]) == [
        "anna@hedgerow.example",
        "carol@hedgerow.example",
    ]


def test_a_day_that_a_wrong_clock_wrote_keeps_nobody_waiting(org: Chasing) -> None:
    org.move_to(SEVEN + timedelta(weeks=52))
    work(org)
    org.move_to(SEVEN)
    assert due(org)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata", "Europe/Berlin"])
def test_it_is_morning_where_the_organisation_is(org: Chasing, zone: str) -> None:
    org.change(timezone=zone, holidays_of="none")
    here = datetime(2026, 11, 16, 7, 0, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    org.move_to(here - timedelta(minutes=1))
    assert not due(org)
    org.move_to(here)
    assert due(org)


@given(
    st.dates(date(2024, 1, 1), date(2029, 12, 31)),
    st.sampled_from(["Europe/London", "America/Santiago", "Africa/Cairo", "Pacific/Apia", "UTC"]),
    st.sets(st.integers(0, 6), min_size=1),
)
def test_whatever_the_clocks_do_there_is_at_most_one_moment_a_week(
    day: date, zone: str, sending_days: set[int]
) -> None:
    organisation = Organisation(
        timezone=zone,
        country=None,
        holidays_of="none",
        closed_periods=[],
        sending_days=sorted(sending_days),
        opens=time(9),
        closes=time(17),
        minimum_gap_days=4,
        promise_grace_days=3,
        when_books_lag="soften",
        minimum_balances={},
    )
    monday = day - timedelta(days=day.weekday())
    start = datetime.combine(monday, time.min, ZoneInfo(zone)).astimezone(UTC)
    over = datetime.combine(monday + timedelta(days=7), time.min, ZoneInfo(zone)).astimezone(UTC)
    come = [
        days.has_come(organisation, at)
        for hour in range(8 * 24)
        if (at := start + timedelta(hours=hour)) < over
    ]
    assert come == sorted(come)  # it comes once, and stays until the week is over
    on = days.day_of(organisation, day)
    assert on is not None and on.weekday() == min(sending_days)
    assert days.next_day(organisation, day) >= day


# -- to whom -------------------------------------------------------------------------------------------


def test_without_a_connection_none_leaves_but_while_chasing_is_off_it_does(org: Chasing) -> None:
    org.move_to(SEVEN)
    org.change(connection="needs_reconnect")
    assert not due(org)
    work(org)
    assert org.mailer.taken == []
    org.change(connection="connected", chasing="off")
    assert due(org)


def test_nobody_gets_the_digest_of_an_organisation_that_they_do_not_work_for(org: Chasing) -> None:
    other = add_organisation(org.app, "other-tenant", imported_at=clock.now())
    ben = colleague(org, "Bea Okoro")
    with pytest.raises(UserError, match="no longer a member"):
        wishes.change(org.app, other, ben, wanted=True)
    with org.app.database.write(other) as session:
        session.add(WeeklyDigest(organisation_id=other, person_id=ben, from_on=SUNDAY.date()))
    org.move_to(SEVEN)
    assert sending.due(org.app) == [org.organisation_id]
    assert sending.write(org.app, other, clock.now()) == 0


def test_whoever_leaves_gets_none_any_more(org: Chasing) -> None:
    carol = colleague(org, "Carol Reyes", "chaser")
    wants(org, carol)
    remove(org.app, org.organisation_id, carol, None, by_role="owner")
    assert len(asked(org)) == 1
    org.move_to(SEVEN)
    work(org)
    assert [mail.to for mail in org.mailer.taken] == [("anna@hedgerow.example",)]


def test_each_reads_it_in_their_own_language(org: Chasing) -> None:
    wants(org, colleague(org, "Uwe Lang", "read_only", "de"))
    add_invoice(org.app, org.organisation_id, add_contact(org.app, org.organisation_id, "Heron Glass"),
                date(2026, 11, 1), date(2026, 11, 12), "1234.50")  # fmt: skip
    org.move_to(SEVEN)
    work(org)
    mails = {mail.to[0]: mail.text.replace("\xa0", " ") for mail in org.mailer.taken}
    assert "- Received: £1,234.50" in mails["anna@hedgerow.example"]
    assert "- Eingegangen: 1.234,50 £" in mails["uwe@hedgerow.example"]
    assert "Hallo Uwe," in mails["uwe@hedgerow.example"]


# -- ending it -----------------------------------------------------------------------------------------


def test_the_link_in_it_ends_it_for_its_reader_alone(org: Chasing) -> None:
    ben = next(one.id for one in people(org) if one.name == "Ben Okafor")
    wants(org, ben)
    org.move_to(SEVEN)
    work(org)
    mail = next(one for one in org.mailer.taken if one.to == ("anna@hedgerow.example",))
    link = mail.headers["List-Unsubscribe"].strip("<>")
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in mail.text and link in mail.html
    token = link.rsplit("/", 1)[1]
    assert wishes.end(org.app, token).name == org.organisation().name
    assert wishes.end(org.app, token)  # once more changes nothing
    assert [one.person_id for one in asked(org)] == [ben]


def test_a_link_that_somebody_changed_ends_nothing(org: Chasing) -> None:
    anna = asked(org)[0].person_id
    token = wishes.link(org.app, org.organisation_id, anna).rsplit("/", 1)[1]
    for wrong in (
        token[:-1],
        f"x{token}",
        token.replace(token[4], "A" if token[4] != "A" else "B", 1),
        "a.b",
    ):
        with pytest.raises(UserError, match="not a whole one of ours"):
            wishes.end(org.app, wrong)
    assert len(asked(org)) == 1


def test_whoever_ends_it_while_it_is_written_gets_none(org: Chasing) -> None:
    anna = asked(org)[0].person_id
    org.move_to(SEVEN)
    wants(org, anna, wanted=False)
    work(org)
    assert org.mailer.taken == []


def people(org: Chasing) -> list[Person]:
    with org.app.database.read_across() as session:
        return list(session.query(Person))


def test_the_mail_provider_takes_it_as_it_is_with_text_html_and_the_headers_that_end_it(org: Chasing) -> None:
    contact = add_contact(org.app, org.organisation_id, "Heron Glass")
    add_invoice(org.app, org.organisation_id, contact, date(2026, 11, 11), None, "100.00", "CHF")
    org.move_to(SEVEN)
    sending.write(org.app, org.organisation_id, clock.now())
    with running_sandbox() as sandbox:
        mailer = SendGridMailer(sandbox.config.sendgrid_api_key, sandbox.url)
        notices.send_with(org.app, org.organisation_id, mailer)
        (caught,) = sandbox.get("/sandbox/mail").json()
    assert [one.status for one in told(org)] == ["sent"]
    anna = asked(org)[0].person_id
    link = wishes.link(org.app, org.organisation_id, anna)
    assert [one["email"] for one in caught["to"]] == ["anna@hedgerow.example"]
    assert caught["headers"]["List-Unsubscribe"] == f"<{link}>"
    assert "Heron Glass" in caught["text"] and "Heron Glass" in caught["html"]
    assert link in caught["text"] and f'href="{link}"' in caught["html"]


# -- what it says --------------------------------------------------------------------------------------


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
