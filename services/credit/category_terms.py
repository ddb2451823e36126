"""Payment terms and discounts by category of risk: proposed where a customer's differ, and taken over by a person's yes.

Terms are then written to the ledger's contact (``terms_writing``); a discount becomes special terms of the customer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from credit_control.credit.early_payment import YEAR, Cost, Offer, cost_of
from credit_control.credit.payment_terms import PaymentTerms, Wanted, differing
from credit_control.credit.risk import Category
from credit_control.credit.suggestion import suggest
from credit_control.payer.rating import Rating
from credit_control.words import Day, decimals
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import second_eyes
from services.credit import proposal_events, special_terms, terms_words
from services.credit.limits import LONGEST_REASON
from store.models import Contact, CreditProposal, Organisation
from store.queries import credit_proposals as queries
from store.queries import customers, figures_kept, risks
from store.queries import special_terms as agreed
from store.queries.credit_proposals import ACCEPTED, OVER, TERMS, WAITS
from store.queries.switches import organisation_to_change

BY_ITSELF: Final = "Dunnock"
TAKE: Final = "proposed_terms"
"""The act of taking over proposed terms with a discount, where two people are wanted for that."""
_ACTIVE = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Costs:
    """What the discount of a category costs with those of its customers who buy in one currency."""

    currency: str
    customers: int
    """Of whom it is known how they pay and what they buy."""
    cost: Cost
    days: Fraction
    """After how many days they pay until now, weighted by what they buy."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many customers a category would have, how many of them have other terms now, and what its discount costs."""

    customers: int
    differ: int
    costs: tuple[Costs, ...]


def now_of(
    session: Session, organisation_id: str, contacts: Collection[Contact], today: date
) -> dict[str, Wanted]:
    """The terms that these customers have in the ledger, and the discount agreed with them for all invoices."""
    rows = agreed.of_contacts(session, organisation_id, [one.id for one in contacts])
    found = {}
    for one in contacts:
        terms = PaymentTerms(one.terms_kind, one.terms_days or 0) if one.terms_kind else None
        offers = [
            Offer(Fraction(row.percent), row.within_days)
            for row in rows.get(one.id, ())
            if row.invoice_id is None
            and row.taken_back_on is None
            and row.until >= today
            and row.percent is not None
            and row.within_days is not None
        ]
        found[one.id] = Wanted(terms, offers[-1] if offers else None)
    return found


def propose(
    session: Session,
    organisation: Organisation,
    into: Mapping[str, Category],
    why: Mapping[str, str],
    now: datetime,
) -> int:
    """Propose to customers that came ``into`` categories what these have and they have not; how many proposals that makes.

    What waits for them and is proposed no more is over. What somebody said no to is not proposed again while the customer has
    the same terms; nor is what waits to be written.
    """
    today = _day(organisation, now)
    found = customers.contacts(session, organisation.id, into)
    standing = now_of(session, organisation.id, found.values(), today)
    waits = queries.waiting(session, organisation.id, into, TERMS)
    refused = queries.declined(session, organisation.id, into, TERMS)
    writing = queries.being_written(session, organisation.id, into)
    made = 0
    for contact_id, category in into.items():
        contact, there = found.get(contact_id), waits.get((contact_id, ""))
        asked, before = _asked(contact, category, standing.get(contact_id))
        if there and (not asked or (there.terms, there.terms_before) != (asked, before)):
            _over(session, there, now)
            there = None
        no = refused.get((contact_id, ""))
        if not asked or there or contact_id in writing:
            continue
        if no is not None and (no.terms, no.terms_before) == (asked, before):
            continue
        reason = " ".join(
            [
                f"{why[contact_id].rstrip('.')}.",
                *_costs_said(session, organisation.id, contact_id, asked, today),
            ]
        )
        row = _row(organisation.id, contact_id, asked, before, reason, now)
        session.add(row)
        session.flush()
        proposal_events.tell(session, row, now)
        made += 1
    return made


def propose_all(
    session: Session, organisation: Organisation, categories: Collection[Category], now: datetime
) -> int:
    """The same for all customers by the categories they are in now, because somebody asks for it."""
    organisation_to_change(session, organisation.id)
    by_key = {one.key: one for one in categories if one.terms or one.discount}
    into = {
        contact_id: by_key[mark.category]
        for contact_id, mark in risks.marks(session, organisation.id).items()
        if mark.category in by_key
    }
    why = {contact_id: N_(f"In the category {category.name}") for contact_id, category in into.items()}
    return propose(session, organisation, into, why, now)


def withdraw(session: Session, organisation_id: str, contact_ids: Collection[str], now: datetime) -> None:
    """What waits for these customers is over."""
    for row in queries.waiting(session, organisation_id, contact_ids, TERMS).values():
        _over(session, row, now)


def check_unchanged(session: Session, row: CreditProposal, now: datetime) -> None:
    """``UserError`` where the customer's terms are not any more what they were when it was proposed."""
    contact = customers.contact(session, row.organisation_id, row.contact_id)
    if contact is None:
        raise UserError(_("There is no such customer in this organisation."))
    today = _day(session.get_one(Organisation, row.organisation_id), now)
    standing = now_of(session, row.organisation_id, [contact], today)[contact.id]
    if terms_words.as_stored(standing) != (row.terms_before or {}):
        raise UserError(
            _("The customer’s terms were changed meanwhile; have proposals made anew, and decide then.")
        )


def take(session: Session, row: CreditProposal, by: str, now: datetime, until: date | None) -> None:
    """Have the terms written, and agree on the discount ``until`` a day (None: for a year), which may take two people."""
    if terms_words.terms_in(row.terms):
        row.write_pending, row.next_try_at, row.attempts, row.problem = True, now, 0, None
        session.flush()
    discount = terms_words.discount_in(row.terms)
    if discount is None:
        return
    last = until or a_year_on(_day(session.get_one(Organisation, row.organisation_id), now))
    contact = customers.contact(session, row.organisation_id, row.contact_id)
    name = contact.name if contact else ""
    wish = second_eyes.Wanted(
        TAKE,
        N_(f"Terms that are proposed for {name}: {terms_words.discount_said(discount)}, up to {Day(last)}"),
        {"proposal_id": row.id, "until": last.isoformat(), "why": row.why},
    )
    special_terms.agree(
        session,
        row.organisation_id,
        row.contact_id,
        None,
        special_terms.TermsWanted(
            last,
            percent=Decimal(discount.percent.numerator) / discount.percent.denominator,
            within_days=discount.within_days,
        ),
        why=row.why,
        by=by,
        now=now,
        ask_for=wish,
    )


def write_former(session: Session, organisation_id: str, proposal_id: str, *, by: str, now: datetime) -> None:
    """Have the terms written again that a customer had before an accepted proposal. ``UserError`` says why it cannot be."""
    organisation = organisation_to_change(session, organisation_id)
    row = queries.by_id(session, organisation_id, proposal_id)
    contact = customers.contact(session, organisation_id, row.contact_id) if row else None
    if row is None or contact is None or organisation is None or not can_be_undone(row):
        raise UserError(_("The former terms of this customer cannot be written again; change them in Xero."))
    standing = now_of(session, organisation_id, [contact], _day(organisation, now))[contact.id]
    if standing.terms != terms_words.terms_in(row.terms):
        raise UserError(_("The customer’s terms were changed since then; nothing is written over that."))
    former = terms_words.as_stored(Wanted(terms_words.terms_in(row.terms_before), None))
    back = _row(
        organisation_id,
        contact.id,
        former,
        terms_words.as_stored(standing),
        N_("The former terms again"),
        now,
    )
    back.state, back.decided_by, back.decided_at, back.write_pending = ACCEPTED, by, now, True
    session.add(back)
    session.flush()
    proposal_events.tell(session, back, now)


def can_be_undone(row: CreditProposal) -> bool:
    """Whether terms were written in the place of others of the customer's own; the ledger's for everybody cannot be."""
    return (
        row.kind == TERMS
        and row.written_at is not None
        and bool(terms_words.terms_in(row.terms) and terms_words.terms_in(row.terms_before))
    )


def is_so(contact: Contact | None, row: CreditProposal) -> bool:
    """Whether the customer has the terms that were proposed."""
    terms = terms_words.terms_in(row.terms)
    return (
        terms is not None
        and contact is not None
        and (contact.terms_kind, contact.terms_days) == (terms.kind, terms.days)
    )


def outcomes(
    session: Session, organisation: Organisation, placed: Mapping[str, Category], now: datetime
) -> dict[str, Outcome]:
    """What the categories would do by their keys, if these customers were ``placed`` into them; of those with terms alone."""
    today = _day(organisation, now)
    wanted = {key: one for key, one in placed.items() if one.terms or one.discount}
    found = customers.contacts(session, organisation.id, wanted)
    standing = now_of(session, organisation.id, found.values(), today)
    members: dict[str, list[str]] = {}
    differ: dict[str, int] = {}
    categories = {one.key: one for one in wanted.values()}
    for contact_id, category in wanted.items():
        members.setdefault(category.key, []).append(contact_id)
        asked, _before = _asked(found.get(contact_id), category, standing.get(contact_id))
        differ[category.key] = differ.get(category.key, 0) + bool(asked)
    return {
        key: Outcome(
            len(ids), differ[key], _costs(session, organisation.id, ids, categories[key].discount, today)
        )
        for key, ids in members.items()
    }


def a_year_on(today: date) -> date:
    """The last day of a discount where nobody says another."""
    return today + timedelta(days=YEAR)


def _asked(
    contact: Contact | None, category: Category, standing: Wanted | None
) -> tuple[dict[str, object], dict[str, object]]:
    """What a category asks for that a customer does not have, and what it has; nothing of who is not to be dealt with."""
    if contact is None or standing is None or contact.status != _ACTIVE or contact.restricted_at is not None:
        return {}, {}
    other = differing(standing, Wanted(category.terms, category.discount))
    return terms_words.as_stored(other), terms_words.as_stored(standing)


def _costs_said(
    session: Session, organisation_id: str, contact_id: str, asked: Mapping[str, object], today: date
) -> Iterator[str]:
    offer = terms_words.discount_in(asked)
    for one in _costs(session, organisation_id, [contact_id], offer, today):
        if offer:
            yield terms_words.cost_said(offer, one.cost, one.days, one.currency)


def _costs(
    session: Session, organisation_id: str, contact_ids: Collection[str], offer: Offer | None, today: date
) -> tuple[Costs, ...]:
    """By currency, with everybody's days to pay weighted by what is sold to them in a year."""
    if offer is None:
        return ()
    sold: dict[str, list[tuple[Decimal, Fraction]]] = {}
    books = figures_kept.books_of(session, organisation_id, sorted(contact_ids))
    for (_contact, currency), invoices in books.items():
        told = suggest(currency, invoices, Rating.NEW, Decimal(0), today)
        if told.sales > 0 and told.days_to_pay is not None:
            sold.setdefault(currency, []).append((told.sales, told.days_to_pay))
    found = []
    for currency, each in sorted(sold.items()):
        sales = sum((one for one, _days in each), Decimal(0))
        days = sum((Fraction(one) * took for one, took in each), Fraction(0)) / Fraction(sales)
        found.append(Costs(currency, len(each), cost_of(offer, days, sales, decimals(currency)), days))
    return tuple(found)


def _row(
    organisation_id: str,
    contact_id: str,
    asked: Mapping[str, object],
    before: Mapping[str, object],
    why: str,
    now: datetime,
) -> CreditProposal:
    return CreditProposal(
        organisation_id=organisation_id,
        id=new_id(),
        contact_id=contact_id,
        kind=TERMS,
        currency="",
        terms=dict(asked),
        terms_before=dict(before),
        why=why[:LONGEST_REASON],
        made_at=now,
        state=WAITS,
        write_pending=False,
        attempts=0,
        next_try_at=now,
    )


def _over(session: Session, row: CreditProposal, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = OVER, BY_ITSELF, now
    session.flush()
    proposal_events.tell(session, row, now)


def _day(organisation: Organisation, now: datetime) -> date:
    return now.astimezone(ZoneInfo(organisation.timezone)).date()
