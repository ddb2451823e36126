"""What the mail provider reports of our mails: taken over, delivered, come back, marked as spam.

An address that a mail came back from, or whose owner called it spam, is not written to again, until a person has put
it right (``services.stopped_addresses``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy.orm import Session

from credit_control.no_mail import NoMail
from kit import clock
from kit.wording import N_
from services import doors, stopped_addresses
from services.app import App
from services.inbox_loop import Done, Unusable, Work, work_through
from services.lost_mail import recipient
from services.mail_evidence import learn
from services.merge_fields import one_line
from store.models import Communication
from store.people import usable_address
from store.queries import erasures, mail, mail_inbox, planning
from store.queries.mail_inbox import Waiting

_ID = re.compile(r"[0-9a-f]{32}")
_MOST_WORDS = 300

REPORTS = {
    "processed": "sent",
    "deferred": "sent",
    "delivered": "delivered",
    "bounce": "bounced",
    "dropped": "failed",
    "spamreport": "delivered",
    "unsubscribe": "delivered",
    "group_unsubscribe": "delivered",
    "open": "delivered",
    "click": "delivered",
}
"""What each of the provider's events says of the mail."""


class MailNews(msgspec.Struct, frozen=True):
    """One event as SendGrid posts it, as far as we read it. ``timestamp`` is Unix time."""

    event: str
    timestamp: int
    email: str = ""
    dunnock_id: str = ""
    organisation_id: str = ""
    sg_message_id: str = ""
    type: str = ""
    status: str = ""
    reason: str = ""
    bounce_classification: str = ""


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a mail did not reach somebody, and what that makes of the address; ``SOFT`` only after some in a row."""

    words: str
    why: NoMail


def _whose(_app: App, news: MailNews) -> str | None:
    return news.organisation_id if _ID.fullmatch(news.organisation_id) else None


def waiting(app: App) -> bool:
    """Whether there are events to handle now."""
    with app.database.read_across() as session:
        return mail_inbox.is_waiting(session, mail_inbox.EVENTS, clock.now())


def handle(app: App) -> bool:
    """Handle the events that wait. True if more may be waiting."""
    return work_through(app, Work(mail_inbox.EVENTS, 100, _read, _apply, _whose))


def _read(payload: bytes) -> MailNews:
    try:
        return msgspec.json.decode(payload, type=MailNews, strict=False)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unusable(N_("the event is not shaped as the provider describes it")) from error


def _apply(session: Session, waiting: Waiting, news: MailNews, now: datetime) -> Done:
    if not (_ID.fullmatch(news.dunnock_id) and _ID.fullmatch(news.organisation_id)):
        return Done(N_("not about a mail of ours"))
    reported = REPORTS.get(news.event)
    if reported is None:
        return Done(N_("an event that changes nothing"))
    at = _moment(news, now)
    chaser = mail.locked(session, news.organisation_id, news.dunnock_id)
    if chaser and erasures.is_erased(session, chaser.organisation_id, chaser.contact_id):
        return Done(N_("of a customer who was erased"), forget=True)
    _record(session, waiting.key, waiting.received_at, news, at)
    if chaser is None:
        return Done(N_("kept; no mail of this id is known"))
    return _learn(session, chaser, news, reported, at, now)


def learn_of(
    session: Session, sent: Communication, news: MailNews, *, key: str, received_at: datetime, now: datetime
) -> Done:
    """The same news of a mail of ours by another way than the provider's events; ``sent`` is locked by the caller."""
    at = _moment(news, now)
    _record(session, key, received_at, news, at)
    return _learn(session, sent, news, REPORTS[news.event], at, now)


def _learn(
    session: Session, chaser: Communication, news: MailNews, reported: str, at: datetime, now: datetime
) -> Done:
    trouble = _trouble(news)
    provider_id = one_line(news.sg_message_id).split(".")[0] or None
    words = trouble.words if trouble else None
    left = learn(session, chaser, reported, at=at, now=now, reason=words, provider_id=provider_id)
    stopped = trouble is not None and _stop(session, chaser, news, trouble, now)
    if left:
        planning.look_again(session, chaser.organisation_id, [chaser.contact_id], now)
    rung = (doors.NOTES, doors.PLAN) if left or stopped else ()
    bells = tuple((door, chaser.organisation_id) for door in rung)
    return Done(f"{news.event}: {'stopped' if stopped else reported}", bells)


def _moment(news: MailNews, now: datetime) -> datetime:
    """When it happened, by the provider's clock; never later than now by ours."""
    try:
        return min(datetime.fromtimestamp(news.timestamp, UTC), now)
    except (ValueError, OverflowError, OSError):
        return now


def _record(session: Session, key: str, received_at: datetime, news: MailNews, at: datetime) -> None:
    trouble = _trouble(news)
    mail.record_event(
        session,
        key=key,
        communication_id=news.dunnock_id,
        recipient=recipient(news.organisation_id, news.email),
        event=news.event,
        reason=trouble.words if trouble else None,
        occurred_at=at,
        received_at=received_at,
    )


def _trouble(news: MailNews) -> _Trouble | None:
    """The trouble that an event tells of, as a sentence."""
    address = one_line(news.email) or "this address"
    said = one_line(news.reason)[:_MOST_WORDS] or "no reason given"
    match news.event, news.type:
        case "bounce", "blocked":
            return _Trouble(N_(f"The mail server of {address} turned the mail away: {said}"), NoMail.SOFT)
        case "bounce", _ if news.status.startswith("5.1.") or news.bounce_classification == "Invalid Address":
            return _Trouble(N_(f"The address {address} does not exist: {said}"), NoMail.BOUNCE)
        case "bounce", _:
            return _Trouble(N_(f"The mail to {address} came back: {said}"), NoMail.BOUNCE)
        case "dropped", _:
            return _Trouble(N_(f"The mail provider did not try to reach {address}: {said}"), NoMail.PROVIDER)
        case "spamreport", _:
            return _Trouble(N_(f"{address} marked our mail as spam."), NoMail.COMPLAINT)
        case (("unsubscribe" | "group_unsubscribe"), _):
            return _Trouble(N_(f"{address} asked for no more mails."), NoMail.UNSUBSCRIBE)
    return None


def _stop(session: Session, chaser: Communication, news: MailNews, trouble: _Trouble, now: datetime) -> bool:
    """Let no more mail go where the trouble is; a report that names no address concerns all that were written to."""
    told = usable_address(one_line(news.email))
    addresses = [told.lower()] if told else sorted({one.lower() for one in (*chaser.to, *chaser.cc)})
    soft = trouble.why is NoMail.SOFT
    stopped = [
        stopped_addresses.stop(session, chaser, one, trouble.why, trouble.words, event=news.event, now=now)
        for one in addresses
        if not soft or stopped_addresses.is_turned_away(session, chaser, one, now)
    ]
    return any(stopped)
