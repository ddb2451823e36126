"""The worklist of calls, and the form in which a call is written down."""

from __future__ import annotations

import re
from datetime import timedelta

from kit import clock
from services.app import App
from store.models import Communication, TeamTask
from tests.support.cast import Cast
from tests.support.visitor import Member


def communications(dunnock: App, stage: Cast, contact_id: str) -> list[Communication]:
    with dunnock.database.read(stage.organisation_id) as session:
        found = session.query(Communication).filter_by(channel="call", contact_id=contact_id)
        return list(found.order_by(Communication.created_at))


def to_call(owner: Member, stage: Cast) -> list[str]:
    """The ids of the customers on the worklist, in its order."""
    return re.findall(r'<h2.*contacts/([0-9a-f]{32})"', owner.get(f"{stage.home}/calls").text)


def test_the_worklist_says_whom_to_call_and_why_in_this_order(owner: Member, stage: Cast) -> None:
    page = owner.get(f"{stage.home}/calls")
    assert page.status_code == 200
    assert "Quill Stationers" in page.text and "overdue, the oldest part for" in page.text
    assert "No number in Xero" in page.text and "money × age × chance" in page.text
    form = owner.get(f"{stage.home}/contacts/{to_call(owner, stage)[0]}/calls?back=calls")
    assert "What to say" in form.text and "End of the month" in form.text
    assert owner.get(f"{stage.home}/calls?page=x").status_code == 400


def test_a_call_is_written_down_from_the_customers_page(dunnock: App, owner: Member, stage: Cast) -> None:
    form = owner.get(f"{stage.home}/contacts/{stage.contact_id}/calls")
    assert form.status_code == 200
    answer = owner.press(
        f"{stage.home}/contacts/{stage.contact_id}/calls",
        outcome="asked",
        person="Robin",
        text="Looks into it.",
        invoice=stage.invoice_id,
    )
    assert answer.status_code == 302
    (entry,) = communications(dunnock, stage, stage.contact_id)
    assert (entry.subject, entry.to, entry.body_text) == (
        "Wants to look into it",
        ["Robin"],
        "Looks into it.",
    )


def test_a_form_that_is_sent_twice_is_one_call(dunnock: App, owner: Member, stage: Cast) -> None:
    address = f"{stage.home}/contacts/{stage.contact_id}/calls"
    link = re.search(
        r"/calls\?once=([0-9a-f]{32})", owner.get(f"{stage.home}/contacts/{stage.contact_id}").text
    )
    assert link is not None
    found = re.search(r'name="once" value="([0-9a-f]{32})"', owner.get(address + link[0][6:]).text)
    assert found is not None and found[1] == link[1]
    said = {"outcome": "asked", "text": "Looks into it.", "once": found[1]}
    assert [owner.press(address, **said).status_code for _ in range(2)] == [302, 302]
    assert len(communications(dunnock, stage, stage.contact_id)) == 1
    owner.press(address, **said | {"text": "Looks into it tomorrow."})
    assert len(communications(dunnock, stage, stage.contact_id)) == 2


def test_what_was_typed_is_shown_again_when_something_is_missing(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    page = owner.press(
        f"{stage.home}/contacts/{stage.contact_id}/calls", outcome="promise", text="Next week, she said."
    )
    assert page.status_code == 422
    assert "Give the day" in page.text and "Next week, she said." in page.text
    assert communications(dunnock, stage, stage.contact_id) == []


def test_a_chosen_day_is_a_promise_and_the_next_call_waits_for_its_day(
    dunnock: App, owner: Member, stage: Cast
) -> None:
    first = to_call(owner, stage)[0]
    day = (clock.now() + timedelta(days=7)).date().isoformat()
    answer = owner.press(
        f"{stage.home}/contacts/{first}/calls",
        outcome="nobody",
        promised_on_likely=day,
        again_on_likely=day,
        back="calls",
    )
    assert answer.headers["Location"].endswith("/calls")
    assert first not in to_call(owner, stage)
    with dunnock.database.read(stage.organisation_id) as session:
        (task,) = session.query(TeamTask).filter_by(kind="call")
        assert (task.due_on.isoformat(), task.contact_id) == (day, first)
    (entry,) = communications(dunnock, stage, first)
    assert entry.reached is False
    assert entry.body_text is not None and "again" in entry.body_text and "Promised" not in entry.body_text


def test_a_call_made_after_all_ends_the_waiting_for_its_day(dunnock: App, owner: Member, stage: Cast) -> None:
    path = f"{stage.home}/contacts/{stage.contact_id}/calls"
    later = (clock.now() + timedelta(days=7)).date().isoformat()
    owner.press(path, outcome="nobody", again_on=later)
    owner.press(path, outcome="asked", text="Rang back herself.")
    with dunnock.database.read(stage.organisation_id) as session:
        assert [one.finished_at is None for one in session.query(TeamTask).filter_by(kind="call")] == [False]
    past = (clock.now() - timedelta(days=2)).date().isoformat()
    again = owner.press(path, outcome="nobody", again_on=past, text="Kept when it is refused.")
    assert again.status_code == 422 and "over already" in again.text and "Kept when it is" in again.text
