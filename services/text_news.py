"""What becomes of our text messages, and the texts that come in.

STOP ends all further texts to that number, whichever organisation of this installation wrote to it: they all write
from the same number. Any other text is an answer, and stops chasing until a person has read it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from integration.sms.twilio import STOPPED
from kit import clock
from kit.ids import derived_id
from kit.wording import N_
from services import doors, replies
from services.app import App
from services.inbound_mail import Letter
from services.inbox_loop import Done, Unusable, Work, work_through
from services.mail_evidence import learn
from services.merge_fields import one_line, plain
from store.queries import erasures, mail, mail_inbox, planning, texts
from store.queries.mail_inbox import TEXT_REPLIES, TEXT_REPORTS, Waiting

_ID = re.compile(r"[0-9a-f]{32}")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_STOP = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "stopp", "arret", "arrêt"}
)
_STOP_ANYTHING_ELSE = frozenset({"stop", "unsubscribe", "stopp", "arret", "arrêt"})
"""Of these a few more words behind them change nothing; “cancel the order” is something else."""
_FEW = 4
_START = frozenset({"start", "yes", "unstop"})
_MOST_ORGANISATIONS = 50
_LONGEST_TEXT = 2_000
_REPORTS = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "bounced",
    "failed": "failed",
}
"""What each of the provider's words says of a text."""


def reports_waiting(app: App) -> bool:
    """Whether there are reports to handle now."""
    with app.database.read_across() as session:
        return mail_inbox.is_waiting(session, TEXT_REPORTS, clock.now())


def replies_waiting(app: App) -> bool:
    """Whether there are texts to handle now."""
    with app.database.read_across() as session:
        return mail_inbox.is_waiting(session, TEXT_REPLIES, clock.now())


def handle_reports(app: App) -> bool:
    """Handle the reports that wait. True if more may be waiting."""
    return work_through(app, Work(TEXT_REPORTS, 100, _read, _report, _whose))


def handle_replies(app: App) -> bool:
    """Handle the texts that wait. True if more may be waiting."""
    return work_through(app, Work(TEXT_REPLIES, 3, _read, _reply, lambda _app, _fields: None))


def _read(payload: bytes) -> dict[str, str]:
    try:
        return msgspec.json.decode(payload, type=dict[str, str])
    except msgspec.DecodeError as error:
        raise Unusable(N_("it was not stored as it should have been")) from error


def _whose(_app: App, fields: dict[str, str]) -> str | None:
    return fields["organisation"] if _ID.fullmatch(fields["organisation"]) else None


def _report(session: Session, waiting: Waiting, fields: dict[str, str], now: datetime) -> Done:
    organisation_id, text_id = fields["organisation"], fields["text"]
    reported = _REPORTS.get(fields.get("MessageStatus", ""))
    if not (_ID.fullmatch(organisation_id) and _ID.fullmatch(text_id)) or reported is None:
        return Done(N_("not about a text of ours, or nothing new of it"))
    chaser = mail.locked(session, organisation_id, text_id)
    if chaser and erasures.is_erased(session, organisation_id, chaser.contact_id):
        return Done(N_("of a customer who was erased"), forget=True)
    to, code = one_line(fields.get("To", "")), _code(fields.get("ErrorCode", ""))
    words = _trouble(to, code) if reported in ("bounced", "failed") else None
    mail.record_event(
        session,
        key=waiting.key,
        communication_id=text_id,
        recipient=None,
        event=f"text_{fields['MessageStatus']}",
        reason=words,
        occurred_at=waiting.received_at,
        received_at=waiting.received_at,
    )
    if chaser is None or chaser.channel != "sms":
        return Done(N_("kept; no text of this id is known"))
    if code in STOPPED and chaser.text_to and _NUMBER.fullmatch(chaser.text_to):
        texts.stop(session, organisation_id, chaser.text_to, STOPPED[code].format(chaser.text_to), now)
    provider_id = one_line(fields.get("MessageSid", ""))[:64] or None
    left = learn(
        session, chaser, reported, at=waiting.received_at, now=now, reason=words, provider_id=provider_id
    )
    if not left:
        return Done(f"text: {reported}")
    planning.look_again(session, organisation_id, [chaser.contact_id], now)
    return Done(f"text: {reported}", ((doors.NOTES, organisation_id), (doors.PLAN, organisation_id)))


def _trouble(to: str, code: int) -> str:
    """Why a text did not arrive, in words."""
    if code in STOPPED:
        return STOPPED[code].format(to)
    number = to or N_("this number")
    if code:
        return N_(f"The network did not bring the text to {number} (Twilio’s code {code}).")
    return N_(f"The network did not bring the text to {number}.")


def _code(word: str) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 7 else 0


def _reply(session: Session, waiting: Waiting, fields: dict[str, str], now: datetime) -> Done:
    number, said = fields.get("From", ""), plain(fields.get("Body", ""))[:_LONGEST_TEXT].strip()
    if not _NUMBER.fullmatch(number):
        return Done(N_("not from a number"))
    written = texts.last_texts(session, number, _MOST_ORGANISATIONS)
    if not written:
        erased = erasures.is_known_anywhere(session, number)
        return Done(N_("of somebody who was erased") if erased else "unmatched", forget=erased)
    words = _WORD.findall(said.casefold())
    if fields.get("OptOutType") == "STOP" or "".join(words) in _STOP:
        return _stopped(session, waiting, number, said, written, now)
    if words and words[0] in _STOP_ANYTHING_ELSE and len(words) <= _FEW:
        _stop(session, number, written, now)  # and somebody reads what else it says
    if fields.get("OptOutType") == "START" or "".join(words) in _START:
        for organisation_id in dict.fromkeys(one for one, _ in written):
            texts.let(session, organisation_id, number, now)
        if words != ["yes"]:
            return Done(N_("texts may go there again"))
    return _answered(session, waiting, number, said, written[0], now)


def _stop(session: Session, number: str, written: list[tuple[str, str]], now: datetime) -> None:
    for organisation_id in dict.fromkeys(organisation_id for organisation_id, _ in written):
        texts.stop(session, organisation_id, number, N_(f"{number} has asked for no more texts."), now)


def _stopped(
    session: Session,
    waiting: Waiting,
    number: str,
    said: str,
    written: list[tuple[str, str]],
    now: datetime,
) -> Done:
    """Wherever the number had a text from it is on record, and nothing but texts stops."""
    _stop(session, number, written, now)
    bells: tuple[tuple[str, str], ...] = ()
    newest = dict(reversed(written))
    for last in newest.items():
        done = _answered(session, waiting, number, said, last, now, holds=False)
        bells += (*done.bells, (doors.PLAN, last[0]))
    return Done(N_("no more texts go there"), bells)


def _answered(
    session: Session,
    waiting: Waiting,
    number: str,
    said: str,
    written: tuple[str, str],
    now: datetime,
    *,
    holds: bool = True,
) -> Done:
    """An answer like one by mail: it stands on the timeline, and chasing waits for a person, if it ``holds``."""
    answered = mail.locked(session, *written)
    if answered is None:
        return Done("unmatched")
    organisation_id = answered.organisation_id
    if erasures.is_erased(session, organisation_id, answered.contact_id):
        return Done(N_("of a customer who was erased"), forget=True)
    reply_id = derived_id("reply", organisation_id, waiting.key)
    if mail.is_known(session, organisation_id, reply_id):
        return Done("known already", forget=True)
    many = mail.replies_since(session, organisation_id, answered.contact_id, now - timedelta(hours=1))
    mail.add_answer(
        session,
        answered,
        id=reply_id,
        direction="in",
        channel="sms",
        kind="reply",
        status="received",
        contact_id=answered.contact_id,
        reasons=[],
        to=[],
        from_name=number,
        body_text=said,
        in_reply_to=answered.id,
        sent_at=now,
        created_at=now,
    )
    letter = Letter(
        from_name="",
        from_email="",
        recipients="",
        subject="",
        text=said,
        html=None,
        message_id="",
        answers=(),
        automatic=False,
    )
    noted = many < replies.MOST_NOTED_AN_HOUR
    return replies.follow(session, answered, reply_id, letter, now, noted=noted, holds=holds)
