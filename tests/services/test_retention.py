"""What is older than it is kept goes by itself, in small slices; what is owed for, or held by law, stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from kit import clock
from kit.errors import UserError
from kit.ids import derived_id, new_id
from services import restriction
from services.app import App
from services.data_rights import retention
from store.database import Database
from store.models import Attachment, Communication, FeedEvent, Invoice, Organisation, Reply
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
    found = cast.fill(app.database)
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
