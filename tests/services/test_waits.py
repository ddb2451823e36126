"""How long a customer is left in peace: between two messages, and after a payment that somebody expects."""

from __future__ import annotations

from datetime import date

import pytest

from kit.errors import UserError
from services.outlook import outlook, why
from services.preferences import change_waits
from tests.support.chasing import Chasing


def days(org: Chasing) -> list[date]:
    return [day.on for day in outlook(org.app, org.organisation_id).days]


def test_a_longer_gap_moves_what_comes_next_and_says_so(org: Chasing) -> None:
    org.one_due(6)
    org.shift(hours=2)
    org.send()
    assert org.only_chaser().status == "sent"
    assert days(org) == [date(2026, 11, 20), date(2026, 11, 24)]
    change_waits(org.app, org.organisation_id, gap=12)
    org.plan()
    assert days(org) == [date(2026, 11, 30)]


def test_a_shorter_gap_lets_a_step_leave_on_its_own_day(org: Chasing) -> None:
    contact = org.customer()
    org.invoice(contact, "INV-1", 6)
    org.invoice(contact, "INV-2", 4)
    org.mirror()
    org.switch("live")
    org.shift(hours=2)
    org.send()
    assert org.only_chaser().status == "sent"
    assert days(org)[0] == date(2026, 11, 20)
    change_waits(org.app, org.organisation_id, gap=1)
    assert days(org)[0] == date(2026, 11, 17)


def test_the_grace_after_an_expected_payment_is_the_organisations_own(org: Chasing) -> None:
    invoice = org.invoice(org.customer(), "INV-1", 20, expected_on=date(2026, 11, 16))
    org.mirror()

    def until() -> str:
        found = why(org.app, org.organisation_id, org.id_of(invoice))
        return " ".join(one.text for one in found.reasons if one.rule == "expected_date") if found else ""

    assert "chasing waits until 18 November 2026" in until()
    change_waits(org.app, org.organisation_id, grace=5)
    assert "chasing waits until 23 November 2026" in until()


@pytest.mark.parametrize("wanted", [{"gap": 0}, {"gap": 31}, {"grace": -1}, {"grace": 21}])
def test_what_is_no_wait_is_refused_and_changes_nothing(org: Chasing, wanted: dict[str, int]) -> None:
    with pytest.raises(UserError, match=r"1 to 30 days|0 to 20 working"):
        change_waits(org.app, org.organisation_id, **wanted)
    kept = org.organisation()
    assert (kept.minimum_gap_days, kept.promise_grace_days) == (4, 2)
