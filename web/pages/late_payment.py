"""Late payment: the organisation's rules, and what is known of one customer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import late_payment_terms as service
from services.interest import Kind
from services.late_payment_json import percent
from services.roles import Right
from store.models import LatePaymentPolicy, LatePaymentTerms, Organisation
from store.queries import customers
from store.queries import late_payment as queries
from web.pages.late_payment_forms import CUSTOMERS, ORGANISATIONS, RulesForm, TermsForm, rule_choices
from web.security import acting_person, dunnock, member

late_payment = Blueprint("late_payment", __name__, url_prefix="/organisations/<organisation_id>")


@late_payment.get("/late-fees/rules")
@member(Right.SEE_SETTINGS)
def rules(organisation: Organisation) -> ResponseReturnValue:
    """By which rules interest is worked out."""
    return _rules_page(organisation)


@late_payment.post("/late-fees/rules")
@member(Right.CHANGE_SETTINGS)
def change_rules(organisation: Organisation) -> ResponseReturnValue:
    """Choose the rules."""
    form = RulesForm()
    form.rules.choices = []
    if not form.validate_on_submit():
        return _rules_page(organisation, form), 422
    try:
        with dunnock().database.write(organisation.id) as session:
            service.choose_rules(
                session, organisation.id, form.agreed(), split=form.split.data, told=form.told.data
            )
    except UserError as error:
        form.form_errors.append(str(error))
        return _rules_page(organisation, form), 422
    flash(_("Saved. Each invoice shows its interest with the working."))
    return redirect(url_for("late_payment.rules", organisation_id=organisation.id))


@late_payment.get("/contacts/<contact_id>/late-payment")
@member(Right.VIEW)
def customer(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """What is known of one customer for the law of late payment."""
    return _customer_page(organisation, contact_id)


@late_payment.post("/contacts/<contact_id>/late-payment")
@member(Right.CHANGE_CHASING)
def change_customer(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Say what kind of customer it is, and what holds for it."""
    form = TermsForm()
    form.rules.choices = []
    if not form.validate_on_submit():
        return _customer_page(organisation, contact_id, form), 422
    try:
        with dunnock().database.write(organisation.id) as session:
            service.set_terms(
                session,
                organisation.id,
                contact_id,
                form.agreed(),
                kind=Kind(form.kind.data) if form.kind.data else None,
                longer_term_fair=form.longer_term_fair.data,
                by=acting_person(),
                now=clock.now(),
            )
    except UserError as error:
        form.form_errors.append(str(error))
        return _customer_page(organisation, contact_id, form), 422
    flash(_("Saved."))
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


def _rules_page(organisation: Organisation, form: RulesForm | None = None) -> str:
    with dunnock().database.read(organisation.id) as session:
        policy = queries.policy(session, organisation.id)
    form = form or RulesForm(formdata=None, **_agreed(policy))
    form.rules.choices = rule_choices(ORGANISATIONS)
    return render_template(
        "pages/late_payment/rules.html", organisation=organisation, form=form, policy=policy
    )


def _customer_page(organisation: Organisation, contact_id: str, form: TermsForm | None = None) -> str:
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        terms = queries.terms(session, organisation.id, [contact_id]).get(contact_id)
    form = form or TermsForm(formdata=None, **_agreed(terms))
    form.rules.choices = rule_choices(CUSTOMERS)
    return render_template(
        "pages/late_payment/customer.html", organisation=organisation, contact=contact, form=form, terms=terms
    )


def _agreed(row: LatePaymentPolicy | LatePaymentTerms | None) -> dict[str, Any]:
    """The row as a form shows it."""
    if row is None:
        return {}
    names = ("rules", "fee_currency", "whole_months", "split", "told", "kind", "longer_term_fair")
    return {name: getattr(row, name) or "" for name in names if hasattr(row, name)} | {
        "rate": percent(row.yearly_rate) if row.yearly_rate else "",
        "fee": f"{row.fee:.2f}" if row.fee else "",
    }
