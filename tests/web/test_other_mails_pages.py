"""The pages of mails beside reminders: switches, the run of statements, campaigns."""

from __future__ import annotations

import re
from datetime import timedelta

from credit_control.occasions import OccasionKind
from kit import clock
from kit.ids import new_id
from services.app import App
from store.models import Communication, Contact
from store.queries import occasions
from store.queries import templates as template_queries
from tests.support.cast import Cast
from tests.support.visitor import Member, words


def test_a_mail_is_switched_on_and_off_where_its_text_can_be_seen(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/other-mails"
    assert f'href="{page}"' in owner.get(f"{stage.home}/settings").text
    assert "Monthly statements Off" in owner.words(page)
    owner.press(f"{page}/statement", on="yes")
    with dunnock.database.read(stage.organisation_id) as session:
        assert set(occasions.switched_on(session, stage.organisation_id)) == {OccasionKind.STATEMENT}
    assert "Monthly statements On" in owner.words(page)
    assert "Statements leave on" in owner.words(f"{stage.home}/queue")
    owner.press(f"{page}/statement", on="no")
    assert "Monthly statements Off" in owner.words(page)
    owner.press(f"{page}/nonsense", on="yes")
    assert "is none of them" in owner.words(page)


def test_the_text_of_order_confirmations_can_be_seen_before_they_are_switched_on(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    page = f"{stage.home}/other-mails"
    assert "Order confirmations Off" in owner.words(page)
    with dunnock.database.read(stage.organisation_id) as session:
        (text,) = [
            one
            for one in template_queries.templates(session, stage.organisation_id)
            if one.key == "confirmation"
        ]
    shown = owner.words(f"{stage.home}/templates/{text.id}")
    assert "This confirms our quote QU-0042" in shown and "Half on order" in shown
    assert "shown on a made-up one" in shown
    owner.press(f"{page}/confirmation", on="yes")
    assert "Order confirmations On" in owner.words(page)


def test_the_run_of_statements_can_be_looked_at_before_it_is_switched_on(owner: Member, stage: Cast) -> None:
    page = owner.get(f"{stage.home}/other-mails/statements").text
    assert "Statements on" in page
    file = owner.get(f"{stage.home}/other-mails/statements/{stage.contact_id}.pdf")
    assert file.mimetype == "application/pdf" and file.data.startswith(b"%PDF")


def test_a_campaign_is_seen_before_it_starts_and_stopped_after(owner: Member, stage: Cast) -> None:
    page = f"{stage.home}/campaigns"
    assert "Museums" in owner.words(page)
    assert "New campaign" in owner.words(f"{page}/new")
    form = {"campaign_name": "Spring", "template": "campaign"}
    seen = owner.press(f"{page}/new", do="show:1", **form)
    assert seen.status_code == 200
    found = re.search(r'name="seen" value="(\w+)"', seen.text)
    assert found, words(seen)
    assert "still on my list" in seen.text
    stale = owner.press(f"{page}/new", do="start", seen="another", **form)
    assert stale.status_code == 422 and "The list has changed" in words(stale)
    started = owner.press(f"{page}/new", do="start", seen=found[1], **form)
    assert started.status_code == 302
    shown = started.headers["Location"]
    assert "0 mails sent" in owner.words(shown)
    owner.press(f"{shown}/stop")
    assert "Go on" in owner.words(shown)
    owner.press(f"{shown}/resume")
    assert "Spring" in owner.words(page)


def test_a_condition_that_means_nothing_is_pointed_out_and_kept(owner: Member, stage: Cast) -> None:
    answer = owner.press(
        f"{stage.home}/campaigns/new",
        do="show:1",
        campaign_name="Spring",
        template="campaign",
        row="0",
        **{"field-0": "days_overdue", "at_least-0": "many"},
    )
    assert answer.status_code == 422 and 'value="many"' in answer.text and 'value="Spring"' in answer.text


def test_a_mail_beside_reminders_stands_in_the_queue_and_can_be_left_out_there(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    mail_id = statement_planned(dunnock, stage.organisation_id, stage.contact_id)
    queue = owner.get(f"{stage.home}/queue")
    assert "1 mail beside reminders" in words(queue) and "Statement beside reminders" in words(queue)
    key = re.search(rf'name="key" value="({mail_id}\.\w+)"', queue.text)
    assert key
    assert "Leave out the mail to" in owner.words(f"{stage.home}/other-mails")
    form = {"one": f"skip {key[1]}"}
    asked = owner.press(f"{stage.home}/queue/mails", **form)
    with dunnock.database.read(stage.organisation_id) as session:
        name = session.get_one(Contact, (stage.organisation_id, stage.contact_id)).name
    assert asked.status_code == 200 and f"Skip once: the mail to {name}" in words(asked)
    assert 'name="reason"' in asked.text and 'role="alert"' not in asked.text
    owner.press(f"{stage.home}/queue/mails", **form, reason="They have rung")
    assert "Statement beside reminders" not in owner.words(f"{stage.home}/queue")
    with dunnock.database.read(stage.organisation_id) as session:
        row = session.get_one(Communication, (stage.organisation_id, mail_id))
    assert row.status == "cancelled" and (row.reason or "").endswith("They have rung")


def statement_planned(app: App, organisation_id: str, contact_id: str) -> str:
    """A statement that leaves in an hour; its id."""
    now = clock.now()
    row = Communication(
        organisation_id=organisation_id,
        id=new_id(),
        direction="out",
        channel="email",
        kind=OccasionKind.STATEMENT,
        contact_id=contact_id,
        status="planned",
        step_name="Statement",
        to=["accounts@ashdown.example"],
        cc=[],
        reasons=[],
        planned_for=now + timedelta(hours=1),
        not_after=now + timedelta(hours=2),
        created_at=now,
        occasion={"month": "2026-12"},
    )
    with app.database.write(organisation_id) as session:
        session.add(row)
        return row.id
