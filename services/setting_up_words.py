"""What stands now, a sentence for each step of the set-up; the same on its page and in the API."""

from __future__ import annotations

from sqlalchemy.orm import Session

from credit_control.words import Count
from kit import clock
from kit.public_holidays import country_name
from services import old_debt
from services.setting_up import Step
from store.calendars import NOBODYS
from store.facts import holidays_of
from store.models import Organisation
from store.queries import pages, senders, setting_up

_CHOICES = {
    old_debt.Choice.LEAVE: "Left alone",
    old_debt.Choice.LETTER: "One letter",
    old_debt.Choice.CALLS: "A list of calls",
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def in_words(session: Session, organisation: Organisation) -> dict[Step, str]:
    """What stands now, a sentence for each step."""
    rows = senders.senders(session, organisation.id)
    default = next((one for one in rows if one.is_default), None)
    writes = pages.connected_by(session, organisation)
    if default:
        sender = f"{default.name}, {default.email}"
    else:
        sender = f"{writes.name}, who connected" if writes else "Nobody yet"
    schedule = pages.default_schedule(session, organisation.id)
    held = len(setting_up.held(session, organisation.id, clock.today(organisation.timezone)))
    return {
        Step.WHO: sender,
        Step.FIRMNESS: schedule[0].name if schedule else "No schedule",
        Step.WHEN: _when(organisation),
        Step.WHOM_NOT: f"{Count(held, 'customer')} on hold; disputed, tiny and covered balances rest by themselves",
        Step.OLD_DEBT: _old_debt(session, organisation),
    }


def _when(organisation: Organisation) -> str:
    days = ", ".join(_DAYS[number][:3] for number in organisation.sending_days)
    kept = holidays_of(organisation)
    holidays = f"holidays of {country_name(kept)}" if kept and kept != NOBODYS else "no public holidays"
    return f"{days}, {organisation.opens:%H:%M} to {organisation.closes:%H:%M}, {holidays}"


def _old_debt(session: Session, organisation: Organisation) -> str:
    if Step.OLD_DEBT not in setting_up.steps(session, organisation.id):
        return "As other debt: the gravest reminder that is due leaves, once"
    stands = old_debt.chosen(session, organisation.id)
    return f"{_CHOICES[stands.choice]} from {stands.days} days overdue on"
