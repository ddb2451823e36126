"""The page of impact: work by assumed minutes, and the reminders that did not leave with what is behind each count."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO, StringIO

from openpyxl import load_workbook

from kit import clock
from services.app import App
from store.models import Communication
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor


def stopped(dunnock: App, stage: Cast, number: int, reason: str, *, checked: bool = False) -> None:
    """A reminder that was planned for a moment ago and cancelled."""
    now = clock.now()
    with dunnock.database.write(stage.organisation_id) as session:
        session.add(
            Communication(
                organisation_id=stage.organisation_id,
                id=f"{number:032x}",
                direction="out",
                channel="email",
                kind="chaser",
                status="cancelled",
                reason=reason,
                contact_id=stage.contact_id,
                step_name="First reminder",
                planned_for=now - timedelta(seconds=number),
                checked_at=now if checked else None,
                created_at=now - timedelta(days=2),
            )
        )


def work(owner: Member, stage: Cast) -> dict[str, tuple[int, int, int]]:
    text = owner.get(f"{stage.home}/reports/impact/work.csv").text.removeprefix("\ufeff")
    last: dict[str, tuple[int, int, int]] = {}
    for row in csv.DictReader(StringIO(text)):
        last[row["kind"]] = int(row["count"]), int(row["minutes_each"]), int(row["minutes"])
    return last


def test_work_is_counted_by_kind_and_the_sum_is_shown(owner: Member, stage: Cast, dunnock: App) -> None:
    before, now = work(owner, stage), clock.now()
    kinds = [
        ("email", "chaser"),
        ("email", "statement"),
        ("sms", "chaser"),
        ("email", "answer"),
        ("email", "own_mail"),
    ]
    with dunnock.database.write(stage.organisation_id) as session:
        for number, (channel, kind) in enumerate(kinds):
            session.add(
                Communication(
                    organisation_id=stage.organisation_id,
                    id=f"{number:032x}",
                    direction="out",
                    channel=channel,
                    kind=kind,
                    status="sent",
                    contact_id=stage.contact_id,
                    sent_at=now,
                    created_at=now,
                )
            )
    after = work(owner, stage)
    gained = {kind: after[kind][0] - before[kind][0] for kind in after if after[kind] != before[kind]}
    assert gained == {"email": 1, "statement": 1, "text": 1}
    assert all(minutes == count * each for count, each, minutes in after.values())
    page = owner.get(f"{stage.home}/reports/impact").text
    assert "Work that was done" in page and "minutes" in page


def test_the_minutes_are_the_organisations_own(owner: Member, stage: Cast, dunnock: App) -> None:
    own = dict.fromkeys(("email", "text", "letter", "statement", "call", "reply", "note"), "0")
    owner.press(f"{stage.home}/reports/impact/minutes", **(own | {"note": "7"}))
    assert stage.organisation(dunnock.database).minutes_saved["note"] == 7
    assert work(owner, stage)["note"][1] == 7
    assert work(owner, stage)["email"][1:] == (0, 0)
    for wrong in ("", "-1", "241", "many", "1.5"):
        owner.press(f"{stage.home}/reports/impact/minutes", **(own | {"note": wrong}))
        assert stage.organisation(dunnock.database).minutes_saved["note"] == 7


def test_who_may_not_change_settings_reads_the_minutes_only(visitor: Visitor, stage: Cast) -> None:
    page = visitor.signed_in_as(stage.colleague_id).get(f"{stage.home}/reports/impact")
    assert page.status_code == 200
    assert "Save the minutes" not in page.text


def test_reminders_that_did_not_leave_are_counted_by_why_and_listed(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    stopped(dunnock, stage, 1, "Nothing is left to pay on this invoice.", checked=True)
    stopped(dunnock, stage, 2, "The invoice is in dispute: broken. Held until somebody lifts it.")
    stopped(dunnock, stage, 3, "Planned anew, because the invoices that travel together have changed.")
    page = owner.get(f"{stage.home}/reports/impact").text
    for words in ("it was paid", "it is in dispute", "it was planned anew", "(not in the number above)"):
        assert words in page
    paid = owner.get(f"{stage.home}/reports/impact/not-sent/paid").text
    assert "Bellwether Books" in paid and "Nothing is left to pay" in paid and "in dispute" not in paid
    assert owner.get(f"{stage.home}/reports/impact/not-sent/nonsense").status_code == 404


def test_the_same_is_in_the_workbook(owner: Member, stage: Cast, dunnock: App) -> None:
    stopped(dunnock, stage, 1, "Nothing is left to pay on this invoice.")
    text = owner.get(f"{stage.home}/reports/impact/not-sent.csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(StringIO(text)))
    assert len(rows) == 12
    assert sum(int(row["paid"]) for row in rows) >= 1
    book = load_workbook(BytesIO(owner.get(f"{stage.home}/reports/impact/impact.xlsx").data))
    assert book.sheetnames == ["work", "not_sent"]


def test_a_period_that_cannot_be_is_refused(owner: Member, stage: Cast) -> None:
    for wrong in ("to=2099-01-01", "from=yesterday", "from=2026-02-01&to=2026-01-01", "from=0001-01-01"):
        assert owner.get(f"{stage.home}/reports/impact?{wrong}").status_code == 400, wrong
