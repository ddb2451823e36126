"""Who was erased, and by what what belonged to them is known again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from kit.crypto import digest
from kit.ids import derived_id
from store.models import (
    ChangedAddress,
    Communication,
    Contact,
    ContactPerson,
    ErasedAddress,
    Erasure,
    Membership,
    Person,
    PersonAway,
    Sender,
    StoppedAddress,
    TextStop,
)
from store.queries.batches import slices
from store.queries.upsert import upsert

ERASED = "ERASED"
"""The status of a customer that was erased."""
NAME = "Erased customer"


_KNOWN = select(ErasedAddress.digest).join(
    Erasure,
    and_(
        Erasure.organisation_id == ErasedAddress.organisation_id,
        Erasure.contact_id == ErasedAddress.contact_id,
    ),
)


def mark(organisation_id: str, words: str) -> str:
    """By which an address, a number or a name is known again that is not here any more."""
    return digest(f"{organisation_id}\x1f{words.strip().lower()}")


def of(session: Session, organisation_id: str, contact_id: str) -> Erasure | None:
    """The erasure of a customer."""
    return session.get(Erasure, (organisation_id, contact_id))


def under_way(session: Session, organisation_id: str) -> Erasure | None:
    """One that is not finished, to be changed."""
    return session.scalars(
        select(Erasure)
        .where(Erasure.organisation_id == organisation_id, Erasure.finished_at.is_(None))
        .order_by(Erasure.asked_at, Erasure.contact_id)
        .limit(1)
        .with_for_update()
    ).one_or_none()


def organisations_erasing(session: Session) -> list[str]:
    """Organisations with an erasure that is not finished."""
    return list(
        session.scalars(select(Erasure.organisation_id).where(Erasure.finished_at.is_(None)).distinct())
    )


def persons(session: Session, organisation_id: str) -> frozenset[str]:
    """What stands for each person of a customer who was erased alone; few at any organisation."""
    return frozenset(
        session.scalars(
            select(Erasure.contact_id).where(
                Erasure.organisation_id == organisation_id, Erasure.person_of.is_not(None)
            )
        )
    )


def person_id(organisation_id: str, contact_id: str, known_by: str) -> str:
    """What stands for one person of a customer, by the address or number, in the place of a customer's id."""
    return derived_id("erased person", contact_id, mark(organisation_id, known_by))


def listed(session: Session, organisation_id: str, most: int) -> Sequence[Erasure]:
    """The newest erasures."""
    mine = select(Erasure).where(Erasure.organisation_id == organisation_id)
    return session.scalars(mine.order_by(Erasure.asked_at.desc(), Erasure.contact_id).limit(most)).all()


def erased_ids(session: Session, organisation_id: str) -> frozenset[str]:
    """The customers that were erased, or are being; few at any organisation."""
    return frozenset(
        session.scalars(select(Erasure.contact_id).where(Erasure.organisation_id == organisation_id))
    )


def is_erased(session: Session, organisation_id: str, contact_id: str) -> bool:
    """Whether a customer was erased, or is being."""
    return of(session, organisation_id, contact_id) is not None


def is_known_address(session: Session, organisation_id: str, address: str) -> bool:
    """Whether an address or number was that of somebody who was erased, and was not taken up again."""
    found = _KNOWN.where(
        ErasedAddress.organisation_id == organisation_id,
        ErasedAddress.digest == mark(organisation_id, address),
    )
    return session.scalars(found.limit(1)).first() is not None


def is_known_anywhere(session: Session, address: str) -> bool:
    """The same in any organisation that this session sees, for what nobody can tell whose it is."""
    organisations = session.scalars(select(ErasedAddress.organisation_id).distinct()).all()
    marks = [mark(one, address) for one in organisations]
    found = _KNOWN.where(ErasedAddress.digest.in_(marks)).limit(1)
    return bool(marks) and session.scalars(found).first() is not None


def wanting_nothing(
    session: Session, organisation_id: str, addresses: Collection[str]
) -> dict[str, datetime]:
    """Which of these addresses no mail went to any more when their reader was erased, with when that was."""
    marks = {mark(organisation_id, address): address for address in addresses}
    found: dict[str, datetime] = {}
    for some in slices(sorted(marks)):
        rows = session.execute(
            select(ErasedAddress.digest, ErasedAddress.noted_at).where(
                ErasedAddress.organisation_id == organisation_id,
                ErasedAddress.digest.in_(some),
                ErasedAddress.wants_nothing,
            )
        )
        found |= {marks[digest_]: noted_at for digest_, noted_at in rows}
    return found


def was_erased(session: Session, organisation_id: str, words: str) -> bool:
    """Whether a customer was erased who had this name, address or number, as it was written here."""
    named = select(Erasure.contact_id).where(
        Erasure.organisation_id == organisation_id, Erasure.digest == mark(organisation_id, words)
    )
    known = session.scalars(named.limit(1)).first() is not None
    return known or is_known_address(session, organisation_id, words)


def remember_addresses(
    session: Session, organisation_id: str, contact_id: str, addresses: Mapping[str, bool], now: datetime
) -> None:
    """Keep digests of these addresses and numbers, each with whether its reader had wanted nothing more."""
    rows = [
        {
            "organisation_id": organisation_id,
            "digest": mark(organisation_id, address),
            "contact_id": contact_id,
            "wants_nothing": wants_nothing,
            "noted_at": now,
        }
        for address, wants_nothing in sorted(addresses.items())
    ]
    if rows:
        new = upsert(session, ErasedAddress)
        wish = or_(ErasedAddress.wants_nothing, new.excluded.wants_nothing)
        changed = {"contact_id": new.excluded.contact_id, "wants_nothing": wish}
        keys = [ErasedAddress.organisation_id, ErasedAddress.digest]
        session.connection().execute(new.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def forget(session: Session, organisation_id: str, contact_id: str) -> None:
    """The customer is none of those any more; who wanted nothing more from us still gets nothing."""
    for one in session.scalars(
        select(ErasedAddress).where(
            ErasedAddress.organisation_id == organisation_id,
            ErasedAddress.contact_id == contact_id,
            ErasedAddress.wants_nothing.is_(False),
        )
    ):
        session.delete(one)
    session.delete(session.get_one(Erasure, (organisation_id, contact_id)))


def person_is_back(session: Session, organisation_id: str, contact_id: str, email: str) -> None:
    """Somebody enters a person who was erased here once: they are known again, and get mail if they had not said no."""
    stood_for = person_id(organisation_id, contact_id, email)
    if of(session, organisation_id, stood_for) is not None:
        forget(session, organisation_id, stood_for)
        session.flush()


def addresses_of(session: Session, contact: Contact) -> dict[str, bool]:
    """The addresses and numbers of a customer's people, each with whether its reader wants nothing more."""
    organisation_id, contact_id = contact.organisation_id, contact.id
    found = {str(one.get("email") or "") for one in contact.persons} | {
        contact.email or "",
        contact.mobile or "",
        contact.phone or "",
    }
    for column in (
        ContactPerson.email,
        ContactPerson.mobile,
        ChangedAddress.address,
        ChangedAddress.instead_of,
        PersonAway.address,
        PersonAway.stand_in_email,
    ):
        found.update(filter(None, session.scalars(_mine(column, organisation_id, contact_id))))
    written = select(
        Communication.direction,
        Communication.from_email,
        Communication.to,
        Communication.cc,
        Communication.text_to,
    )
    for row in session.execute(
        written.where(
            Communication.organisation_id == organisation_id, Communication.contact_id == contact_id
        )
    ):
        found.update(
            [row.from_email or ""] if row.direction == "in" else [*row.to, *row.cc, row.text_to or ""]
        )
    stopped = set(
        session.scalars(
            _mine(StoppedAddress.address, organisation_id, contact_id).where(
                StoppedAddress.lifted_at.is_(None)
            )
        )
    )
    found |= stopped
    stopped |= set(
        session.scalars(
            select(TextStop.number).where(
                TextStop.organisation_id == organisation_id, TextStop.number.in_(found - {""})
            )
        )
    )
    ours = our_own(session, organisation_id)
    return {one: one in stopped for one in found if one.strip() and one.strip().lower() not in ours}


def names_of(session: Session, contact: Contact) -> set[str]:
    """The names of a customer and its people."""
    organisation_id, contact_id = contact.organisation_id, contact.id
    found = {contact.name, _whole(contact.first_name, contact.last_name)}
    found |= {_whole(one.get("first_name"), one.get("last_name")) for one in contact.persons}
    for column in (ContactPerson.name, PersonAway.stand_in_name):
        found.update(filter(None, session.scalars(_mine(column, organisation_id, contact_id))))
    wrote = _mine(Communication.from_name, organisation_id, contact_id).where(Communication.direction == "in")
    found.update(filter(None, session.scalars(wrote)))
    ours = set(
        session.scalars(
            select(Person.name).join(Membership).where(Membership.organisation_id == organisation_id)
        )
    )
    return {one for one in found - ours if one.strip() and one != NAME}


def _mine(column: Any, organisation_id: str, contact_id: str) -> Any:
    table = column.class_
    return select(column).where(table.organisation_id == organisation_id, table.contact_id == contact_id)


def our_own(session: Session, organisation_id: str) -> set[str]:
    """The addresses of senders and colleagues, in small letters: who writes with customers is none of them."""
    found = set(session.scalars(select(Sender.email).where(Sender.organisation_id == organisation_id)))
    found |= set(
        session.scalars(
            select(Person.email).join(Membership).where(Membership.organisation_id == organisation_id)
        )
    )
    return {one.lower() for one in found}


def _whole(*names: str | None) -> str:
    return " ".join(one for one in names if one)
