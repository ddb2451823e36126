"""Sending one mail about all clients, once a week, to each of a practice who wants it.

Its week is over for the reader before anybody is called, in a change of its own: so two schedulers, or one that ended in the
middle, send none twice. Only where the mail provider surely took nothing the week is given back, and tried again.
What it says names several organisations, so it leaves by the installation's own way out, and is kept nowhere.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from credit_control.payer.ahead import monday
from integration.email.mailer import Mail, MailAccountProblem, Mailer, MailPostponed, MailRefused, MailUnsure
from integration.email.sendgrid import SendGridMailer
from kit import clock
from kit.ids import derived_id
from kit.wording import worded_in
from services.app import App
from services.colleagues_language import read_by
from services.digest import days, look, practice_says, practice_week, practice_wishes
from services.digest.practice_week import Line
from services.digest.shapes import Digest
from store.queries import practice_digests as queries
from store.queries.practice_digests import Reader

log = logging.getLogger(__name__)

_TRY_AGAIN: Final = timedelta(minutes=10)
_BETWEEN: Final = "-"


def due(app: App) -> list[str]:
    """Whom of which practice it is time to write to, for ``work``."""
    now = clock.now()
    if not practice_wishes.can_leave(app):
        return []
    with app.database.read_across() as session:
        return [
            f"{one.practice_id}{_BETWEEN}{one.person_id}"
            for one in queries.readers(session)
            if _is_due(one, now)
        ]


def work(app: App, whom: str, mailer: Mailer | None = None) -> None:
    """Write to one of them, if it is time. ``mailer``: by which; None: by the installation's own."""
    practice_id, _between, person_id = whom.partition(_BETWEEN)
    now = clock.now()
    with app.database.read_across() as session:
        reader = queries.reader(session, practice_id, person_id)
    if reader is None or not _is_due(reader, now):
        return
    lines = practice_week.lines(app, practice_id, person_id, now)
    mail = _mail(app, reader, compose(lines, reader, now), now) if lines else None
    if not _take(app, reader, now) or mail is None:
        return
    if app.settings.send_mode != "live" and mailer is None:
        log.info("SEND_MODE is log: a mail about %s clients is not handed over", len(lines))
        return
    try:
        (mailer or SendGridMailer(app.settings.sendgrid_api_key, app.settings.sendgrid_api_url)).send(mail)
    except (MailPostponed, MailAccountProblem) as error:
        log.warning("a mail about clients is tried again: %s", type(error).__name__)
        _give_back(app, reader, now)
    except (MailRefused, MailUnsure) as error:
        log.warning("a mail about clients is not sent again: %s", type(error).__name__)


def compose(lines: list[Line], reader: Reader, now: datetime) -> Digest:
    """What it says, in the reader's language: as they have set it, else English."""
    with worded_in(read_by(reader.language, None), on_pages=True):
        return practice_says.digest(lines, reader, now)


def next_day(reader: Reader, now: datetime) -> date:
    """The day on which the next one leaves, by the reader's calendar."""
    return max(reader.from_on, now.astimezone(ZoneInfo(reader.zone)).date())


def _is_due(one: Reader, now: datetime) -> bool:
    """Whether its moment has come: Monday at seven by the reader's clocks, or later in that week."""
    today = now.astimezone(ZoneInfo(one.zone)).date()
    if "@" not in one.email or not days.is_waited_for(one.from_on, today):
        return False
    waits = one.try_at is not None and now < one.try_at <= now + _TRY_AGAIN
    return days.may_have_come(one.zone, now) and not waits


def _take(app: App, reader: Reader, now: datetime) -> bool:
    """Whether this week's is ours to send; from here on nobody else's."""
    with app.database.write_across() as session:
        place = queries.place_to_change(session, reader.practice_id, reader.person_id)
        if place is None or place.digest_from != reader.from_on or place.digest_zone != reader.zone:
            return False
        place.digest_from = days.next_week(now.astimezone(ZoneInfo(reader.zone)).date())
        place.digest_try_at = None
    return True


def _give_back(app: App, reader: Reader, now: datetime) -> None:
    """Surely nothing left, so it is tried again in a while, unless they want it no more."""
    with app.database.write_across() as session:
        place = queries.place_to_change(session, reader.practice_id, reader.person_id)
        if place is not None and place.digest_from is not None:
            place.digest_from, place.digest_try_at = reader.from_on, now + _TRY_AGAIN


def _mail(app: App, reader: Reader, digest: Digest, now: datetime) -> Mail:
    home, domain = (
        app.settings.public_url.rstrip("/"),
        urlsplit(app.settings.public_url).hostname or "localhost",
    )
    end = practice_wishes.link(app, reader.practice_id, reader.person_id)
    week = monday(now.astimezone(ZoneInfo(reader.zone)).date())
    key = derived_id("mail about clients", reader.practice_id, reader.person_id, week.isoformat())
    return Mail(
        id=key,
        organisation_id="",
        from_name="Dunnock",
        from_email=f"dunnock@{domain}",
        to=(reader.email,),
        reply_to=None,
        subject=digest.subject,
        text=look.text_of(digest, home, end),
        html=look.html_of(digest, home, end),
        message_id=f"<{key}@{domain}>",
        headers=practice_wishes.headers(app, reader.practice_id, reader.person_id),
    )
