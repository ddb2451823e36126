"""One mail of the queue, by the key under which a page or a program names it.

A stored chaser goes by its id, a mail that is only foreseen by its contact and day. Behind either may stand a mark
of whom it goes to, about what, for how much: then it is found only while that is still so, because a person's word
is about what the person saw.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from credit_control.occasions import OccasionKind
from kit.errors import UserError
from kit.wording import N_, _
from services import foresight
from services.books import Desk
from services.foresight import Coming
from services.outlook_shapes import KEY_MARK, Leaving
from store.models import Communication

_KEY = re.compile(
    rf"(?P<id>[0-9a-f]{{32}})(?:_(?P<day>\d{{4}}-\d\d-\d\d))?(?:\.(?P<mark>[0-9a-f]{{{KEY_MARK}}}))?"
)
PATTERN = f"^{re.sub('[?]P<[a-z]+>', '', _KEY.pattern)}$"
"""What a key looks like, for whoever has to say it."""

_OTHERS = frozenset(OccasionKind)
_GONE = N_("This mail is not in the queue any more: it has left, was cancelled, or is being planned anew.")
_NO_REMINDER = N_(
    "Only reminders are read and written one by one here. What this mail says is that of all mails of its kind:"
    " change it on the page of its text."
)
_LEAVING = N_("This mail is leaving just now.")
_CHANGED = N_("This mail has changed since you looked at it; look at it once more.")


@dataclass(frozen=True, slots=True)
class Found:
    """A mail, and all that comes to its contact."""

    mail: Leaving
    coming: Coming


def find(session: Session, desk: Desk, key: str, now: datetime) -> Found:
    """The mail as it stands now. ``UserError`` when it is none, has left, or is not what its mark says."""
    matched = _KEY.fullmatch(key)
    if matched is None:
        raise UserError(
            _("This is not the key of a mail in the queue; take one from the queue as it is now.")
        )
    mark, day = matched["mark"], _day(matched["day"])
    contact_id = matched["id"] if matched["day"] else _contact(session, desk, matched["id"])
    for coming in foresight.coming(session, desk, [contact_id], now):
        for mail in coming.mails:
            if mail.on == day if day else mail.communication_id == matched["id"]:
                if mark and not mail.mark.startswith(mark):
                    raise UserError(_(_CHANGED))
                if mail.status == "sending":
                    raise UserError(_(_LEAVING))
                return Found(mail, coming)
    raise UserError(_(_GONE))


def _contact(session: Session, desk: Desk, communication_id: str) -> str:
    row = session.get(Communication, (desk.organisation.id, communication_id))
    if row is not None and row.kind in _OTHERS and row.status in ("planned", "held"):
        raise UserError(_(_NO_REMINDER))
    if row is None or row.kind != "chaser":
        raise UserError(_(_GONE))
    return row.contact_id


def _day(word: str | None) -> date | None:
    try:
        return date.fromisoformat(word) if word else None
    except ValueError:
        raise UserError(_(_GONE)) from None
