"""Two people for texts and for many at once: one asks, another says yes, and nothing happens without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kit import clock
from kit.acting import Acting, acting_as
from kit.errors import UserError
from kit.ids import derived_id, new_id
from services import api_tokens, bulk, second_acts, second_eyes
from services.app import App
from services.queue_actions import Action, Wish, act
from services.second_eyes import Kind, Needed
from store.models import (
    AskedChange,
    BulkRun,
    Contact,
    ContactTag,
    Membership,
    Organisation,
    TeamTask,
    TemplateVersion,
)
from store.queries import templates as texts
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor

BODY = "Hello,\n\n{{ overdue_total }} is open.\n\n{{ invoice_table }}\n\n{{ signature }}"


@pytest.fixture
def eyes(stage: Cast) -> str:
    return f"{stage.home}/second-eyes"


@pytest.fixture
def second(visitor: Visitor, stage: Cast, dunnock: App) -> Member:
    """A second person who may decide."""
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Membership, (stage.organisation_id, stage.colleague_id)).role = "manager"
    return visitor.signed_in_as(stage.colleague_id)


@pytest.fixture
def switched_on(owner: Member, second: Member, eyes: str) -> None:
    owner.press(f"{eyes}/choose", kind=["templates", "bulk"])
    assert "Saved." in owner.words(eyes)


def text(stage: Cast) -> str:
    return f"{stage.home}/templates/{derived_id('template', stage.organisation_id, 'second_reminder')}"


def asked_for(dunnock: App, stage: Cast) -> list[AskedChange]:
    with dunnock.database.read(stage.organisation_id) as session:
        return second_eyes.waiting(session, stage.organisation_id)


def change_the_text(owner: Member, stage: Cast, subject: str = "Another subject") -> None:
    fields = {"name": "Second reminder", "subject": subject, "body": BODY, "based_on": "1"}
    assert owner.press(text(stage), **fields).status_code == 302


def subject_of(dunnock: App, stage: Cast) -> str:
    template_id = derived_id("template", stage.organisation_id, "second_reminder")
    with dunnock.database.read(stage.organisation_id) as session:
        known = texts.texts(session, stage.organisation_id, [template_id])[template_id]
        return next(one.subject for one in known if one.language == "en")


def test_a_changed_text_holds_once_another_person_has_said_yes(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str
) -> None:
    before = subject_of(dunnock, stage)
    change_the_text(owner, stage)
    assert subject_of(dunnock, stage) == before
    (change,) = asked_for(dunnock, stage)
    page = second.words(eyes)
    assert "Change the text “Second reminder” (en)" in page
    assert "New: Another subject" in page and f"Gone: {before}" in page
    second.press(f"{eyes}/{change.id}/agree")
    assert subject_of(dunnock, stage) == "Another subject"
    assert "The text “Second reminder” is changed." in second.words(eyes)
    assert asked_for(dunnock, stage) == []


def test_nobody_says_yes_to_what_they_asked_for_themselves(
    owner: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str
) -> None:
    before = subject_of(dunnock, stage)
    change_the_text(owner, stage)
    (change,) = asked_for(dunnock, stage)
    assert "Yes, do it" not in owner.words(eyes)
    owner.press(f"{eyes}/{change.id}/agree")
    assert "somebody else has to say yes" in owner.words(eyes)
    assert subject_of(dunnock, stage) == before


def test_nor_to_what_a_token_of_theirs_asked_for(switched_on: None, stage: Cast, dunnock: App) -> None:
    ours = stage.organisation_id
    me = Acting("Ada", stage.owner_id, "page")
    with acting_as(me):
        token = api_tokens.look_up(dunnock, api_tokens.create(dunnock, ours, "owner"))
    assert token is not None
    with (
        acting_as(Acting("the API", None, "api", token_id=token.id)),
        dunnock.database.write(ours) as session,
    ):
        wanted = second_eyes.Wanted("switch", "Less", {"kinds": []})
        change = second_eyes.ask(
            session, session.get_one(Organisation, ours), kind="switch", what=wanted, by="the API"
        )
    with acting_as(me), pytest.raises(UserError, match="yourself"):
        second_acts.agree(dunnock, ours, change.id)
    with acting_as(Acting("Ben", stage.colleague_id, "page")):
        assert second_acts.agree(dunnock, ours, change.id) == "Switched off."


def test_a_no_has_a_reason_and_changes_nothing(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str
) -> None:
    before = subject_of(dunnock, stage)
    change_the_text(owner, stage)
    (change,) = asked_for(dunnock, stage)
    second.press(f"{eyes}/{change.id}/refuse", reason=" ")
    assert "Say why not" in second.words(eyes)
    second.press(f"{eyes}/{change.id}/refuse", reason="Too harsh")
    assert "Too harsh" in owner.words(eyes)
    second.press(f"{eyes}/{change.id}/agree")
    assert "decided already" in second.words(eyes)
    assert subject_of(dunnock, stage) == before


def test_a_colleague_has_it_to_do_until_it_is_decided(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str
) -> None:
    change_the_text(owner, stage)
    (change,) = asked_for(dunnock, stage)

    def task() -> TeamTask:
        with dunnock.database.read(stage.organisation_id) as session:
            return session.query(TeamTask).filter(TeamTask.what.contains("Say yes or no")).one()

    assert (task().owner_id, task().finished_at) == (stage.colleague_id, None)
    second.press(f"{eyes}/{change.id}/agree")
    assert task().finished_at is not None


def test_after_fourteen_days_it_is_too_late(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str, moved: Path
) -> None:
    change_the_text(owner, stage)
    (change,) = asked_for(dunnock, stage)
    moved.write_text(str(timedelta(days=15).total_seconds()))
    assert asked_for(dunnock, stage) == []
    with acting_as(Acting("Ben", stage.colleague_id, "page")), pytest.raises(UserError, match="14 days ago"):
        second_acts.agree(dunnock, stage.organisation_id, change.id)
    second_eyes.expire(dunnock)
    assert "Expired" in second.words(eyes)


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Path]:
    """A clock that a test can move."""
    file = tmp_path / "clock"
    clock.follow(file)
    yield file
    clock.follow(None)


def test_a_text_that_was_changed_meanwhile_is_not_overwritten(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str
) -> None:
    change_the_text(owner, stage, "First wish")
    change_the_text(owner, stage, "Second wish")
    first, other = asked_for(dunnock, stage)
    second.press(f"{eyes}/{first.id}/agree")
    second.press(f"{eyes}/{other.id}/agree")
    assert "Somebody has changed this text" in second.words(eyes)
    assert subject_of(dunnock, stage) == first.what["subject"]


def test_ten_at_once_are_one_persons_and_eleven_are_two(switched_on: None, stage: Cast, dunnock: App) -> None:
    wish = Wish(Action.SKIP, "Ada", "They have rung")
    ours = stage.organisation_id
    assert not any(one.done for one in act(dunnock, ours, [new_id() for _ in range(10)], wish))
    with pytest.raises(Needed, match="Leave out 11 mails"):
        act(dunnock, ours, [new_id() for _ in range(11)], wish)


def test_to_switch_it_off_takes_two_as_well(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str
) -> None:
    owner.press(f"{eyes}/choose", kind=["bulk"])
    (change,) = asked_for(dunnock, stage)
    assert change.kind == Kind.SWITCH
    assert sorted(stage.organisation(dunnock.database).second_eyes) == ["bulk", "templates"]
    second.press(f"{eyes}/{change.id}/agree")
    assert stage.organisation(dunnock.database).second_eyes == ["bulk"]


@pytest.mark.parametrize("kind", [Kind.TEMPLATES, Kind.BULK, Kind.CREDIT])
def test_each_kind_can_be_switched_off_and_is_named(
    owner: Member, second: Member, stage: Cast, dunnock: App, eyes: str, kind: Kind
) -> None:
    owner.press(f"{eyes}/choose", kind=[Kind.TEMPLATES, Kind.BULK, Kind.CREDIT])
    rest = [one for one in (Kind.TEMPLATES, Kind.BULK, Kind.CREDIT) if one is not kind]
    assert owner.press(f"{eyes}/choose", kind=rest).status_code == 302
    (change,) = asked_for(dunnock, stage)
    assert second_eyes.SHORT[kind] in second.words(eyes)
    second.press(f"{eyes}/{change.id}/agree")
    assert set(stage.organisation(dunnock.database).second_eyes) == set(rest)


def test_where_there_is_nobody_else_it_cannot_be_switched_on(
    owner: Member, stage: Cast, dunnock: App, eyes: str
) -> None:
    owner.press(f"{eyes}/choose", kind=["templates"])
    assert "Invite one first" in owner.words(eyes)
    assert stage.organisation(dunnock.database).second_eyes == []


def test_what_was_decided_is_in_the_audit_log(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str
) -> None:
    change_the_text(owner, stage)
    (change,) = asked_for(dunnock, stage)
    second.press(f"{eyes}/{change.id}/agree")
    log = re.sub(r"\s+", " ", owner.words(f"{stage.home}/audit-log"))
    assert "changed the text “Second reminder”" in log
    assert "added a change that needs a second person “Change the text “Second reminder” (en)”" in log


def test_an_action_on_many_customers_waits_for_a_second_yes(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        home = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        like = {column.key: getattr(home, column.key) for column in Contact.__table__.columns}
        ids = [new_id() for _ in range(11)]
        session.add_all(
            Contact(**like | {"id": one, "ledger_id": one, "name": f"Customer {number}"})
            for number, one in enumerate(ids)
        )
    path, wish = f"{stage.home}/bulk/customers", {"action": "tag", "tag": "late payers"}
    owner.press(path, id=ids, **wish)
    assert _tagged(dunnock, stage) == 0
    (change,) = asked_for(dunnock, stage)
    page = second.words(eyes)
    assert "Put a tag on: 11 customers" in page and "Customer 10" in page
    second.press(f"{eyes}/{change.id}/agree")
    assert "it is being done with 11 customers" in second.words(eyes)
    bulk.work(dunnock, stage.organisation_id, 30)
    assert _tagged(dunnock, stage) == 11
    owner.press(f"{path.removesuffix('/customers')}/runs/{_run(dunnock, stage)}/undo")
    assert _tagged(dunnock, stage) == 11
    (change,) = asked_for(dunnock, stage)
    assert "Taken back: Put a tag on, with 11 customers" in second.words(eyes)
    second.press(f"{eyes}/{change.id}/agree")
    bulk.work(dunnock, stage.organisation_id, 30)
    assert _tagged(dunnock, stage) == 0


def test_an_action_on_a_few_needs_nobody_else(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App
) -> None:
    owner.press(f"{stage.home}/bulk/customers", id=[stage.contact_id], action="tag", tag="late payers")
    assert _tagged(dunnock, stage) == 1


def _run(dunnock: App, stage: Cast) -> str:
    """The run of before that has been carried out."""
    with dunnock.database.read(stage.organisation_id) as session:
        run = session.query(BulkRun).filter_by(organisation_id=stage.organisation_id, total=11).one()
        return run.id


def _tagged(dunnock: App, stage: Cast) -> int:
    with dunnock.database.read(stage.organisation_id) as session:
        return session.query(ContactTag).filter_by(organisation_id=stage.organisation_id).count()


# -- a yes is carried out once, whatever comes between --------------------------------------------------


def said_yes_and_died(dunnock: App, stage: Cast, change_id: str) -> None:
    """A second person's yes is stored, and then the process was gone."""
    ours = stage.organisation_id
    with acting_as(Acting("Ben", stage.colleague_id, "page")), dunnock.database.write(ours) as session:
        second_eyes.claim(session, ours, change_id)


def forget_that_it_is_done(dunnock: App, stage: Cast, change_id: str) -> None:
    """As if the process had died after the act and before it was put down that all of it is done."""
    with dunnock.database.write(stage.organisation_id) as session:
        change = session.get_one(AskedChange, (stage.organisation_id, change_id))
        change.next_try_at = clock.now()


def versions(dunnock: App, stage: Cast) -> int:
    template_id = derived_id("template", stage.organisation_id, "second_reminder")
    with dunnock.database.read(stage.organisation_id) as session:
        return session.query(TemplateVersion).filter_by(template_id=template_id, language="en").count()


def test_what_was_agreed_to_is_done_by_whoever_comes_next(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str, moved: Path
) -> None:
    change_the_text(owner, stage)
    (change,) = asked_for(dunnock, stage)
    said_yes_and_died(dunnock, stage, change.id)
    assert second_eyes.due(dunnock) == []
    assert "it is being done" in second.words(eyes)
    moved.write_text("120")
    assert second_eyes.due(dunnock) == [stage.organisation_id]
    while second_acts.go_on(dunnock, stage.organisation_id):
        pass
    assert subject_of(dunnock, stage) == "Another subject"
    assert second_eyes.due(dunnock) == []
    assert "it is being done" not in second.words(eyes)


def test_what_was_done_before_the_crash_is_not_done_again(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str
) -> None:
    change_the_text(owner, stage)
    (change,) = asked_for(dunnock, stage)
    second.press(f"{eyes}/{change.id}/agree")
    before = versions(dunnock, stage)
    forget_that_it_is_done(dunnock, stage, change.id)
    while second_acts.go_on(dunnock, stage.organisation_id):
        pass
    assert versions(dunnock, stage) == before
    assert second_eyes.due(dunnock) == []


def test_an_action_on_many_is_begun_once(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str
) -> None:
    ours = stage.organisation_id
    details = {"page": "customers", "action": "tag", "wish": {"tag": "late"}, "ids": [stage.contact_id]}
    wanted = second_eyes.Wanted("bulk", "Eleven", details)
    with acting_as(Acting("Ada", stage.owner_id, "page")), dunnock.database.write(ours) as session:
        change = second_eyes.ask(
            session, session.get_one(Organisation, ours), kind="bulk", what=wanted, by="Ada"
        )
    second.press(f"{eyes}/{change.id}/agree")
    begun = _runs(dunnock, ours)
    assert begun > 0
    forget_that_it_is_done(dunnock, stage, change.id)
    while second_acts.go_on(dunnock, ours):
        pass
    assert _runs(dunnock, ours) == begun


def _runs(dunnock: App, organisation_id: str) -> int:
    with dunnock.database.read(organisation_id) as session:
        return session.query(BulkRun).filter_by(organisation_id=organisation_id).count()


def test_what_cannot_be_done_any_more_says_so_and_is_not_tried_for_ever(
    owner: Member, second: Member, switched_on: None, stage: Cast, dunnock: App, eyes: str, moved: Path
) -> None:
    change_the_text(owner, stage, "First wish")
    change_the_text(owner, stage, "Second wish")
    first, other = asked_for(dunnock, stage)
    second.press(f"{eyes}/{first.id}/agree")
    said_yes_and_died(dunnock, stage, other.id)
    moved.write_text("120")
    while second_acts.go_on(dunnock, stage.organisation_id):
        pass
    assert "Somebody has changed this text" in second.words(eyes)
    assert second_eyes.due(dunnock) == []
