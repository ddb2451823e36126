"""The tray: mails of which nobody knows for sure which customer wrote them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from kit.ids import derived_id
from services.inbound_mail import Letter
from services.matching import Match
from store.queries import strays as queries

WAITING, ASSIGNED, DISMISSED = "waiting", "assigned", "dismissed"


def keep(session: Session, found: Match, key: str, payload: bytes, letter: Letter, now: datetime) -> None:
    """Put a mail into the tray of the one organisation that can be meant; a second time changes nothing."""
    organisation_id = found.organisation_id or ""
    queries.add(
        session,
        organisation_id=organisation_id,
        id=derived_id("stray", organisation_id, key),
        key=key,
        from_name=letter.from_name or None,
        from_email=letter.from_email or None,
        subject=letter.subject,
        body_text=letter.text,
        proven=found.proven,
        suggestions=[msgspec.to_builtins(one) for one in found.suggestions],
        payload=payload,
        state=WAITING,
        received_at=now,
    )
