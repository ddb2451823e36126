"""The addresses to which events are sent, on their page."""

from __future__ import annotations

import re
from html import unescape

from services.app import App
from services.event_endpoints import EventGroup
from store.models import EventEndpoint
from store.queries import event_endpoints
from tests.support.cast import Cast
from tests.support.visitor import Member, words

CRM = "https://crm.example.com/dunnock"


def rows(dunnock: App, stage: Cast) -> list[EventEndpoint]:
    with dunnock.database.read(stage.organisation_id) as session:
        return list(event_endpoints.listed(session, stage.organisation_id))


def test_an_address_is_added_with_a_secret_that_is_shown_once_and_is_off(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/event-endpoints"
    assert "Nothing is sent to any address" in owner.words(page)
    answer = owner.press(page, url=CRM, groups=["replies", "money"])
    assert answer.status_code == 200
    (row,) = rows(dunnock, stage)
    secret = dunnock.secrets.decrypt(row.secret_cipher)
    assert f'id="secret">{secret}<' in unescape(answer.text)
    assert (row.state, row.groups, row.url) == ("off", ["money", "replies"], CRM)
    assert secret not in owner.get(page).text
    assert re.search(
        r"Payments, late fees, credit limits, special terms, proposals and reports Replies Off Switch on",
        owner.words(page),
    )


def test_it_is_switched_on_and_off_and_removed(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/event-endpoints"
    owner.press(page, url=CRM, groups=list(EventGroup))
    (row,) = rows(dunnock, stage)
    owner.press(f"{page}/{row.id}/switch", on="yes")
    assert rows(dunnock, stage)[0].state == "on"
    assert "Nothing taken yet" in owner.words(page)
    owner.press(f"{page}/{row.id}/switch", on="no")
    assert rows(dunnock, stage)[0].state == "off"
    owner.press(f"{page}/{row.id}/remove")
    assert rows(dunnock, stage) == []
    owner.press(f"{page}/{row.id}/switch", on="yes")
    assert "somebody may have removed it" in owner.words(page)


def test_what_was_entered_is_not_lost_where_it_cannot_be_used(owner: Member, stage: Cast) -> None:
    answer = owner.press(f"{stage.home}/event-endpoints", url="crm.example.com", groups=["money"])
    assert answer.status_code == 422
    assert "Give an address that begins with https://" in words(answer)
    assert 'value="crm.example.com"' in answer.text
    assert re.findall(r'value="(\w+)" checked', answer.text) == ["money"]


def test_an_address_that_wants_nothing_is_none(owner: Member, stage: Cast, dunnock: App) -> None:
    answer = owner.press(f"{stage.home}/event-endpoints", url=CRM)
    assert "Choose at least one thing that it wants." in words(answer)
    assert rows(dunnock, stage) == []


def test_the_settings_lead_there(owner: Member, stage: Cast) -> None:
    assert f'href="{stage.home}/event-endpoints"' in owner.get(f"{stage.home}/settings").text
