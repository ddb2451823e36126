"""Stopping all mail in a real browser, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from kit import clock
from kit.ids import new_id
from services import switches
from store.models import Brake, Organisation
from tests.browser.conftest import Site, Window, window

_BRAKES = {
    "surge": "Today’s run would come to 312 chasers that nobody has said yes to; the most on any earlier day was 14,"
    " and without asking at most 42 leave in a day. So all of them are held.",
    "unreconciled": "No payment has been entered in the ledger since 27 October 2026, which is more than 14 days.",
    "restored": "The database has gone back: mails went out since, of which it knows nothing.",
}


@pytest.fixture(params=[("light", 1280), ("dark", 360)], ids=str)
def looker(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Window]:
    scheme, width = request.param
    found = window(browser, width=width, scheme=scheme)
    yield found
    found.page.context.close()


def _brakes(site: Site) -> None:
    """Every brake there is, at the same time."""
    organisation_id = site.stage.organisation_id
    switches.change_chasing(site.app, organisation_id, "live", "Anna Hale", reminders_stay_on=True)
    with site.app.database.write(organisation_id) as session:
        session.get_one(Organisation, organisation_id).synced_at = clock.now() - timedelta(hours=9)
        for kind, reason in _BRAKES.items():
            session.add(
                Brake(
                    organisation_id=organisation_id,
                    id=new_id(),
                    kind=kind,
                    reason=reason,
                    imposed_at=clock.now() - timedelta(hours=1),
                    imposed_by="Dunnock",
                )
            )


def _is_sound(looker: Window) -> None:
    looker.page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    assert looker.barriers() == []
    assert looker.sideways() <= 0
    assert looker.complaints == []


def test_all_mail_is_stopped_and_let_go_with_buttons_and_each_brake_can_be_read(
    looker: Window, site: Site
) -> None:
    _brakes(site)
    looker.open(f"{site.url}/become/{site.stage.owner_id}")
    looker.complaints.clear()
    looker.open(f"{site.home}/queue")
    for reason in _BRAKES.values():
        expect(looker.page.get_by_text(reason)).to_be_visible()
    _is_sound(looker)
    looker.page.get_by_label("Why", exact=True).fill("The texts are wrong")
    looker.page.get_by_role("button", name="Stop all mail").click()
    stop = looker.page.get_by_role("region", name="All mail is stopped")
    expect(stop).to_contain_text("Anna Hale stopped all mail: The texts are wrong")
    _is_sound(looker)
    stop.get_by_role("button").click()
    expect(stop).to_have_count(0)
    for _ in _BRAKES:
        looker.page.get_by_role("button", name="Release").first.click()
    expect(looker.page.get_by_role("button", name="Release")).to_have_count(0)
    _is_sound(looker)
