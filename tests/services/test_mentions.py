"""Whom a note mentions, and what they get from it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import clock
from kit.errors import UserError
from services import notebook, notices
from services.mentions import mentioned
from store.models import Communication, InternalNotice, Organisation, Person, TeamTask
from tests.services.test_team_tasks import colleague
from tests.support.chasing import Chasing


def person(name: str) -> Person:
    return Person(id=name, subject=name, email=f"{len(name)}@x.example", name=name, created_at=clock.now())


TEAM = [person(name) for name in ("Ben Ash", "Ben Low", "Ruth Low", "Zoë de Vries", "Max")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Ruth please look", {"Ruth Low"}),
        ("Ask @Ruth Low, or @max!", {"Ruth Low", "Max"}),
        ("(@zoë) and @ZOË DE VRIES", {"Zoë de Vries"}),
        ("@Ben\nLow", {"Ben Low"}),
        ("ruth@low.example wrote", set()),
        ("@Ruthless and @Nobody", set()),
        ("@ Ruth", set()),
        ("@Maximilian", set()),
        ("twice @Max and @Max", {"Max"}),
    ],
)
def test_who_is_meant(text: str, names: set[str]) -> None:
    assert {one.name for one in mentioned(text, TEAM)} == names


def test_a_name_of_several_is_asked_about() -> None:
    with pytest.raises(UserError, match="Several colleagues are called Ben: write @Ben Ash or @Ben Low"):
        mentioned("@Ben, have a look", TEAM)


@given(st.text(max_size=200))
def test_no_text_whatsoever_is_too_much(text: str) -> None:
    try:
        found = mentioned(text, TEAM)
    except UserError:
        return
    assert {one.id for one in found} <= {one.id for one in TEAM}


def write(org: Chasing, customer: str, text: str, **how: bool) -> notebook.Written:
    with org.app.database.write(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        return notebook.write_down(
            session, here, org.id_of(customer), [], text,
            by="Anna Hale", now=clock.now(), home="https://dunnock.example", **how,
        )  # fmt: skip


def test_a_mentioned_colleague_gets_a_task_and_is_told_once(org: Chasing) -> None:
    customer = org.customer()
    org.mirror()
    ben = colleague(org, "Ben Ash")
    written = write(org, customer, "Their boss asked for @Ben Ash: call back")
    (task,) = written.tasks
    assert (task.owner_id, task.due_on, task.communication_id) == (ben, date(2026, 11, 17), written.entry.id)
    assert task.what == "Anna Hale mentioned you: “Their boss asked for @Ben Ash: call back”"
    notices.send_with(org.app, org.organisation_id, org.mailer)
    notices.send_with(org.app, org.organisation_id, org.mailer)
    (mail,) = [one for one in org.mailer.taken if one.to == ("ben@fake.example",)]
    assert mail.subject == "A task for you about Bellwether Books, by 17 November 2026"
    assert "/to-do" in mail.text


def test_a_note_with_a_doubtful_mention_is_not_kept_and_nobody_gets_a_task(org: Chasing) -> None:
    customer = org.customer()
    org.mirror()
    for name in ("Ben Ash", "Ben Low"):
        colleague(org, name)
    with pytest.raises(UserError, match="write @Ben Ash or @Ben Low"):
        write(org, customer, "@Ben please")
    assert [org._all(model) for model in (Communication, TeamTask, InternalNotice)] == [[], [], []]
