"""The credit bureau over HTTP: the client and the sandbox agree on shapes, and what goes wrong is said for what it is."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
import requests

from integration.credit.creditsafe import Creditsafe, _report
from integration.credit.provider import (
    BureauAccountProblem,
    BureauPostponed,
    BureauUnsure,
    NoSuchCompany,
)
from tests.support.sandbox import RunningSandbox, running_sandbox


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def bureau(box: RunningSandbox) -> Creditsafe:
    return Creditsafe(box.config.creditsafe_username, box.config.creditsafe_password, box.url, 2.0)


def charged(box: RunningSandbox) -> list[str]:
    told: list[str] = box.get("/sandbox/credit").json()["reports"]
    return told


def test_companies_are_found_by_number_or_by_name(bureau: Creditsafe, box: RunningSandbox) -> None:
    (one,) = bureau.search(country="GB", number="01234561")
    assert (one.id, one.name, one.country) == ("GB-X-01234561", "Acme Joinery Ltd", "GB")
    assert "Exeter" in one.address and one.status == "Active"
    assert len(bureau.search(country="GB", name="acme")) == 6
    assert bureau.search(country="GB", name="nobody") == []
    assert charged(box) == []


def test_a_report_has_a_score_a_limit_and_the_bureaus_own_words(bureau: Creditsafe) -> None:
    found = bureau.report("GB-X-01234561")
    assert (found.score, found.value, found.most) == (71, "71", "100")
    assert (found.limit_amount, found.limit_currency) == (Decimal("12500.00"), "GBP")
    assert found.words == "Very Low Risk"


@pytest.mark.parametrize(("number", "value"), [("01234563", "Not Scored"), ("01234564", "225")])
def test_what_is_no_score_up_to_100_stays_the_bureaus_own(
    bureau: Creditsafe, number: str, value: str
) -> None:
    found = bureau.report(f"GB-X-{number}")
    assert (found.score, found.value) == (None, value)


def test_an_expired_token_is_replaced_and_the_report_charged_once(
    bureau: Creditsafe, box: RunningSandbox
) -> None:
    bureau.search(country="GB", name="acme")
    box.post("/sandbox/credit/expire")
    assert bureau.report("GB-X-01234561").score == 71
    assert charged(box) == ["GB-X-01234561"]


def test_a_wrong_password_is_said_and_not_tried_again(box: RunningSandbox) -> None:
    wrong = Creditsafe(box.config.creditsafe_username, "wrong", box.url)
    with pytest.raises(BureauAccountProblem, match="CREDITSAFE_PASSWORD"):
        wrong.report("GB-X-01234561")
    assert charged(box) == []


def test_what_is_refused_is_surely_not_charged(bureau: Creditsafe, box: RunningSandbox) -> None:
    with pytest.raises(BureauAccountProblem, match="subscription"):
        bureau.report("GB-X-01234565")
    with pytest.raises(NoSuchCompany):
        bureau.report("GB-X-01234566")
    box.post("/sandbox/credit/faults", answer="429")
    with pytest.raises(BureauPostponed, match="no more questions"):
        bureau.report("GB-X-01234561")
    with pytest.raises(BureauPostponed, match="not be reached"):
        Creditsafe("a", "b", "http://localhost:1").report("GB-X-01234561")
    assert charged(box) == []


@pytest.mark.parametrize(
    "fault", [{"answer": "drop-after"}, {"answer": "hang", "seconds": 4, "accept": True}]
)
def test_a_lost_or_late_answer_is_not_known(
    bureau: Creditsafe, box: RunningSandbox, fault: dict[str, object]
) -> None:
    box.post("/sandbox/credit/faults", **fault)
    with pytest.raises(BureauUnsure):
        bureau.report("GB-X-01234561")
    assert charged(box) == ["GB-X-01234561"]


def test_an_error_of_the_bureau_is_not_known_for_a_report_and_later_for_a_search(
    bureau: Creditsafe, box: RunningSandbox
) -> None:
    box.post("/sandbox/credit/faults", answer="500", times=2)
    with pytest.raises(BureauUnsure):
        bureau.report("GB-X-01234561")
    with pytest.raises(BureauPostponed):
        bureau.search(country="GB", name="acme")


def test_the_sandbox_lets_nobody_in_without_a_token(box: RunningSandbox) -> None:
    assert requests.get(f"{box.url}/v1/companies?countries=GB&name=a", timeout=10).status_code == 401


@pytest.mark.parametrize("limit", ["NaN", "Infinity", "No Limit", "-1", None, True])
def test_a_limit_that_is_no_amount_is_none_and_loses_no_report(limit: object) -> None:
    told = {"creditScore": {"currentCreditRating": {"creditLimit": {"currency": "GBP", "value": limit}}}}
    assert _report(told).limit_amount is None


@pytest.mark.parametrize(
    ("value", "most", "score"),
    [
        ("71.0", "100.0", 71), (71.0, 100.0, 71), ("71", "100.00", 71), ("70.5", "100", 71), ("70.4", "100", 70),
        ("100.0", "100", 100), ("0", "100", 0), ("100.1", "100", None), ("225", "600", None), ("225.0", "600.0", None),
        ("-1", "100", None), ("71,0", "100", None), ("NaN", "100", None), ("71", "", None), ("", "100", None),
        ("\u0667\u0661", "100", None),
    ],
)  # fmt: skip
def test_a_score_is_read_however_its_number_is_written(
    value: object, most: object, score: int | None
) -> None:
    given = {"value": value, "maxValue": most}
    assert _report({"creditScore": {"currentCreditRating": {"providerValue": given}}}).score == score


def test_many_at_once_renew_an_expired_token_together(bureau: Creditsafe, box: RunningSandbox) -> None:
    """One of them asks for a new token, and none is told that the password is wrong."""
    for _ in range(5):
        bureau.search(country="GB", name="acme")
        box.post("/sandbox/credit/expire")
        together = Barrier(6)

        def ask(_number: int, together: Barrier = together) -> int:
            together.wait(10)
            return len(bureau.search(country="GB", name="acme"))

        with ThreadPoolExecutor(6) as threads:
            assert list(threads.map(ask, range(6))) == [6] * 6
