"""What was done for each client: counted for billing, and told to the client itself."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from kit import clock
from services.app import App
from store.models import Communication, PracticeClient
from tests.support import practice_cast
from tests.support.cast import Cast
from tests.support.practice_cast import PracticeCast
from tests.support.visitor import Member, Visitor


@pytest.fixture
def firm(dunnock: App, stage: Cast) -> PracticeCast:
    return practice_cast.fill(dunnock.database, stage)


@pytest.fixture
def admin(visitor: Visitor, firm: PracticeCast) -> Member:
    return visitor.signed_in_as(firm.admin_id)


def lines(text: str) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    return {row["Client"]: row for row in rows}


def a_note(member: Member, stage: Cast) -> None:
    answer = member.press(
        f"{stage.home}/contacts/{stage.contact_id}/notes", text="They pay by bank transfer from May on."
    )
    assert answer.status_code == 302, answer.status


def test_a_month_is_counted_for_each_client_with_its_service_level(
    admin: Member, firm: PracticeCast, stage: Cast, dunnock: App
) -> None:
    admin.press(f"{firm.home}/clients/{firm.client_id}/level", level="Full service")
    before = lines(admin.get(f"{firm.home}/usage.csv").text)
    now = clock.now()
    with dunnock.database.write(firm.client_id) as session:
        for number, channel in enumerate(("email", "email", "sms", "call", "note")):
            session.add(
                Communication(
                    organisation_id=firm.client_id,
                    id=f"{number}" * 32,
                    direction="out",
                    channel=channel,
                    kind=channel if channel in ("call", "note") else "chaser",
                    status="sent",
                    contact_id=stage.contact_id,
                    sent_at=now,
                    created_at=now,
                )
            )
    after = lines(admin.get(f"{firm.home}/usage.csv").text)
    theirs = after["Hedgerow Joinery"]
    was = before["Hedgerow Joinery"]
    assert theirs["Service level"] == "Full service"
    gained = {
        name: int(theirs[name]) - int(was[name])
        for name in ("E-mails", "Text messages", "Letters", "Calls logged", "Notes written")
    }
    assert gained == {
        "E-mails": 2,
        "Text messages": 1,
        "Letters": 0,
        "Calls logged": 1,
        "Notes written": 1,
    }
    assert after["Second Client Ltd"]["E-mails"] == "0"


def test_a_client_whose_consent_ended_in_the_month_is_billed_for_it(
    admin: Member, firm: PracticeCast
) -> None:
    rows = lines(admin.get(f"{firm.home}/usage.csv").text)
    assert rows["Ended Client Ltd"]["Ended"]
    assert "Strange Imports" not in rows


def test_before_the_consent_nothing_is_counted(admin: Member, firm: PracticeCast) -> None:
    assert lines(admin.get(f"{firm.home}/usage.csv?month=2020-01").text) == {}
    assert "No client in this month" in admin.words(f"{firm.home}/usage?month=2020-01")


def test_the_workbook_says_the_same(admin: Member, firm: PracticeCast) -> None:
    answer = admin.get(f"{firm.home}/usage.xlsx")
    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    names = {row[1] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert {"Hedgerow Joinery", "Second Client Ltd"} <= names


@pytest.mark.parametrize("month", ["x", "2026-13", "2026-1", "0001-01", "99999-01"])
def test_what_is_no_month_is_refused(month: str, admin: Member, firm: PracticeCast) -> None:
    assert admin.get(f"{firm.home}/usage?month={month}").status_code == 400


def test_the_client_reads_what_its_accountants_did_and_nothing_of_its_own(
    visitor: Visitor, firm: PracticeCast, stage: Cast
) -> None:
    owner, staff = visitor.signed_in_as(stage.owner_id), visitor.signed_in_as(firm.staff_id)
    holds = f"{stage.home}/contacts/{stage.contact_id}/holds"
    owner.press(holds, reason="Our own reason.", until="")
    assert "Nothing yet" in owner.words(f"{stage.home}/accountants/log")
    staff.press(holds, reason="They asked us to wait.", until="")
    told = owner.words(f"{stage.home}/accountants/log")
    assert "Stan Staff (Ledger & Co)" in told
    assert "a hold" in told
    assert told.count("added a hold") == 1  # her own is in the audit log alone
    taken = owner.get(f"{stage.home}/accountants/log.csv")
    assert "Stan Staff (Ledger & Co)" in taken.get_data(as_text=True)


def test_what_was_put_down_by_a_practice_is_in_the_log(
    visitor: Visitor, firm: PracticeCast, stage: Cast
) -> None:
    staff = visitor.signed_in_as(firm.staff_id)
    a_note(staff, stage)
    owner = visitor.signed_in_as(stage.owner_id)
    told = owner.words(f"{stage.home}/accountants/log")
    assert "Stan Staff (Ledger & Co) wrote a note about Bellwether Books" in told


def test_the_log_stays_when_the_work_has_ended(visitor: Visitor, firm: PracticeCast, stage: Cast) -> None:
    staff, owner = visitor.signed_in_as(firm.staff_id), visitor.signed_in_as(stage.owner_id)
    a_note(staff, stage)
    owner.press(f"{stage.home}/accountants/{firm.practice_id}/end")
    assert "wrote a note about" in owner.words(f"{stage.home}/accountants/log")
    assert staff.get(f"{stage.home}/accountants/log").status_code == 404


def test_the_log_goes_on_page_by_page(
    visitor: Visitor, dunnock: App, firm: PracticeCast, stage: Cast
) -> None:
    now = clock.now()
    with dunnock.database.write(firm.client_id) as session:
        for number in range(60):
            session.add(
                Communication(
                    organisation_id=firm.client_id,
                    id=f"{number:032}",
                    direction="out",
                    channel="note",
                    kind="note",
                    status="sent",
                    contact_id=stage.contact_id,
                    practice_id=firm.practice_id,
                    body_text=f"Note number {number:02}.",
                    created_at=now - timedelta(minutes=number),
                )
            )
    owner = visitor.signed_in_as(stage.owner_id)
    first = owner.get(f"{stage.home}/accountants/log").text
    assert "Note number 49." in first
    assert "Note number 50." not in first
    older = first.rsplit('href="', 1)
    link = next(part.split('"')[0] for part in first.split('href="') if "log?after=" in part)
    assert older
    second = owner.get(link.replace("&amp;", "&")).text
    assert "Note number 50." in second
    assert "Note number 59." in second
    assert "Note number 49." not in second
    assert owner.get(f"{stage.home}/accountants/log?after=x").status_code == 400


def test_consent_and_its_end_stand_in_the_audit_log_of_the_client(
    visitor: Visitor, dunnock: App, firm: PracticeCast, stage: Cast
) -> None:
    owner = visitor.signed_in_as(stage.owner_id)
    owner.press(f"{stage.home}/accountants/{firm.practice_id}/end")
    assert "ended the work of an accountant" in owner.words(f"{stage.home}/audit-log")
    with dunnock.database.read(firm.client_id) as session:
        ended = session.scalars(
            select(PracticeClient.ended_by).where(PracticeClient.organisation_id == firm.client_id)
        ).one()
    assert ended == "Anna Hale"
