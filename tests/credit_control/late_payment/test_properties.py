"""What holds of every debt, whatever its days, sums and payments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from credit_control.late_payment.accrual import rounded
from credit_control.late_payment.claim import Claim
from credit_control.late_payment.claim import claim as worked_out
from credit_control.late_payment.facts import Choices, Debt, Payment, Style
from tests.credit_control.late_payment.debts import rules, yearly

DAY = timedelta(days=1)
PENNY = Decimal("0.01")
WAYS = (
    ("uk", Choices()),
    ("uk", Choices(split=True)),
    ("uk", Choices(style=Style.DAILY_ROUNDED)),
    ("eu", Choices()),
    ("de", Choices()),
    ("us-federal", yearly("6.5")),
    ("contract", yearly("18")),
    ("contract", yearly("18", whole_months=True)),
)
ways = st.sampled_from(WAYS)
exact_ways = st.sampled_from([way for way in WAYS if way[1].style is Style.EXACT])
amounts = st.integers(1, 10**9).map(lambda pence: pence * PENNY)
due_dates = st.dates(date(2013, 4, 1), date(2024, 12, 31))
delays = st.integers(0, 540)


def amount_of(claim: Claim) -> Fraction:
    return sum((line.amount for line in claim.lines), Fraction(0))


@st.composite
def debts(draw: st.DrawFn) -> Debt:
    """A debt with up to four part payments, some of them before it was due."""
    amount, due_on = draw(amounts), draw(due_dates)
    paid_on = due_on + draw(delays) * DAY
    shares = draw(st.lists(st.integers(1, 25), max_size=4))
    parts = [(amount * share / 100).quantize(PENNY, "ROUND_DOWN") for share in shares]
    days = st.dates(due_on - 20 * DAY, paid_on)
    payments = tuple(Payment(draw(days), part) for part in parts if part)
    return Debt(amount, "GBP", paid_on, due_on, payments)


@given(debts(), ways)
def test_interest_is_the_exact_sum_of_the_lines_rounded_once(debt: Debt, way: tuple[str, Choices]) -> None:
    claim = worked_out(debt, rules(way[0]), way[1])
    assert claim.interest == rounded(amount_of(claim), 2)
    assert abs(Fraction(claim.interest) - amount_of(claim)) <= Fraction(1, 200)
    assert claim.interest >= 0 and claim.total >= claim.interest
    assert all(line.amount >= 0 and line.principal > 0 and line.days > 0 for line in claim.lines)


@given(debts(), st.sampled_from([way for way in WAYS if not way[1].whole_months and way[0] != "us-federal"]))
def test_the_lines_follow_each_other_without_gap_from_the_first_day_to_the_last(
    debt: Debt, way: tuple[str, Choices]
) -> None:
    claim = worked_out(debt, rules(way[0]), way[1])
    day = claim.start
    for line in claim.lines:
        assert line.first == day
        day = line.last + DAY
    assert (day - claim.start).days == claim.days


@given(debts(), ways, st.integers(0, 60))
def test_later_is_never_cheaper(debt: Debt, way: tuple[str, Choices], more: int) -> None:
    sooner = worked_out(debt, rules(way[0]), way[1])
    later = worked_out(replace(debt, paid_on=debt.paid_on + more * DAY), rules(way[0]), way[1])
    assert amount_of(later) >= amount_of(sooner)
    assert (later.compensation or 0) >= (sooner.compensation or 0)


@given(debts(), ways, amounts)
def test_a_greater_debt_is_never_cheaper(debt: Debt, way: tuple[str, Choices], more: Decimal) -> None:
    greater = replace(debt, amount=debt.amount + more)
    small, great = (worked_out(one, rules(way[0]), way[1]) for one in (debt, greater))
    assert amount_of(great) >= amount_of(small)
    assert (great.compensation or 0) >= (small.compensation or 0)


@given(debts(), exact_ways)
def test_a_debt_paid_in_parts_is_as_dear_as_its_parts_alone(debt: Debt, way: tuple[str, Choices]) -> None:
    whole = worked_out(debt, rules(way[0]), way[1])
    rest = debt.owed_after(debt.paid_on)
    parts = [(paid.amount, paid.on) for paid in debt.payments] + ([(rest, debt.paid_on)] if rest else [])
    alone = [worked_out(Debt(amount, "GBP", on, debt.due_on), rules(way[0]), way[1]) for amount, on in parts]
    assert amount_of(whole) == sum((amount_of(part) for part in alone), Fraction(0))


@given(debts())
def test_the_english_rate_is_fixed_by_the_first_day(debt: Debt) -> None:
    claim = worked_out(debt, rules("uk"))
    assert len({line.percent for line in claim.lines}) <= 1


@given(st.dates(date(2015, 1, 1), date(2024, 12, 31)), st.integers(0, 400), st.booleans(), st.booleans())
def test_no_term_makes_interest_begin_later_than_the_agreed_day(
    due_on: date, terms: int, public_authority: bool, fair: bool
) -> None:
    agreed = Debt(Decimal(100), "GBP", due_on + DAY, due_on, contract_on=date(2015, 1, 1))
    with_terms = replace(agreed, terms_days=terms, public_authority=public_authority, longer_term_fair=fair)
    assert worked_out(with_terms, rules("uk")).relevant_day <= due_on


@given(st.fractions(0, 10**12), st.integers(0, 4))
def test_halves_go_up(amount: Fraction, places: int) -> None:
    unit = Fraction(1, 10**places)
    nearest = Fraction(rounded(amount, places))
    assert -unit / 2 < nearest - amount <= unit / 2
    assert nearest % unit == 0
