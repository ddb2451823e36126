"""What a figure counted recomputes the figure, whatever stands in the books and for whatever day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credit_control.figures.figure import Figure, Period
from kit.ids import new_id
from services.app import App
from services.figures import keeping, kpis, monthly
from services.figures.counted import AMOUNTS, Counted, counted
from store.models import Communication, CommunicationInvoice, Invoice, Organisation, PromiseToPay
from tests.support.fake_ledger import FakeLedger
from tests.support.ledger_acts import acts, do, read
from tests.support.mirrored import Mirrored, add_organisation, make_app, mirrored

TODAY = date(2026, 11, 22)
_COMPARED = (
    "dso", "dso_countback", "best_possible_dso", "best_possible_dso_countback", "average_days_delinquent",
    "average_days_delinquent_countback", "cei", "cei_average_month", "days_to_pay", "days_to_pay_weighted", "days_late",
    "days_late_weighted", "dbt", "dbt_clipped", "wado", "average_days_overdue", "average_payment_delay", "at_risk_rate",
    "promise_kept", "right_first_time", "wrong_chase_rate",
)  # fmt: skip


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    found = make_app(database_url, tmp_path)
    yield found
    found.database.close()


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Mirrored]:
    with mirrored(database_url, tmp_path) as found:
        yield found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts, st.integers(0, 200), st.integers(1, 400))
def test_the_rows_give_the_figure(app: App, acts: list[tuple[str, int, int]], ago: int, days: int) -> None:
    books = Mirrored(app, add_organisation(app, tenant_id=new_id()), FakeLedger())
    customers = [books.ledger.add_contact(name) for name in ("Alder", "Beech", "Cedar")]
    for number, (act, which, much) in enumerate(acts):
        do(books, customers, act, which, much, number)
    read(books)
    today = books.ledger.now.date()
    period = kpis.period_up_to(today - timedelta(ago), days, today)
    with app.database.read(books.organisation_id) as session:
        organisation = session.get_one(Organisation, books.organisation_id)
        for currency, figures in kpis.kpis(session, organisation, period, today).items():
            assert set(figures) == set(_COMPARED)
            for name, figure in figures.items():
                found = counted(session, organisation, name, currency, period, today)
                assert found is not None and found.figure == figure, name
                _adds_up(found)
                part = counted(session, organisation, name, currency, period, today, (1, 2))
                assert part is not None and part.rows == found.rows[1:3], "a page of the list is a part of it"
                assert (part.sums, part.count) == (found.sums, len(found.rows))
                if figure.value is not None:
                    assert figure.value == _by_hand(name, found, period), name


def _adds_up(found: Counted) -> None:
    for name in found.columns:
        assert found.sums[name] == sum((row.parts.get(name, 0) for row in found.rows), Decimal(0))
    assert all(any(row.parts.values()) for row in found.rows), "nothing is listed that has no part"
    for row in found.rows:
        if row.days is not None:
            assert row.parts["amount_days"] == row.parts["amount"] * row.days


def _by_hand(name: str, found: Counted, period: Period) -> Fraction:  # noqa: C901
    """The formula of the documentation, of the sums of the columns alone."""
    sums = {key: Fraction(value) for key, value in found.sums.items()}
    match name:
        case "dso":
            return sums["open"] / sums["sales"] * period.days
        case "best_possible_dso":
            return sums["not_due"] / sums["sales"] * period.days
        case "average_days_delinquent":
            return (sums["open"] - sums["not_due"]) / sums["sales"] * period.days
        case "cei":
            before = sums["opening"] + sums["sales"]
            return (before - sums["open"]) / (before - sums["not_due"]) * 100
        case "cei_average_month":
            before = sums["opening"] + sums["sales"] / Fraction(period.days * 12, 365)
            return (before - sums["open"]) / (before - sums["not_due"]) * 100
        case "dso_countback":
            return _back(found, sums, "open", "", period.last)
        case "best_possible_dso_countback":
            return _back(found, sums, "not_due", "", period.last)
        case "average_days_delinquent_countback":
            whole = _back(found, sums, "open", "", period.last)
            return whole - _back(found, sums, "not_due", "best_", period.last)
        case "at_risk_rate":
            return sums["unpaid_after_90_days"] / sums["billed"] * 100
        case "promise_kept":
            return sums["kept"] / sums["due"] * 100
        case "right_first_time":
            return (sums["sends"] - sums["wrong"]) / sums["sends"] * 100
        case "wrong_chase_rate":
            return sums["wrong"] / sums["sends"] * 100
        case "days_to_pay" | "days_late" | "average_days_overdue":
            return sums["days"] / sums["invoices"]
        case _:
            return sums["amount_days"] / sums["amount"]


def _back(found: Counted, sums: Mapping[str, Fraction], balance: str, before: str, on: date) -> Fraction:
    """The days of the months back to the first of which invoices were used up whole, and the share of the last one."""
    months: dict[str, set[date]] = defaultdict(set)
    for row in found.rows:
        for column in ("sales_of_whole_months", "sales_of_last_month"):
            if before + column in row.parts:
                months[column].add(row.day.replace(day=1))
    last = max(months["sales_of_last_month"], default=None)
    rest = sums[balance] - sums[before + "sales_of_whole_months"]
    if last is None:
        first = min(months["sales_of_whole_months"], default=None)
        return Fraction((on - first).days + 1) if first else Fraction(0)
    following = (last.replace(day=28) + timedelta(4)).replace(day=1)
    own_days = min((following - last).days, (on - last).days + 1)
    whole = max((on - following).days + 1, 0)
    return whole + rest / sums[before + "sales_of_last_month"] * own_days


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_plain_amounts_and_months_are_the_sums_of_their_rows(
    app: App, acts: list[tuple[str, int, int]]
) -> None:
    books = Mirrored(app, add_organisation(app, tenant_id=new_id()), FakeLedger())
    customers = [books.ledger.add_contact(name) for name in ("Alder", "Beech", "Cedar")]
    for number, (act, which, much) in enumerate(acts):
        do(books, customers, act, which, much, number)
    read(books)
    keeping.renew(app, books.organisation_id)
    today = books.ledger.now.date()
    with app.database.read(books.organisation_id) as session:
        organisation = session.get_one(Organisation, books.organisation_id)
        for currency, months in monthly.by_month(session, organisation.id, today).items():
            for month in months[-6:]:
                of_month = Period(month.first, month.end)
                ageing = counted(session, organisation, "ageing", currency, of_month, today)
                assert ageing and tuple(ageing.sums.values()) == month.ageing.amounts
                seen = {
                    name: sum(found.sums.values())
                    for name in AMOUNTS
                    if name != "ageing"
                    and (found := counted(session, organisation, name, currency, of_month, today))
                }
                assert seen == {
                    "invoiced": month.sales,
                    "open": month.ageing.total,
                    "overdue": month.ageing.total - month.ageing.amounts[0],
                    "long_overdue": month.ageing.amounts[-1],
                }
                for name, figure in _of_month(month).items():
                    year = Period(date(month.end.year - 1, month.end.month, 1), month.end)
                    first = (year.first.replace(day=28) + timedelta(4)).replace(day=1)
                    found = counted(session, organisation, name, currency, Period(first, month.end), today)
                    assert found and found.figure and found.figure.value == figure.value, name


def _of_month(month: monthly.Month) -> dict[str, Figure]:
    return {
        "dso": month.simple,
        "dso_countback": month.countback,
        "best_possible_dso": month.best,
        "average_days_delinquent": month.delinquent,
    }


def test_promises_and_reminders_are_listed_one_by_one(books: Mirrored) -> None:
    alder = books.ledger.add_contact("Alder")
    for number, currency in (("INV-1", "GBP"), ("INV-2", "GBP"), ("INV-3", "EUR")):
        books.ledger.add_invoice(alder, number, "100.00", currency=currency)
    books.import_all()
    kept = [_promise(books, "kept"), _promise(books, "broken"), _promise(books, "open")]
    left = _reminder(books, "bounced", ["INV-1", "INV-3"]), _reminder(books, "delivered", ["INV-2"])
    now = books.ledger.now.date()
    period = Period(now - timedelta(30), now)
    with books.app.database.read(books.organisation_id) as session:
        organisation = session.get_one(Organisation, books.organisation_id)

        def asked(name: str, currency: str = "GBP") -> Counted:
            found = counted(session, organisation, name, currency, period, now)
            assert found
            return found

        assert {row.id: dict(row.parts) for row in asked("promise_kept").rows} == {
            kept[0]: {"kept": 1, "due": 1},
            kept[1]: {"kept": 0, "due": 1},
        }
        assert {row.id: row.parts["wrong"] for row in asked("right_first_time").rows} == {
            left[0]: 1,
            left[1]: 0,
        }
        assert [row.id for row in asked("right_first_time", "EUR").rows] == [left[0]]
        assert asked("wrong_chase_rate").sums == {"wrong": 0, "sends": 2}
        of_all = kpis.kpis(session, organisation, period, now)["GBP"]
        for name in ("promise_kept", "right_first_time", "wrong_chase_rate"):
            assert asked(name).figure == of_all[name]


def _promise(books: Mirrored, state: str) -> str:
    now, key = books.ledger.now, new_id()
    contact = books.rows(Invoice)[0].contact_id
    with books.app.database.write(books.organisation_id) as session:
        session.add(
            PromiseToPay(
                organisation_id=books.organisation_id, id=key, contact_id=contact, currency="GBP",
                amount=Decimal(100), whole=True, made_on=now.date(), promised_on=now.date() - timedelta(3),
                grace_until=now.date() - timedelta(1), state=state, paid=Decimal(0), recorded_by="Ann", created_at=now,
            )
        )  # fmt: skip
    return key


def _reminder(books: Mirrored, status: str, numbers: list[str]) -> str:
    now, key = books.ledger.now - timedelta(2), new_id()
    about = [one for one in books.rows(Invoice) if one.number in numbers]
    with books.app.database.write(books.organisation_id) as session:
        session.add(
            Communication(
                organisation_id=books.organisation_id, id=key, contact_id=about[0].contact_id, direction="out",
                kind="chaser", channel="email", status=status, created_at=now, sent_at=now,
            )
        )  # fmt: skip
        session.flush()
        for one in about:
            session.add(
                CommunicationInvoice(
                    organisation_id=books.organisation_id, communication_id=key, invoice_id=one.id,
                    currency=one.currency, amount_due=one.amount_due,
                )
            )  # fmt: skip
    return key
