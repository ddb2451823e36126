"""What came of comparing two schedules, for other programs."""

from __future__ import annotations

from datetime import date, timedelta

from kit.ids import derived_id
from tests.web.api.conftest import Api
from tests.web.test_comparisons_page import an_outcome


def test_each_comparison_with_its_figures_the_newest_first(api: Api) -> None:
    key = an_outcome(api.app, api.cast)
    found = api.get("/reports/comparisons")
    assert [one["id"] for one in found["comparisons"]] == [key, derived_id("comparison")]
    its = found["comparisons"][0]
    assert (its["name"], its["runs"], its["share"], its["ended_on"]) == ("Half a year", False, 50, None)
    assert date.fromisoformat(its["until"]) - date.fromisoformat(its["from"]) == timedelta(days=180)
    assert (its["customers_a"], its["customers_b"], its["moved_b"], its["left_out"]) == (12, 12, 0, {})
    month = its["paid_in_time"][-1]
    assert (month["within_days"], month["a"]["share"], month["b"]["share"]) == (30, "0.5000", "1.0000")
    assert month["difference"]["value"] == "0.5000" and month["difference"]["low"] > "0.0000"
    assert its["days_late"]["difference"]["value"] == "-15.0000"


def test_too_few_to_tell_is_null(api: Api) -> None:
    an_outcome(api.app, api.cast, 9)
    its = api.get("/reports/comparisons")["comparisons"][0]
    assert its["paid_in_time"][-1]["difference"] is None
    assert its["days_late"]["difference"] is None
