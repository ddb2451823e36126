"""The figures in a real browser: they are read, and the link under one opens what it counted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Site, window


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
def test_figures_are_read_and_lead_to_their_invoices(
    browser: Browser, site: Site, scheme: str, width: int
) -> None:
    look = window(browser, scheme=scheme, width=width)
    look.open(f"{site.url}/become/{site.stage.owner_id}")
    look.complaints.clear()
    look.open(f"{site.home}/reports")
    assert look.complaints == []
    assert look.barriers() == []
    assert look.sideways() <= 0
    card = look.page.locator("#dso-GBP").locator("xpath=ancestor::article")
    assert "days" in card.inner_text()
    assert "open ÷" in card.inner_text()
    look.page.locator("canvas").first.wait_for()
    value = card.locator(".h2").inner_text()
    card.get_by_role("link", name="What was counted").click()
    look.page.wait_for_url("**/reports/counted/dso?**")
    assert value in look.page.locator("main").inner_text()
    assert look.page.locator("table tbody tr").count() > 1
    assert look.complaints == []
    assert look.barriers() == []
    assert look.sideways() <= 0
    look.page.context.close()
