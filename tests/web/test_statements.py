"""A larger ledger makes no page ask the database more often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from kit import clock
from kit.ids import derived_id, new_id
from services import api_tokens, foresight
from services.app import App
from store.models import Base, Communication, Contact, Invoice, Membership, PaidClaim, Person, Reply
from tests.support.cast import Cast
from tests.support.chasing import Chasing, chasing
from tests.support.mirrored import make_app
from tests.support.visitor import Member, Visitor
from web import create_app

_PAGES = (
    "/organisations",
    "/organisations/{id}/today",
    "/organisations/{id}/queue",
    "/organisations/{id}/inbox",
    "/organisations/{id}/data-health",
    "/organisations/{id}/late-fees",
    "/organisations/{id}/other-mails/statements",
    "/organisations/{id}/queue?day=2026-11-16",
    "/organisations/{id}/contacts",
    "/organisations/{id}/contacts/{contact}",
    "/organisations/{id}/invoices/{invoice}",
    "/organisations/{id}/invoices",
    "/organisations/{id}/first-look",
    "/organisations/{id}/settings",
    "/organisations/{id}/settings/sending",
    "/organisations/{id}/settings/signatures",
    "/organisations/{id}/set-up",
    "/organisations/{id}/set-up/firmness",
    "/organisations/{id}/set-up/whom-not",
    "/organisations/{id}/set-up/old-debt",
    "/organisations/{id}/set-up/dry-run",
    "/metrics",
)
_LISTS = ("/contacts", "/invoices", "/communications", "/ledger-notes", "/reports/ageing", "/brakes")


@pytest.fixture
def org(database_url: str, tmp_path: Path, redis_url: str) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path, redis_url=redis_url) as found:
        yield found


@pytest.fixture
def web(org: Chasing, database_url: str, tmp_path: Path, redis_url: str) -> Iterator[App]:
    """A web process beside it."""
    app = make_app(database_url, tmp_path, redis_url, SECRET_KEY="s" * 40, METRICS_TOKEN="metrics")
    yield app
    app.database.close()


def test_no_page_and_no_list_asks_more_often_for_a_larger_ledger(org: Chasing, web: App) -> None:
    owner, token = _owner(org, web), api_tokens.create(org.app, org.organisation_id, "owner")
    counts: list[dict[str, int]] = []
    chosen: tuple[str, ...] = ()
    for total in (60, 240):
        for number in range(total):
            org.invoice(org.customer(f"Customer {number:03}"), f"INV-{number}", number % 40 - 10)
        org.mirror()
        if not counts:
            org.switch("dry_run")
        org.plan(everything=True)
        foresight.foresee(org.app, org.organisation_id)
        # The same customer and invoice both times: what another one has (a message, interest) is asked for more often.
        chosen = chosen or _one_that_is_chased(org)
        counts.append(_counts(web, owner, token, *chosen))
    assert counts[0] == counts[1]


def test_the_worklist_asks_no_more_often_for_more_lines(org: Chasing, web: App) -> None:
    owner, page = _owner(org, web), f"/organisations/{org.organisation_id}/calls"
    counts: list[int] = []
    for first, last in ((0, 4), (4, 20), (20, 200)):
        for number in range(first, last):
            org.invoice(org.customer(f"To Call {number:03}"), f"CALL-{number}", 25)
        org.mirror()
        org.plan(everything=True)
        foresight.foresee(org.app, org.organisation_id)
        counts.append(min(_statements(web, owner, page, "") for _ in range(2)))
        assert owner.get(page).text.count("What to say, and what came of it") == min(last, 20)
    assert len(set(counts)) == 1, counts


def _one_that_is_chased(org: Chasing) -> tuple[str, ...]:
    """The organisation, a customer to whom a message is planned, and one of its invoices."""
    with org.app.database.read(org.organisation_id) as session:
        waits = select(Communication.contact_id).where(Communication.status == "planned")
        contact = session.scalars(select(func.min(Contact.id)).where(Contact.id.in_(waits))).one()
        invoice = session.scalars(select(func.min(Invoice.id)).where(Invoice.contact_id == contact)).one()
    return org.organisation_id, contact, invoice


def _counts(
    web: App, owner: Member, token: str, organisation_id: str, contact: str, invoice: str
) -> dict[str, int]:
    found = {}
    for page in _PAGES:
        path = page.format(id=organisation_id, contact=contact, invoice=invoice)
        # The first look at a customer also asks for its notes in the ledger, and some things are asked now and then.
        found[page] = min(_statements(web, owner, path, "metrics") for _ in range(2))
    for path in _LISTS:
        found[path] = min(_statements(web, owner, f"/api/v1{path}", token) for _ in range(2))
    return found


def _statements(web: App, owner: Member, path: str, token: str) -> int:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(web.database.engine, "before_cursor_execute", note)
    answer = owner.get(path, Authorization=f"Bearer {token}")
    event.remove(web.database.engine, "before_cursor_execute", note)
    assert answer.status_code == 200, f"{path}: {answer.status}"
    return len(asked)


def _owner(org: Chasing, web: App) -> Member:
    person = Person(
        id=new_id(), subject="owner", email="o@fake.example", name="Anna Hale", created_at=clock.now()
    )
    with org.app.database.write_across() as session:
        session.add(person)
        session.flush()
        session.add(Membership(organisation_id=org.organisation_id, person_id=person.id, role="owner"))
    return Visitor(create_app(web)).signed_in_as(person.id)


def test_the_inbox_asks_no_more_often_for_more_replies_and_claims(
    dunnock: App, stage: Cast, owner: Member
) -> None:
    page = f"{stage.home}/inbox"
    before = min(_statements(dunnock, owner, page, "") for _ in range(2))
    with dunnock.database.write(stage.organisation_id) as session:
        contacts = list(session.scalars(select(Contact.id).order_by(Contact.id)))
        for number in range(45):
            session.add(_said(stage, contacts[number % len(contacts)], number))
            session.add(_claimed(stage, contacts[number % len(contacts)], number))
        session.flush()
        for number in range(45):
            session.add(_waits(stage, contacts[number % len(contacts)], number))
    assert min(_statements(dunnock, owner, page, "") for _ in range(2)) == before
    first, second = owner.words(page), owner.words(f"{page}?page=2")
    assert sum(f"Message number {number}." in first for number in range(45)) == 30
    assert all(f"Message number {number}." in first + second for number in range(45))
    assert "more follow as they are decided" in first


def test_the_page_of_statements_asks_the_rules_about_the_customers_on_it(
    dunnock: App, stage: Cast, owner: Member
) -> None:
    page = f"{stage.home}/other-mails/statements"
    assert "left out" in owner.words(page)
    _customers_with_a_balance(dunnock, stage, 110)
    first, last = owner.words(page), owner.words(f"{page}?page=3")
    assert "customers have a balance as the books stand now" in first
    assert "Walk-in 000" in first and "Walk-in 049" not in first
    assert "Walk-in 109" in last


def _customers_with_a_balance(dunnock: App, stage: Cast, count: int) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        contact = session.get_one(Contact, (stage.organisation_id, stage.contact_id))
        invoice = session.get_one(Invoice, (stage.organisation_id, stage.invoice_id))
        for number in range(count):
            key = derived_id("walk-in", str(number))
            session.add(_like(contact, id=key, ledger_id=key, name=f"Walk-in {number:03}"))
            session.flush()
            session.add(_like(invoice, id=key, ledger_id=key, contact_id=key, number=f"W-{number}"))


def _like(row: Base, **other: object) -> Base:
    columns = {one.name: getattr(row, one.name) for one in row.__table__.columns if one.name != "found_by"}
    return type(row)(**columns | other)


def _said(stage: Cast, contact: str, number: int) -> Communication:
    at = clock.now()
    return Communication(
        organisation_id=stage.organisation_id, id=derived_id("said", str(number)), direction="in", channel="email",
        kind="reply", status="received", contact_id=contact, subject="Re: reminder",
        body_text=f"Message number {number}.", sent_at=at, created_at=at,
    )  # fmt: skip


def _waits(stage: Cast, contact: str, number: int) -> Reply:
    return Reply(
        organisation_id=stage.organisation_id, communication_id=derived_id("said", str(number)), contact_id=contact,
        matched_by="sender", meaning="other", sentence="", rule="", details={}, due_on=clock.now().date(),
        state="waiting", created_at=clock.now() - timedelta(days=30),
    )  # fmt: skip


def _claimed(stage: Cast, contact: str, number: int) -> PaidClaim:
    return PaidClaim(
        organisation_id=stage.organisation_id, id=derived_id("claimed", str(number)), contact_id=contact,
        state="resting", rest_until=clock.now().date(), created_by="Anna Hale", created_at=clock.now(),
    )  # fmt: skip
