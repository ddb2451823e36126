"""A larger ledger makes no page ask the database more often."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from kit import clock
from kit.ids import new_id
from services import api_tokens, foresight
from services.app import App
from store.models import Communication, Contact, Invoice, Membership, Person
from tests.support.chasing import Chasing, chasing
from tests.support.mirrored import make_app
from tests.support.visitor import Member, Visitor
from web import create_app

_PAGES = (
    "/organisations",
    "/organisations/{id}/today",
    "/organisations/{id}/queue",
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
