"""Where texts to contacts can go: their numbers, and what keeps a number from getting one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from credit_control.people import Person, Reach, addressees
from store.models import TextStop
from store.people import people_of

_NOBODY = "nobody there has a mobile number, neither in the ledger nor on the customer’s page."
_STOPS = select(TextStop.number, TextStop.reason).where(TextStop.organisation_id == bindparam("organisation"))


class Number(NamedTuple):
    """The mobile number (E.164) of a contact, and why no text can go there (None: it can)."""

    mobile: str | None
    problem: str | None


def numbers_of(session: Session, organisation_id: str, contact_ids: Sequence[str]) -> dict[str, Number]:
    """Where a text to each of these contacts goes."""
    people = people_of(session, organisation_id, contact_ids)
    stops = dict(session.execute(_STOPS, {"organisation": organisation_id}).all())
    return {contact_id: _number(found, stops) for contact_id, found in people.items()}


def _number(people: Sequence[Person], stops: Mapping[str, str]) -> Number:
    """The first of those whom it is meant for: the same text to several telephones of one customer helps nobody."""
    mobile = next((one.mobile for one in addressees(people, reach=Reach.MOBILE).to if one.mobile), None)
    return Number(mobile, _NOBODY if mobile is None else stops.get(mobile))
