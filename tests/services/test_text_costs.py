"""What text messages cost: asked of the provider, kept as it says it, and never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.sms.texter import TextAccountProblem, TextPostponed, TextPrice, TextRefused, TextUnsure
from kit import clock
from services import text_costs
from services.text_costs import Month, cost_of
from store.models import Communication
from tests.services.test_texts import by_text, go, owing, schedule
from tests.support.chasing import Chasing


def sent(org: Chasing) -> Communication:
    """A text message has left."""
    schedule(org, by_text())
    owing(org)
    go(org)
    return org.only_chaser()


def ask(org: Chasing) -> list[str]:
    """The provider is asked about what is due; about which texts it was."""
    org.texter.asked.clear()
    text_costs.ask_with(org.app, org.organisation_id, org.texter)
    return list(org.texter.asked)


def months(org: Chasing) -> list[Month]:
    with org.app.database.read(org.organisation_id) as session:
        return text_costs.months(session, org.organisation(), clock.now())


def cost(org: Chasing) -> tuple[int | None, str | None]:
    row = org.only_chaser()
    return row.cost_millionths, row.cost_currency


def test_some_minutes_after_a_text_has_left_its_cost_is_asked_for_and_kept_once(org: Chasing) -> None:
    sent(org)
    assert ask(org) == [] and cost(org) == (None, None)
    org.shift(minutes=11)
    org.texter.prices["SM1"] = TextPrice(Decimal("0.0083"), "USD")
    assert ask(org) == ["SM1"]
    assert cost(org) == (8_300, "USD")
    org.shift(days=2)
    assert ask(org) == []
    (month,) = months(org)
    assert (month.texts, month.segments, month.sums, month.not_said) == (1, 2, {"USD": Decimal("0.0083")}, 0)


def test_a_provider_that_does_not_say_is_asked_ever_less_and_then_no_more(org: Chasing) -> None:
    sent(org)
    asked = 0
    for _ in range(10 * 24 * 6):
        org.shift(minutes=10)
        asked += len(ask(org))
    assert 5 <= asked <= 9
    assert cost(org) == (None, None) and org.only_chaser().ask_cost_at is None
    assert [(month.sums, month.not_said) for month in months(org)] == [({}, 1)]


@pytest.mark.parametrize(
    "trouble", [TextPostponed("away", 60), TextAccountProblem("wrong key"), TextUnsure("broke")]
)
def test_a_provider_that_is_away_is_left_alone_for_an_hour_and_asked_again(
    org: Chasing, trouble: Exception
) -> None:
    sent(org)
    org.shift(minutes=11)
    org.texter.prices["SM1"] = trouble
    assert ask(org) == ["SM1"]
    org.shift(minutes=50)
    assert ask(org) == []
    org.texter.prices["SM1"] = TextPrice(Decimal("0.04"), "GBP")
    org.shift(minutes=15)
    assert ask(org) == ["SM1"] and cost(org) == (40_000, "GBP")


def test_of_a_text_that_the_provider_does_not_know_nothing_is_asked_again(org: Chasing) -> None:
    sent(org)
    org.shift(minutes=11)
    org.texter.prices["SM1"] = TextRefused("knows no such text")
    assert ask(org) == ["SM1"]
    org.shift(days=1)
    assert ask(org) == [] and months(org)[0].not_said == 1


def test_a_text_that_never_left_is_not_asked_about(org: Chasing) -> None:
    org.texter.failures.append(TextRefused("no such number"))
    sent(org)
    org.shift(hours=1)
    assert ask(org) == [] and months(org) == []


def test_months_are_the_organisations_own_and_currencies_are_never_added(org: Chasing) -> None:
    first = sent(org)
    texts = [
        ("2026-10-31T23:30:00", 7_500, "USD"),
        ("2026-11-01T00:30:00", 40_000, "GBP"),
        ("2025-11-30T12:00:00", 1, "USD"),
    ]
    with org.app.database.write(org.organisation_id) as session:
        for number, (at, millionths, currency) in enumerate(texts):
            moment = clock.now().fromisoformat(f"{at}+00:00")
            session.add(
                Communication(
                    organisation_id=org.organisation_id, id=f"{number:032x}", direction="out", channel="sms",
                    kind="chaser", status="sent", contact_id=first.contact_id, sent_at=moment, created_at=moment,
                    segments=1, cost_millionths=millionths, cost_currency=currency,
                )
            )  # fmt: skip
    told = [(month.first.isoformat(), month.texts, month.sums, month.not_said) for month in months(org)]
    assert told == [
        ("2026-11-01", 2, {"GBP": Decimal("0.04")}, 1),
        ("2026-10-01", 1, {"USD": Decimal("0.0075")}, 0),
    ]


@given(st.integers(0, 999_999_999))
def test_a_cost_keeps_every_digit_and_has_two_decimals_at_least(millionths: int) -> None:
    amount = cost_of(millionths)
    assert amount * 1_000_000 == millionths
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int) and -6 <= exponent <= -2


def test_the_clock_finds_what_is_to_be_asked(org: Chasing) -> None:
    sent(org)
    assert text_costs.due(org.app) == []
    org.shift(minutes=11)
    assert text_costs.due(org.app) == [org.organisation_id]
