"""Special terms: discounts and days that were agreed with customers."""

from __future__ import annotations

from decimal import Decimal

from flask import abort
from sqlalchemy.orm import Session

from credit_control.facts import Invoice
from services import doors
from services.credit import special_terms
from services.credit.special_terms import TermsWanted
from store.asked import as_facts
from store.models import AgreedTerms
from store.queries import customers
from store.queries import special_terms as queries
from web.api import asked_credit as asked
from web.api.caller import Caller
from web.api.fields import money
from web.api.shapes.credit import AgreedTermsOf, AskedUnderTerms, SpecialTerms

_NO_CONTACT = "There is no such contact."
_NO_TERMS = "There are no such special terms."


def show_special_terms(caller: Caller, session: Session, id_: str) -> SpecialTerms:
    """What was agreed with a contact, and what it is asked for because of that."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, _NO_CONTACT)
    open_ones = customers.open_invoices(session, caller.organisation_id, id_)
    known = as_facts(session, caller.organisation_id, open_ones)
    return SpecialTerms(
        contact_id=id_,
        agreed=[_agreed(one) for one in queries.of_contact(session, caller.organisation_id, id_)],
        asked=[_asked(one) for one in known if one.special or one.due_in_ledger],
    )


def agree_special_terms(caller: Caller, session: Session, id_: str, body: asked.AgreeTerms) -> SpecialTerms:
    """Agree on terms from today on. The same terms again change nothing. It is noted in the ledger.

    409 where two people are wanted for credit: terms that lower or postpone what is asked wait for a second person's yes then.
    """
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, _NO_CONTACT)
    wanted = TermsWanted(
        body.until,
        None if body.percent is None else Decimal(body.percent),
        None if body.amount is None else Decimal(body.amount),
        body.currency,
        body.within_days,
        body.due_days,
    )
    special_terms.agree(
        session,
        caller.organisation_id,
        id_,
        body.invoice_id,
        wanted,
        why=body.why,
        by=caller.name,
        now=caller.now,
    )
    _ring(caller)
    session.flush()
    return show_special_terms(caller, session, id_)


def take_back_special_terms(caller: Caller, session: Session, id_: str) -> None:
    """End terms: from today on they hold no more. A payment that came before counts as it was agreed."""
    if queries.by_id(session, caller.organisation_id, id_) is None:
        abort(404, _NO_TERMS)
    special_terms.take_back(session, caller.organisation_id, id_, by=caller.name, now=caller.now)
    _ring(caller)


def _ring(caller: Caller) -> None:
    caller.ring_later(doors.PLAN)
    caller.ring_later(doors.NOTES)


def _agreed(row: AgreedTerms) -> AgreedTermsOf:
    return AgreedTermsOf(
        id=row.id,
        invoice_id=row.invoice_id,
        agreed_on=row.agreed_on,
        until=row.until,
        percent=None if row.percent is None else f"{row.percent.normalize():f}",
        amount=None if row.amount is None else money(row.amount),
        currency=row.currency,
        within_days=row.within_days,
        due_days=row.due_days,
        why=row.why,
        agreed_by=row.agreed_by,
        entered_at=row.entered_at,
        taken_back_on=row.taken_back_on,
        taken_back_by=row.taken_back_by,
    )


def _asked(one: Invoice) -> AskedUnderTerms:
    special = one.special
    return AskedUnderTerms(
        invoice_id=one.id,
        number=one.number,
        currency=one.currency,
        due_on=one.due_on,
        amount=money(one.asked_for),
        until=special.until if special else None,
        afterwards=money(special.afterwards) if special and special.afterwards is not None else None,
        to_credit=money(special.to_credit if special else Decimal(0)),
    )
