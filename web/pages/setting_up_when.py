"""Step 3 of the set-up: the days and hours in which mails may leave, and whose holidays are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from kit import clock
from kit.errors import UserError
from kit.wording import _
from services import calendars, preferences
from services.setting_up import Step
from store.calendars import NOBODYS, periods_of
from store.facts import holidays_of
from store.models import Organisation
from store.queries import setting_up as queries
from web.forms import WindowForm
from web.pages.calendar_forms import HolidaysForm, places
from web.security import dunnock


@dataclass(frozen=True, slots=True)
class WhenAsked:
    """Both forms, as they stand or were sent; ``closing``: closed from Christmas Eve to New Year’s Day."""

    window: WindowForm
    holidays: HolidaysForm
    closing: bool

    @classmethod
    def stored(cls, organisation: Organisation) -> WhenAsked:
        """As it stands; the December closing is ticked until somebody has been here."""
        window = WindowForm(
            formdata=None,
            days=organisation.sending_days,
            opens=organisation.opens,
            closes=organisation.closes,
        )
        kept = holidays_of(organisation)
        with dunnock().database.read(organisation.id) as session:
            been_here = Step.WHEN in queries.steps(session, organisation.id)
        return cls(window, HolidaysForm(formdata=None, place=kept), not been_here)

    @classmethod
    def sent(cls) -> WhenAsked:
        """What the form holds."""
        return cls(WindowForm(), HolidaysForm(), "closing" in request.form)

    def save(self, organisation: Organisation) -> None:
        """Change what is another one now. ``UserError`` says what is wrong."""
        self.holidays.place.choices = []
        if not self.window.validate_on_submit():
            errors = [one for some in self.window.errors.values() for one in some]
            raise UserError(" ".join(map(str, errors)) or _("Look at the days and times once more."))
        days, opens, closes = self.window.days.data, self.window.opens.data, self.window.closes.data
        preferences.change_window(dunnock(), organisation.id, days=days, opens=opens, closes=closes)
        if (place := self.holidays.place.data or None) != holidays_of(organisation):
            calendars.keep_holidays(dunnock(), organisation.id, place)
        if self.closing and not organisation.closed_periods:
            today = clock.today(organisation.timezone)
            calendars.close_also(dunnock(), organisation.id, calendars.offered_period(today))

    def on_page(self, organisation: Organisation) -> dict[str, Any]:
        """What the page shows."""
        kept = holidays_of(organisation)
        self.holidays.place.choices = places(kept, [(NOBODYS, _("None: mails may leave on public holidays"))])
        return {
            "window": self.window,
            "holidays": self.holidays,
            "closing": self.closing,
            "periods": periods_of(organisation.closed_periods),
            "offered": calendars.offered_period(clock.today(organisation.timezone)),
        }
