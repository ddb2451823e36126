"""The weekly digest: when it leaves, to whom, and how it is ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
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
from services import notices
from services.digest import days, sending, wishes
from services.team import remove
from store.models import (
    Organisation,
    WeeklyDigest,
)
from tests.services.digest_stage import (
    SEVEN,
    SUNDAY,
    asked,
    colleague,
    due,
    on_sunday,
    people,
    told,
    wants,
    work,
)
from tests.support.chasing import Chasing
from tests.support.mirrored import add_organisation
from tests.support.paid_book import add_contact, add_invoice
from tests.support.sandbox import running_sandbox


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with on_sunday(database_url, tmp_path) as org:
        yield org


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
