"""The settings page: the sender, the window, the cap, the connection."""

from __future__ import annotations

import re
from datetime import time

import pytest

from services.app import App
from store.models import Contact, Organisation
from store.queries import letters
from tests.support.cast import Cast
from tests.support.mirrored import default_sender
from tests.support.visitor import Member, words

# Settings


def test_the_signature_of_the_organisation_can_be_changed(owner: Member, stage: Cast, dunnock: App) -> None:
    owner.press(f"{stage.home}/settings/sender", signature="Anna Hale\r\nHedgerow Joinery")
    assert stage.organisation(dunnock.database).signature == "Anna Hale\nHedgerow Joinery"
    for page in ("settings", "settings/signatures"):
        shown = owner.words(f"{stage.home}/{page}")
        assert "Anna Hale, anna@hedgerow.example, who connected, because no sender was added." in shown


def test_everybody_has_a_signature_of_their_own_for_their_own_address(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    typed = "Anna Hale\r\nHedgerow Joinery · 01632 960 001\r\n"
    assert owner.press(f"{stage.home}/settings/signature", own_signature=typed).status_code == 302
    assert "01632 960 001</textarea>" in owner.get(f"{stage.home}/settings/signatures").text
    owner.press(f"{stage.home}/settings/sender", signature="The joinery")
    with dunnock.database.read(stage.organisation_id) as session:
        organisation = session.get_one(Organisation, stage.organisation_id)
        hers = letters.sender_of(session, organisation)
        accounts = default_sender(organisation.id, "Accounts", "accounts@hedgerow.example")
        shared = letters.sender_of(session, organisation, accounts)
    assert hers and hers.signature == "Anna Hale\nHedgerow Joinery · 01632 960 001"
    assert shared and shared.signature == "The joinery"


def test_the_sending_window_can_be_changed_and_the_rules_look_again(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    owner.press(f"{stage.home}/settings/window", days=["1", "3"], opens="08:15", closes="12:00")
    changed = stage.organisation(dunnock.database)
    assert (changed.sending_days, changed.opens, changed.closes) == ([1, 3], time(8, 15), time(12, 0))
    with dunnock.database.read(stage.organisation_id) as session:
        contact = session.get(Contact, (stage.organisation_id, stage.contact_id))
        assert contact is not None and contact.next_look_at is not None
    planned = owner.words(f"{stage.home}/queue").split("Resting")[0]
    assert "Monday" not in planned.replace("Moved from Monday", ""), "on a Monday it says whence it was moved"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"days": [], "opens": "09:00", "closes": "12:00"}, "Choose at least one day"),
        ({"days": ["1"], "opens": "12:00", "closes": "09:00"}, "at least half an hour"),
        ({"days": ["1"], "opens": "12:00", "closes": "12:10"}, "at least half an hour"),
        ({"days": ["1"], "opens": "", "closes": "12:00"}, "Give the time from which mails may leave"),
        ({"days": ["9"], "opens": "09:00", "closes": "12:00"}, "A week has seven days"),
    ],
)
def test_a_window_through_which_nothing_fits_is_refused(
    owner: Member, stage: Cast, dunnock: App, fields: dict[str, object], sentence: str
) -> None:
    answer = owner.press(f"{stage.home}/settings/window", **fields)
    assert answer.status_code == 422 and sentence in words(answer)
    assert stage.organisation(dunnock.database).opens == time(9, 30)


@pytest.mark.parametrize(("typed", "cap"), [("40", 40), ("", None)])
def test_the_daily_cap_can_be_changed(
    owner: Member, stage: Cast, dunnock: App, typed: str, cap: int | None
) -> None:
    owner.press(f"{stage.home}/settings/cap", daily_cap=typed)
    assert stage.organisation(dunnock.database).daily_cap == cap


@pytest.mark.parametrize("typed", ["-1", "lots", "1.5", "99999999999999"])
def test_a_cap_that_is_no_number_of_mails_is_refused(owner: Member, stage: Cast, typed: str) -> None:
    assert owner.press(f"{stage.home}/settings/cap", daily_cap=typed).status_code == 422


def test_how_long_customers_are_left_in_peace_can_be_changed(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    owner.press(
        f"{stage.home}/settings/waits", minimum_gap_days=" 7 ", promise_grace_days="0", dispute_days="14"
    )
    changed = stage.organisation(dunnock.database)
    assert (changed.minimum_gap_days, changed.promise_grace_days, changed.dispute_days) == (7, 0, 14)


@pytest.mark.parametrize("typed", ["", "0", "31", "-4", "4.0", "1_0", "٤", "9" * 5000])
def test_a_gap_that_is_no_number_of_days_is_refused_and_shown_again(
    owner: Member, stage: Cast, dunnock: App, typed: str
) -> None:
    answer = owner.press(f"{stage.home}/settings/waits", minimum_gap_days=typed, promise_grace_days="3")
    assert answer.status_code == 422 and f'value="{typed}"' in answer.text
    assert words(answer).count("Give a whole number of days from 1 to 30.") == 1
    changed = stage.organisation(dunnock.database)
    assert (changed.minimum_gap_days, changed.promise_grace_days) == (4, 2)


def test_it_is_chosen_a_country_at_a_time_whether_reported_limits_of_its_law_bind(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/settings/sending"
    assert "In Colombia consumers may be contacted about a debt once a day." in owner.words(page)
    assert 'value="CO" checked' not in owner.get(page).text
    owner.press(f"{stage.home}/settings/contact-law", countries=["CO"])
    assert stage.organisation(dunnock.database).binding_reports == ["CO"]
    assert 'value="CO" checked' in owner.get(page).text
    assert "reports keep messages back for Colombia." in owner.words(f"{stage.home}/settings")
    refused = owner.press(f"{stage.home}/settings/contact-law", countries=["CL", "GB"])
    assert refused.status_code == 422 and "are known of CL, CO; “GB” is none of them." in words(refused)
    assert 'value="CL" checked' in refused.text
    assert stage.organisation(dunnock.database).binding_reports == ["CO"]
    owner.press(f"{stage.home}/settings/contact-law")
    assert stage.organisation(dunnock.database).binding_reports == []


def test_one_page_says_how_each_setting_stands(owner: Member, stage: Cast) -> None:
    page = owner.words(f"{stage.home}/settings")
    assert "Connected by Anna Hale, anna@hedgerow.example" in page
    assert "The default is Standard, version 1." in page
    owner.press(f"{stage.home}/settings/window", days=["1", "3"], opens="08:15", closes="12:00")
    owner.press(
        f"{stage.home}/settings/waits", minimum_gap_days="7", promise_grace_days="0", dispute_days="14"
    )
    owner.press(f"{stage.home}/settings/approval", approval="every_message")
    owner.press(f"{stage.home}/settings/notices", evening_notice="1")
    page = owner.words(f"{stage.home}/settings")
    for now in ("Tuesday, Thursday; 08:15 to 12:00", "7 days between messages, 0 working days after",
                "A person for every mail", "A mail each evening"):  # fmt: skip
        assert now in page, now


def test_every_setting_that_is_named_leads_somewhere(owner: Member, stage: Cast) -> None:
    page = owner.get(f"{stage.home}/settings").text
    named = re.findall(r'class="setting-name" href="([^"#]+)(?:#([^"]+))?"', page)
    assert len(named) > 15
    for path, part in named:
        answer = owner.get(path)
        assert answer.status_code == 200, path
        assert not part or f'id="{part}"' in answer.text, f"{path}#{part}"
