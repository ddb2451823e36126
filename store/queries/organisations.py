"""Organisations, and the keys to their API."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.models import ApiToken, Organisation


def by_tenant(session: Session, ledger_tenant_id: str) -> Organisation | None:
    """The organisation of a ledger tenant."""
    return session.scalar(select(Organisation).where(Organisation.ledger_tenant_id == ledger_tenant_id))


def token_by_digest(session: Session, digest: str) -> ApiToken | None:
    """The API token in force that has this digest."""
    return session.scalar(select(ApiToken).where(ApiToken.digest == digest, ApiToken.revoked_at.is_(None)))


def token_used(session: Session, organisation_id: str, token_id: str, now: datetime) -> None:
    """Write down when a token was last used."""
    this = (ApiToken.organisation_id == organisation_id, ApiToken.id == token_id)
    session.connection().execute(update(ApiToken).where(*this).values(last_used_at=now))


def connected(session: Session) -> list[Organisation]:
    """All organisations that were ever connected, by name."""
    return list(session.scalars(select(Organisation).order_by(Organisation.name, Organisation.id)))
