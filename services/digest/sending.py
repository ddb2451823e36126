"""Sending the digest: once a week to each colleague who wants it, by the outbox of notices.

What is written there and the day of the next one are one transaction, and the id of a digest follows from its week and
its reader; so two schedulers, or one that ended in the middle, make one digest. Whether it left is the outbox's matter.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.payer.ahead import monday
from kit import clock
from kit.wording import worded_in
from services import kept_results, notices
from services.app import App
from services.colleagues_language import read_by
from services.digest import days, look, says, wishes
from services.digest.shapes import Digest
from services.digest.week import OVERDUE_BEFORE, Week, week
from services.figures import kpis, reminders
from services.payer import money_ahead
from services.roles import Right, may
from store.models import Organisation
from store.queries import digests, team_tasks
from store.queries import notices as outbox
from store.queries.digests import Reader
from store.queries.notices import Colleague


def due(app: App) -> list[str]:
    """Organisations in which the moment of this week's digest has come for somebody who wants it."""
    now = clock.now()
    latest = (now + timedelta(days=1)).date()  # wherever the organisation is
    with app.database.read_across() as session:
        return [
            organisation_id
            for organisation_id, zone in digests.wanting(session, latest, days.next_week(latest))
            if days.may_have_come(zone, now)
            and _readers(session, session.get_one(Organisation, organisation_id), now)
        ]


def work(app: App, organisation_id: str) -> None:
    """Write this week's digest to each who has none of it yet, and send what waits in the outbox."""
    if write(app, organisation_id, clock.now()):
        notices.work(app, organisation_id)


def write(app: App, organisation_id: str, now: datetime) -> int:
    """Put the digests into the outbox; how many people are written to."""
    with app.database.read(organisation_id) as session:
        organisation = session.get(Organisation, organisation_id)
        if organisation is None or organisation.connection != "connected" or not organisation.imported_at:
            return 0
        readers = _readers(session, organisation, now)
        if not readers:
            return 0
        found = week(session, organisation, now)
        made = [(one, compose(session, organisation, found, one)) for one in readers]
    home = app.settings.public_url.rstrip("/")
    with app.database.write(organisation_id) as session:
        for reader, digest in made:
            if wishes.wish(session, organisation_id, reader.person_id):  # it may have ended a moment ago
                end = wishes.link(app, organisation_id, reader.person_id)
                row = notices.row_of(
                    organisation_id, wishes.KIND, _colleague(reader), monday(found.today).isoformat(), now
                )
                row |= {
                    "subject": digest.subject,
                    "body": look.text_of(digest, home, end),
                    "html": look.html_of(digest, home, end),
                    "status": notices.PENDING,
                }
                outbox.add(session, [row])
                digests.want(session, organisation_id, reader.person_id, days.next_week(found.today))
    return len(made)


def preview(app: App, organisation_id: str, reader: Reader) -> Digest:
    """What it would say to this person now, in the language of the moment."""
    kept_results.renew(app, organisation_id, money_ahead.KEPT, kpis.KEPT, reminders.OF_A_YEAR, OVERDUE_BEFORE)
    with app.database.read(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        return _said(session, week(session, organisation, clock.now()), reader)


def compose(session: Session, organisation: Organisation, found: Week, reader: Reader) -> Digest:
    """The digest in the reader's language: as they have set it, else as the organisation writes, else English."""
    with worded_in(read_by(reader.language, organisation), on_pages=True):
        return _said(session, found, reader)


def _said(session: Session, found: Week, reader: Reader) -> Digest:
    tasks = team_tasks.count_due(session, found.organisation_id, found.today, reader.person_id)
    return says.digest(found, reader.name, tasks)


def _readers(session: Session, organisation: Organisation, now: datetime) -> list[Reader]:
    """Who wants it, may see what is in it, and is to get it now."""
    if not days.has_come(organisation, now):
        return []
    today = now.astimezone(ZoneInfo(organisation.timezone)).date()
    return [
        one
        for one in digests.readers(session, organisation.id)
        if days.is_waited_for(one.from_on, today) and may(one.role, Right.VIEW) and "@" in one.email
    ]


def _colleague(reader: Reader) -> Colleague:
    return Colleague(reader.person_id, reader.name, reader.email)
