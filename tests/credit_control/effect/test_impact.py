"""Minutes by assumption, and why reminders did not leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_control.effect.impact import ASSUMED, Deed, assumptions, saved
from credit_control.effect.not_sent import Why, why
from credit_control.resting import Hold, HoldKind
from credit_control.standing import closed
from credit_control.stops import hold_stops


def test_the_example_of_the_documentation() -> None:
    work = saved({Deed.EMAIL: 120, Deed.REPLY: 30, Deed.NOTE: 150}, assumptions({"reply": 4}))
    by_deed = {one.deed: one.minutes for one in work}
    assert (by_deed[Deed.EMAIL], by_deed[Deed.REPLY], by_deed[Deed.NOTE]) == (600, 120, 300)
    assert sum(one.minutes for one in work) == 1_020


@given(st.dictionaries(st.sampled_from(list(Deed)), st.integers(0, 10_000)))
def test_the_sum_is_what_a_person_gets_by_hand(counts: dict[Deed, int]) -> None:
    assert sum(one.minutes for one in saved(counts, ASSUMED)) == sum(
        number * ASSUMED[deed] for deed, number in counts.items()
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [("AUTHORISED", Why.PAID), ("PAID", Why.PAID), ("VOIDED", Why.WITHDRAWN), ("DELETED", Why.WITHDRAWN)],
)
def test_what_the_rules_say_of_closed_invoices_is_understood(status: str, expected: Why) -> None:
    (reason,) = closed(status).reasons
    assert why(reason.text) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (HoldKind.REPLY, Why.ANSWERED),
        (HoldKind.PERSON, Why.ON_HOLD),
        (HoldKind.DISPUTE, Why.DISPUTED),
        (HoldKind.PAID_CLAIM, Why.SAID_PAID),
        (HoldKind.BOUNCE, Why.NO_ADDRESS),
        (HoldKind.LOST, Why.ON_HOLD),
    ],
)
def test_what_the_rules_say_of_holds_is_understood(kind: HoldKind, expected: Why) -> None:
    hold = Hold(kind=kind, reason="a word", until=date(2026, 12, 1), invoice_id=None)
    for one in (hold, replace(hold, until=None)):
        (stop,) = hold_stops((one,), date(2026, 11, 23))[None]
        assert why(stop.reason.text) is expected


def test_what_is_not_known_is_said_to_be_so() -> None:
    assert why(None) is why("") is why("Something quite new.") is Why.OTHER


def test_what_was_only_planned_anew_is_no_error_that_was_avoided() -> None:
    assert (
        why("Planned anew with fewer invoices. Nothing is left to pay on this invoice.") is Why.PLANNED_ANEW
    )
