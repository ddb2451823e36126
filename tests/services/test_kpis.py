"""The figures of a small ledger that can be worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from credit_control.figures.figure import Figure
from credit_control.figures.words import MORE_THAN
from kit.errors import UserError
from services.figures import aged, keeping, kpis, monthly
from services.figures.kpis import period_up_to
from services.mirror.write import store_contacts, store_invoices, store_payments
from store.models import Organisation
from tests.support.fake_ledger import FakeLedger
from tests.support.mirrored import Mirrored, mirrored

ON = date(2026, 11, 22)


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Mirrored]:
    with mirrored(database_url, tmp_path) as found:
        fill(found.ledger)
        read(found)
        yield found


def fill(ledger: FakeLedger) -> None:
    """Three invoices in pounds (paid 5 days late; part paid and overdue; not yet due), one in euros."""
    alder = ledger.add_contact("Alder")
    one = ledger.add_invoice(alder, "INV-1", "1000.00", issued_on=date(2026, 9, 1), due_on=date(2026, 10, 1))
    on(ledger, date(2026, 10, 6))
    ledger.pay(one)
    ledger.change_invoice(one, fully_paid_on=date(2026, 10, 6))
    two = ledger.add_invoice(alder, "INV-2", "600.00", issued_on=date(2026, 10, 3), due_on=date(2026, 11, 2))
    on(ledger, date(2026, 11, 10))
    ledger.allocate(ledger.add_credit(alder, "CN-1", "200.00"), two, "200.00")
    ledger.add_invoice(alder, "INV-3", "400.00", issued_on=date(2026, 11, 12), due_on=date(2026, 12, 12))
    ledger.add_invoice(
        alder, "INV-4", "70.00", issued_on=date(2026, 11, 1), due_on=date(2026, 11, 30), currency="EUR"
    )


def on(ledger: FakeLedger, day: date) -> None:
    ledger.now = ledger.now.replace(year=day.year, month=day.month, day=day.day)


def read(books: Mirrored) -> None:
    ledger, owner, now = books.ledger, books.organisation_id, books.ledger.now
    with books.app.database.write(owner) as session:
        store_contacts(session, owner, list(ledger.contact_book.values()), now)
        store_invoices(session, owner, list(ledger.invoice_book.values()), now)
        store_payments(session, owner, list(ledger.payment_book.values()), now)


def figures(books: Mirrored, on: date = ON, days: int = 90) -> dict[str, dict[str, Figure]]:
    with books.app.database.read(books.organisation_id) as session:
        organisation = session.get_one(Organisation, books.organisation_id)
        return kpis.kpis(session, organisation, period_up_to(on, days, ON), ON)


def test_every_figure_of_the_period(books: Mirrored) -> None:
    found = {name: str(one.rounded(4)) for name, one in figures(books)["GBP"].items()}
    assert found == {
        "dso": "36.0000",  # 800 open / 2,000 invoiced x 90
        "dso_countback": "42.6667",  # 22 days of November for 400, and 400 / 600 of October's 31
        "best_possible_dso": "18.0000",
        "best_possible_dso_countback": "22.0000",
        "average_days_delinquent": "18.0000",
        "average_days_delinquent_countback": "20.6667",
        "cei": "75.0000",  # (0 + 2,000 - 800) / (0 + 2,000 - 400)
        "cei_average_month": "-44.9664",  # a month's sales: 2,000 x 365 / (90 x 12) = 675.9259
        "days_to_pay": "35.0000",
        "days_to_pay_weighted": "35.0000",
        "days_late": "5.0000",
        "days_late_weighted": "5.0000",
        "dbt": "5.0000",
        "dbt_clipped": "5.0000",
        "wado": "20.0000",
        "average_days_overdue": "20.0000",
        "average_payment_delay": "9.2857",  # (1,000 x 5 + 400 x 20) / 1,400
        "at_risk_rate": "None",
        "promise_kept": "None",
        "right_first_time": "None",
        "wrong_chase_rate": "None",
    }


def test_no_currency_is_mixed_into_another(books: Mirrored) -> None:
    euros = figures(books)["EUR"]
    assert euros["dso"].inputs["open"] == Decimal("70.00")
    assert str(euros["dso"].rounded(4)) == "90.0000"


def test_a_day_of_the_past_is_seen_as_it_was(books: Mirrored) -> None:
    """On 5 October the first invoice was still open, and nothing of the second was taken off."""
    pounds = figures(books, date(2026, 10, 5), 35)["GBP"]
    assert pounds["dso"].inputs["open"] == Decimal("1600.00")
    assert pounds["best_possible_dso"].inputs["not_due"] == Decimal("600.00")
    assert pounds["days_late"].value is None
    assert str(pounds["wado"].rounded(1)) == "4.0"


def test_what_is_issued_only_tomorrow_is_not_open_today(books: Mirrored) -> None:
    """It is in no month's sales either, so it would make every payer look slow."""
    before = figures(books)["GBP"]["dso"]
    books.ledger.add_invoice(
        next(iter(books.ledger.contact_book)), "INV-9", "5000.00", issued_on=ON + timedelta(1),
        due_on=ON + timedelta(31),
    )  # fmt: skip
    read(books)
    assert figures(books)["GBP"]["dso"] == before
    with books.app.database.read(books.organisation_id) as session:
        aged_today = aged.aged(session, books.organisation_id, ON, ON, "days")
    assert sum(aged_today["GBP"].values()) == before.inputs["open"]


def test_only_what_a_figure_is_made_of_counts_as_undated(books: Mirrored) -> None:
    """On 31 October the invoice of November, of which 100.00 were taken off without a date, was not there yet."""
    number = next(iter(books.ledger.contact_book))
    one = books.ledger.add_invoice(
        number, "INV-8", "300.00", issued_on=date(2026, 11, 3), due_on=date(2026, 12, 3)
    )  # fmt: skip
    books.ledger.change_invoice(one, amount_due=Decimal("200.00"), amount_credited=Decimal("100.00"))
    read(books)
    assert figures(books)["GBP"]["cei"].inputs["undated_invoices"] == 1
    assert figures(books, date(2026, 10, 31))["GBP"]["cei"].inputs["undated_invoices"] == 0


def test_where_the_books_end_countback_says_so(books: Mirrored) -> None:
    """All that was ever invoiced was open on 15 September: more than its 15 days cannot be told."""
    back = figures(books, date(2026, 9, 15), 15)["GBP"]["dso_countback"]
    assert back.value == 15
    assert back.at_least is None
    longer = figures(books, date(2026, 11, 2), 15)["EUR"]["dso_countback"]
    assert longer.value == 2
    assert MORE_THAN.format(61).startswith("More than 61 days")


def test_the_month_at_risk_is_the_latest_that_is_known(books: Mirrored) -> None:
    books.ledger.add_invoice(
        next(iter(books.ledger.contact_book)), "INV-0", "3000.00", issued_on=date(2026, 7, 5),
        due_on=date(2026, 8, 4),
    )  # fmt: skip
    books.ledger.change_invoice(next(reversed(books.ledger.invoice_book)))
    read(books)
    risk = figures(books)["GBP"]["at_risk_rate"]
    assert risk.value == 100
    assert risk.period and (risk.period.first, risk.period.last) == (date(2026, 7, 1), date(2026, 7, 31))


def test_a_day_that_has_not_come_and_a_period_without_days_are_refused() -> None:
    with pytest.raises(UserError):
        period_up_to(ON + timedelta(1), 30, ON)
    with pytest.raises(UserError):
        period_up_to(ON, 0, ON)


@pytest.mark.parametrize("by", ["days", "months"])
@pytest.mark.parametrize("back", range(0, 90, 7))
def test_ageing_adds_up_to_what_was_open_on_any_day(books: Mirrored, by: aged.By, back: int) -> None:
    day = ON - timedelta(back)
    with books.app.database.read(books.organisation_id) as session:
        found = aged.aged(session, books.organisation_id, day, ON, by)
    for currency, buckets in found.items():
        assert sum(buckets.values()) == figures(books, day, 1)[currency]["dso"].inputs["open"]


def test_each_month_says_what_the_same_day_says(books: Mirrored) -> None:
    keeping.renew(books.app, books.organisation_id)
    with books.app.database.read(books.organisation_id) as session:
        pounds = monthly.by_month(session, books.organisation_id, ON)["GBP"]
    assert [one.end for one in pounds] == [date(2026, 9, 30), date(2026, 10, 31)]
    for one in pounds:
        same = figures(books, one.end, 90)["GBP"]
        assert one.ageing.total == same["dso"].inputs["open"]
        assert one.countback.value == same["dso_countback"].value
        assert one.best_countback.value == same["best_possible_dso_countback"].value
