"""Which addresses of customers whom we knew already are new: a mail there waits for a person's yes.

Whoever can change an address in the ledger could have reminders with all their figures sent to a stranger. At the
first import nothing is new, and neither is the first address of a customer who had none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from store.people import entered_people, usable_address
from store.queries import people
from store.queries.mirror import Row

_STUB = "STUB"


def notice(session: Session, organisation_id: str, news: Sequence[Row], now: datetime) -> None:
    """Remember what addresses these rows of contacts, which are not written yet, bring to those that are known."""
    before = people.ledger_addresses(session, organisation_id, [row["id"] for row in news])
    came: list[dict[str, Any]] = []
    went: set[_Key] = set()
    for row in news:
        if row["id"] not in before or before[row["id"]][0] == _STUB:
            continue
        old = _by_place(before[row["id"]][1], before[row["id"]][2])
        new = _by_place(row["email"], row["persons"])
        gone = set(old.values()) - set(new.values())
        went |= {(row["id"], address) for address in gone}
        if old:
            came += [
                _changed(organisation_id, row["id"], address, _instead_of(place, old, gone), now)
                for place, address in new.items()
                if address not in old.values()
            ]
    if came or went:
        _remember(session, organisation_id, came, went)


def _remember(
    session: Session, organisation_id: str, came: Sequence[dict[str, Any]], went: set[_Key]
) -> None:
    """Nobody has to say yes to what has gone again, to what only comes back, or to what is known to be right."""
    concerned = {one["contact_id"] for one in came} | {contact_id for contact_id, _ in went}
    earlier = people.changes_of(session, organisation_id, concerned)
    waiting = {(one.contact_id, one.address): one.instead_of for one in earlier if not one.confirmed_at}
    right = {(one.contact_id, one.address) for one in earlier if one.confirmed_at}
    right |= {(contact_id, before) for (contact_id, _), before in waiting.items() if before}
    for contact_id, entered in entered_people(session, organisation_id, sorted(concerned)).items():
        right |= {(contact_id, one.email) for one in entered if one.email and not one.of_ledger}
    people.forget_unconfirmed(session, organisation_id, went & waiting.keys())
    found: dict[_Key, dict[str, Any]] = {}
    for one in came:
        if (key := (one["contact_id"], one["address"])) not in right:
            replaced = (one["contact_id"], one["instead_of"])
            found.setdefault(key, one | {"instead_of": waiting.get(replaced, one["instead_of"])})
    people.note_changes(session, list(found.values()))


_Key = tuple[str, str]
"""A contact's id and an address."""
_Place = tuple[str, str]
_OWN: _Place = ("", "")
"""The place of the contact's own address; a person's is the name."""


def _by_place(email: str | None, persons: Sequence[Mapping[str, Any]]) -> dict[_Place, str]:
    """The usable addresses, in small letters, each with whose it is."""
    found: dict[_Place, str] = {}
    if own := usable_address(email):
        found[_OWN] = own.lower()
    for number, person in enumerate(persons):
        if address := usable_address(person.get("email")):
            name = " ".join(str(person.get(part) or "") for part in ("first_name", "last_name")).strip()
            place = ("person", name or str(number))
            found[place if place not in found else (*place[:1], f"{name} {number}")] = address.lower()
    return found


def _instead_of(place: _Place, old: Mapping[_Place, str], gone: set[str]) -> str | None:
    """The address that this one took the place of: the same person's, or the only one that went."""
    same = old.get(place)
    if same in gone or (same and place == _OWN):
        return same
    return next(iter(gone)) if len(gone) == 1 else None


def _changed(
    organisation_id: str, contact_id: str, address: str, instead_of: str | None, now: datetime
) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "contact_id": contact_id,
        "address": address,
        "instead_of": instead_of,
        "noticed_at": now,
    }
