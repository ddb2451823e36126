"""The domains that mails leave from through the mail provider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models import Sender, SendingDomain


def domain_of(email: str) -> str:
    """The domain of an address, in small letters."""
    return email.rpartition("@")[2].lower()


def of_address(session: Session, organisation_id: str, email: str) -> SendingDomain | None:
    return session.get(SendingDomain, (organisation_id, domain_of(email)))


def is_used_by_others(session: Session, organisation_id: str, domain: str) -> bool:
    """Whether another organisation of this installation writes from this domain."""
    others = select(SendingDomain.domain).where(
        SendingDomain.domain == domain, SendingDomain.organisation_id != organisation_id
    )
    return session.scalars(others.limit(1)).first() is not None


def due(session: Session, now: datetime) -> list[str]:
    """Organisations with a domain that is to be looked at again."""
    statement = select(SendingDomain.organisation_id).where(SendingDomain.next_check_at <= now).distinct()
    return list(session.scalars(statement.order_by(SendingDomain.organisation_id)))


def due_of(session: Session, organisation_id: str, now: datetime) -> Sequence[str]:
    """The domains of one organisation that are."""
    return session.scalars(
        select(SendingDomain.domain)
        .where(SendingDomain.organisation_id == organisation_id, SendingDomain.next_check_at <= now)
        .order_by(SendingDomain.domain)
    ).all()


def senders_by(session: Session, organisation_id: str, domain: str) -> Sequence[Sender]:
    """The senders who write from a domain by the mail provider."""
    return session.scalars(
        select(Sender).where(
            Sender.organisation_id == organisation_id,
            Sender.way == "provider",
            func.lower(Sender.email).like(f"%@{_plain(domain)}", escape="\\"),
        )
    ).all()


def _plain(domain: str) -> str:
    return domain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
