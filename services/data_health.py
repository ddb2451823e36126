"""Whether customers who owe something can be reached, and whether it is they who are: what is wrong, and what to do.

The look at all of them is a few statements; names, reasons and proposals are made for the few that are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from credit_control.no_mail import NoMail
from credit_control.people import Person, Role, addressees, next_best
from kit.free_mail import is_free
from kit.wording import N_, _, ngettext
from services.lost_mail import recipient
from store.models import ChangedAddress, Contact, StoppedAddress
from store.people import people_of, usable_address
from store.queries import data_health as queries
from store.queries import stopped_addresses
from store.queries.data_health import Bounce, Owing

_LATELY = timedelta(days=30)
_MOST_NAMES = 3


class Problem(StrEnum):
    """What can be wrong with a customer's addresses, the gravest first."""

    MISSING = "missing"
    BOUNCING = "bouncing"
    CHANGED = "changed"
    DUPLICATE = "duplicate"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Survey:
    """All customers with money due of whom something is wrong: by problem their ids, and what is due by currency."""

    found: Mapping[Problem, tuple[str, ...]]
    due: Mapping[Problem, Mapping[str, Decimal]]
    owing: Mapping[str, Owing]
    shared: frozenset[str]
    bounces: Mapping[str, Bounce]
    stopped: Mapping[str, Sequence[StoppedAddress]]
    """The addresses that they have and no mail goes to."""
    changes: Mapping[str, Sequence[ChangedAddress]]

    def ids(self, only: Problem | None = None) -> list[str]:
        """The contacts with this problem, or with any, in the order of their ids."""
        kinds = [only] if only else list(Problem)
        return sorted({contact_id for kind in kinds for contact_id in self.found[kind]})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and what to do about it, in words."""

    problem: Problem
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One customer of whom something is wrong."""

    contact: Contact
    due: Sequence[tuple[str, Decimal]]
    findings: tuple[Finding, ...]
    asked: tuple[ChangedAddress, ...]
    """Addresses that wait for a yes."""
    proposed: Person | None = None
    """Whom to write to instead, where mail came back."""


def survey(session: Session, organisation_id: str, now: datetime, today: date) -> Survey:
    """Look at every customer with money due. ``today`` is the organisation's day."""
    owing = queries.owing(session, organisation_id)
    shared = frozenset(queries.shared_addresses(session, organisation_id))
    bounces = queries.bounces(session, organisation_id, today)
    stopped = _stopped(session, organisation_id, owing)
    changes = {
        contact_id: rows
        for contact_id, rows in queries.lately_changed(session, organisation_id, now - _LATELY).items()
        if contact_id in owing
    }
    found: dict[Problem, list[str]] = {kind: [] for kind in Problem}
    for contact_id, one in owing.items():
        if not usable_address(one.email):
            found[Problem.MISSING].append(contact_id)
        elif is_free(one.email):
            found[Problem.PERSONAL].append(contact_id)
        if one.email in shared:
            found[Problem.DUPLICATE].append(contact_id)
        if contact_id in bounces or contact_id in stopped:
            found[Problem.BOUNCING].append(contact_id)
    found[Problem.MISSING] = _unreached(session, organisation_id, found[Problem.MISSING])
    found[Problem.CHANGED] = sorted(changes)
    ids = {kind: tuple(some) for kind, some in found.items()}
    due = {kind: _sums(owing, some) for kind, some in ids.items()}
    return Survey(ids, due, owing, shared, bounces, stopped, changes)


def lines(session: Session, organisation_id: str, seen: Survey, contact_ids: Sequence[str]) -> list[Line]:
    """What is wrong with each of these customers, in words, by their names."""
    contacts = queries.contacts(session, organisation_id, contact_ids)
    people = people_of(session, organisation_id, contact_ids)
    emails = {seen.owing[one.id].email for one in contacts} & seen.shared
    sharers = queries.sharers(session, organisation_id, emails)
    chasers = {bounce.communication_id for key in contact_ids if (bounce := seen.bounces.get(key))}
    dead = queries.reached_nobody(session, {one for one in chasers if one})
    members = {kind: frozenset(some) for kind, some in seen.found.items()}
    found = []
    for contact in contacts:
        others = [name for key, name in sharers.get(seen.owing[contact.id].email, ()) if key != contact.id]
        there = people[contact.id]
        proposed = _proposed(seen, organisation_id, contact.id, there, dead)
        left = bool(addressees(there).to) and contact.id not in seen.bounces
        asked = tuple(one for one in seen.changes.get(contact.id, ()) if one.confirmed_at is None)
        findings = _findings(seen, members, contact, others, proposed, left)
        found.append(Line(contact, seen.owing[contact.id].due, findings, asked, proposed))
    return found


def _stopped(
    session: Session, organisation_id: str, owing: Mapping[str, Owing]
) -> dict[str, list[StoppedAddress]]:
    """By contact with money due, the stopped addresses that are still its own."""
    rows = stopped_addresses.by_contact(session, organisation_id)
    people = people_of(session, organisation_id, [key for key in rows if key in owing])
    known = {key: {(one.email or "").lower() for one in there} for key, there in people.items()}
    found = {key: [row for row in rows[key] if row.address in known[key]] for key in known}
    return {key: some for key, some in found.items() if some}


def _proposed(
    seen: Survey, organisation_id: str, contact_id: str, there: Sequence[Person], dead: set[str]
) -> Person | None:
    """Whom to write to instead of addresses at which nobody was reached (``dead``: digests of those of held customers)."""
    if contact_id in seen.bounces and dead:
        left = [one for one in there if one.email and recipient(organisation_id, one.email) not in dead]
        return next_best(left, Role.PAYABLES)
    return addressees(there).instead if contact_id in seen.stopped else None


def _unreached(session: Session, organisation_id: str, contact_ids: Sequence[str]) -> list[str]:
    """Those of customers without a usable address of their own at whom nobody else has one either."""
    people = people_of(session, organisation_id, contact_ids)
    return [key for key in contact_ids if not any(one.email for one in people.get(key, ()))]


def _sums(owing: Mapping[str, Owing], contact_ids: Sequence[str]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for contact_id in contact_ids:
        for currency, amount in owing[contact_id].due:
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return dict(sorted(sums.items()))


def _findings(
    seen: Survey,
    members: Mapping[Problem, frozenset[str]],
    contact: Contact,
    others: Sequence[str],
    proposed: Person | None,
    left: bool,
) -> tuple[Finding, ...]:
    said = {
        Problem.MISSING: lambda: _(_MISSING),
        Problem.BOUNCING: lambda: _bounced(seen, contact.id, proposed, left),
        Problem.CHANGED: lambda: " ".join(_changed(one) for one in seen.changes[contact.id]),
        Problem.DUPLICATE: lambda: _shared(seen.owing[contact.id].email, others),
        Problem.PERSONAL: lambda: _(_PERSONAL, address=seen.owing[contact.id].email),
    }
    return tuple(Finding(kind, said[kind]()) for kind in Problem if contact.id in members[kind])


_MISSING = N_(
    "Nobody here has an address that mail can go to. Put one into the ledger, or enter somebody here."
)
_PERSONAL = N_("%(address)s is at a service where anybody gets an address. Ask for one of the firm’s own.")


def _bounced(seen: Survey, contact_id: str, proposed: Person | None, left: bool) -> str:
    bounce = seen.bounces.get(contact_id)
    told = [bounce.reason] if bounce else []
    told += [
        _(
            "No mail goes to %(address)s, because %(why)s.",
            address=one.address,
            why=_(NoMail(one.why).because),
        )
        for one in seen.stopped.get(contact_id, ())
    ]
    if proposed:
        told.append(
            _(
                "%(name)s could be written to instead, at %(address)s.",
                name=proposed.shown,
                address=proposed.email,
            )
        )
    elif left:
        told.append(_("Others there are still written to."))
    elif bounce:
        told.append(_("Nobody else is known there; ask for another address, then release the hold."))
    else:
        told.append(
            _(
                "Nobody else is known there; ask for another address, then enter it on the customer’s page"
                " or correct it in the ledger."
            )
        )
    return " ".join(told)


def _changed(one: ChangedAddress) -> str:
    came = (
        _("%(address)s came instead of %(before)s.", address=one.address, before=one.instead_of)
        if one.instead_of
        else _("%(address)s is new.", address=one.address)
    )
    if one.confirmed_at:
        then = _("%(name)s has said that it is right.", name=one.confirmed_by)
    else:
        then = _("Nothing goes there until somebody says that it is right.")
    return f"{came} {then}"


def _shared(email: str, others: Sequence[str]) -> str:
    names = ", ".join(others[:_MOST_NAMES]) or _("another customer")
    if len(others) > _MOST_NAMES:
        names = ngettext(
            "%(numbers)s and %(count)s more",
            "%(numbers)s and %(count)s more",
            len(others) - _MOST_NAMES,
            numbers=names,
        )
    return _(
        "%(email)s is also the address of %(names)s. Correct it in the ledger if they are not one firm.",
        email=email,
        names=names,
    )
