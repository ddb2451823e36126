"""Tasks of colleagues: each has an owner and a day, is asked for once, and is finished by a person."""

from __future__ import annotations

from datetime import date

import pytest

from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services import holds, owners, team_tasks
from services.team_tasks import TaskKind
from store.models import Membership, Person, TeamTask
from tests.support.chasing import Chasing

FRIDAY = date(2026, 11, 20)


def colleague(org: Chasing, name: str, role: str = "chaser") -> str:
    """A member of the organisation; the person's id."""
    key = new_id()
    person = Person(
        id=key,
        subject=key,
        email=f"{name.split(maxsplit=1)[0].lower()}@fake.example",
        name=name,
        created_at=clock.now(),
    )
    with org.app.database.write_across() as session:
        session.add(person)
        session.flush()
        session.add(Membership(organisation_id=org.organisation_id, person_id=key, role=role))
    return key


def ask(org: Chasing, **fields: object) -> TeamTask:
    values = {
        "kind": TaskKind.OWN,
        "what": "Ask for the PO",
        "due_on": FRIDAY,
        "by": "Anna",
        "now": clock.now(),
    }
    with org.app.database.write(org.organisation_id) as session:
        return team_tasks.ask(session, org.organisation_id, **values | fields)  # type: ignore[arg-type]


def test_a_task_falls_to_whoever_looks_after_the_customer_else_to_who_is_in_charge(org: Chasing) -> None:
    customer = org.customer()
    org.mirror()
    assert ask(org, contact_id=org.id_of(customer)).owner_id is None  # there is nobody at all
    ben, ruth = colleague(org, "Ben Ash"), colleague(org, "Ruth Low", "owner")
    assert ask(org, contact_id=org.id_of(customer)).owner_id == ruth
    with org.app.database.write(org.organisation_id) as session:
        owners.look_after(session, org.organisation_id, org.id_of(customer), ben)
    assert ask(org, contact_id=org.id_of(customer)).owner_id == ben
    assert ask(org, contact_id=org.id_of(customer), owner_id=ruth).owner_id == ruth
    with pytest.raises(UserError, match="not a member"):
        ask(org, owner_id="0" * 32)


def test_what_is_asked_for_twice_under_a_key_is_one_task_even_after_it_was_finished(org: Chasing) -> None:
    first = ask(org, key="a broken promise", kind=TaskKind.PROMISE)
    again = ask(org, key="a broken promise", kind=TaskKind.PROMISE, what="Ask again")
    assert (again.id, again.what) == (first.id, "Ask for the PO")
    with org.app.database.write(org.organisation_id) as session:
        for _ in range(2):
            team_tasks.finish_about(
                session, org.organisation_id, key="a broken promise", by="Ben", now=clock.now()
            )
        team_tasks.finish_about(session, org.organisation_id, key="never asked", by="Ben", now=clock.now())
    done = ask(org, key="a broken promise")
    assert (done.finished_by, len(done.story)) == ("Ben", 1)


def test_nothing_cannot_be_asked_for(org: Chasing) -> None:
    with pytest.raises(UserError, match="Say what is to be done"):
        ask(org, what="  ")


def test_every_hold_has_an_owner_and_a_day_on_which_it_is_looked_at_again(org: Chasing) -> None:
    customer = org.customer()
    org.mirror()
    ruth = colleague(org, "Ruth Low", "owner")
    ben = colleague(org, "Ben Ash")
    place = {"contact_id": org.id_of(customer), "by": "Ben", "reason": "Rang"}
    open_end = holds.place(org.app, org.organisation_id, **place)  # type: ignore[arg-type]
    assert (open_end.owner_id, open_end.look_on) == (ruth, date(2026, 11, 19))  # three working days on
    ends = holds.place(org.app, org.organisation_id, until=FRIDAY, **place)  # type: ignore[arg-type]
    assert ends.look_on == FRIDAY
    chosen = holds.place(
        org.app,
        org.organisation_id,
        owner_id=ben,
        look_on=date(2026, 11, 17),
        **place,  # type: ignore[arg-type]
    )
    assert (chosen.owner_id, chosen.look_on) == (ben, date(2026, 11, 17))
