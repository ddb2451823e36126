"""Jobs that keep the mirror of the ledger right."""

from __future__ import annotations

import services.mirror.sync
import services.news
from jobs.process import app
from services import doors


def sync(organisation_id: str) -> None:
    """A slice of an import, a poll or a sweep."""
    app().doorbell.answered(doors.SYNC, organisation_id)
    services.mirror.sync.sync(app(), organisation_id)


def handle_news(tenant: str) -> None:
    """Webhook events of one tenant."""
    app().doorbell.answered(doors.LEDGER_NEWS, tenant)
    services.news.handle(app(), tenant)
