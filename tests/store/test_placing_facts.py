"""Books with nothing but what placing asks for place and stop contacts as whole books do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from credit_control.effect.drawing import Part, left_out
from credit_control.placing import place
from kit import clock
from services import holds, schedules
from services.books import desk_of, some_books
from store import placing_facts
from store.models import Contact
from tests.services.test_schedules import change, rule, schedule_id
from tests.support.chasing import Chasing, chasing


@pytest.fixture
def org(database_url: str, tmp_path: Path) -> Iterator[Chasing]:
    with chasing(database_url, tmp_path) as org:
        yield org


@pytest.mark.parametrize("with_rules", [False, True])
def test_whole_books_and_those_for_placing_say_the_same(org: Chasing, with_rules: bool) -> None:
    found = [org.customer(f"Customer {number}", f"c{number}@books.example") for number in range(8)]
    for number, contact in enumerate(found):
        org.invoice(contact, f"INV-{number}", 5 * number, str(1000 * (number + 1)))
    org.mirror()
    change(org, schedules.choose, org.id_of(found[0]), schedule_id(org, "Gentle"), "Anna")
    holds.place(org.app, org.organisation_id, contact_id=org.id_of(found[1]), reason="Talks", by="Anna")
    with org.app.database.write(org.organisation_id) as session:
        session.get_one(Contact, (org.organisation_id, org.id_of(found[2]))).status = "ARCHIVED"
    if with_rules:
        rule(org, "Firm", field="balance", currency="GBP", at_least="7000")
        rule(org, None, field="days_overdue", at_least=25)
    org.switch("live")
    org.plan(everything=True)
    parts, today = (
        {Part.A: schedule_id(org, "Standard"), Part.B: schedule_id(org, "Firm")},
        clock.now().date(),
    )
    with org.app.database.read(org.organisation_id) as session:
        desk = desk_of(session, org.organisation_id)
        ids = list(session.scalars(select(Contact.id).order_by(Contact.id)))
        said = [
            [
                (
                    book.contact,
                    placed.schedule.schedule_id,
                    placed.excluded,
                    left_out(book, placed, parts, today),
                )
                for book in books
                for placed in [place(book, today)]
            ]
            for books in (
                some_books(session, desk, ids),
                placing_facts.books(session, org.organisation_id, desk.course, ids),
            )
        ]
    assert said[0] == said[1] and len({one[3] for one in said[0]}) >= 4
