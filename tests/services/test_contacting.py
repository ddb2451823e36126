"""Limits on contacting a customer delay its messages, count what went to it by every channel, and cannot be hurried past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from credit_control.contact_law import Way
from credit_control.decide import decide
from kit import clock
from services import contact_wishes
from services.books import desk_of, one_book
from services.contact_wishes import Wish
from services.interest import Kind
from services.late_payment_terms import Agreed, set_terms
from services.preferences import choose_binding_reports
from services.records import record
from store.models import Contact
from tests.support.chasing import Chasing, chasing


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as found:
        yield found


def in_chile(org: Chasing, kind: Kind | None = Kind.INDIVIDUAL, *, warned: bool = False) -> str:
    """A private customer in Santiago who owes something."""
    customer = org.customer("Ana")
    org.invoice(customer, "INV-1", 10, "50.00")
    org.mirror()
    contact_id = org.id_of(customer)
    choose_binding_reports(org.app, org.organisation_id, [] if warned else ["CL"])
    with org.app.database.write(org.organisation_id) as session:
        contact = session.get_one(Contact, (org.organisation_id, contact_id))
        contact.country, contact.timezone = "CL", "America/Santiago"
        if kind:
            set_terms(
                session, org.organisation_id, contact_id, Agreed(None), kind=kind, longer_term_fair=False,
                by="Ben", now=clock.now(),
            )  # fmt: skip
    return contact_id


def rang(org: Chasing, contact_id: str, at: datetime, *, channel: str = "letter") -> None:
    with org.app.database.write(org.organisation_id) as session:
        record(
            session, org.organisation_id, contact_id, (), channel=channel, text=None, by="Ben", now=at, reached=True
        )  # fmt: skip


def said(org: Chasing, contact_id: str) -> tuple[datetime | None, str]:
    """When the message leaves, and every reason."""
    with org.app.database.read(org.organisation_id) as session:
        desk = desk_of(session, org.organisation_id)
        book = one_book(session, desk, contact_id)
        assert book is not None
        decision = decide(book, desk.policy, clock.now())
    reasons = [reason.text for one in decision.invoices for reason in one.reasons]
    return (decision.message.not_before if decision.message else None), " ".join(reasons)


def test_what_went_by_any_channel_counts_and_the_message_waits(org: Chasing) -> None:
    contact_id = in_chile(org)
    before, _ = said(org, contact_id)
    for days in (1, 3):
        rang(org, contact_id, clock.now() - timedelta(days=days))
    after, why = said(org, contact_id)
    assert before is not None and after is not None
    assert after >= clock.now() + timedelta(days=3)
    assert "In Chile consumers may be written to about a debt twice a week; so it waits until" in why


def test_limits_that_were_read_in_reports_are_said_and_keep_nothing_back(org: Chasing) -> None:
    contact_id = in_chile(org, warned=True)
    before, _ = said(org, contact_id)
    for days in (1, 3):
        rang(org, contact_id, clock.now() - timedelta(days=days))
    after, why = said(org, contact_id)
    assert before is not None and after is not None and after.date() == before.date()
    assert "written to about a debt twice a week. This message would break that." in why
    choose_binding_reports(org.app, org.organisation_id, ["CL"])
    bound, why = said(org, contact_id)
    assert bound is not None and bound > after and "so it waits until" in why


def test_calls_do_not_count_for_what_is_about_messages(org: Chasing) -> None:
    contact_id = in_chile(org)
    before, why_before = said(org, contact_id)
    for days in (1, 3):
        rang(org, contact_id, clock.now() - timedelta(days=days), channel="call")
    after, why_after = said(org, contact_id)
    assert before is not None and after is not None
    assert (after.date(), why_after) == (before.date(), why_before)


@pytest.mark.parametrize("kind", [None, Kind.COMPANY])
def test_for_companies_and_where_nobody_has_said_who_it_is_nothing_is_claimed(
    org: Chasing, kind: Kind | None
) -> None:
    contact_id = in_chile(org, kind)
    for days in (1, 3):
        rang(org, contact_id, clock.now() - timedelta(days=days))
    moment, why = said(org, contact_id)
    assert moment is not None and "consumers" not in why


def test_who_wants_no_mails_gets_none_until_it_is_taken_back(org: Chasing) -> None:
    contact_id = in_chile(org, None)
    with org.app.database.write(org.organisation_id) as session:
        contact_wishes.note(
            session, org.organisation_id, contact_id, Way.EMAIL, Wish.UNWANTED,
            how="said so on the telephone", by="Ben", now=datetime(2026, 11, 16, 9, tzinfo=UTC),
        )  # fmt: skip
    moment, why = said(org, contact_id)
    assert moment is None
    assert (
        "is left out: the customer wants no mails since 16 November 2026 (said so on the telephone), noted by Ben."
        in why
    )
    with org.app.database.write(org.organisation_id) as session:
        contact_wishes.take_back(
            session, org.organisation_id, contact_id, Way.EMAIL, by="Ben", now=clock.now()
        )
    assert said(org, contact_id)[0] is not None
