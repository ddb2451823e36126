"""Keeping the figures by month, and ratings: those of customers of whom there is news are made anew, a slice at a time.

The mirror says whose in the transaction that changes it, so nothing that is read here is ever older than the mirror:
whoever reads makes anew first what is left, and the clock sees to it that mostly nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from credit_control.figures.flows import Flow, flows
from kit import clock
from services.app import App
from services.credit import judging
from services.payer import ratings
from store.models import Organisation
from store.queries import figures_kept, mirror

CHUNK = 200
"""Customers of one transaction, in which others who write to this organisation's mirror wait."""


def due(app: App) -> list[str]:
    """Organisations whose figures are to be made anew."""
    with app.database.read_across() as session:
        return figures_kept.organisations_with_stale(session)


def renew(app: App, organisation_id: str, *, seconds: float | None = None) -> bool:
    """Make anew what is stale: all of it, or for so long. True if more is left."""
    until = None if seconds is None else clock.stopwatch() + seconds
    while True:
        with app.database.read(organisation_id) as session:
            waiting = bool(figures_kept.stale(session, organisation_id, 1))
        if not waiting:
            return False
        if until is not None and clock.stopwatch() > until:
            return True
        with app.database.write(organisation_id) as session:
            renew_some(session, organisation_id)


def renew_some(session: Session, organisation_id: str) -> None:
    """One slice, under the mirror's lock: nothing that is read for it changes before it is written."""
    mirror.lock(session, organisation_id)
    ids = figures_kept.stale(session, organisation_id, CHUNK)
    if ids:
        figures_kept.replace(session, organisation_id, ids, _found(session, organisation_id, ids))
        today = clock.today(session.get_one(Organisation, organisation_id).timezone)
        rated = ratings.rate(session, organisation_id, ids, today)
        judging.judge(session, organisation_id, ids, today, rated)


def _found(
    session: Session, organisation_id: str, ids: list[str]
) -> Iterator[tuple[str, str, dict[date, Flow]]]:
    for (contact_id, currency), invoices in figures_kept.books_of(session, organisation_id, ids).items():
        yield contact_id, currency, flows(invoices)
