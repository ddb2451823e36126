"""How a hosted organisation stands, for any trial, any payer and any day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from integration.billing.provider import ACTIVE, ENDED, NONE, PAST_DUE
from services.plans_and_usage.standing import GRACE, GRACE_DAYS, OVER, PAID, TRIAL, TRIAL_DAYS, standing
from store.models import Payer, TrialPeriod

START = date(2026, 11, 21)
DAYS = st.integers(min_value=0, max_value=400)
STATES = st.sampled_from([None, NONE, ACTIVE, PAST_DUE, ENDED])


def trial() -> TrialPeriod:
    return TrialPeriod(organisation_id="o", last_day=START + timedelta(days=TRIAL_DAYS))


def payer(state: str | None, missed: date) -> Payer | None:
    since = datetime.combine(missed, time(12), UTC) if state == PAST_DUE else None
    return Payer(id="p", state=state, past_due_since=since) if state else None


def at(day: int) -> tuple[datetime, date]:
    today = START + timedelta(days=day)
    return datetime.combine(today, time(12), UTC), today


def test_a_trial_that_begins_on_21_november_ends_with_5_december() -> None:
    assert trial().last_day == date(2026, 12, 5)
    assert standing(trial(), None, *at(14)).kind == TRIAL
    after = standing(trial(), None, *at(15))
    assert after.kind == OVER
    assert after.reason == "The trial ended on 5 December 2026, so nothing is sent by itself any more."


@given(STATES, DAYS, DAYS)
def test_nothing_is_held_while_somebody_pays_or_the_trial_lasts(
    state: str | None, missed: int, day: int
) -> None:
    found = standing(trial(), payer(state, START + timedelta(days=missed)), *at(day))
    assert (found.reason is None) == (found.kind in (TRIAL, PAID, GRACE))
    if state == ACTIVE:
        assert found.kind == PAID
    if state in (None, NONE, ENDED):
        assert found.kind == (TRIAL if day <= TRIAL_DAYS else OVER)


@given(DAYS, DAYS)
def test_a_missed_payment_leaves_exactly_two_weeks(missed: int, later: int) -> None:
    found = standing(trial(), payer(PAST_DUE, START + timedelta(days=missed)), *at(missed + later))
    assert found.kind == (GRACE if later <= GRACE_DAYS else OVER)


@given(STATES, DAYS, DAYS)
def test_what_is_over_does_not_begin_again_by_waiting(state: str | None, missed: int, day: int) -> None:
    who = payer(state, START + timedelta(days=missed))
    if standing(trial(), who, *at(day)).kind == OVER:
        assert standing(trial(), who, *at(day + 1)).kind == OVER
