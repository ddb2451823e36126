"""Letters before action: the right deadline, what must be enclosed, a named approver, and quiet until it is over."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from credit_control.pre_action import regime
from kit import clock
from kit.errors import UserError
from services import claim_letter_sheet, claim_letters, holds
from services.claim_letters import Wording
from services.interest import Kind
from store.models import ClaimLetter, Communication, Hold
from tests.services.test_interest import mirror, rules, terms
from tests.support.chasing import Chasing

WORDING = Wording(
    "1 High Street\nAlderton\nAL1 1AA", "2 Mill Lane\nBexley", "You ordered books on 1 March.", "To 11-22-33."
)


def owing(org: Chasing, kind: Kind | None, country: str | None = "GB") -> str:
    contact = org.customer(country=country)
    org.invoice(contact, "INV-1", 30, "1234.50")
    mirror(org)
    rules(org)
    if kind:
        terms(org, contact, kind)
    return contact


def make(org: Chasing, contact: str, wording: Wording = WORDING) -> ClaimLetter:
    with org.app.database.write(org.organisation_id) as session:
        return claim_letters.make(
            session, org.organisation(), org.id_of(contact), wording, by="Ben Okafor", now=clock.now()
        )


def approve(org: Chasing, letter: ClaimLetter) -> None:
    with org.app.database.write(org.organisation_id) as session:
        claim_letters.approve(
            session, org.organisation_id, letter.contact_id, letter.id, by="Anna Hale", now=clock.now()
        )


def post(org: Chasing, letter: ClaimLetter, *, enclosed: bool = False) -> ClaimLetter:
    with org.app.database.write(org.organisation_id) as session:
        return claim_letters.posted(
            session, org.organisation(), letter.contact_id, letter.id, enclosed=enclosed, by="Ben Okafor",
            now=clock.now(),
        )  # fmt: skip


def printed(org: Chasing, letter: ClaimLetter) -> str:
    reader = PdfReader(BytesIO(claim_letter_sheet.pdf(org.organisation(), letter)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize(
    ("kind", "deadline", "enclosures"),
    [
        (Kind.COMPANY, date(2026, 11, 30), 0),
        (Kind.PUBLIC_BODY, date(2026, 11, 30), 0),
        (Kind.SOLE_TRADER, date(2026, 12, 16), 4),
        (Kind.INDIVIDUAL, date(2026, 12, 16), 4),
    ],
)
def test_companies_have_fourteen_days_and_individuals_thirty_with_the_protocols_forms(
    org: Chasing, kind: Kind, deadline: date, enclosures: int
) -> None:
    letter = make(org, owing(org, kind))
    assert letter.deadline == deadline
    assert len(letter.content["enclosures"]) == enclosures
    assert ("Reply Form" in printed(org, letter)) is bool(enclosures)


def test_it_is_asked_first_what_the_customer_is(org: Chasing) -> None:
    with pytest.raises(UserError, match="whether Bellwether Books is a company or an individual"):
        make(org, owing(org, None))


def test_the_letter_says_debt_interest_with_its_working_and_the_deadline(org: Chasing) -> None:
    words = printed(org, make(org, owing(org, Kind.COMPANY)))
    assert "You owe Fake Ltd GBP 1,234.50." in words or "GBP 1,234.50. You ordered books on 1 March." in words
    assert "GBP 1,234.50 at 11.75 % a year" in words and "fixed sum for late payment" in words
    assert "Together that is GBP 1,316.42." in words
    assert "by 30 November 2026" in words and "To 11-22-33." in words


def test_a_private_individual_is_asked_for_the_debt_alone(org: Chasing) -> None:
    assert "No interest or other charges are claimed" in printed(org, make(org, owing(org, Kind.INDIVIDUAL)))


@pytest.mark.parametrize("place", ["GB-SCT", "GB-NIR", "DE", None])
def test_elsewhere_the_letter_says_that_it_must_be_checked(place: str | None) -> None:
    assert (
        "have the letter, its deadline and what must go with it checked"
        in regime(individual=False, place=place).doubt
    )
    assert regime(individual=False, place="GB-ENG").doubt == ""


def test_it_is_posted_only_after_a_go_and_with_its_enclosures_confirmed(org: Chasing) -> None:
    letter = make(org, owing(org, Kind.SOLE_TRADER))
    with pytest.raises(UserError, match="Somebody has to say go"):
        post(org, letter, enclosed=True)
    approve(org, letter)
    with pytest.raises(UserError, match="is in the envelope"):
        post(org, letter)
    done = post(org, letter, enclosed=True)
    assert (done.status, done.approved_by, done.posted_by) == ("posted", "Anna Hale", "Ben Okafor")


def test_once_posted_it_is_on_record_noted_and_nothing_else_leaves_until_the_deadline(org: Chasing) -> None:
    contact = owing(org, Kind.COMPANY)
    org.switch("live")
    letter = make(org, contact)
    approve(org, letter)
    post(org, letter)
    with org.app.database.read(org.organisation_id) as session:
        (hold,) = session.query(Hold)
        (entry,) = [one for one in session.query(Communication) if one.channel == "letter"]
    assert hold.until == date(2026, 12, 3)  # three working days after 30 November
    assert entry.status == "sent"
    org.send()
    assert org.mailer.taken == []
    org.write_notes()
    texts = [text for found in org.ledger.notes.values() for text in found]
    assert (
        all("answer asked for by 30 November 2026; approved by Anna Hale" in text for text in texts) and texts
    )


def test_a_letter_that_is_old_or_was_overtaken_is_not_posted(org: Chasing) -> None:
    contact = owing(org, Kind.COMPANY)
    letter = make(org, contact)
    approve(org, letter)
    (invoice,) = org.ledger.invoice_book
    org.ledger.pay(invoice)
    mirror(org)
    with pytest.raises(UserError, match="INV-1 has been settled since"):
        post(org, letter)
    org.shift(days=2)
    with pytest.raises(UserError, match="too long ago to post it"):
        post(org, letter)
    with pytest.raises(UserError, match="nothing to claim"):
        make(org, contact)


def test_what_is_disputed_is_not_claimed(org: Chasing) -> None:
    contact = owing(org, Kind.COMPANY)
    org.invoice(contact, "INV-2", 40, "99.00")
    mirror(org)
    (first, _) = org.ledger.invoice_book
    holds.place(org.app, org.organisation_id, by="Anna", reason="Dispute", invoice_id=org.id_of(first))
    assert [one["row"][0] for one in make(org, contact).content["invoices"]] == ["INV-2"]


@pytest.mark.parametrize(
    ("wording", "words"),
    [
        (Wording("", "x", "x", "x"), "Give the customer’s address"),
        (Wording("a\nb\nc\nd\ne\nf", "x", "x", "x"), "in one to five lines"),
        (Wording("x", "x", " ", "x"), "Say what the debt arises from"),
        (Wording("東京", "x", "x", "x"), "The letter’s type has no"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_made(org: Chasing, wording: Wording, words: str) -> None:
    contact = owing(org, Kind.COMPANY)
    with pytest.raises(UserError, match=words):
        make(org, contact, wording)
