"""Accounts on watch: which they are, which a rule proposes, and which the ledger's group does not show yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from store.models import AccountStop, AccountWatch, Contact, Organisation
from store.queries.account_stops import LIFTED, STOPPED
from store.queries.batches import slices
from store.queries.search import has_contact_words

PROPOSED, WATCHED, ENDED, DECLINED, WITHDRAWN = "proposed", "watched", "ended", "declined", "withdrawn"


def standing(session: Session, organisation_id: str, contact_ids: Collection[str]) -> dict[str, AccountWatch]:
    """The watch, or the proposal of one, of each of these contacts."""
    found: dict[str, AccountWatch] = {}
    for some in slices(sorted(set(contact_ids))):
        rows = session.scalars(
            select(AccountWatch).where(
                AccountWatch.organisation_id == organisation_id,
                AccountWatch.contact_id.in_(some),
                AccountWatch.status.in_((PROPOSED, WATCHED)),
            )
        )
        found |= {row.contact_id: row for row in rows}
    return found


def by_id(session: Session, organisation_id: str, watch_id: str) -> AccountWatch | None:
    return session.get(AccountWatch, (organisation_id, watch_id))


def untold(session: Session, organisation_id: str, now: datetime, limit: int) -> Sequence[AccountWatch]:
    """Watches that the ledger's group does not show yet as they are."""
    return session.scalars(
        select(AccountWatch)
        .where(
            AccountWatch.organisation_id == organisation_id,
            AccountWatch.group_pending,
            AccountWatch.next_try_at <= now,
        )
        .order_by(AccountWatch.created_at, AccountWatch.id)
        .limit(limit)
    ).all()


def organisations_untold(session: Session, now: datetime) -> list[str]:
    """Connected organisations where the ledger's group is to be set right."""
    waiting = select(AccountWatch.id).where(
        AccountWatch.organisation_id == Organisation.id,
        AccountWatch.group_pending,
        AccountWatch.next_try_at <= now,
    )
    statement = select(Organisation.id).where(Organisation.connection == "connected", waiting.exists())
    return list(session.scalars(statement.order_by(Organisation.id)))


def history(session: Session, organisation_id: str, contact_id: str) -> Sequence[AccountWatch]:
    """Every watch that ever stood for a contact."""
    return session.scalars(
        select(AccountWatch)
        .where(
            AccountWatch.organisation_id == organisation_id,
            AccountWatch.contact_id == contact_id,
            AccountWatch.status.in_((WATCHED, ENDED)),
        )
        .order_by(AccountWatch.created_at, AccountWatch.id)
    ).all()


def stops_of(session: Session, organisation_id: str, contact_id: str) -> Sequence[AccountStop]:
    """Every stop that ever stood for a contact; warnings that came to nothing are none."""
    return session.scalars(
        select(AccountStop)
        .where(
            AccountStop.organisation_id == organisation_id,
            AccountStop.contact_id == contact_id,
            AccountStop.status.in_((STOPPED, LIFTED)),
        )
        .order_by(AccountStop.created_at, AccountStop.id)
    ).all()


def listed(
    session: Session, organisation_id: str, search: str = ""
) -> tuple[list[tuple[AccountStop, Contact]], list[tuple[AccountWatch, Contact]]]:
    """All that is on stop, and all that is on watch or proposed for it, by the customers' names."""
    narrow: list[ColumnElement[bool]] = [
        Contact.organisation_id == organisation_id,
        Contact.status != "ERASED",
    ]
    if search:
        narrow.append(has_contact_words(search))
    stops = session.execute(
        select(AccountStop, Contact)
        .join(
            Contact,
            (Contact.organisation_id == AccountStop.organisation_id) & (Contact.id == AccountStop.contact_id),
        )
        .where(*narrow, AccountStop.organisation_id == organisation_id, AccountStop.status == STOPPED)
        .order_by(Contact.name, Contact.id)
    )
    watches = session.execute(
        select(AccountWatch, Contact)
        .join(
            Contact,
            (Contact.organisation_id == AccountWatch.organisation_id)
            & (Contact.id == AccountWatch.contact_id),
        )
        .where(
            *narrow,
            AccountWatch.organisation_id == organisation_id,
            AccountWatch.status.in_((PROPOSED, WATCHED)),
        )
        .order_by(Contact.name, Contact.id)
    )
    return [(row, who) for row, who in stops], [(row, who) for row, who in watches]
