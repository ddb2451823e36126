"""The pages of senders in a real browser, with long records and every state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from kit import clock
from kit.ids import derived_id
from store.models import SendingDomain
from tests.browser.conftest import Site, Window, window
from tests.support.mirrored import default_sender

_LONG = "cabinetmakers-wheelwrights-and-allied-trades.hedgerow-joinery.example"


@pytest.fixture(scope="module")
def addresses(site: Site) -> list[str]:
    """The pages, with a sender whose domain is half set up, and one whose mailbox fails."""
    home_id, ids = site.stage.organisation_id, [derived_id("sender", word) for word in ("domain", "mailbox")]
    records = [
        {"name": "mail_cname", "host": f"em1.{_LONG}", "type": "CNAME", "value": "u7.wl.sendgrid.net"},
        {
            "name": "dkim1",
            "host": f"s1._domainkey.{_LONG}",
            "type": "CNAME",
            "value": "s1.domainkey.u7.wl.sendgrid.net",
        },
    ]
    findings: list[dict[str, Any]] = [
        {"name": f"CNAME em1.{_LONG}", "ok": True, "text": "It is there, and right."},
        {"name": "DMARC", "ok": False, "text": f"There is no DMARC record: add one for _dmarc.{_LONG}."},
        {"name": "SPF", "ok": None, "text": "The DNS did not answer, so this is looked at again later."},
    ]
    now = clock.now()
    with site.app.database.write(home_id) as session:
        session.add(
            SendingDomain(
                organisation_id=home_id, domain=_LONG, provider_id="1", records=records, state="unchecked",
                findings=findings, checked_at=now, next_check_at=now,
            )
        )  # fmt: skip
        session.add(
            default_sender(home_id, "Anna Hale", f"anna@{_LONG}", id=ids[0], problem=findings[1]["text"])
        )
        mailbox = {"host": "smtp.hedgerow.example", "port": 465, "security": "tls", "user": "ben"}
        session.add(
            default_sender(
                home_id, "Ben Okoro", "ben@hedgerow.example", id=ids[1], is_default=False, way="mailbox",
                state="failing", problem="535 5.7.8 No", mailbox={**mailbox, "daily_limit": 400},
            )
        )  # fmt: skip
    pages = [
        "senders",
        "senders/new",
        *(f"senders/{one}" for one in ids),
        f"contacts/{site.stage.contact_id}",
    ]
    return [f"{site.home}/{page}" for page in pages]


@pytest.fixture(params=[("light", 1280), ("dark", 1280), ("light", 360)], ids=str)
def looker(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Window]:
    scheme, width = request.param
    found = window(browser, width=width, scheme=scheme)
    yield found
    found.page.context.close()


def test_every_page_is_sound_in_every_look(site: Site, looker: Window, addresses: list[str]) -> None:
    looker.open(f"{site.url}/become/{site.stage.owner_id}")
    for address in addresses:
        looker.complaints.clear()
        looker.open(address)
        assert looker.barriers() == [], address
        assert looker.sideways() <= 0, address
        assert looker.complaints == [], address
