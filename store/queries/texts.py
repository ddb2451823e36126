"""Numbers that get no texts, and the texts that went to a number."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from store.models import Communication, Contact, ContactPerson, TextStop
from store.people import people_of
from store.queries import planning
from store.queries.upsert import upsert
from store.texting import stop_mark


def stops_among(session: Session, organisation_id: str, numbers: Collection[str]) -> dict[str, str]:
    """Those of these numbers that get no texts, each with the sentence that says why."""
    by_mark = {stop_mark(organisation_id, one): one for one in numbers}
    statement = select(TextStop.number, TextStop.reason).where(
        TextStop.organisation_id == organisation_id, TextStop.number.in_([*numbers, *by_mark])
    )
    return {by_mark.get(number, number): reason for number, reason in session.execute(statement)}


def stops_at(session: Session, organisation_id: str, contact_id: str) -> list[str]:
    """Why which numbers of a contact get no texts, as sentences."""
    people = people_of(session, organisation_id, [contact_id]).get(contact_id, ())
    numbers = [one.mobile for one in people if one.mobile]
    return sorted(stops_among(session, organisation_id, numbers).values()) if numbers else []


def stop(session: Session, organisation_id: str, number: str, reason: str, now: datetime) -> None:
    """No text goes to this number from now on; the rules look again at whoever has it."""
    row = {"organisation_id": organisation_id, "number": number, "reason": reason, "since": now}
    session.connection().execute(upsert(session, TextStop).on_conflict_do_nothing(), row)
    _look_again(session, organisation_id, number, now)


def let(session: Session, organisation_id: str, number: str, now: datetime) -> None:
    """Texts may go to this number again."""
    session.connection().execute(
        delete(TextStop).where(TextStop.organisation_id == organisation_id, TextStop.number == number)
    )
    _look_again(session, organisation_id, number, now)


def _look_again(session: Session, organisation_id: str, number: str, now: datetime) -> None:
    entered = select(ContactPerson.contact_id).where(
        ContactPerson.organisation_id == organisation_id, ContactPerson.mobile == number
    )
    concerned = select(Contact.id).where(
        Contact.organisation_id == organisation_id, or_(Contact.mobile == number, Contact.id.in_(entered))
    )
    planning.look_again(session, organisation_id, list(session.scalars(concerned)), now)


def last_texts(session: Session, number: str, most: int) -> list[tuple[str, str]]:
    """Organisation and id of the texts that went to this number, the newest first; of all organisations."""
    statement = (
        select(Communication.organisation_id, Communication.id)
        .where(
            Communication.channel == "sms",
            Communication.direction == "out",
            Communication.text_to == number,
            Communication.handed_over_at.is_not(None),
        )
        .order_by(Communication.handed_over_at.desc())
        .limit(most)
    )
    return [(organisation_id, chaser_id) for organisation_id, chaser_id in session.execute(statement)]
