"""Which numbers of an organisation's customers get no text messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_control.people import Person
from kit.crypto import digest
from store.models import TextStop

STOP = "#"
"""How the number of a stop begins that is a digest, because whoever had it was erased."""


def stop_mark(organisation_id: str, number: str) -> str:
    """What stands in the place of a number that gets no texts once it is erased; as long as a number may be."""
    mark = digest(f"{organisation_id}\x1f{number}")
    return f"{STOP}{mark[:31]}"


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


def spelled_out(
    organisation_id: str, stops: Mapping[str, str], people: Sequence[Person]
) -> Mapping[str, str]:
    """The same, with the numbers of these people that stand there as digests, because they were erased."""
    if not any(one.startswith(STOP) for one in stops):
        return stops
    numbers = {one.mobile for one in people if one.mobile}
    return {
        **stops,
        **{one: stops[mark] for one in numbers if (mark := stop_mark(organisation_id, one)) in stops},
    }
