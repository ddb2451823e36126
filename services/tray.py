"""What a person does with a mail that nobody could place: say whose it is, or that it concerns no customer."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.ids import derived_id
from kit.wording import _
from services import inbound_mail, replies
from services.inbound_mail import InboundMail
from services.matching import Match
from services.strays import ASSIGNED, DISMISSED, WAITING
from store.models import StrayMail
from store.queries import customers, sending
from store.queries import strays as queries


def assign(
    session: Session,
    organisation_id: str,
    stray_id: str,
    contact_id: str,
    *,
    domain: str,
    by: str,
    now: datetime,
) -> StrayMail:
    """It is from this customer: from here on it is a reply like any other. The caller rings for notes and planning.

    ``domain``: where our reply addresses are. ``UserError`` when it waits no more, or there is no such customer.
    """
    row = _waiting(session, organisation_id, stray_id)
    if customers.contact(session, organisation_id, contact_id) is None:
        raise UserError(_("There is no such customer in this organisation."))
    form = msgspec.msgpack.decode(row.payload, type=InboundMail)
    found = Match(organisation_id, contact_id, by="person", proven=row.proven)
    replies.take_mail(session, found, row.key, form, inbound_mail.read(form), domain, now)
    row.communication_id = derived_id("reply", organisation_id, row.key)
    _settle(row, ASSIGNED, by, now)
    return row


def dismiss(session: Session, organisation_id: str, stray_id: str, *, by: str, now: datetime) -> StrayMail:
    """It concerns no customer. ``UserError`` when it waits no more."""
    row = _waiting(session, organisation_id, stray_id)
    _settle(row, DISMISSED, by, now)
    return row


def _waiting(session: Session, organisation_id: str, stray_id: str) -> StrayMail:
    sending.lock_organisation(session, organisation_id)
    row = queries.one(session, organisation_id, stray_id)
    if row is None:
        raise UserError(_("There is no such mail in the tray."))
    if row.state != WAITING:
        raise UserError(_("Somebody has dealt with this mail already."))
    return row


def _settle(row: StrayMail, state: str, by: str, now: datetime) -> None:
    row.state, row.settled_by, row.settled_at, row.payload = state, by, now, b""
