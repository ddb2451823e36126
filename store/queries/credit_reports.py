"""Credit reports that were ordered, and which company a customer is at the bureau."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models import Contact, CreditCompany, CreditReport
from store.queries.batches import slices

ASKED, OBTAINED, FAILED, UNKNOWN = "asked", "obtained", "failed", "unknown"
_IN_ONE = 500


def company_of(session: Session, organisation_id: str, contact_id: str) -> CreditCompany | None:
    """The company that somebody chose for the customer."""
    return session.get(CreditCompany, (organisation_id, contact_id))


def by_id(session: Session, organisation_id: str, report_id: str) -> CreditReport | None:
    return session.get(CreditReport, (organisation_id, report_id))


def of_contact(session: Session, organisation_id: str, contact_id: str) -> Sequence[CreditReport]:
    """All orders for a customer, the newest first."""
    return session.scalars(
        select(CreditReport)
        .where(CreditReport.organisation_id == organisation_id, CreditReport.contact_id == contact_id)
        .order_by(CreditReport.ordered_at.desc(), CreditReport.id)
    ).all()


def of_day(
    session: Session, organisation_id: str, contact_id: str, source: str, company_id: str, day: date
) -> CreditReport | None:
    """The report of this company that was obtained for the customer on this day."""
    return session.scalars(
        select(CreditReport)
        .where(
            CreditReport.organisation_id == organisation_id,
            CreditReport.contact_id == contact_id,
            CreditReport.source == source,
            CreditReport.company_id == company_id,
            CreditReport.ordered_on == day,
            CreditReport.state == OBTAINED,
        )
        .order_by(CreditReport.ordered_at.desc())
        .limit(1)
    ).first()


def newest_scores(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> dict[str, tuple[int | None, date]]:
    """By contact, the score (None: it has none) and day of the newest report of the company that it is said to be."""
    found: dict[str, tuple[int | None, date]] = {}
    for some in slices(sorted(contact_ids), _IN_ONE):
        rows = session.execute(
            select(CreditReport.contact_id, CreditReport.score, CreditReport.ordered_on)
            .join(
                CreditCompany,
                (CreditCompany.organisation_id == CreditReport.organisation_id)
                & (CreditCompany.contact_id == CreditReport.contact_id)
                & (CreditCompany.source == CreditReport.source)
                & (CreditCompany.company_id == CreditReport.company_id),
            )
            .where(
                CreditReport.organisation_id == organisation_id,
                CreditReport.contact_id.in_(some),
                CreditReport.state == OBTAINED,
            )
            .order_by(CreditReport.ordered_on, CreditReport.ordered_at, CreditReport.id)
        )
        found.update((contact_id, (score, day)) for contact_id, score, day in rows)
    return found


def bought_for_another(
    session: Session, organisation_id: str, contact_id: str, source: str, company_id: str, since: date
) -> tuple[CreditReport, str] | None:
    """The newest report of this company that was bought for another customer since a day, and that customer's name."""
    row = session.execute(
        select(CreditReport, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == CreditReport.organisation_id)
            & (Contact.id == CreditReport.contact_id),
        )
        .where(
            CreditReport.organisation_id == organisation_id,
            CreditReport.contact_id != contact_id,
            CreditReport.source == source,
            CreditReport.company_id == company_id,
            CreditReport.ordered_on >= since,
            CreditReport.state == OBTAINED,
            CreditReport.used_from.is_(None),
        )
        .order_by(CreditReport.ordered_at.desc(), CreditReport.id)
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def raw(session: Session, organisation_id: str, contact_id: str, report_id: str) -> str | None:
    """A report of a customer as the bureau sent it; None: there is none, or it is not kept any more."""
    return session.scalar(
        select(CreditReport.raw).where(
            CreditReport.organisation_id == organisation_id,
            CreditReport.contact_id == contact_id,
            CreditReport.id == report_id,
        )
    )


def with_raw(session: Session, organisation_id: str, ids: Collection[str]) -> set[str]:
    """Those of these reports that are kept as they were sent."""
    return set(
        session.scalars(
            select(CreditReport.id).where(
                CreditReport.organisation_id == organisation_id,
                CreditReport.id.in_(sorted(ids)),
                CreditReport.raw.is_not(None),
            )
        )
    )
