"""Claims that something is paid: which rest, which have shown in the books, and by which holds they rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, literal_column, select, update
from sqlalchemy.orm import Session

from store.models import Contact, Hold, Invoice, Organisation, PaidClaim, PaidClaimInvoice

_STANDS: ColumnElement[bool] = literal_column("paid_claims.state IN ('resting', 'missing')")
"""Written out, so that both databases can use the partial index."""
_OPEN = (Invoice.status == "AUTHORISED") & (Invoice.amount_due > 0)


def open_invoices(
    session: Session, organisation_id: str, contact_id: str, invoice_ids: Collection[str]
) -> Sequence[Invoice]:
    """Those of these invoices (none named: all of the contact's) that the ledger has as open, the oldest first."""
    statement = select(Invoice).where(
        Invoice.organisation_id == organisation_id, Invoice.contact_id == contact_id, _OPEN
    )
    if invoice_ids:
        statement = statement.where(Invoice.id.in_(sorted(set(invoice_ids))))
    return session.scalars(statement.order_by(Invoice.due_on, Invoice.number, Invoice.id)).all()


def standing_on(session: Session, organisation_id: str, invoice_ids: Collection[str]) -> dict[str, PaidClaim]:
    """The claims that stand, by the invoices that they are about."""
    rows = session.execute(
        select(PaidClaimInvoice.invoice_id, PaidClaim)
        .join(PaidClaim, _of_claim())
        .where(
            PaidClaim.organisation_id == organisation_id,
            _STANDS,
            PaidClaimInvoice.invoice_id.in_(sorted(set(invoice_ids))),
        )
    )
    return {invoice_id: claim for invoice_id, claim in rows}  # noqa: C416  # rows are not pairs to mypy


def _of_claim() -> ColumnElement[bool]:
    return (PaidClaimInvoice.organisation_id == PaidClaim.organisation_id) & (
        PaidClaimInvoice.claim_id == PaidClaim.id
    )


def standing(session: Session, organisation_id: str) -> Sequence[PaidClaim]:
    """The claims that stand, those first whose time is over first."""
    return session.scalars(
        select(PaidClaim)
        .where(PaidClaim.organisation_id == organisation_id, _STANDS)
        .order_by(PaidClaim.rest_until, PaidClaim.id)
    ).all()


def first_standing(session: Session, organisation_id: str, most: int) -> list[tuple[PaidClaim, str]]:
    """So many of them, with the names of their customers."""
    rows = session.execute(
        select(PaidClaim, Contact.name)
        .join(
            Contact,
            (Contact.organisation_id == PaidClaim.organisation_id) & (Contact.id == PaidClaim.contact_id),
        )
        .where(PaidClaim.organisation_id == organisation_id, _STANDS)
        .order_by(PaidClaim.rest_until, PaidClaim.id)
        .limit(most)
    )
    return [(claim, name) for claim, name in rows]


def newest(
    session: Session, organisation_id: str, limit: int, *, before: tuple[datetime, str] | None = None
) -> Sequence[PaidClaim]:
    """The claims that stand, the newest first; ``before``: moment and id of the last seen."""
    statement = select(PaidClaim).where(PaidClaim.organisation_id == organisation_id, _STANDS)
    if before:
        at, claim_id = before
        same = (PaidClaim.created_at == at) & (PaidClaim.id < claim_id)
        statement = statement.where((PaidClaim.created_at < at) | same)
    return session.scalars(
        statement.order_by(PaidClaim.created_at.desc(), PaidClaim.id.desc()).limit(limit)
    ).all()


def one(session: Session, organisation_id: str, claim_id: str) -> PaidClaim | None:
    """A claim, locked."""
    return session.scalars(
        select(PaidClaim)
        .where(PaidClaim.organisation_id == organisation_id, PaidClaim.id == claim_id)
        .with_for_update()
    ).one_or_none()


def invoices_of(
    session: Session, organisation_id: str, claim_ids: Collection[str]
) -> dict[str, list[Invoice]]:
    """The invoices of each claim, the oldest first."""
    rows = session.execute(
        select(PaidClaimInvoice.claim_id, Invoice)
        .join(
            Invoice,
            (Invoice.organisation_id == PaidClaimInvoice.organisation_id)
            & (Invoice.id == PaidClaimInvoice.invoice_id),
        )
        .where(PaidClaimInvoice.organisation_id == organisation_id, PaidClaimInvoice.claim_id.in_(claim_ids))
        .order_by(Invoice.due_on, Invoice.number)
    )
    found: dict[str, list[Invoice]] = {claim_id: [] for claim_id in claim_ids}
    for claim_id, invoice in rows:
        found[claim_id].append(invoice)
    return found


def holds_of(session: Session, claim: PaidClaim) -> Sequence[Hold]:
    """The holds by which its invoices rest, those that nobody has released, locked."""
    its_holds = select(PaidClaimInvoice.hold_id).where(
        PaidClaimInvoice.organisation_id == claim.organisation_id, PaidClaimInvoice.claim_id == claim.id
    )
    return session.scalars(
        select(Hold)
        .where(
            Hold.organisation_id == claim.organisation_id,
            Hold.id.in_(its_holds),
            Hold.released_at.is_(None),
        )
        .order_by(Hold.id)
        .with_for_update()
    ).all()


def give_reason(session: Session, claim: PaidClaim, reason: str) -> None:
    """What its holds say."""
    its_holds = select(PaidClaimInvoice.hold_id).where(
        PaidClaimInvoice.organisation_id == claim.organisation_id, PaidClaimInvoice.claim_id == claim.id
    )
    session.connection().execute(
        update(Hold)
        .where(Hold.organisation_id == claim.organisation_id, Hold.id.in_(its_holds))
        .values(reason=reason)
    )


def shown(session: Session, organisation_id: str) -> Sequence[PaidClaim]:
    """The claims that stand and none of whose invoices is open any more."""
    return session.scalars(
        select(PaidClaim).where(PaidClaim.organisation_id == organisation_id, _STANDS, ~_an_open_one())
    ).all()


def _an_open_one() -> ColumnElement[bool]:
    statement: Select[str] = (
        select(Invoice.id)
        .join(
            PaidClaimInvoice,
            (Invoice.organisation_id == PaidClaimInvoice.organisation_id)
            & (Invoice.id == PaidClaimInvoice.invoice_id),
        )
        .where(_of_claim(), _OPEN)
    )
    return statement.exists()


def organisations_with_news(session: Session, now: datetime) -> tuple[list[str], list[tuple[str, str, date]]]:
    """Organisations with a claim that has shown; and of the claims that still rest: whose, its time zone, until when."""
    with_shown = session.scalars(
        select(PaidClaim.organisation_id).where(_STANDS, ~_an_open_one()).distinct()
    ).all()
    over = session.execute(
        select(PaidClaim.organisation_id, Organisation.timezone, PaidClaim.rest_until)
        .join(Organisation, Organisation.id == PaidClaim.organisation_id)
        .where(_STANDS, PaidClaim.state == "resting", PaidClaim.rest_until <= now.date())
    )
    return list(with_shown), [(whose, zone, until) for whose, zone, until in over]
