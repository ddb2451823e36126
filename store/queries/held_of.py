"""What is held of a customer, table by table: which rows are about it, how many there are, and how old the newest is.

Which tables there are is ``store.personal``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    Table,
    and_,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from store.models import (
    Answer,
    Communication,
    Contact,
    Invoice,
)
from store.personal.table import Personal, Whose
from store.queries import whole_tables


def rows_of(of_: Personal, organisation_id: str, contact_id: str) -> ColumnElement[bool]:
    """Which rows of a table are about a customer. Of what names none (``Whose.SAID``) no row is."""
    table = of_.rows
    condition = _CONDITIONS.get(of_.whose)
    whose = condition(table, organisation_id, contact_id) if condition else false()
    if whole_tables.OWNER not in table.columns:
        return whose
    return and_(table.c[whole_tables.OWNER] == organisation_id, whose)


_Condition = Callable[[Table, str, str], ColumnElement[bool]]


def _messages(organisation_id: str, contact_id: str) -> Select[str]:
    return select(Communication.id).where(
        Communication.organisation_id == organisation_id, Communication.contact_id == contact_id
    )


def _invoices(organisation_id: str, contact_id: str) -> Select[str]:
    return select(Invoice.id).where(
        Invoice.organisation_id == organisation_id, Invoice.contact_id == contact_id
    )


def _documents(organisation_id: str, contact_id: str) -> Any:
    theirs = select(Contact.ledger_id).where(
        Contact.organisation_id == organisation_id, Contact.id == contact_id
    )
    invoices = select(Invoice.ledger_id).where(
        Invoice.organisation_id == organisation_id, Invoice.contact_id == contact_id
    )
    return theirs.union(invoices)


def _written_by(organisation_id: str, contact_id: str) -> Select[str]:
    """The addresses from which a customer has written, in small letters."""
    return select(func.lower(Communication.from_email)).where(
        Communication.organisation_id == organisation_id,
        Communication.contact_id == contact_id,
        Communication.direction == "in",
    )


_CONDITIONS: Final[dict[Whose, _Condition]] = {
    Whose.ITSELF: lambda table, _, contact: table.c.id == contact,
    Whose.CONTACT: lambda table, _, contact: table.c.contact_id == contact,
    Whose.MESSAGE: lambda table, org, contact: table.c.communication_id.in_(_messages(org, contact)),
    Whose.INVOICE: lambda table, org, contact: table.c.invoice_id.in_(_invoices(org, contact)),
    Whose.NOTED: lambda table, org, contact: or_(
        table.c.communication_id.in_(_messages(org, contact)),
        table.c.ledger_id.in_(_documents(org, contact)),
    ),
    Whose.DOCUMENT: lambda table, org, contact: or_(
        table.c.document_id == contact, table.c.document_id.in_(_invoices(org, contact))
    ),
    Whose.ABOUT: lambda table, org, contact: or_(
        table.c.about == contact, table.c.about.in_(_invoices(org, contact))
    ),
    Whose.SENDER: lambda table, org, contact: or_(
        table.c.communication_id.in_(_messages(org, contact)),
        func.lower(table.c.from_email).in_(_written_by(org, contact)),
    ),
    Whose.ENTRY: lambda table, org, contact: or_(
        table.c.contact_id == contact, table.c.invoice_id.in_(_invoices(org, contact))
    ),
}


def count(session: Session, of_: Personal, organisation_id: str, contact_id: str) -> int:
    """How many rows of a table are about a customer."""
    found = select(func.count()).select_from(of_.rows).where(rows_of(of_, organisation_id, contact_id))
    return session.scalar(found) or 0


def rows(
    session: Session, of_: Personal, organisation_id: str, contact_id: str, columns: Sequence[str]
) -> Sequence[RowMapping]:
    """The rows of a table that are about a customer, in the order of their keys."""
    table = of_.rows
    wanted = select(*(table.c[one] for one in columns)).where(rows_of(of_, organisation_id, contact_id))
    return session.execute(wanted.order_by(*whole_tables.keys(table))).mappings().all()


def newest_letter(session: Session, organisation_id: str, contact_id: str) -> date | None:
    """The day of the newest message to or from a customer that is on record in words."""
    found = session.scalar(
        select(func.max(func.coalesce(Communication.sent_at, Communication.created_at))).where(
            Communication.organisation_id == organisation_id,
            Communication.contact_id == contact_id,
            Communication.channel.in_(("email", "sms", "letter", "page")),
            Communication.status.not_in(("planned", "held", "cancelled")),
        )
    )
    return found.date() if found else None


def newest_of(session: Session, organisation_id: str, ids: Collection[str]) -> date | None:
    """The day of the newest of these messages."""
    found = session.scalar(
        select(func.max(func.coalesce(Communication.sent_at, Communication.created_at))).where(
            Communication.organisation_id == organisation_id, Communication.id.in_(sorted(ids))
        )
    )
    return found.date() if found else None


def is_under_way(session: Session, organisation_id: str, contact_id: str) -> bool:
    """Whether a message to a customer is in hand just now, so that it may be leaving."""
    sending = select(Communication.id).where(
        Communication.organisation_id == organisation_id,
        Communication.contact_id == contact_id,
        Communication.status == "sending",
    )
    answering = (
        select(Answer.communication_id)
        .join(
            Communication,
            (Communication.organisation_id == Answer.organisation_id)
            & (Communication.id == Answer.communication_id),
        )
        .where(
            Answer.organisation_id == organisation_id,
            Communication.contact_id == contact_id,
            Answer.status == "pending",
        )
    )
    return any(session.execute(one.limit(1)).first() is not None for one in (sending, answering))
