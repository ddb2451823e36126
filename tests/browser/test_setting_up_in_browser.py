"""The set-up in a real browser: by keyboard alone, without script, wide and light, and on a narrow phone in the dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Site, Window, window

_NAMES = ["Who sends", "How firm", "When", "Whom not", "Old debt"]
_PATHS = ["", "/who", "/firmness", "/when", "/whom-not", "/old-debt", "/dry-run"]


def entered(
    browser: Browser, site: Site, *, scripts: bool = True, width: int = 1280, scheme: str = "light"
) -> Window:
    """The owner, signed in."""
    found = window(browser, width=width, scheme=scheme, scripts=scripts)
    found.open(f"{site.url}/become/{site.stage.owner_id}")
    return found


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (360, "dark")])
def test_nothing_stands_in_anybodys_way(browser: Browser, site: Site, width: int, scheme: str) -> None:
    anna = entered(browser, site, width=width, scheme=scheme)
    for path in _PATHS:
        anna.open(f"{site.home}/set-up{path}")
        assert anna.barriers() == [], path
        assert anna.sideways() <= 0, path
    assert anna.complaints == []
    anna.page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_keyboard_alone_goes_from_the_first_look_to_the_dry_run(
    browser: Browser, site: Site, scripts: bool
) -> None:
    anna = entered(browser, site, scripts=scripts)
    page = anna.page
    anna.open(f"{site.home}/first-look")
    page.get_by_role("link", name="Set up in five steps").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Set-up:").wait_for()
    page.get_by_role("navigation", name="Set-up").get_by_role("link", name="Who sends").focus()
    page.keyboard.press("Enter")
    for name in _NAMES:
        page.get_by_role("heading", name=name, level=1, exact=True).wait_for()
        for _ in range(200):
            page.keyboard.press("Tab")
            if page.locator("button:focus", has_text="Next").count():
                break
        page.keyboard.press("Enter")
    page.get_by_role("heading", name="would leave in the next two weeks").wait_for()
    assert page.get_by_role("button", name="Start the dry run").is_visible()
    assert anna.complaints == []
    page.context.close()


def test_enter_in_the_search_searches_and_saves_nothing(browser: Browser, site: Site) -> None:
    anna = entered(browser, site)
    anna.open(f"{site.home}/set-up/whom-not")
    anna.page.get_by_label("Part of a name").fill("quill")
    anna.page.keyboard.press("Enter")
    anna.page.get_by_text("Quill Stationers").wait_for()
    assert anna.page.url.endswith("/set-up/whom-not")
    anna.page.context.close()
