"""Jobs that keep the mirror of the ledger right."""

from __future__ import annotations

import services.mirror.sync
import services.news
from jobs.process import app
from jobs.turns import in_turn
from services import doors


def sync(organisation_id: str) -> None:
    """A slice of an import, a poll or a sweep."""
    app().doorbell.answered(doors.SYNC, organisation_id)
    services.mirror.sync.sync(app(), organisation_id)


def handle_news(tenant: str) -> None:
    """Webhook events of one tenant."""
    of = services.news.organisation_id(app(), tenant) or tenant
    in_turn(of, doors.LEDGER_NEWS, tenant, work=lambda: services.news.handle(app(), tenant))
