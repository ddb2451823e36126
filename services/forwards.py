"""Passing a customer's answer on to the mailbox of the colleague whose mail it answers.

Answers come to an address of ours, so that none is missed and chasing stops at once; the colleague gets each as
a mail from their own address to itself. Such a mail is handed over at most once, says that a machine wrote it, and
answering it writes to the customer. Answers that machines wrote are not passed on, so nothing goes round in a loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from integration.email.headers import is_address
from integration.email.mailer import File, Mail, Mailer
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _, worded_in
from services import attached, one_try
from services.app import App
from services.colleagues_language import person_reads
from services.inbound_mail import Letter
from services.mail_access import open_mailer
from services.merge_fields import one_line
from services.one_try import ABANDONED_AFTER, GIVEN_UP_AFTER, LONGEST_PAUSE, PAUSE
from services.reply_addresses import reply_address
from services.senders import MAILBOX
from store.models import Communication, Forward, Organisation
from store.queries import forwards as queries
from store.queries import senders
from store.queries.sending_domains import domain_of

_TOO_OLD = N_("It waited for two days and was not passed on; it can be read on the timeline.")
_NOT_SAID = N_("Nobody said whether it was taken; it is not sent again, and can be read on the timeline.")
_LARGEST = 10 * 1024 * 1024
"""Files of more than this together are left on the timeline: mailboxes take no larger mails."""
_BY_MACHINE = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
_BELOW = "––––––––––"


def queue(
    session: Session,
    answered: Communication,
    reply_id: str,
    letter: Letter,
    inbound_domain: str,
    now: datetime,
) -> bool:
    """Have a person's answer passed on to whoever wrote the mail that it answers; False where that is of no use."""
    to = answered.from_email or ""
    if not to or domain_of(to) == inbound_domain:
        return False
    if letter.from_email.casefold() == to.casefold() or to.casefold() in letter.addressees.casefold():
        return False  # they wrote it, or have it already
    session.add(
        Forward(
            organisation_id=answered.organisation_id,
            communication_id=reply_id,
            to=to,
            status="pending",
            next_try_at=now,
            created_at=now,
        )
    )
    session.flush()
    return True


def due(app: App) -> list[str]:
    """Organisations with answers to pass on."""
    if app.settings.send_mode != "live":
        return []
    now = clock.now()
    with app.database.read_across() as session:
        return queries.due(session, now, now - ABANDONED_AFTER)


def forward(app: App, organisation_id: str) -> bool:
    """Pass on what waits of one organisation. True if more may wait."""
    if app.settings.send_mode != "live":
        return False
    try:
        mailer = open_mailer(app, organisation_id)
    except UserError as problem:
        with app.database.write(organisation_id) as session:
            queries.put_all_off(session, organisation_id, clock.now() + LONGEST_PAUSE, str(problem))
        return False
    return forward_with(app, organisation_id, mailer)


def forward_with(app: App, organisation_id: str, mailer: Mailer) -> bool:
    """Pass on the next one by this mailer. True if more may wait."""
    mail = _hand_over(app, organisation_id)
    if mail is None:
        return False
    tried = one_try.by_mail(mailer, mail)
    with app.database.write(organisation_id) as session:
        row = session.get_one(Forward, (organisation_id, mail.id))
        row.status = tried.status
        row.problem = _NOT_SAID if tried.status == "unknown" else tried.problem or None
        if tried.status == "pending":
            row.handed_over_at = None
            row.next_try_at = one_try.next_at(clock.now(), tried.pause, row.attempts)
    return True


def _hand_over(app: App, organisation_id: str) -> Mail | None:
    """The next mail, committed to as handed over: from here on it may have left."""
    now = clock.now()
    with app.database.write(organisation_id) as session:
        queries.settle_abandoned(session, organisation_id, now - ABANDONED_AFTER, _NOT_SAID)
        queries.give_up(session, organisation_id, now - GIVEN_UP_AFTER, _TOO_OLD)
        organisation = session.get_one(Organisation, organisation_id)
        if stopped := one_try.stopped_by(session, organisation, now):
            queries.put_all_off(session, organisation_id, now + PAUSE, stopped)
            return None
        row = queries.claim(session, organisation_id, now)
        if row is None:
            return None
        row.handed_over_at = now
        row.attempts += 1
        return _mail(app, session, row)


def _mail(app: App, session: Session, row: Forward) -> Mail:
    reply, answered, files = queries.answer(session, row.organisation_id, row.communication_id)
    address = _line(reply.from_email)
    sender = senders.sender(session, row.organisation_id, answered.sender_id or "")
    reads = person_reads(session, sender.person_id if sender else None, row.organisation_id)
    harmless = [one for one in files if not attached.look(one.name, one.content_type, one.content).danger]
    fits = sum(file.size for file in harmless) <= _LARGEST
    dangerous = ", ".join(_line(one.name) for one in files if one not in harmless)
    link = f"{app.settings.public_url}/organisations/{row.organisation_id}/contacts/{reply.contact_id}"
    writer = address if is_address(address) else None
    ours = reply_address(app.settings, answered.reply_token) if answered.reply_token and writer else None
    with worded_in(reads):
        name = _line(reply.from_name) or address or _("A customer")
        head = "\n".join(_head(name, address, link, dangerous, fits=fits, along=ours is not None))
        by, subject = _("%(name)s (by Dunnock)", name=name[:80]), _line(reply.subject) or _("An answer")
    text = f"{head}\n\n{_BELOW}\n\n{reply.body_text or ''}"
    domain = app.settings.inbound_mail_domain or urlsplit(app.settings.public_url).hostname or "localhost"
    return Mail(
        id=reply.id,
        organisation_id=row.organisation_id,
        from_name=by,
        from_email=row.to,
        to=(row.to,),
        reply_to=writer,
        reply_also=ours,
        subject=subject,
        text=text,
        html=_html(text),
        message_id=f"<{reply.id}@{domain}>",
        references=(answered.message_id,) if answered.message_id else (),
        files=tuple(File(one.name, one.content_type, one.content) for one in harmless) if fits else (),
        headers=dict(_BY_MACHINE),
        mailbox=sender.id if sender and sender.way == MAILBOX else None,
    )


def _head(name: str, address: str, link: str, dangerous: str, *, fits: bool, along: bool) -> Iterator[str]:
    """What stands above the answer. ``dangerous``: the names of files that are left out, as mail servers refuse them."""
    if along:
        goes = _(
            "%(name)s answered your mail. If you reply to this one, it goes to %(address)s, and to the timeline.",
            name=name,
            address=address,
        )
    else:
        goes = _(
            "%(name)s answered your mail. If you reply to this one, it goes to %(address)s.",
            name=name,
            address=address,
        )
    yield goes
    if dangerous:
        yield _(
            "Not attached, because it can do harm: %(files)s; to be seen on the timeline.", files=dangerous
        )
    if not fits:
        yield _("The attached files are too large for a mail; they are on the timeline.")
    yield _("On the timeline: %(page)s", page=link)


def _line(written: str | None) -> str:
    """A stranger's words as they may stand in a header line: without characters in code."""
    return one_line(written or "").replace("=?", "")


def _html(text: str) -> str:
    """The same words as HTML: nothing of the customer's own markup, so that nothing in it is loaded."""
    parts = text.replace("\r\n", "\n").split("\n\n")
    lines = ("<br>\n".join(escape(line) for line in part.split("\n")) for part in parts if part.strip())
    return "\n".join(f"<p>{part}</p>" for part in lines)
