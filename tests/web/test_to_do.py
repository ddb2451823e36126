"""The pages on which colleagues see what they have to do, write notes, and see what waits for the ledger."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from kit import clock
from kit.ids import derived_id
from services.app import App
from store.models import Communication, Hold, LedgerNote, TeamTask
from tests.support.cast import Cast
from tests.support.visitor import Member

TASK = derived_id("team task of the cast")


def tasks(dunnock: App, stage: Cast) -> list[TeamTask]:
    with dunnock.database.read(stage.organisation_id) as session:
        return list(session.scalars(select(TeamTask).order_by(TeamTask.due_on)))


def one(dunnock: App, stage: Cast, task_id: str = TASK) -> TeamTask:
    return next(task for task in tasks(dunnock, stage) if task.id == task_id)


def test_what_is_overdue_is_loud_on_the_list_in_the_navigation_and_on_the_customer(
    owner: Member, stage: Cast
) -> None:
    words = owner.words(f"{stage.home}/to-do")
    assert "1 day late" in words
    assert "Ask Robin Marsh for the order number" in words
    assert "Ask Robin Marsh for the order number" in owner.words(f"{stage.home}/contacts/{stage.contact_id}")
    assert 'title="due by today">1<' in owner.get(f"{stage.home}/queue").text


def test_a_task_is_put_off_handed_over_done_and_reopened(owner: Member, stage: Cast, dunnock: App) -> None:
    path = f"{stage.home}/to-do/{TASK}"
    day = clock.now().date() + timedelta(days=5)
    owner.press(f"{path}/put-off", due_on=day.isoformat(), reason="")
    assert "Say why it is put off" in owner.words(f"{stage.home}/to-do")
    owner.press(f"{path}/put-off", due_on=day.isoformat(), reason="He is on leave")
    owner.press(f"{path}/hand-over", owner=stage.colleague_id)
    task = one(dunnock, stage)
    assert (task.due_on, task.owner_id) == (day, stage.colleague_id)
    assert "You have nothing to do" in owner.words(f"{stage.home}/to-do")
    assert "Handed over to Ben Okafor" in owner.words(f"{stage.home}/to-do?whose=all")
    owner.press(f"{path}/finish")
    assert one(dunnock, stage).finished_by == "Anna Hale"
    owner.press(f"{path}/reopen")
    assert one(dunnock, stage).finished_at is None


def test_a_task_is_made_and_what_was_typed_stays_when_something_is_missing(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    answer = owner.press(f"{stage.home}/to-do", what="Ring the bank", due_on="yesterday")
    assert answer.status_code == 422
    assert 'value="Ring the bank"' in answer.text
    day = clock.now().date() + timedelta(days=1)
    owner.press(f"{stage.home}/to-do", what="Ring the bank", due_on=day.isoformat(), contact=stage.contact_id)
    assert {task.what for task in tasks(dunnock, stage)} >= {"Ring the bank"}


def test_a_note_with_a_mention_makes_a_task_and_can_keep_its_words_out_of_the_ledger(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}/notes"
    assert "Write a note" in owner.words(f"{page}?invoice={stage.invoice_id}")
    assert owner.press(page, text=" ").status_code == 422
    owner.press(page, text="@Ben their boss is ill", private="on", invoice=stage.invoice_id)
    assert "Ben Okafor has a task" in owner.words(f"{stage.home}/to-do")
    with dunnock.database.read(stage.organisation_id) as session:
        entry = session.scalars(select(Communication).where(Communication.body_text.contains("is ill"))).one()
        notes = session.scalars(select(LedgerNote).where(LedgerNote.communication_id == entry.id)).all()
    assert len(notes) == 2
    assert not any("is ill" in note.text for note in notes)
    assert [task.owner_id for task in tasks(dunnock, stage) if task.communication_id == entry.id] == [
        stage.colleague_id
    ]


def test_a_hold_says_who_looks_at_it_again_and_when(owner: Member, stage: Cast, dunnock: App) -> None:
    page = f"{stage.home}/contacts/{stage.contact_id}"
    day = clock.now().date() + timedelta(days=9)
    owner.press(f"{page}/holds", reason="They moved house.", look_on=day.isoformat())
    with dunnock.database.read(stage.organisation_id) as session:
        hold = session.scalars(select(Hold).where(Hold.reason == "They moved house.")).one()
    assert (hold.owner_id, hold.look_on) == (stage.owner_id, day)
    assert f"Anna Hale looks at it again on {day.day}" in owner.words(page)
    past = clock.now().date() - timedelta(days=9)
    assert owner.press(f"{page}/holds", reason="Late", look_on=past.isoformat()).status_code == 422


def test_what_the_ledger_refused_is_shown_with_its_reason_and_tried_again(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        note = session.get_one(LedgerNote, (stage.organisation_id, derived_id("note")))
        note.status, note.problem, note.written_at = "refused", "The contact is archived.", None
    assert "Xero refused 1 note" in owner.words(f"{stage.home}/to-do")
    page = f"{stage.home}/outbox"
    assert "The contact is archived." in owner.words(f"{page}?state=refused")
    owner.press(f"{page}/{derived_id('note')}/try-again")
    assert "written within a minute" in owner.words(page)
    assert owner.get(f"{page}?state=lost").status_code == 404


def test_a_rule_keeps_words_out_of_the_ledger(owner: Member, stage: Cast, dunnock: App) -> None:
    owner.press(f"{stage.home}/outbox/rule", kind="reply")
    assert stage.organisation(dunnock.database).notes_without_text == ["reply"]
    owner.press(f"{stage.home}/outbox/rule", kind="weather")
    assert "is none of them" in owner.words(f"{stage.home}/outbox")
    page = f"{stage.home}/contacts/{stage.contact_id}"
    owner.press(f"{page}/note-text", note_text="written")
    assert '<option value="written" selected>' in owner.get(page).text
