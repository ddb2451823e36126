"""What is worked out of a whole book is kept, and told again at once while nothing that it is made of has changed.

Two things say that something has changed, each in the transaction that changes it. Whatever decides something of a
customer (an open invoice, a hold, a dispute, a promise, a plan) removes what was foreseen of it
(``store.queries.foresights.forget``), and whatever changes an invoice, a payment or a credit makes the customer's figures
stale (``store.queries.figures_kept.mark_stale``). Foreseeing anew, and making anew, are turns that are counted. So while
everybody is foreseen and no figure is stale, the number of turns is a mark: as long as it is the same, so is everything
beneath. Clocks decide nothing here but the day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from kit import clock
from kit.crypto import digest
from kit.plain import from_plain, to_plain
from services import foresight
from services.app import App
from services.figures import keeping
from store.models import Organisation
from store.queries import book_turns, figures_kept, foresights, payers
from store.queries import kept_results as queries

T = TypeVar("T")

_WHAT = "as worked out since version 1"
"""Another word here, and nothing that was kept before holds: for when something is worked out in another way."""

MOST_TO_FORESEE = 500
_PATIENCE = 2.0
"""So many customers that changed are foreseen, and for so many seconds figures are made anew, before something is kept; while
more wait, it is worked out for whoever asks, and not kept."""


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """Something that is worked out of the whole book of an organisation, as of its day."""

    name: str
    work_out: Callable[[Session, Organisation, date], T]
    kinds: Sequence[type]
    """The data classes that it is made of."""

    def told(self, session: Session, organisation: Organisation, today: date) -> T:
        """As it was kept, if that still holds; else worked out now."""
        kept = self.kept(session, organisation, today)
        return self.work_out(session, organisation, today) if kept is None else kept

    def kept(self, session: Session, organisation: Organisation, today: date) -> T | None:
        """As it was kept; None: that no longer holds."""
        mark = mark_of(session, organisation, today)
        plain = queries.kept(session, organisation.id, self.name, mark) if mark else None
        found: T | None = from_plain(plain, self.kinds)
        return found


def renew(app: App, organisation_id: str, *results: Result[Any]) -> None:
    """See to it that what is kept of these holds: who changed is foreseen, and what is stale made anew, before."""
    _look_at_what_changed(app, organisation_id)
    with app.database.read(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        today = clock.today(organisation.timezone)
        mark = mark_of(session, organisation, today)
        held = queries.held(session, organisation_id, mark) if mark else set()
        missing = [one for one in results if mark and one.name not in held]
        made = {one.name: to_plain(one.work_out(session, organisation, today)) for one in missing}
    if made and mark:
        with app.database.write(organisation_id) as session:
            for name, content in made.items():
                queries.keep(session, organisation_id, name, mark, content)


def _look_at_what_changed(app: App, organisation_id: str) -> None:
    """What is foreseen and no longer holds only because time went by is left alone."""
    with app.database.read(organisation_id) as session:
        changed = not _everybody_is_seen(session, organisation_id)
    if changed:
        foresight.foresee(app, organisation_id, most=MOST_TO_FORESEE)
    keeping.renew(app, organisation_id, seconds=_PATIENCE)


def mark_of(session: Session, organisation: Organisation, today: date) -> str | None:
    """What the book is now; None: something has changed and was not looked at yet. To be read before the book itself."""
    organisation_id = organisation.id
    turns = book_turns.turns(session, organisation_id)
    if figures_kept.stale(session, organisation_id, 1) or not _everybody_is_seen(session, organisation_id):
        return None
    look = payers.looked_on(session, organisation_id)
    return digest(f"{_WHAT} {today} {organisation.timezone} {look} {turns}")[:32]


def _everybody_is_seen(session: Session, organisation_id: str) -> bool:
    return foresights.seen(session, organisation_id) == foresights.to_see(session, organisation_id)
