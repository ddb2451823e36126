"""What stands now, a sentence for each step of the set-up; the same on its page and in the API."""

from __future__ import annotations

from babel.dates import get_day_names
from sqlalchemy.orm import Session

from kit import clock
from kit.public_holidays import country_name
from kit.wording import N_, _, language, locale, ngettext
from services import old_debt
from services.preset_names import preset_name
from services.setting_up import Step
from store.calendars import NOBODYS
from store.facts import holidays_of
from store.models import Organisation
from store.queries import pages, senders, setting_up

_OLD_DEBT = {
    old_debt.Choice.LEAVE: N_("Left alone from %(days)s days overdue on"),
    old_debt.Choice.LETTER: N_("One letter from %(days)s days overdue on"),
    old_debt.Choice.CALLS: N_("A list of calls from %(days)s days overdue on"),
}


def in_words(session: Session, organisation: Organisation) -> dict[Step, str]:
    """What stands now, a sentence for each step."""
    rows = senders.senders(session, organisation.id)
    default = next((one for one in rows if one.is_default), None)
    writes = pages.connected_by(session, organisation)
    if default:
        sender = f"{default.name}, {default.email}"
    else:
        sender = _("%(name)s, who connected", name=writes.name) if writes else _("Nobody yet")
    schedule = pages.default_schedule(session, organisation.id)
    held = len(setting_up.held(session, organisation.id, clock.today(organisation.timezone)))
    return {
        Step.WHO: sender,
        Step.FIRMNESS: preset_name(schedule[0].name) if schedule else _("No schedule"),
        Step.WHEN: _when(organisation),
        Step.WHOM_NOT: ngettext(
            "%(count)s customer on hold; disputed, tiny and covered balances rest by themselves",
            "%(count)s customers on hold; disputed, tiny and covered balances rest by themselves",
            held,
        ),
        Step.OLD_DEBT: _old_debt(session, organisation),
    }


def _when(organisation: Organisation) -> str:
    named = get_day_names("abbreviated", "stand-alone", locale())
    days = ", ".join(named[number] for number in organisation.sending_days)
    opens, closes = f"{organisation.opens:%H:%M}", f"{organisation.closes:%H:%M}"
    kept = holidays_of(organisation)
    if kept and kept != NOBODYS:
        country = country_name(kept, language())
        return _(
            "%(days)s, %(opens)s to %(closes)s, holidays of %(country)s",
            days=days,
            opens=opens,
            closes=closes,
            country=country,
        )
    return _("%(days)s, %(opens)s to %(closes)s, no public holidays", days=days, opens=opens, closes=closes)


def _old_debt(session: Session, organisation: Organisation) -> str:
    if Step.OLD_DEBT not in setting_up.steps(session, organisation.id):
        return _("As other debt: the gravest reminder that is due leaves, once")
    stands = old_debt.chosen(session, organisation.id)
    return _(_OLD_DEBT[stands.choice], days=stands.days)
