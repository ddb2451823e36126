"""Special terms: what was agreed is kept, noted in the ledger, and taken back from a day on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from credit_control.words import Day
from kit import clock
from kit.errors import UserError
from services.credit import special_terms
from services.credit.special_terms import TermsWanted
from store.models import AgreedTerms, Invoice
from store.queries import special_terms as queries
from tests.support.chasing import Chasing

DAY = timedelta(days=1)


def today(org: Chasing) -> date:
    return clock.today(org.organisation().timezone)


def agree(org: Chasing, contact: str, invoice: str | None = None, **wanted: object) -> AgreedTerms:
    """Agree on 2 % up to a month from now, unless something else is ``wanted``."""
    terms: dict[str, object] = {"until": today(org) + 30 * DAY}
    terms |= wanted or {"percent": Decimal(2)}
    why, by = str(terms.pop("why", "Long-standing customer")), str(terms.pop("by", "Anna Hale"))
    with org.app.database.write(org.organisation_id) as session:
        return special_terms.agree(
            session,
            org.organisation_id,
            org.id_of(contact),
            _numbered(org, invoice) if invoice else None,
            TermsWanted(**terms),  # type: ignore[arg-type]  # as the tests say
            why=why,
            by=by,
            now=clock.now(),
        )


def _numbered(org: Chasing, number: str) -> str:
    found = next(key for key, one in org.ledger.invoice_book.items() if one.number == number)
    return org.id_of(found)


def take_back(org: Chasing, row: AgreedTerms) -> AgreedTerms:
    with org.app.database.write(org.organisation_id) as session:
        return special_terms.take_back(session, org.organisation_id, row.id, by="Ben Okafor", now=clock.now())


def kept(org: Chasing, contact: str) -> list[AgreedTerms]:
    with org.app.database.read(org.organisation_id) as session:
        return list(queries.of_contact(session, org.organisation_id, org.id_of(contact)))


def noted(org: Chasing) -> list[str]:
    org.write_notes()
    return [text for texts in org.ledger.notes.values() for text in texts]


@pytest.fixture
def contact(org: Chasing) -> str:
    found = org.customer()
    org.invoice(found, "INV-1", -20, "1000")
    org.mirror()
    return found


def test_what_was_agreed_is_kept_and_noted_with_who_and_why(org: Chasing, contact: str) -> None:
    agree(org, contact, percent=Decimal("2.5"), within_days=40)
    (row,) = kept(org, contact)
    assert (row.percent, row.within_days, row.agreed_on, row.agreed_by) == (
        Decimal("2.5"),
        40,
        today(org),
        "Anna Hale",
    )
    (note,) = noted(org)
    assert "special terms with" in note
    assert "2.5 % off if paid within 40 days of the issue day" in note
    assert "Long-standing customer" in note


def test_the_same_again_changes_nothing_and_other_terms_are_another_row(org: Chasing, contact: str) -> None:
    first = agree(org, contact)
    assert agree(org, contact).id == first.id
    other = agree(org, contact, percent=Decimal(3))
    assert [one.id for one in kept(org, contact)] == [other.id, first.id]


def test_taken_back_they_hold_no_more_from_that_day_and_it_is_noted(org: Chasing, contact: str) -> None:
    row = agree(org, contact)
    org.shift(days=3)
    back = take_back(org, row)
    assert (back.taken_back_on, back.taken_back_by) == (today(org), "Ben Okafor")
    org.shift(days=1)
    assert take_back(org, row).taken_back_on == back.taken_back_on
    assert any("special terms taken back from" in note for note in noted(org))
    assert agree(org, contact).id != row.id


def test_terms_about_one_invoice_are_noted_on_it(org: Chasing, contact: str) -> None:
    agree(org, contact, "INV-1", amount=Decimal(50), currency="GBP")
    assert len([note for note in noted(org) if "GBP 50.00 off if paid by" in note]) == 2


@pytest.mark.parametrize(
    ("wanted", "about", "said"),
    [
        ({"why": " "}, None, "Say why"),
        ({"due_days": None}, None, "Say what was agreed"),
        ({"percent": Decimal(2), "amount": Decimal(5), "currency": "GBP"}, None, "not both"),
        ({"percent": Decimal(100)}, None, "less than 100"),
        ({"percent": Decimal("0.001")}, None, "at most two decimals"),
        ({"amount": Decimal(5)}, None, "three letters"),
        ({"amount": Decimal("5.001"), "currency": "GBP"}, None, "above nought"),
        ({"within_days": 10}, None, "say how much"),
        ({"percent": Decimal(2), "within_days": 0}, None, "from 1 to"),
        ({"due_days": 1001}, None, "from 1 to"),
        ({"amount": Decimal(1000), "currency": "GBP"}, "INV-1", "leave nothing to pay"),
        ({"amount": Decimal(5), "currency": "EUR"}, "INV-1", "The invoice is in GBP"),
        ({"due_days": 5}, "INV-1", "as many days already"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_nothing_is_kept(
    org: Chasing, contact: str, wanted: dict[str, object], about: str | None, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        agree(org, contact, about, **wanted)
    assert kept(org, contact) == []


def test_days_that_are_over_are_refused(org: Chasing, contact: str) -> None:
    with pytest.raises(UserError, match="over already"):
        agree(org, contact, until=today(org) - DAY, percent=Decimal(2))
    with pytest.raises(UserError, match="over already"):
        agree(org, contact, "INV-1", percent=Decimal(2), within_days=1)


def test_days_that_make_an_invoice_due_no_later_are_refused_with_why(org: Chasing, contact: str) -> None:
    org.invoice(contact, "INV-2", 20)
    org.mirror()
    with org.app.database.read(org.organisation_id) as session:
        ahead, late = (
            session.get_one(Invoice, (org.organisation_id, _numbered(org, one))) for one in ("INV-1", "INV-2")
        )
    longer = (late.due_on - late.issued_on).days + 3
    with pytest.raises(
        UserError, match=f"These days were over on {Day(late.due_on + 3 * DAY)} already; give more"
    ):
        agree(org, contact, "INV-2", due_days=longer)
    until, days = today(org) + 5 * DAY, (ahead.due_on - ahead.issued_on).days + 10
    with pytest.raises(
        UserError, match=f"is due on {Day(ahead.due_on)}, and these terms end on {Day(until)}"
    ):
        agree(org, contact, "INV-1", until=until, due_days=days)
    assert kept(org, contact) == []
