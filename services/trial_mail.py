"""Sending a text to oneself, to see it where customers will see it: in a mailbox."""

from __future__ import annotations

from urllib.parse import urlsplit

from credit_control.brakes import Kind
from integration.email.mailer import Mail, Mailer, MailError, MailUnsure
from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import brakes
from services.app import App
from services.mail_access import open_mailer
from services.preview import Preview
from store.models import Organisation

_STOPPED = frozenset({Kind.STOP, Kind.STOP_ALL})
_LOG_MODE = N_(
    "SEND_MODE is log, so the test was not handed over; below is what would have reached {address}."
)
_UNSURE = N_(
    "The mail provider did not say whether it took the test; look into your mailbox before you send another."
)


def send(app: App, organisation: Organisation, preview: Preview, address: str) -> str:
    """Send what the preview shows to this address alone, and say what happened. ``UserError`` when it did not leave."""
    _check(app, organisation, preview)
    if app.settings.send_mode != "live":
        return _LOG_MODE.format(address=address)
    return send_with(app, open_mailer(app, organisation.id), organisation, preview, address)


def send_with(app: App, mailer: Mailer, organisation: Organisation, preview: Preview, address: str) -> str:
    """The same by this mailer. It is no chaser: no step is behind it, and nothing is noted in the ledger."""
    try:
        mailer.send(_mail(app, organisation, preview, address))
    except MailUnsure:
        raise UserError(_(_UNSURE)) from None
    except MailError as error:
        raise UserError(_("The test did not leave: %(error)s", error=error)) from error
    return N_(f"Sent to {address}, without the invoices that a real one carries.")


def _check(app: App, organisation: Organisation, preview: Preview) -> None:
    if not preview.sender.email:
        raise UserError(_("Nobody is set as the sender of mails; name one in the settings."))
    with app.database.read(organisation.id) as session:
        standing = brakes.in_force(session, organisation, clock.now())
    for brake in standing:
        if brake.kind in _STOPPED:
            raise UserError(_("Nothing leaves just now, not even a test. %(reason)s", reason=brake.reason))


def _mail(app: App, organisation: Organisation, preview: Preview, address: str) -> Mail:
    own_id = new_id()
    domain = app.settings.inbound_mail_domain or urlsplit(app.settings.public_url).hostname or "localhost"
    return Mail(
        id=own_id,
        organisation_id=organisation.id,
        from_name=preview.sender.name,
        from_email=preview.sender.email,
        to=(address,),
        reply_to=None,
        subject=_("Test: %(subject)s", subject=preview.mail.subject),
        text=preview.mail.text,
        html=preview.mail.html,
        message_id=f"<{own_id}@{domain}>",
        mailbox=preview.sender.id if preview.sender.by_mailbox else None,
    )
