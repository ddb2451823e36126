"""Terms that a ledger takes, and what of a category's terms a customer does not have."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from credit_control.credit.early_payment import Offer, cost_of
from credit_control.credit.payment_terms import KINDS, PaymentTerms, Wanted, differing, problem_with
from services.credit import terms_words

OFFERS = st.builds(Offer, st.integers(1, 9_999).map(lambda one: Fraction(one, 100)), st.integers(1, 365))
TERMS = st.builds(PaymentTerms, st.sampled_from(KINDS), st.integers(-10, 400))
SOUND = TERMS.filter(lambda one: problem_with(one) is None)
ANY = st.builds(Wanted, st.none() | SOUND, st.none() | OFFERS)


@given(TERMS)
def test_days_of_a_month_are_1_to_31_and_others_up_to_a_year(terms: PaymentTerms) -> None:
    least, most = (1, 31) if terms.kind.startswith("OF") else (0, 365)
    assert (problem_with(terms) is None) == (least <= terms.days <= most)


@given(ANY, ANY)
def test_what_differs_is_wanted_and_what_is_so_already_is_not(now: Wanted, wanted: Wanted) -> None:
    other = differing(now, wanted)
    assert other.terms in (None, wanted.terms) and other.discount in (None, wanted.discount)
    taken = Wanted(other.terms or now.terms, other.discount or now.discount)
    assert differing(taken, wanted) == Wanted(None, None)


@given(ANY)
def test_terms_are_stored_and_read_as_they_are(wanted: Wanted) -> None:
    stored = terms_words.as_stored(wanted)
    assert Wanted(terms_words.terms_in(stored), terms_words.discount_in(stored)) == wanted


@given(OFFERS, st.integers(0, 400), st.decimals("0", "1000000000", places=2))
def test_a_discount_gives_away_its_share_and_costs_a_rate_only_for_money_that_comes_sooner(
    offer: Offer, days: int, sales: Decimal
) -> None:
    cost = cost_of(offer, Fraction(days), sales)
    assert abs(Fraction(cost.given_away) - Fraction(sales) * offer.percent / 100) <= Fraction(1, 200)
    assert (cost.annual_rate is None) == (days <= offer.within_days)
    if cost.annual_rate is not None:
        lent = 1 - offer.percent / 100
        assert lent * cost.annual_rate * (days - offer.within_days) / 365 == offer.percent / 100
    words = terms_words.cost_said(offer, cost, Fraction(days), "GBP")
    assert ("as much as a loan" in words) == (days > offer.within_days)
