"""Customers that the ledger has merged into others: who they are now, and moving to those what stands at them.

Rows are moved by statements, because a customer of many years has thousands. What is waiting to leave is not moved: it
names people of the merged customer, and planning ends it there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.orm import Session

from store.ids import document_id
from store.models import (
    AccountStop,
    AccountWatch,
    AgreedTerms,
    ClaimLetter,
    Communication,
    Contact,
    ContactTag,
    CreditLimit,
    Dispute,
    Hold,
    Invoice,
    LateFee,
    LedgerNote,
    PageAnswer,
    PaidClaim,
    PaidClaimInvoice,
    PaymentPlan,
    PersonAway,
    PlanInvoice,
    PromiseInvoice,
    PromiseToPay,
    Reply,
    TeamTask,
)
from store.queries.batches import slices

_NOT_LEFT = ("planned", "held", "sending")
_LONGEST_CHAIN: Final = 20
"""Merges in a row that are followed; a ledger that names a longer chain names a circle."""

_WHOLE: Final[tuple[tuple[Any, ColumnElement[bool]], ...]] = (
    (Hold, true()),
    (Dispute, true()),
    (PromiseToPay, true()),
    (PaymentPlan, true()),
    (PaidClaim, true()),
    (Reply, true()),
    (TeamTask, true()),
    (AgreedTerms, AgreedTerms.invoice_id.is_not(None)),
    (AccountStop, AccountStop.status.in_(("lifted", "spared"))),
    (AccountWatch, AccountWatch.status.not_in(("proposed", "watched"))),
    (LateFee, true()),
    (ClaimLetter, true()),
    (PageAnswer, true()),
    (Communication, Communication.status.not_in(_NOT_LEFT)),
)
"""What goes with a customer as it stands, and which of it."""
_OF_ONE_INVOICE: Final[tuple[Any, ...]] = (Hold, Dispute, AgreedTerms, LateFee, TeamTask)
_OF_SEVERAL: Final[tuple[tuple[Any, Any, Any], ...]] = (
    (PromiseToPay, PromiseInvoice, PromiseInvoice.promise_id),
    (PaymentPlan, PlanInvoice, PlanInvoice.plan_id),
    (PaidClaim, PaidClaimInvoice, PaidClaimInvoice.claim_id),
)


def survivor(session: Session, organisation_id: str, contact_id: str) -> Contact | None:
    """Who this customer is now, however many merges on; None: it was not merged, or into one that is not known yet."""
    seen = {contact_id}
    found = session.get(Contact, (organisation_id, contact_id), populate_existing=True)
    for _ in range(_LONGEST_CHAIN):
        if found is None:
            return None
        if found.merged_into is None:
            return found if found.id != contact_id else None
        into = document_id(organisation_id, found.merged_into)
        if into in seen:
            return None
        seen.add(into)
        found = session.get(Contact, (organisation_id, into), populate_existing=True)
    return None


def who_now(session: Session, organisation_id: str, contact_id: str) -> str:
    """The id of who this customer is now; its own where it was not merged."""
    found = survivor(session, organisation_id, contact_id)
    return found.id if found is not None else contact_id


def merged_of(session: Session, organisation_id: str, contact_ids: Collection[str]) -> list[str]:
    """Those of these customers that were merged, in the order of their ids."""
    found: list[str] = []
    for ids in slices(sorted(contact_ids)):
        found += session.scalars(
            select(Contact.id)
            .where(
                Contact.organisation_id == organisation_id,
                Contact.id.in_(ids),
                Contact.merged_into.is_not(None),
            )
            .order_by(Contact.id)
        )
    return found


def merged_into(session: Session, organisation_id: str, ledger_ids: Collection[str]) -> list[str]:
    """The customers that the ledger has merged into these, in the order of their ids."""
    found: set[str] = set()
    spelled = {way for one in ledger_ids for way in (one, one.lower(), one.upper())}
    for ids in slices(sorted(spelled)):
        found.update(
            session.scalars(
                select(Contact.id).where(
                    Contact.organisation_id == organisation_id, Contact.merged_into.in_(ids)
                )
            )
        )
    return sorted(found)


def due(session: Session, organisation_id: str, now: datetime) -> list[str]:
    """Merged customers that the rules are to look at: something happened at them."""
    return list(
        session.scalars(
            select(Contact.id)
            .where(
                Contact.organisation_id == organisation_id,
                Contact.merged_into.is_not(None),
                Contact.next_look_at <= now,
            )
            .order_by(Contact.id)
        )
    )


def move(session: Session, organisation_id: str, old: str, new: str) -> dict[str, int]:
    """Everything that goes along as it stands is the other customer's; how many rows of each table."""
    return {
        table.__tablename__: _move(
            session, table, new, table.organisation_id == organisation_id, table.contact_id == old, which
        )
        for table, which in _WHOLE
    }


def move_notes(session: Session, organisation_id: str, old: str, new: str) -> None:
    """Notes on the one contact of the ledger that nobody has tried to write yet are for the other (both by the ledger's id)."""
    session.execute(
        update(LedgerNote)
        .where(
            LedgerNote.organisation_id == organisation_id,
            LedgerNote.target == "contact",
            LedgerNote.ledger_id == old,
            LedgerNote.status == "pending",
            LedgerNote.first_tried_at.is_(None),
        )
        .values(ledger_id=new)
        .execution_options(synchronize_session=False)
    )


def remember(session: Session, organisation_id: str, moved: Mapping[str, str]) -> None:
    """These invoices were another customer's before: invoice to customer."""
    for old in sorted(set(moved.values())):
        for ids in slices(sorted(one for one, whose in moved.items() if whose == old)):
            session.connection().execute(
                update(Invoice)
                .where(Invoice.organisation_id == organisation_id, Invoice.id.in_(ids))
                .values(moved_from=old)
            )


def move_with_invoices(
    session: Session, organisation_id: str, invoice_ids: Sequence[str], old: str, new: str
) -> None:
    """What is about these invoices alone goes with them to their customer."""
    for ids in slices(sorted(invoice_ids)):
        for table in _OF_ONE_INVOICE:
            ours = (table.organisation_id == organisation_id, table.contact_id == old)
            _move(session, table, new, *ours, table.invoice_id.in_(ids))
    for table, line, of in _OF_SEVERAL:
        elsewhere = (
            select(line.invoice_id)
            .join(
                Invoice,
                (Invoice.organisation_id == line.organisation_id) & (Invoice.id == line.invoice_id),
            )
            .where(line.organisation_id == organisation_id, of == table.id, Invoice.contact_id != new)
            .correlate(table)
            .exists()
        )
        _move(
            session, table, new, table.organisation_id == organisation_id, table.contact_id == old, ~elsewhere
        )


def came_from(session: Session, organisation_id: str, old: str, new: str) -> list[str]:
    """The open invoices of a customer that were the other's before, in the order of their ids."""
    return list(
        session.scalars(
            select(Invoice.id)
            .where(
                Invoice.organisation_id == organisation_id,
                Invoice.contact_id == new,
                Invoice.moved_from == old,
                Invoice.status == "AUTHORISED",
            )
            .order_by(Invoice.id)
        )
    )


def holds_of_all(session: Session, organisation_id: str, contact_id: str) -> Sequence[Hold]:
    """The holds in force of a whole customer, the oldest first."""
    return session.scalars(
        select(Hold)
        .where(
            Hold.organisation_id == organisation_id,
            Hold.contact_id == contact_id,
            Hold.invoice_id.is_(None),
            Hold.released_at.is_(None),
        )
        .order_by(Hold.created_at, Hold.id)
    ).all()


def standing(session: Session, table: Any, organisation_id: str, contact_id: str) -> Any:
    """The customer's stop or watch that stands (``AccountStop``, ``AccountWatch``); None: there is none."""
    words = ("warned", "stopped") if table is AccountStop else ("proposed", "watched")
    return session.scalars(
        select(table).where(
            table.organisation_id == organisation_id, table.contact_id == contact_id, table.status.in_(words)
        )
    ).one_or_none()


def terms_for_all(session: Session, organisation_id: str, contact_id: str) -> Sequence[AgreedTerms]:
    """The agreements about all invoices of a customer that nobody has taken back, the oldest first."""
    return session.scalars(
        select(AgreedTerms)
        .where(
            AgreedTerms.organisation_id == organisation_id,
            AgreedTerms.contact_id == contact_id,
            AgreedTerms.invoice_id.is_(None),
            AgreedTerms.taken_back_on.is_(None),
        )
        .order_by(AgreedTerms.entered_at, AgreedTerms.id)
    ).all()


def limits(session: Session, organisation_id: str, contact_id: str) -> Sequence[CreditLimit]:
    """The credit limits of a customer that stand, by currency."""
    return session.scalars(
        select(CreditLimit)
        .where(
            CreditLimit.organisation_id == organisation_id,
            CreditLimit.contact_id == contact_id,
            CreditLimit.stands,
            CreditLimit.amount.is_not(None),
        )
        .order_by(CreditLimit.currency)
    ).all()


def tags(session: Session, organisation_id: str, contact_id: str) -> Sequence[ContactTag]:
    """What people have put on a customer, in the order of the words."""
    return session.scalars(
        select(ContactTag)
        .where(ContactTag.organisation_id == organisation_id, ContactTag.contact_id == contact_id)
        .order_by(ContactTag.tag)
    ).all()


def away(session: Session, organisation_id: str, contact_id: str) -> Sequence[PersonAway]:
    """Who at a customer is away, in the order of their addresses."""
    return session.scalars(
        select(PersonAway)
        .where(
            PersonAway.organisation_id == organisation_id,
            PersonAway.contact_id == contact_id,
            PersonAway.ended_at.is_(None),
        )
        .order_by(PersonAway.address)
    ).all()


def _move(session: Session, table: Any, new: str, *which: ColumnElement[bool]) -> int:
    done = session.execute(
        update(table).where(*which).values(contact_id=new).execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))
