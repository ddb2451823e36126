"""Invitations: which stand, and who takes one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from store.models import Invitation, Organisation

_MOST = 200


def of_organisation(session: Session, organisation_id: str, kind: str) -> Sequence[Invitation]:
    """Those of a kind that stand open, also when they are expired, newest first."""
    return _open(session, Invitation.organisation_id == organisation_id, kind)


def of_practice(session: Session, practice_id: str, kind: str) -> Sequence[Invitation]:
    """Those of a kind that stand open, also when they are expired, newest first."""
    return _open(session, Invitation.practice_id == practice_id, kind)


def _open(session: Session, whose: object, kind: str) -> Sequence[Invitation]:
    statement = (
        select(Invitation)
        .where(
            whose,  # type: ignore[arg-type]
            Invitation.kind == kind,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .order_by(Invitation.created_at.desc(), Invitation.id)
        .limit(_MOST)
    )
    return session.scalars(statement).all()


def asked_of(session: Session, email: str, now: datetime) -> list[tuple[Invitation, Organisation]]:
    """What clients ask of whoever has this e-mail address, the oldest first."""
    statement = (
        select(Invitation, Organisation)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .where(
            Invitation.kind == "client_asks",
            Invitation.email == email.strip().lower(),
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.created_at, Invitation.id)
        .limit(_MOST)
    )
    return [(row, organisation) for row, organisation in session.execute(statement)]


def locked(session: Session, invitation_id: str) -> Invitation | None:
    return session.scalars(
        select(Invitation).where(Invitation.id == invitation_id).with_for_update()
    ).one_or_none()


def by_digest(session: Session, digest: str) -> Invitation | None:
    return session.scalars(select(Invitation).where(Invitation.token_digest == digest)).one_or_none()


def take(session: Session, digest: str, now: datetime) -> bool:
    """Use it up. False when somebody was faster, or it is not good any more."""
    good = (
        Invitation.token_digest == digest,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > now,
    )
    result = session.execute(
        update(Invitation).where(*good).values(accepted_at=now),
        execution_options={"synchronize_session": False},
    )
    return isinstance(result, CursorResult) and result.rowcount == 1
