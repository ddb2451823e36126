"""How all clients of a practice stand that one person sees, as numbers: a line for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit import clock
from services import client_health
from services.app import App
from services.client_health import ClientHealth
from services.digest import week
from services.digest.week import Coming, Overdue
from store.models import Organisation


@dataclass(frozen=True, slots=True)
class Line:
    """One client. ``needs``: why somebody is needed there, what counts most first, in English."""

    organisation_id: str
    name: str
    is_read: bool
    """Its ledger was read and is connected; without that there are no figures."""
    overdue: Sequence[Overdue]
    coming: Sequence[Coming]
    needs: Sequence[str]


def lines(app: App, practice_id: str, person_id: str, now: datetime) -> list[Line]:
    """The clients that this person sees now, who needs help most first."""
    with app.database.read_across() as session:
        found, _stopped = client_health.health_of(session, practice_id, person_id, now)
    return [_line(app, one) for one in found]


def _line(app: App, one: ClientHealth) -> Line:
    theirs, needs = one.organisation, [each.words for each in one.needs]
    if theirs.connection != "connected" or theirs.imported_at is None:
        return Line(theirs.id, theirs.name, False, (), (), needs)
    with app.database.read(theirs.id) as session:
        organisation = session.get_one(Organisation, theirs.id)
        today = clock.today(organisation.timezone)
        return Line(
            theirs.id,
            theirs.name,
            True,
            week.overdue(session, organisation, today),
            week.coming(session, organisation, today),
            needs,
        )
