"""The ledger's request limits, and the answers of whoever meets them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sandbox.accounting.limits import MINUTE, Limiter, Window
from sandbox.config import SandboxConfig
from sandbox.faults import Fault
from sandbox.ledger import add_organisation
from tests.sandbox.app_side import Side, a_side

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def connected(folder: Path, **limits: int) -> Side:
    side = a_side(folder, **limits)
    side.sign_in()
    return side


def test_every_answer_says_what_is_left(tmp_path: Path) -> None:
    side = connected(tmp_path)
    side.get("Organisation")
    headers = side.get("Invoices/nothing").headers
    assert headers["X-MinLimit-Remaining"] == "58"
    assert headers["X-DayLimit-Remaining"] == "4998"
    assert headers["X-AppMinLimit-Remaining"] == "9998"


def test_the_minute_limit_ends_with_its_window(tmp_path: Path) -> None:
    side = connected(tmp_path, minute_limit=2)
    assert [side.get("Organisation").status_code for _ in range(3)] == [200, 200, 429]
    refused = side.get("Organisation")
    assert refused.headers["X-Rate-Limit-Problem"] == "minute"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    side.advance(timedelta(seconds=int(refused.headers["Retry-After"])))
    assert side.get("Organisation").status_code == 200


def test_the_day_limit_ends_with_its_window(tmp_path: Path) -> None:
    side = connected(tmp_path, day_limit=1)
    side.get("Organisation")
    refused = side.get("Organisation")
    assert refused.headers["X-Rate-Limit-Problem"] == "day"
    assert 80_000 < int(refused.headers["Retry-After"]) <= 86_400
    side.advance(timedelta(days=1))
    side.sign_in()
    assert side.get("Organisation").status_code == 200


def test_each_organisation_has_its_own_allowance(tmp_path: Path) -> None:
    side = connected(tmp_path, minute_limit=1)
    other = add_organisation(side.world, name="Second Ltd")
    side.sign_in(tenants=[other.tenant_id])
    assert side.get("Organisation").status_code == 200
    assert side.get("Organisation").status_code == 429
    assert side.get("Organisation", xero_tenant_id=other.tenant_id).status_code == 200


def test_the_app_has_one_allowance_over_all(tmp_path: Path) -> None:
    side = connected(tmp_path, app_minute_limit=1)
    side.get("Organisation")
    assert side.get("Organisation").headers["X-Rate-Limit-Problem"] == "appminute"


def test_identity_and_connections_are_not_limited(tmp_path: Path) -> None:
    side = connected(tmp_path, minute_limit=1)
    answers = [side.client.get("/connections", headers=side.headers()) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}


def test_more_than_the_allowed_number_at_once_is_refused_without_a_time(tmp_path: Path) -> None:
    side = connected(tmp_path, concurrent_limit=1)
    side.app.extensions["sandbox_faults"].add(Fault("slow", times=2, delay_seconds=0.5))

    def ask() -> tuple[int, str | None, bool]:
        answer = side.app.test_client().get("/api.xro/2.0/Organisation", headers=side.headers())
        return answer.status_code, answer.headers.get("X-Rate-Limit-Problem"), "Retry-After" in answer.headers

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(future.result() for future in [pool.submit(ask), pool.submit(ask)])
    assert answers == [(200, None, False), (429, "concurrent", False)]
    assert side.get("Organisation").status_code == 200


@given(st.lists(st.timedeltas(timedelta(0), timedelta(seconds=30)), max_size=60))
def test_no_window_ever_lets_more_through_than_its_limit(gaps: list[timedelta]) -> None:
    limiter, now = Limiter(SandboxConfig(minute_limit=3, event_private_key="")), NOON
    passed: dict[datetime, int] = {}
    window = Window(MINUTE, 3)
    for gap in gaps:
        now += gap
        window.roll(now)
        if limiter.enter("t", now).problem is None:
            limiter.leave("t")
            assert window.began is not None
            passed[window.began] = passed.get(window.began, 0) + 1
    assert all(count <= 3 for count in passed.values())


def test_setting_the_clock_back_does_not_lock_anybody_out() -> None:
    limiter = Limiter(SandboxConfig(minute_limit=1))
    assert limiter.enter("t", NOON).problem is None
    assert limiter.enter("t", NOON - timedelta(days=2)).problem is None
