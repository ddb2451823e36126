"""Contacts, wishes and moments as hypothesis may dream them up, with clocks that jump among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from credit_control.facts import (
    Contact,
    ContactBook,
    Credit,
    DaysOff,
    Invoice,
    Office,
    PaymentDays,
    Policy,
    SendingWindow,
    StepTaken,
)
from credit_control.resting import Hold, HoldKind
from credit_control.schedules import FIRM, GENTLE, STANDARD
from tests.credit_control.books import ACTIVE, book

ZONES = (
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "America/Havana",
    "Atlantic/Azores",
    "UTC",
)
JUMPS = (
    date(2011, 12, 29),  # Apia leaves out the 30th
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 4, 24),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
)
"""Days on or beside which clocks jump in one of the zones."""

_MINUTES = 24 * 60


@st.composite
def windows(draw: st.DrawFn) -> SendingWindow:
    closes = draw(st.integers(1, _MINUTES - 1))
    opens = draw(st.integers(0, closes - 1))
    return SendingWindow(
        zone=draw(st.sampled_from(ZONES)),
        days=draw(st.frozensets(st.integers(0, 6), min_size=1)),
        opens=time(opens // 60, opens % 60),
        closes=time(closes // 60, closes % 60),
        spread_minutes=draw(st.integers(0, 90)),
        off=draw(days_off()),
    )


@st.composite
def days_off(draw: st.DrawFn) -> DaysOff:
    """A weekend, and some days off on and about the days on which clocks jump."""
    weekend = draw(st.sampled_from([frozenset({5, 6}), frozenset({4, 5}), frozenset({6})]))
    near = st.builds(
        lambda day, after: day + timedelta(days=after), st.sampled_from(JUMPS), st.integers(-3, 9)
    )
    names = draw(st.dictionaries(near, st.sampled_from(["Carnival", "Election Day"]), max_size=6))
    return DaysOff(f"{sorted(weekend)} {sorted(names.items())}", weekend, names)


@st.composite
def moments(draw: st.DrawFn) -> datetime:
    """Instants of the days around a jump of the clocks."""
    start = datetime.combine(draw(st.sampled_from(JUMPS)), time(), UTC)
    return start + timedelta(seconds=draw(st.integers(-2 * 86400, 3 * 86400)))


def policies() -> st.SearchStrategy[Policy]:
    return st.builds(
        Policy,
        window=windows(),
        minimum_gap_days=st.integers(0, 6),
        minimum_balance=st.sampled_from([Decimal(0), Decimal(10)]),
        promise_grace_days=st.integers(0, 3),
    )


@st.composite
def books(draw: st.DrawFn, now: datetime) -> ContactBook:
    """A contact with a few invoices whose due dates lie around ``now``."""
    invoices = tuple(draw(_invoices(str(number), now)) for number in range(draw(st.integers(1, 4))))
    names = [one.id for one in invoices]
    last = draw(st.none() | st.integers(0, 8 * 86400))
    return book(
        *invoices,
        contact=draw(contacts()),
        steps=draw(st.sampled_from([GENTLE, STANDARD, FIRM])),
        on_account=tuple(draw(st.lists(_credits(), max_size=2))),
        holds=tuple(draw(st.lists(_holds(names, now), max_size=2))),
        taken=tuple(draw(st.lists(_taken(names), max_size=5))),
        last_message_at=None if last is None else now - timedelta(seconds=last),
    )


def contacts() -> st.SearchStrategy[Contact]:
    """Customers here and elsewhere, some of whom pay on certain days."""
    offices = st.builds(
        Office, place=st.just("there"), zone=st.none() | st.sampled_from(ZONES), off=days_off()
    )
    days = st.one_of(
        st.builds(PaymentDays, month_days=st.tuples(st.integers(1, 31))),
        st.builds(PaymentDays, weekdays=st.tuples(st.integers(0, 6))),
        st.just(PaymentDays((15, 31))),
        st.just(PaymentDays(weekdays=(0, 2, 4))),
    )
    return st.builds(replace, st.just(ACTIVE), office=st.none() | offices, pays_on=st.none() | days)


@st.composite
def situations(draw: st.DrawFn) -> tuple[ContactBook, Policy, datetime]:
    now = draw(moments())
    return draw(books(now)), draw(policies()), now


def _near(now: datetime, before: int, after: int) -> st.SearchStrategy[date]:
    return st.integers(-before, after).map(lambda days: now.date() + timedelta(days=days))


@st.composite
def _invoices(draw: st.DrawFn, name: str, now: datetime) -> Invoice:
    due = draw(_near(now, 60, 12))
    amount = Decimal(draw(st.integers(0, 4000))) / 100
    return Invoice(
        id=name,
        number=f"INV-{name}",
        issued_on=due - timedelta(days=draw(st.sampled_from([0, 2, 4, 30]))),
        due_on=due,
        currency=draw(st.sampled_from(["GBP", "EUR"])),
        total=Decimal(100),
        amount_due=amount,
        status=draw(st.sampled_from(["AUTHORISED"] * 8 + ["PAID", "VOIDED"])),
        expected_on=draw(st.none() | _near(now, 6, 6)) if draw(st.booleans()) else None,
    )


def _credits() -> st.SearchStrategy[Credit]:
    amounts = st.integers(1, 3000).map(lambda cents: Decimal(cents) / 100)
    return st.builds(Credit, st.just("prepayment"), st.sampled_from(["GBP", "EUR"]), amounts)


def _holds(names: list[str], now: datetime) -> st.SearchStrategy[Hold]:
    return st.builds(
        Hold,
        kind=st.sampled_from(HoldKind),
        reason=st.sampled_from(["", "wrote {back}", "says it is paid."]),
        invoice_id=st.sampled_from([None, *names]),
        until=st.none() | _near(now, 4, 6),
    )


def _taken(names: list[str]) -> st.SearchStrategy[StepTaken]:
    return st.builds(StepTaken, st.sampled_from(names), st.integers(1, 7))
