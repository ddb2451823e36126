"""Disputes in a real browser: the list, one, and the form on the page of the invoice; light and dark, wide and narrow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from kit import clock
from services import disputes
from store.models import Dispute, Organisation
from tests.browser.conftest import Site, window


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 360)])
def test_they_are_quiet_and_for_everybody(browser: Browser, site: Site, scheme: str, width: int) -> None:
    with site.app.database.write(site.stage.organisation_id) as session:
        late = session.get_one(Dispute, (site.stage.organisation_id, site.stage.dispute_id))
        late.answer_by = clock.now().date() - timedelta(days=3)
        if not session.query(Dispute).filter_by(invoice_id=site.stage.invoice_id).count():
            here = session.get_one(Organisation, site.stage.organisation_id)
            about = site.stage.invoice_id
            disputes.open_dispute(
                session, here, about, reason="Wrong price", category="price", by="Anna", now=clock.now(),
                amount=late.credited_before + 600,
            )  # fmt: skip
    look = window(browser, scheme=scheme, width=width)
    look.open(f"{site.url}/become/{site.stage.owner_id}")
    stage = site.stage
    for page in (
        "disputes",
        f"disputes/{stage.dispute_id}",
        f"invoices/{stage.invoice_id}",
        f"invoices/{stage.invoice_id}/disputes",
    ):
        look.complaints.clear()
        look.open(f"{site.home}/{page}")
        assert look.complaints == [], page
        assert look.barriers() == [], page
        assert look.sideways() <= 0, page
    look.page.context.close()
