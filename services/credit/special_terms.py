"""Agreeing with a customer on a discount for paying by a day, or on more days to pay, and taking that back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from credit_control.calendar import local_day
from credit_control.credit.special_terms import Invoiced, discount_of, discount_until, due_day, gives_more
from credit_control.stops import is_open
from credit_control.words import Day, decimals
from kit.errors import UserError
from kit.ids import new_id
from kit.wording import N_, _
from services import records, second_eyes
from services.credit import terms_events
from services.credit.terms_said import in_words
from services.feed import EventKind
from services.second_eyes import Kind, Wanted
from store.facts import policy_of
from store.models import AgreedTerms, Communication, Contact, Invoice
from store.queries import chasers, customers, planning, sending
from store.queries import special_terms as queries
from store.queries.occasion_reasons import fact_of

LONGEST_REASON = 1_000
AGREE = "special_terms"
"""The act of agreeing on terms, where two people are wanted for it."""
MOST_DAYS = 1_000
_MOST = Decimal(10) ** 12
_LONGEST = timedelta(days=3_660)
_CHANGED = N_(
    "Not sent, because special terms were agreed or taken back; planned anew with what is asked for now."
)


@dataclass(frozen=True, slots=True)
class TermsWanted:
    """What is to be agreed. Either ``percent`` or ``amount`` with its ``currency``, or neither; ``due_days`` besides or alone."""

    until: date
    """The last day on which any of it holds."""
    percent: Decimal | None = None
    """2 is 2 % of an invoice's total."""
    amount: Decimal | None = None
    """Off each invoice in ``currency``."""
    currency: str | None = None
    within_days: int | None = None
    """The discount is for who pays within so many days of the issue day; None: up to ``until``."""
    due_days: int | None = None
    """Due so many days after the issue day; never earlier than the ledger says."""


def agree(
    session: Session,
    organisation_id: str,
    contact_id: str,
    invoice_id: str | None,
    terms: TermsWanted,
    *,
    why: str,
    by: str,
    now: datetime,
    ask_for: Wanted | None = None,
) -> AgreedTerms:
    """Agree on terms with a customer from today on, about one invoice or (None) all of its invoices.

    What waits to leave is planned anew, and it is noted in the ledger. The same terms again change nothing; other terms
    take the place of earlier ones about the same. Terms that lower or postpone what is asked take two people where these are
    wanted for credit; ``ask_for`` is what the second says yes to where it is more than the terms. ``UserError`` says in a
    sentence what cannot be. The caller rings for planning and notes.
    """
    contact = customers.contact(session, organisation_id, contact_id)
    if contact is None:
        raise UserError(_("There is no such customer in this organisation."))
    reason = " ".join(why.split())[:LONGEST_REASON]
    if not reason:
        raise UserError(_("Say why these terms were agreed, so that a colleague understands it later."))
    organisation = sending.lock_organisation(session, organisation_id)
    today = local_day(policy_of(organisation).window, now)
    _check(terms, today)
    row = AgreedTerms(
        organisation_id=organisation_id,
        id=new_id(),
        contact_id=contact_id,
        invoice_id=invoice_id,
        agreed_on=today,
        until=terms.until,
        percent=terms.percent,
        amount=terms.amount,
        currency=terms.currency if terms.amount is not None else None,
        within_days=terms.within_days,
        due_days=terms.due_days,
        why=reason,
        agreed_by=by,
        entered_at=now,
    )
    invoice = None if invoice_id is None else _invoice(session, contact, invoice_id, row)
    before = queries.newest_standing(session, row)
    if before and _said(before) == _said(row):
        return before
    if _gives_more(row, before):
        wish = ask_for or _wish(contact, invoice, row, before)
        second_eyes.check(session, organisation_id, Kind.CREDIT, wish)
    session.add(row)
    session.flush()
    entry = _note(session, row, invoice, "terms", reason, by, now)
    kind = EventKind.SPECIAL_TERMS_AGREED
    if before and before.until >= today:
        kind = EventKind.SPECIAL_TERMS_CHANGED
    terms_events.tell(session, row, kind, now, entry, before=before)
    _ask_anew(session, row, now)
    return row


def _gives_more(row: AgreedTerms, before: AgreedTerms | None) -> bool:
    if before and row.amount is not None and row.currency != before.currency:
        return True
    standing = queries.fact_of(before) if before else None
    return gives_more(queries.fact_of(row), standing, of_one_invoice=row.invoice_id is not None)


def _wish(contact: Contact, invoice: Invoice | None, row: AgreedTerms, before: AgreedTerms | None) -> Wanted:
    """What a second person says yes to; ``before`` are the terms that it would take the place of."""
    title = N_(f"Special terms for all invoices of {contact.name}: {in_words(row)}")
    if invoice:
        title = N_(f"Special terms for the invoice {invoice.number} of {contact.name}: {in_words(row)}")
    details = {
        "contact_id": contact.id,
        "invoice_id": row.invoice_id,
        "before": before.id if before else None,
        "until": row.until.isoformat(),
        "percent": None if row.percent is None else f"{row.percent:f}",
        "amount": None if row.amount is None else f"{row.amount:f}",
        "currency": row.currency,
        "within_days": row.within_days,
        "due_days": row.due_days,
        "why": row.why,
    }
    return Wanted(AGREE, title, details)


def take_back(
    session: Session, organisation_id: str, terms_id: str, *, by: str, now: datetime
) -> AgreedTerms:
    """End terms today: from today on they hold no more. A payment that came before counts as it was agreed.

    Taken back already, or over, nothing changes. ``UserError``: there are none such. The caller rings for planning and
    notes.
    """
    organisation = sending.lock_organisation(session, organisation_id)
    row = queries.by_id(session, organisation_id, terms_id)
    if row is None:
        raise UserError(_("There are no such special terms in this organisation."))
    today = local_day(policy_of(organisation).window, now)
    if row.taken_back_on is not None or row.until < today:
        return row
    row.taken_back_on, row.taken_back_at, row.taken_back_by = today, now, by
    session.flush()
    invoice = customers.invoice(session, organisation_id, row.invoice_id) if row.invoice_id else None
    entry = _note(session, row, invoice, "terms_back", None, by, now)
    terms_events.tell(session, row, EventKind.SPECIAL_TERMS_ENDED, now, entry)
    _ask_anew(session, row, now)
    return row


def _check(terms: TermsWanted, today: date) -> None:
    if terms.percent is not None and terms.amount is not None:
        raise UserError(_("A discount is a percentage or an amount, not both."))
    has_discount = terms.percent is not None or terms.amount is not None
    if terms.within_days is not None and not has_discount:
        raise UserError(_("Days within which to pay belong to a discount; say how much it is."))
    if not has_discount and terms.due_days is None:
        raise UserError(_("Say what was agreed: a discount, more days to pay, or both."))
    if terms.percent is not None and not _is_percentage(terms.percent):
        raise UserError(
            _("A discount in percent is more than 0 and less than 100, with at most two decimals.")
        )
    if terms.amount is not None and not _is_amount(terms.amount, terms.currency or ""):
        raise UserError(
            _("A discount is an amount above nought, in a currency of three letters such as GBP.")
        )
    if any(days is not None and not 0 < days <= MOST_DAYS for days in (terms.within_days, terms.due_days)):
        raise UserError(_("Days are a whole number from 1 to %(most)s.", most=MOST_DAYS))
    if terms.until < today:
        raise UserError(_("The last day is over already; take today or a later one."))
    if terms.until > today + _LONGEST:
        raise UserError(_("Special terms end within ten years; take an earlier last day."))


def _is_percentage(percent: Decimal) -> bool:
    return percent.is_finite() and 0 < percent < 100 and percent == percent.quantize(Decimal("0.01"))


def _is_amount(amount: Decimal, currency: str) -> bool:
    if len(currency) != 3 or not (currency.isascii() and currency.isupper()):
        return False
    return (
        amount.is_finite()
        and 0 < amount < _MOST
        and amount == amount.quantize(Decimal(1).scaleb(-decimals(currency)))
    )


def _invoice(session: Session, contact: Contact, invoice_id: str, row: AgreedTerms) -> Invoice:
    """The invoice that terms are about, where they make a difference to it."""
    invoice = customers.invoice(session, contact.organisation_id, invoice_id)
    if invoice is None or invoice.contact_id != contact.id:
        raise UserError(_("This customer has no such invoice."))
    if not is_open(fact_of(invoice)):
        raise UserError(_("Nothing is open of this invoice, so there is nothing to agree about it."))
    terms = queries.fact_of(row)
    about = Invoiced(invoice.issued_on, invoice.due_on, invoice.total, decimals(invoice.currency))
    if row.amount is not None and row.currency != invoice.currency:
        raise UserError(
            _("The invoice is in %(currency)s, so its discount is as well.", currency=invoice.currency)
        )
    if row.percent is not None or row.amount is not None:
        if discount_of(terms, about) is None:
            raise UserError(_("This discount would leave nothing to pay, or comes to nothing; take another."))
        if discount_until(terms, about) is None:
            raise UserError(
                _("The days within which to pay are over already; give more days, or a last day alone.")
            )
    if row.due_days is not None and due_day(terms, about) == invoice.due_on:
        raise UserError(_no_later(invoice, row, invoice.issued_on + timedelta(days=row.due_days)))
    return invoice


def _no_later(invoice: Invoice, terms: AgreedTerms, wanted: date) -> str:
    """Why the days of these terms, which would end on ``wanted``, do not make it due later than in the ledger."""
    due = str(Day(invoice.due_on))
    if wanted <= invoice.due_on:
        return _("The ledger gives as many days already: the invoice is due on %(day)s.", day=due)
    if wanted < terms.agreed_on:
        return _("These days were over on %(day)s already; give more days.", day=str(Day(wanted)))
    return _(
        "The invoice is due on %(day)s, and these terms end on %(until)s; give them a later last day.",
        day=due,
        until=str(Day(terms.until)),
    )


def _said(row: AgreedTerms) -> tuple[object, ...]:
    percent = None if row.percent is None else Fraction(row.percent)
    return row.until, percent, row.amount, row.currency, row.within_days, row.due_days


def _note(
    session: Session,
    row: AgreedTerms,
    invoice: Invoice | None,
    kind: str,
    text: str | None,
    by: str,
    now: datetime,
) -> Communication:
    return records.record(
        session,
        row.organisation_id,
        row.contact_id,
        [invoice] if invoice else [],
        channel="note",
        kind=kind,
        text=text,
        by=by,
        now=now,
        outcome=in_words(row),
    )


def _ask_anew(session: Session, row: AgreedTerms, now: datetime) -> None:
    """Nothing that was planned leaves with what was asked for until now."""
    chasers.stop(session, row.organisation_id, _CHANGED, contact_id=row.contact_id, invoice_id=row.invoice_id)
    planning.look_again(session, row.organisation_id, [row.contact_id], now)
