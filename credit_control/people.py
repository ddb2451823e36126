"""Who there is at a customer, and to whom of them a message goes.

The ledger knows an address and a few persons, and writes to those whom it includes in its own mails. An
organisation may know better: who pays the bills, who approves them, who owns the firm, and whom one turns to
when nothing else has helped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum


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

    @property
    def shown(self) -> str:
        """How one speaks of this person."""
        return self.name or self.email or self.mobile or "somebody without a name"

    def by(self, reach: Reach) -> str | None:
        """The address or number by which this person is reached; None: not at all."""
        return self.email if reach is Reach.EMAIL else self.mobile


@dataclass(frozen=True, slots=True)
class Addressees:
    """To whom one message goes. Without anybody in ``to`` it cannot leave; ``reason`` says why it is so."""

    to: tuple[Person, ...]
    copies: tuple[Person, ...]
    reason: str
    roles: str
    """The same without names, for the ledger: ``to payables, copy to approver``."""


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
    also = tuple(one for one in reachable if one not in chosen and one.roles & set(copies))
    return Addressees(
        chosen, also, _reason(reachable, meant, chosen, also, to, copies), _roles(to, meant, also)
    )


def _is_only_senior(person: Person) -> bool:
    return bool(person.roles) and person.roles <= SENIOR


def _reason(
    reachable: Sequence[Person],
    meant: Sequence[Person],
    chosen: Sequence[Person],
    also: Sequence[Person],
    to: Role,
    copies: Collection[Role],
) -> str:
    if meant:
        first = f"To {_names(meant)} ({to})."
    elif chosen:
        first = f"To {_names(chosen)}, as in the ledger, because nobody who can be reached has the role {to}."
    elif any(one.included for one in reachable):
        first = (
            f"Nobody who can be reached has the role {to}, and whom the ledger writes to is there as owner or "
            "for escalation alone. Give somebody that role on the customer's page."
        )
    else:
        first = f"Nobody who can be reached has the role {to}, and the ledger names nobody else."
    lacking = [role for role in Role if role in copies and not any(role in one.roles for one in reachable)]
    parts = [first]
    if also:
        parts.append(f"Copy to {_names(also)}.")
    if lacking:
        parts.append(f"No copy to {' or '.join(lacking)}, because nobody has that role.")
    return " ".join(parts)


def _roles(to: Role, meant: Sequence[Person], also: Sequence[Person]) -> str:
    main = f"to {to}" if meant else "to the ledger's addresses"
    found = [role for role in Role if any(role in one.roles for one in also)]
    return f"{main}, copy to {' and '.join(found)}" if found else main


def _names(people: Sequence[Person]) -> str:
    return ", ".join(one.shown for one in people)
