"""Special terms from the agreement to the payment: what the mail asks, when, and who is never asked again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from kit import clock
from services import account, interest
from services.credit import special_terms
from services.credit.special_terms import TermsWanted
from services.mirror.write import store_payments
from store.models import TeamTask
from store.queries import claim_letters, customers
from tests.support.chasing import Chasing

DAY = timedelta(days=1)


def today(org: Chasing) -> date:
    return clock.today(org.organisation().timezone)


def agree(org: Chasing, contact: str, days: int, **wanted: object) -> None:
    terms = TermsWanted(today(org) + days * DAY, **wanted)  # type: ignore[arg-type]  # as the tests say
    with org.app.database.write(org.organisation_id) as session:
        special_terms.agree(
            session,
            org.organisation_id,
            org.id_of(contact),
            None,
            terms,
            why="Long-standing customer",
            by="Anna Hale",
            now=clock.now(),
        )


def amounts(org: Chasing) -> list[Decimal]:
    """What the account page asks for, currency by currency."""
    (contact,) = org.ledger.contact_book
    with org.app.database.read(org.organisation_id) as session:
        found = account.account_of(session, org.organisation_id, org.id_of(contact), clock.now())
        assert found
        return [one.balance for one in found.totals]


@pytest.fixture
def late(org: Chasing) -> str:
    """A customer with 1,000.00 that has been due for three days; its ledger id."""
    contact = org.customer()
    org.invoice(contact, "INV-1", 3, "1000")
    org.mirror()
    return contact


def pay(org: Chasing, amount: str) -> None:
    (invoice,) = org.ledger.invoice_book
    org.ledger.now = clock.now()
    org.ledger.pay(invoice, amount)
    org.mirror()
    with org.app.database.write(org.organisation_id) as session:
        payments = list(org.ledger.payment_book.values())
        store_payments(session, org.organisation_id, payments, clock.now())


def test_the_discounted_sum_is_asked_with_its_day_and_the_full_one_after_it(org: Chasing, late: str) -> None:
    org.switch("live")
    agree(org, late, 10, percent=Decimal(2))
    org.plan()
    org.send()
    (mail,) = org.mailer.taken
    assert "£980.00" in mail.text
    assert "As agreed: INV-1: £980.00 if paid by" in mail.text
    assert "£1,000.00 after that" in mail.text
    assert amounts(org) == [Decimal(980)]
    org.shift(days=10)
    assert amounts(org) == [Decimal(980)]
    org.shift(days=1)
    assert amounts(org) == [Decimal(1000)]
    org.plan()
    org.send()
    assert "As agreed" not in org.mailer.taken[-1].text
    assert "£980.00" not in org.mailer.taken[-1].text


def test_a_mail_that_was_planned_before_the_last_day_leaves_after_it_with_the_full_sum(
    org: Chasing, late: str
) -> None:
    agree(org, late, 0, percent=Decimal(2))
    org.switch("live")
    org.plan()
    org.shift(days=1)
    org.send()
    org.plan()
    org.send()
    assert org.mailer.taken
    assert all("980" not in mail.text for mail in org.mailer.taken)


def test_who_paid_the_discounted_sum_in_time_is_not_chased(org: Chasing, late: str) -> None:
    org.switch("live")
    agree(org, late, 10, percent=Decimal(2))
    pay(org, "980")
    for _ in range(5):
        org.plan()
        org.send()
        org.shift(days=8)
        org.mirror()
    assert org.mailer.taken == []
    assert amounts(org) == [Decimal(0)]
    with org.app.database.read(org.organisation_id) as session:
        assert claim_letters.claimable(session, org.organisation_id, org.id_of(late), today(org)) == []


def test_who_paid_it_late_is_asked_for_the_rest(org: Chasing, late: str) -> None:
    agree(org, late, 10, percent=Decimal(2))
    org.shift(days=12)
    pay(org, "980")
    assert amounts(org) == [Decimal(20)]


def test_nothing_is_asked_before_the_agreed_day_and_no_interest_for_the_days_given(
    org: Chasing, late: str
) -> None:
    org.switch("live")
    agree(org, late, 60, due_days=60)
    org.plan()
    org.send()
    assert org.mailer.taken == []
    (invoice,) = org.ledger.invoice_book
    with org.app.database.read(org.organisation_id) as session:
        row = customers.invoice(session, org.organisation_id, org.id_of(invoice))
        contact = customers.contact(session, org.organisation_id, org.id_of(late))
        assert row
        assert contact
        desk = interest.desk_for(session, org.organisation_id, [contact.id], [row.id])
        assert desk.agreed[row.id].last_given == row.issued_on + 60 * DAY
    org.shift(days=35)
    org.plan()
    org.send()
    assert len(org.mailer.taken) == 1


def test_a_missing_credit_note_is_a_task_once(org: Chasing, late: str) -> None:
    agree(org, late, 10, percent=Decimal(2))
    pay(org, "980")
    org.mirror()
    with org.app.database.read(org.organisation_id) as session:
        (task,) = session.query(TeamTask).all()
    assert "20.00" in task.what
    assert "INV-1" in task.what
