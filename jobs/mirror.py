"""Jobs that keep the mirror of the ledger right."""

from __future__ import annotations

import services.figures.keeping
import services.mirror.sync
import services.news
from jobs.process import app
from jobs.turns import in_turn
from kit.doorbell import BULK
from kit.turns import SLICE_SECONDS
from services import doors


def sync(organisation_id: str) -> None:
    """A slice of an import, a poll or a sweep."""
    app().doorbell.answered(doors.SYNC, organisation_id)
    services.mirror.sync.sync(app(), organisation_id)


def handle_news(tenant: str) -> None:
    """Webhook events of one tenant."""
    of = services.news.organisation_id(app(), tenant) or tenant
    in_turn(of, doors.LEDGER_NEWS, tenant, work=lambda: services.news.handle(app(), tenant))


def renew_figures(organisation_id: str) -> None:
    """A slice of the figures by month of customers of whom there is news."""
    bell = app().doorbell
    bell.answered(doors.FIGURES, organisation_id)
    if services.figures.keeping.renew(app(), organisation_id, seconds=SLICE_SECONDS):
        bell.ring(doors.FIGURES, organisation_id, queue=BULK)
