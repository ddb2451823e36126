"""Special terms: what was agreed with customers, and the terms of an invoice in the words of the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from fractions import Fraction

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from credit_control.credit.special_terms import SpecialTerms
from store.among import among
from store.models import AgreedTerms, Organisation
from store.queries.batches import slices

_ANY = select(AgreedTerms.id).where(AgreedTerms.organisation_id == bindparam("organisation")).limit(1)
_UNTOLD = (AgreedTerms.taken_back_on.is_(None), AgreedTerms.over_told_at.is_(None))


def is_any(session: Session, organisation_id: str) -> bool:
    """Whether anything was ever agreed with anybody; most organisations are done with this."""
    return session.connection().execute(_ANY, {"organisation": organisation_id}).first() is not None


def by_id(session: Session, organisation_id: str, terms_id: str) -> AgreedTerms | None:
    """One agreement; None: the organisation has no such one."""
    return session.get(AgreedTerms, (organisation_id, terms_id))


def of_contact(session: Session, organisation_id: str, contact_id: str) -> Sequence[AgreedTerms]:
    """Everything that was agreed with a customer, also about single invoices, the newest first."""
    return session.scalars(
        select(AgreedTerms)
        .where(AgreedTerms.organisation_id == organisation_id, AgreedTerms.contact_id == contact_id)
        .order_by(AgreedTerms.entered_at.desc(), AgreedTerms.id.desc())
    ).all()


def newest_standing(session: Session, row: AgreedTerms) -> AgreedTerms | None:
    """The newest terms about the same as these that nobody took back, whether or not their last day is over."""
    of_customer = of_contact(session, row.organisation_id, row.contact_id)
    about = [one for one in of_customer if one.invoice_id == row.invoice_id and one.taken_back_on is None]
    return about[0] if about else None


def first_untold(session: Session, today: date) -> list[tuple[str, str, date]]:
    """Of each organisation, with its time zone, the earliest last day up to ``today`` of terms of which nobody was told."""
    statement = (
        select(AgreedTerms.organisation_id, Organisation.timezone, func.min(AgreedTerms.until))
        .join(Organisation, Organisation.id == AgreedTerms.organisation_id)
        .where(*_UNTOLD, AgreedTerms.until <= today)
        .group_by(AgreedTerms.organisation_id, Organisation.timezone)
        .order_by(AgreedTerms.organisation_id)
    )
    return [(organisation_id, zone, day) for organisation_id, zone, day in session.execute(statement)]


def untold(session: Session, organisation_id: str, today: date, most: int) -> Sequence[AgreedTerms]:
    """Terms whose last day is before ``today`` and of which nobody was told, the earliest first."""
    statement = select(AgreedTerms).where(
        AgreedTerms.organisation_id == organisation_id, *_UNTOLD, AgreedTerms.until < today
    )
    return session.scalars(statement.order_by(AgreedTerms.until, AgreedTerms.id).limit(most)).all()


def of_contacts(
    session: Session, organisation_id: str, contact_ids: Collection[str]
) -> dict[str, list[AgreedTerms]]:
    """By customer everything that was agreed, in the order in which it was entered."""
    found: dict[str, list[AgreedTerms]] = defaultdict(list)
    for ids in slices(sorted(set(contact_ids))):
        rows = session.scalars(
            select(AgreedTerms)
            .where(AgreedTerms.organisation_id == organisation_id, among(AgreedTerms.contact_id, ids))
            .order_by(AgreedTerms.contact_id, AgreedTerms.entered_at, AgreedTerms.id)
        )
        for row in rows:
            found[row.contact_id].append(row)
    return found


def with_any(session: Session, organisation_id: str, contact_ids: Collection[str]) -> set[str]:
    """Those of these customers with whom, or about whose invoices, anything was ever agreed."""
    if not is_any(session, organisation_id):
        return set()
    found: set[str] = set()
    for ids in slices(sorted(set(contact_ids))):
        found |= set(
            session.scalars(
                select(AgreedTerms.contact_id).where(
                    AgreedTerms.organisation_id == organisation_id, among(AgreedTerms.contact_id, ids)
                )
            )
        )
    return found


def fact_of(row: AgreedTerms) -> SpecialTerms:
    """An agreement in the words of the rules."""
    return SpecialTerms(
        row.agreed_on,
        row.until,
        percent=None if row.percent is None else Fraction(row.percent),
        amount=row.amount,
        within_days=row.within_days,
        due_days=row.due_days,
        taken_back_on=row.taken_back_on,
    )
