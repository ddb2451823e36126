"""Terms by category in a real browser: the table with its costs, the proposals to tick, and the customer's page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from credit_control.credit.risk import DEFAULTS
from kit import clock
from services.credit import category_terms, risk_table
from services.figures import keeping
from store.models import Contact, CreditProposal, Organisation
from store.queries import figures_kept
from tests.browser.conftest import Site, Window, window
from tests.support.paid_book import add_invoice


def arrange(site: Site) -> None:
    """The customer pays after twenty days, and everybody is in a category with terms and a discount."""
    organisation_id, contact_id = site.stage.organisation_id, site.stage.contact_id
    day = clock.now().date() - timedelta(days=40)
    for _number in range(3):
        add_invoice(site.app, organisation_id, contact_id, day, day + timedelta(days=20))
    with site.app.database.write(organisation_id) as session:
        contact = session.get_one(Contact, (organisation_id, contact_id))
        contact.terms_kind, contact.terms_days = "DAYSAFTERBILLDATE", 30
        figures_kept.mark_stale(session, organisation_id, [contact_id])
    keeping.renew(site.app, organisation_id)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_terms_are_given_to_a_category_and_proposals_are_ticked(
    browser: Browser, site: Site, scheme: str, width: int
) -> None:
    arrange(site)
    look = window(browser, scheme=scheme, width=width)
    look.open(f"{site.url}/become/{site.stage.owner_id}")
    look.complaints.clear()
    look.open(f"{site.home}/credit/risk/categories")
    page = look.page
    for number in range(4):
        page.locator("summary").nth(number).click()
        page.fill(f"#terms_days-{number}", "14")
        page.select_option(f"#terms_kind-{number}", "DAYSAFTERBILLDATE")
        page.fill(f"#percent-{number}", "2")
        page.fill(f"#within_days-{number}", "10")
    page.get_by_role("button", name="Show what would change").click()
    assert "as much as a loan at" in page.inner_text("main")
    sound(look)
    page.get_by_role("button", name="Save", exact=True).click()
    look.open(f"{site.home}/credit/proposals")
    page.get_by_role("button", name="Propose terms to all").click()
    page.wait_for_load_state("load")
    sound(look)
    boxes = page.locator("input[name=id]")
    assert boxes.count() > 0
    boxes.first.check()
    page.get_by_role("button", name="Yes to the chosen").click()
    page.wait_for_load_state("load")
    assert "1 proposal is accepted" in page.inner_text("body")
    sound(look)
    look.open(f"{site.home}/contacts/{site.stage.contact_id}")
    assert "Payment terms in Xero" in page.inner_text("main")
    sound(look)
    page.context.close()
    with site.app.database.write(site.stage.organisation_id) as session:
        organisation = session.get_one(Organisation, site.stage.organisation_id)
        risk_table.change(session, organisation.id, DEFAULTS, clock.now().date())
        category_terms.withdraw(session, organisation.id, [site.stage.contact_id], clock.now())
        for row in session.query(CreditProposal).filter_by(kind="terms"):
            session.delete(row)


def sound(look: Window) -> None:
    """Nobody is shut out, nothing sticks out, and the console has nothing to say."""
    assert look.complaints == []
    assert look.barriers() == []
    assert look.sideways() <= 0
