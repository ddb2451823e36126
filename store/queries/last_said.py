"""What was last said between us and a customer, and what is about to leave: what somebody should know who rings up.

A message that is only planned, was held back, or never left was not said. Of a whole page of customers it is asked at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select, union_all
from sqlalchemy.orm import Session, defer

from store.models import Communication

_HAPPENED = func.coalesce(Communication.sent_at, Communication.planned_for, Communication.created_at)
_SAID = (
    or_(
        Communication.direction == "in",
        Communication.status.in_(("sent", "delivered", "bounced", "unknown")),
    ),
    Communication.kind != "skip",
)
"""A step that was left out is written down, and was not said to anybody."""


def last_said(
    session: Session, organisation_id: str, contact_ids: Collection[str], *, most: int
) -> dict[str, list[Communication]]:
    """By contact, the last so many mails, texts, calls, letters and notes in both directions, newest first.

    The texts are there, the HTML is not. For a page of customers: each is a part of the one statement, read from its own end.
    """
    if not contact_ids:
        return {}
    newest = (
        select(Communication.id)
        .where(
            Communication.organisation_id == organisation_id, Communication.contact_id == contact_id, *_SAID
        )
        .order_by(_HAPPENED.desc(), Communication.id.desc())
        .limit(most)
        .subquery()
        for contact_id in sorted(contact_ids)
    )
    ids = union_all(*(select(one.c.id) for one in newest))
    found: dict[str, list[Communication]] = defaultdict(list)
    for row in session.scalars(
        _light(organisation_id)
        .where(Communication.id.in_(ids))
        .order_by(_HAPPENED.desc(), Communication.id.desc())
    ):
        found[row.contact_id].append(row)
    return found


def leaves_before(
    session: Session, organisation_id: str, contact_ids: Collection[str], until: datetime
) -> dict[str, Sequence[Communication]]:
    """By contact, the messages that leave before a moment unless something stops them, the first first."""
    statement = _light(organisation_id).where(
        Communication.contact_id.in_(contact_ids),
        Communication.direction == "out",
        or_(
            Communication.status == "sending",
            (Communication.status == "planned") & (Communication.planned_for < until),
        ),
    )
    found: dict[str, list[Communication]] = defaultdict(list)
    for row in session.scalars(statement.order_by(Communication.planned_for, Communication.id)):
        found[row.contact_id].append(row)
    return dict(found)


def _light(organisation_id: str) -> Select[Communication]:
    return (
        select(Communication)
        .where(Communication.organisation_id == organisation_id)
        .options(defer(Communication.body_html, raiseload=True))
    )
