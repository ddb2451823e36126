"""Interest on invoices, and the rules by which it is worked out."""

from __future__ import annotations

from decimal import Decimal

from flask import abort
from msgspec import convert
from sqlalchemy.orm import Session

from kit.errors import UserError
from services import interest, late_payment_json, late_payment_terms
from services.late_payment_terms import Agreed
from store import models
from store.queries import customers
from store.queries import late_payment as queries
from web.api import asked_late_payment as asked
from web.api import late_payment_shapes as shapes
from web.api.caller import Caller

_NO_INVOICE = "There is no such invoice."
_NO_CONTACT = "There is no such contact."


def show_interest(caller: Caller, session: Session, id_: str, query: asked.InterestOn) -> shapes.Interest:
    """Interest and compensation on an invoice, with the working line by line."""
    invoice = customers.invoice(session, caller.organisation_id, id_) or abort(404, _NO_INVOICE)
    contact = customers.contact(session, caller.organisation_id, invoice.contact_id) or abort(
        404, _NO_INVOICE
    )
    on = query.on or interest.end_of(invoice, caller.today(session))
    worked = interest.work_out(session, caller.organisation_id, invoice, contact, on)
    told = late_payment_json.claim(worked.claim, least_decimals=2) if worked.claim else None
    return shapes.Interest(
        invoice_id=id_,
        on=on,
        claim=convert(told, shapes.Claim) if told else None,
        problem=worked.problem,
    )


def show_policy(caller: Caller, session: Session) -> shapes.LatePaymentPolicy:
    """By which rules interest is worked out and charged."""
    return policy_told(queries.policy(session, caller.organisation_id))


def choose_rules(caller: Caller, session: Session, body: asked.ChooseRules) -> shapes.LatePaymentPolicy:
    """Choose the rules by which interest is worked out; null chooses none, and ends charging."""
    try:
        chosen = late_payment_terms.choose_rules(
            session, caller.organisation_id, _agreed(body), split=body.split, told=body.told
        )
    except UserError as error:
        abort(422, str(error))
    return policy_told(chosen)


def show_terms(caller: Caller, session: Session, id_: str) -> shapes.LatePaymentTerms:
    """What is known of a customer for the law of late payment."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, _NO_CONTACT)
    return _terms(id_, queries.terms(session, caller.organisation_id, [id_]).get(id_))


def set_terms(caller: Caller, session: Session, id_: str, body: asked.SetTerms) -> shapes.LatePaymentTerms:
    """Say what kind of customer it is, and which rules or terms hold for it."""
    if customers.contact(session, caller.organisation_id, id_) is None:
        abort(404, _NO_CONTACT)
    try:
        terms = late_payment_terms.set_terms(
            session,
            caller.organisation_id,
            id_,
            _agreed(body),
            kind=interest.Kind(body.kind) if body.kind else None,
            longer_term_fair=body.longer_term_fair,
            by=caller.name,
            now=caller.now,
        )
    except UserError as error:
        abort(422, str(error))
    return _terms(id_, terms)


def _agreed(body: asked.ChooseRules | asked.SetTerms) -> Agreed:
    return Agreed(
        rules=body.rules,
        yearly_rate=Decimal(body.rate) if body.rate else None,
        fee=Decimal(body.fee) if body.fee else None,
        fee_currency=body.fee_currency,
        whole_months=body.whole_months,
    )


def policy_told(row: models.LatePaymentPolicy | None) -> shapes.LatePaymentPolicy:
    """The policy as the API answers it."""
    row = row or models.LatePaymentPolicy(
        split=False, whole_months=False, told=False, charging="off", tracking=[]
    )
    return shapes.LatePaymentPolicy(
        rules=row.rules,
        split=row.split,
        rate=_number(row.yearly_rate),
        fee=_number(row.fee),
        fee_currency=row.fee_currency,
        whole_months=row.whole_months,
        told=row.told,
        charging=convert(row.charging, shapes.Charging),
        account_code=row.account_code,
        tax_type=row.tax_type,
        tracking=[convert(one, shapes.Tracked) for one in row.tracking],
    )


def _terms(contact_id: str, row: models.LatePaymentTerms | None) -> shapes.LatePaymentTerms:
    row = row or models.LatePaymentTerms(whole_months=False, longer_term_fair=False)
    return shapes.LatePaymentTerms(
        contact_id=contact_id,
        kind=convert(row.kind, shapes.CustomerKind | None),
        rules=row.rules,
        rate=_number(row.yearly_rate),
        fee=_number(row.fee),
        fee_currency=row.fee_currency,
        whole_months=row.whole_months,
        longer_term_fair=row.longer_term_fair,
    )


def _number(value: Decimal | None) -> str | None:
    return None if value is None else late_payment_json.percent(value)
