"""To which number the text message of a step goes."""

from __future__ import annotations

from credit_control.facts import Contact, Step
from credit_control.people import Person, Reach, Role, addressees
from credit_control.whom import people_of


def number_for(contact: Contact, step: Step) -> str | None:
    """The number (E.164) to which a step's text message goes; None: there is none."""
    reached = reached_by_text(contact, step)
    return reached.mobile if reached else None


def reached_by_text(contact: Contact, step: Step) -> Person | None:
    """The first of those for whom it is: the same text to several telephones helps nobody."""
    return reached_in(contact, step.to)


def reached_in(contact: Contact, role: Role) -> Person | None:
    """Who gets the texts that are meant for this role."""
    return next(iter(addressees(people_of(contact), role, reach=Reach.MOBILE).to), None)
