"""Everything of an organisation is deleted some time after it was disconnected, or at once where an owner says so.

The day is noted with the disconnection, the owners are told of it two weeks before, and connecting again cancels it.
It is done in slices, from what refers to what is referred to, and goes on where it was interrupted. In the end one
line with an id, a day and a number remains, and the last day of its trial: it has no second one. A plan that was
paid for it is ended at the billing provider (``services.plans_and_usage.payers``), however often that has to be tried.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from kit import clock
from kit.doorbell import BULK
from kit.errors import UserError
from kit.wording import N_, _
from services import doors, notice_text, notices
from services.app import App
from services.roles import Role
from store.models import Deletion, Organisation
from store.queries import connection, plans, whole_tables
from store.queries import deletions as queries
from store.queries import notices as notice_queries

log = logging.getLogger(__name__)

FEWEST_DAYS, MOST_DAYS = 30, 365
TOLD_BEFORE = timedelta(days=14)
BEGUN = N_(
    "Everything that Dunnock held of this organisation is being deleted just now. "
    "Connect it again in a few minutes; it then begins anew."
)
_AT_ONCE = 500
"""Rows in one change, so that nobody waits for it."""
_LOG = "audit_entries"
_LAST = ("deletions", _LOG, "memberships", "trial_periods")
"""The log is open to be deleted only while the deletion is noted."""


def note_disconnected(session: Session, organisation_id: str, now: datetime) -> None:
    """Note when everything is deleted, within the change that disconnects. A day that is noted stays."""
    organisation = session.get_one(Organisation, organisation_id)
    if queries.of(session, organisation_id) is None:
        due = now + timedelta(days=organisation.delete_after_days)
        session.add(Deletion(organisation_id=organisation_id, due_at=due))


def connected_again(session: Session, organisation_id: str) -> None:
    """Nothing is deleted after all, within the change that connects. ``UserError`` where it has begun."""
    row = queries.locked(session, organisation_id)
    if row is not None and row.begun_at is not None:
        raise UserError(_(BEGUN))
    queries.cancel(session, organisation_id)


def change_days(app: App, organisation_id: str, days: int) -> None:
    """After how many days from a disconnection on everything is deleted. ``UserError`` beyond 30 to 365.

    Of an organisation that is disconnected the day moves too, but never so near that its owners are not told in time.
    """
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise UserError(
            _(
                "Choose between %(fewest_days)s and %(most_days)s days.",
                fewest_days=FEWEST_DAYS,
                most_days=MOST_DAYS,
            )
        )
    with app.database.write(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        row = queries.locked(session, organisation_id)
        if row is not None and row.begun_at is None and row.asked_by is None:
            moved = row.due_at + timedelta(days=days - organisation.delete_after_days)
            row.due_at, row.told_at = max(moved, clock.now() + TOLD_BEFORE), None
        organisation.delete_after_days = days


def delete_at_once(app: App, organisation_id: str, typed: str, by: str) -> None:
    """Delete everything now. ``typed`` is the organisation's name, so that nobody does it by mistake.

    ``UserError`` for another name, and while the organisation is connected.
    """
    with app.database.write(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        if organisation.connection != connection.DISCONNECTED:
            raise UserError(_("Disconnect the organisation from Xero first; then everything can be deleted."))
        if typed.strip() != organisation.name.strip():
            raise UserError(
                _(
                    "Type the name as it stands here, %(organisation_name)s, to delete everything.",
                    organisation_name=organisation.name,
                )
            )
        now = clock.now()
        note_disconnected(session, organisation_id, now)
        session.flush()
        row = queries.locked(session, organisation_id)
        if row is not None and row.begun_at is None:
            row.due_at, row.asked_by = now, by
            _begin(session, row, now)
    app.doorbell.ring(doors.DELETE_ORGANISATION, organisation_id, queue=BULK)


def due(app: App) -> list[str]:
    """Organisations of which something is to be deleted or told now, or whose day is not noted yet."""
    now = clock.now()
    with app.database.read_across() as session:
        found = set(queries.without_a_day(session))
        found.update(queries.due(session, now, now - TOLD_BEFORE, now + TOLD_BEFORE))
    return sorted(found)


def go_on(app: App, organisation_id: str, seconds: float) -> bool:
    """Tell the owners, or delete for a while; True if there is more to delete."""
    if not _is_begun(app, organisation_id):
        return False
    until = clock.stopwatch() + seconds
    for name in _order():
        while deleted := _some(app, organisation_id, name):
            if deleted and clock.stopwatch() > until:
                return True
    return not _end(app, organisation_id)


def _is_begun(app: App, organisation_id: str) -> bool:
    """Whether it is being deleted; what comes before that is done here."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = session.get(Organisation, organisation_id)
        if organisation is None:
            return False
        row = queries.locked(session, organisation_id)
        if row is not None and row.begun_at is not None:
            return True
        if organisation.connection != connection.DISCONNECTED:
            queries.cancel(session, organisation_id)
            return False
        if row is None:
            note_disconnected(session, organisation_id, now)
            return False
        if row.told_at is None and row.asked_by is None:
            _tell(app, session, organisation, row, now)
            return False
        if row.due_at <= now and (row.asked_by or (row.told_at and row.told_at <= now - TOLD_BEFORE)):
            _begin(session, row, now)
            return True
    return False


def _tell(app: App, session: Session, organisation: Organisation, row: Deletion, now: datetime) -> None:
    """Two weeks before, to each owner; whoever is told late gets the two weeks all the same."""
    if row.due_at > now + TOLD_BEFORE:
        return
    row.due_at, row.told_at = max(row.due_at, now + TOLD_BEFORE), now
    home = app.settings.public_url
    for reader in notice_queries.in_charge(session, organisation.id, [Role.OWNER.value]):
        subject, body = notice_text.deletion(organisation, reader, row.due_at, home)
        about = row.due_at.isoformat()
        notices.tell(session, organisation.id, "deletion", reader, about, subject, body, now)


_WAYS_IN = (
    "memberships", "api_tokens", "invitations", "practice_member_clients", "practice_clients",
)  # fmt: skip
"""What lets people and programs in, or could yet."""


def _begin(session: Session, row: Deletion, now: datetime) -> None:
    """From here on nobody gets in: memberships go first, and with them every way to look at what is half gone."""
    organisation = session.get_one(Organisation, row.organisation_id)
    row.begun_at = now
    row.people = queries.members(session, row.organisation_id)
    for name in _WAYS_IN:
        table = whole_tables.table(name)
        row.deleted += whole_tables.delete_some(session, table, row.organisation_id, len(row.people) + 10_000)
    row.deleted += plans.end_with(session, row.organisation_id, now)
    queries.forget_news(session, organisation.ledger, organisation.ledger_tenant_id)


def _order() -> list[str]:
    """What refers to others goes before them; what the mail provider told goes while we still know whose it is."""
    names = [one.name for one in reversed(whole_tables.owned()) if one.name not in _LAST]
    return [whole_tables.MAIL_EVENTS, *names, _LOG]


def _some(app: App, organisation_id: str, name: str) -> int:
    with app.database.write(organisation_id) as session:
        table = whole_tables.table(name)
        deleted = whole_tables.delete_some(session, table, organisation_id, _AT_ONCE)
        row = queries.of(session, organisation_id)
        if row is not None:
            row.deleted += deleted
    return deleted


def _end(app: App, organisation_id: str) -> bool:
    """The last row, and people who belong nowhere else; False when something came in meanwhile, which goes first."""
    now = clock.now()
    try:
        with app.database.write_across() as session:
            row = queries.locked(session, organisation_id)
            if row is None:
                return True
            people, rows = row.people, row.deleted
            trial = plans.trial(session, organisation_id)
            last_day = trial.last_day if trial else None
            for name in reversed(_LAST):
                rows += whole_tables.delete_some(session, whole_tables.table(name), organisation_id, 10_000)
            table = whole_tables.table("organisations")
            rows += whole_tables.delete_some(session, table, organisation_id, 1)
            rows += queries.remove_people(session, people)
            queries.remember(session, organisation_id, now.astimezone(UTC).date(), rows, last_day)
    except queries.Conflict:
        return False
    log.info("organisation %s was deleted: %d rows", organisation_id, rows)
    return True
