"""Payment plans: agreed on in a short form, accepted, changed and ended, with the agreement on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.payment_plans import Instalment
from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import doors, plan_agreement, plan_mail
from services import payment_plans as service
from services.roles import Right
from services.writing import long_date, money
from store.asked import in_instalments
from store.models import Invoice, Organisation, PaymentPlan
from store.queries import customers, sending
from store.queries import payment_plans as queries
from store.queries.payment_plans import Told
from web.format import listed
from web.once import count_once
from web.pages.plan_form import MOST, RHYTHMS, Typed, typed
from web.security import acting_person, current_person, dunnock, member

payment_plans = Blueprint("payment_plans", __name__, url_prefix="/organisations/<organisation_id>")

_BOUNDS: Final = {
    "most_instalments": ("The most instalments", 2, 60),
    "longest_days": ("The longest time", 7, 366),
    "least_percent": ("The least part", 0, 50),
}


@payment_plans.get("/contacts/<contact_id>/plans/new")
@member(Right.RECORD)
def new(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """The form in which a plan with this customer is written down."""
    return _form_page(organisation, contact_id, Typed())


@payment_plans.post("/contacts/<contact_id>/plans")
@member(Right.RECORD)
def agree(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Agree on a plan, or show the form again with what is wrong."""
    form = typed(request.form)
    try:
        with dunnock().database.write(organisation.id) as session:
            if customers.contact(session, organisation.id, contact_id) is None:
                abort(404)
            open_ones = customers.open_invoices(session, organisation.id, contact_id)
            ticked = [one for one in open_ones if one.id in form.invoice_ids]
            if not ticked:
                raise UserError(_("Tick at least one invoice that the plan covers."))
            currency = form.currency or ticked[0].currency
            meant = [one for one in ticked if one.currency == currency]
            owed = service.asked_for(session, organisation.id, meant)
            parts = form.instalments(owed, currency)
            here = session.get_one(Organisation, organisation.id)
            ids = [one.id for one in ticked]
            home = url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id)
            count_once(session, organisation.id, home)
            service.agree(session, here, contact_id, ids, parts, currency, by=_name(), now=clock.now())
    except UserError as problem:
        return _form_page(organisation, contact_id, form, str(problem)), 422
    _ring(organisation)
    flash(
        _("Agreed: %(in_words)s. Chasing waits while the plan is kept.", in_words=_in_words(parts, currency))
    )
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


@payment_plans.get("/plans/<plan_id>/change")
@member(Right.RECORD)
def changing(organisation: Organisation, plan_id: str) -> ResponseReturnValue:
    """The form in which the rest of a plan is agreed on anew."""
    told = _told(organisation, plan_id)
    return _form_page(organisation, told.plan.contact_id, Typed(), plan=told)


@payment_plans.post("/plans/<plan_id>/change")
@member(Right.RECORD)
def change(organisation: Organisation, plan_id: str) -> ResponseReturnValue:
    """Agree on other instalments for what is left, or show the form again."""
    told, form = _told(organisation, plan_id), typed(request.form)
    plan = told.plan
    try:
        with dunnock().database.write(organisation.id) as session:
            left = _open(session, organisation, told)
            owed = service.asked_for(session, organisation.id, left)
            parts = form.instalments(owed, plan.currency)
            here = session.get_one(Organisation, organisation.id)
            service.change(session, here, plan_id, parts, by=_name(), now=clock.now())
    except UserError as problem:
        return _form_page(organisation, plan.contact_id, form, str(problem), plan=told), 422
    _ring(organisation)
    flash(_("Agreed anew: %(in_words)s.", in_words=_in_words(parts, plan.currency)))
    return _back(organisation, plan.contact_id)


@payment_plans.post("/plans/<plan_id>/accept")
@member(Right.RECORD)
def accept(organisation: Organisation, plan_id: str) -> ResponseReturnValue:
    """Say yes to what a customer proposed."""
    return _act(organisation, plan_id, service.accept, _("Accepted. Chasing waits while the plan is kept."))


@payment_plans.post("/plans/<plan_id>/decline")
@member(Right.RECORD)
def decline(organisation: Organisation, plan_id: str) -> ResponseReturnValue:
    """Say no to what a customer proposed."""
    return _act(organisation, plan_id, service.decline, _("Declined. Tell the customer; chasing goes on."))


@payment_plans.post("/plans/<plan_id>/end")
@member(Right.RECORD)
def end(organisation: Organisation, plan_id: str) -> ResponseReturnValue:
    """End a plan."""
    return _act(
        organisation, plan_id, service.end, _("Ended. Chasing goes on with the next step that is due.")
    )


@payment_plans.post("/plans/policy")
@member(Right.CHANGE_CHASING)
def policy(organisation: Organisation) -> ResponseReturnValue:
    """What customers may propose, and what follows when an instalment is missed."""
    given = [request.form.get(name, "") for name in _BOUNDS]
    when_missed = request.form.get("when_missed", "")
    try:
        if when_missed not in ("ask", "resume"):
            raise UserError(_("Choose what follows when an instalment is missed."))
        numbers = [_within(words, *_BOUNDS[name]) for name, words in zip(_BOUNDS, given, strict=True)]
        with dunnock().database.write(organisation.id) as session:
            here = sending.lock_organisation(session, organisation.id)
            service.set_policy(here, when_missed, *numbers)
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        flash(_("Saved. It holds from now on."))
    return redirect(url_for("promises.index", organisation_id=organisation.id, show="plans"))


def _within(words: str, name: str, least: int, most: int) -> int:
    if not (words.isascii() and words.isdigit() and least <= int(words[:6]) <= most):
        raise UserError(
            _("%(name)s must be a number from %(least)s to %(most)s.", name=_(name), least=least, most=most)
        )
    return int(words)


@payment_plans.get("/plans/<plan_id>/agreement.pdf")
@member(Right.VIEW)
def agreement(organisation: Organisation, plan_id: str) -> ResponseReturnValue:
    """The agreement, to be printed or sent."""
    told = _told(organisation, plan_id)
    with dunnock().database.read(organisation.id) as session:
        file = plan_agreement.printed(session, organisation, told)
    return Response(
        file.content,
        content_type="application/pdf",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"},
    )


@payment_plans.post("/plans/<plan_id>/send")
@member(Right.RUN)
def send(organisation: Organisation, plan_id: str) -> ResponseReturnValue:
    """Mail the agreement to the customer, as oneself, once."""
    told, person = _told(organisation, plan_id), current_person()
    try:
        with dunnock().database.write(organisation.id) as session:
            here = sending.lock_organisation(session, organisation.id)
            before = plan_mail.sent(session, organisation.id, plan_id)
            there = before is not None and before.status != "failed"
            row = plan_mail.send(
                dunnock(),
                session,
                here,
                told,
                by=_name(),
                person_id=person.id if person else None,
                now=clock.now(),
            )
            to = listed(row.to)
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        dunnock().soft_doorbell.ring(doors.ANSWERS, organisation.id)
        flash(
            _("The agreement was sent to %(to)s before, and is sent once.", to=to)
            if there
            else _("The agreement leaves in a moment to %(to)s, as you.", to=to)
        )
    return _back(organisation, told.plan.contact_id)


def _act(
    organisation: Organisation, plan_id: str, what: Callable[..., PaymentPlan], done: str
) -> ResponseReturnValue:
    contact_id = _told(organisation, plan_id).plan.contact_id
    try:
        with dunnock().database.write(organisation.id) as session:
            here = session.get_one(Organisation, organisation.id)
            what(session, here, plan_id, by=_name(), now=clock.now())
    except UserError as problem:
        flash(str(problem), "problem")
    else:
        _ring(organisation)
        flash(done)
    return _back(organisation, contact_id)


def _in_words(parts: Sequence[Instalment], currency: str) -> str:
    """``£100.00 by 1 December 2026, £50.00 by 1 January 2027``"""
    each = (
        _("%(amount)s by %(on)s", amount=money(one.amount, currency), on=long_date(one.on)) for one in parts
    )
    return ", ".join(each)


def _told(organisation: Organisation, plan_id: str) -> Told:
    with dunnock().database.read(organisation.id) as session:
        found = queries.told(session, organisation.id, plan_id=plan_id, most=1)
    return found[0] if found else abort(404)


def _open(session: Any, organisation: Organisation, told: Told) -> list[Invoice]:
    ids = {invoice_id for invoice_id, _ in told.invoices}
    found = customers.open_invoices(session, organisation.id, told.plan.contact_id)
    return [one for one in found if one.id in ids]


def _form_page(
    organisation: Organisation, contact_id: str, form: Typed, problem: str = "", plan: Told | None = None
) -> str:
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
        invoices: Sequence[Invoice] = (
            _open(session, organisation, plan)
            if plan
            else customers.open_invoices(session, organisation.id, contact_id)
        )
        asked = in_instalments(session, organisation.id, invoices)
        invoices = [one for one in invoices if asked[one.id] > 0]
    return render_template(
        "pages/promises/plan.html",
        organisation=organisation,
        contact=contact,
        invoices=invoices,
        asked=asked,
        ticked=form.invoice_ids if form.invoice_ids or problem else {one.id for one in invoices},
        form=form,
        problem=problem,
        told=plan,
        rhythms=RHYTHMS,
        most=MOST,
        today=clock.today(organisation.timezone),
    )


def _ring(organisation: Organisation) -> None:
    for door in (doors.PLAN, doors.NOTES):
        dunnock().soft_doorbell.ring(door, organisation.id)


def _name() -> str:
    return acting_person()


def _back(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))
