"""Telling other programs of special terms: agreed, changed, taken back, or over because their last day is."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from kit import clock
from services import feed
from services.app import App
from services.credit.terms_said import in_words
from services.feed import EventKind
from store.models import AgreedTerms, Communication, Organisation
from store.queries import sending
from store.queries import special_terms as queries

_WORDS: Final = {
    EventKind.SPECIAL_TERMS_AGREED: "Special terms agreed",
    EventKind.SPECIAL_TERMS_CHANGED: "Special terms changed",
    EventKind.SPECIAL_TERMS_ENDED: "Special terms taken back",
    EventKind.SPECIAL_TERMS_EXPIRED: "Special terms over",
}
_AT_ONCE = 200


def tell(
    session: Session,
    row: AgreedTerms,
    kind: EventKind,
    now: datetime,
    entry: Communication | None = None,
    *,
    before: AgreedTerms | None = None,
) -> None:
    """Tell of terms, within the caller's change; the same of the same terms is told once.

    ``entry`` is where it was written down, ``before`` the terms whose place these take.
    """
    until_now = ""
    if kind is EventKind.SPECIAL_TERMS_CHANGED and before is not None:
        until_now = f"; until now {in_words(before)}"
    feed.tell(
        session,
        row.organisation_id,
        kind,
        row.contact_id,
        title=f"{_WORDS[kind]}: {in_words(row)}{until_now}",
        text=row.why,
        invoice_ids=[row.invoice_id] if row.invoice_id else [],
        communication_id=entry.id if entry else None,
        now=now,
        key=row.id,
    )


def due(app: App) -> list[str]:
    """Organisations with special terms whose last day is over, of which nobody was told."""
    with app.database.read_across() as session:
        found = queries.first_untold(session, clock.now().date())
    return [organisation_id for organisation_id, zone, until in found if until < clock.today(zone)]


def work(app: App, organisation_id: str) -> None:
    """Tell of those that are over; not of those whose place others have taken, because the change was told."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        sending.lock_organisation(session, organisation_id)
        today = clock.today(session.get_one(Organisation, organisation_id).timezone)
        for row in queries.untold(session, organisation_id, today, _AT_ONCE):
            row.over_told_at = now
            if queries.newest_standing(session, row) is row:
                tell(session, row, EventKind.SPECIAL_TERMS_EXPIRED, now)
