"""Whether a sender's mails may leave: looked at when a person asks, before going live, and every day."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from integration.email.mailer import Mail, MailAccountProblem, MailError, MailRefused, MailUnsure
from kit import clock
from kit.crypto import SecretBox
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import ENGLISH, N_, _, worded_in
from services import sending_domains
from services.app import App
from services.colleagues_language import Words, person_reads
from services.mail_access import mailbox_of
from services.sender_settings import Mailbox
from services.senders import FAILING, MAILBOX, READY
from store.models import Organisation, Sender
from store.queries import senders as queries
from store.queries.sending_domains import domain_of


def secrets(app: App) -> SecretBox | None:
    """With what passwords are kept; None while no key is set."""
    return app.secrets if app.settings.token_keys else None


def mailbox_wanted(row: Sender) -> Mailbox | None:
    """The mailbox as it stands, to be kept in a change of something else."""
    if not row.mailbox:
        return None
    kept = row.mailbox
    return Mailbox(kept["host"], kept["port"], kept["security"], kept["user"], None, kept["daily_limit"])


def check(app: App, organisation_id: str, sender_id: str) -> None:
    """Look whether this sender's mails may leave, and keep what was found. ``UserError`` when nobody could be asked.

    A mailbox gets a test mail to itself, where mails leave at all (``SEND_MODE``).
    """
    with app.database.read(organisation_id) as session:
        row = queries.sender(session, organisation_id, sender_id)
        organisation = session.get_one(Organisation, organisation_id)
    if row is None:
        raise UserError(_("There is no such sender in this organisation; it may have been removed."))
    if row.way != MAILBOX:
        sending_domains.check(app, organisation_id, domain_of(row.email))
        return
    state, problem = _try(app, row, organisation)
    with app.database.write(organisation_id) as session:
        found = queries.sender(session, organisation_id, sender_id)
        if found is None:
            return
        found.problem, found.checked_at = problem, clock.now()
        found.state = state or found.state
        if state == READY:
            found.retry_at = None


@worded_in(ENGLISH)  # what is kept is English, whoever asked
def _try(app: App, row: Sender, organisation: Organisation) -> tuple[str | None, str | None]:
    """The state that follows from a try (None: as before), and what is wrong."""
    try:
        mailer = mailbox_of(app, row)
        if app.settings.send_mode == "live":
            mailer.send(_test(app, row, organisation))
        else:
            mailer.check()
    except (MailAccountProblem, MailRefused, UserError) as error:
        return FAILING, str(error)
    except (MailError, MailUnsure) as error:
        return None, str(error)
    return READY, None


def _test(app: App, row: Sender, organisation: Organisation) -> Mail:
    own_id = new_id()
    domain = urlsplit(app.settings.public_url).hostname or "localhost"
    with app.database.read(organisation.id) as session:
        reads = person_reads(session, row.person_id, organisation.id)
    with worded_in(reads):
        subject, text = _words(row.name, organisation.name)
    return Mail(
        id=own_id,
        organisation_id=organisation.id,
        from_name=row.name,
        from_email=row.email,
        to=(row.email,),
        reply_to=None,
        subject=subject,
        text=text,
        html="",
        message_id=f"<{own_id}@{domain}>",
        mailbox=row.id,
    )


def _words(name: str, organisation: str) -> Words:
    parts = [
        _("Hello %(name)s,", name=name),
        _("this is a test: mails of %(organisation)s can leave by this mailbox.", organisation=organisation),
        _("Nothing has to be done."),
    ]
    return _("A test from Dunnock"), "\n\n".join(parts) + "\n"


def keep_by_newest_key(app: App) -> None:
    """Encrypt mailbox passwords with the newest of TOKEN_KEYS, so that the older ones can be dropped."""
    if not app.settings.token_keys:
        return
    with app.database.write_across() as session:
        for row in queries.with_secrets(session):
            if not app.secrets.is_by_newest(row.secret_cipher or ""):
                with suppress(UserError):
                    row.secret_cipher = app.secrets.rotate(row.secret_cipher or "")


def ready_to_go_live(app: App, session: Session, organisation: Organisation) -> None:
    """``UserError`` while the default sender is not known to be believed, where mails really reach customers."""
    if not app.settings.real_mail or app.settings.send_mode != "live":
        return
    default = next((row for row in queries.senders(session, organisation.id) if row.is_default), None)
    if default is None:
        raise UserError(
            _("Nobody is set as the sender of chasers; add a sender in the settings and check it.")
        )
    if default.state != READY:
        said = _(default.problem or N_("nobody has checked this sender yet."))
        raise UserError(
            _(
                "Mails of %(default_name)s would not count as genuine, so going live waits: %(said)s Check it in "
                "the settings.",
                default_name=default.name,
                said=said,
            )
        )
