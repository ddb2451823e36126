"""Letters on paper: what is printed, and what follows once somebody has posted it."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from credit_control.facts import Action
from credit_control.written import WrittenStep
from kit import clock
from kit.errors import UserError
from services import letters_by_post, schedules
from services.tasks import task_of
from store.models import Communication, InvoicePdf, Organisation
from store.queries import customers
from tests.support.chasing import Chasing

ADDRESS = ("12 Mill Lane", "Leeds", "LS1 4AP")


def due(org: Chasing, **fields: object) -> str:
    """A customer to whom a letter is due, about two invoices; its id."""
    steps = (
        WrittenStep("Letter", 10, Action.LETTER, "letter_reminder"),
        WrittenStep("Mail", 11, Action.EMAIL, "first_reminder"),
    )
    with org.app.database.write(org.organisation_id) as session:
        made = schedules.create(session, org.organisation_id, "By post", steps)
        schedules.make_default(session, org.organisation_id, made)
    contact = org.customer(**{"address": ADDRESS, "country": "GB"} | fields)  # type: ignore[arg-type]
    org.invoice(contact, "INV-1", 10, "1200.00")
    org.invoice(contact, "INV-2", 10, "50.00")
    org.mirror()
    return org.id_of(contact)


def words(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def printed(org: Chasing, contact_id: str) -> letters_by_post.Printed:
    with org.app.database.read(org.organisation_id) as session:
        return letters_by_post.print_letter(session, org.organisation_id, contact_id, clock.now())


def post(org: Chasing, contact_id: str, *numbers: str) -> Communication:
    with org.app.database.write(org.organisation_id) as session:
        here = session.get_one(Organisation, org.organisation_id)
        found = customers.open_invoices(session, org.organisation_id, contact_id)
        invoices = [one for one in found if one.number in numbers]
        return letters_by_post.posted(session, here, contact_id, invoices, by="Anna", now=clock.now())


def test_the_letter_names_everything_and_stands_in_the_window(org: Chasing) -> None:
    found = printed(org, due(org))
    said = words(found.content)
    for part in (
        "Bellwether Books",
        *ADDRESS,
        "INV-1",
        "£1,200.00",
        "INV-2",
        "£1,250.00",
        "16 November 2026",
    ):
        assert part in said, part
    assert "GREAT BRITAIN" not in said and "UNITED KINGDOM" not in said
    assert found.name == "Letter, Bellwether Books.pdf"


def test_a_letter_abroad_is_in_its_language_and_names_the_country(org: Chasing) -> None:
    said = words(printed(org, due(org, country="DE", address=("Hauptstr. 1", "10115 Berlin"))).content)
    assert "DEUTSCHLAND" in said and "Sehr geehrte Damen und Herren" in said and "1.200,00 €" not in said


def test_a_long_address_still_fits_into_the_window(org: Chasing) -> None:
    lines = ("Unit 4", "Third Floor", "The Old Mill", "Canal Street", "Leeds", "West Yorkshire", "LS1 4AP")
    assert "Unit 4, Third Floor" in words(printed(org, due(org, address=lines)).content)


def test_the_invoices_that_are_there_go_with_it(org: Chasing) -> None:
    contact_id = due(org)
    alone = len(PdfReader(BytesIO(printed(org, contact_id).content)).pages)
    sheet = printed(org, contact_id).content
    with org.app.database.write(org.organisation_id) as session:
        for one in customers.open_invoices(session, org.organisation_id, contact_id):
            session.add(
                InvoicePdf(
                    organisation_id=org.organisation_id,
                    invoice_id=one.id,
                    invoice_updated_at=one.updated_at,
                    content=sheet,
                )
            )
    assert len(PdfReader(BytesIO(printed(org, contact_id).content)).pages) == 3 * alone


def test_without_an_address_there_is_no_letter(org: Chasing) -> None:
    with pytest.raises(UserError, match="no postal address"):
        printed(org, due(org, address=()))


def test_once_posted_it_is_behind_the_invoices_noted_and_counts_for_the_gap(org: Chasing) -> None:
    contact_id = due(org)
    entry = post(org, contact_id)
    assert (entry.channel, entry.status, entry.step_name) == ("letter", "sent", "Letter")
    with org.app.database.read(org.organisation_id) as session:
        assert task_of(session, org.organisation_id, contact_id, Action.LETTER) is None
    notes = sorted(note.text for note in org.ledger_notes())
    assert len(notes) == 3 and all(note.startswith("Dunnock: letter “Letter” to") for note in notes)
    assert any("GBP 1,250.00 open on 2 invoices" in note and "posted" in note for note in notes)
    org.switch("live")
    org.shift(days=1)
    org.plan(everything=True)
    mails = [row for row in org.chasers("planned") if row.channel == "email"]
    assert mails[0].planned_for is not None
    assert (mails[0].planned_for - clock.now()).days >= 2
    with pytest.raises(letters_by_post.NothingDue):
        post(org, contact_id)


def test_a_letter_about_one_invoice_leaves_the_other_to_be_posted(org: Chasing) -> None:
    contact_id = due(org)
    post(org, contact_id, "INV-1")
    with org.app.database.read(org.organisation_id) as session:
        left = task_of(session, org.organisation_id, contact_id, Action.LETTER)
    assert left is not None and [one.number for one in left.invoices] == ["INV-2"]
