"""Steps for some invoices alone, and what text messages cost, in a real browser."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Browser

from kit import clock
from kit.ids import derived_id
from store.models import Communication
from tests.browser.conftest import Site, window


@pytest.fixture(scope="module")
def addresses(site: Site) -> list[str]:
    """The pages, with text messages of several currencies, and one of which nobody has said what it cost."""
    home_id, now = site.stage.organisation_id, clock.now()
    costs = [(8_300, "USD"), (1_234_567_800, "JPY"), (41_500, "GBP"), (None, None)]
    with site.app.database.write(home_id) as session:
        session.add_all(
            Communication(
                organisation_id=home_id, id=derived_id("text", str(place)), direction="out", channel="sms",
                kind="chaser", status="delivered", contact_id=site.stage.contact_id, sent_at=now, created_at=now,
                segments=2, to=["+447400123456"], body_text="Please pay.", step_name="Text message",
                cost_millionths=millionths, cost_currency=currency,
            )
            for place, (millionths, currency) in enumerate(costs)
        )  # fmt: skip
    gentle = derived_id("schedule", home_id, "Gentle")
    return [f"schedules/{gentle}", "schedules", "templates", f"contacts/{site.stage.contact_id}"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_fit_and_stand_in_nobodys_way(
    browser: Browser, site: Site, addresses: list[str], width: int, scheme: str
) -> None:
    shown = window(browser, width=width, scheme=scheme)
    shown.page.goto(f"{site.url}/become/{site.stage.owner_id}")
    for address in addresses:
        shown.page.goto(f"{site.url}{site.stage.home}/{address}")
        if folder := os.environ.get("SHOTS"):
            shown.page.screenshot(
                path=f"{folder}/{address.split('/')[0]}-{len(address)}-{width}-{scheme}.png", full_page=True
            )
        assert shown.sideways() <= 0, address
        assert shown.barriers() == [], address
    assert shown.complaints == []
    shown.page.context.close()
