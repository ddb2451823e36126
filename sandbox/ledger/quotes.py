"""Quotes: offers that customers accept or decline. The ledger has no webhooks for them, so nothing is announced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sandbox.ledger.bookkeeping import LedgerError, kept_lines, log, sub_total_of, total_tax_of
from sandbox.records import Contact, Line, Quote
from sandbox.world import Organisation, World

_NEXT = {
    "DRAFT": frozenset({"SENT", "DELETED"}),
    "SENT": frozenset({"DRAFT", "ACCEPTED", "DECLINED", "DELETED"}),
    "ACCEPTED": frozenset({"SENT", "DRAFT", "DECLINED", "INVOICED", "DELETED"}),
    "DECLINED": frozenset({"SENT", "DRAFT", "ACCEPTED", "DELETED"}),
    "INVOICED": frozenset({"SENT", "DRAFT", "ACCEPTED", "DECLINED", "DELETED"}),
    "DELETED": frozenset[str](),
}
"""What may become of a quote; a draft has to be sent before a customer can say anything to it."""


def add_quote(
    world: World,
    org: Organisation,
    contact: Contact,
    *,
    number: str,
    date: date,
    expiry_date: date | None = None,
    total: Decimal | None = None,
    lines: Sequence[Line] = (),
    currency: str = "",
    currency_rate: Decimal = Decimal(1),
    reference: str = "",
    title: str = "",
    summary: str = "",
    terms: str = "",
    status: str = "DRAFT",
) -> Quote:
    """A new quote; give either `lines` or one `total` without tax."""
    if status not in _NEXT:
        raise LedgerError(f"A quote cannot be {status}; it is one of {', '.join(_NEXT)}.")
    kept = kept_lines(world, total, lines, f"Quote {number}")
    with world.lock:
        quote = Quote(
            id=world.new_id(),
            number=number,
            contact_id=contact.id,
            date=date,
            currency=currency or org.base_currency,
            lines=kept,
            updated_utc=world.now(),
            expiry_date=expiry_date,
            status=status,
            reference=reference,
            title=title,
            summary=summary,
            terms=terms,
            currency_rate=currency_rate,
            sub_total=sub_total_of(kept),
            total_tax=total_tax_of(kept),
            branding_theme_id=org.branding_themes[0].id if org.branding_themes else None,
        )
        org.quotes.put(quote)
        log(world, org, quote.id, "Created", f"{number} to {contact.name} for {quote.total:,.2f}.")
        return quote


def change_quote(world: World, org: Organisation, quote: Quote, status: str) -> None:
    """Move a quote to another status, as the ledger lets one."""
    if status not in _NEXT[quote.status]:
        raise LedgerError(f"Quote {quote.number} is {quote.status} and cannot become {status}.")
    with world.lock:
        quote.status = status
        quote.updated_utc = world.now()
        org.quotes.put(quote)
        log(world, org, quote.id, status.capitalize(), f"{quote.number} {status.lower()}.")
