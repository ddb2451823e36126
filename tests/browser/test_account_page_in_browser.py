"""The account page in a real browser, in both themes and three languages, with and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from kit import clock
from services import account_links
from store.models import Communication
from tests.browser.conftest import Site, Window, window

_PAGES = (
    "",
    "/pay",
    "/genuine",
    "/tell",
    "/tell/paid",
    "/tell/will_pay",
    "/tell/plan",
    "/tell/wrong",
    "/tell/not_me",
    "/tell/message",
    "/tell/preferences",
)


@pytest.fixture(scope="module")
def link(site: Site) -> str:
    """The address of the page of a customer who got a reminder."""
    home_id = site.stage.organisation_id
    with site.app.database.write(home_id) as session:
        message = session.scalars(
            select(Communication).where(
                Communication.organisation_id == home_id,
                Communication.contact_id == site.stage.contact_id,
                Communication.direction == "out",
            )
        ).first()
        assert message
        address = account_links.link_for(
            site.app.settings,
            session,
            home_id,
            site.stage.contact_id,
            communication_id=message.id,
            now=clock.now(),
        )
    return f"{site.url}{(address or '')[(address or '').index('/a/') :]}"


@pytest.fixture(params=[("light", 1200), ("dark", 1200), ("light", 360), ("dark", 360)], ids=str)
def looker(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Window]:
    scheme, width = request.param
    found = window(browser, width=width, scheme=scheme)
    yield found
    found.page.context.close()


def test_every_page_is_sound_in_every_look(site: Site, looker: Window, link: str) -> None:
    addresses = [*(f"{link}{page}" for page in _PAGES), f"{link}/tell/preferences?lang=de", f"{link}?lang=fr"]
    for address in (*addresses, f"{site.url}/a/{'x' * 22}"):
        looker.complaints.clear()
        looker.open(address)
        assert looker.barriers() == [], address
        assert looker.sideways() <= 0, address
        assert [one for one in looker.complaints if "404" not in one] == [], address


def test_an_answer_is_given_with_the_keyboard_alone_and_without_script(browser: Browser, link: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{link}/tell/message")
    page.get_by_label("Your message").focus()
    page.keyboard.type("Please call me about this.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Robin Marsh")
    page.keyboard.press("Enter")
    page.get_by_text("A person reads it and answers you.").wait_for()
    page.goto(link)
    assert page.get_by_text(re.compile("you wrote to us")).count() == 1
    assert all(address.startswith(link[: link.index("/a/")]) for address in asked)
    context.close()


def test_at_twice_the_size_nothing_is_cut_off(browser: Browser, link: str) -> None:
    found = window(browser, width=640, scheme="light")
    for page in _PAGES:
        found.open(f"{link}{page}")
        found.page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert found.sideways() <= 0, page
    found.page.context.close()
