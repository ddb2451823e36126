"""To which number the text message of a step goes, and why a customer can have none."""

from __future__ import annotations

from functools import lru_cache

from credit_control.facts import Action, Contact, Policy, Schedule, Step
from credit_control.people import Person, Reach, Role, addressees
from credit_control.text_hours import never_in_common
from credit_control.timing import Timing
from credit_control.whom import people_of

LeftOut = tuple[tuple[Role, str], ...]
"""For whom a text message is meant, and the sentence that says why it cannot reach them."""


def number_for(contact: Contact, step: Step) -> str | None:
    """The number (E.164) to which a step's text message goes; None: there is none."""
    reached = reached_by_text(contact, step)
    return reached.mobile if reached else None


def reached_by_text(contact: Contact, step: Step) -> Person | None:
    """The first of those for whom it is: the same text to several telephones helps nobody."""
    return _reached(contact, step.to)


def left_out(contact: Contact, policy: Policy, timing: Timing, *schedules: Schedule) -> LeftOut:
    """For whom these schedules have text messages that cannot leave; empty for most customers."""
    roles = {role for schedule in schedules for role in _texted(schedule)}
    found = ((role, _problem(contact, role, policy, timing)) for role in sorted(roles))
    return tuple((role, problem) for role, problem in found if problem)


@lru_cache(maxsize=1024)
def _texted(schedule: Schedule) -> frozenset[Role]:
    return frozenset(step.to for step in schedule.steps if step.action is Action.SMS)


def _problem(contact: Contact, role: Role, policy: Policy, timing: Timing) -> str | None:
    if policy.no_texts:
        return policy.no_texts
    reached = _reached(contact, role)
    if reached is None or reached.mobile is None:
        return (
            f"nobody there who is meant ({role}) has a mobile number, neither in the ledger nor entered here."
        )
    return dict(contact.stopped).get(reached.mobile) or never_in_common(timing)


def _reached(contact: Contact, role: Role) -> Person | None:
    return next(iter(addressees(people_of(contact), role, reach=Reach.MOBILE).to), None)
