"""Planning: the rules look at every contact whose time has come, and what they decide is stored.

A planned chaser is a row whose id follows from what it says to whom, so planning twice, at the same
time, or after a restored backup gives the same rows. Contacts are handled in chunks, each in one short
transaction that reads, decides and writes; a contact whose mail is just leaving is left for later.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import _
from services import brakes, doors
from services.app import App
from services.books import CHUNK, desk_of
from services.mirror import merged
from services.occasions.finding import wishes_of
from services.plan_chunk import Chunk, Planned
from store.queries import leases, planning, sending

_LEASE_SECONDS = 20.0
_PATIENCE_SECONDS = 30.0
_BREATH_SECONDS = 0.01
"""Between two chunks, so that others get at a database that knows only one writer."""


class BeingPlanned(UserError):
    """Others plan this organisation just now; the same can be asked for again in a minute."""


def due(app: App) -> list[str]:
    """Organisations with contacts to look at now."""
    with app.database.read_across() as session:
        return planning.organisations_to_plan(session, clock.now())


def plan(
    app: App,
    organisation_id: str,
    *,
    everything: bool = False,
    approve: bool = False,
    seconds: float = math.inf,
    begin: Callable[[Session], None] | None = None,
) -> Planned:
    """Look at the contacts that are due, or at all; ``approve``, a person's yes, also plans again what is held.

    What a brake holds stays held until the brake is released.

    After so many ``seconds`` it stops between two chunks, and the rest stays due.

    ``begin`` is a change that is made just before a look at everything, while nobody else plans; ``UserError``
    when others plan for so long that it cannot be made.

    Does nothing unless the organisation is connected and chases. While somebody else plans it, a look
    at what is due is left to them, and a look at everything waits.
    """
    holder, name = new_id(), f"plan:{organisation_id}"
    if not _take(app, name, holder, patient=everything or approve):
        if begin:
            raise BeingPlanned(_("This organisation is just being planned; try again in a minute."))
        return Planned()
    try:
        if everything or approve:
            with app.database.write(organisation_id) as session:
                if begin:
                    begin(session)
                planning.look_at_all(session, organisation_id, clock.now())
        merged.follow_due(app, organisation_id, clock.now())
        done = _plan_all(app, organisation_id, name, holder, approve, clock.stopwatch() + seconds)
    finally:
        with app.database.write(organisation_id) as session:
            leases.release(session, name, holder)
    with app.database.read(organisation_id) as session:
        leaving = sending.is_due(session, organisation_id, clock.now())
    if leaving:
        app.doorbell.ring(doors.SEND, organisation_id)
    return done


def _take(app: App, name: str, holder: str, *, patient: bool) -> bool:
    deadline = clock.stopwatch() + (_PATIENCE_SECONDS if patient else 0)
    while True:
        with app.database.write_across() as session:
            if leases.take(session, name, holder, clock.now(), _LEASE_SECONDS):
                return True
        if clock.stopwatch() >= deadline:
            return False
        clock.pause(0.1)


def _plan_all(
    app: App, organisation_id: str, lease: str, holder: str, approve: bool, until: float
) -> Planned:
    """Pass after pass, until nothing is due any more; news may come in while we plan."""
    total = Planned()
    while True:
        done = _plan_pass(app, organisation_id, lease, holder, approve, until)
        total += done
        if total.more or not done.contacts:
            return total


def _plan_pass(
    app: App, organisation_id: str, lease: str, holder: str, approve: bool, until: float
) -> Planned:
    now = clock.now()
    after: tuple[datetime | None, str] | None = None
    total = Planned()
    while True:
        with app.database.write(organisation_id) as session:
            if not leases.take(session, lease, holder, clock.now(), _LEASE_SECONDS):
                return Planned()  # somebody took over, because we were away for long
            if planning.chasing_organisation(session, organisation_id) is None:
                return total
            look = planning.due_contacts(session, organisation_id, now, after, CHUNK)
            if not look:
                return total
            after = look[-1]
            desk = desk_of(session, organisation_id)
            standing = brakes.standing_kinds(session, organisation_id)
            wishes = wishes_of(session, organisation_id, now)
            home = app.settings.public_url
            chunk = Chunk(session, desk, now, approve, standing, home, wishes)
            total += chunk.plan_whatever_fails([contact_id for _, contact_id in look])
        if len(look) < CHUNK:
            return total
        if clock.stopwatch() > until:
            return total + Planned(more=True)
        clock.pause(_BREATH_SECONDS)
