"""Quotes: which were accepted and wait for their confirmation, and what there is of one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, undefer

from credit_control.occasions import OccasionKind
from store.models import Communication, Quote
from store.queries.batches import slices

ACCEPTED = "ACCEPTED"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A quote that its customer has accepted since somebody wanted its confirmation."""

    id: str
    ledger_id: str
    contact_id: str
    accepted_at: datetime
    confirmation_id: str | None


@dataclass(frozen=True, slots=True)
class OfMail:
    """The quote that a mail confirms, and as of which of its changes its PDF was asked for."""

    id: str
    ledger_id: str
    number: str
    updated_at: datetime
    pdf_of: datetime | None


def accepted(
    session: Session, organisation_id: str, contact_ids: Sequence[str], since: datetime
) -> list[Accepted]:
    """The quotes of these contacts that were accepted since then, and still are."""
    found: list[Accepted] = []
    for ids in slices(contact_ids):
        rows = session.execute(
            select(Quote.id, Quote.ledger_id, Quote.contact_id, Quote.accepted_at, Quote.confirmation_id)
            .where(
                Quote.organisation_id == organisation_id,
                Quote.contact_id.in_(ids),
                Quote.status == ACCEPTED,
                Quote.accepted_at >= since,
            )
            .order_by(Quote.contact_id, Quote.accepted_at, Quote.id)
        )
        found += [
            Accepted(one, ledger_id, contact_id, at, mail)
            for one, ledger_id, contact_id, at, mail in rows
            if at
        ]
    return found


def newly_accepted(session: Session, organisation_id: str, found: Mapping[str, datetime | None]) -> None:
    """These were not known to be accepted, and are, since then; None: since before anybody wanted to know."""
    for quote_id, at in sorted(found.items()):
        _set(session, organisation_id, [quote_id], accepted_at=at)


def of_mails(session: Session, organisation_id: str, mail_ids: Collection[str]) -> dict[str, OfMail]:
    """The quotes that these mails confirm, by the mail."""
    about = session.execute(
        select(Communication.id, Communication.occasion).where(
            Communication.organisation_id == organisation_id,
            Communication.id.in_(mail_ids),
            Communication.kind == OccasionKind.CONFIRMATION.value,
        )
    ).all()
    wanted = {mail_id: quote_of(occasion) for mail_id, occasion in about}
    rows = session.execute(
        select(Quote.id, Quote.ledger_id, Quote.number, Quote.updated_at, Quote.pdf_of).where(
            Quote.organisation_id == organisation_id, Quote.id.in_(set(wanted.values()))
        )
    )
    known = {row.id: OfMail(*row) for row in rows}
    return {mail_id: known[quote_id] for mail_id, quote_id in wanted.items() if quote_id in known}


def quote_of(occasion: dict[str, Any] | None) -> str:
    """The id of the quote that a mail confirms, by what is stored of its occasion; empty for every other mail."""
    return str((occasion or {}).get("quote", ""))


def one(session: Session, organisation_id: str, quote_id: str) -> Quote | None:
    """A quote with its PDF."""
    statement = select(Quote).where(Quote.organisation_id == organisation_id, Quote.id == quote_id)
    return session.scalars(
        statement.options(undefer(Quote.pdf)).execution_options(populate_existing=True)
    ).one_or_none()


def newest_of(session: Session, organisation_id: str, contact_id: str) -> Quote | None:
    """The quote that a customer accepted last, to show a text on."""
    return session.scalars(
        select(Quote)
        .where(
            Quote.organisation_id == organisation_id,
            Quote.contact_id == contact_id,
            Quote.status == ACCEPTED,
        )
        .order_by(Quote.issued_on.desc(), Quote.id)
        .limit(1)
    ).one_or_none()


def store_pdf(session: Session, organisation_id: str, quote: OfMail, pdf: bytes | None) -> None:
    """Keep the PDF of a quote as of this change of it; None: the ledger gives none."""
    _set(session, organisation_id, [quote.id], pdf=pdf, pdf_of=quote.updated_at)


def confirmed(session: Session, organisation_id: str, quote_id: str, mail_id: str) -> None:
    """From now on this mail, and no other, is the confirmation of the quote."""
    _set(session, organisation_id, [quote_id], confirmation_id=mail_id)


def forget_pdfs(session: Session, accepted_before: datetime) -> None:
    """Drop the PDFs that no confirmation needs any more."""
    session.connection().execute(
        update(Quote)
        .where(
            Quote.pdf.is_not(None),
            or_(Quote.status != ACCEPTED, Quote.accepted_at.is_(None), Quote.accepted_at < accepted_before),
        )
        .values(pdf=None)
    )


def _set(session: Session, organisation_id: str, ids: Collection[str], **values: Any) -> None:
    for some in slices(sorted(ids)):
        session.connection().execute(
            update(Quote).where(Quote.organisation_id == organisation_id, Quote.id.in_(some)).values(**values)
        )
