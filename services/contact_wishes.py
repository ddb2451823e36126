"""How a customer likes to hear from us, and how not: noted, taken back, and what it asks for itself.

What it does not want holds at once, whoever says so; that it would like another way is for a person to accept. All
functions work inside the caller's transaction; after the commit the caller rings for planning and notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from credit_control.contact_law import Way
from credit_control.contacting import NOUNS
from kit.errors import UserError
from kit.wording import N_, _
from services.merge_fields import one_line
from services.records import record
from store.models import ChannelWish, Contact
from store.queries import channel_wishes as queries
from store.queries import planning, sending

LONGEST_HOW = 200


class Wish(StrEnum):
    """What a customer wants of one channel."""

    PREFERRED = "preferred"
    UNWANTED = "unwanted"
    SUGGESTED = "suggested"
    """It asked for this way itself, and nobody has said yes to it."""


_SAYS = {
    Wish.PREFERRED: N_("The customer prefers {what}."),
    Wish.UNWANTED: N_("The customer wants no {what} any more."),
    Wish.SUGGESTED: N_("The customer would like to hear by {what}."),
}
_TAKEN_BACK = N_("Nothing is known any more of whether the customer wants {what}.")


def note(
    session: Session,
    organisation_id: str,
    contact_id: str,
    way: Way,
    wish: Wish,
    *,
    how: str,
    by: str,
    now: datetime,
    recorded: bool = True,
) -> ChannelWish:
    """Note what a customer wants of one channel. One is preferred at most: the one before is not any more.

    Not ``recorded``: the timeline has it already.
    """
    row = _row(session, organisation_id, contact_id, way)
    if wish is Wish.PREFERRED:
        for other in queries.of_contact(session, organisation_id, contact_id):
            if other.channel != way and other.wish in (Wish.PREFERRED, Wish.SUGGESTED):
                other.ended_by, other.ended_at = by, now
    if row is None:
        row = ChannelWish(organisation_id=organisation_id, contact_id=contact_id, channel=way.value)
        session.add(row)
    row.wish, row.how = wish.value, one_line(how)[:LONGEST_HOW]
    row.said_by, row.said_at, row.ended_by, row.ended_at = by, now, None, None
    session.flush()
    if recorded:
        told = _SAYS[wish].format(what=NOUNS[way])
        _record(session, organisation_id, contact_id, f"{told} {row.how}".strip(), by, now)
    planning.look_again(session, organisation_id, [contact_id], now)
    return row


def change(
    session: Session,
    organisation_id: str,
    contact_id: str,
    way: Way,
    wish: Wish | None,
    *,
    how: str,
    by: str,
    now: datetime,
) -> None:
    """Note what a colleague knows of one channel; None: nothing any more."""
    if wish is None:
        take_back(session, organisation_id, contact_id, way, by=by, now=now)
        return
    row = _row(session, organisation_id, contact_id, way)
    if row is not None and row.ended_at is None and wish is Wish.PREFERRED and row.wish == Wish.SUGGESTED:
        how = how or row.how
    note(session, organisation_id, contact_id, way, wish, how=how, by=by, now=now)


def suggest(
    session: Session, organisation_id: str, contact_id: str, way: Way, *, how: str, by: str, now: datetime
) -> None:
    """A customer asks for this way itself; what it prefers already, or has refused, stays as it is."""
    row = _row(session, organisation_id, contact_id, way)
    if row is None or row.ended_at is not None:
        note(
            session,
            organisation_id,
            contact_id,
            way,
            Wish.SUGGESTED,
            how=how,
            by=by,
            now=now,
            recorded=False,
        )


def take_back(
    session: Session, organisation_id: str, contact_id: str, way: Way, *, by: str, now: datetime
) -> None:
    """Whatever was noted of this channel holds no longer; nothing happens where nothing was."""
    row = _row(session, organisation_id, contact_id, way)
    if row is None or row.ended_at is not None:
        return
    row.ended_by, row.ended_at = by, now
    session.flush()
    if row.wish != Wish.SUGGESTED:
        _record(session, organisation_id, contact_id, _TAKEN_BACK.format(what=NOUNS[way]), by, now)
    planning.look_again(session, organisation_id, [contact_id], now)


def wishes_of(session: Session, organisation_id: str, contact_id: str) -> Sequence[ChannelWish]:
    """What stands of one customer, channel by channel."""
    return queries.of_contact(session, organisation_id, contact_id)


def _row(session: Session, organisation_id: str, contact_id: str, way: Way) -> ChannelWish | None:
    sending.lock_organisation(session, organisation_id)
    if session.get(Contact, (organisation_id, contact_id)) is None:
        raise UserError(_("There is no such customer."))
    return queries.one(session, organisation_id, contact_id, way.value)


def _record(
    session: Session, organisation_id: str, contact_id: str, text: str, by: str, now: datetime
) -> None:
    record(session, organisation_id, contact_id, (), channel="note", text=text, by=by, now=now)
