"""The forms about calendars. What a value must be, the services say in words; forms only read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import normalize

from babel.core import get_global
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from credit_control.closures import LONGEST_NAME
from credit_control.facts import PaymentDays
from kit import public_holidays
from kit.errors import UserError
from kit.wording import ENGLISH, _, language, later

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class HolidaysForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """Whose public holidays are kept."""

    place = SelectField(later("Public holidays of"), validate_choice=False)


class ClosureForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """A closed period."""

    name = StringField(
        later("Name"), [InputRequired(later("Give it a name, such as Christmas.")), Length(max=LONGEST_NAME)]
    )
    first = DateField(
        later("First day"), [InputRequired(later("Give the first day on which you are closed."))]
    )
    last = DateField(later("Last day"), [InputRequired(later("Give the last day on which you are closed."))])
    yearly = BooleanField(later("Every year"))


class CustomerForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """Where a customer works and when it pays."""

    place = SelectField(later("Works in"), validate_choice=False)
    timezone = SelectField(later("Time zone"), validate_choice=False)
    month_days = StringField(later("Pays on these days of the month"), [Length(max=100)])
    weekdays = SelectMultipleField(
        later("Pays every"),
        choices=[SelectChoice(number, word) for number, word in enumerate(WEEKDAYS)],
        coerce=int,
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def pays_on(self) -> PaymentDays | None:
        """The payment days that were entered; None if there are none. ``UserError`` when they are no numbers."""
        words = self.month_days.data.replace(",", " ").split() if self.month_days.data else []
        if not all(word.isascii() and word.isdigit() and len(word) < 3 for word in words):
            raise UserError(_("Give the days of the month as numbers from 1 to 31, such as 25, or 15, 31."))
        days = PaymentDays(tuple(int(word) for word in words), tuple(self.weekdays.data or ()))
        return days if days.month_days or days.weekdays else None


def places(chosen: str | None, first: Iterable[tuple[str, str]] = ()) -> list[SelectChoice]:
    """The countries to choose from; the regions of the chosen one stand below it."""
    country = (chosen or "").partition("-")[0]
    found = [SelectChoice(code, name) for code, name in first]
    for code, name in _by_name():
        found.append(SelectChoice(code, name))
        if code == country:
            found += [SelectChoice(one.place, f"{name}: {one.name}") for one in public_holidays.regions(code)]
    return found


def _by_name() -> list[tuple[str, str]]:
    """Code and name of each country whose holidays are known, as the language of the moment orders them."""
    if language() == ENGLISH:
        return list(public_holidays.countries().items())
    named = ((code, public_holidays.country_name(code, language())) for code in public_holidays.countries())
    return sorted(named, key=lambda pair: normalize("NFKD", pair[1]))


def zones(place: str | None) -> list[SelectChoice]:
    """The time zones of a country, or of all of them where it is not known."""
    country = (place or "").partition("-")[0]
    of_country: Sequence[str] = get_global("territory_zones").get(country, ())
    every = sorted({str(zone) for some in get_global("territory_zones").values() for zone in some})
    usual = _("The country’s") if public_holidays.zone_in(country) else _("Not known")
    return [SelectChoice("", usual), *(SelectChoice(zone, zone) for zone in sorted(of_country) or every)]
