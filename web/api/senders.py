"""Who writes: the senders of the organisation, their domains and mailboxes."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort
from msgspec import UNSET, convert
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import mailbox_switch, sender_checks, sender_settings
from services.sender_settings import Mailbox, SenderWanted
from store import models
from store.queries import mailbox_readings, sending_domains
from store.queries import senders as queries
from web.api import asked_senders, shapes_senders
from web.api.caller import Caller
from web.api.shapes import Page

_NONE_SUCH = "There is no such sender."


def list_senders(caller: Caller, session: Session) -> Page[shapes_senders.Sender]:
    """All senders, the default first. Without any, whoever connected the ledger writes."""
    rows = queries.senders(session, caller.organisation_id)
    return Page(items=[_told(session, row) for row in rows], next_cursor=None)


def show_sender(caller: Caller, session: Session, id_: str) -> shapes_senders.Sender:
    """One sender, with the DNS records of its domain and what was found of them."""
    return _told(session, _found(caller, session, id_))


def add_sender(caller: Caller, session: Session, body: asked_senders.NewSender) -> shapes_senders.Sender:
    """Add a sender; the first one is the default. Check it before its mails are to leave."""
    wanted = SenderWanted(body.name, body.email, body.signature or "", body.person_id, _mailbox(body.mailbox))
    row = _in_words(
        lambda: sender_settings.add(
            session, caller.organisation_id, wanted, sender_checks.secrets(caller.app)
        )
    )
    if body.is_default:
        sender_settings.make_default(session, caller.organisation_id, row.id)
    return _told(session, row)


def change_sender(
    caller: Caller, session: Session, id_: str, body: asked_senders.ChangeSender
) -> shapes_senders.Sender:
    """Change a sender. With another address or mailbox it has to be checked again."""
    row = _found(caller, session, id_)
    wanted = SenderWanted(
        row.name if body.name is UNSET else body.name,
        row.email if body.email is UNSET else body.email,
        (row.signature if body.signature is UNSET else body.signature) or "",
        row.person_id if body.person_id is UNSET else body.person_id,
        sender_checks.mailbox_wanted(row) if body.mailbox is UNSET else _mailbox(body.mailbox),
    )
    _in_words(
        lambda: sender_settings.change(
            session, caller.organisation_id, id_, wanted, sender_checks.secrets(caller.app)
        )
    )
    if body.is_default is not UNSET:
        sender_settings.make_default(session, caller.organisation_id, id_)
    if body.reads_mail is not UNSET:
        _switch_reading(caller, session, row, wanted=body.reads_mail)
    return _told(session, row)


def _switch_reading(caller: Caller, session: Session, row: models.Sender, *, wanted: bool) -> None:
    """A token stands for no person, so it opens no colleague's own mailbox; it may close any."""
    if not wanted:
        mailbox_switch.switch_off(session, row)
    elif mailbox_readings.one(session, row.organisation_id, row.id) is None:
        try:
            mailbox_switch.switch_on(session, caller.app.settings, row, by=caller.name, person_id=None)
        except UserError as problem:
            abort(422, str(problem))


def remove_sender(caller: Caller, session: Session, id_: str) -> None:
    """Remove a sender; the default writes in its place. The default itself goes last."""
    _found(caller, session, id_)
    sender_settings.remove(session, caller.organisation_id, id_)


def check_sender(caller: Caller, id_: str) -> shapes_senders.Sender:
    """Look whether its mails may leave: at the DNS records of its domain, or at its mailbox by a test mail to itself."""
    with caller.app.database.read(caller.organisation_id) as session:
        _found(caller, session, id_)
    sender_checks.check(caller.app, caller.organisation_id, id_)
    with caller.app.database.read(caller.organisation_id) as session:
        return show_sender(caller, session, id_)


def _found(caller: Caller, session: Session, sender_id: str) -> models.Sender:
    return queries.sender(session, caller.organisation_id, sender_id) or abort(404, _NONE_SUCH)


def _mailbox(given: asked_senders.GivenMailbox | None) -> Mailbox | None:
    if given is None:
        return None
    return Mailbox(given.host, given.port, given.security, given.user, given.password, given.daily_limit)


def _in_words(change: Callable[[], models.Sender]) -> models.Sender:
    try:
        return change()
    except UserError as problem:
        abort(422, str(problem))


def _told(session: Session, row: models.Sender) -> shapes_senders.Sender:
    domain = sending_domains.of_address(session, row.organisation_id, row.email)
    reading = mailbox_readings.one(session, row.organisation_id, row.id)
    return shapes_senders.Sender(
        id=row.id,
        name=row.name,
        email=row.email,
        signature=row.signature,
        person_id=row.person_id,
        is_default=row.is_default,
        way=row.way,  # type: ignore[arg-type]
        state=row.state,  # type: ignore[arg-type]
        problem=row.problem,
        checked_at=row.checked_at,
        mailbox=convert(row.mailbox, shapes_senders.SenderMailbox) if row.mailbox else None,
        domain=_domain(domain) if domain and row.way == "provider" else None,
        reads_mail=reading is not None,
        reading=convert(reading, shapes_senders.SenderReading, from_attributes=True) if reading else None,
    )


def _domain(row: models.SendingDomain) -> shapes_senders.SenderDomain:
    return convert(row, shapes_senders.SenderDomain, from_attributes=True)
