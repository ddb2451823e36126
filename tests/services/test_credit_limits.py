"""Limits of credit: each decision is kept, and whoever owes more is told of once, with the invoice that did it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from kit import clock
from kit.errors import UserError
from services.credit import limits
from store.models import CreditAlert, CreditLimit, FeedEvent, TeamTask
from store.queries import credit as queries
from tests.support.chasing import Chasing


def decide(
    org: Chasing,
    contact: str,
    amount: str | None,
    *,
    why: str = "As agreed",
    by: str = "Anna Hale",
    currency: str = "GBP",
) -> None:
    with org.app.database.write(org.organisation_id) as session:
        limits.decide(
            session,
            org.organisation_id,
            org.id_of(contact),
            currency=currency,
            amount=None if amount is None else Decimal(amount),
            why=why,
            by=by,
            now=clock.now(),
        )


def history(org: Chasing, contact: str) -> list[tuple[Decimal | None, Decimal | None, str, str, bool]]:
    with org.app.database.read(org.organisation_id) as session:
        rows = queries.history(session, org.organisation_id, org.id_of(contact))
        return [(one.before, one.amount, one.decided_by, one.why, one.stands) for one in rows]


def alerts(org: Chasing) -> list[CreditAlert]:
    with org.app.database.read(org.organisation_id) as session:
        found = select(CreditAlert).where(CreditAlert.organisation_id == org.organisation_id)
        return list(session.scalars(found.order_by(CreditAlert.raised_at, CreditAlert.currency)))


def tasks(org: Chasing) -> list[TeamTask]:
    with org.app.database.read(org.organisation_id) as session:
        found = select(TeamTask).where(
            TeamTask.organisation_id == org.organisation_id, TeamTask.kind == "credit"
        )
        return list(session.scalars(found.order_by(TeamTask.asked_at)))


def noted(org: Chasing) -> list[str]:
    org.write_notes()
    return [text for texts in org.ledger.notes.values() for text in texts]


def customer(org: Chasing, *invoices: str) -> str:
    """A customer with so many invoices that are not due yet; its ledger id."""
    contact = org.customer()
    for number, total in enumerate(invoices):
        org.invoice(contact, f"INV-{number}", -20, total)
    org.mirror()
    return contact


def test_every_decision_is_kept_with_who_from_to_and_why(org: Chasing) -> None:
    contact = customer(org)
    decide(org, contact, "5000", why="New customer")
    org.shift(days=1)
    decide(org, contact, "8000.50", why="Pays early", by="Ben Okafor")
    org.shift(days=1)
    decide(org, contact, None, why="Belongs to the council")
    assert history(org, contact) == [
        (Decimal("8000.50"), None, "Anna Hale", "Belongs to the council", True),
        (Decimal(5000), Decimal("8000.50"), "Ben Okafor", "Pays early", False),
        (None, Decimal(5000), "Anna Hale", "New customer", False),
    ]


def test_a_decision_is_noted_in_the_ledger(org: Chasing) -> None:
    contact = customer(org)
    decide(org, contact, "5000", why="New customer")
    (note,) = noted(org)
    assert "credit limit of Bellwether Books on 16 Nov 2026 11:00 GMT" in note
    assert "by Anna Hale; GBP 5,000.00, until now no limit: New customer" in note


def test_the_same_limit_again_is_no_decision(org: Chasing) -> None:
    contact = customer(org)
    decide(org, contact, "5000")
    decide(org, contact, "5000.00", why="Once more")
    assert len(history(org, contact)) == 1
    assert len(noted(org)) == 1


@pytest.mark.parametrize(
    ("amount", "currency", "why", "says"),
    [
        ("-1", "GBP", "Because", "nought or more"),
        ("10.005", "GBP", "Because", "no amount of GBP"),
        ("10.5", "JPY", "Because", "no amount of JPY"),
        ("1000000000000", "GBP", "Because", "no amount of GBP"),
        ("10", "GBP", "  ", "Say why"),
    ],
)
def test_what_is_no_limit_is_refused(org: Chasing, amount: str, currency: str, why: str, says: str) -> None:
    contact = customer(org)
    with pytest.raises(UserError, match=says):
        decide(org, contact, amount, why=why, currency=currency)
    assert history(org, contact) == []


def test_the_invoice_that_breaks_the_limit_raises_an_alert_in_the_change_that_takes_it_over(
    org: Chasing,
) -> None:
    contact = customer(org, "600.00")
    decide(org, contact, "1000")
    assert alerts(org) == []
    breaking = org.invoice(contact, "INV-9", -30, "400.01")
    org.mirror()
    (alert,) = alerts(org)
    assert (alert.limit_amount, alert.exposure) == (Decimal(1000), Decimal("1000.01"))
    assert alert.invoice_id == org.id_of(breaking)
    (task,) = tasks(org)
    assert task.what.startswith("Owes GBP 0.01 more than its limit of GBP 1,000.00")
    assert task.due_on == date(2026, 11, 16)
    told = [note for note in noted(org) if "exceeded" in note]
    assert any("GBP 1,000.01 is owed with invoice INV-9, and GBP 1,000.00 may be." in note for note in told)
    with org.app.database.read(org.organisation_id) as session:
        kinds = set(session.scalars(select(FeedEvent.kind)))
    assert {"credit_limit_set", "credit_limit_exceeded"} <= kinds


def test_a_breach_is_told_once_however_much_more_is_invoiced(org: Chasing) -> None:
    contact = customer(org, "600.00")
    decide(org, contact, "500")
    for number in range(3):
        org.invoice(contact, f"MORE-{number}", -30, "50.00")
        org.mirror()
    assert len(alerts(org)) == len(tasks(org)) == 1


def test_an_alert_ends_by_itself_and_so_does_its_task(org: Chasing) -> None:
    contact = customer(org)
    invoice = org.invoice(contact, "INV-9", -30, "600.00")
    org.mirror()
    decide(org, contact, "500")
    org.ledger.pay(invoice, "100.00")
    org.mirror()
    (alert,) = alerts(org)
    assert alert.ended_at is not None
    (task,) = tasks(org)
    assert task.finished_at is not None


def test_a_second_breach_is_told_of_again(org: Chasing) -> None:
    contact = customer(org)
    invoice = org.invoice(contact, "INV-9", -30, "600.00")
    org.mirror()
    decide(org, contact, "500")
    org.ledger.pay(invoice, "600.00")
    org.mirror()
    org.shift(hours=1)
    org.invoice(contact, "INV-10", -30, "501.00")
    org.mirror()
    assert [one.ended_at is None for one in alerts(org)] == [False, True]
    assert len(tasks(org)) == 2


def test_an_unused_credit_note_takes_off_what_is_owed(org: Chasing) -> None:
    contact = customer(org, "600.00")
    decide(org, contact, "500")
    org.ledger.add_credit(contact, "CN-1", "100.00")
    org.mirror()
    (alert,) = alerts(org)
    assert alert.ended_at is not None


def test_a_higher_limit_ends_the_alert_and_none_as_well(org: Chasing) -> None:
    contact = customer(org, "600.00")
    decide(org, contact, "500")
    decide(org, contact, "600")
    assert [one.ended_at is None for one in alerts(org)] == [False]
    org.shift(hours=1)
    decide(org, contact, "100")
    decide(org, contact, None)
    assert [one.ended_at is None for one in alerts(org)] == [False, False]


def test_currencies_are_never_added(org: Chasing) -> None:
    contact = org.customer()
    org.invoice(contact, "INV-1", -20, "900.00")
    org.invoice(contact, "INV-2", -20, "900.00", currency="EUR")
    org.mirror()
    decide(org, contact, "1000")
    assert alerts(org) == []
    decide(org, contact, "800", currency="EUR")
    assert [one.currency for one in alerts(org)] == ["EUR"]


def test_customers_by_how_far_they_use_their_limits(org: Chasing) -> None:
    amounts = {
        "Half Used": ("1000", "500.00"),
        "Over It": ("100", "150.00"),
        "Nothing Allowed": ("0", "1.00"),
    }
    for name, (limit, total) in amounts.items():
        contact = org.customer(name)
        org.invoice(contact, f"INV-{name}", -20, total)
        org.mirror()
        decide(org, contact, limit)
    with org.app.database.read(org.organisation_id) as session:
        found = [(one.contact_name, one.use.left) for one in queries.lines(session, org.organisation_id)]
    assert found == [
        ("Nothing Allowed", Decimal("-1.00")),
        ("Over It", Decimal("-50.00")),
        ("Half Used", Decimal("500.00")),
    ]


def test_another_organisations_customer_gets_no_limit(org: Chasing) -> None:
    with pytest.raises(UserError, match="no such customer"):
        decide(org, "nobody", "100")
    with org.app.database.read(org.organisation_id) as session:
        assert session.scalars(select(CreditLimit)).all() == []
