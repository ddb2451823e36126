"""Days off of the organisation, and where and on which days one customer works and pays."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from credit_control.closures import ClosedPeriod
from credit_control.facts import PaymentDays
from kit import clock, public_holidays
from kit.errors import UserError
from kit.wording import _, language
from services import calendars as service
from services.roles import Right
from store.calendars import NOBODYS, periods_of
from store.facts import holidays_of
from store.models import Contact, Organisation
from store.queries import customers
from web.pages.calendar_forms import ClosureForm, CustomerForm, HolidaysForm, places, zones
from web.security import dunnock, member

calendars = Blueprint("calendars", __name__, url_prefix="/organisations/<organisation_id>")


@calendars.get("/settings/calendar")
@member(Right.SEE_SETTINGS)
def show(organisation: Organisation) -> ResponseReturnValue:
    """Whose holidays are kept, closed periods, and the days off of the coming year."""
    return _page(organisation)


@calendars.post("/settings/calendar/holidays")
@member(Right.CHANGE_SETTINGS)
def holidays(organisation: Organisation) -> ResponseReturnValue:
    """Change whose public holidays are kept."""
    form = HolidaysForm()
    form.place.choices = []
    try:
        service.keep_holidays(dunnock(), organisation.id, form.place.data or None)
    except UserError as error:
        form.form_errors.append(str(error))
        return _page(organisation, holidays=form), 422
    return _saved(organisation)


@calendars.post("/settings/calendar/closures")
@member(Right.CHANGE_SETTINGS)
def close(organisation: Organisation) -> ResponseReturnValue:
    """Add a closed period."""
    form = ClosureForm()
    if form.validate_on_submit():
        period = ClosedPeriod(form.first.data, form.last.data, form.name.data.strip(), form.yearly.data)
        try:
            service.close_also(dunnock(), organisation.id, period)
        except UserError as error:
            form.form_errors.append(str(error))
        else:
            return _saved(organisation)
    return _page(organisation, closure=form), 422


@calendars.post("/settings/calendar/closures/remove")
@member(Right.CHANGE_SETTINGS)
def remove(organisation: Organisation) -> ResponseReturnValue:
    """Remove a closed period."""
    number = request.form.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 4):
        abort(400, _("Which period to remove was not said; use the button beside it."))
    service.open_again(dunnock(), organisation.id, int(number), request.form.get("name", ""))
    return _saved(organisation)


def _saved(organisation: Organisation) -> ResponseReturnValue:
    flash(_("Saved. What is planned moves with it."))
    return redirect(url_for("calendars.show", organisation_id=organisation.id))


def _page(
    organisation: Organisation, holidays: HolidaysForm | None = None, closure: ClosureForm | None = None
) -> str:
    kept = holidays_of(organisation)
    holidays = holidays or HolidaysForm(formdata=None, place=kept)
    holidays.place.choices = places(kept, [(NOBODYS, _("None: mails may leave on public holidays"))])
    periods = periods_of(organisation.closed_periods)
    if closure is None:
        offer = None if periods else service.offered_period(clock.today(organisation.timezone))
        closure = ClosureForm(formdata=None, obj=offer)
    return render_template(
        "pages/calendars/show.html",
        organisation=organisation,
        kept=kept if kept != NOBODYS else None,
        regions=public_holidays.regions(kept),
        holidays=holidays,
        closure=closure,
        periods=periods,
        days_off=service.days_off_ahead(organisation),
    )


@calendars.get("/contacts/<contact_id>/calendar")
@member(Right.VIEW)
def customer(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Where one customer works, and when it pays."""
    return _customer_page(organisation, contact_id)


@calendars.post("/contacts/<contact_id>/calendar")
@member(Right.RECORD)
def change_customer(organisation: Organisation, contact_id: str) -> ResponseReturnValue:
    """Change where a customer works and when it pays."""
    form = CustomerForm()
    form.place.choices = form.timezone.choices = []
    if not form.validate_on_submit():
        return _customer_page(organisation, contact_id, form), 422
    try:
        service.set_customers_calendar(
            dunnock(),
            organisation.id,
            contact_id,
            place=form.place.data or None,
            timezone=form.timezone.data or None,
            pays_on=form.pays_on(),
        )
    except UserError as error:
        form.form_errors.append(str(error))
        return _customer_page(organisation, contact_id, form), 422
    flash(_("Saved. What is planned for this customer moves with it."))
    return redirect(url_for("contacts.show", organisation_id=organisation.id, contact_id=contact_id))


def _customer_page(organisation: Organisation, contact_id: str, form: CustomerForm | None = None) -> str:
    with dunnock().database.read(organisation.id) as session:
        contact = customers.contact(session, organisation.id, contact_id) or abort(404)
    form = form or _form(contact)
    country = contact.country
    unset = _unset(country)
    form.place.choices = places(contact.place or country, [("", unset)])
    form.timezone.choices = zones(contact.place or country)
    return render_template(
        "pages/calendars/customer.html", organisation=organisation, contact=contact, form=form
    )


def _unset(country: str | None) -> str:
    if not country:
        return _("Not known")
    return _("As in Xero: %(country)s", country=public_holidays.country_name(country, language()))


def _form(contact: Contact) -> CustomerForm:
    """The form as it stands before anybody has touched it."""
    days = PaymentDays(**contact.pays_on) if contact.pays_on else PaymentDays()
    return CustomerForm(
        formdata=None,
        place=contact.place or "",
        timezone=contact.timezone or "",
        month_days=", ".join(str(number) for number in days.month_days),
        weekdays=list(days.weekdays),
    )
