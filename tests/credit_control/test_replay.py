"""A schedule played on the past of one customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from credit_control.facts import Schedule
from credit_control.people import Person
from credit_control.replay import PastInvoice, paid_by_then, replay
from credit_control.schedules import PRESETS
from tests.credit_control.books import ACTIVE, POLICY, day, invoice

WITH_MOBILE = replace(ACTIVE, people=(Person("Ann", ACTIVE.email, "+447400123456", included=True),))
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize("name", PRESETS)
def test_each_message_that_would_have_left_is_of_a_step_that_is_counted(name: str) -> None:
    schedule = Schedule("v", name, 1, PRESETS[name])
    past = [PastInvoice(invoice("2026-06-01"), day("2026-07-30"))]
    sent = {one.step_name for one in replay(schedule, WITH_MOBILE, past, POLICY, FIRST, LAST)}
    counted = paid_by_then(schedule, WITH_MOBILE, past, FIRST, LAST)
    assert sent == {name for name, (came, _) in counted.items() if came}


def test_text_messages_are_counted_with_how_many_had_paid_by_then() -> None:
    schedule = Schedule("v", "Firm", 1, PRESETS["Firm"])
    past = [
        PastInvoice(invoice("2026-06-01"), day("2026-06-30")),
        PastInvoice(invoice("2026-06-01", name="B"), day("2026-06-10")),
    ]
    assert paid_by_then(schedule, WITH_MOBILE, past, FIRST, LAST)["Text message"] == (2, 1)
