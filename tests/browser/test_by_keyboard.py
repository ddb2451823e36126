"""A morning's work by keyboard alone, with its key presses counted: a call written down, and why an invoice rests."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from store.models import Communication, Invoice
from tests.browser.conftest import Site, window

_FORM = re.compile(r"/contacts/\w+/calls\?back=")


@dataclass(slots=True)
class Hands:
    """Presses keys, and counts how many. Words that are typed count by their letters."""

    page: Page
    pressed: int = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)

    @property
    def on(self) -> str:
        """What the focused thing says."""
        said: str = self.page.evaluate(
            "(document.activeElement.innerText || document.activeElement.name || '').trim()"
        )
        return said


def at_today(browser: Browser, site: Site) -> Hands:
    look = window(browser)
    look.open(f"{site.url}/become/{site.stage.owner_id}")
    look.open(f"{site.home}/calls")  # which looks at everybody who has not been looked at yet
    look.open(f"{site.home}/today?only=call")
    return Hands(look.page)


def calls(site: Site) -> int:
    with site.app.database.read(site.stage.organisation_id) as session:
        return session.query(Communication).filter_by(channel="call").count()


def test_keys_that_do_nothing_say_so_and_s_puts_a_call_off_and_u_back(browser: Browser, site: Site) -> None:
    hands = at_today(browser, site)
    page = hands.page
    lines = page.locator("[data-keys] > li [data-open]")
    names = lines.all_inner_texts()
    hands.press("j", "s")
    page.get_by_text("The call is put off until tomorrow").wait_for()
    assert names[0] not in lines.all_inner_texts()
    assert names[1] in hands.on
    hands.press("u")
    page.get_by_text("It is due as before").wait_for()
    assert names[0] in hands.on, "at the line that is back"
    page.goto(f"{site.home}/calls")
    hands.press("?")
    assert page.locator("dialog#keys").is_visible()
    assert "take the last one back" in page.locator("dialog#keys").inner_text()
    page.goto(f"{site.home}/queue")
    hands.press("j", "a")
    said = page.locator("[data-keys-said]")
    if page.locator("[data-keys] > li").first.locator('[data-key="a"]').count() == 0:
        assert "The key a does nothing at this line" in said.inner_text()
        hands.press("j")
        assert said.inner_text() == ""
    page.context.close()


def test_a_mail_of_the_queue_is_skipped_with_its_reason_and_taken_back(browser: Browser, site: Site) -> None:
    look = window(browser)
    look.open(f"{site.url}/become/{site.stage.owner_id}")
    look.open(f"{site.home}/queue")
    hands, page = Hands(look.page), look.page
    lines = page.locator("[data-keys] > li")
    before = lines.all_inner_texts()
    name = lines.first.locator(".row-who a").inner_text()
    hands.press("j", "s")
    page.get_by_role("heading", name=f"Skip once: the mail to {name}").wait_for()
    assert page.get_by_role("alert").count() == 0, "nobody has done anything wrong yet"
    assert hands.on == "reason"
    hands.write("Talked to them this morning")
    hands.press("Enter")
    page.wait_for_url("**/queue")
    page.get_by_role("status").get_by_text(name).first.wait_for()
    assert lines.all_inner_texts() != before
    hands.press("u")
    page.get_by_role("status").get_by_text("not left out any more").first.wait_for()
    assert lines.all_inner_texts() == before
    page.context.close()


def test_a_call_is_written_down_from_today_and_one_goes_on_at_the_next_line(
    browser: Browser, site: Site
) -> None:
    hands, before = at_today(browser, site), calls(site)
    page = hands.page
    names = page.locator("[data-keys] > li [data-open]").all_inner_texts()
    hands.press("j", "a")
    page.wait_for_url(_FORM)
    assert names[0] in page.title()
    assert hands.on == "outcome", "what came of it is the first thing one is at"
    hands.press("ArrowDown", "ArrowDown", "Enter")  # wants to look into it; Enter sends the form
    page.wait_for_url("**/today?only=call")
    page.get_by_text("Written down").wait_for()
    assert calls(site) == before + 1
    assert names[1] in hands.on, "at the next line"
    assert hands.pressed <= 6, hands.pressed
    page.context.close()


def test_a_slip_on_the_form_of_a_call_leads_to_the_field(browser: Browser, site: Site) -> None:
    hands = at_today(browser, site)
    page = hands.page
    hands.press("j", "a")
    page.wait_for_url(_FORM)
    hands.press("Space", "Enter")  # promised, and no day said
    page.get_by_role("alert").wait_for()
    assert hands.on == "promised_on"
    described = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-describedby')).innerText"
    )
    assert "Give the day" in described
    page.context.close()


def test_why_an_invoice_was_not_chased_is_found_by_its_amount(browser: Browser, site: Site) -> None:
    with site.app.database.read(site.stage.organisation_id) as session:
        invoice = session.get_one(Invoice, (site.stage.organisation_id, site.stage.invoice_id))
        number, whole = invoice.number, str(int(invoice.amount_due))
    hands = at_today(browser, site)
    page = hands.page
    hands.press("/")
    hands.write(whole)
    page.locator("#found").get_by_text(number, exact=True).wait_for()
    while number not in hands.on and hands.pressed < 15:
        hands.press("ArrowDown")
    hands.press("Enter")
    page.wait_for_url(f"**/invoices/{site.stage.invoice_id}")
    assert page.locator(".reasons li").first.is_visible()
    assert hands.pressed <= 4 + len(whole), hands.pressed
    page.context.close()
