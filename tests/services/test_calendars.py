"""Days off and customers' calendars, from the ledger and the settings to the chaser that waits."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from credit_control.closures import ClosedPeriod
from credit_control.facts import PaymentDays
from integration.ledger import Unreachable
from kit.errors import UserError
from services import calendars
from services.outlook import outlook
from tests.support.chasing import Chasing, chasing

CHRISTMAS = ClosedPeriod(date(2026, 12, 24), date(2027, 1, 1), "Christmas closing", yearly=True)


def said(org: Chasing) -> str:
    """The reasons that stand on the chaser."""
    return " ".join(reason["text"] for reason in org.only_chaser().reasons or ())


def test_a_reminder_of_christmas_day_waits_for_the_first_working_day_and_says_why(
    database_url: str, tmp_path: Path
) -> None:
    with chasing(database_url, tmp_path, now=datetime(2026, 12, 25, 8, 0, tzinfo=UTC)) as org:
        org.one_due(2)
        row = org.only_chaser()
        assert row.planned_for is not None and row.planned_for.date() == date(2026, 12, 29)
        assert "Moved from Friday 25 December 2026 (Christmas Day) to Tuesday 29 December 2026" in said(org)


def test_a_closed_period_moves_what_is_planned_at_once_and_its_end_moves_it_back(
    database_url: str, tmp_path: Path
) -> None:
    with chasing(database_url, tmp_path, now=datetime(2026, 12, 29, 8, 0, tzinfo=UTC)) as org:
        org.one_due(2)
        assert org.only_chaser().planned_for.date() == date(2026, 12, 29)  # type: ignore[union-attr]  # it is planned
        calendars.close_in(org.app, org.organisation_id, [CHRISTMAS])
        org.plan()
        assert org.only_chaser().planned_for.date() == date(2027, 1, 4)  # type: ignore[union-attr]
        assert "(Christmas closing) to Monday 4 January 2027" in said(org)
        (day,) = outlook(org.app, org.organisation_id).days[:1]
        assert day.on == date(2027, 1, 4)
        calendars.open_again(org.app, org.organisation_id, 0, "Christmas closing")
        org.plan()
        assert org.only_chaser().planned_for.date() == date(2026, 12, 29)  # type: ignore[union-attr]


def test_nobodys_holidays_can_be_kept(database_url: str, tmp_path: Path) -> None:
    with chasing(database_url, tmp_path, now=datetime(2026, 12, 25, 11, 0, tzinfo=UTC)) as org:
        calendars.keep_holidays(org.app, org.organisation_id, "none")
        org.one_due(2)
        assert org.only_chaser().planned_for.date() == date(2026, 12, 25)  # type: ignore[union-attr]
        org.send()
        assert len(org.mailer.taken) == 1


def test_an_organisation_whose_country_is_not_known_keeps_no_holidays(
    database_url: str, tmp_path: Path
) -> None:
    with chasing(database_url, tmp_path, now=datetime(2026, 12, 25, 11, 0, tzinfo=UTC), country="") as org:
        org.one_due(2)
        assert org.only_chaser().planned_for.date() == date(2026, 12, 25)  # type: ignore[union-attr]


def test_the_country_of_the_customers_address_counts(database_url: str, tmp_path: Path) -> None:
    """Thanksgiving, on which London works."""
    with chasing(database_url, tmp_path, now=datetime(2026, 11, 26, 11, 0, tzinfo=UTC)) as org:
        org.invoice(org.customer(country="US"), "INV-1", 3)
        org.mirror()
        org.switch("live")
        assert org.only_chaser().planned_for.date() == date(2026, 11, 27)  # type: ignore[union-attr]
        assert "(Thanksgiving Day, the United States)" in said(org)
        org.send()
        assert org.mailer.taken == []


def test_what_a_person_says_of_a_customer_goes_before_the_ledger(database_url: str, tmp_path: Path) -> None:
    with chasing(database_url, tmp_path, now=datetime(2026, 11, 26, 11, 0, tzinfo=UTC)) as org:
        customer = org.customer(country="US")
        org.invoice(customer, "INV-1", 3)
        org.mirror()
        org.switch("live")
        set_calendar(org, customer, place="GB")
        assert org.only_chaser().planned_for.date() == date(2026, 11, 26)  # type: ignore[union-attr]
        set_calendar(org, customer, place="US-NY", timezone="America/New_York")
        assert "(Thanksgiving Day, New York, the United States)" in said(org)
        row = org.only_chaser()
        assert row.planned_for is not None and row.planned_for >= datetime(2026, 11, 27, 13, 0, tzinfo=UTC)
        assert row.not_after == datetime(2026, 11, 27, 16, 0, tzinfo=UTC)


def test_a_time_zone_alone_is_enough_for_hours(org: Chasing) -> None:
    customer = org.customer()
    org.invoice(customer, "INV-1", 3)
    org.mirror()
    org.switch("live")
    set_calendar(org, customer, timezone="America/New_York")
    row = org.only_chaser()
    assert row.planned_for is not None and row.planned_for >= datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
    assert "while people work in New York too: from 13:00 until 16:00 by your clocks" in said(org)


def set_calendar(
    org: Chasing,
    customer: str,
    place: str | None = None,
    timezone: str | None = None,
    pays_on: PaymentDays | None = None,
) -> None:
    calendars.set_customers_calendar(
        org.app,
        org.organisation_id,
        org.id_of(customer),
        place=place,
        timezone=timezone,
        pays_on=pays_on,
    )
    org.plan()


def test_a_reminder_before_the_payment_run_is_taken_back_and_leaves_after_it(org: Chasing) -> None:
    """On Monday 16 November a reminder is due; the customer pays on the 18th."""
    customer = org.customer()
    org.invoice(customer, "INV-1", 3)
    org.mirror()
    org.switch("live")
    set_calendar(org, customer, pays_on=PaymentDays((18,)))
    row = org.only_chaser()
    assert row.status == "cancelled" and "payment run is on Wednesday 18 November 2026" in (row.reason or "")
    org.send()
    assert org.mailer.taken == []
    org.move_to(datetime(2026, 11, 20, 11, 0, tzinfo=UTC))
    org.plan()
    org.send()
    (sent,) = org.chasers("sent")
    reasons = " ".join(reason["text"] for reason in sent.reasons or ())
    assert "past the customer’s payment run of Wednesday 18 November 2026" in reasons


def test_a_mirror_that_reads_the_contact_again_leaves_what_a_person_has_set(org: Chasing) -> None:
    customer = org.customer()
    org.mirror()
    set_calendar(org, customer, "US-NY", "America/New_York", PaymentDays((25,)))
    org.ledger.change_contact(customer, name="Another name", country="JP")
    org.mirror()
    after = org.contact(customer)
    assert (after.name, after.country, after.place) == ("Another name", "JP", "US-NY")
    assert (after.timezone, after.pays_on) == ("America/New_York", {"month_days": [25], "weekdays": []})


def test_what_misses_its_window_in_a_pause_waits_for_its_customers_hours(
    database_url: str, tmp_path: Path
) -> None:
    with chasing(database_url, tmp_path, now=datetime(2026, 11, 25, 15, 59, 30, tzinfo=UTC)) as org:
        org.invoice(org.customer(country="US"), "INV-1", 3)
        org.mirror()
        org.switch("live")
        org.ledger.failures.append(Unreachable("away"))
        org.send()
        row = org.only_chaser()
        assert row.status == "planned" and row.planned_for is not None
        assert row.planned_for.date() == date(2026, 11, 27)  # the 26th is Thanksgiving


@pytest.mark.parametrize("place", ["ZZ", "GB-TX", "england", ""])
def test_an_unknown_place_is_refused_in_words(org: Chasing, place: str) -> None:
    with pytest.raises(UserError, match="no country or region"):
        calendars.keep_holidays(org.app, org.organisation_id, place)
