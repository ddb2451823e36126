"""Sending colleagues' answers: each is handed over at most once, under all that stops mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.words import Weekday
from integration.email.mailer import File, Mail, Mailer
from integration.ledger import Lane, Ledger, LedgerError
from integration.sms.texter import Texter, TextMessage
from kit import clock
from kit.errors import UserError
from kit.wording import N_
from services import answers, doors, invoice_files, one_try, restriction, senders, text_answers
from services.app import App
from services.ledger_access import open_ledger
from services.mail_access import open_mailer
from services.mail_evidence import learn
from services.one_try import ABANDONED_AFTER, GIVEN_UP_AFTER, PAUSE, Tried
from services.text_access import open_texter
from store.models import Answer, Communication, Organisation
from store.queries import answers as queries
from store.queries import invoice_files as file_queries
from store.queries import letters, mail, sending, texts
from store.queries import senders as sender_queries
from store.queries.letters import Sender

_TOO_OLD = N_("It waited for two days and was not sent; write it again if it is still wanted.")
_NOT_SAID = N_(
    "Nobody said whether it was taken; it is not sent again by itself. A report of the provider will settle it."
)
_NO_TEXTS = N_("No provider of text messages is set up any more.")
_LOG_MODE = N_("SEND_MODE is log: recorded, not handed to the mail provider.")


def due(app: App) -> list[str]:
    """Organisations with answers to send."""
    now = clock.now()
    with app.database.read_across() as session:
        return queries.due(session, now, now - ABANDONED_AFTER)


def send(app: App, organisation_id: str) -> bool:
    """Send what waits of one organisation. True if more may wait."""
    live = app.settings.send_mode == "live"
    try:
        mailer = open_mailer(app, organisation_id) if live else None
        texter = open_texter(app) if live else None
        ledger = open_ledger(app, organisation_id, Lane.CHECK) if _wants_files(app, organisation_id) else None
    except (UserError, LedgerError) as problem:
        with app.database.write(organisation_id) as session:
            queries.put_all_off(session, organisation_id, clock.now() + PAUSE, str(problem))
        return False
    more = send_with(app, organisation_id, mailer, ledger, texter)
    for door in (doors.NOTES, doors.PLAN):
        app.doorbell.ring(door, organisation_id)
    return more


def send_with(
    app: App,
    organisation_id: str,
    mailer: Mailer | None,
    ledger: Ledger | None = None,
    texter: Texter | None = None,
) -> bool:
    """Send the next one by this mailer (None: nothing is to be handed over) or texter. True if more may wait."""
    _settle_old(app, organisation_id)
    if ledger is not None and not _fetch_files(app, organisation_id, ledger):
        return True
    leaves = _hand_over(app, organisation_id, live=mailer is not None)
    if leaves is None:
        return False
    if mailer is None:
        _finish(app, organisation_id, leaves.id, "recorded", _LOG_MODE)
    elif isinstance(leaves, Mail):
        _by_mail(app, organisation_id, mailer, leaves)
    else:
        _by_text(app, organisation_id, texter, leaves)
    return True


def _by_text(app: App, organisation_id: str, texter: Texter | None, text: TextMessage) -> None:
    if texter is None:
        _finish(app, organisation_id, text.id, "refused", _NO_TEXTS)
        return
    tried = one_try.by_text(texter, text)
    if tried.number_stopped:
        with app.database.write(organisation_id) as session:
            texts.stop(session, organisation_id, text.to, tried.problem, clock.now())
    _store(app, organisation_id, text.id, tried, N_("The text message provider refused it"))


def _by_mail(app: App, organisation_id: str, mailer: Mailer, mail: Mail) -> None:
    tried = one_try.by_mail(mailer, mail)
    _store(app, organisation_id, mail.id, tried, N_("The mail provider refused it"))


def _store(app: App, organisation_id: str, answer_id: str, tried: Tried, refused: str) -> None:
    """Keep what became of it, in words."""
    if tried.status == "sent":
        _sent(app, organisation_id, answer_id, tried.provider_id)
    elif tried.status == "pending":
        _put_off(app, organisation_id, answer_id, tried.problem, tried.pause)
    elif tried.status == "unknown":
        _finish(app, organisation_id, answer_id, "unknown", _NOT_SAID)
    else:
        _finish(app, organisation_id, answer_id, "refused", f"{refused}: {tried.problem}")


# -- before the hand-over -------------------------------------------------------------------------------


def _wants_files(app: App, organisation_id: str) -> bool:
    """Whether the next one goes with PDFs that are still to be fetched from the ledger."""
    with app.database.read(organisation_id) as session:
        row = queries.next_due(session, organisation_id, clock.now())
        return bool(row and _missing(session, row))


def _missing(session: Session, row: Answer) -> list[file_queries.FileState]:
    states = file_queries.states(session, row.organisation_id, row.invoice_ids)
    return [state for state in states if state.size is None]


def _fetch_files(app: App, organisation_id: str, ledger: Ledger) -> bool:
    """Fetch the PDFs that go with the next one. False: one cannot be had, so it is put off."""
    with app.database.read(organisation_id) as session:
        row = queries.next_due(session, organisation_id, clock.now())
        missing = _missing(session, row) if row else []
    for state in missing:
        try:
            content = ledger.invoice_pdf(state.ledger_id)
        except LedgerError as error:
            said = N_(f"The ledger gave no PDF of invoice {state.number}, so the answer waits: {error}")
            _put_off(app, organisation_id, row.communication_id if row else "", said, PAUSE)
            return False
        with app.database.write(organisation_id) as session:
            file_queries.store(session, organisation_id, [(state, content)])
    return True


def _hand_over(app: App, organisation_id: str, *, live: bool) -> Mail | TextMessage | None:
    """The next one, committed to as handed over: from here on it may have left."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        organisation = sending.lock_organisation(session, organisation_id)
        if stopped := one_try.stopped_by(session, organisation, now):
            queries.put_all_off(session, organisation_id, now + PAUSE, stopped)
            return None
        row = queries.next_due(session, organisation_id, now, lock=True)
        if row is None:
            return None
        message = session.get_one(Communication, (organisation_id, row.communication_id))
        if unwanted := restriction.why_not(session, organisation_id, message.contact_id):
            _end(session, row, "refused", unwanted)
            return None
        if message.channel == "sms":
            return _text(app, session, organisation, row, message, now)
        sender = _sender(session, organisation, message)
        kept_back = senders.kept_back(app, session, organisation_id, sender, now) if live and sender else None
        enclosed = invoice_files.enclosures(session, organisation_id, row.invoice_ids)
        if sender is None or kept_back or enclosed is None:
            row.problem = kept_back.reason if kept_back else N_("It waits for the invoices’ PDFs.")
            row.next_try_at = max(kept_back.until, now + PAUSE) if kept_back else now + PAUSE
            return None
        row.handed_over_at = now
        row.attempts += 1
        message.handed_over_at = now
        files = [
            File(one.name, one.content_type, one.content)
            for one in queries.files_of(session, organisation_id, message.id)
        ]
        return _mail(app, session, message, sender, [*enclosed.files.values(), *files])


def _text(
    app: App, session: Session, organisation: Organisation, row: Answer, message: Communication, now: datetime
) -> TextMessage | None:
    """A text to a number that may have one, in the hours that hold at the customer's place; None: not now."""
    if stopped := texts.stops_among(session, organisation.id, message.to):
        _end(session, row, "refused", " ".join(stopped.values()))
        return None
    if wait := text_answers.wait(session, organisation, message.contact_id, now):
        here = wait.until.astimezone(ZoneInfo(organisation.timezone))
        row.problem = N_(
            f"It waits until {Weekday(here.date())}, {here:%H:%M} by your clocks: {wait.rule.says}."
        )
        row.next_try_at = wait.until
        return None
    row.handed_over_at = message.handed_over_at = now
    row.attempts += 1
    return text_answers.handed_over(app, message, now)


def _sender(session: Session, organisation: Organisation, message: Communication) -> Sender | None:
    """As whom it was written; None: that sender is there no more."""
    if message.sender_id is None:
        return letters.sender_of(session, organisation)
    row = sender_queries.sender(session, organisation.id, message.sender_id)
    return letters.sender_of(session, organisation, row) if row else None


def _mail(app: App, session: Session, message: Communication, sender: Sender, files: Sequence[File]) -> Mail:
    answered = queries.answered(session, message)
    before = answered.message_id if answered is not None else None
    earlier = queries.answered(session, answered) if answered is not None else None
    references = [one for one in (earlier.message_id if earlier else None, before) if one]
    return Mail(
        id=message.id,
        organisation_id=message.organisation_id,
        from_name=sender.name,
        from_email=sender.email,
        to=tuple(message.to),
        reply_to=answers.reply_to(app, message),
        subject=message.subject or "",
        text=message.body_text or "",
        html=message.body_html or "",
        message_id=message.message_id or "",
        in_reply_to=references[-1] if references else None,
        references=tuple(references),
        files=tuple(files),
        mailbox=sender.id if sender.by_mailbox else None,
    )


# -- after it -------------------------------------------------------------------------------------------


def _sent(app: App, organisation_id: str, answer_id: str, provider_id: str) -> None:
    """It left: it counts for the gap, is noted once, and what it answers is settled."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        message = mail.locked(session, organisation_id, answer_id)
        if message is not None:
            learn(session, message, "sent", at=now, now=now, provider_id=provider_id)


def _finish(app: App, organisation_id: str, answer_id: str, status: str, problem: str) -> None:
    with app.database.write(organisation_id) as session:
        row = queries.one(session, organisation_id, answer_id)
        if row is not None:
            _end(session, row, status, problem)


def _end(session: Session, row: Answer, status: str, problem: str) -> None:
    if row.status != "pending":  # a report of the provider was faster, and knows better
        return
    row.status, row.problem = status, problem
    message = session.get_one(Communication, (row.organisation_id, row.communication_id))
    if message.status == "sending":
        message.status = {"refused": "failed", "recorded": "cancelled"}.get(status, status)
        message.reason = problem
    if status == "recorded":
        message.handed_over_at = None
    if status == "unknown":
        mail.message_left(session, row.organisation_id, message.contact_id, clock.now(), message.kind)


def _put_off(app: App, organisation_id: str, answer_id: str, problem: str, pause: timedelta) -> None:
    """It surely did not leave; tried again after a while, and later each time."""
    with app.database.write(organisation_id) as session:
        row = queries.one(session, organisation_id, answer_id)
        if row is None:
            return
        message = session.get_one(Communication, (organisation_id, answer_id))
        message.handed_over_at = row.handed_over_at = None
        row.problem = message.reason = problem
        row.next_try_at = one_try.next_at(clock.now(), pause, row.attempts)


def _settle_old(app: App, organisation_id: str) -> None:
    """What was handed over by somebody who never told the end may have left; what waited for days is given up."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        for row in queries.abandoned(session, organisation_id, now - ABANDONED_AFTER):
            _end(session, row, "unknown", _NOT_SAID)
        for row in queries.waiting_since(session, organisation_id, now - GIVEN_UP_AFTER):
            _end(session, row, "refused", _TOO_OLD)
