"""Whether the database may have gone back in time: a restored backup, a copy, a virtual machine set back.

Such a database knows nothing of the chasers that left since, and would send them again. Two signs show it. The
clock process leaves a mark of life in the database at each tick: when that is seconds old, or lies in the future,
the database may be one from then. And Redis keeps the count of batches taken in hand: where it is ahead of the
database's own, the database has surely gone back, and a person is asked first (the brake ``restored``).

Either way the moment becomes a *doubt*. From then on a chaser that was due by that day leaves only after the
ledger's notes on its contact were read (``services.lost_mail``). A pause of the service, a sleeping machine and a
clock that jumps look the same and are treated the same: the doubt costs one call for each contact, once.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from credit_control.brakes import Kind
from kit import clock
from kit.high_water import HighWater
from kit.wording import N_
from services import brakes
from services.app import App
from store.queries import continuity, set_back
from store.queries.continuity import Life

log = logging.getLogger(__name__)

SILENCE = timedelta(seconds=15)
"""Three ticks of the clock process; a database that was quiet for longer may be an older one."""


_GONE_BACK = N_(
    "The database has gone back: mails went out since, of which it knows nothing."
    " It was probably restored from a backup. Compare with the mail provider's log before you release;"
    " after that, each contact's notes in the ledger are read before anything leaves to it."
)


def lives_on(session: Session, now: datetime) -> bool:
    """The clock process ticks: leave the mark of life. False, and no mark, when the last one is not where it should be."""
    if _is_off(continuity.locked_life(session), now):
        return False
    continuity.ticked(session, now)
    return True


def watch(app: App, organisation_id: str) -> None:
    """Before chasers are taken in hand: see whether the database has gone back, as the clock process may not have yet."""
    reached = _marks(app).of(organisation_id) or 0
    with app.database.read_across() as session:
        life = continuity.life(session)
        counted = continuity.counts(session, [organisation_id]).get(organisation_id, reached)
    if reached > counted or _is_quiet(life, clock.now()):
        look_closer(app)


def look_closer(app: App) -> None:
    """Something is off: compare all counts, pull the brake where the database has surely gone back, and doubt."""
    now = clock.now()
    marks = _marks(app).all()
    with app.database.write_across() as session:
        life = continuity.locked_life(session)
        ahead = {
            organisation_id: marks[organisation_id] - counted
            for organisation_id, counted in sorted(continuity.counts(session, list(marks)).items())
            if marks[organisation_id] > counted
        }
        for organisation_id, missing in ahead.items():
            log.warning("%d batches of %s are not on record", missing, organisation_id)
            brakes.impose(session, organisation_id, Kind.RESTORED, _GONE_BACK, "Dunnock", now)
            continuity.count_on(session, organisation_id, marks[organisation_id])
        if _is_ahead(life, now):
            log.warning("the clock was set back, from %s", life.ticked_at)
            set_back.bring_back(session, now)
        if ahead or _is_off(life, now):
            log.warning(
                "in doubt since %s whether chasers left that the database does not know of", life.ticked_at
            )
            continuity.doubt(session, max(now, life.ticked_at or now), now)
        continuity.ticked(session, now)


def taken_in_hand(app: App, organisation_id: str, mailings: int) -> None:
    """So many batches are counted in the database; to be called after the commit and before any mail leaves."""
    _marks(app).reached(organisation_id, mailings)


def _marks(app: App) -> HighWater:
    return HighWater(app.redis, "mailings")


def _is_off(life: Life, now: datetime) -> bool:
    return _is_quiet(life, now) or _is_ahead(life, now)


def _is_quiet(life: Life, now: datetime) -> bool:
    return life.ticked_at is not None and now - life.ticked_at > SILENCE


def _is_ahead(life: Life, now: datetime) -> bool:
    """The clock process alone judges by this: machines whose clocks disagree would set each other back for ever."""
    return life.ticked_at is not None and life.ticked_at - now > SILENCE
