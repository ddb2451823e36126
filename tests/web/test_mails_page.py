"""The mails of the queue, as somebody without script acts on them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from kit import clock
from services import notices, plan
from services.app import App
from services.outlook import outlook
from services.outlook_shapes import Leaving
from store.models import Communication, EditedText, Foresight, Hold, Organisation, Schedule
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor, words


def mails(dunnock: App, stage: Cast) -> list[Leaving]:
    return [mail for day in outlook(dunnock, stage.organisation_id).days for mail in day.leaving]


@pytest.fixture
def planned(dunnock: App, stage: Cast) -> Cast:
    """A dry run, with chasers planned."""
    with dunnock.database.write(stage.organisation_id) as session:
        session.get_one(Organisation, stage.organisation_id).chasing = "dry_run"
    plan.plan(dunnock, stage.organisation_id, everything=True)
    return stage


def stored(dunnock: App, stage: Cast) -> Leaving:
    return next(one for one in mails(dunnock, stage) if one.communication_id)


def row(dunnock: App, stage: Cast, mail: Leaving) -> Communication:
    with dunnock.database.read(stage.organisation_id) as session:
        return session.get_one(Communication, (stage.organisation_id, mail.communication_id))


def test_whoever_was_at_rest_a_moment_ago_and_is_written_to_now_does_not_break_the_queue(
    owner: Member, planned: Cast, dunnock: App
) -> None:
    assert owner.get(f"{planned.home}/queue").status_code == 200
    with dunnock.database.write(planned.organisation_id) as session:
        session.execute(update(Foresight).values(rank=0))
    page = owner.words(f"{planned.home}/queue")
    assert "Rook Lane Dental" in page


def test_each_row_of_the_queue_can_be_ticked_and_read(owner: Member, planned: Cast, dunnock: App) -> None:
    page = owner.get(f"{planned.home}/queue").text
    for mail in mails(dunnock, planned):
        assert f'name="key" value="{mail.key}"' in page
        assert owner.get(f"{planned.home}/queue/mails/{mail.key}").status_code == 200


def test_somebody_who_may_only_look_is_shown_no_buttons(visitor: Visitor, planned: Cast) -> None:
    page = visitor.signed_in_as(planned.colleague_id).get(f"{planned.home}/queue").text
    assert 'name="key"' not in page
    assert "Send now" not in page


def test_the_ticked_mails_are_skipped_and_the_others_stay(owner: Member, planned: Cast, dunnock: App) -> None:
    first, second, *_ = [one for one in mails(dunnock, planned) if one.communication_id]
    answer = owner.press(
        f"{planned.home}/queue/mails", do="skip", key=[first.key, second.key], reason="They have rung"
    )
    assert answer.status_code == 302
    assert "2 mails: It is left out" in owner.words(f"{planned.home}/queue")
    for mail in (first, second):
        assert row(dunnock, planned, mail).reason == "Left out by Anna Hale: They have rung"


def test_all_that_are_shown_of_a_day_can_be_chosen_at_once(
    owner: Member, planned: Cast, dunnock: App
) -> None:
    day = outlook(dunnock, planned.organisation_id).days[0]
    keys = [mail.key for mail in day.leaving]
    until = (clock.now() + timedelta(days=3)).date().isoformat()
    owner.press(f"{planned.home}/queue/mails", do="hold", all="1", shown=keys, reason="Year end", until=until)
    with dunnock.database.read(planned.organisation_id) as session:
        held = {one.contact_id for one in session.scalars(select(Hold).where(Hold.reason == "Year end"))}
    assert held == {mail.contact_id for mail in day.leaving}


def test_a_missing_reason_is_asked_for_and_nothing_that_was_chosen_is_lost(
    owner: Member, planned: Cast, dunnock: App
) -> None:
    mail = stored(dunnock, planned)
    answer = owner.press(f"{planned.home}/queue/mails", do="hold", key=mail.key, until="2099-01-31")
    assert answer.status_code == 422
    assert "Say why" in words(answer)
    assert f'value="{mail.key}"' in answer.text
    assert 'value="2099-01-31"' in answer.text


def test_send_now_asks_once_more_outside_the_hours_and_not_inside(
    owner: Member, planned: Cast, dunnock: App
) -> None:
    mail = stored(dunnock, planned)
    answer = owner.press(f"{planned.home}/queue/mails", one=f"send_now {mail.key}")
    if answer.status_code == 200:
        assert "outside the hours in which mails leave" in words(answer)
        answer = owner.press(f"{planned.home}/queue/mails", do="send_now", key=mail.key, outside_hours="1")
    assert answer.status_code == 302
    assert row(dunnock, planned, mail).at_once_by == "Anna Hale"


def test_pressing_enter_or_choosing_nothing_does_nothing(owner: Member, planned: Cast, dunnock: App) -> None:
    mail = stored(dunnock, planned)
    owner.press(f"{planned.home}/queue/mails", do="", key=mail.key)
    owner.press(f"{planned.home}/queue/mails", do="skip", reason="They have rung")
    assert "Tick at least one mail first" in owner.words(f"{planned.home}/queue")
    assert row(dunnock, planned, mail).status == "planned"


def test_the_text_of_one_mail_is_changed_and_put_back(owner: Member, planned: Cast, dunnock: App) -> None:
    mail = stored(dunnock, planned)
    here = f"{planned.home}/queue/mails/{mail.communication_id}"
    shown = owner.get(here).text
    begun = re.search(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', shown, re.DOTALL)
    assert begun

    wrong = owner.press(f"{here}/text", subject="Hello", text="Hello {{ nobody }}", do="save")
    assert wrong.status_code == 422
    assert "Hello {{ nobody }}" in wrong.text

    assert owner.press(f"{here}/text", subject="Hello", text="A word from me.", do="save").status_code == 302
    assert "A word from me." in owner.words(here)
    owner.press(f"{here}/text", do="template")
    assert "A word from me." not in owner.words(here)
    with dunnock.database.read(planned.organisation_id) as session:
        assert session.scalars(select(EditedText)).all() == []


def test_a_mail_that_has_gone_is_nowhere(owner: Member, planned: Cast) -> None:
    assert owner.get(f"{planned.home}/queue/mails/{'0' * 32}").status_code == 404
    assert owner.get(f"{planned.home}/queue/mails/nonsense").status_code == 404


def test_approval_is_chosen_in_the_settings(owner: Member, planned: Cast, dunnock: App) -> None:
    answer = owner.press(f"{planned.home}/settings/approval", approval="every_message")
    assert answer.status_code == 302
    assert planned.organisation(dunnock.database).approval == "every_message"
    assert owner.press(f"{planned.home}/settings/approval", approval="perhaps").status_code == 422


def test_a_schedule_is_paused_with_a_reason_and_resumed(owner: Member, planned: Cast, dunnock: App) -> None:
    with dunnock.database.read(planned.organisation_id) as session:
        standard = session.scalars(
            select(Schedule).where(Schedule.organisation_id == planned.organisation_id, Schedule.is_default)
        ).one()
    here = f"{planned.home}/schedules"
    owner.press(f"{here}/{standard.id}/pause", reason=" ")
    assert "Say why" in owner.words(here)
    owner.press(f"{here}/{standard.id}/pause", reason="The office moves")
    assert "Paused. The office moves" in owner.words(here)
    plan.plan(dunnock, planned.organisation_id)
    assert mails(dunnock, planned) == []
    owner.press(f"{here}/{standard.id}/resume")
    assert "Paused." not in owner.words(here)


def test_each_member_chooses_what_to_be_told_in_the_evening(owner: Member, stage: Cast, dunnock: App) -> None:
    def told() -> bool:
        with dunnock.database.read(stage.organisation_id) as session:
            return notices.wants_evenings(session, stage.organisation_id, stage.owner_id)

    assert not told()
    assert owner.press(f"{stage.home}/settings/notices", evening_notice="1").status_code == 302
    assert told()
    owner.press(f"{stage.home}/settings/notices")
    assert not told()


def test_what_has_left_today_and_what_was_not_sent_stand_below_the_queue(
    owner: Member, planned: Cast, dunnock: App
) -> None:
    first, second, *_ = [one for one in mails(dunnock, planned) if one.communication_id]
    now = clock.now()
    with dunnock.database.write(planned.organisation_id) as session:
        left = session.get_one(Communication, (planned.organisation_id, first.communication_id))
        left.status, left.sent_at = "delivered", now
        stopped = session.get_one(Communication, (planned.organisation_id, second.communication_id))
        stopped.status, stopped.planned_for, stopped.checked_at = "cancelled", now, now
        stopped.reason = "The ledger has this invoice as PAID; only AUTHORISED ones are chased."
    page = owner.words(f"{planned.home}/queue")
    ended = page[page.index("Today so far") :]
    not_sent, _, sent = ended.partition("Left today")
    assert second.contact_name in not_sent and "as PAID" in not_sent and "Looked up in Xero at" in not_sent
    assert first.contact_name in sent and "Delivered" in sent
    # Their old addresses in the queue, as in a bookmark, lead to what became of them.
    gone = owner.client.get(f"{planned.home}/queue/mails/{second.key}", follow_redirects=True, buffered=True)
    assert "It was checked once more" in words(gone) and "said that it should leave" not in words(gone)
    delivered = owner.get(f"{planned.home}/queue/mails/{first.key}").location
    assert delivered == f"{planned.home}/messages/{first.communication_id}"


def undo_of(page: str) -> tuple[str, dict[str, str]]:
    """The address and the fields of the button that takes back what was just done."""
    form = re.search(r'<form method="post" action="([^"]+/mails/take-back)">(.*?)</form>', page, re.DOTALL)
    assert form
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', form[2])
    return form[1], {name: value for name, value in fields if name != "csrf_token"}


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    ("do", "typed"), [("skip", {"reason": "They have rung"}), ("hold", {"reason": "In talks"})]
)
def test_what_was_done_with_mails_is_taken_back_and_they_are_as_before(
    owner: Member, planned: Cast, dunnock: App, do: str, typed: dict[str, str], count: int
) -> None:
    before = {(one.contact_id, one.on, one.step_name, one.mark) for one in mails(dunnock, planned)}
    chosen = [one for one in mails(dunnock, planned) if one.communication_id][:count]
    owner.press(f"{planned.home}/queue/mails", do=do, key=[one.key for one in chosen], **typed)
    address, fields = undo_of(owner.get(f"{planned.home}/queue").text)
    plan.plan(dunnock, planned.organisation_id)
    assert {(one.contact_id, one.on, one.step_name, one.mark) for one in mails(dunnock, planned)} != before
    owner.press(address, **fields)
    plan.plan(dunnock, planned.organisation_id)
    assert {(one.contact_id, one.on, one.step_name, one.mark) for one in mails(dunnock, planned)} == before
    assert {row(dunnock, planned, one).status for one in chosen} == {"planned"}
    owner.press(address, **fields)
    again = owner.words(f"{planned.home}/queue")
    assert "not left out any more" in again or "no such hold in force" in again


def test_a_mail_that_was_only_foreseen_comes_back_and_the_ledger_is_told(
    owner: Member, planned: Cast, dunnock: App
) -> None:
    mail = next(one for one in mails(dunnock, planned) if not one.communication_id)
    owner.press(f"{planned.home}/queue/mails", do="skip", key=mail.key, reason="They have rung")
    address, fields = undo_of(owner.get(f"{planned.home}/queue").text)
    assert mail.key not in {one.key for one in mails(dunnock, planned)}
    owner.press(address, **fields)
    assert mail.key in {one.key for one in mails(dunnock, planned)}
    with dunnock.database.read(planned.organisation_id) as session:
        told = session.scalars(
            select(Communication).where(Communication.subject.contains("taken back"))
        ).one()
    assert told.contact_id == mail.contact_id


def test_nothing_is_offered_back_where_a_text_of_ones_own_is_gone_with_it(
    owner: Member, planned: Cast, dunnock: App
) -> None:
    mail = stored(dunnock, planned)
    here = f"{planned.home}/queue/mails/{mail.communication_id}"
    owner.press(f"{here}/text", subject="Hello", text="A word from me.", do="save")
    owner.press(f"{planned.home}/queue/mails", do="skip", key=mail.communication_id, reason="They have rung")
    assert "take-back" not in owner.get(f"{planned.home}/queue").text


def test_nothing_strange_is_taken_back(owner: Member, visitor: Visitor, planned: Cast) -> None:
    address = f"{planned.home}/queue/mails/take-back"
    for undos in ("", "skip-" + "0" * 32, "hold-x", "nonsense", "yes-" + "0" * 32):
        assert owner.press(address, undos=undos).status_code == 302
    assert "cannot be taken back" in owner.words(f"{planned.home}/queue")
    assert visitor.signed_in_as(planned.colleague_id).press(address, undos="x").status_code == 403
