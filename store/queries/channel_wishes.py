"""How customers like to hear from us, and how not."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import ChannelWish


def one(session: Session, organisation_id: str, contact_id: str, channel: str) -> ChannelWish | None:
    """What was said last of this channel, whether it still stands or not."""
    return session.get(ChannelWish, (organisation_id, contact_id, channel))


def of_contact(session: Session, organisation_id: str, contact_id: str) -> Sequence[ChannelWish]:
    """What stands."""
    return session.scalars(
        select(ChannelWish)
        .where(
            ChannelWish.organisation_id == organisation_id,
            ChannelWish.contact_id == contact_id,
            ChannelWish.ended_at.is_(None),
        )
        .order_by(ChannelWish.channel)
    ).all()
