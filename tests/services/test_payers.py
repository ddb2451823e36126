"""How customers pay: ratings with their changes, expectations, the nightly look, and money ahead."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from credit_control.payer.rating import Rating
from kit import clock
from services import holds
from services.figures import keeping
from services.payer import look, money_ahead
from services.payer.expectations import basis_words, expectations
from services.payer.ratings import rate
from store.models import (
    CashForecast,
    Invoice,
    PayerLook,
    PayerRating,
    PromiseInvoice,
    PromiseToPay,
    RatingChange,
)
from tests.support.chasing import Chasing
from tests.support.paid_book import add_contact, add_invoice, pays


def today() -> date:
    return clock.now().date()


def looked(org: Chasing) -> None:
    org.change(synced_at=clock.now())
    assert look.due(org.app) == [org.organisation_id]
    look.look(org.app, org.organisation_id)


def rows(org: Chasing, model: Any) -> list[Any]:
    with org.app.database.read(org.organisation_id) as session:
        found = select(model).where(model.organisation_id == org.organisation_id)
        return list(session.scalars(found.order_by(*model.__table__.primary_key)))


def customer(org: Chasing, name: str, late: int, times: int = 6) -> str:
    contact_id = add_contact(org.app, org.organisation_id, name)
    pays(org.app, org.organisation_id, contact_id, late, times)
    return contact_id


def opened(org: Chasing, contact_id: str, due_in: int = 10, amount: str = "100.00") -> str:
    due_on = today() + timedelta(days=due_in)
    return add_invoice(org.app, org.organisation_id, contact_id, due_on, amount=amount)


def rating_of(org: Chasing, contact_id: str) -> PayerRating:
    found: PayerRating = next(one for one in rows(org, PayerRating) if one.contact_id == contact_id)
    return found


def test_everybody_is_rated_once_a_night(org: Chasing) -> None:
    good, poor, new = customer(org, "Good", 0), customer(org, "Poor", 30), customer(org, "New", 0, times=2)
    looked(org)
    assert [rating_of(org, one).rating for one in (good, poor, new)] == ["good", "poor", "new"]
    assert rating_of(org, poor).inputs["weighted_days_late"] == "30.0000"
    assert rating_of(org, new).points is None
    assert look.due(org.app) == []
    org.shift(days=1)
    assert look.due(org.app) == [org.organisation_id]


def test_a_ledger_that_was_never_read_is_not_looked_at(org: Chasing) -> None:
    org.change(synced_at=None)
    assert look.due(org.app) == []


def test_a_change_is_noted_with_its_figures_and_only_once(org: Chasing) -> None:
    contact_id = customer(org, "Bellwether", 0)
    looked(org)
    assert rows(org, RatingChange) == []
    for days in (50, 60, 70):
        add_invoice(
            org.app, org.organisation_id, contact_id, today() - timedelta(days=days), today(), "900.00"
        )
    with org.app.database.write(org.organisation_id) as session:
        found = rate(session, org.organisation_id, [contact_id], today())
    assert found[contact_id].rating == Rating.POOR
    with org.app.database.write(org.organisation_id) as session:
        rate(session, org.organisation_id, [contact_id], today())
    (change,) = rows(org, RatingChange)
    assert (change.before, change.after, change.changed_on) == ("good", "poor", today())
    assert change.inputs_before["invoices"] == 6 and change.inputs["invoices"] == 9


def test_a_payment_changes_the_rating_as_soon_as_it_is_in_the_books(org: Chasing) -> None:
    contact = org.customer()
    for number in range(3):
        org.ledger.pay(org.invoice(contact, f"INV-{number}", 0))
    org.mirror()
    keeping.renew(org.app, org.organisation_id)
    assert rating_of(org, org.id_of(contact)).rating == "good"
    for number in range(3):
        org.ledger.pay(org.invoice(contact, f"LATE-{number}", 90, "900.00"))
    org.mirror()
    keeping.renew(org.app, org.organisation_id)
    assert rating_of(org, org.id_of(contact)).rating == "poor"
    assert [(one.before, one.after) for one in rows(org, RatingChange)] == [("good", "poor")]


def test_an_open_invoice_is_expected_by_its_customers_past(org: Chasing) -> None:
    late = customer(org, "Late", 14, times=12)
    customer(org, "Punctual", 0, times=12)
    invoice_id = opened(org, late)
    with org.app.database.read(org.organisation_id) as session:
        row = session.get_one(Invoice, (org.organisation_id, invoice_id))
        found = expectations(session, org.organisation_id, [row], today())[invoice_id]
    assert found.on == today() + timedelta(days=24)
    assert basis_words(found.basis) == (
        "12 invoices of this customer, all of about this size; everybody’s count like two."
    )


def ahead(org: Chasing) -> money_ahead.Outlook:
    with org.app.database.read(org.organisation_id) as session:
        return money_ahead.outlook(session, org.organisation_id, today())


def test_what_is_open_adds_up_over_the_weeks_and_what_is_left_out(org: Chasing) -> None:
    payer = customer(org, "Payer", 3, times=12)
    for number in range(6):
        opened(org, payer, due_in=7 * number, amount="250.00")
    opened(org, add_contact(org.app, org.organisation_id, "On hold"), amount="40.00")
    held = next(one for one in rows(org, Invoice) if one.amount_due == Decimal("40.00"))
    holds.place(org.app, org.organisation_id, contact_id=held.contact_id, reason="In court", by="Anna Hale")
    opened(org, payer, due_in=-400, amount="10.00")
    found = ahead(org)
    (pounds,) = found.currencies
    assert found.held == {"GBP": Decimal("40.00")} and found.unknown == {"GBP": Decimal("10.00")}
    assert found.due == {"GBP": Decimal("1550.00")}
    expected = sum(week.expected for week in pounds.weeks) + pounds.later
    assert abs(expected - Decimal("1500.00")) < Decimal("0.10")
    assert len(pounds.weeks) == 12 and pounds.weeks[0].first == today() - timedelta(days=today().weekday())
    assert all(0 <= week.low <= week.expected <= week.high for week in pounds.weeks)
    assert ahead(org) == found


def test_what_is_promised_counts_on_its_day_with_the_share_that_is_kept(org: Chasing) -> None:
    payer = customer(org, "Payer", 60, times=12)
    invoice_id = opened(org, payer, due_in=7, amount="300.00")
    with org.app.database.write(org.organisation_id) as session:
        session.add(
            PromiseToPay(
                organisation_id=org.organisation_id,
                id="1" * 32,
                contact_id=payer,
                currency="GBP",
                amount=Decimal("200.00"),
                whole=False,
                made_on=today(),
                promised_on=today() + timedelta(days=8),
                grace_until=today() + timedelta(days=10),
                state="open",
                paid=Decimal(0),
                recorded_by="Anna Hale",
                created_at=clock.now(),
            )
        )
        session.flush()
        session.add(
            PromiseInvoice(
                organisation_id=org.organisation_id,
                promise_id="1" * 32,
                invoice_id=invoice_id,
                due_then=Decimal("300.00"),
                paid_then=Decimal(0),
                taken_over=False,
            )
        )
    (pounds,) = ahead(org).currencies
    week = pounds.weeks[1]
    assert week.promised == Decimal("200.00")
    assert week.expected == Decimal("100.00")  # nothing was judged yet: (0 + 1) / (0 + 2)


def test_mondays_forecast_is_kept_and_held_against_what_came(org: Chasing) -> None:
    payer = customer(org, "Payer", 0, times=12)
    invoice_id = opened(org, payer, due_in=2, amount="500.00")
    assert today().weekday() == 0
    looked(org)
    assert len(rows(org, CashForecast)) == 12
    (first,) = [one for one in rows(org, CashForecast) if one.week == today()]
    assert first.expected == Decimal("500.00")
    monday = today()
    org.shift(days=7)
    add_invoice(
        org.app, org.organisation_id, payer, monday + timedelta(days=2), monday + timedelta(days=3), "470.00"
    )
    opened(org, payer)
    looked(org)
    assert len(rows(org, CashForecast)) == 24
    with org.app.database.read(org.organisation_id) as session:
        (line,) = money_ahead.came_out(session, org.organisation_id, today())
    assert (line.week, line.expected, line.came) == (monday, Decimal("500.00"), Decimal("470.00"))
    assert invoice_id


def test_the_look_says_how_right_expectations_have_been(org: Chasing) -> None:
    customer(org, "Payer", 5, times=12)
    looked(org)
    (kept,) = rows(org, PayerLook)
    assert kept.tests["issued"]["invoices"] > 0
    assert kept.tests["issued"]["days_off"] == "0.0000"
    assert kept.tests["issued"]["days_off_due_date"] == "5.0000"
