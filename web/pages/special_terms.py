"""Special terms of a customer or of one invoice: what holds, what was agreed before, agreeing and taking back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from credit_control.facts import Invoice
from kit import clock
from kit.errors import UserError
from kit.wording import N_, _
from services import doors
from services.changes import change_of_chasing
from services.credit import special_terms as service
from services.credit.special_terms import TermsWanted
from services.credit.terms_said import in_words
from services.roles import Right
from store.asked import as_facts
from store.models import AgreedTerms, Contact, Organisation
from store.models import Invoice as InvoiceRow
from store.queries import customers
from store.queries import special_terms as queries
from web.once import count_once
from web.pages.amounts import one_amount, one_rate
from web.security import acting_person, dunnock, member

special_terms = Blueprint("special_terms", __name__, url_prefix="/organisations/<organisation_id>")

PERCENT, AMOUNT, NO_DISCOUNT = "percent", "amount", "none"
_NO_RATE = N_("A discount in percent is a number such as 2 or 2.5.")
_NO_AMOUNT = N_("The discount is an amount such as 50 or 12.50, in the currency beside it.")
_NO_DAY = N_("Give the last day of the special terms.")
_NO_DAYS = N_("Days are a whole number, such as 14.")


@special_terms.get("/contacts/<contact_id>/special-terms")
@member(Right.VIEW)
def show(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """What was agreed with a customer, and the form for more; ``invoice`` names the one that it is about."""
    return _page(organisation, contact_id, MultiDict({"invoice": request.args.get("invoice", "")}))


@special_terms.post("/contacts/<contact_id>/special-terms")
@member(Right.GRANT_CREDIT)
def agree(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Agree on what was typed."""
    back = url_for("special_terms.show", organisation_id=organisation.id, contact_id=contact_id)
    form = request.form
    try:
        with change_of_chasing(dunnock(), organisation.id) as session:
            _contact(session, organisation, contact_id)
            count_once(session, organisation.id, back)
            service.agree(
                session,
                organisation.id,
                contact_id,
                form.get("invoice") or None,
                _meant(form),
                why=form.get("why", ""),
                by=acting_person(),
                now=clock.now(),
            )
    except UserError as error:
        return _page(organisation, contact_id, form, str(error)), 422
    dunnock().soft_doorbell.ring(doors.NOTES, organisation.id)
    flash(_("The special terms hold from today. They are noted in Xero."))
    return redirect(back)


@special_terms.post("/contacts/<contact_id>/special-terms/<terms_id>/take-back")
@member(Right.GRANT_CREDIT)
def take_back(organisation: Organisation, contact_id: str, terms_id: str) -> ResponseReturnValue:
    """End terms from today on."""
    back = url_for("special_terms.show", organisation_id=organisation.id, contact_id=contact_id)
    with change_of_chasing(dunnock(), organisation.id) as session:
        row = queries.by_id(session, organisation.id, terms_id)
        if row is None or row.contact_id != contact_id:
            abort(404)
        count_once(session, organisation.id, back)
        service.take_back(session, organisation.id, terms_id, by=acting_person(), now=clock.now())
    dunnock().soft_doorbell.ring(doors.NOTES, organisation.id)
    flash(_("Taken back. From today the special terms hold no more; it is noted in Xero."))
    return redirect(back)


def agreed_about(session: Session, organisation: Organisation, invoice: InvoiceRow) -> Invoice:
    """An invoice with what special terms ask for of it today."""
    return as_facts(session, organisation.id, [invoice])[0]


def _meant(form: MultiDict[str, str]) -> TermsWanted:
    """What was typed. ``UserError`` says what cannot be."""
    kind, currency = form.get("discount", NO_DISCOUNT), form.get("currency", "").strip().upper()
    typed = form.get("much", "").strip()
    percent: Decimal | None = None
    amount: Decimal | None = None
    if kind == PERCENT:
        percent = one_rate(typed, _(_NO_RATE))
    elif kind == AMOUNT:
        amount = one_amount(typed, currency, _(_NO_AMOUNT))
    try:
        until = date.fromisoformat(form.get("until", ""))
    except ValueError:
        raise UserError(_(_NO_DAY)) from None
    return TermsWanted(
        until,
        percent,
        amount,
        currency if amount is not None else None,
        _days(form.get("within_days", "")),
        _days(form.get("due_days", "")),
    )


def _days(typed: str) -> int | None:
    found = typed.strip()
    if not found:
        return None
    if not (found.isascii() and found.isdigit() and len(found) < len("10000")):
        raise UserError(_(_NO_DAYS))
    return int(found)


def _page(organisation: Organisation, contact_id: str, typed: MultiDict[str, str], problem: str = "") -> str:
    today = clock.today(organisation.timezone)
    with dunnock().database.read(organisation.id) as session:
        contact = _contact(session, organisation, contact_id)
        rows = queries.of_contact(session, organisation.id, contact_id)
        invoices = customers.open_invoices(session, organisation.id, contact_id)
        about = {
            one.invoice_id: customers.invoice(session, organisation.id, one.invoice_id)
            for one in rows
            if one.invoice_id
        }
        asked = [
            one for one in as_facts(session, organisation.id, invoices) if one.special or one.due_in_ledger
        ]
    return render_template(
        "pages/credit/special_terms.html",
        organisation=organisation,
        contact=contact,
        standing=[one for one in rows if _stands(one, today)],
        earlier=[one for one in rows if not _stands(one, today)],
        about=about,
        invoices=invoices,
        asked=asked,
        currency=invoices[0].currency if invoices else organisation.base_currency,
        typed=typed,
        words=in_words,
        problem=problem,
        today=today,
    )


def _stands(row: AgreedTerms, today: date) -> bool:
    return row.taken_back_on is None and row.until >= today


def _contact(session: Session, organisation: Organisation, contact_id: str) -> Contact:
    return customers.contact(session, organisation.id, contact_id) or abort(404)
