"""Chasing for many clients in one go: each by itself, with a shared set, local changes that stand, and a way back."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from kit import clock
from services import practice_runs, practice_switching, templates
from services.app import App
from services.compose import TemplateText
from services.templates import Draft
from store.models import (
    Communication,
    Contact,
    Organisation,
    PracticeClient,
    Schedule,
    ScheduleVersion,
    Template,
    TemplateVersion,
)
from store.queries import templates as template_queries
from tests.support import practice_cast
from tests.support.cast import Cast
from tests.support.practice_cast import PracticeCast
from tests.support.visitor import Member, Visitor, words


@pytest.fixture
def firm(dunnock: App, stage: Cast) -> PracticeCast:
    return practice_cast.fill(dunnock.database, stage)


@pytest.fixture
def admin(visitor: Visitor, firm: PracticeCast) -> Member:
    return visitor.signed_in_as(firm.admin_id)


def a_set(admin: Member, firm: PracticeCast, **fields: object) -> str:
    made = admin.press(f"{firm.home}/sets", **{"name": "House style", "source": "preset:Firm", **fields})
    assert made.status_code == 302, words(made)
    return made.location.rsplit("/", 1)[1]


def work_off(app: App, *organisation_ids: str) -> None:
    for organisation_id in organisation_ids:
        while practice_switching.work(app, organisation_id):
            pass


def begin(admin: Member, firm: PracticeCast, to: str, set_id: str = "", **fields: object) -> str:
    ids = fields.pop("client", [firm.client_id, firm.second_id])
    answer = admin.press(f"{firm.home}/enable", to=to, set=set_id, client=ids, **fields)
    assert answer.status_code == 302, words(answer)
    return answer.location


def chasing(app: App, organisation_id: str) -> str:
    with app.database.read(organisation_id) as session:
        return session.get_one(Organisation, organisation_id).chasing


def default_schedule(app: App, organisation_id: str) -> tuple[str, int]:
    """Its name, and how many versions it has."""
    with app.database.read(organisation_id) as session:
        row = session.scalars(
            select(Schedule).where(Schedule.organisation_id == organisation_id, Schedule.is_default)
        ).one()
        versions = session.scalars(
            select(ScheduleVersion.number).where(
                ScheduleVersion.organisation_id == organisation_id, ScheduleVersion.schedule_id == row.id
            )
        ).all()
    return row.name, len(versions)


def text_of(app: App, organisation_id: str, key: str) -> str:
    with app.database.read(organisation_id) as session:
        return session.scalars(
            select(TemplateVersion.body)
            .join(
                Template,
                (Template.organisation_id == TemplateVersion.organisation_id)
                & (Template.id == TemplateVersion.template_id),
            )
            .where(
                Template.organisation_id == organisation_id,
                Template.key == key,
                TemplateVersion.language == "en",
            )
            .order_by(TemplateVersion.number.desc())
        ).all()[0]


def change_text(app: App, organisation_id: str, key: str, body: str) -> None:
    with app.database.write(organisation_id) as session:
        found = next(one for one in template_queries.templates(session, organisation_id) if one.key == key)
        text = TemplateText("A reminder", body, found.kind)
        draft = Draft(found.name, "en", text, found.starts_conversation)
        templates.change(session, organisation_id, found, draft, clock.now())


OURS = "Hello,\n\n{{ invoice_table }}\n\nplease pay. {{ signature }}\n"


def test_clients_go_into_a_dry_run_together_with_the_shared_schedule(
    dunnock: App, admin: Member, firm: PracticeCast
) -> None:
    set_id = a_set(admin, firm)
    looked = admin.words(f"{firm.home}/enable?to=dry_run&set={set_id}")
    assert "2 of 2 clients ready" in looked
    assert "Gets “House style” and plans in a dry run" in looked
    page = begin(admin, firm, "dry_run", set_id)
    assert "0 of 2 clients done with" in admin.words(page)
    work_off(dunnock, firm.client_id, firm.second_id)
    assert "2 of 2 clients done" in admin.words(page)
    for theirs in (firm.client_id, firm.second_id):
        assert chasing(dunnock, theirs) == "dry_run"
        assert default_schedule(dunnock, theirs)[0] == "House style"
    assert chasing(dunnock, firm.ended_id) == "off"


def test_nobody_is_ticked_before_a_person_ticks(admin: Member, firm: PracticeCast) -> None:
    assert _ticked(admin.get(f"{firm.home}/enable").text) == [False] * 2
    assert _ticked(admin.get(f"{firm.home}/enable?tick=all").text) == [True] * 2


def _ticked(page: str) -> list[bool]:
    """Whether each client that is ready is ticked."""
    boxes = re.findall(r'<input[^>]*name="client"[^>]*>', page)
    return [" checked" in one for one in boxes if " disabled" not in one]


def test_who_did_it_stands_at_each_client(dunnock: App, admin: Member, firm: PracticeCast) -> None:
    begin(admin, firm, "dry_run")
    work_off(dunnock, firm.client_id)
    with dunnock.database.read(firm.client_id) as session:
        by = session.get_one(Organisation, firm.client_id).chasing_changed_by
    assert by == "Adele Admin (Ledger & Co)"


def test_a_client_that_is_not_ready_says_what_is_missing_and_stays_as_it_is(
    dunnock: App, admin: Member, firm: PracticeCast
) -> None:
    with dunnock.database.write(firm.second_id) as session:
        session.get_one(Organisation, firm.second_id).imported_at = None
    assert "still being read for the first time" in admin.words(f"{firm.home}/enable")
    page = begin(admin, firm, "dry_run")
    work_off(dunnock, firm.client_id, firm.second_id)
    assert chasing(dunnock, firm.client_id) == "dry_run"
    assert chasing(dunnock, firm.second_id) == "off"
    assert "1 of 2 clients done, 1 not" in admin.words(page)


def test_live_needs_a_dry_run_before_it(dunnock: App, admin: Member, firm: PracticeCast) -> None:
    assert "Set it to a dry run first" in admin.words(f"{firm.home}/enable?to=live")
    begin(admin, firm, "live")
    work_off(dunnock, firm.client_id)
    assert chasing(dunnock, firm.client_id) == "off"


def test_a_plan_that_has_changed_since_is_not_said_yes_to(
    dunnock: App, admin: Member, firm: PracticeCast
) -> None:
    begin(admin, firm, "dry_run", client=[firm.second_id])
    work_off(dunnock, firm.second_id)
    page = begin(admin, firm, "live", client=[firm.second_id], **{f"seen-{firm.second_id}": "7"})
    work_off(dunnock, firm.second_id)
    assert "Its plan has changed since you looked: 7 messages then, 0 now" in admin.words(page)
    assert chasing(dunnock, firm.second_id) == "dry_run"


def test_a_consent_that_ended_meanwhile_stops_it(dunnock: App, admin: Member, firm: PracticeCast) -> None:
    begin(admin, firm, "dry_run", client=[firm.second_id])
    with dunnock.database.write(firm.second_id) as session:
        session.scalars(
            select(PracticeClient).where(PracticeClient.organisation_id == firm.second_id)
        ).one().ended_at = clock.now()
    work_off(dunnock, firm.second_id)
    assert chasing(dunnock, firm.second_id) == "off"


def test_nobody_elses_client_can_be_switched(dunnock: App, admin: Member, firm: PracticeCast) -> None:
    refused = admin.press(f"{firm.home}/enable", to="dry_run", client=[firm.ended_id])
    assert refused.status_code == 422
    assert not list(practice_runs.due(dunnock))


def test_done_a_second_time_it_changes_nothing_more(dunnock: App, admin: Member, firm: PracticeCast) -> None:
    set_id = a_set(admin, firm, source=f"client:{firm.second_id}")
    for _ in range(2):
        begin(admin, firm, "dry_run", set_id, client=[firm.client_id])
        work_off(dunnock, firm.client_id)
    assert default_schedule(dunnock, firm.client_id) == ("House style", 1)


def test_it_is_undone_to_how_each_client_stood(dunnock: App, admin: Member, firm: PracticeCast) -> None:
    change_text(dunnock, firm.second_id, "first_reminder", OURS)
    before = text_of(dunnock, firm.client_id, "first_reminder")
    set_id = a_set(
        admin, firm, source=f"client:{firm.second_id}", hours="set", opens="10:00", closes="12:00", day="1"
    )
    page = begin(admin, firm, "dry_run", set_id, client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    assert text_of(dunnock, firm.client_id, "first_reminder") == OURS
    admin.press(f"{page}/undo")
    work_off(dunnock, firm.client_id)
    assert "1 put back" in admin.words(page)
    assert chasing(dunnock, firm.client_id) == "off"
    assert default_schedule(dunnock, firm.client_id)[0] == "Standard"
    assert text_of(dunnock, firm.client_id, "first_reminder") == before
    with dunnock.database.read(firm.client_id) as session:
        assert session.get_one(Organisation, firm.client_id).sending_days == [0, 1, 2, 3, 4]


def test_once_something_has_left_it_cannot_be_undone(dunnock: App, admin: Member, firm: PracticeCast) -> None:
    page = begin(admin, firm, "dry_run", client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    with dunnock.database.write(firm.client_id) as session:
        mail = session.scalars(
            select(Communication).where(Communication.organisation_id == firm.client_id).limit(1)
        ).one()
        mail.handed_over_at = clock.now()
    admin.press(f"{page}/undo")
    work_off(dunnock, firm.client_id)
    assert "have left since, so it stays" in admin.words(page)
    assert chasing(dunnock, firm.client_id) == "dry_run"


def test_a_clients_own_change_stands_when_the_set_changes_and_can_be_given_back(
    dunnock: App, admin: Member, firm: PracticeCast
) -> None:
    model, theirs = firm.second_id, firm.client_id
    set_id = a_set(admin, firm, source=f"client:{model}")
    begin(admin, firm, "dry_run", set_id, client=[theirs])
    work_off(dunnock, theirs)
    own = OURS.replace("please pay", "kindly pay")
    change_text(dunnock, theirs, "first_reminder", own)
    change_text(dunnock, model, "first_reminder", OURS)
    change_text(dunnock, model, "second_reminder", OURS)
    admin.press(f"{firm.home}/sets/{set_id}/renew", source=f"client:{model}")
    looked = admin.words(f"{firm.home}/enable?to=as_is&set={set_id}")
    assert "Own text “first reminder” (en) stands" in looked
    begin(admin, firm, "as_is", set_id, client=[theirs])
    work_off(dunnock, theirs)
    assert text_of(dunnock, theirs, "first_reminder") == own
    assert text_of(dunnock, theirs, "second_reminder") == OURS
    assert "Own text “first reminder” (en)" in admin.words(f"{firm.home}/sets/{set_id}")
    admin.press(f"{firm.home}/sets/{set_id}/clients/{theirs}/give-back")
    assert text_of(dunnock, theirs, "first_reminder") == OURS
    assert "Own text" not in admin.words(f"{firm.home}/sets/{set_id}")


def test_a_changed_schedule_reaches_clients_as_a_new_version(
    dunnock: App, admin: Member, firm: PracticeCast
) -> None:
    """Invoices under way keep the version on which they are, as after any change of a schedule."""
    set_id = a_set(admin, firm, source="preset:Firm")
    begin(admin, firm, "dry_run", set_id, client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    admin.press(f"{firm.home}/sets/{set_id}/renew", source="preset:Gentle")
    begin(admin, firm, "as_is", set_id, client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    assert default_schedule(dunnock, firm.client_id) == ("House style", 2)


def test_a_schedule_that_the_client_chose_itself_stands(
    dunnock: App, admin: Member, firm: PracticeCast
) -> None:
    with dunnock.database.write(firm.client_id) as session:
        rows = session.scalars(select(Schedule).where(Schedule.organisation_id == firm.client_id))
        for row in rows:
            row.is_default = row.name == "Gentle"
        session.flush()
        gentle = session.scalars(
            select(Schedule).where(Schedule.organisation_id == firm.client_id, Schedule.is_default)
        ).one()
        version = session.scalars(
            select(ScheduleVersion).where(
                ScheduleVersion.organisation_id == firm.client_id, ScheduleVersion.schedule_id == gentle.id
            )
        ).one()
        version.number = 2  # somebody has changed it
    set_id = a_set(admin, firm)
    assert "Own schedule “Gentle” stands" in admin.words(f"{firm.home}/enable?set={set_id}")
    begin(admin, firm, "dry_run", set_id, client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    assert default_schedule(dunnock, firm.client_id)[0] == "Gentle"


def test_what_waits_is_found_again_without_a_bell(dunnock: App, admin: Member, firm: PracticeCast) -> None:
    begin(admin, firm, "dry_run")
    assert sorted(practice_runs.due(dunnock)) == sorted([firm.client_id, firm.second_id])
    work_off(dunnock, firm.client_id, firm.second_id)
    assert not practice_runs.due(dunnock)


def test_a_set_needs_a_name_a_source_and_sound_hours(admin: Member, firm: PracticeCast) -> None:
    for fields in (
        {"name": "", "source": "preset:Firm"},
        {"name": "House style", "source": "preset:Fierce"},
        {"name": "House style", "source": f"client:{firm.ended_id}"},
        {"name": "House style", "source": "preset:Firm", "hours": "set", "opens": "12:00", "closes": "10:00"},
        {"name": "House style", "source": "preset:Firm", "hours": "set", "opens": "x", "closes": "y"},
    ):
        answer = admin.press(f"{firm.home}/sets", **{"day": "0", **fields})
        assert answer.status_code == 422
        assert not re.search("House style</a>", answer.text)


def test_customers_of_all_clients_are_looked_at_anew(dunnock: App, admin: Member, firm: PracticeCast) -> None:
    begin(admin, firm, "dry_run", a_set(admin, firm), client=[firm.client_id])
    work_off(dunnock, firm.client_id)
    with dunnock.database.read(firm.client_id) as session:
        planned = session.scalars(
            select(Communication).where(
                Communication.organisation_id == firm.client_id, Communication.status.in_(("planned", "held"))
            )
        ).all()
        names = set(
            session.scalars(select(Contact.name).where(Contact.id.in_({one.contact_id for one in planned})))
        )
    assert names
