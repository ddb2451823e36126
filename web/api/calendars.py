"""Calendars: days off of the organisation, and where and on which days its customers work and pay."""

from __future__ import annotations

from flask import abort
from msgspec import UNSET, convert
from sqlalchemy.orm import Session

from credit_control.closures import ClosedPeriod
from credit_control.facts import PaymentDays
from kit.errors import UserError
from services import calendars
from store.facts import holidays_of
from store.models import Contact
from store.queries import customers
from web.api import asked, shapes
from web.api.caller import Caller


def show_calendar(caller: Caller, session: Session) -> shapes.Calendar:
    """The days on which nothing leaves: whose public holidays are kept, closed periods, and all of the coming year."""
    found = caller.organisation(session)
    return shapes.Calendar(
        holidays_of=holidays_of(found),
        closed_periods=[convert(one, shapes.ClosedPeriod) for one in found.closed_periods],
        days_off=[shapes.DayOff(day, name) for day, name in calendars.days_off_ahead(found)],
    )


def change_calendar(caller: Caller, body: asked.ChangeCalendar) -> shapes.Calendar:
    """Change whose public holidays are kept, or the closed periods. What is planned moves at once."""
    try:
        if body.closed_periods is not UNSET:
            periods = [ClosedPeriod(one.first, one.last, one.name, one.yearly) for one in body.closed_periods]
            calendars.close_in(caller.app, caller.organisation_id, periods)
        if body.holidays_of is not UNSET:
            calendars.keep_holidays(caller.app, caller.organisation_id, body.holidays_of)
    except UserError as error:
        abort(422, f"The body cannot be used: {error}")
    with caller.app.database.read(caller.organisation_id) as session:
        return show_calendar(caller, session)


def show_customers_calendar(caller: Caller, session: Session, id_: str) -> shapes.CustomersCalendar:
    """Where a customer works and when it pays. ``country`` is the ledger's; the rest was set by a person."""
    row = customers.contact(session, caller.organisation_id, id_)
    return _told(row) if row else abort(404, "There is no such contact.")


def set_customers_calendar(
    caller: Caller, id_: str, body: asked.SetCustomersCalendar
) -> shapes.CustomersCalendar:
    """Set where a customer works and when it pays; what is left out is unset."""
    with caller.app.database.read(caller.organisation_id) as session:
        if customers.contact(session, caller.organisation_id, id_) is None:
            abort(404, "There is no such contact.")
    days = body.pays_on
    pays_on = PaymentDays(tuple(days.month_days), tuple(days.weekdays)) if days else None
    try:
        calendars.set_customers_calendar(
            caller.app,
            caller.organisation_id,
            id_,
            place=body.place,
            timezone=body.timezone,
            pays_on=pays_on,
        )
    except UserError as error:
        abort(422, f"The body cannot be used: {error}")
    with caller.app.database.read(caller.organisation_id) as session:
        return show_customers_calendar(caller, session, id_)


def _told(row: Contact) -> shapes.CustomersCalendar:
    days = convert(row.pays_on, shapes.PaymentDays) if row.pays_on else None
    return shapes.CustomersCalendar(row.country, row.place, row.timezone, days)
