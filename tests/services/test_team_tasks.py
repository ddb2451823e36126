"""Tasks of colleagues: each has an owner and a day, is asked for once, and is finished by a person."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from kit import clock
from kit.errors import UserError
from kit.ids import new_id
from services import holds, looking_again, notices, owners, team_tasks
from services.team_tasks import TaskKind
from store.models import Hold, InternalNotice, Membership, Person, TeamTask
from store.queries import holds as hold_queries
from store.queries import team_tasks as queries
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


# -- holds whose day comes -------------------------------------------------------------------------------


def held(org: Chasing, **how: object) -> Hold:
    customer = org.customer()
    org.mirror()
    return holds.place(
        org.app,
        org.organisation_id,
        contact_id=org.id_of(customer),
        by="Ben",
        reason="Rang",
        **how,  # type: ignore[arg-type]
    )


def look_again(org: Chasing) -> list[TeamTask]:
    for organisation_id in looking_again.due(org.app):
        looking_again.work(org.app, organisation_id)
    with org.app.database.read(org.organisation_id) as session:
        lines = queries.lines(session, org.organisation_id, limit=10)
        return [one.task for one in lines]


def test_a_hold_whose_day_comes_becomes_a_task_of_its_owner_and_stays_in_force(org: Chasing) -> None:
    ruth = colleague(org, "Ruth Low", "owner")
    hold = held(org)
    assert look_again(org) == []
    org.shift(days=3)
    for _ in range(2):
        (task,) = look_again(org)
    assert (task.kind, task.owner_id, task.due_on, task.hold_id) == ("hold", ruth, hold.look_on, hold.id)
    assert task.what == "On hold, to be looked at again: Rang"
    assert looking_again.due(org.app) == []
    with org.app.database.write(org.organisation_id) as session:
        with pytest.raises(UserError, match="still in force: release it"):
            team_tasks.finish(session, org.organisation_id, task.id, by="Ruth", now=clock.now())
        put_off = {"to": date(2026, 12, 1), "by": "Ruth", "now": clock.now()}
        with pytest.raises(UserError, match="Say why"):
            team_tasks.put_off(session, org.organisation_id, task.id, reason=" ", **put_off)  # type: ignore[arg-type]
        team_tasks.put_off(session, org.organisation_id, task.id, reason="They pay monthly", **put_off)  # type: ignore[arg-type]
        assert session.get_one(Hold, (org.organisation_id, hold.id)).look_on == date(2026, 12, 1)
    holds.release(org.app, org.organisation_id, hold.id, "Ruth")
    assert look_again(org) == []
    with org.app.database.write(org.organisation_id) as session:
        with pytest.raises(UserError, match="has ended"):
            team_tasks.reopen(session, org.organisation_id, task.id, by="Ruth", now=clock.now())
        story = [entry["what"] for entry in session.get_one(TeamTask, (org.organisation_id, task.id)).story]
    assert story == ["put off to 1 December 2026: They pay monthly", "finished"]


def test_a_hold_that_ends_by_itself_asks_nobody_unless_it_is_to_be_looked_at_before(org: Chasing) -> None:
    held(org, until=FRIDAY)
    org.shift(days=4)
    assert look_again(org) == []
    held(org, until=date(2026, 12, 24), look_on=date(2026, 11, 23))
    org.shift(days=3)
    assert [task.due_on for task in look_again(org)] == [date(2026, 11, 23)]


def test_what_ends_a_hold_by_another_way_finishes_its_task(org: Chasing) -> None:
    hold = held(org)
    org.shift(days=3)
    (task,) = look_again(org)
    with org.app.database.write(org.organisation_id) as session:  # as a payment or an undone reply does
        hold_queries.release(session.get_one(Hold, (org.organisation_id, hold.id)), "Dunnock", clock.now())
    assert look_again(org) == []
    with org.app.database.read(org.organisation_id) as session:
        assert session.get_one(TeamTask, (org.organisation_id, task.id)).finished_by == "Dunnock"
    assert looking_again.due(org.app) == []


def test_a_task_is_handed_over_finished_and_reopened(org: Chasing) -> None:
    ben, ruth = colleague(org, "Ben Ash"), colleague(org, "Ruth Low", "owner")
    task = ask(org)
    assert task.owner_id == ruth
    who = {"by": "Ruth Low", "now": clock.now()}
    with org.app.database.write(org.organisation_id) as session:
        team_tasks.hand_over(session, org.organisation_id, task.id, to=ben, **who)  # type: ignore[arg-type]
        team_tasks.finish(session, org.organisation_id, task.id, **who)  # type: ignore[arg-type]
        with pytest.raises(UserError, match="reopen it first"):
            team_tasks.hand_over(session, org.organisation_id, task.id, to=ruth, **who)  # type: ignore[arg-type]
        again = team_tasks.reopen(session, org.organisation_id, task.id, **who)  # type: ignore[arg-type]
        assert (again.owner_id, again.finished_at) == (ben, None)
        assert [entry["what"] for entry in again.story] == ["handed over to Ben Ash", "finished", "reopened"]
        with pytest.raises(UserError, match="over already"):
            team_tasks.put_off(
                session,
                org.organisation_id,
                task.id,
                to=date(2026, 11, 15),
                reason="Later",
                **who,  # type: ignore[arg-type]
            )
        with pytest.raises(UserError, match="no such task"):
            team_tasks.finish(session, org.organisation_id, "0" * 32, **who)  # type: ignore[arg-type]


def test_in_the_evening_one_is_told_of_what_is_due(org: Chasing) -> None:
    org.switch("live")
    ruth = colleague(org, "Ruth Low", "owner")
    notices.change_evenings(org.app, org.organisation_id, ruth, wanted=True)
    ask(org, due_on=date(2026, 11, 16), what="Ring the bank")
    ask(org, due_on=date(2026, 11, 18), what="Not yet")
    org.shift(hours=7)
    assert notices.due(org.app) == [org.organisation_id]
    notices.work(org.app, org.organisation_id)
    with org.app.database.read(org.organisation_id) as session:
        (notice,) = session.scalars(select(InternalNotice))
    assert notice.subject == "Tomorrow: 1 task for Fake Ltd"
    assert "- Ring the bank" in notice.body
    assert "Not yet" not in notice.body
