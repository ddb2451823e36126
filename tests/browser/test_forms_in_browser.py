"""Forms in a real browser: one counts once, after an impatient click and after the way back; what is to be pressed is near."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from kit.ids import derived_id
from store.models import Communication, Reply
from tests.browser.conftest import Site, window


def notes(site: Site) -> int:
    with site.app.database.read(site.stage.organisation_id) as session:
        return session.query(Communication).filter_by(kind="note", contact_id=site.stage.contact_id).count()


def test_a_note_is_written_down_once_after_the_way_back(browser: Browser, site: Site) -> None:
    look, before = window(browser), notes(site)
    look.open(f"{site.url}/become/{site.stage.owner_id}")
    look.open(f"{site.home}/contacts/{site.stage.contact_id}/notes")
    page = look.page
    page.fill("textarea", "They have moved to Leeds.")
    page.get_by_role("button", name="Write it down").click(click_count=2, delay=20)
    page.wait_for_url(f"**/contacts/{site.stage.contact_id}")
    page.go_back()
    assert page.input_value("textarea") == "They have moved to Leeds.", "nothing typed is lost"
    page.get_by_role("button", name="Write it down").click()
    page.get_by_text("counts once").wait_for()
    assert notes(site) == before + 1
    page.context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
def test_what_a_reply_means_stands_right_after_it(
    browser: Browser, site: Site, scheme: str, width: int
) -> None:
    reply_id = derived_id("reply")
    with site.app.database.write(site.stage.organisation_id) as session:
        session.get_one(Reply, (site.stage.organisation_id, reply_id)).proven = True
    look = window(browser, scheme=scheme, width=width)
    look.open(f"{site.url}/become/{site.stage.owner_id}")
    look.open(f"{site.home}/inbox/{reply_id}")
    top = {
        name: look.page.locator(name).evaluate("it => it.getBoundingClientRect().top")
        for name in (".told", ".meant", ".answered")
    }
    assert top[".told"] <= top[".meant"] < top[".answered"]
    assert look.complaints == [] and look.barriers() == [] and look.sideways() <= 0
    look.page.context.close()
