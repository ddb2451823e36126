"""Disputes and special terms as facts: what they ask for of invoices on a day, when these are due, and which days were given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_control import facts
from credit_control.credit.special_terms import (
    Asked,
    Invoiced,
    Settled,
    SpecialTerms,
    asked_under,
    due_day,
    last_day_given,
    that_counts,
)
from credit_control.words import decimals
from kit import clock
from store.models import AgreedTerms, Invoice, Organisation
from store.queries import disputes
from store.queries import special_terms as queries
from store.queries.batches import slices
from store.queries.figures_kept import booked_invoices


@dataclass(frozen=True, slots=True)
class Agreed:
    """An invoice that special terms may concern, with all of them, in the order in which they were entered."""

    invoice: Invoiced
    settled: tuple[Settled, ...]
    of_invoice: tuple[SpecialTerms, ...]
    of_customer: tuple[SpecialTerms, ...]
    is_dated: bool = True
    """The day of each payment is known. One whose day is not known yet counts as in time: nobody is chased by mistake."""

    def asked(self, day: date, due: Decimal) -> Asked | None:
        """What is asked for on a day, where ``due`` would be without them; None: they say nothing of that."""
        return asked_under(day, self.invoice, due, self.settled, self.of_invoice, self.of_customer)

    @property
    def due_on(self) -> date:
        """When it is due: as in the ledger, or later as agreed."""
        return due_day(that_counts(self.of_invoice, self.of_customer), self.invoice)

    @property
    def last_given(self) -> date | None:
        """The last day for which no interest and no fee is asked; None: no day was given."""
        return last_day_given(self.invoice, self.of_invoice, self.of_customer)


def agreed(
    session: Session, organisation_id: str, contact_ids: Collection[str], invoice_ids: Collection[str]
) -> dict[str, Agreed]:
    """By invoice what special terms know of it; nothing for the many that none concern. One statement where there are none."""
    if not contact_ids or not queries.is_any(session, organisation_id):
        return {}
    terms = queries.of_contacts(session, organisation_id, contact_ids)
    found: dict[str, Agreed] = {}
    for ids in slices(sorted(invoice_ids)) if terms else ():
        about = [Invoice.id.in_(ids), Invoice.contact_id.in_(sorted(terms))]
        for contact_id, currency, one in booked_invoices(session, organisation_id, about):
            found[one.id] = Agreed(
                Invoiced(one.issued_on, one.due_on, one.total, decimals(currency)),
                tuple(Settled(each.on, each.amount) for each in one.settled),
                _facts(row for row in terms[contact_id] if row.invoice_id == one.id),
                _facts(row for row in terms[contact_id] if row.invoice_id is None and _in(row, currency)),
                not one.undated,
            )
    return {key: one for key, one in found.items() if one.of_invoice or one.of_customer}


def with_dispute(invoice: facts.Invoice, resting: disputes.Resting | None) -> facts.Invoice:
    """An invoice with what of it rests because of disputes."""
    if resting is None:
        return invoice
    return replace(
        invoice,
        disputed=resting.amount,
        disputed_because=resting.because,
        credit_is_due=resting.credit_is_due,
    )


def under_terms(
    session: Session, organisation_id: str, found: Mapping[str, list[facts.Invoice]]
) -> dict[str, list[facts.Invoice]]:
    """Invoices by customer, each with what special terms ask for of it today and when it is due as agreed."""
    invoice_ids = [one.id for invoices in found.values() for one in invoices]
    known = agreed(session, organisation_id, found.keys(), invoice_ids)
    if not known:
        return dict(found)
    today = clock.today(session.get_one(Organisation, organisation_id).timezone)
    return {
        contact_id: [_under(one, known[one.id], today) if one.id in known else one for one in invoices]
        for contact_id, invoices in found.items()
    }


def due_days(session: Session, organisation_id: str, invoices: Collection[Invoice]) -> dict[str, date]:
    """When these are due as agreed, by id; of those alone for which that is another day than the ledger's."""
    known = agreed(
        session, organisation_id, {one.contact_id for one in invoices}, [one.id for one in invoices]
    )
    days = {one.id: known[one.id].due_on for one in invoices if one.id in known}
    return {one.id: days[one.id] for one in invoices if days.get(one.id, one.due_on) != one.due_on}


def _under(invoice: facts.Invoice, terms: Agreed, today: date) -> facts.Invoice:
    due_on = terms.due_on
    return replace(
        invoice,
        special=terms.asked(today, invoice.in_full),
        due_on=due_on,
        due_in_ledger=invoice.due_on if due_on != invoice.due_on else None,
    )


def _facts(rows: Iterable[AgreedTerms]) -> tuple[SpecialTerms, ...]:
    return tuple(queries.fact_of(row) for row in rows)


def _in(row: AgreedTerms, currency: str) -> bool:
    """Whether terms concern invoices of a currency: a percentage or days do of each, an amount only in its own."""
    return row.amount is None or row.currency == currency
