"""The story of a connection, what was refused over it, and what came by webhook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kit.ids import new_id
from store.models import ConnectionMark, InboxEvent, LedgerRefusal, Organisation
from store.queries.upsert import upsert


def mark(session: Session, organisation_id: str, what: str, by: str, now: datetime) -> None:
    """Keep that the connection began or ended."""
    session.add(ConnectionMark(organisation_id=organisation_id, id=new_id(), at=now, what=what, by=by))


def marks(session: Session, organisation_id: str, limit: int) -> Sequence[ConnectionMark]:
    """What became of the connection, the newest first."""
    return session.scalars(
        select(ConnectionMark)
        .where(ConnectionMark.organisation_id == organisation_id)
        .order_by(ConnectionMark.at.desc(), ConnectionMark.id)
        .limit(limit)
    ).all()


def last_mark(session: Session, organisation_id: str, *what: str) -> ConnectionMark | None:
    """The last of these."""
    return session.scalars(
        select(ConnectionMark)
        .where(ConnectionMark.organisation_id == organisation_id, ConnectionMark.what.in_(what))
        .order_by(ConnectionMark.at.desc())
        .limit(1)
    ).first()


def keep_refusal(session: Session, values: dict[str, Any]) -> None:
    """Keep a refusal; the same again only counts."""
    fresh = upsert(session, LedgerRefusal).values(values)
    session.connection().execute(
        fresh.on_conflict_do_update(
            index_elements=["organisation_id", "id"],
            set_={"times": LedgerRefusal.times + 1, "last_at": values["last_at"]},
        )
    )


def refusals(session: Session, organisation_id: str, limit: int) -> Sequence[LedgerRefusal]:
    """What the ledger refused, the newest first."""
    return session.scalars(
        select(LedgerRefusal)
        .where(LedgerRefusal.organisation_id == organisation_id)
        .order_by(LedgerRefusal.last_at.desc(), LedgerRefusal.id)
        .limit(limit)
    ).all()


def forget_refusals(session: Session, before: datetime) -> None:
    """What is so old helps nobody any more."""
    session.connection().execute(delete(LedgerRefusal).where(LedgerRefusal.last_at < before))


def webhooks(session: Session, tenant_id: str, limit: int) -> Sequence[InboxEvent]:
    """What the ledger told of this tenant, the newest first."""
    return session.scalars(
        select(InboxEvent)
        .where(InboxEvent.source == "xero", InboxEvent.tenant == tenant_id)
        .order_by(InboxEvent.id.desc())
        .limit(limit)
    ).all()


def of_tenant(session: Session, ledger: str, tenant_id: str) -> Organisation | None:
    """The organisation of a tenant, if it is one here."""
    return session.scalars(
        select(Organisation).where(Organisation.ledger == ledger, Organisation.ledger_tenant_id == tenant_id)
    ).one_or_none()
