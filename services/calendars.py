"""What people set about calendars: holidays, closed periods, and where and on which days customers work and pay.

Each change has the rules look again at whom it concerns, because what is planned may have to move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from credit_control.clocks import zone_named
from credit_control.closures import ClosedPeriod, check_periods
from credit_control.facts import PaymentDays
from credit_control.payment_runs import check_days
from kit import clock, public_holidays
from kit.errors import UserError
from kit.wording import _
from services import doors
from services.app import App
from store import calendars, facts
from store.models import Contact, Organisation
from store.queries import planning, sending
from store.queries.switches import organisation_to_change

_YEAR = timedelta(days=365)
_CHRISTMAS = (12, 24), (1, 1)


def keep_holidays(app: App, organisation_id: str, place: str | None) -> None:
    """Send nothing on the public holidays of a country or region; None: the ledger's country; ``none``: of nobody's."""
    if place not in (None, calendars.NOBODYS):
        _check_place(place or "")
    _change(app, organisation_id, lambda organisation: setattr(organisation, "holidays_of", place))


def close_in(app: App, organisation_id: str, periods: Sequence[ClosedPeriod]) -> None:
    """Send nothing in these periods, and no others than these; ``UserError`` says what is wrong with one."""
    _change(app, organisation_id, lambda organisation: _close_in(organisation, periods))


def close_also(app: App, organisation_id: str, period: ClosedPeriod) -> None:
    """Send nothing in this period either."""
    _change(
        app,
        organisation_id,
        lambda organisation: _close_in(
            organisation, [*calendars.periods_of(organisation.closed_periods), period]
        ),
    )


def open_again(app: App, organisation_id: str, number: int, name: str) -> None:
    """Remove one closed period, by its place in the list and its name; one that is gone already stays so."""

    def remove(organisation: Organisation) -> None:
        periods = list(calendars.periods_of(organisation.closed_periods))
        if number < len(periods) and periods[number].name == name:
            organisation.closed_periods = calendars.stored(periods[:number] + periods[number + 1 :])

    _change(app, organisation_id, remove)


def set_customers_calendar(
    app: App,
    organisation_id: str,
    contact_id: str,
    *,
    place: str | None,
    timezone: str | None,
    pays_on: PaymentDays | None,
) -> None:
    """Where a customer works (None: the ledger's country), by which clocks (None: the country's), when it pays."""
    if place:
        _check_place(place)
    _in_words(lambda: zone_named(timezone) if timezone else None)
    if pays_on:
        _in_words(lambda: check_days(pays_on))
    with app.database.write(organisation_id) as session:
        sending.lock_organisation(session, organisation_id)
        contact = session.get(Contact, (organisation_id, contact_id))
        if contact is None:
            raise UserError(_("There is no such customer in this organisation."))
        contact.place, contact.timezone = place or None, timezone or None
        contact.pays_on = _days(pays_on) if pays_on else None
        session.flush()
        planning.look_again(session, organisation_id, [contact_id], clock.now())
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def days_off_ahead(organisation: Organisation) -> list[tuple[date, str]]:
    """The organisation's days off in the coming year, with what closes each in the language of the moment."""
    today = clock.today(organisation.timezone)
    names = facts.policy_of(organisation).window.off.names
    ahead = [(day, name) for day, name in sorted(names.items()) if today <= day < today + _YEAR]
    place = facts.holidays_of(organisation)
    return [(day, public_holidays.name_there(day, name, place)) for day, name in ahead]


def offered_period(today: date) -> ClosedPeriod:
    """The closed period that is offered to whoever has none: from Christmas Eve to New Year's Day."""
    first, last = (date(today.year + number, *day) for number, day in enumerate(_CHRISTMAS))
    return ClosedPeriod(first, last, _("Christmas and New Year"), yearly=True)


def _change(app: App, organisation_id: str, change: Callable[[Organisation], None]) -> None:
    with app.database.write(organisation_id) as session:
        change(_organisation(session, organisation_id))
        session.flush()
        planning.look_at_all(session, organisation_id, clock.now())
    app.soft_doorbell.ring(doors.PLAN, organisation_id)


def _close_in(organisation: Organisation, periods: Sequence[ClosedPeriod]) -> None:
    _in_words(lambda: check_periods(periods))
    organisation.closed_periods = calendars.stored(periods)


def _organisation(session: Session, organisation_id: str) -> Organisation:
    organisation = organisation_to_change(session, organisation_id)
    if organisation is None:
        raise UserError(_("This organisation is no longer here; go back to the list of organisations."))
    return organisation


def _days(pays_on: PaymentDays) -> dict[str, list[int]]:
    return {"month_days": sorted(set(pays_on.month_days)), "weekdays": sorted(set(pays_on.weekdays))}


def _check_place(place: str) -> None:
    if not public_holidays.is_place(place):
        raise UserError(
            _(
                "“%(place)s” is no country or region that is known here; give a code such as GB, or GB-SCT for "
                "Scotland.",
                place=place,
            )
        )


def _in_words(check: Callable[[], object]) -> None:
    """What the rules refuse, they say in a sentence."""
    try:
        check()
    except ValueError as error:
        raise UserError(str(error)) from error
