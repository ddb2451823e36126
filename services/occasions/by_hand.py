"""What people do with one mail that no step sends, as the queue shows it: say yes to it, leave it out, hold its customer.

The key is the mail's id, with a mark of whom it goes to, about what, for how much, like that of a chaser.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from kit.errors import UserError
from kit.wording import N_, _
from services import go
from services.by_hand import checked_reason, left_out_by
from services.outlook_shapes import Beside
from store.queries import occasions as queries
from store.queries import occasions_waiting, planning

_CHANGED = N_("This mail has changed since you looked at it; look at it once more.")
_LEAVING = N_("This mail is leaving just now.")


def find(session: Session, organisation_id: str, key: str) -> Beside | None:
    """The mail of this key; None: there is none that waits. ``UserError`` when it has changed, or is leaving."""
    id_, _unused, mark = key.partition(".")
    found = [Beside(one) for one in occasions_waiting.waiting(session, organisation_id, 1, id_=id_)]
    if not found:
        return None
    if mark and found[0].key != key:
        raise UserError(_(_CHANGED))
    if found[0].mail.status == "sending":
        raise UserError(_(_LEAVING))
    return found[0]


def leave_out(
    session: Session, organisation_id: str, found: Beside, by: str, reason: str, now: datetime
) -> str:
    """Leave a mail out for good; what it is about stays as it is. The caller rings for planning."""
    queries.leave_out(session, organisation_id, found.mail.id, left_out_by(by, checked_reason(reason)))
    planning.look_again(session, organisation_id, [found.mail.contact_id], now)
    return N_("It is left out; reminders go on as before.")


def approve(session: Session, organisation_id: str, found: Beside, by: str) -> str:
    """Say yes to a mail that waits for it. The caller rings for planning."""
    if not go.say_go(session, organisation_id, found.mail.id, by):
        raise UserError(_("This mail does not wait for a yes; somebody may have said it already."))
    return "It leaves in its turn, after one more look at the ledger."
