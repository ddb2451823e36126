"""To whom the message of a step goes, and what about its addresses keeps it back."""

from __future__ import annotations

from dataclasses import dataclass

from credit_control.calendar import local_day
from credit_control.decisions import Outcome, Reason
from credit_control.facts import Contact, NewAddress, SendingWindow, Step
from credit_control.people import Addressees, Person, Reach, addressees, emails
from credit_control.words import Day


@dataclass(frozen=True, slots=True)
class Whom:
    """The people, and each rule's word about them. What ``stops`` keeps the message held until a person acts."""

    addressees: Addressees
    reasons: tuple[Reason, ...]

    @property
    def to(self) -> tuple[str, ...]:
        """The addresses written to."""
        return emails(self.addressees.to)

    @property
    def copies(self) -> tuple[str, ...]:
        """The addresses that get a copy."""
        return emails(self.addressees.copies)

    @property
    def problem(self) -> str | None:
        """Why the message is held; None: it may go there."""
        return " ".join(one.text for one in self.reasons if one.outcome is Outcome.DELAYS) or None


def whom(contact: Contact, step: Step, window: SendingWindow, reach: Reach = Reach.EMAIL) -> Whom:
    """Who gets the message of this step; days are given as the organisation has them."""
    found = addressees(people_of(contact), step.to, step.copies, reach)
    outcome = Outcome.NOTES if found.to else Outcome.DELAYS
    reasons = [Reason("to_whom", outcome, "{0}", (found,))]
    if contact.unconfirmed and reach is Reach.EMAIL:
        written_to = {address.lower() for address in emails((*found.to, *found.copies))}
        for new in contact.unconfirmed:
            if new.address in written_to:
                reasons.append(_unconfirmed(contact, new, window))
    return Whom(found, tuple(reasons))


def people_of(contact: Contact) -> tuple[Person, ...]:
    """Everybody who is known there; of a contact without people its one address."""
    return contact.people or (Person("", contact.email, included=True),)


def _unconfirmed(contact: Contact, new: NewAddress, window: SendingWindow) -> Reason:
    on = Day(local_day(window, new.noticed_at))
    if new.instead_of:
        pattern = "The address of {0} changed from {1} to {2} on {3}; somebody must say that it is right."
        return Reason("address", Outcome.DELAYS, pattern, (contact.name, new.instead_of, new.address, on))
    pattern = "The address {1} is new at {0} since {2}; somebody must say that it is right."
    return Reason("address", Outcome.DELAYS, pattern, (contact.name, new.address, on))
