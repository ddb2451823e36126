"""Every page in a real browser: quiet console, no barriers, no sideways scrolling, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from kit import clock
from kit.ids import derived_id
from store.models import Communication, Organisation
from tests.browser.conftest import Site, Window, window

_PAGES = (
    "today",
    "queue",
    "first-look",
    "contacts",
    "contacts?show=held",
    "contacts?q=nobody-has-this-name",
    "contacts/{contact}",
    "contacts/{contact}/calendar",
    "contacts/{contact}/people",
    "data-health",
    "data-health?problem=bouncing",
    "invoices/{invoice}",
    "templates",
    "templates/new",
    "templates/{template}?about=INV-1003",
    "templates/side-by-side",
    "schedules",
    "schedules/new",
    "schedules/{schedule}",
    "schedules/{schedule}?try_number=INV-1003",
    "schedules/{schedule}?try_issued_on=2026-10-01&try_due_on=2026-11-05&try_amount=much",
    "rules",
    "rules/new",
    "rules/{rule}",
    "settings",
    "settings/calendar",
    "connection",
    "other-mails",
    "other-mails/statements",
    "campaigns",
    "campaigns/new",
    "campaigns/{campaign}",
    "nothing-here",
)


_SPILLING = """() => [...document.querySelectorAll(".row-state > .status")].filter(pill => {
    const box = pill.getBoundingClientRect(), room = pill.parentElement.getBoundingClientRect();
    return pill.scrollHeight > pill.clientHeight || pill.scrollWidth > pill.clientWidth || box.right > room.right + 1;
}).map(pill => pill.textContent.trim())"""
"""The pills of the queue whose words break over two lines, or that reach beyond their column."""


@pytest.fixture(params=[("light", 1280), ("dark", 1280), ("light", 360)], ids=str)
def looker(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Window]:
    scheme, width = request.param
    found = window(browser, width=width, scheme=scheme)
    yield found
    found.page.context.close()


def _address(site: Site, page: str) -> str:
    named = page.format(
        contact=site.stage.contact_id,
        campaign=derived_id("campaign"),
        invoice=site.stage.invoice_id,
        schedule=derived_id("schedule", site.stage.organisation_id, "Standard"),
        template=derived_id("template", site.stage.organisation_id, "first_reminder"),
        rule=derived_id("rule"),
    )
    return f"{site.home}/{named}"


def _sound(looker: Window, address: str) -> None:
    looker.complaints.clear()
    looker.open(address)
    looker.page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    assert looker.barriers() == [], address
    assert looker.sideways() <= 0, f"{address} scrolls sideways"
    missing = "nothing-here" in address
    heard = [one for one in looker.complaints if not (missing and "404" in one)]
    assert heard == [], address


def test_the_first_page_is_sound(looker: Window, site: Site) -> None:
    _sound(looker, f"{site.url}/")


def test_every_page_of_an_organisation_is_sound(looker: Window, site: Site) -> None:
    looker.open(f"{site.url}/become/{site.stage.owner_id}")
    _sound(looker, f"{site.url}/organisations")
    for page in _PAGES:
        _sound(looker, _address(site, page))


def test_the_pages_of_somebody_who_may_only_read_are_sound(looker: Window, site: Site) -> None:
    looker.open(f"{site.url}/become/{site.stage.colleague_id}")
    for page in ("today", "queue", "contacts", "invoices"):
        _sound(looker, _address(site, page))


def test_a_dry_run_is_begun_and_ended_with_buttons(looker: Window, site: Site) -> None:
    looker.open(f"{site.url}/become/{site.stage.owner_id}")
    looker.open(f"{site.home}/queue")
    looker.page.get_by_role("button", name="Start a dry run").click()
    expect(looker.page.get_by_text("This is a dry run now")).to_be_visible()
    expect(looker.page.get_by_text("Planned", exact=True).first).to_be_visible()
    _sound(looker, f"{site.home}/queue")
    looker.page.get_by_role("link", name="Read, change").first.click()
    looker.page.wait_for_load_state("load")
    _sound(looker, looker.page.url)
    looker.page.get_by_label("Why leave it out").fill("They have rung")
    looker.page.get_by_role("button", name="Skip once").click()
    expect(looker.page.get_by_text("It is left out")).to_be_visible()
    looker.page.get_by_label("Choose the mail to").first.check()
    looker.page.get_by_text("With the ticked mails").first.click()
    looker.page.get_by_role("button", name="Hold the customers").first.click()
    expect(looker.page.get_by_text("Say why")).to_be_visible()
    assert looker.barriers() == []
    looker.open(f"{site.home}/queue")
    looker.page.get_by_role("button", name="Switch off").click()
    expect(looker.page.get_by_text("Chasing is off.")).to_be_visible()


def test_each_state_of_a_mail_stands_on_one_line_inside_its_pill(looker: Window, site: Site) -> None:
    looker.open(f"{site.url}/become/{site.stage.owner_id}")
    looker.open(f"{site.home}/queue")
    looker.page.get_by_role("button", name="Start a dry run").click()
    looker.page.wait_for_load_state("load")
    with site.app.database.write(site.stage.organisation_id) as session:
        planned = session.query(Communication).filter_by(status="planned").first()
        assert planned
        planned.status = "sending"
    looker.open(f"{site.home}/queue")
    expect(looker.page.get_by_text("Leaving now")).to_be_visible()
    assert looker.page.evaluate(_SPILLING) == []
    with site.app.database.write(site.stage.organisation_id) as session:
        session.get_one(Communication, (site.stage.organisation_id, planned.id)).status = "planned"
    looker.open(f"{site.home}/queue")
    looker.page.get_by_role("button", name="Switch off").click()
    expect(looker.page.get_by_text("Chasing is off.")).to_be_visible()


def test_a_form_with_mistakes_is_sound(looker: Window, site: Site) -> None:
    looker.open(f"{site.url}/become/{site.stage.owner_id}")
    looker.open(f"{site.home}/settings/sending")
    looker.page.get_by_label("To", exact=True).fill("08:00")
    looker.page.get_by_role("button", name="Save when mails may leave").click()
    expect(looker.page.get_by_text("must be open for at least half an hour")).to_be_visible()
    assert looker.barriers() == []
    assert looker.sideways() <= 0


def test_the_page_is_as_dark_as_the_device(browser: Browser, site: Site) -> None:
    for scheme in ("light", "dark"):
        looker = window(browser, scheme=scheme)
        looker.open(f"{site.url}/")
        assert looker.page.get_attribute("html", "data-bs-theme") == scheme
        looker.page.context.close()


def test_the_account_menu_opens_and_signs_out_from_the_keyboard_alone(browser: Browser, site: Site) -> None:
    looker = window(browser)
    looker.open(f"{site.url}/become/{site.stage.owner_id}")
    looker.open(f"{site.home}/queue")
    looker.page.get_by_role("button", name="Anna Hale").press("Enter")
    out = looker.page.get_by_role("button", name="Sign out")
    expect(out).to_be_visible()
    out.press("Enter")
    expect(looker.page.get_by_role("link", name="Sign up with Xero")).to_be_visible()
    looker.open(f"{site.home}/queue")
    assert "/?next=" in looker.page.url
    looker.page.context.close()


def test_everything_works_without_scripts(browser: Browser, site: Site) -> None:
    looker = window(browser, scripts=False)
    looker.open(f"{site.url}/become/{site.stage.owner_id}")
    looker.open(f"{site.home}/contacts/{site.stage.contact_id}")
    looker.page.get_by_text("Put on hold").click()
    looker.page.get_by_role("textbox", name="Why", exact=True).fill("Waiting for a new purchase order")
    looker.page.get_by_role("button", name="Hold").click()
    held = looker.page.get_by_role("status").filter(has_text="Waiting for a new purchase order")
    expect(held).to_be_visible()
    looker.page.get_by_role("button", name="Release").last.click()
    expect(held).to_have_count(0)
    looker.page.get_by_role("button", name="Anna Hale").click()
    expect(looker.page.get_by_role("button", name="Sign out")).to_be_visible()
    looker.page.context.close()


def test_the_report_appears_by_itself_when_the_import_is_done(browser: Browser, site: Site) -> None:
    _import_is_done(site, False)
    looker = window(browser, width=390)
    looker.open(f"{site.url}/become/{site.stage.owner_id}")
    looker.complaints.clear()
    _sound(looker, f"{site.home}/first-look")
    expect(looker.page.get_by_role("heading", name="Reading your ledger")).to_be_visible()
    _import_is_done(site, True)
    expect(looker.page.get_by_role("heading", name="First look")).to_be_visible()
    assert looker.complaints == []
    looker.page.context.close()


def _import_is_done(site: Site, done: bool) -> None:
    with site.app.database.write(site.stage.organisation_id) as session:
        organisation = session.get(Organisation, site.stage.organisation_id)
        assert organisation is not None
        organisation.imported_at = clock.now() if done else None


def test_a_campaign_is_seen_mail_by_mail_and_started(looker: Window, site: Site) -> None:
    looker.open(f"{site.url}/become/{site.stage.owner_id}")
    looker.open(f"{site.home}/campaigns/new")
    looker.page.get_by_label("Name").fill("Old debts")
    looker.page.get_by_label("At least").fill("1")
    looker.page.get_by_role("button", name="Show the list").last.click()
    expect(looker.page.get_by_text("still on my list").first).to_be_visible()
    looker.page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    assert looker.barriers() == []
    assert looker.sideways() <= 0
    looker.page.get_by_role("button", name="Yes, send").click()
    expect(looker.page.get_by_text("Each mail leaves at its place in the sending hours")).to_be_visible()
    assert looker.sideways() <= 0
