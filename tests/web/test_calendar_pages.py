"""The pages about days off, and about when a customer works and pays."""

from __future__ import annotations

import pytest

from services.app import App
from store.models import Contact
from tests.support.cast import Cast
from tests.support.visitor import Member, words


def contact_of(dunnock: App, stage: Cast) -> Contact:
    with dunnock.database.read(stage.organisation_id) as session:
        return session.get_one(Contact, (stage.organisation_id, stage.contact_id))


def test_the_ledgers_country_gives_the_holidays_and_a_person_chooses_the_region(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/settings/calendar"
    assert "Christmas Day" in owner.words(page)
    assert "Saint Andrew's Day" not in owner.words(page).split("The coming year")[1]
    owner.press(f"{page}/holidays", place="GB-SCT")
    coming = owner.words(page).split("The coming year")[1]
    assert "Saint Andrew's Day" in coming and "Easter Monday" not in coming
    assert "Next: " in owner.words(f"{stage.home}/settings")
    owner.press(f"{page}/holidays", place="none")
    assert "No days off besides" in owner.words(page)


def test_christmas_is_offered_and_off_until_it_is_chosen(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/settings/calendar"
    offered = owner.get(page).text
    assert 'value="Christmas and New Year"' in offered and "-12-24" in offered
    assert stage.organisation(dunnock.database).closed_periods == []
    owner.press(
        f"{page}/closures", name="Between the years", first="2026-12-24", last="2027-01-01", yearly="y"
    )
    assert stage.organisation(dunnock.database).closed_periods == [
        {"first": "2026-12-24", "last": "2027-01-01", "name": "Between the years", "yearly": True}
    ]
    assert "24 Dec 2026 to 1 Jan 2027, every year" in owner.words(page)
    owner.press(f"{page}/closures/remove", number="0", name="another one meanwhile")
    assert stage.organisation(dunnock.database).closed_periods
    owner.press(f"{page}/closures/remove", number="0", name="Between the years")
    assert stage.organisation(dunnock.database).closed_periods == []


def test_a_wrong_period_is_refused_and_what_was_typed_is_kept(owner: Member, stage: Cast) -> None:
    answer = owner.press(
        f"{stage.home}/settings/calendar/closures", name="Summer", first="2026-08-10", last="2026-08-01"
    )
    assert answer.status_code == 422
    assert "ends before it begins" in words(answer) and 'value="Summer"' in answer.text


def test_an_unknown_place_is_refused(owner: Member, stage: Cast) -> None:
    answer = owner.press(f"{stage.home}/settings/calendar/holidays", place="GB-ATLANTIS")
    assert answer.status_code == 422 and "is no country or region" in words(answer)


def test_a_customers_place_zone_and_payment_days_can_be_set_and_are_told(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    assert "Country not known." in owner.words(page)
    owner.press(
        f"{page}/calendar",
        place="US-NY",
        timezone="America/New_York",
        month_days="25, 31",
        weekdays=["4"],
    )
    changed = contact_of(dunnock, stage)
    assert (changed.place, changed.timezone) == ("US-NY", "America/New_York")
    assert changed.pays_on == {"month_days": [25, 31], "weekdays": [4]}
    assert changed.next_look_at is not None
    assert (
        "New York, the United States; pays on the 25th and the last day of the month and every Friday."
        in owner.words(page)
    )
    form = owner.get(f"{page}/calendar").text
    assert 'value="25, 31"' in form and '<option selected value="US-NY">' in form
    owner.press(f"{page}/calendar", place="", timezone="", month_days="")
    assert contact_of(dunnock, stage).pays_on is None


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"month_days": "the 25th"}, "as numbers from 1 to 31"),
        ({"month_days": "32"}, "a number from 1 to 31"),
        ({"timezone": "Europe/Atlantis"}, "no known time zone"),
        ({"place": "Nowhere"}, "no country or region"),
        ({"weekdays": ["9"]}, "from 0 (Monday) to 6"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_changed(
    owner: Member, stage: Cast, dunnock: App, fields: dict[str, object], sentence: str
) -> None:
    answer = owner.press(f"{stage.home}/contacts/{stage.contact_id}/calendar", **fields)
    assert answer.status_code == 422 and sentence in words(answer)
    changed = contact_of(dunnock, stage)
    assert (changed.place, changed.timezone, changed.pays_on) == (None, None, None)
