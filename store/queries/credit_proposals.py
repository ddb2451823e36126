"""Proposals of another schedule, a lower limit or other terms: what waits, what was said no to, and what was decided last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from store.models import Contact, CreditProposal, Organisation
from store.queries.batches import slices

WAITS, ACCEPTED, DECLINED, OVER = "waits", "accepted", "declined", "over"
SCHEDULE, LIMIT, TERMS = "schedule", "limit", "terms"
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Written:
    """What became of accepted terms, in numbers of customers."""

    written: int
    waiting: int
    refused: int


def waiting(
    session: Session, organisation_id: str, contact_ids: Collection[str], kind: str
) -> dict[tuple[str, str], CreditProposal]:
    """What waits, by contact and currency."""
    return {
        (row.contact_id, row.currency): row for row in _of(session, organisation_id, contact_ids, kind, WAITS)
    }


def declined(
    session: Session, organisation_id: str, contact_ids: Collection[str], kind: str = LIMIT
) -> dict[tuple[str, str], CreditProposal]:
    """The newest limit, or proposal of another kind, that somebody said no to, by contact and currency."""
    rows = _of(session, organisation_id, contact_ids, kind, DECLINED)
    rows.sort(key=lambda row: row.decided_at or row.made_at)
    return {(row.contact_id, row.currency): row for row in rows}


def _of(
    session: Session, organisation_id: str, contact_ids: Collection[str], kind: str, state: str
) -> list[CreditProposal]:
    found: list[CreditProposal] = []
    for some in slices(sorted(set(contact_ids))):
        found += session.scalars(
            select(CreditProposal).where(
                CreditProposal.organisation_id == organisation_id,
                CreditProposal.contact_id.in_(some),
                CreditProposal.kind == kind,
                CreditProposal.state == state,
            )
        )
    return found


def by_id(session: Session, organisation_id: str, proposal_id: str) -> CreditProposal | None:
    """Read anew, as it stands in this change."""
    return session.get(CreditProposal, (organisation_id, proposal_id), populate_existing=True)


def of_contact(session: Session, organisation_id: str, contact_id: str) -> list[CreditProposal]:
    """What waits for a customer."""
    rows = session.scalars(
        select(CreditProposal)
        .where(
            CreditProposal.organisation_id == organisation_id,
            CreditProposal.contact_id == contact_id,
            CreditProposal.state == WAITS,
        )
        .order_by(CreditProposal.kind.desc(), CreditProposal.currency)
    )
    return list(rows)


def page(
    session: Session,
    organisation_id: str,
    after: tuple[datetime, str] | None,
    limit: int,
    *,
    contact_id: str | None = None,
    kind: str | None = None,
    state: str | None = None,
) -> list[CreditProposal]:
    """Proposals, the newest first, behind the sort key ``after``; one more than asked for."""
    row = CreditProposal
    wanted = select(row).where(row.organisation_id == organisation_id)
    for column, value in ((row.contact_id, contact_id), (row.kind, kind), (row.state, state)):
        if value is not None:
            wanted = wanted.where(column == value)
    if after:
        moment, last_id = after
        wanted = wanted.where((row.made_at < moment) | ((row.made_at == moment) & (row.id < last_id)))
    return list(session.scalars(wanted.order_by(row.made_at.desc(), row.id.desc()).limit(limit + 1)))


def listed(session: Session, organisation_id: str, *, decided: bool) -> list[tuple[CreditProposal, str]]:
    """What waits, the oldest first; or what was decided, the newest first; with the customers' names."""
    wanted = (
        select(CreditProposal, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == CreditProposal.organisation_id)
            & (Contact.id == CreditProposal.contact_id),
        )
        .where(CreditProposal.organisation_id == organisation_id, Contact.status != "ERASED")
    )
    if decided:
        wanted = wanted.where(CreditProposal.state.in_((ACCEPTED, DECLINED)))
        order = (CreditProposal.decided_at.desc(), CreditProposal.id)
        rows = session.execute(wanted.order_by(*order).limit(50))
    else:
        wanted = wanted.where(CreditProposal.state == WAITS)
        rows = session.execute(wanted.order_by(CreditProposal.made_at, Contact.name).limit(MOST_SHOWN))
    return [(row, name) for row, name in rows]


def unwritten(session: Session, organisation_id: str, now: datetime, most: int) -> Sequence[CreditProposal]:
    """Accepted terms that are to be written to the ledger now, the oldest first."""
    return session.scalars(
        select(CreditProposal)
        .where(
            CreditProposal.organisation_id == organisation_id,
            CreditProposal.write_pending,
            CreditProposal.next_try_at <= now,
        )
        .order_by(CreditProposal.decided_at, CreditProposal.id)
        .limit(most)
    ).all()


def being_written(session: Session, organisation_id: str, contact_ids: Collection[str]) -> set[str]:
    """Those of these contacts whose accepted terms wait to be written."""
    rows = _of(session, organisation_id, contact_ids, TERMS, ACCEPTED)
    return {row.contact_id for row in rows if row.write_pending}


def organisations_unwritten(session: Session, now: datetime) -> list[str]:
    """Connected organisations where accepted terms are to be written to the ledger."""
    waiting = select(CreditProposal.id).where(
        CreditProposal.organisation_id == Organisation.id,
        CreditProposal.write_pending,
        CreditProposal.next_try_at <= now,
    )
    statement = select(Organisation.id).where(Organisation.connection == "connected", waiting.exists())
    return list(session.scalars(statement.order_by(Organisation.id)))


def written(session: Session, organisation_id: str) -> Written:
    """How many accepted terms the ledger has, how many it waits for, and how many it refused."""
    found = session.execute(
        select(
            func.count(CreditProposal.written_at),
            func.count(case((CreditProposal.write_pending, 1))),
            func.count(
                case((~CreditProposal.write_pending & CreditProposal.problem.is_not(None), 1)),
            ),
        ).where(
            CreditProposal.organisation_id == organisation_id,
            CreditProposal.kind == TERMS,
            CreditProposal.state == ACCEPTED,
        )
    ).one()
    return Written(*found)
