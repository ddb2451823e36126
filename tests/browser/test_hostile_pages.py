"""Every field that somebody else can fill holds attacks on browsers: no page runs one of them or asks anybody for anything."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from playwright.sync_api import Browser
from sqlalchemy import Text, select

from store.models import (
    Attachment,
    Communication,
    Contact,
    Credit,
    Hold,
    Invoice,
    LedgerNote,
    Organisation,
    Person,
    StepTaken,
)
from tests.browser.conftest import Site, window
from tests.hostile.payloads import PAGES

_AT_ONCE = 12
"""Attacks in one field."""
_READ_BY_US = {"timezone", "reply_token", "message_id", "provider_id"}
"""Texts that the program itself makes or understands."""


def poison(site: Site) -> None:
    """Fill every text of every row, each with other attacks than the one before."""
    attacks = cycle(PAGES)
    with site.app.database.write_across() as session:
        for model in (
            Organisation,
            Person,
            Contact,
            Invoice,
            Communication,
            Hold,
            LedgerNote,
            Attachment,
            Credit,
            StepTaken,
        ):
            texts = [
                column.key
                for column in model.__table__.columns
                if isinstance(column.type, Text) and column.key not in _READ_BY_US
            ]
            for row in session.scalars(select(model)):
                for name in texts:
                    setattr(row, name, " ".join(next(attacks) for _ in range(_AT_ONCE)))
                if isinstance(row, Communication):
                    row.reasons = [{"rule": "schedule", "outcome": "allows", "text": next(attacks)}]
                    row.to = [next(attacks)]


def addresses(site: Site) -> Iterator[str]:
    """All pages, for every customer and some invoices."""
    yield f"{site.url}/organisations"
    for page in ("", "/first-look", "/queue", "/settings", "/contacts", "/contacts?show=all&q=%3Cscript%3E"):
        yield site.home + page
    with site.app.database.read_across() as session:
        mine = Contact.organisation_id == site.stage.organisation_id
        for contact_id in session.scalars(select(Contact.id).where(mine)):
            yield f"{site.home}/contacts/{contact_id}"
        of_mine = Invoice.organisation_id == site.stage.organisation_id
        for invoice_id in session.scalars(select(Invoice.id).where(of_mine).limit(4)):
            yield f"{site.home}/invoices/{invoice_id}"
    yield f"{site.url}/{PAGES[0]}"
    yield f"{site.url}/?next=/{PAGES[5]}"


def test_no_attack_runs_and_nobody_else_is_asked_for_anything(browser: Browser, site: Site) -> None:
    poison(site)
    looker = window(browser)
    looker.page.add_init_script("window.hits = []")
    elsewhere: list[str] = []
    looker.page.on(
        "request", lambda one: None if one.url.startswith((site.url, "data:")) else elsewhere.append(one.url)
    )
    looker.open(f"{site.url}/become/{site.stage.owner_id}")
    looked = shown = 0
    for address in addresses(site):
        looker.open(address)
        assert looker.page.evaluate("window.hits") == [], address
        assert (
            looker.page.evaluate(
                "document.querySelectorAll('iframe, object, embed, base, [onload], [onerror]').length"
            )
            == 0
        )
        looked += 1
        shown += "window.hits.push" in looker.page.inner_text("body")
    assert looked > 20 and shown > 15, "the attacks are on the pages, as words"
    assert elsewhere == []
    refused = [words for words in looker.complaints if "404" not in words]
    assert refused == [], "the policy had to stop something, so it was in the page"
    looker.page.context.close()
