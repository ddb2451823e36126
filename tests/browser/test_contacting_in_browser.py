"""Wishes and rules of contacting in a real browser: on the people's page and above a call; light and dark, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from credit_control.contact_law import Way
from kit import clock
from services import contact_wishes
from services.contact_wishes import Wish
from services.interest import Kind
from services.late_payment_terms import Agreed, set_terms
from services.records import record
from store.models import Contact
from tests.browser.conftest import Site, window


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
def test_they_are_quiet_and_for_everybody(browser: Browser, site: Site, scheme: str, width: int) -> None:
    home, key, now = site.stage.organisation_id, site.stage.contact_id, clock.now()
    with site.app.database.write(home) as session:
        session.get_one(Contact, (home, key)).country = "CL"
        set_terms(
            session, home, key, Agreed(None), kind=Kind.INDIVIDUAL, longer_term_fair=False, by="Ben", now=now
        )
        for way, wish in ((Way.SMS, Wish.UNWANTED), (Way.CALL, Wish.UNWANTED), (Way.LETTER, Wish.SUGGESTED)):
            contact_wishes.note(
                session, home, key, way, wish, how="Said so on the telephone", by="Ben", now=now
            )
        record(session, home, key, (), channel="call", text=None, by="Ben", now=now, reached=True)
    look = window(browser, scheme=scheme, width=width)
    look.open(f"{site.url}/become/{site.stage.owner_id}")
    for page in ("people", "calls"):
        look.complaints.clear()
        look.open(f"{site.home}/contacts/{key}/{page}")
        assert look.complaints == [], page
        assert look.barriers() == [], page
        assert look.sideways() <= 0, page
    look.page.context.close()
