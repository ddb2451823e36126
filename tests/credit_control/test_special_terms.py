"""What is asked for under special terms, on each side of every day that matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.credit.special_terms import (
    Asked,
    Invoiced,
    Settled,
    SpecialTerms,
    Standing,
    asked_on,
    asked_under,
    days_given,
    discount_of,
    discount_until,
    due_day,
    gives_more,
    passed,
    that_counts,
)

ISSUED, DUE = date(2026, 10, 1), date(2026, 10, 31)
AGREED, LAST = date(2026, 11, 2), date(2026, 11, 30)
DAY = timedelta(1)
INVOICE = Invoiced(ISSUED, DUE, Decimal("1000.00"))
TERMS = SpecialTerms(AGREED, LAST, percent=Fraction(2))
FULL = Decimal("1000.00")


def paid(amount: str, on: date) -> Settled:
    return Settled(on, Decimal(amount))


def test_the_discounted_sum_is_asked_up_to_its_last_day_and_the_full_sum_after_it() -> None:
    offer = Asked(Decimal("980.00"), Standing.OFFERED, LAST, FULL)
    assert asked_on(AGREED - DAY, INVOICE, FULL, (), TERMS) == Asked(FULL, Standing.PLAIN)
    assert asked_on(AGREED, INVOICE, FULL, (), TERMS) == offer
    assert asked_on(LAST, INVOICE, FULL, (), TERMS) == offer
    assert asked_on(LAST + DAY, INVOICE, FULL, (), TERMS) == Asked(FULL, Standing.MISSED)


def test_paid_on_the_last_day_the_rest_is_never_asked_and_paid_a_day_later_it_is() -> None:
    rest = Decimal("20.00")
    for later in (0, 1, 400):
        found = asked_on(LAST + DAY * later, INVOICE, rest, (paid("980.00", LAST),), TERMS)
        assert found == Asked(Decimal(0), Standing.HONOURED, to_credit=rest)
    late = asked_on(LAST + DAY, INVOICE, rest, (paid("980.00", LAST + DAY),), TERMS)
    assert late == Asked(rest, Standing.PAID_LATE)


def test_a_cent_too_little_in_time_is_not_enough() -> None:
    found = asked_on(LAST, INVOICE, Decimal("20.01"), (paid("979.99", LAST),), TERMS)
    assert found == Asked(Decimal("0.01"), Standing.OFFERED, LAST, Decimal("20.01"))
    assert asked_on(LAST + DAY, INVOICE, Decimal("20.01"), (paid("979.99", LAST),), TERMS).amount == Decimal(
        "20.01"
    )


def test_what_is_in_dispute_is_not_asked_with_or_without_a_discount() -> None:
    assert asked_on(LAST, INVOICE, Decimal("600.00"), (), TERMS).amount == Decimal("580.00")
    assert asked_on(LAST, INVOICE, Decimal("15.00"), (), TERMS).amount == 0


def test_days_from_the_issue_day_end_with_the_terms_at_the_latest() -> None:
    early = SpecialTerms(ISSUED, LAST, percent=Fraction(2), within_days=10)
    assert discount_until(early, INVOICE) == ISSUED + DAY * 10
    assert discount_until(replace(early, within_days=300), INVOICE) == LAST
    assert discount_until(replace(early, agreed_on=ISSUED + DAY * 11), INVOICE) is None


def test_taken_back_it_no_longer_holds_from_that_day_but_a_payment_before_counts() -> None:
    back = replace(TERMS, taken_back_on=AGREED + DAY * 5)
    assert asked_on(AGREED + DAY * 5, INVOICE, FULL, (), back).amount == FULL
    paid_before = (paid("980", AGREED + DAY * 4),)
    assert asked_on(LAST, INVOICE, Decimal(20), paid_before, back).standing is Standing.HONOURED
    at_once = replace(TERMS, taken_back_on=AGREED)
    assert asked_on(AGREED, INVOICE, FULL, (), at_once) == Asked(FULL, Standing.PLAIN)
    assert that_counts([at_once], [TERMS]) == TERMS


def test_an_amount_that_would_leave_nothing_to_pay_is_no_discount() -> None:
    assert discount_of(SpecialTerms(AGREED, LAST, amount=FULL), INVOICE) is None
    assert discount_of(SpecialTerms(AGREED, LAST, amount=Decimal("999.99")), INVOICE) == Decimal("999.99")


@pytest.mark.parametrize(("places", "off"), [(0, "1"), (2, "0.50"), (3, "0.500")])
def test_a_percentage_is_rounded_half_up_to_the_currencys_smallest_coin(places: int, off: str) -> None:
    invoice = Invoiced(ISSUED, DUE, Decimal(20), places)
    assert discount_of(SpecialTerms(AGREED, LAST, percent=Fraction(5, 2)), invoice) == Decimal(off)


def test_other_due_days_hold_until_the_terms_expire_and_are_never_earlier() -> None:
    later = SpecialTerms(ISSUED, LAST, due_days=45)
    assert due_day(later, INVOICE) == ISSUED + DAY * 45
    assert due_day(replace(later, due_days=90), INVOICE) == LAST
    assert due_day(replace(later, due_days=7), INVOICE) == DUE
    assert due_day(None, INVOICE) == DUE


def test_no_interest_runs_on_the_days_that_were_given_and_it_does_on_those_before_the_agreement() -> None:
    assert days_given(TERMS, INVOICE) == (AGREED, LAST)
    assert days_given(SpecialTerms(ISSUED, LAST, due_days=45), INVOICE) == (DUE + DAY, ISSUED + DAY * 45)
    assert days_given(SpecialTerms(ISSUED, DUE, percent=Fraction(2)), INVOICE) is None
    assert days_given(None, INVOICE) is None


def test_an_invoices_own_terms_go_before_its_customers_and_newer_before_older() -> None:
    older, newer, own = TERMS, replace(TERMS, percent=Fraction(3)), replace(TERMS, percent=Fraction(5))
    assert that_counts([], [older, newer]) == newer
    assert that_counts([own], [older, newer]) == own
    assert that_counts([], [older, replace(newer, taken_back_on=LAST)]) == older
    assert that_counts([], []) is None


_days = st.integers(-5, 90).map(lambda days: ISSUED + timedelta(days))
_terms = st.builds(
    SpecialTerms,
    agreed_on=_days,
    until=_days,
    percent=st.none() | st.fractions(Fraction(1, 10), Fraction(99)),
    within_days=st.none() | st.integers(0, 90),
    due_days=st.none() | st.integers(0, 90),
    taken_back_on=st.none() | _days,
)
_settled = st.lists(
    st.builds(Settled, _days.filter(lambda day: day >= ISSUED), st.decimals("0.01", "400", places=2)),
    max_size=2,
)


@given(terms=_terms, settled=_settled, day=_days)
def test_never_more_is_asked_than_is_due_nor_less_than_due_less_discount_unless_it_was_earned(
    terms: SpecialTerms, settled: list[Settled], day: date
) -> None:
    so_far = [one for one in settled if one.on <= day]
    due = FULL - sum(one.amount for one in so_far)
    found = asked_on(day, INVOICE, due, so_far, terms)
    off = discount_of(terms, INVOICE) or Decimal(0)
    assert 0 <= found.amount <= due
    assert found.amount + found.to_credit >= due - off
    assert found.to_credit <= off
    if found.until is not None:
        assert terms.agreed_on <= day <= found.until <= terms.until
        assert found.afterwards == due


@given(terms=_terms, settled=_settled)
def test_what_was_earned_stays_earned_and_what_was_missed_stays_missed(
    terms: SpecialTerms, settled: list[Settled]
) -> None:
    last = discount_until(terms, INVOICE)
    if last is None:
        return
    in_time = sum(one.amount for one in settled if one.on <= last)
    earned = FULL - in_time <= (discount_of(terms, INVOICE) or 0)
    for later in (1, 2, 60):
        found = asked_on(
            last + DAY * later, INVOICE, FULL - sum(one.amount for one in settled), settled, terms
        )
        assert (found.standing is Standing.HONOURED) == earned


@given(terms=_terms)
def test_no_day_before_the_due_day_or_the_agreement_nor_after_the_end_is_given(terms: SpecialTerms) -> None:
    given_days = days_given(terms, INVOICE)
    if given_days is not None:
        first, last = given_days
        assert max(DUE + DAY, terms.agreed_on) == first <= last <= terms.until
        assert terms.taken_back_on is None or last < terms.taken_back_on


@given(
    terms=_terms,
    before=_terms,
    day=_days,
    total=st.integers(10, 5000).map(Decimal),
    off=st.none() | st.integers(1, 5000).map(Decimal),
    off_before=st.none() | st.integers(1, 5000).map(Decimal),
)
def test_terms_that_give_no_more_neither_lower_nor_postpone_anything(
    terms: SpecialTerms,
    before: SpecialTerms,
    day: date,
    total: Decimal,
    off: Decimal | None,
    off_before: Decimal | None,
) -> None:
    if off is not None:
        terms = replace(terms, percent=None, amount=off)
    if off_before is not None:
        before = replace(before, percent=None, amount=off_before)
    terms = replace(terms, agreed_on=before.agreed_on, taken_back_on=None)
    invoice, before = replace(INVOICE, total=total), replace(before, taken_back_on=None)
    if gives_more(terms, before, of_one_invoice=False):
        return
    asked, was = (asked_on(day, invoice, total, [], one).amount for one in (terms, before))
    assert asked >= was and due_day(terms, invoice) <= due_day(before, invoice)


@pytest.mark.parametrize(
    ("terms", "before", "more"),
    [
        (SpecialTerms(AGREED, LAST, percent=Fraction(2)), None, True),
        (
            SpecialTerms(AGREED, LAST, percent=Fraction(2)),
            SpecialTerms(AGREED, LAST, percent=Fraction(3)),
            False,
        ),
        (
            SpecialTerms(AGREED, LAST, percent=Fraction(3)),
            SpecialTerms(AGREED, LAST, percent=Fraction(2)),
            True,
        ),
        (
            SpecialTerms(AGREED, LAST + DAY, percent=Fraction(2)),
            SpecialTerms(AGREED, LAST, percent=Fraction(2)),
            True,
        ),
        (SpecialTerms(AGREED, LAST, due_days=40), SpecialTerms(AGREED, LAST, due_days=60), False),
        (SpecialTerms(AGREED, LAST, due_days=61), SpecialTerms(AGREED, LAST, due_days=60), True),
        (SpecialTerms(AGREED, LAST, due_days=60), SpecialTerms(AGREED, LAST, percent=Fraction(2)), True),
        (
            SpecialTerms(AGREED, LAST, percent=Fraction(2)),
            SpecialTerms(AGREED, LAST, percent=Fraction(2), within_days=10),
            True,
        ),
        (
            SpecialTerms(AGREED, LAST, amount=Decimal(9)),
            SpecialTerms(AGREED, LAST, percent=Fraction(2)),
            True,
        ),
        (SpecialTerms(AGREED, LAST, amount=Decimal(9)), SpecialTerms(AGREED, LAST, amount=Decimal(10)), True),
    ],
)
def test_which_terms_give_more_than_those_before(
    terms: SpecialTerms, before: SpecialTerms | None, more: bool
) -> None:
    assert gives_more(terms, before, of_one_invoice=False) is more


def test_an_amount_that_is_lowered_for_one_invoice_gives_it_less() -> None:
    lower = SpecialTerms(AGREED, LAST, amount=Decimal(9)), SpecialTerms(AGREED, LAST, amount=Decimal(10))
    assert not gives_more(*lower, of_one_invoice=True)


def test_who_paid_as_agreed_owes_nothing_more_whatever_is_agreed_later() -> None:
    paid_in_time = (paid("980", LAST),)
    later = SpecialTerms(LAST + DAY * 10, LAST + DAY * 60, percent=Fraction(1))
    days = SpecialTerms(LAST + DAY * 10, LAST + DAY * 60, due_days=90)
    for newer in (later, days):
        for own, customers in (([newer], [TERMS]), ([], [TERMS, newer])):
            found = asked_under(LAST + DAY * 20, INVOICE, Decimal(20), paid_in_time, own, customers)
            assert found == Asked(Decimal(0), Standing.HONOURED, to_credit=Decimal(20))


def test_terms_that_were_replaced_are_not_earned_any_more() -> None:
    newer = SpecialTerms(AGREED + DAY * 5, LAST, percent=Fraction(1))
    found = asked_under(LAST, INVOICE, Decimal(20), (paid("980", LAST),), [], [TERMS, newer])
    assert found is not None
    assert (found.amount, found.standing) == (Decimal(10), Standing.OFFERED)


def test_no_terms_say_nothing_and_a_discount_that_is_over_is_missed() -> None:
    assert asked_under(LAST, INVOICE, FULL, (), [], []) is None
    offer = asked_under(LAST, INVOICE, FULL, (), [], [TERMS])
    assert passed(offer, LAST) == offer
    assert passed(offer, LAST + DAY) == Asked(FULL, Standing.MISSED)
    assert passed(None, LAST) is None


@given(
    of_invoice=st.lists(_terms, max_size=2),
    of_customer=st.lists(_terms, max_size=3),
    settled=_settled,
    day=_days,
    later=st.integers(0, 60),
)
def test_under_all_terms_no_more_is_asked_than_is_due_and_after_the_last_day_all_of_it(
    of_invoice: list[SpecialTerms],
    of_customer: list[SpecialTerms],
    settled: list[Settled],
    day: date,
    later: int,
) -> None:
    due = FULL - sum(one.amount for one in settled)
    found = asked_under(day, INVOICE, due, settled, of_invoice, of_customer)
    if found is None:
        assert that_counts(of_invoice, of_customer) is None
        return
    assert 0 <= found.amount <= due
    after = passed(found, day + timedelta(later))
    assert after is not None
    if found.until is not None and day + timedelta(later) > found.until:
        assert after.amount == due
    else:
        assert after == found
