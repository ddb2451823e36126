"""Each page that the map of addresses knows, whatever it is: no barriers, no sideways scrolling, a quiet console.

Wide in light and narrow in dark, which between them show each colour of both themes and each width's arrangement once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.browser.conftest import Site, Window, window
from tests.browser.every_page import every_page
from tests.support import practice_cast
from tests.support.practice_cast import PracticeCast
from web import assemble
from web.connect import connect
from web.debtor import debtor
from web.pages import PAGES

_OF_LOOKS = ("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")
"""Rules whose answer depends on theme and width; all others are asked once a page."""
_PARTS = (
    "of visitors",
    "of the practice",
    "of the organisation 1",
    "of the organisation 2",
    "of the organisation 3",
)
_PHONE: Final[ViewportSize] = {"width": 360, "height": 900}
_NAME_IS_CUT = "[...document.querySelectorAll('.brand-of')].some(one => one.scrollWidth > one.clientWidth)"
_UNFOLD = "document.querySelectorAll('main details').forEach(one => one.open = true)"
_FOR_VISITORS = ("landing.home", "sign_in.show", "sign_in.forgotten")
_NO_PAGE_JUST_NOW = {
    "account.password": "asks for a proof first",
    "audit_log.export": "a file",
    "accountants.log_file": "a file",
    "other_mails.statement": "a file",
    "payment_plans.agreement": "a file",
    "evidence.of_contact": "a file",
    "money_ahead.file": "a file",
    "evidence.of_invoice": "a file",
    "plan.show": "only where Dunnock is hosted",
    "practice_enabling.run": "nothing was enabled",
    "timeline.html": "no mail in HTML",
}


@pytest.fixture(scope="module")
def practice(site: Site) -> PracticeCast:
    return practice_cast.fill(site.app.database, site.stage)


@pytest.fixture(scope="module")
def pages(site: Site, practice: PracticeCast) -> dict[str, str]:
    return every_page(assemble(site.app, *PAGES, connect, debtor), site.app.database, site.stage, practice)


@pytest.fixture
def look(browser: Browser) -> Iterator[Window]:
    found = window(browser)
    yield found
    found.page.context.close()


@pytest.mark.parametrize("part", _PARTS)
def test_no_page_has_a_barrier_in_any_look(
    site: Site, practice: PracticeCast, pages: dict[str, str], look: Window, part: str
) -> None:
    if part != "of visitors":
        who = practice.admin_id if part == "of the practice" else site.stage.owner_id
        look.open(f"{site.url}/become/{who}")
    looked = 0
    for number, (endpoint, path) in enumerate(pages.items()):
        if _part(number, endpoint, path) == part and _opens(look, site, endpoint, path):
            _is_sound_in_each_look(look, path)
            looked += 1
    assert looked >= {"of visitors": 3, "of the practice": 10}.get(part, 22)


@pytest.mark.parametrize("part", _PARTS)
def test_no_page_scrolls_sideways_on_a_phone_in_german(
    site: Site, practice: PracticeCast, pages: dict[str, str], browser: Browser, part: str
) -> None:
    """German words are the longest; what stands in an element that scrolls by itself is none of this."""
    look = window(browser, width=_PHONE["width"], language="de-DE")
    if part != "of visitors":
        who = practice.admin_id if part == "of the practice" else site.stage.owner_id
        look.open(f"{site.url}/become/{who}")
    wide, cut = {}, False
    for number, (endpoint, path) in enumerate(pages.items()):
        if _part(number, endpoint, path) == part and endpoint not in _NO_PAGE_JUST_NOW:
            look.page.goto(f"{site.url}{path}", wait_until="domcontentloaded")
            look.page.evaluate(_UNFOLD)
            wide[path] = look.sideways()
            cut |= look.page.evaluate(_NAME_IS_CUT)
    assert look.page.evaluate("document.documentElement.lang") == "de"
    look.page.context.close()
    assert not cut, "the organisation’s name at the top cannot be read whole"
    assert {path: more for path, more in wide.items() if more > 0} == {}


def _part(number: int, endpoint: str, path: str) -> str:
    """Which part a page belongs to: several, so that they are looked at side by side."""
    if endpoint in _FOR_VISITORS:
        return "of visitors"
    return "of the practice" if path.startswith("/practice/") else f"of the organisation {number % 3 + 1}"


def _opens(look: Window, site: Site, endpoint: str, path: str) -> bool:
    """Whether there is a page; whatever is none has to be known as that."""
    if endpoint in _NO_PAGE_JUST_NOW:
        return False
    look.complaints.clear()
    look.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    look.page.set_viewport_size({"width": 1200, "height": 900})
    answer = look.page.goto(f"{site.url}{path}")
    assert answer is not None and answer.status == 200, f"{endpoint}: {answer and answer.status}"
    return True


def _is_sound_in_each_look(look: Window, path: str) -> None:
    assert look.barriers(("target-size",)) == [], f"{path}, with all that folds folded"
    look.page.evaluate(_UNFOLD)
    assert look.barriers() == [], path
    assert look.sideways() <= 0, f"{path} scrolls sideways"
    look.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    look.page.set_viewport_size(_PHONE)
    assert look.barriers(_OF_LOOKS) == [], f"{path}, dark and narrow"
    assert look.sideways() <= 0, f"{path} scrolls sideways where it is narrow"
    assert look.complaints == [], path
