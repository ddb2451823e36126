"""What is older than it is kept goes by itself, in small slices; what is owed for, or held by law, stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kit import clock
from kit.errors import UserError
from kit.ids import derived_id, new_id
from services import housekeeping, restriction
from services.app import App
from services.data_rights import retention
from store.database import Database
from store.models import (
    Attachment,
    Communication,
    FeedEvent,
    InboxEvent,
    Invoice,
    MailEvent,
    Organisation,
    Reply,
    StrayMail,
)
from store.queries.retention import Kind
from tests.support import cast
from tests.support.cast import Cast
from tests.support.mirrored import make_app

LONG_AGO = timedelta(days=11 * 366)


@pytest.fixture
def app(database_url: str, database: Database, tmp_path: Path) -> Iterator[App]:
    found = make_app(database_url, tmp_path)
    yield found
    found.database.close()


@pytest.fixture
def stage(app: App) -> Cast:
    """Everything that was said to and by the customer is eleven years old, its invoices are paid, its reply settled."""
    found = cast.kept(app.database)
    then = clock.now() - LONG_AGO
    with app.database.write(found.organisation_id) as session:
        for one in session.scalars(select(Communication)):
            one.created_at, one.sent_at, one.reason = then, then, "Because"
        for invoice in session.scalars(select(Invoice).where(Invoice.contact_id == found.contact_id)):
            invoice.status, invoice.amount_due = "PAID", Decimal(0)
        for reply in session.scalars(select(Reply)):
            reply.state = "settled"
        session.add(
            FeedEvent(
                organisation_id=found.organisation_id, id=new_id(), at=then, created_at=then, rank=1, kind="note",
                contact_id=found.contact_id, title="Then", text="Then",
            )
        )  # fmt: skip
    return found


def look(app: App, stage: Cast) -> None:
    for organisation_id in retention.due(app):
        while retention.go_on(app, organisation_id, 0.0):
            pass


def said(app: App, stage: Cast, name: str) -> Communication:
    with app.database.read(stage.organisation_id) as session:
        return session.get_one(Communication, (stage.organisation_id, derived_id(name)))


def files(app: App, stage: Cast) -> int:
    with app.database.read(stage.organisation_id) as session:
        return len(session.scalars(select(Attachment)).all())


def test_what_is_older_is_emptied_and_that_it_was_sent_stays(app: App, stage: Cast) -> None:
    with app.database.read(stage.organisation_id) as session:
        shown = retention.kept(session, stage.organisation(app.database), clock.now())
    assert {one.period.kind: one.next_to_go for one in shown} == {
        Kind.MESSAGES: 1, Kind.REPLIES: 1, Kind.CALLS: 0, Kind.FILES: 1, Kind.PAGES: 0, Kind.DECISIONS: 2, Kind.FEED: 1,
        Kind.REPORTS: 0, Kind.STRAYS: 0, Kind.CREDIT: 0,
    }  # fmt: skip
    look(app, stage)
    for name in ("reminder", "reply"):
        one = said(app, stage, name)
        assert (one.subject, one.body_text, one.to, one.from_email, one.reason, one.reasons) == (
            None, None, [], None, None, [],
        )  # fmt: skip
        assert one.sent_at is not None
    assert files(app, stage) == 0
    with app.database.read(stage.organisation_id) as session:
        assert session.get_one(Reply, (stage.organisation_id, derived_id("reply"))).sentence == ""
        assert session.scalars(select(FeedEvent)).all() == []
    assert retention.due(app) == []


def test_what_is_about_an_open_invoice_stays(app: App, stage: Cast) -> None:
    with app.database.write(stage.organisation_id) as session:
        invoice = session.get_one(Invoice, (stage.organisation_id, stage.invoice_id))
        invoice.status, invoice.amount_due = "AUTHORISED", Decimal(5)
    look(app, stage)
    assert said(app, stage, "reminder").body_text
    assert said(app, stage, "reply").body_text is None


def test_a_legal_hold_stops_it(app: App, stage: Cast) -> None:
    restriction.hold_by_law(app, stage.organisation_id, stage.contact_id, on=True, by="Anna Hale")
    look(app, stage)
    assert said(app, stage, "reminder").body_text
    assert files(app, stage) == 1


def test_what_nobody_has_settled_stays(app: App, stage: Cast) -> None:
    with app.database.write(stage.organisation_id) as session:
        session.get_one(Reply, (stage.organisation_id, derived_id("reply"))).state = "waiting"
    look(app, stage)
    assert said(app, stage, "reply").body_text


def test_what_was_said_lately_stays(app: App, stage: Cast) -> None:
    with app.database.write(stage.organisation_id) as session:
        for one in session.scalars(select(Communication)):
            one.created_at = one.sent_at = clock.now() - timedelta(days=700)
    look(app, stage)
    assert said(app, stage, "reminder").body_text
    assert said(app, stage, "reply").body_text


def test_another_organisation_keeps_what_it_has(app: App, stage: Cast) -> None:
    with app.database.write(stage.organisation_id) as session:
        session.get_one(Organisation, stage.organisation_id).kept_days = {"messages": 20 * 366}
    look(app, stage)
    assert said(app, stage, "reminder").body_text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(
    kind=st.sampled_from(Kind),
    country=st.sampled_from(["GB", "DE", "IT", "ES", None]),
    wanted=st.integers(0, 30_000),
)
def test_nothing_is_kept_for_less_than_its_floor(kind: Kind, country: str | None, wanted: int) -> None:
    organisation = Organisation(country=country, kept_days={kind.value: wanted})
    assert retention.days_of(organisation, kind) >= retention.PERIODS[kind].floor
    if country == "IT" and kind in (Kind.MESSAGES, Kind.REPLIES, Kind.FILES):
        assert retention.days_of(organisation, kind) >= 3_653


def test_too_few_days_are_refused_with_a_sentence_and_nothing_is_set(app: App, stage: Cast) -> None:
    with pytest.raises(UserError, match="Replies: choose between 366 and"):
        retention.change(app, stage.organisation_id, {"messages": 1_000, "replies": 5})
    assert stage.organisation(app.database).kept_days == {}
    retention.change(app, stage.organisation_id, {"messages": 1_000})
    assert stage.organisation(app.database).kept_days == {"messages": 1_000}


def stray(app: App, stage: Cast, name: str, days: int, **fields: Any) -> None:
    then = clock.now() - timedelta(days=days)
    values: dict[str, Any] = {"state": "waiting", "suggestions": [], "communication_id": None, **fields}
    with app.database.write(stage.organisation_id) as session:
        session.add(
            StrayMail(
                organisation_id=stage.organisation_id, id=derived_id(name), key=name, from_email="who@knows.example",
                subject="Hello", body_text="Hello", proven=False, payload=b"raw", received_at=then, **values,
            )
        )  # fmt: skip


def strays(app: App, stage: Cast) -> set[str]:
    with app.database.read(stage.organisation_id) as session:
        return {one.key for one in session.scalars(select(StrayMail)) if one.subject == "Hello"}


def test_mails_that_are_nobodys_go_after_their_time(app: App, stage: Cast) -> None:
    stray(app, stage, "old", 1_200)
    stray(app, stage, "set aside", 1_200, state="dismissed")
    stray(app, stage, "new", 1_000)
    look(app, stage)
    assert strays(app, stage) == {"new"}


def test_where_letters_are_kept_by_law_so_are_mails_that_may_be_some(app: App, stage: Cast) -> None:
    with app.database.write(stage.organisation_id) as session:
        session.get_one(Organisation, stage.organisation_id).country = "DE"
    stray(app, stage, "old", 1_200)
    look(app, stage)
    assert strays(app, stage) == {"old"}


def test_what_a_customer_under_legal_hold_may_have_written_stays(app: App, stage: Cast) -> None:
    stray(
        app, stage, "theirs?", 1_200, suggestions=[{"contact_id": stage.contact_id, "name": "?", "why": "?"}]
    )
    stray(app, stage, "nobody's", 1_200)
    restriction.hold_by_law(app, stage.organisation_id, stage.contact_id, on=True, by="Anna Hale")
    look(app, stage)
    assert strays(app, stage) == {"theirs?"}


def told(app: App, key: str, of: str, days: int) -> None:
    then = clock.now() - timedelta(days=days)
    with app.database.write_across() as session:
        session.add(
            MailEvent(
                key=key, communication_id=of, event="bounce", reason="550 ann@books.example",
                occurred_at=then, received_at=then,
            )
        )  # fmt: skip


def reports(app: App) -> set[str]:
    with app.database.read_across() as session:
        return set(session.scalars(select(MailEvent.key).where(MailEvent.reason.contains("550"))))


def test_reports_of_the_mail_provider_go_with_the_age_of_their_mail(app: App, stage: Cast) -> None:
    told(app, "ours", derived_id("reminder"), 1)
    told(app, "nobody's, old", "f" * 32, 400)
    told(app, "nobody's, new", "f" * 32, 300)
    look(app, stage)
    assert reports(app) == {"nobody's, old", "nobody's, new"}
    housekeeping.tidy(app)
    assert reports(app) == {"nobody's, new"}


def test_a_report_of_what_is_owed_for_stays(app: App, stage: Cast) -> None:
    with app.database.write(stage.organisation_id) as session:
        invoice = session.get_one(Invoice, (stage.organisation_id, stage.invoice_id))
        invoice.status, invoice.amount_due = "AUTHORISED", Decimal(5)
    told(app, "ours", derived_id("reminder"), 400)
    look(app, stage)
    housekeeping.tidy(app)
    assert reports(app) == {"ours"}


def test_what_providers_told_word_for_word_goes_once_it_is_done_with(app: App, stage: Cast) -> None:
    now = clock.now()
    cases = (
        ("done", 50, "done"),
        ("lately", 30, "done"),
        ("aside", 50, "parked: odd"),
        ("long aside", 400, "parked: odd"),
    )
    with app.database.write_across() as session:
        session.add_all(
            InboxEvent(
                source="sendgrid_inbound", key=key, payload=b"From: ann", received_at=now, next_try_at=now,
                handled_at=now - timedelta(days=days), outcome=outcome,
            )
            for key, days, outcome in cases
        )  # fmt: skip
        session.add(
            InboxEvent(
                source="sendgrid_inbound",
                key="waits",
                payload=b"From: ann",
                received_at=now - LONG_AGO,
                next_try_at=now,
            )
        )
    housekeeping.tidy(app)
    with app.database.read_across() as session:
        left = session.scalars(select(InboxEvent.key).where(InboxEvent.payload == b"From: ann")).all()
    assert set(left) == {"lately", "aside", "waits"}
