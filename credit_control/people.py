"""Who there is at a customer, and to whom of them a message goes.

The ledger knows an address and a few persons, and writes to those whom it includes in its own mails. An
organisation may know better: who pays the bills, who approves them, who owns the firm, and whom one turns to
when nothing else has helped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from credit_control.no_mail import NoMail
from credit_control.words import Day


class Role(StrEnum):
    """What somebody at a customer has to do with our invoices."""

    PAYABLES = "payables"
    APPROVER = "approver"
    OWNER = "owner"
    ESCALATION = "escalation"


SENIOR = frozenset({Role.OWNER, Role.ESCALATION})
"""Who has no other role than these gets only what is meant for them: no early reminder goes to a director."""


class Reach(StrEnum):
    """By what a message reaches a person."""

    EMAIL = "email"
    MOBILE = "mobile"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a customer, or its own address. ``email`` as it is written to; ``mobile`` as E.164."""

    name: str = ""
    email: str | None = None
    mobile: str | None = None
    roles: frozenset[Role] = frozenset()
    included: bool = False
    """The ledger writes to this address itself."""
    no_mail: NoMail | None = None
    """Why no mail goes to ``email``; None: it goes there."""
    no_mail_since: date | None = None

    @property
    def why_no_mail(self) -> str:
        """Why no mail goes there and since when, in words that name no address; empty where it goes there."""
        if self.no_mail is None:
            return ""
        if self.no_mail_since is None:
            return self.no_mail.because
        return f"{self.no_mail.because} (since {Day(self.no_mail_since)})"

    @property
    def shown(self) -> str:
        """How one speaks of this person."""
        return self.name or self.email or self.mobile or "somebody without a name"

    def by(self, reach: Reach) -> str | None:
        """The address or number by which this person is reached; None: not at all."""
        return self.email if reach is Reach.EMAIL else self.mobile


@dataclass(frozen=True, slots=True)
class Addressees:
    """To whom one message goes, and why. Without anybody in ``to`` it cannot leave."""

    to: tuple[Person, ...]
    copies: tuple[Person, ...]
    meant_for: Role
    to_role: Role | None
    """What those in ``to`` have in common; None: it goes to whom the ledger writes."""
    copy_roles: tuple[Role, ...] = ()
    """For which of the roles asked for there is a copy."""
    lacking: tuple[Role, ...] = ()
    """Which of them nobody has."""
    only_senior: bool = False
    """Whom the ledger writes to is there as owner or for escalation alone."""
    stopped: tuple[Person, ...] = ()
    """Who is meant too, and gets nothing because no mail goes to their address."""
    stopped_copies: tuple[Person, ...] = ()
    """The same of those who would get a copy."""
    instead: Person | None = None
    """Whom to write to instead, where nobody who is meant can be; it is only a proposal."""

    @property
    def reason(self) -> str:
        """Why it goes to these, as a sentence; put together only when somebody reads it."""
        parts = [self._first()]
        if self.copies:
            parts.append(f"Copy to {_names(self.copies)}.")
        if self.lacking:
            parts += [f"No copy to {role}, because nobody has that role." for role in self.lacking]
        if self.to:
            parts += [f"Not to {one.shown}, because {one.why_no_mail}." for one in self.stopped]
        parts += [f"No copy to {one.shown}, because {one.why_no_mail}." for one in self.stopped_copies]
        return " ".join(parts)

    def __str__(self) -> str:
        return self.reason

    def _first(self) -> str:
        if self.stopped and not self.to:
            return self._nobody_left()
        if self.to_role:
            return f"To {_names(self.to)} ({self.to_role})."
        if self.to and self.meant_for is Role.PAYABLES:
            return f"To {_names(self.to)}, to whom the ledger writes."
        if self.to:
            return (
                f"To {_names(self.to)}, as in the ledger, because nobody who can be reached has the role"
                f" {self.meant_for}."
            )
        if self.only_senior:
            return (
                f"Nobody who can be reached has the role {self.meant_for}, and whom the ledger writes to is there as"
                " owner or for escalation alone. "
                "Give somebody that role on the customer’s page."
            )
        return f"Nobody who can be reached has the role {self.meant_for}, and the ledger names nobody else."

    def _nobody_left(self) -> str:
        """Who was meant, why nothing goes there, and what a person can do about it."""
        told = " ".join(f"No mail goes to {one.email}, because {one.why_no_mail}." for one in self.stopped)
        if self.instead is None:
            return (
                f"{told} Nobody else there can be written to: enter somebody on the customer’s page, "
                "or correct the address in the ledger."
            )
        return (
            f"{told} Nobody else is meant; {self.instead.shown} could be written to instead, "
            f"with the role {self.meant_for}, if somebody says so on the customer’s page."
        )


def addressees(
    people: Sequence[Person],
    to: Role = Role.PAYABLES,
    copies: Collection[Role] = (),
    reach: Reach = Reach.EMAIL,
) -> Addressees:
    """Who of a customer's people gets a message that is meant for those with the role ``to``.

    Where nobody who can be reached has it, it goes to whom the ledger writes itself, but not to who is there as
    owner or for escalation alone. Nobody gets it twice.
    """
    reachable = [one for one in people if one.by(reach)]
    meant = tuple(one for one in reachable if to in one.roles)
    chosen = meant or tuple(one for one in reachable if one.included and not _is_only_senior(one))
    only_senior = not chosen and any(one.included for one in reachable)
    found = Addressees(chosen, (), to, to if meant else None, only_senior=only_senior)
    if copies:
        found = _with_copies(found, reachable, frozenset(copies))
    if reach is Reach.EMAIL and any(one.no_mail for one in (*found.to, *found.copies)):
        return _without_stopped(found, reachable)
    return found


def next_best(people: Sequence[Person], role: Role) -> Person | None:
    """Whom a message for ``role`` could go to, where nobody for whom it is meant can be written to; None: nobody.

    Who pays the bills comes first, then who approves them, then whom the ledger writes to, then anybody else. Who is
    there as owner or for escalation alone is proposed only for what is meant for such.
    """
    left = [
        one
        for one in people
        if one.email and not one.no_mail and (role in SENIOR or not _is_only_senior(one))
    ]
    return min(left, key=lambda one: _rank(one, role), default=None)


def _rank(person: Person, role: Role) -> tuple[bool, int, bool]:
    """The same role, then who pays, who approves, others; of equals whom the ledger writes to."""
    place = next((n for n, one in enumerate((Role.PAYABLES, Role.APPROVER)) if one in person.roles), 2)
    return role not in person.roles, place, not person.included


def _without_stopped(found: Addressees, reachable: Sequence[Person]) -> Addressees:
    """Nobody takes the place of whom no mail goes to: that is proposed, and a person says so."""
    to = tuple(one for one in found.to if not one.no_mail)
    also = tuple(one for one in found.copies if not one.no_mail)
    return replace(
        found,
        to=to,
        copies=also,
        copy_roles=_had(frozenset(found.copy_roles), also),
        stopped=tuple(one for one in found.to if one.no_mail),
        stopped_copies=tuple(one for one in found.copies if one.no_mail),
        instead=None if to else next_best(reachable, found.meant_for),
    )


def _with_copies(found: Addressees, reachable: Sequence[Person], wanted: frozenset[Role]) -> Addressees:
    also = tuple(one for one in reachable if one not in found.to and one.roles & wanted)
    lacking = tuple(role for role in Role if role in wanted and role not in _had(wanted, reachable))
    return replace(found, copies=also, copy_roles=_had(wanted, also), lacking=lacking)


def _had(wanted: frozenset[Role], people: Sequence[Person]) -> tuple[Role, ...]:
    """Which of these roles somebody has."""
    return tuple(role for role in Role if role in wanted and any(role in one.roles for one in people))


def _is_only_senior(person: Person) -> bool:
    return bool(person.roles) and person.roles <= SENIOR


def emails(people: Sequence[Person]) -> tuple[str, ...]:
    """The addresses of those who have one."""
    return tuple(one.email for one in people if one.email)


def _names(people: Sequence[Person]) -> str:
    return ", ".join(one.shown for one in people)
