"""What was done in each month, over the API."""

from __future__ import annotations

from tests.web.api.conftest import Api


def test_the_last_twelve_months_are_told_this_one_first(api: Api) -> None:
    months = api.get("/reports/usage")
    assert len(months) == 12
    assert [one["month"] for one in months] == sorted((one["month"] for one in months), reverse=True)
    assert set(months[0]) == {
        "month", "service_level", "emails", "text_messages", "letters", "calls", "replies", "notes",
    }  # fmt: skip
    assert months[0]["service_level"] is None
