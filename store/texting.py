"""Which numbers of an organisation's customers get no text messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_control.people import Person
from store.models import TextStop


def stops(session: Session, organisation_id: str) -> dict[str, str]:
    """All numbers that get none, each with the sentence that says why; few at any organisation."""
    statement = select(TextStop.number, TextStop.reason).where(TextStop.organisation_id == organisation_id)
    return dict(session.execute(statement).all())


def stopped(people: Sequence[Person], stops: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Those of these people's numbers that get none."""
    if not stops:
        return ()
    numbers = [one.mobile for one in people if one.mobile]
    return tuple((number, stops[number]) for number in numbers if number in stops)
