"""The readings of the ledger: for each, how a page of it is asked for and taken over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from integration.ledger import Ledger, Page
from services.mirror import schedule, write
from store.queries import mirror, quotes


@dataclass(frozen=True, slots=True)
class Check:
    """How a full reading finds what the mirror holds and the list did not show, and asks for it by id.

    Nothing is ever taken for gone because a list lacked it.
    """

    unseen: Callable[[Session, str, str, int], list[str]]
    ask: Callable[[Ledger, Sequence[str]], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Source:
    """One reading. ``follows``: goes on from what changed since the last time, instead of reading everything."""

    read: Callable[[Ledger, int, datetime | None], Page[Any]]
    store: Callable[[Session, str, Sequence[Any], datetime], set[str]]
    follows: bool = False
    check: Check | None = None


def _open_credits(ledger: Ledger, _page: int, _since: datetime | None) -> Page[Any]:
    found = tuple(ledger.open_credits())
    return Page(found, page=1, last=True, total=len(found))


def _store_all_credits(
    session: Session, organisation_id: str, found: Sequence[Any], asked_at: datetime
) -> set[str]:
    return write.store_credits(session, organisation_id, found, asked_at, complete=True)


def _store_old_quotes(
    session: Session, organisation_id: str, found: Sequence[Any], now: datetime
) -> set[str]:
    return write.store_quotes(session, organisation_id, found, now, is_news=False)


def _store_quotes(session: Session, organisation_id: str, found: Sequence[Any], now: datetime) -> set[str]:
    return write.store_quotes(session, organisation_id, found, now, is_news=True)


_CONTACTS = Source(
    read=lambda ledger, page, since: ledger.contacts_page(page, changed_since=since),
    store=write.store_contacts,
    check=Check(mirror.unseen_owing_contacts, lambda ledger, ids: ledger.contacts(ids)),
)
_OPEN_INVOICES = Source(
    read=lambda ledger, page, since: ledger.invoices_page(
        page, statuses=(write.OPEN_STATUS,), changed_since=since
    ),
    store=write.store_invoices,
    check=Check(mirror.unseen_open_invoices, lambda ledger, ids: ledger.invoices(ids)),
)

SOURCES: dict[str, Source] = {
    schedule.CONTACTS: _CONTACTS,
    schedule.OPEN_INVOICES: _OPEN_INVOICES,
    schedule.CREDITS: Source(read=_open_credits, store=_store_all_credits),
    schedule.PAID_INVOICES: Source(
        read=lambda ledger, page, since: ledger.invoices_page(page, statuses=("PAID",), changed_since=since),
        store=write.store_invoices,
    ),
    schedule.PAYMENTS: Source(
        read=lambda ledger, page, since: ledger.payments_page(page, changed_since=since),
        store=write.store_payments,
        follows=True,
    ),
    schedule.INVOICE_CHANGES: Source(
        read=lambda ledger, page, since: ledger.invoices_page(page, changed_since=since),
        store=write.store_invoices,
        follows=True,
    ),
    schedule.CONTACT_CHANGES: Source(
        read=lambda ledger, page, since: ledger.contacts_page(page, changed_since=since),
        store=write.store_contacts,
        follows=True,
    ),
    schedule.ACCEPTED_QUOTES: Source(
        read=lambda ledger, page, since: ledger.quotes_page(
            page, status=quotes.ACCEPTED, changed_since=since
        ),
        store=_store_old_quotes,
    ),
    schedule.QUOTE_CHANGES: Source(
        read=lambda ledger, page, since: ledger.quotes_page(page, changed_since=since),
        store=_store_quotes,
        follows=True,
    ),
}
