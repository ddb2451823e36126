"""Impact and “does it work” in a real browser: read in both themes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Site, window
from tests.web.test_comparisons_page import an_outcome


@pytest.fixture(scope="module")
def compared(site: Site) -> str:
    """A comparison of two schedules with something to show; its id."""
    return an_outcome(site.app, site.stage)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
def test_both_pages_are_read(browser: Browser, site: Site, scheme: str, width: int) -> None:
    look = window(browser, scheme=scheme, width=width)
    look.open(f"{site.url}/become/{site.stage.owner_id}")
    look.complaints.clear()
    for path in ("reports/impact", "reports/does-it-work", "reports/impact/not-sent/paid"):
        look.open(f"{site.home}/{path}")
        assert look.complaints == []
        assert look.barriers() == []
        assert look.sideways() <= 0
    look.page.context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
def test_compared_schedules_are_read(
    browser: Browser, site: Site, compared: str, scheme: str, width: int
) -> None:
    look = window(browser, scheme=scheme, width=width)
    look.open(f"{site.url}/become/{site.stage.owner_id}")
    look.complaints.clear()
    for path in ("", "/new", f"/{compared}", f"/{compared}?part=out"):
        look.open(f"{site.home}/reports/does-it-work/comparisons{path}")
        assert look.complaints == []
        assert look.barriers() == []
        assert look.sideways() <= 0
    look.page.context.close()
