"""A colleague's answer has left, by whoever's word: the provider took it, or reports tell of it later.

Who hands it over may die before the answer of the provider is stored; then the first report says the same.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services import settling_replies
from store.models import Answer, Communication, Organisation
from store.queries import answers as queries
from store.queries import replies


def settle(session: Session, message: Communication, now: datetime) -> None:
    """Nothing of it waits any more, and what it answers is settled, where that was wanted."""
    row = queries.one(session, message.organisation_id, message.id)
    if row is None or row.status == "sent":
        return
    row.status, row.problem = "sent", None
    if row.settles:
        _settle_answered(session, message, row, now)


def _settle_answered(session: Session, message: Communication, row: Answer, now: datetime) -> None:
    reply = replies.one(session, row.organisation_id, message.in_reply_to or "")
    if reply is None or reply.state != "waiting":
        return
    organisation = session.get_one(Organisation, row.organisation_id)
    settling_replies.settle(
        session,
        organisation,
        reply.communication_id,
        settling_replies.ANSWERED,
        by=row.written_by,
        now=now,
    )
