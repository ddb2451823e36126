"""Short mails to colleagues: what leaves tomorrow, and that a step is planned which somebody wants to know of.

They come from an outbox, each at most once: its id follows from what it tells to whom, it is marked before the mail
provider is called, and one whose sender ended meanwhile is never sent again. They are about our own work, so they
go to members alone, and carry no tracking of any kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from integration.email.mailer import Mail, MailAccountProblem, Mailer, MailPostponed, MailRefused, MailUnsure
from kit import clock
from kit.errors import UserError
from kit.ids import derived_id
from kit.wording import N_, _
from services import foresight, notice_text
from services.app import App
from services.digest import wishes
from services.mail_access import open_mailer
from services.mail_layout import paragraphs_as_html
from services.outlook import MAILS_OF_ONE_DAY, outlook
from services.outlook_shapes import OutlookDay, totals
from services.senders import senders_of
from store.models import InternalNotice, Membership, Organisation, PracticeMember, Sender, TeamTask
from store.queries import customers, practices, team_tasks
from store.queries import notices as queries
from store.queries.new_chasers import NewChaser
from store.queries.notices import Colleague

EVENING = time(17)
"""By the organisation's clocks; whoever is at work then can still change what leaves in the morning."""
NOT_NEEDED, PENDING, SENDING = "not_needed", "pending", "sending"
_IN_CHARGE = ("owner", "manager")
_MOST_TASKS = 100
_LEFT_BEHIND = timedelta(minutes=5)
_TRY_AGAIN = timedelta(minutes=10)
_LOST = N_("The sending was interrupted, so nobody can know whether it left; it is not sent again.")
_LOG_MODE = N_("SEND_MODE is log: recorded, not handed to the mail provider.")


# -- what leaves tomorrow -------------------------------------------------------------------------------


def due(app: App) -> list[str]:
    """Organisations in which it is evening and somebody has not been told of tomorrow, or with notices to be sent."""
    now = clock.now()
    with app.database.read_across() as session:
        found = set(queries.organisations_waiting(session, now))
        for organisation_id, zone in queries.wanting_evenings(session):
            if _is_evening(zone, now) and organisation_id not in found:
                found.update([organisation_id] if _untold(session, organisation_id, zone, now) else [])
    return sorted(found)


def work(app: App, organisation_id: str) -> None:
    """Write this evening's notices, if it is evening, and send what waits."""
    _write_evening(app, organisation_id)
    with app.database.read(organisation_id) as session:
        waits = queries.waiting(session, organisation_id, clock.now()) is not None
    if waits:
        live = app.settings.send_mode == "live"
        try:
            send_with(app, organisation_id, open_mailer(app, organisation_id) if live else None)
        except UserError as problem:
            _put_off(app, organisation_id, str(problem))


def _write_evening(app: App, organisation_id: str) -> None:
    now = clock.now()
    with app.database.read(organisation_id) as session:
        organisation = session.get_one(Organisation, organisation_id)
        if not _is_evening(organisation.timezone, now):
            return
        readers = _untold(session, organisation_id, organisation.timezone, now)
    if not readers:
        return
    foresight.foresee(app, organisation_id)
    tomorrow = _tomorrow(organisation.timezone, now)
    coming = outlook(app, organisation_id, tomorrow)
    day = next((one for one in coming.days if one.on == tomorrow), None)
    waiting = _waiting(app, organisation_id, day) if day else 0
    with app.database.write(organisation_id) as session:
        for reader in readers:
            row = row_of(organisation_id, "evening", reader, tomorrow.isoformat(), now)
            own = [
                one.what
                for one in team_tasks.due_of(
                    session, organisation_id, tomorrow, reader.person_id, _MOST_TASKS
                )
            ]
            if day is not None or own:
                home = app.settings.public_url
                subject, body = notice_text.evening(organisation, reader, day, waiting, home, own)
                row |= {"subject": subject, "body": body, "status": PENDING}
            queries.add(session, [row])


def _waiting(app: App, organisation_id: str, day: OutlookDay) -> int:
    """How many mails of a day wait for a person, those of a long day counted a page at a time."""
    found = list(day.leaving)
    for after in range(MAILS_OF_ONE_DAY, day.mails, MAILS_OF_ONE_DAY):
        page = outlook(app, organisation_id, day.on, after)
        found += [mail for one in page.days for mail in one.leaving]
    return sum(1 for mail in found if mail.waits)


def _is_evening(zone: str, now: datetime) -> bool:
    return now.astimezone(ZoneInfo(zone)).time() >= EVENING


def _tomorrow(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)


def _untold(session: Session, organisation_id: str, zone: str, now: datetime) -> list[Colleague]:
    """The members who want to be told, and of whom nothing is decided for tomorrow yet."""
    about = _tomorrow(zone, now).isoformat()
    readers = {
        _id(organisation_id, "evening", one, about): one
        for one in queries.evening_readers(session, organisation_id)
    }
    there = queries.known(session, organisation_id, list(readers))
    return [one for key, one in readers.items() if key not in there]


# -- a step that somebody wants to know of --------------------------------------------------------------


def steps_planned(
    session: Session, organisation: Organisation, home: str, chasers: Sequence[NewChaser]
) -> None:
    """Tell whoever looks after the customer of chasers that one is to be told of, within the caller's change.

    Where nobody does, the organisation's owners and managers.
    """
    telling = [(one, one.told_of) for one in chasers if one.told_of]
    if not telling:
        return
    now = clock.now()
    in_charge = queries.in_charge(session, organisation.id, _IN_CHARGE)
    contact_ids = {chaser.contact_id for chaser, _ in telling}
    looks_after = queries.who_looks_after(session, organisation.id, contact_ids)
    for chaser, (step_name, contact_name) in telling:
        amounts = totals((step.currency, step.amount_due) for step in chaser.steps)
        told = notice_text.PlannedStep(
            chaser.contact_id,
            contact_name,
            step_name,
            chaser.on,
            amounts,
            waits=bool(chaser.needs_go or chaser.address_problem),
        )
        owner = looks_after.get(chaser.contact_id)
        for reader in [owner] if owner else in_charge:
            subject, body = notice_text.step(organisation, reader, told, home)
            row = row_of(organisation.id, "step", reader, chaser.id, now)
            queries.add(session, [row | {"subject": subject, "body": body, "status": PENDING}])


# -- a task for a colleague -----------------------------------------------------------------------------


def task_asked(session: Session, organisation: Organisation, home: str, task: TeamTask) -> None:
    """Tell whoever sees to a task of it, within the caller's change; once for each owner that it gets."""
    reader = queries.member(session, organisation.id, task.owner_id) if task.owner_id else None
    if reader is None:
        return
    contact = customers.contact(session, organisation.id, task.contact_id) if task.contact_id else None
    name = contact.name if contact else None
    told = notice_text.AskedTask(task.what, task.due_on, task.asked_by, task.contact_id, name)
    subject, body = notice_text.task(organisation, reader, told, home)
    row = row_of(organisation.id, "task", reader, task.id, clock.now())
    queries.add(session, [row | {"subject": subject, "body": body, "status": PENDING}])


def tell(
    session: Session,
    organisation_id: str,
    kind: str,
    reader: Colleague,
    about: str,
    subject: str,
    body: str,
    now: datetime,
) -> None:
    """Tell a member something, within the caller's change; of the same kind about the same thing once."""
    row = row_of(organisation_id, kind, reader, about, now)
    queries.add(session, [row | {"subject": subject, "body": body, "status": PENDING}])


# -- a mailbox that lets us in no more ------------------------------------------------------------------


def mailbox_refused(
    session: Session, organisation: Organisation, home: str, sender: Sender, problem: str, now: datetime
) -> None:
    """Tell whose mailbox it is that answers in it are not seen any more; of a shared one, owners and managers."""
    in_charge = queries.in_charge(session, organisation.id, _IN_CHARGE)
    own = queries.member(session, organisation.id, sender.person_id) if sender.person_id else None
    for reader in [own] if own else in_charge:
        subject, body = notice_text.mailbox(organisation, reader, sender, problem, home)
        row = row_of(organisation.id, "mailbox", reader, f"{sender.id} {now.isoformat()}", now)
        queries.add(session, [row | {"subject": subject, "body": body, "status": PENDING}])


def _id(organisation_id: str, kind: str, reader: Colleague, about: str) -> str:
    return derived_id("notice", organisation_id, kind, reader.person_id, about)


def row_of(
    organisation_id: str, kind: str, reader: Colleague, about: str, now: datetime
) -> dict[str, object]:
    """A notice that says nothing yet; the same of the same kind to the same reader is the same row."""
    return {
        "organisation_id": organisation_id,
        "id": _id(organisation_id, kind, reader, about),
        "kind": kind,
        "person_id": reader.person_id,
        "to": reader.email,
        "subject": "",
        "body": "",
        "html": None,
        "status": NOT_NEEDED,
        "next_try_at": now,
        "created_at": now,
    }


# -- sending --------------------------------------------------------------------------------------------


def send_with(app: App, organisation_id: str, mailer: Mailer | None) -> None:
    """Send what waits by this mailer (None: nothing is to be handed over), each at most once."""
    while (notice := _claim(app, organisation_id)) is not None:
        if mailer is None:
            _settle(app, notice, status="recorded", reason=_LOG_MODE)
            continue
        try:
            mailer.send(_mail(app, notice))
        except MailRefused as error:
            _settle(app, notice, status="failed", reason=N_(f"The mail provider refused it: {error}"))
        except (MailPostponed, MailAccountProblem) as error:
            _settle(app, notice, status=PENDING, reason=str(error), next_try_at=clock.now() + _TRY_AGAIN)
        except MailUnsure as error:
            _settle(app, notice, status="unknown", reason=str(error))
        else:
            _settle(app, notice, status="sent", reason=None, sent_at=clock.now())


def _claim(app: App, organisation_id: str) -> InternalNotice | None:
    """Mark the next one as being sent, which is committed before anybody is called."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        while (notice := queries.waiting(session, organisation_id, now)) is not None:
            if notice.status == PENDING:
                notice.status, notice.next_try_at = SENDING, now + _LEFT_BEHIND
                return notice
            notice.status, notice.reason = "unknown", _LOST
            session.flush()
    return None


def _settle(app: App, notice: InternalNotice, **values: object) -> None:
    with app.database.write(notice.organisation_id) as session:
        queries.settle(session, notice.organisation_id, notice.id, **values)


def _put_off(app: App, organisation_id: str, problem: str) -> None:
    with app.database.write(organisation_id) as session:
        notice = queries.waiting(session, organisation_id, clock.now())
        while notice is not None:
            notice.reason, notice.next_try_at = problem, clock.now() + _TRY_AGAIN
            session.flush()
            notice = queries.waiting(session, organisation_id, clock.now())


def _mail(app: App, notice: InternalNotice) -> Mail:
    with app.database.read(notice.organisation_id) as session:
        organisation = session.get_one(Organisation, notice.organisation_id)
        sender = senders_of(session, organisation).writer(session)
    domain = urlsplit(app.settings.public_url).hostname or "localhost"
    return Mail(
        id=notice.id,
        organisation_id=notice.organisation_id,
        from_name="Dunnock",
        from_email=sender.email if sender else f"dunnock@{domain}",
        to=(notice.to,),
        reply_to=None,
        subject=notice.subject,
        text=notice.body,
        html=notice.html or paragraphs_as_html(notice.body),
        message_id=f"<{notice.id}@{domain}>",
        headers=_headers(app, notice),
        mailbox=sender.id if sender and sender.by_mailbox else None,
    )


def _headers(app: App, notice: InternalNotice) -> dict[str, str]:
    """Of what comes again and again: how it is ended."""
    if notice.kind != wishes.KIND:
        return {}
    return wishes.headers(app, notice.organisation_id, notice.person_id)


# -- who wants them -------------------------------------------------------------------------------------


def wants_evenings(session: Session, organisation_id: str, person_id: str) -> bool:
    """Whether this person is told in the evening what leaves tomorrow; of a practice: where they look after a customer."""
    row = _place(session, organisation_id, person_id)
    return bool(row and row.evening_notice)


def change_evenings(app: App, organisation_id: str, person_id: str, *, wanted: bool) -> None:
    """Switch it on or off for one person, of a practice for all its clients. ``UserError`` for who works here no more."""
    with app.database.write(organisation_id) as session:
        row = _place(session, organisation_id, person_id)
        if row is None:
            raise UserError(
                _("You are no longer a member of this organisation; go back to the list of organisations.")
            )
        row.evening_notice = wanted


def _place(session: Session, organisation_id: str, person_id: str) -> Membership | PracticeMember | None:
    """Where it stands whether somebody wants them: with their membership, else with their place in a practice."""
    if membership := session.get(Membership, (organisation_id, person_id)):
        return membership
    found = practices.by_practice(session, person_id, organisation_id)
    return session.get(PracticeMember, (found[2].id, person_id)) if found else None


def tell_somebody(app: App, organisation_id: str, person_id: str) -> bool:
    """Have this member told in the evening, where nobody is yet; whether that was so. For whoever goes live."""
    with app.database.read(organisation_id) as session:
        if queries.evening_readers(session, organisation_id):
            return False
        if session.get(Membership, (organisation_id, person_id)) is None:
            return False  # people of a practice are told where they look after a customer
    change_evenings(app, organisation_id, person_id, wanted=True)
    return True
